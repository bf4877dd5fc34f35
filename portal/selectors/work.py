"""A person's own work over all projects: what is theirs by name, what waits for their role, who mentioned them.

Three queries for a page of tasks, whatever their number: one adds up the groups and one chooses the page, both over
the index of the person or of the role alone; the third reads the fifty rows.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import access
from projects.addresses import address
from projects.models import Project, Task, TaskComment
from projects.models.project import ProjectStatus
from projects.models.task import Priority, TaskStatus
from projects.permissions import MAY, Perm, Role
from projects.selectors.standing import Standing

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


@dataclass(frozen=True)
class Reach:
    """The running projects a person works in, by the role they hold there; resolved once for a page."""

    user: Any
    projects: dict[Role, list[int]]

    @property
    def everywhere(self) -> set[int]:
        return set().union(*self.projects.values())


def reach_of(user: Any, standing: Standing) -> Reach:
    """Resolves the roles of a person to projects first, so that tasks are then found by index alone; one query."""
    where = Q(pk__in=list(standing.projects)) | Q(organization__in=list(standing.organizations))
    rows = (
        Project.objects.filter(where, organization__is_active=True)
        .exclude(status=ProjectStatus.CLOSED)
        .order_by("pk")
        .values_list("pk", "organization_id")
        if not standing.is_nobody
        else ()
    )
    found: dict[Role, list[int]] = {}
    for pk, organization in rows:
        held = standing.projects.get(pk, frozenset()) | standing.organizations.get(organization, frozenset())
        for role in held:
            if Perm.VIEW_OWN_WORK in MAY[role]:
                found.setdefault(role, []).append(pk)
    return Reach(user, {role: found[role] for role in Role if role in found})


def by_name(reach: Reach) -> QuerySet[Task]:
    """Open tasks assigned to the person, in projects where they still hold a role that works."""
    if not (everywhere := reach.everywhere):
        return Task.objects.none()
    return Task.objects.filter(assignee=reach.user, is_open=True, project__in=sorted(everywhere))


def by_role(reach: Reach) -> QuerySet[Task]:
    """Open tasks that a role of the person is to do and nobody is named for, project by project."""
    waiting = Q()
    for role, projects in reach.projects.items():
        if Perm.WORK_ON_TASKS in MAY[role]:
            waiting |= Q(assignee_role=role, project__in=projects)
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


SHOWN = (
    "number", "title", "status", "priority", "due_on", "assignee_role", "blocked_reason", "checklist_count",
    "checklist_done_count",
)  # fmt: skip
SHOWN_OF = {
    "project": ("slug", "name"),
    "project__organization": ("slug", "name"),
    "activity": ("number", "title"),
}


class Counted(Paginator):
    """A paginator that was told how many rows there are."""

    def __init__(self, rows: Any, per_page: int, count: int) -> None:
        super().__init__(rows, per_page)
        self._count = count

    @property
    def count(self) -> int:
        return self._count


def page_of(tasks: QuerySet[Task], today: dt.date, number: Any = 1) -> Work:
    """One page of tasks in their groups, earliest first.

    Groups are added up and the page is chosen over the index alone; only the rows shown are read and joined.
    """
    ranked = tasks.order_by().annotate(rank=rank(today))
    counts = dict(ranked.values_list("rank").annotate(count=Count("pk")))
    total = sum(counts.values())
    order = ranked.order_by("rank", "due_on", "-priority", "project_id", "pk").values_list("pk", "rank")
    page = Counted(order, PAGE, total).get_page(number)
    ranks = dict(page.object_list) if total else {}
    rows = (
        Task.objects.select_related("project__organization", "activity")
        .only(*SHOWN, *(f"{name}__{field}" for name, fields in SHOWN_OF.items() for field in fields))
        .in_bulk(list(ranks))
        if ranks
        else {}
    )
    groups: dict[int, Group] = {}
    for pk, key in ranks.items():
        if pk not in rows:  # deleted between the two queries
            continue
        groups.setdefault(key, Group(key, str(GROUPS[key]), counts.get(key, 0), [])).tasks.append(
            dressed(rows[pk], today)
        )
    return Work(page, list(groups.values()), total, counts.get(OVERDUE, 0))


def dressed(task: Task, today: dt.date) -> Task:
    """Puts on a task the addresses and words that its row prints."""
    where = {**task.project.address, "number": task.label}
    task.href = address("projects:task-detail", **where)
    task.done_url = address("projects:task-move", **where, move="complete")
    task.take_url = address("projects:task-take", **where)
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
