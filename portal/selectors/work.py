"""A person's own work over all projects: what is theirs by name, what waits for their role, who mentioned them.

Two queries for a page of tasks, whatever their number: one adds up the groups, one reads the rows.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import access
from projects.models import Task, TaskComment
from projects.models.project import ProjectStatus
from projects.models.task import Priority, TaskStatus
from projects.permissions import MAY, Perm, Role, roles_with

PAGE = 50
WEEK_DAYS = 7
MENTIONS = 30

OVERDUE, TODAY, WEEK, LATER, UNDATED, BLOCKED = range(6)
GROUPS = {
    OVERDUE: gettext_lazy("Overdue"),
    TODAY: gettext_lazy("Today"),
    WEEK: gettext_lazy("Next seven days"),
    LATER: gettext_lazy("Later"),
    UNDATED: gettext_lazy("Without a date"),
    BLOCKED: gettext_lazy("Blocked: waiting for something"),
}


def by_name(user: Any) -> QuerySet[Task]:
    """Open tasks assigned to the person, in projects where they still hold a role that works."""
    working = access.projects_as(user, roles_with(Perm.VIEW_OWN_WORK)).exclude(status=ProjectStatus.CLOSED)
    return Task.objects.filter(assignee=user, is_open=True, project__in=working.order_by().values("pk"))


def by_role(user: Any, roles: Sequence[Role]) -> QuerySet[Task]:
    """Open tasks that a role of the person is to do and nobody is named for, project by project."""
    waiting = Q()
    for role in roles:
        if Perm.WORK_ON_TASKS in MAY[role]:
            where = access.projects_as(user, [role]).exclude(status=ProjectStatus.CLOSED)
            waiting |= Q(assignee_role=role, project__in=where.order_by().values("pk"))
    if not waiting:
        return Task.objects.none()
    return Task.objects.filter(waiting, is_open=True, assignee__isnull=True)


MANY = 100
"""A tab counts no further: past this the figure says only that there are many."""


def some(tasks: QuerySet[Task]) -> int:
    """How many, but never more than MANY: what a tab says about a list that is not on the page."""
    return tasks.order_by()[:MANY].count()


def rank(today: dt.date) -> Case:
    """The group a task falls into."""
    return Case(
        When(status=TaskStatus.BLOCKED, then=Value(BLOCKED)),
        When(due_on__lt=today, then=Value(OVERDUE)),
        When(due_on=today, then=Value(TODAY)),
        When(due_on__lt=today + dt.timedelta(days=WEEK_DAYS), then=Value(WEEK)),
        When(due_on__isnull=True, then=Value(UNDATED)),
        default=Value(LATER),
        output_field=IntegerField(),
    )


@dataclass
class Group:
    """Tasks under one heading; `total` counts those of other pages too."""

    key: int
    title: str
    total: int
    tasks: list[Task]


@dataclass
class Work:
    page: Page
    groups: list[Group]
    total: int
    overdue: int


class Counted(Paginator):
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self._count = count

    @property
    def count(self) -> int:
        return self._count


def page_of(tasks: QuerySet[Task], today: dt.date, number: Any = 1) -> Work:
    """One page of tasks in their groups, earliest first."""
    counts = dict(tasks.order_by().annotate(rank=rank(today)).values_list("rank").annotate(count=Count("pk")))
    total = sum(counts.values())
    rows = (
        tasks.annotate(rank=rank(today))
        .select_related("project__organization", "activity")
        .defer("description", "project__organization__team")
        .order_by("rank", "due_on", "-priority", "project", "number")
    )
    page = Counted(rows, PAGE, total).get_page(number)
    groups: dict[int, Group] = {}
    for task in page.object_list if total else []:
        dressed(task, today)
        key = task.rank
        groups.setdefault(key, Group(key, str(GROUPS[key]), counts[key], [])).tasks.append(task)
    return Work(page, list(groups.values()), total, counts.get(OVERDUE, 0))


def dressed(task: Task, today: dt.date) -> Task:
    """Puts on a task the addresses and words that its row prints."""
    address = {**task.project.address, "number": task.label}
    task.href = reverse("projects:task-detail", kwargs=address)
    task.done_url = reverse("projects:task-move", kwargs={**address, "move": "complete"})
    task.start_url = (
        reverse("projects:task-move", kwargs={**address, "move": "start"}) if task.status == TaskStatus.OPEN else ""
    )
    task.take_url = reverse("projects:task-take", kwargs=address)
    task.is_urgent = task.priority == Priority.URGENT
    task.is_high = task.priority == Priority.HIGH
    return task


def mentions_of(user: Any) -> list[TaskComment]:
    """The latest comments that name the person, in tasks they may still open. One query."""
    reads = access.projects_with(user, Perm.VIEW_PROJECT).order_by().values("pk")
    works = access.projects_with(user, Perm.VIEW_OWN_WORK).order_by().values("pk")
    found = (
        TaskComment.objects.filter(Q(project__in=reads) | Q(project__in=works, task__assignee=user), mentions=user)
        .select_related("author", "task__project__organization")
        .order_by("-created_at", "-pk")[:MENTIONS]
    )
    comments = list(found)
    for comment in comments:
        comment.href = comment.task.get_absolute_url()
    return comments


def words(total: int, overdue: int) -> str:
    """One sentence above the list."""
    if not total:
        return _("Nothing is waiting for you.")
    if not overdue:
        return _("Nothing is late.")
    return ""
