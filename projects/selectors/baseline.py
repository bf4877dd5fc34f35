"""Baselines of a project, and how far the plan has moved from one."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from core.dates import WorkingCalendar
from projects.models import Baseline, BaselineRow, PlanActivity, PlanMilestone, PlanStep, Project
from projects.models.plan import ActivityStatus
from projects.schedule import Axis


def of(project: Project) -> QuerySet[Baseline]:
    return Baseline.objects.filter(project=project).select_related("taken_by", "approved_by")


def searched(rows: QuerySet[Baseline], wanted: dict[str, Any]) -> QuerySet[Baseline]:
    """Narrowed by what a list's query string says: words, number, state."""
    if text := wanted.get("q"):
        number = int(text) if text.isdecimal() and len(text) < 9 else -1
        rows = rows.filter(
            Q(name__icontains=text) | Q(note__icontains=text) | Q(taken_by__name__icontains=text) | Q(number=number)
        )
    state = wanted.get("state")
    if state == "yardstick":
        rows = rows.filter(is_yardstick=True)
    elif state:
        rows = rows.filter(approved_at__isnull=state == "open")
    return rows


def in_order(rows: QuerySet[Baseline], sort: str) -> QuerySet[Baseline]:
    """The latest first, or as the list is sorted."""
    orders = {"number": ("number",), "name": ("name", "-number"), "ends": ("ends_on", "-number")}
    return rows.order_by(*orders.get(sort, ("-number",)))


def yardstick(project: Project) -> Baseline | None:
    """The approved baseline in force: what reports measure by."""
    return Baseline.objects.filter(project=project, is_yardstick=True).first()


class Variance(NamedTuple):
    """One row of a baseline against what stands now (or in another baseline). Days are working days, later is positive."""

    label: str
    kind: str
    was_start: dt.date | None
    was_end: dt.date | None
    is_start: dt.date | None
    is_end: dt.date | None
    start_days: int | None
    end_days: int | None
    effort_days: float | None

    @property
    def is_new(self) -> bool:
        return self.was_end is None

    @property
    def is_gone(self) -> bool:
        return self.is_end is None


Dates = dict[tuple[str, int], tuple[str, dt.date, dt.date, int]]


def _stored(baseline: Baseline, *, with_activities: bool) -> Dates:
    rows = BaselineRow.objects.filter(baseline=baseline).order_by("pk")
    if not with_activities:
        rows = rows.filter(activity__isnull=True)
    found: Dates = {}
    for row in rows:
        of, pk = (
            ("step", row.step_id)
            if row.step_id
            else ("activity", row.activity_id)
            if row.activity_id
            else ("milestone", row.milestone_id or -row.pk)
        )
        found[of, pk] = (row.label, row.starts_on, row.ends_on, row.effort_minutes)
    return found


def _now(project: Project, *, with_activities: bool) -> Dates:
    found: Dates = {}
    steps = PlanStep.objects.filter(project=project, is_applicable=True).order_by("position", "pk")
    for row in steps.values_list("pk", "number", "title", "starts_on", "ends_on", "effort_minutes"):
        found["step", row[0]] = (f"{row[1]} {row[2]}", *row[3:])
    if with_activities:
        rows = PlanActivity.objects.filter(project=project).exclude(status=ActivityStatus.EXCLUDED)
        rows = rows.order_by("step__position", "position", "pk")
        for row in rows.values_list("pk", "number", "title", "starts_on", "ends_on", "effort_minutes"):
            found["activity", row[0]] = (f"{row[1]} {row[2]}", *row[3:])
    for pk, title, on, reached_on in PlanMilestone.objects.filter(project=project).values_list(
        "pk", "title", "on", "reached_on"
    ):
        found["milestone", pk] = (title, reached_on or on, reached_on or on, 0)
    return found


def compare(
    baseline: Baseline, *, other: Baseline | None = None, with_activities: bool = False, calendar: WorkingCalendar
) -> list[Variance]:
    """A baseline against the plan of today, or against another baseline; at most four queries."""
    was = _stored(baseline, with_activities=with_activities)
    now = (
        _stored(other, with_activities=with_activities)
        if other
        else _now(baseline.project, with_activities=with_activities)
    )
    axis = Axis(baseline.project.start_on, calendar)
    order = {"step": 0, "activity": 1, "milestone": 2}
    keys = sorted({**was, **now}, key=lambda key: order[key[0]])
    return [_variance(key, was.get(key), now.get(key), axis) for key in keys]


def _variance(key: tuple[str, int], was: tuple | None, now: tuple | None, axis: Axis) -> Variance:
    label, kind = (now or was)[0], key[0]
    if was is None:
        return Variance(label, kind, None, None, now[1], now[2], None, None, now[3] / 480)
    if now is None:
        return Variance(label, kind, was[1], was[2], None, None, None, None, -was[3] / 480)
    return Variance(
        label, kind, was[1], was[2], now[1], now[2],
        axis.start(now[1]) - axis.start(was[1]),
        axis.finish(now[2]) - axis.finish(was[2]),
        (now[3] - was[3]) / 480,
    )  # fmt: skip


def end_variance(baseline: Baseline, project: Project) -> int:
    """Working days by which the plan ends later (positive) or earlier than the baseline says; two queries."""
    ends = PlanActivity.objects.filter(project=project).exclude(status=ActivityStatus.EXCLUDED)
    last = ends.order_by("-ends_on").values_list("ends_on", flat=True).first()
    mark = PlanMilestone.objects.filter(project=project).order_by("-on").values_list("on", flat=True).first()
    axis = Axis(project.start_on, project.calendar)
    latest = max((day for day in (last, mark) if day), default=project.start_on)
    return axis.finish(latest) - axis.finish(baseline.ends_on)
