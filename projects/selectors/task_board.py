"""Tasks as columns of a board, one for each state."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from projects.models import Task
from projects.models.task import TaskStatus
from projects.selectors.task import Parts, undated

BOARD = (TaskStatus.OPEN, TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED, TaskStatus.DONE)
BOARD_LIMIT = 20
DONE_DAYS = 14


@dataclass
class Column:
    status: str
    title: str
    tasks: list[Task]
    total: int

    @property
    def hidden(self) -> int:
        return self.total - len(self.tasks)


def board(tasks: QuerySet[Task], today: dt.date) -> list[Column]:
    """The columns of the board, each with its first BOARD_LIMIT tasks; done ones of the last DONE_DAYS days."""
    since = timezone.make_aware(dt.datetime.combine(today - dt.timedelta(days=DONE_DAYS), dt.time.min))
    rows = tasks.defer("description")
    is_shown = ~Q(status=TaskStatus.DONE) | Q(completed_at__gte=since)
    counts = {
        (status, undated): count
        for status, undated, count in tasks.order_by()
        .filter(is_shown, status__in=BOARD)
        .annotate(undated=undated())
        .values_list("status", "undated")
        .annotate(count=Count("pk"))
    }
    columns = []
    for status in BOARD:
        total = counts.get((status, 0), 0) + counts.get((status, 1), 0)
        if status == TaskStatus.DONE:
            found = rows.filter(status=status, completed_at__gte=since).order_by("-completed_at", "-number")
            first = list(found[:BOARD_LIMIT]) if total else []
        else:
            first = Parts(
                [
                    (
                        rows.filter(status=status, due_on__isnull=False).order_by("due_on", "number"),
                        counts.get((status, 0), 0),
                    ),
                    (rows.filter(status=status, due_on__isnull=True).order_by("number"), counts.get((status, 1), 0)),
                ]
            )[:BOARD_LIMIT]
        columns.append(Column(str(status), str(TaskStatus(status).label), first, total))
    return columns
