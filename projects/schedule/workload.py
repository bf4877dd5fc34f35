"""How much work lies on whom in which week, and how much fits: pure arithmetic.

The rule, as the page says it: what is left of a task (its hours left, else those planned less those spent, else one hour)
is spread evenly over the days its person works from its start, or from today, until it is due; what is overdue lies on
today. A week fits a person's hours a week, less public holidays, closures and absences.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from .axis import Axis
from .plan import HOURS_PER_DAY

RULE = _(
    "What is left of a task (its hours left, else those planned less those spent, else one hour) is spread evenly over the "
    "days its person works until it is due; what is overdue lies on this week. A week fits a person's hours a week, "
    "less public holidays, closures and absences."
)
HOURS_WITHOUT_PLAN = 1.0


class Work(NamedTuple):
    """An open task: who has it, from when until when, and the hours left."""

    person: int
    begins_on: dt.date
    due_on: dt.date
    hours: float


class Week(NamedTuple):
    monday: dt.date
    load: float
    capacity: float

    @property
    def is_over(self) -> bool:
        """More work than fits, by more than a quarter of an hour."""
        return self.load > self.capacity + 0.25

    @property
    def percent(self) -> int:
        return round(100 * self.load / self.capacity) if self.capacity else (999 if self.load else 0)


@dataclass
class Load:
    """One person's weeks."""

    person: int
    weeks: list[Week] = field(default_factory=list)

    @property
    def over(self) -> list[Week]:
        return [week for week in self.weeks if week.is_over]

    @property
    def hours(self) -> float:
        return sum(week.load for week in self.weeks)


def hours_left(left: float | None, planned: float | None, spent: float) -> float:
    """What is still to be worked on a task, in hours."""
    if left is not None:
        return max(float(left), 0.0)
    if not planned:
        return HOURS_WITHOUT_PLAN
    return max(float(planned) - float(spent), 0.0)


def monday_of(day: dt.date) -> dt.date:
    return day - dt.timedelta(days=day.weekday())


def loads(
    works: Iterable[Work],
    *,
    axis: Axis,
    today: dt.date,
    weeks: int,
    people: Sequence[int],
    hours_per_week: Mapping[int, float],
    away: Mapping[int, Collection[int]],
) -> list[Load]:
    """The load of each of `people` in so many weeks from this one on; `away` are working-day indexes.

    Work that is due later than the last week only counts with the days before its end.
    """
    first = monday_of(today)
    mondays = [first + dt.timedelta(weeks=at) for at in range(weeks)]
    full_week = sum(axis.calendar.week) or 1
    now = axis.start(today)
    daily: dict[int, dict[int, float]] = {person: {} for person in people}
    for work in works:
        if work.person not in daily or work.hours <= 0:
            continue
        begin, end = max(axis.start(work.begins_on), now), axis.finish(work.due_on)
        off = away.get(work.person, ())
        days = [day for day in range(begin, end) if day not in off] or [max(begin, now)]
        for day in days:
            daily[work.person][day] = daily[work.person].get(day, 0.0) + work.hours / len(days)
    found = []
    for person in people:
        load = Load(person)
        a_day = hours_per_week.get(person, full_week * HOURS_PER_DAY) / full_week
        for monday in mondays:
            days = axis.days_off(monday, monday + dt.timedelta(days=6))
            worked = sum(day >= now and day not in away.get(person, ()) for day in days)
            lies = sum(daily[person].get(day, 0.0) for day in days)
            if monday == first and now >= days.stop:  # today is after the last working day of this week
                worked = 0
            load.weeks.append(Week(monday, round(lies, 2), round(worked * a_day, 2)))
        found.append(load)
    return found
