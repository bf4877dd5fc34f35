"""Tasks as the pages need them: lists, one task, and a person's own work.

A list reads the rows of one page from an index of the project, without joins; people and activities are read once for
the filters and put on the rows in Python.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Lower
from django.urls import reverse
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from pdca.models import SuggestedTask
from projects import access, flows, schedule_words
from projects.models import PlanActivity, Project, Task, TaskComment, TaskDependency
from projects.models.plan import ActivityStatus
from projects.models.task import LinkKind, Priority, TaskStatus
from projects.permissions import MAY, Perm, Role

BADGES = {
    TaskStatus.OPEN: ("open", ""),
    TaskStatus.IN_PROGRESS: ("prog", ""),
    TaskStatus.BLOCKED: ("late", "ban"),
    TaskStatus.DONE: ("done", ""),
    TaskStatus.CANCELLED: ("open", "circle-x"),
}
PRIORITY_ICONS = {Priority.LOW: "arrow-down", Priority.NORMAL: "", Priority.HIGH: "arrow-up", Priority.URGENT: "urgent"}


# ---- whose tasks ------------------------------------------------------------------------------------------------


def sees_all(perms: Iterable[str]) -> bool:
    """Whether a holder of `perms` reads every task of the project, or only their own."""
    return Perm.VIEW_PROJECT in perms


def own_in(project: Project, user: Any, roles: Iterable[Role]) -> Q:
    """The person's own tasks in a project where they hold `roles`: named, or the role's while nobody is named."""
    return Q(assignee=user) | Q(assignee__isnull=True, assignee_role__in=[str(role) for role in roles])


def of(project: Project, user: Any, roles: Iterable[Role], perms: Iterable[str]) -> QuerySet[Task]:
    """The tasks of a project that this person may see."""
    tasks = Task.objects.filter(project=project)
    return tasks if sees_all(perms) else tasks.filter(own_in(project, user, roles))


def of_person(user: Any, *, is_open: bool | None = True) -> QuerySet[Task]:
    """A person's own tasks in all projects, earliest due first and undated ones last; `is_open=None` for all.

    Own is what is assigned to the person, and what is assigned to a role they hold while nobody is named. A role that
    has ended, a closed organization and a disabled person show nothing. Three queries: grants, projects, tasks.
    """
    held = roles_by_project(user)
    working = [pk for pk, roles in held.items() if any(Perm.VIEW_OWN_WORK in MAY[role] for role in roles)]
    by_role: dict[Role, list[int]] = {}
    for pk in working:
        for role in held[pk]:
            by_role.setdefault(role, []).append(pk)
    state = {} if is_open is None else {"is_open": is_open}
    mine = Task.objects.filter(assignee_id=user.pk, project__in=working, **state).values("pk") if working else None
    if mine is None:
        return Task.objects.none()
    wanted = Q(pk__in=mine)
    for role, projects in by_role.items():
        roled = Task.objects.filter(project__in=projects, assignee_role=role, assignee__isnull=True, **state)
        wanted |= Q(pk__in=roled.values("pk"))
    return (
        Task.objects.filter(wanted)
        .select_related("project__organization", "activity", "assignee")
        .defer("description")
        .order_by(undated(), "due_on", "-priority", "number")
    )


def roles_by_project(user: Any) -> dict[int, frozenset[Role]]:
    """The roles a person holds now, project by project, those of the organization included. Two queries."""
    if user is None or not user.is_authenticated or not user.is_active:
        return {}
    grants = access.grants_as(user, Role)
    rows = [
        found.annotate(of_project=Value(kind.startswith("project"), output_field=IntegerField())).values_list(
            "of_project", "content_object_id", "permission__codename"
        )
        for kind, found in grants.items()
    ]
    by_project: dict[int, set[Role]] = {}
    by_organization: dict[int, set[Role]] = {}
    for of_project, pk, codename in rows[0].union(*rows[1:]):
        (by_project if of_project else by_organization).setdefault(pk, set()).add(Role.of_codename(codename))
    if not by_project and not by_organization:
        return {}
    projects = Project.objects.filter(
        Q(pk__in=list(by_project)) | Q(organization__in=list(by_organization)), organization__is_active=True
    ).values_list("pk", "organization_id")
    return {
        pk: frozenset(by_project.get(pk, set()) | by_organization.get(organization, set()))
        for pk, organization in projects
    }


def undated() -> Case:
    return Case(When(due_on__isnull=True, then=Value(1)), default=Value(0), output_field=IntegerField())


# ---- what the pages choose from ---------------------------------------------------------------------------------


@dataclass
class Place:
    """An activity as a list or a choice names it."""

    pk: int
    number: str
    title: str
    step: str
    is_applicable: bool

    @property
    def label(self) -> str:
        return f"{self.number} {self.title}"


@dataclass
class Surroundings:
    """The people and activities of a project, loaded once for the filters, the choices and the rows of a page."""

    people: dict[int, User]
    places: dict[int, Place]
    steps: dict[str, str]

    def place(self, number: str) -> Place | None:
        return next((place for place in self.places.values() if place.number == number), None)

    def grouped_places(self, keep: int | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
        """Applicable activities (and the one to `keep`) by step, as the choices of a select."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for place in self.places.values():
            if place.is_applicable or place.pk == keep:
                groups.setdefault(f"{place.step} {self.steps[place.step]}", []).append((place.number, place.label))
        return list(groups.items())


def people_of(project: Project) -> dict[int, User]:
    """Everybody who holds a role in force here, by name. One query."""
    return {person.pk: person for person in access.people_of(project).order_by(Lower("name"), "pk")}


def people_to_tell(task: Task, perms: frozenset[Perm]) -> dict[int, User]:
    """Whom a comment on a task can name. Who may not see the team is offered those it has to do with, no directory.

    One query: the person who wrote the task, who commented on it, and the project managers.
    """
    if Perm.VIEW_TEAM in perms:
        return people_of(task.project)
    managers = access.people_as(task.project, [Role.PROJECT_MANAGER])
    around = access.people_of(task.project).filter(
        Q(pk=task.created_by_id)
        | Q(pk__in=TaskComment.objects.filter(task=task).values("author"))
        | Q(pk__in=managers.values("pk"))
    )
    return {person.pk: person for person in around.order_by(Lower("name"), "pk")}


def surroundings(project: Project) -> Surroundings:
    """Two queries, whatever the number of tasks."""
    rows = (
        PlanActivity.objects.filter(project=project)
        .order_by("step__position", "position")
        .values_list("pk", "number", "title", "status", "step__number", "step__title")
    )
    places, steps = {}, {}
    for pk, number, title, status, step, step_title in rows:
        places[pk] = Place(pk, number, title, step, status != ActivityStatus.EXCLUDED)
        steps[step] = step_title
    return Surroundings(people_of(project), places, steps)


# ---- lists ------------------------------------------------------------------------------------------------------


SORTS = {
    "number": ("number",),
    "title": (Lower("title"), "number"),
    "priority": ("priority", "number"),
    "status": ("status", "number"),
    "updated": ("updated_at", "number"),
}


class Parts(Sequence):
    """Several queries one after the other, each in the order of an index, paged as one list.

    Work to do comes before closed work and dated tasks before undated ones, without sorting all tasks of a project.
    """

    def __init__(self, parts: list[tuple[QuerySet, int]]) -> None:
        self.parts = [(rows, count) for rows, count in parts if count]
        self.total = sum(count for _rows, count in self.parts)

    def __len__(self) -> int:
        return self.total

    count = None  # Paginator then asks len()

    def __getitem__(self, wanted: Any) -> Any:
        if isinstance(wanted, int):
            return self[wanted : wanted + 1][0]
        start, stop, _step = wanted.indices(self.total)
        found: list[Any] = []
        offset = 0
        for rows, count in self.parts:
            first, last = max(start - offset, 0), min(stop - offset, count)
            if first < last:
                found += rows[first:last]
            offset += count
        return found


def in_order(tasks: QuerySet[Task], sort: str = "") -> Parts:
    """Pages of `tasks`: by due date (work to do first, undated last) or by one of SORTS, "-" the other way round."""
    rows = tasks.defer("description")
    name = sort.removeprefix("-")
    if name in SORTS:
        columns = SORTS[name]
        if sort.startswith("-"):
            columns = tuple(f"-{column}" if isinstance(column, str) else column.desc() for column in columns)
        return Parts([(rows.order_by(*columns), tasks.count())])
    counts = {
        (is_open, undated): count
        for is_open, undated, count in tasks.order_by()
        .annotate(undated=undated())
        .values_list("is_open", "undated")
        .annotate(count=Count("pk"))
    }
    backwards = sort == "-due"
    dated_order = ("-due_on", "-number") if backwards else ("due_on", "number")
    return Parts(
        [
            (
                rows.filter(is_open=is_open, due_on__isnull=bool(undated)).order_by(
                    *(("number",) if undated else dated_order)
                ),
                counts.get((is_open, undated), 0),
            )
            for is_open in (True, False)
            for undated in (0, 1)
        ]
    )


def narrowed(
    tasks: QuerySet[Task], wanted: dict[str, Any], *, user: Any, roles: Iterable[Role], today: dt.date, around: Any
) -> QuerySet[Task]:
    """Applies the filters of a list (cleaned values of `forms.task_filter.TaskFilter`)."""
    status = wanted.get("status") or ""
    if status in TaskStatus.values:
        tasks = tasks.filter(status=status)
    elif status != "all":
        tasks = tasks.filter(is_open=True)
    if assignee := wanted.get("assignee"):
        if assignee == "me":
            tasks = tasks.filter(Q(assignee=user) | Q(assignee__isnull=True, assignee_role__in=[str(r) for r in roles]))
        elif assignee == "none":
            tasks = tasks.filter(assignee__isnull=True)
        else:
            tasks = tasks.filter(assignee_id=int(assignee))
    if role := wanted.get("role"):
        tasks = tasks.filter(assignee_role=role)
    if priority := wanted.get("priority"):
        tasks = tasks.filter(priority=int(priority))
    if due := wanted.get("due"):
        tasks = tasks.filter(_due(due, today))
    if activity := wanted.get("activity"):
        place = around.place(activity)
        tasks = tasks.filter(activity_id=place.pk) if place else tasks.filter(activity__isnull=True)
    elif step := wanted.get("step"):
        tasks = tasks.filter(activity_id__in=[place.pk for place in around.places.values() if place.step == step])
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(description__icontains=text)
        if (number := Task.number_of(text)) is not None:
            matches |= Q(number=number)
        tasks = tasks.filter(matches)
    return tasks


def _due(due: str | dt.date, today: dt.date) -> Q:
    if isinstance(due, dt.date):
        return Q(due_on=due)
    if due == "overdue":
        return Q(is_open=True, due_on__lt=today)
    if due == "today":
        return Q(due_on=today)
    if due == "week":
        return Q(due_on__range=(today, today + dt.timedelta(days=7)))
    return Q(due_on__isnull=True)


def dressed(tasks: Iterable[Task], project: Project, around: Surroundings, today: dt.date) -> list[Task]:
    """Puts on each row what the template prints: address, activity, person, state. At most one query, for people gone."""
    tasks = list(tasks)
    people = around.people
    if gone := {task.assignee_id for task in tasks if task.assignee_id} - people.keys():
        people = {**people, **User.objects.in_bulk(gone)}
    base = reverse("projects:task-list", kwargs=project.address)
    status_words, role_words = dict(TaskStatus.choices), dict(Role.choices)
    priority_words = dict(Priority.choices)
    for task in tasks:
        task.href = f"{base}{task.label}/"
        task.place = around.places.get(task.activity_id)
        task.assignee = people.get(task.assignee_id)
        task.role_word = role_words.get(task.assignee_role, "")
        task.status_kind, task.status_icon = BADGES[task.status]
        task.status_word = status_words[task.status]
        task.priority_word, task.priority_icon = priority_words[task.priority], PRIORITY_ICONS[task.priority]
        task.is_late = task.is_open and task.due_on is not None and task.due_on < today
    return tasks


# ---- one task ---------------------------------------------------------------------------------------------------


def find(tasks: QuerySet[Task], label: str) -> Task | None:
    """The task with the number people say, among those the person may see."""
    number = Task.number_of(label)
    if number is None:
        return None
    return (
        tasks.select_related("activity__step", "assignee", "created_by", "completed_by", "previous", "next")
        .filter(number=number)
        .first()
    )


@dataclass
class Detail:
    """Everything around one task that its page shows."""

    checklist: list[Any] = field(default_factory=list)
    comments: list[TaskComment] = field(default_factory=list)
    predecessors: list[Task] = field(default_factory=list)
    successors: list[Task] = field(default_factory=list)

    @property
    def waiting_for(self) -> list[Task]:
        """What has to be done before this one can be: not what only has to have begun."""
        return [task for task in self.predecessors if task.is_open and task.link_kind != LinkKind.START_START]


def detail(task: Task) -> Detail:
    """Five queries, whatever hangs on the task; its evidence is a component of its own."""
    links = list(
        TaskDependency.objects.filter(Q(task=task) | Q(predecessor=task))
        .select_related("task", "predecessor")
        .order_by("task__number", "predecessor__number")
    )
    for link in links:
        for other in (link.predecessor, link.task):
            other.link_kind = link.kind
            is_plain = (link.kind, link.lag_days) == (LinkKind.FINISH_START, 0)
            other.how = "" if is_plain else schedule_words.link(link.kind, link.lag_days)
    return Detail(
        checklist=list(task.checklist.all()),
        comments=list(task.comments.select_related("author").prefetch_related("mentions")),
        predecessors=[link.predecessor for link in links if link.task_id == task.pk],
        successors=[link.task for link in links if link.predecessor_id == task.pk],
    )


@dataclass
class Offer:
    """A move as a button."""

    name: str
    label: str
    icon: str
    is_main: bool
    asks_reason: bool
    target: str


def moves_for(status: str, perms: Iterable[str], *, is_own: bool) -> list[Offer]:
    """The moves a person is offered: from the flow table, on own tasks or on all for who manages tasks."""
    held = set(perms)
    if not is_own and Perm.MANAGE_TASKS not in held:
        return []
    return [
        Offer(move.name, str(move.label), move.icon, move.is_main, move.asks_reason, move.target)
        for move in flows.TASK.possible(status, held)
    ]


def is_own(task: Task, user: Any, roles: Iterable[Role]) -> bool:
    """The same as `own_in` for a task at hand, without a query."""
    if task.assignee_id is not None:
        return task.assignee_id == user.pk
    return bool(task.assignee_role) and task.assignee_role in {str(role) for role in roles}


def marked(said: TaskComment) -> SafeString:
    """A comment as HTML: everything escaped, the people who were told marked."""
    text = str(escape(said.text))
    for name in sorted({str(escape(person.name)) for person in said.mentions.all()}, key=len, reverse=True):
        text = re.sub(
            rf"@({re.escape(name)})(?!\w)(?![^<]*</span>)",
            r'<span class="mention">@\1</span>',
            text,
            flags=re.IGNORECASE,
        )
    return mark_safe(text)  # noqa: S308 – escaped above; only our own marks were added


def suggestions_for(activity: PlanActivity) -> tuple[list[SuggestedTask], list[SuggestedTask]]:
    """What the method suggests for an activity: everything, and what no task of it says yet. Two queries."""
    if activity.source_id is None:
        return [], []
    there = {title.casefold() for title in activity.tasks.values_list("title", flat=True)}
    known = list(SuggestedTask.objects.filter(activity=activity.source_id))
    return known, [one for one in known if one.title.casefold() not in there]
