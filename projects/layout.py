"""Dates of a fresh plan, laid out from durations and dependencies over working days: pure arithmetic.

A step begins on the working day after its last predecessor ends. Inside a step the activities follow one another, each
with the share of the step's days that its effort has in the step; every activity has at least one day, so short
neighbours may share one. Later issues refine this network; the rule here is the method's own default.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from core.dates import WorkingCalendar


class Span(NamedTuple):
    """First and last day of work, and how many working days that is."""

    starts_on: dt.date
    ends_on: dt.date
    days: int


class Cycle(ValueError):
    """Steps that wait for each other; `names` is the circle, the first name repeated at the end."""

    def __init__(self, names: Sequence[Hashable]) -> None:
        super().__init__(" → ".join(str(name) for name in names))
        self.names = list(names)


def size_factor(headcount: int) -> Decimal:
    """How durations stretch with the people in the scope; the catalogue's figures are for 50 to 250."""
    for limit, factor in ((50, "0.75"), (251, "1"), (1001, "1.25"), (5001, "1.5")):
        if headcount < limit:
            return Decimal(factor)
    return Decimal("1.75")


def scaled(duration_days: int, headcount: int) -> int:
    """A duration in whole working days for an organization of this size, at least one."""
    return max(1, int((duration_days * size_factor(headcount)).to_integral_value(rounding="ROUND_HALF_UP")))


def in_order(depends_on: Mapping[Hashable, Iterable[Hashable]]) -> list[Hashable]:
    """Names so that each comes after all it depends on; raises Cycle naming one circle. Unknown names are ignored."""
    done: list[Hashable] = []
    state: dict[Hashable, int] = {}

    def visit(name: Hashable, path: list[Hashable]) -> None:
        if state.get(name) == 2:
            return
        if state.get(name) == 1:
            raise Cycle([*path[path.index(name) :], name])
        state[name] = 1
        for earlier in depends_on[name]:
            if earlier in depends_on:
                visit(earlier, [*path, name])
        state[name] = 2
        done.append(name)

    for name in depends_on:
        visit(name, [])
    return done


def steps(
    durations: Mapping[Hashable, int],
    depends_on: Mapping[Hashable, Iterable[Hashable]],
    start_on: dt.date,
    calendar: WorkingCalendar,
) -> dict[Hashable, Span]:
    """A span for every step from `start_on` on. Durations in working days. Raises Cycle."""
    first = calendar.on_or_after(start_on)
    spans: dict[Hashable, Span] = {}
    for name in in_order({key: list(depends_on.get(key, ())) for key in durations}):
        ends = [spans[earlier].ends_on for earlier in depends_on.get(name, ()) if earlier in spans]
        begins = calendar.add(max(ends), 1) if ends else first
        spans[name] = Span(begins, calendar.last_day(begins, durations[name]), durations[name])
    return spans


def activities(efforts: Sequence[Decimal], step: Span, calendar: WorkingCalendar) -> list[Span]:
    """Spans of a step's activities in their order; `efforts` in person-days, the last one ends with the step."""
    total = sum(efforts) or Decimal(len(efforts) or 1)
    spans, spent = [], Decimal(0)
    for effort in efforts:
        share = effort if sum(efforts) else Decimal(1)
        first = min(int(spent / total * step.days), step.days - 1)
        spent += share
        after = max(first + 1, int((spent / total * step.days).to_integral_value(rounding="ROUND_HALF_UP")))
        after = min(after, step.days)
        starts = calendar.add(step.starts_on, first)
        spans.append(Span(starts, calendar.add(step.starts_on, after - 1), after - first))
    return spans


def due_dates(count: int, activity: Span, calendar: WorkingCalendar) -> list[dt.date]:
    """Due dates of `count` tasks, evenly over the activity's working days, the last one on its last day."""
    return [calendar.add(activity.starts_on, days - 1) for days in due_days(count, activity)]


def due_days(count: int, activity: Span) -> list[int]:
    """The same as working days from the first day of the activity on, that day and the due date counted."""
    return [-(-(k + 1) * activity.days // count) for k in range(count)]


def lag(ends_on: dt.date, starts_on: dt.date, calendar: WorkingCalendar) -> int:
    """Working days between the end of one piece of work and the start of the next one: 0 follows at once, -1 shares a day."""
    if starts_on > ends_on:
        one = dt.timedelta(days=1)
        return calendar.between(ends_on + one, starts_on - one)
    return -calendar.between(starts_on, ends_on)
