"""The trend reckoned the long way: every rating and every closing told again in its order. What the database counts is compared with it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import NamedTuple
from zoneinfo import ZoneInfo

from projects.models import JournalEntry
from risks.models import Rating

RATED, CLOSED, REOPENED = "rated", "closed", "reopened"
MOVES = {"risk.close": CLOSED, "risk.reopen": REOPENED}


class Event(NamedTuple):
    on: dt.date
    risk: int
    what: str
    level: str


def events(rows, zone: str) -> list[Event]:
    """What happened to `rows` by local day, from the ratings and the journal."""
    wanted = set(rows.values_list("pk", flat=True))
    found = [
        (at, risk, RATED, level)
        for risk, at, level in Rating.objects.filter(kind="current").values_list("risk_id", "rated_at", "level_name")
    ]
    told = JournalEntry.objects.filter(target_kind="risks.risk", action__in=MOVES)
    found += [(at, risk, MOVES[action], "") for risk, at, action in told.values_list("target_id", "at", "action")]
    found.sort(key=lambda event: event[0])
    local = ZoneInfo(zone)
    return [Event(at.astimezone(local).date(), risk, what, level) for at, risk, what, level in found if risk in wanted]


def counts(events: Iterable[Event], days: Sequence[dt.date]) -> list[dict[str, int]]:
    """For each day, how many rated risks were open at its end, by the name of their level."""
    found = []
    for day in days:
        until = [event for event in events if event.on <= day]
        rated = {event.risk: event.level for event in until if event.what == RATED}
        last = {event.risk: event.what for event in until if event.what != RATED}
        shown = [level for risk, level in rated.items() if last.get(risk) != CLOSED]
        found.append({name: shown.count(name) for name in set(shown)})
    return found
