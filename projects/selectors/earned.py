"""The S-curve of a project by effort: planned value, earned value, and the person-days that were booked."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Sum

from projects import progress
from projects.models import JournalEntry, PlanActivity, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.schedule.earned import Standing

from .project import curve_days

MINUTES = progress.MINUTES_PER_PERSON_DAY
BOOKS = ("task.hours_added", "task.changed")


class Point(NamedTuple):
    """Person-days at the end of a day; `earned` and `spent` are None for days to come."""

    on: dt.date
    planned: float
    earned: float | None
    spent: float | None


class Earned(NamedTuple):
    points: list[Point]
    standing: Standing


def earned(project: Project, today: dt.date) -> Earned:
    """The three lines and where they stand today; four queries."""
    zone = ZoneInfo(project.organization.time_zone)
    activities = list(
        PlanActivity.objects.filter(project=project)
        .exclude(status=ActivityStatus.EXCLUDED)
        .order_by("pk")
        .values_list("pk", "starts_on", "ends_on", "effort_minutes", "finished_on")
    )
    total = sum(row[3] for row in activities) / MINUTES
    if not activities:
        return Earned([], Standing(0.0, 0.0, 0.0, 0.0))
    first = min(project.start_on, min(row[1] for row in activities))
    days = curve_days(first, max(row[2] for row in activities), today)
    planned = progress.planned_curve([row[1:4] for row in activities], days)
    tasks = [
        (activity, float(progress.task_weight(hours)), _day(done_at, zone))
        for activity, hours, done_at in Task.objects.filter(project=project, activity__isnull=False)
        .exclude(status=TaskStatus.CANCELLED)
        .order_by("pk")
        .values_list("activity_id", "effort_hours_planned", "completed_at")
    ]
    actual = progress.actual_curve([(row[0], row[3], row[4]) for row in activities], tasks, days)
    booked = _booked(project, zone)
    points = []
    for day, plan, done in zip(days, planned, actual, strict=True):
        is_past = day <= today
        spent = sum(hours for on, hours in booked if on <= day) / 8
        points.append(
            Point(day, plan * total / 100, done * total / 100 if is_past else None, spent if is_past else None)
        )
    now = max((p for p in points if p.on <= today), key=lambda p: p.on, default=None)
    spent = float(Task.objects.filter(project=project).aggregate(n=Sum("effort_hours_spent"))["n"] or 0) / 8
    standing = Standing(now.planned if now else 0.0, now.earned or 0.0 if now else 0.0, spent, total)
    return Earned(points, standing)


def _day(at: dt.datetime | None, zone: ZoneInfo) -> dt.date | None:
    return at.astimezone(zone).date() if at else None


def _booked(project: Project, zone: ZoneInfo) -> list[tuple[dt.date, float]]:
    """The hours booked on each day, as the journal has them; corrections count on the day they were made."""
    rows = JournalEntry.objects.filter(project=project, action__in=BOOKS, changes__has_key="effort_hours_spent")
    found = []
    for at, changes in rows.order_by("seq").values_list("at", "changes"):
        before, after = changes["effort_hours_spent"]
        found.append((at.astimezone(zone).date(), float(after or 0) - float(before or 0)))
    return found
