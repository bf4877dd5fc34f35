"""How many open risks there were of each level on a day: pure functions over what happened to them.

    events = [Event(day, 7, RATED, "High"), Event(later, 7, CLOSED, "")]
    counts(events, [day, later])            # [{"High": 1}, {}]

A level is called as it was called that day. (ISO 31000:2018, 6.6)
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext_lazy as _

from core import day_words
from core.svg import Layer
from risks import levels
from risks.levels import Criteria

RATED, CLOSED, REOPENED = "rated", "closed", "reopened"
STEPS = {"day": _("Days"), "week": _("Weeks"), "month": _("Months")}
MOST_POINTS = 120


class Event(NamedTuple):
    """Something that happened to a risk on a day: a current rating (with the level's name), its closing, its reopening."""

    on: dt.date
    risk: int
    what: str
    level: str


def counts(events: Iterable[Event], days: Sequence[dt.date]) -> list[dict[str, int]]:
    """For each day, how many rated risks were open at its end, by the name of their level.

    `events` in the order in which they happened, `days` from the first to the last. Levels with none are left out.
    """
    level: dict[int, str] = {}
    closed: set[int] = set()
    now: dict[str, int] = {}
    found: list[dict[str, int]] = []
    pending = iter(days)
    day = next(pending, None)

    def put(name: str | None, change: int) -> None:
        if name is not None:
            now[name] = now.get(name, 0) + change

    for event in events:
        while day is not None and event.on > day:
            found.append({name: n for name, n in now.items() if n})
            day = next(pending, None)
        if day is None:
            break
        was_shown = event.risk not in closed
        if event.what == RATED:
            if was_shown:
                put(level.get(event.risk), -1)
                put(event.level, 1)
            level[event.risk] = event.level
        elif event.what == CLOSED and was_shown:
            put(level.get(event.risk), -1)
            closed.add(event.risk)
        elif event.what == REOPENED and not was_shown:
            closed.discard(event.risk)
            put(level.get(event.risk), 1)
    while day is not None:
        found.append({name: n for name, n in now.items() if n})
        day = next(pending, None)
    return found


def step_for(events: Sequence[Event], today: dt.date) -> str:
    """Days for the first two months, weeks for the first year, months after that."""
    span = (today - events[0].on).days if events else 0
    return "day" if span <= 60 else "week" if span <= 400 else "month"


def days(events: Sequence[Event], today: dt.date, by: str) -> list[dt.date]:
    """The days that are counted: ends of weeks (Sundays) or of months from the first event on, and today at the end.

    At most MOST_POINTS, the latest ones.
    """
    if not events:
        return [today]
    first, found, day = min(events[0].on, today), [today], today
    while len(found) < MOST_POINTS:
        if by == "month":
            day = day.replace(day=1) - dt.timedelta(days=1)
        elif by == "week":
            day -= dt.timedelta(days=day.isoweekday())
        else:
            day -= dt.timedelta(days=1)
        if day < first:
            break
        found.append(day)
    if len(found) < MOST_POINTS and found[-1] > first:
        found.append(first)
    return found[::-1]


def names(events: Iterable[Event], criteria: Criteria) -> list[str]:
    """The names of the levels: those in force, the lowest first, then those that only older ratings carry."""
    found = [one.name for one in criteria.levels]
    for event in events:
        if event.what == RATED and event.level not in found:
            found.append(event.level)
    return found


def series(
    found: Sequence[dict[str, int]], named: Sequence[str], criteria: Criteria, *, is_gain: bool = False
) -> list[Layer]:
    """The layers of the picture from the ground up, the worst first; levels of older criteria come last, in grey."""
    known = [one.name for one in criteria.levels]
    tones = {name: levels.tone(n, len(known)) for n, name in enumerate(known)}
    order = known[::-1] + [name for name in named if name not in tones]
    return [Layer(name, tones.get(name), [day.get(name, 0) for day in found]) for name in order]


def table(on: Sequence[dt.date], found: Sequence[dict[str, int]], named: Sequence[str]) -> list[dict[str, Any]]:
    """The same as rows: day, a number for each name, and the total."""
    return [
        {
            "day": day_words.long(day),
            "numbers": [numbers.get(name, 0) for name in named],
            "total": sum(numbers.values()),
        }
        for day, numbers in zip(on, found, strict=True)
    ]
