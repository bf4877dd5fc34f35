"""How many open risks there were of each level on a day: pure functions over how many went from one level to another.

    shifts = [Shift(0, "", "High", 3), Shift(1, "High", "", 1)]
    counts(shifts, 2)                       # [{"High": 3}, {"High": 2}]

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

STEPS = {"day": _("Days"), "week": _("Weeks"), "month": _("Months")}
MOST_POINTS = 120


class Shift(NamedTuple):
    """How many risks went from one level to another between two days that are counted, by the place of the later one.

    Before "" are new ratings and what was reopened, after "" what was closed.
    """

    point: int
    before: str
    after: str
    risks: int


def counts(shifts: Iterable[Shift], points: int) -> list[dict[str, int]]:
    """For each of the days counted, how many rated risks were open at its end, by the name of their level.

    Levels with none are left out.
    """
    changes: list[dict[str, int]] = [{} for _n in range(points)]
    for shift in shifts:
        for name, change in ((shift.before, -shift.risks), (shift.after, shift.risks)):
            if name:
                changes[shift.point][name] = changes[shift.point].get(name, 0) + change
    now: dict[str, int] = {}
    found = []
    for change in changes:
        now = {name: n for name in now | change if (n := now.get(name, 0) + change.get(name, 0))}
        found.append(now)
    return found


def step_for(first: dt.date | None, today: dt.date) -> str:
    """Days for the first two months, weeks for the first year, months after that."""
    span = (today - first).days if first else 0
    return "day" if span <= 60 else "week" if span <= 400 else "month"


def days(first: dt.date | None, today: dt.date, by: str) -> list[dt.date]:
    """The days that are counted: ends of weeks (Sundays) or of months from the first rating on, and today at the end.

    At most MOST_POINTS, the latest ones.
    """
    if first is None:
        return [today]
    first, found, day = min(first, today), [today], today
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


def names(shifts: Iterable[Shift], criteria: Criteria) -> list[str]:
    """The names of the levels: those in force, the lowest first, then those that only older ratings carry."""
    found = [one.name for one in criteria.levels]
    for shift in shifts:
        if shift.after and shift.after not in found:
            found.append(shift.after)
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
