"""How far the work is, from numbers alone: no queries.

The rule, as the pages show it: a task counts with its planned hours, or with one hour where none are planned; it counts
when it is done, not before. Cancelled tasks and excluded activities do not count at all. An activity's progress is the
done share of its tasks' hours; without tasks it is 100 % when the activity is completed. A step, a phase and the project
add up person-days: each activity counts with its planned effort times its progress.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

MINUTES_PER_PERSON_DAY = 480
HOURS_WITHOUT_PLAN = Decimal(1)

RULE = _(
    "A task counts with its planned hours (one hour where none are planned) once it is done. An activity's progress is "
    "the done share of its tasks; steps, phases and the project add up the planned person-days of their activities. "
    "Cancelled tasks and excluded activities do not count."
)


def task_weight(hours_planned: Decimal | None) -> Decimal:
    """Hours with which a task counts; zero hours count like none planned, so that no task is invisible."""
    return hours_planned or HOURS_WITHOUT_PLAN


def planned_minutes(effort_days: Decimal) -> int:
    """Person-days as minutes of effort, rounded to a whole minute."""
    return int((Decimal(effort_days) * MINUTES_PER_PERSON_DAY).to_integral_value())


def done_minutes(effort_minutes: int, *, weight: Decimal, weight_done: Decimal, is_done: bool) -> int:
    """Minutes of an activity's effort that count as done: the done share of its tasks' hours, rounded down.

    Without tasks (`weight` 0) the whole effort counts once the activity `is_done`.
    """
    if is_done:
        return effort_minutes
    if not weight:
        return 0
    return int(effort_minutes * weight_done / weight)


def percent(done: int, total: int) -> int:
    """0 to 100, rounded down so that 100 means all of it; 0 when there is nothing to do."""
    return 100 * done // total if total else 0


def planned_percent(activities: Iterable[tuple[dt.date, dt.date, int]], on: dt.date) -> int:
    """The share of effort that the plan expects done at the end of `on`; rows are (starts_on, ends_on, minutes).

    Effort is spread evenly over the calendar days of an activity.
    """
    total = expected = Decimal(0)
    for starts_on, ends_on, minutes in activities:
        total += minutes
        expected += minutes * _share(starts_on, ends_on, on)
    return int(100 * expected / total) if total else 0


def _share(starts_on: dt.date, ends_on: dt.date, on: dt.date) -> Decimal:
    if on < starts_on:
        return Decimal(0)
    if on >= ends_on:
        return Decimal(1)
    return Decimal((on - starts_on).days + 1) / ((ends_on - starts_on).days + 1)


def planned_curve(activities: Iterable[tuple[dt.date, dt.date, int]], days: Iterable[dt.date]) -> list[float]:
    """Planned percent (one decimal) at the end of each of `days`."""
    rows = list(activities)
    total = sum(minutes for *_dates, minutes in rows)
    if not total:
        return [0.0 for _day in days]
    return [
        round(float(sum(minutes * _share(starts, ends, day) for starts, ends, minutes in rows) * 100 / total), 1)
        for day in days
    ]
