"""Stored counters: kept in the transaction that changes a task or an activity, recounted every night.

Callers hold the organization's lock (`journal.change`), so reading, adding and writing is one motion.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, Q, Sum, Value, When

from projects import journal, progress
from projects.models import PlanActivity, PlanStep, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus

FIELDS = ("effort_minutes", "effort_minutes_done", "task_count", "task_open_count")
HOURS = DecimalField(max_digits=12, decimal_places=2)

# The hours a task counts with, as progress.task_weight says it.
WEIGHT = Case(
    When(tasks__effort_hours_planned__gt=0, then=F("tasks__effort_hours_planned")),
    default=Value(progress.HOURS_WITHOUT_PLAN),
    output_field=HOURS,
)
COUNTS = ~Q(tasks__status=TaskStatus.CANCELLED) & Q(tasks__isnull=False)


def _counted(activities: Any) -> list[dict[str, Any]]:
    """One row for each activity with what its tasks add up to; one query."""
    return list(
        activities.order_by("pk")
        .values("pk", "step_id", "project_id", "status", "effort_days", *FIELDS)
        .annotate(
            tasks_now=Count("tasks", filter=COUNTS),
            open_now=Count("tasks", filter=Q(tasks__is_open=True)),
            weight=Sum(WEIGHT, filter=COUNTS),
            weight_done=Sum(WEIGHT, filter=Q(tasks__status=TaskStatus.DONE)),
        )
    )


def of_activity(row: dict[str, Any]) -> dict[str, int]:
    """The counters an activity should have, from its row of `_counted`. Excluded ones count nothing."""
    if row["status"] == ActivityStatus.EXCLUDED:
        return dict.fromkeys(FIELDS, 0)
    minutes = progress.planned_minutes(row["effort_days"])
    return {
        "effort_minutes": minutes,
        "effort_minutes_done": progress.done_minutes(
            minutes,
            weight=Decimal(row["weight"] or 0),
            weight_done=Decimal(row["weight_done"] or 0),
            is_done=row["status"] == ActivityStatus.DONE,
        ),
        "task_count": row["tasks_now"],
        "task_open_count": row["open_now"],
    }


def refresh(project: Project, activity_ids: Iterable[int | None], *, loose_tasks: int = 0, loose_open: int = 0) -> None:
    """Brings the counters of activities, their steps and the project up to date after a change to their tasks.

    `loose_*` is the change in number of tasks that hang on no activity. At most one read and one write for each
    activity and step concerned, and one for the project.
    """
    ids = {pk for pk in activity_ids if pk}
    steps: dict[int, dict[str, int]] = {}
    total = {"task_count": loose_tasks, "task_open_count": loose_open}
    for row in _counted(PlanActivity.objects.filter(pk__in=ids)) if ids else []:
        now = of_activity(row)
        delta = {name: now[name] - row[name] for name in FIELDS if now[name] != row[name]}
        if not delta:
            continue
        PlanActivity.objects.filter(pk=row["pk"]).update(**now)
        for name, change in delta.items():
            steps.setdefault(row["step_id"], {}).setdefault(name, 0)
            steps[row["step_id"]][name] += change
            total[name] = total.get(name, 0) + change
    for step_id, delta in steps.items():
        PlanStep.objects.filter(pk=step_id).update(**{name: F(name) + change for name, change in delta.items()})
    if moved := {name: F(name) + change for name, change in total.items() if change}:
        Project.objects.filter(pk=project.pk).update(**moved)


def activities_changed(activity: PlanActivity, *, count: int = 0, done: int = 0) -> None:
    """Adds to the step's and the project's number of (applicable, completed) activities."""
    delta = {name: F(name) + n for name, n in (("activity_count", count), ("activity_done_count", done)) if n}
    if delta:
        PlanStep.objects.filter(pk=activity.step_id).update(**delta)
        Project.objects.filter(pk=activity.project_id).update(**delta)


def recount_all(projects: Iterable[Project]) -> tuple[int, list[str]]:
    """Counts projects anew, each under its organization's lock so that nobody writes meanwhile.

    Returns how many were counted and a line for each difference that was mended.
    """
    checked, differences = 0, []
    for project in projects:
        with journal.change(project, by=None, job="recount") as log:
            if found := recount(project):
                log(project, "project.recounted", {"differences": found})
        differences += found
        checked += 1
    return checked, differences


def recount(project: Project) -> list[str]:
    """Counts a project anew and mends what differs; returns a line for each difference (none, if all is well)."""
    names = (*FIELDS, "activity_count", "activity_done_count")
    faults: list[str] = []
    stored_steps = {row["pk"]: row for row in PlanStep.objects.filter(project=project).values("pk", *names)}
    sums = {pk: dict.fromkeys(names, 0) for pk in stored_steps}
    for row in _counted(PlanActivity.objects.filter(project=project)):
        now = of_activity(row)
        _mend(PlanActivity, row["pk"], row, now, faults)
        step = sums[row["step_id"]]
        for name in FIELDS:
            step[name] += now[name]
        step["activity_count"] += row["status"] != ActivityStatus.EXCLUDED
        step["activity_done_count"] += row["status"] == ActivityStatus.DONE
    for pk, now in sums.items():
        _mend(PlanStep, pk, stored_steps[pk], now, faults)
    loose = Task.objects.filter(project=project, activity__isnull=True).aggregate(
        task_count=Count("pk", filter=~Q(status=TaskStatus.CANCELLED)),
        task_open_count=Count("pk", filter=Q(is_open=True)),
    )
    whole = {name: sum(step[name] for step in sums.values()) + loose.get(name, 0) for name in names}
    _mend(Project, project.pk, Project.objects.values(*names).get(pk=project.pk), whole, faults)
    return faults


def _mend(model: Any, pk: int, stored: dict[str, int], now: dict[str, int], faults: list[str]) -> None:
    wrong = {name: value for name, value in now.items() if stored[name] != value}
    if wrong:
        faults += [f"{model._meta.label} {pk}: {name} {stored[name]}, counted {wrong[name]}" for name in wrong]
        model.objects.filter(pk=pk).update(**wrong)
