"""The coverage grid: what was audited where, what is planned, what is late, what nobody ever looked at. Pure.

A row is a requirement: the clauses of all standards that answer one row of the harmonized structure, or one specific
clause. An audit of an identical clause credits the row for every standard that has it; what a discipline adds has to be
audited for that discipline. A column is a process or site of the scope; the last one is what no item of the scope stands
for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import NamedTuple


class State(IntEnum):
    """From what needs no look to what needs one most."""

    DONE = 0
    PLANNED = 1
    PARTLY = 2
    NEVER = 3
    OVERDUE = 4


class Asked(NamedTuple):
    """A clause as the grid needs it: `row` is its requirement, `is_shared` says that others of the row credit it."""

    pk: int
    row: str
    code: str
    is_shared: bool


class Due(NamedTuple):
    """What a line of a programme or an open audit wants: these clauses at this place by that day."""

    clauses: frozenset[int]
    place: int | None
    on: dt.date | None
    is_audit: bool = False


class Cell(NamedTuple):
    state: State
    last_on: dt.date | None = None
    next_on: dt.date | None = None
    # The standards of the row that were not audited here, where others were.
    missing: tuple[str, ...] = ()


def cell(
    clauses: Iterable[Asked], days: Mapping[int, dt.date], dues: Iterable[Due], today: dt.date
) -> Cell:  # fmt: skip
    """One cell from the clauses of its row, the last day each was audited there, and what is due there.

    Overdue: a line's day has passed and no audit that takes it up lies ahead. Partly: some standards of the row were
    audited and others never. Done: audited, whatever comes next. Planned: never audited, with a day or an audit ahead.
    """
    clauses = list(clauses)
    shared = max((days[one.pk] for one in clauses if one.pk in days and one.is_shared), default=None)
    seen = {one.pk: _later(days.get(one.pk), shared if one.is_shared else None) for one in clauses}
    missing = tuple(sorted({one.code for one in clauses if seen[one.pk] is None}))
    last_on = min((day for day in seen.values() if day is not None), default=None)
    wanted = {one.pk for one in clauses}
    mine = [one for one in dues if one.clauses & wanted and one.on is not None]
    ahead = min((one.on for one in mine if one.on >= today), default=None)
    late = min((one.on for one in mine if one.on < today and not one.is_audit), default=None)
    taken_up = any(one.is_audit and one.on >= today for one in mine)
    next_on = ahead if late is None or taken_up else late
    if late is not None and not taken_up:
        return Cell(State.OVERDUE, last_on, next_on, missing if last_on else ())
    if last_on is None:
        return Cell(State.NEVER if ahead is None else State.PLANNED, None, ahead)
    if missing:
        return Cell(State.PARTLY, last_on, next_on, missing)
    return Cell(State.DONE, last_on, next_on)


def _later(one: dt.date | None, other: dt.date | None) -> dt.date | None:
    return max((day for day in (one, other) if day is not None), default=None)


def summed(cells: Iterable[Cell]) -> dict[State, int]:
    """How many cells stand where."""
    found = dict.fromkeys(State, 0)
    for one in cells:
        found[one.state] += 1
    return found
