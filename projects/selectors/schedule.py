"""A project's plan for the schedule: the whole network in a number of queries that does not depend on its size."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from projects import access, schedule_words
from projects.layout import Cycle
from projects.models import (
    Absence,
    ActivityLink,
    PlanActivity,
    PlanMilestone,
    PlanStep,
    Project,
    StepDependency,
    Task,
    TaskDependency,
)
from projects.models.plan import ActivityStatus
from projects.schedule import FS, Axis
from projects.schedule.plan import (
    ACTIVITY,
    STEP,
    TASK,
    ActivityRow,
    MilestoneRow,
    Plan,
    PlanLink,
    Reckoned,
    Span,
    StepRow,
    TaskRow,
    reckon,
)
from projects.selectors.project import today_in

STEPS = ("pk", "number", "title", "phase__number", "starts_on", "ends_on", "is_applicable", "merged_into_id")
ACTIVITIES = (
    "pk", "step_id", "number", "title", "status", "round__number", "round__starts_on", "duration_days", "starts_on",
    "ends_on", "started_on", "finished_on", "dates_are_manual", "not_before_on", "finish_by_on", "fixed_on",
    "remaining_days", "responsible",
)  # fmt: skip
TASKS = (
    "pk", "number", "title", "activity_id", "assignee_id", "status", "starts_on", "due_on", "dates_are_manual",
    "offset_days", "duration_days", "effort_hours_left",
)  # fmt: skip
LINK = ("kind", "lag_days", "pk")
MILESTONES = ("pk", "kind", "title", "activity_id", "lag_days", "on", "is_fixed", "reached_on", "number")


def load(project: Project, *, with_tasks: bool = True) -> Plan:
    """All that the schedule of a project is reckoned from; eight queries, nine where somebody is away, five without tasks."""
    here = {"project": project}
    steps = PlanStep.objects.filter(**here).order_by("position", "pk").values_list(*STEPS)
    activities = (
        PlanActivity.objects.filter(**here).order_by("step__position", "position", "pk").values_list(*ACTIVITIES)
    )
    milestones = PlanMilestone.objects.filter(**here).order_by("on", "pk").values_list(*MILESTONES)
    links = [
        PlanLink(STEP, source, target, FS, lag, pk)
        for source, target, lag, pk in StepDependency.objects.filter(**here)
        .order_by("pk")
        .values_list("predecessor_id", "step_id", "lag_days", "pk")
    ]
    found = ActivityLink.objects.filter(**here).order_by("pk")
    links += [PlanLink(ACTIVITY, *row) for row in found.values_list("predecessor_id", "activity_id", *LINK)]
    tasks: dict[int, TaskRow] = {}
    absences: list[tuple[int, dt.date, dt.date]] = []
    if with_tasks:
        tasks = {row.pk: row for row in _tasks(project)}
        found = TaskDependency.objects.filter(**here).order_by("pk")
        links += [PlanLink(TASK, *row) for row in found.values_list("predecessor_id", "task_id", *LINK)]
        away = Absence.objects.filter(organization_id=project.organization_id, last_on__gte=project.start_on)
        absences = list(away.order_by("pk").values_list("person_id", "first_on", "last_on"))
    return Plan(
        project.start_on,
        Axis(project.start_on, project.calendar),
        {row[0]: StepRow(*row) for row in steps},
        {row[0]: ActivityRow(*row) for row in activities},
        tasks,
        {row[0]: MilestoneRow(*row) for row in milestones},
        tuple(links),
        tuple(absences),
        access.holders_by_role(project) if absences else {},
    )


def tasks_in(activities: Sequence[PlanActivity]) -> list[TaskRow]:
    """The tasks of activities of a project whose place in them is not stored yet."""
    return list(_tasks(activities[0].project, activity__in=activities, offset_days__isnull=True)) if activities else []


def small_plan(activities: Sequence[PlanActivity], tasks: Iterable[TaskRow]) -> Plan:
    """A plan of some activities and their tasks, to see where these lie in them; no queries."""
    project = activities[0].project
    blank = dict.fromkeys(ActivityRow._fields)
    rows = {
        one.pk: ActivityRow(**{**blank, "pk": one.pk, "starts_on": one.starts_on, "ends_on": one.ends_on})
        for one in activities
    }
    axis = Axis(project.start_on, project.calendar)
    return Plan(project.start_on, axis, {}, rows, {task.pk: task for task in tasks}, {}, ())


def _tasks(project: Project, **among: Any) -> Iterator[TaskRow]:
    """Tasks with a due date; the day a task was completed is that of the organization."""
    zone = ZoneInfo(project.organization.time_zone)
    rows = Task.objects.filter(project=project, due_on__isnull=False, **among).order_by("number")
    for *row, recurrence, completed_at in rows.values_list(*TASKS, "recurrence", "completed_at"):
        found = TaskRow(*row, completed_at.astimezone(zone).date() if completed_at else None)
        # A series keeps its own dates, and goes on when its activity is over.
        yield found._replace(dates_are_manual=True, activity=None) if recurrence else found


def task_row(task: Task, values: dict[str, Any]) -> TaskRow | None:
    """A task as the schedule would see it with other dates; None without a due date: then it has no place in it.

    Where it lies in its activity is reckoned anew from new dates.
    """

    def now(name: str) -> Any:
        return values.get(name, getattr(task, name))

    if now("due_on") is None:
        return None
    is_moved = bool({"starts_on", "due_on"} & values.keys())
    completed = (
        task.completed_at.astimezone(ZoneInfo(task.project.organization.time_zone)) if task.completed_at else None
    )
    return TaskRow(
        task.pk, task.number, task.title, None if task.recurrence else task.activity_id, task.assignee_id, task.status,
        now("starts_on"), now("due_on"), bool(now("dates_are_manual") or task.recurrence),
        None if is_moved else task.offset_days, None if is_moved else task.duration_days, now("effort_hours_left"),
        completed.date() if completed else None,
    )  # fmt: skip


def reckoned(project: Project, *, with_tasks: bool = True) -> Reckoned:
    """The plan as it is expected today. Raises Cycle."""
    return reckon(load(project, with_tasks=with_tasks), today_in(project))


def reckoned_or_none(project: Project) -> Reckoned | None:
    """The plan as it is expected today; None while it turns in a circle, which the schedule's own page names."""
    try:
        return reckoned(project)
    except Cycle:
        return None


def activities_for(project: Project) -> list[tuple[str, str]]:
    """The activities of a plan that count, as choices; one query."""
    rows = PlanActivity.objects.filter(project=project).exclude(status=ActivityStatus.EXCLUDED)
    rows = rows.order_by("step__position", "position", "pk")
    return [(number, f"{number} {title}") for number, title in rows.values_list("number", "title")]


def predecessors_for(activity: PlanActivity) -> list[tuple[str, str]]:
    """The activities that one can wait for, as choices; one query."""
    return [choice for choice in activities_for(activity.project) if choice[0] != activity.number]


class Neighbour(NamedTuple):
    """An activity that another one waits for, or that waits for it; `how` in words."""

    number: str
    title: str
    how: str
    is_driver: bool
    is_out: bool


class Facts(NamedTuple):
    """What the network says about one activity."""

    early: Span | None
    late: Span | None
    total_float: int
    free_float: int
    is_critical: bool
    waits_for: list[Neighbour]
    followed_by: list[Neighbour]
    warnings: list[str]


def facts_of_task(task: Task, found: Reckoned) -> Facts | None:
    """The same of a task; what it waits for stands on its own page. None where it has no place in the schedule."""
    key, result = (TASK, task.pk), found.result
    at = found.at(key)
    if at is None:
        return None
    return Facts(
        found.early_of(key),
        found.late_of(key),
        result.total_float[at],
        result.free_float[at],
        result.critical[at],
        [],
        [],
        [text for other, text in schedule_words.contradictions(found) if other == key],
    )


def facts_of(activity: PlanActivity, found: Reckoned) -> Facts:
    """Float, earliest and latest dates, neighbours and contradictions of an activity; no queries."""
    key, plan, result = (ACTIVITY, activity.pk), found.plan, found.result
    at = found.network.place[key]
    driver = result.drivers[2 * at]
    drives = found.network.nodes[driver // 2].key if driver >= 0 else None

    def near(link: PlanLink, pk: int) -> Neighbour:
        row = plan.activities[pk]
        how = schedule_words.link(link.kind, link.lag)
        return Neighbour(row.number, row.title, how, (ACTIVITY, pk) == drives, row.is_out)

    own = [link for link in plan.links if link.of == ACTIVITY]
    tasks = {(TASK, pk) for pk, row in plan.tasks.items() if row.activity == activity.pk}
    return Facts(
        found.early_of(key),
        found.late_of(key),
        result.total_float[at],
        result.free_float[at],
        result.critical[at],
        [near(link, link.source) for link in own if link.target == activity.pk],
        [near(link, link.target) for link in own if link.source == activity.pk],
        [text for other, text in schedule_words.contradictions(found) if other == key or other in tasks],
    )
