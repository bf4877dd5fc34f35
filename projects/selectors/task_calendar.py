"""Tasks by the day they are due, a month at a time."""

from __future__ import annotations

import calendar as months
import datetime as dt

from django.db.models import QuerySet

from projects.models import Task
from projects.models.task import TaskStatus

EVENTS_A_DAY = 6
EVENTS_A_MONTH = 2000


def month_of(text: str | None, today: dt.date) -> dt.date:
    """The first day of the month that "2026-12" names; of this month for anything else."""
    try:
        found = dt.datetime.strptime(text or "", "%Y-%m").date()
    except ValueError:
        found = today
    return (found if 2000 <= found.year <= 2100 else today).replace(day=1)


def days_of(month: dt.date) -> list[list[dt.date]]:
    """The weeks that show a month, Monday first."""
    return months.Calendar(firstweekday=0).monthdatescalendar(month.year, month.month)


def due_in(tasks: QuerySet[Task], weeks: list[list[dt.date]]) -> dict[dt.date, list[Task]]:
    """Tasks by due date within `weeks`; cancelled ones are left out."""
    rows = (
        tasks.filter(due_on__range=(weeks[0][0], weeks[-1][-1]))
        .exclude(status=TaskStatus.CANCELLED)
        .only("number", "title", "status", "due_on", "is_open")
        .order_by("due_on", "-is_open", "-priority", "number")
    )
    by_day: dict[dt.date, list[Task]] = {}
    for task in rows[:EVENTS_A_MONTH]:
        by_day.setdefault(task.due_on, []).append(task)
    return by_day
