"""Stored counters: kept in the transaction that changes a task or an activity, recounted every night.

Callers hold the organization's lock (`journal.change`), so reading, adding and writing is one motion.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, DecimalField, F, FilteredRelation, Q, Sum, Value, When

from projects import journal, outline, progress
from projects.models import PlanActivity, PlanStep, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus

FIELDS = ("effort_minutes", "effort_minutes_done", "task_count", "task_open_count")
HOURS = DecimalField(max_digits=12, decimal_places=2)


def _sums(tasks: str) -> dict[str, Any]:
    """What the tasks behind a relation add up to, each with the hours that progress.task_weight gives it."""
    weight = Case(
        When(**{f"{tasks}__effort_hours_planned__gt": 0}, then=F(f"{tasks}__effort_hours_planned")),
        default=Value(progress.HOURS_WITHOUT_PLAN),
        output_field=HOURS,
    )
    counts = ~Q(**{f"{tasks}__status": TaskStatus.CANCELLED}) & Q(**{f"{tasks}__isnull": False})
    return {
        "tasks_now": Count(tasks, filter=counts),
        "open_now": Count(tasks, filter=Q(**{f"{tasks}__is_open": True})),
        "weight": Sum(weight, filter=counts),
        "weight_done": Sum(weight, filter=Q(**{f"{tasks}__status": TaskStatus.DONE})),
    }


def _counted(activities: Any) -> list[dict[str, Any]]:
    """One row for each activity with what its tasks add up to; one query."""
    fields = ("pk", "step_id", "project_id", "status", "effort_days", *FIELDS)
    return list(activities.order_by("pk").values(*fields).annotate(**_sums("tasks")))


STEP = ("phase__title", "number", "title", "ends_on", "effort_minutes", "effort_minutes_done", "pk", "merged_into_id")
ACTIVITY = ("pk", "status", "effort_days", *FIELDS)


def _read(project: Project, ids: set[int]) -> tuple[dict[int, list[Any]], list[dict[str, Any]]]:
    """The applicable steps (STEP by id, in the order of the plan) and the activities concerned as `_counted` has them.

    One query for both: completing a task has few to spend.
    """
    rows = (
        PlanStep.objects.filter(project=project)
        .annotate(hit=FilteredRelation("activities", condition=Q(activities__pk__in=ids)))
        .order_by("position", "pk", "hit__pk")
        .values("is_applicable", *STEP, *(f"hit__{name}" for name in ACTIVITY))
        .annotate(**_sums("hit__tasks"))
    )
    steps, activities = {}, []
    for row in rows:
        if row["is_applicable"]:
            steps[row["pk"]] = [row[name] for name in STEP]
        if row["hit__pk"]:
            found = {name: row[f"hit__{name}"] for name in ACTIVITY}
            activities.append({**row, **found, "step_id": row["pk"]})
    return steps, activities


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
    changes: dict[int, dict[str, int]] = {}
    total = {"task_count": loose_tasks, "task_open_count": loose_open}
    steps, activities = _read(project, ids) if ids else ({}, [])
    for row in activities:
        now = of_activity(row)
        delta = {name: now[name] - row[name] for name in FIELDS if now[name] != row[name]}
        if not delta:
            continue
        PlanActivity.objects.filter(pk=row["pk"]).update(**now)
        for name, change in delta.items():
            changes.setdefault(row["step_id"], {}).setdefault(name, 0)
            changes[row["step_id"]][name] += change
            total[name] = total.get(name, 0) + change
    for step_id, delta in changes.items():
        PlanStep.objects.filter(pk=step_id).update(**{name: F(name) + change for name, change in delta.items()})
        for name in {"effort_minutes", "effort_minutes_done"} & delta.keys() if step_id in steps else ():
            steps[step_id][STEP.index(name)] += delta[name]
    moved: dict[str, Any] = {name: F(name) + change for name, change in total.items() if change}
    if any(delta.keys() & {"effort_minutes", "effort_minutes_done"} for delta in changes.values()):
        moved["outline"] = outline.outline(map(outline.StepFacts._make, steps.values()), project.start_on)
    if any("effort_minutes" in delta for delta in changes.values()):
        moved["plan_days"] = plan_days(project)
    if moved:
        Project.objects.filter(pk=project.pk).update(**moved)


def plan_days(project: Project) -> list[int]:
    """The plan's curve as lists of many projects read it (projects.outline), from its activities; one query."""
    activities = PlanActivity.objects.filter(project=project, effort_minutes__gt=0).order_by()
    return outline.plan_days(activities.values_list("starts_on", "ends_on", "effort_minutes"), project.start_on)


def nutshell(project: Project) -> dict[str, Any]:
    """All that lists of many projects read of a plan (projects.outline); two queries."""
    steps = PlanStep.objects.filter(project=project, is_applicable=True).order_by("position", "pk").values_list(*STEP)
    drawn = outline.outline(map(outline.StepFacts._make, steps), project.start_on)
    return {"outline": drawn, "plan_days": plan_days(project)}


def redraw(project: Project) -> None:
    """Stores the plan in a nutshell anew, after dates, titles or applicability of steps or activities changed."""
    Project.objects.filter(pk=project.pk).update(**nutshell(project))


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
    whole |= nutshell(project)
    stored = Project.objects.values(*names, "outline", "plan_days").get(pk=project.pk)
    _mend(Project, project.pk, stored, whole, faults)
    return faults


def _mend(model: Any, pk: int, stored: dict[str, Any], now: dict[str, Any], faults: list[str]) -> None:
    wrong = {name: value for name, value in now.items() if stored[name] != value}
    if wrong:
        faults += [f"{model._meta.label} {pk}: {name} {stored[name]}, counted {wrong[name]}" for name in wrong]
        model.objects.filter(pk=pk).update(**wrong)
