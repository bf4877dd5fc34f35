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
from fractions import Fraction

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
    total, expected = 0, Fraction(0)
    for starts_on, ends_on, minutes in activities:
        total += minutes
        if on >= ends_on:
            expected += minutes
        elif on >= starts_on:
            expected += Fraction(minutes * ((on - starts_on).days + 1), (ends_on - starts_on).days + 1)
    return int(100 * expected / total) if total else 0


def planned_curve(activities: Iterable[tuple[dt.date, dt.date, int]], days: Iterable[dt.date]) -> list[float]:
    """Planned percent (one decimal) at the end of each of `days`; the rule of `planned_percent`.

    In whole minutes and calendar days, so that a picture of a hundred activities costs a millisecond.
    """
    rows = [
        (starts.toordinal(), ends.toordinal(), minutes, minutes / (ends - starts + dt.timedelta(days=1)).days)
        for starts, ends, minutes in activities
        if minutes
    ]
    total = sum(minutes for _starts, _ends, minutes, _daily in rows)
    curve = []
    for day in days:
        now, expected = day.toordinal(), 0.0
        for starts, ends, minutes, daily in rows:
            if now >= ends:
                expected += minutes
            elif now >= starts:
                expected += daily * (now - starts + 1)
        curve.append(round(100 * expected / total, 1) if total else 0.0)
    return curve


CURVE_RULE = _(
    "Planned: each activity's person-days spread evenly from its first to its last day. Actual: each task counts on the "
    "day it was completed, with the hours and in the activity it has today; an activity that was declared done counts "
    "whole from that day on. A task that is reopened leaves the line again."
)


def actual_curve(
    activities: Iterable[tuple[int, int, dt.date | None]],
    tasks: Iterable[tuple[int, float, dt.date | None]],
    days: Iterable[dt.date],
) -> list[float]:
    """Percent done (one decimal) at the end of each of `days`, by the rule that CURVE_RULE says.

    `activities`: (id, effort in minutes, day it was declared done or None). `tasks`, without cancelled ones:
    (activity id, weight in hours, day it was completed or None). Its value today is the stored progress.
    """
    weights: dict[int, float] = {}
    done: dict[int, list[tuple[dt.date, float]]] = {}
    for activity, weight, completed_on in tasks:
        weights[activity] = weights.get(activity, 0.0) + float(weight)
        if completed_on is not None:
            done.setdefault(activity, []).append((completed_on, float(weight)))
    total = 0
    gains: dict[dt.date, float] = {}
    for pk, minutes, finished_on in activities:
        total += minutes
        counted = 0.0
        for completed_on, weight in done.get(pk, ()):
            if finished_on is None or completed_on <= finished_on:
                share = minutes * weight / weights[pk]
                gains[completed_on] = gains.get(completed_on, 0.0) + share
                counted += share
        if finished_on is not None:
            gains[finished_on] = gains.get(finished_on, 0.0) + minutes - counted
    order = sorted(gains)
    curve, at, reached = [], 0, 0.0
    for day in days:
        while at < len(order) and order[at] <= day:
            reached += gains[order[at]]
            at += 1
        curve.append(round(100 * reached / total, 1) if total else 0.0)
    return curve
