"""The project's home and overview: where it stands, what waits, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import dates, svg
from core.svg import CurvePoint
from core.templatetags.ui import against_plan
from pdca.models import Standard
from projects import access, progress
from projects.models import Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.permissions import Role

from .outline import Outline, PhaseLine, State
from .step import TaskLine, task_line

NEXT_DAYS = 7
CURVE_POINTS = 52


def today_in(project: Project) -> dt.date:
    """Today where the organization is: the day by which its dates are late."""
    return dates.today(project.organization.time_zone)


def standards_of(project: Project) -> list[Standard]:
    return list(Standard.objects.filter(pk__in=project.chosen_standards.values("standard")).order_by("code"))


def health_of(percent: int, planned: int) -> State:
    """Ahead or behind the plan in words; ten points behind and more is late."""
    words, kind = against_plan(percent, planned)
    if planned - percent >= 10:
        kind = "late"
    return State(
        kind, words[:1].upper() + words[1:], {"risk": "alert-triangle", "late": "alert-triangle"}.get(kind, "")
    )


# --- figures ----------------------------------------------------------------------------------------------------------


class Pressure(NamedTuple):
    """Open tasks by urgency."""

    overdue: int
    today: int
    week: int
    blocked: int


def week_ahead(today: dt.date) -> dt.date:
    """The last day of "the next seven days", today included."""
    return today + dt.timedelta(days=NEXT_DAYS - 1)


def pressure_on(project: Project, today: dt.date) -> Pressure:
    """One query over the index of open tasks."""
    due = Q(due_on__range=(today, week_ahead(today)))
    found = Task.objects.filter(project=project, is_open=True).aggregate(
        overdue=Count("pk", filter=Q(due_on__lt=today)),
        today=Count("pk", filter=Q(due_on=today)),
        week=Count("pk", filter=due),
        blocked=Count("pk", filter=Q(status=TaskStatus.BLOCKED)),
    )
    return Pressure(**found)


def _tasks(project: Project, most: int, **filters: Any) -> list[TaskLine]:
    found = (
        Task.objects.filter(project=project, is_open=True, **filters)
        .select_related("assignee", "activity__step")
        .order_by("due_on", "number")
    )
    return [task_line(task) for task in found[:most]]


def overdue_tasks(project: Project, today: dt.date, most: int = 3) -> list[TaskLine]:
    """The open tasks that are late, the longest overdue first."""
    return _tasks(project, most, due_on__lt=today)


def next_tasks(project: Project, today: dt.date, most: int = 7) -> list[TaskLine]:
    """The open tasks that come due from today on."""
    return _tasks(project, most, due_on__gte=today)


def tasks_of_week(project: Project, today: dt.date, most: int = 30) -> list[TaskLine]:
    return _tasks(project, most, due_on__range=(today, week_ahead(today)))


class Noted(NamedTuple):
    hours: str
    days: str


def consulting_noted(project: Project) -> Noted | None:
    """The hours noted on tasks that belong to consultants, as a help for who enters the days used; None without any."""
    theirs = access.people_as(project, [Role.CONSULTANT]).values("pk")
    hours = Task.objects.filter(project=project, assignee__in=theirs).aggregate(n=Sum("effort_hours_spent"))["n"]
    if not hours:
        return None
    return Noted(f"{hours.normalize():f}", f"{(hours / 8).quantize(Decimal('0.1')).normalize():f}")


# --- the curve --------------------------------------------------------------------------------------------------------


def curve_days(first: dt.date, last: dt.date, today: dt.date, points: int = CURVE_POINTS) -> list[dt.date]:
    """Evenly spaced days from `first` to `last` in whole weeks, today and the last day among them."""
    every = 7 * max(1, -(-((last - first).days) // (7 * points)))
    days = {first + dt.timedelta(days=n) for n in range(0, max((last - first).days, 0) + 1, every)} | {first, last}
    if first <= today <= last:
        days.add(today)
    return sorted(days)


def curve_of(outline: Outline, zone: Any) -> list[CurvePoint]:
    """Planned and actual percent over the life of the project; one query. The rule is progress.CURVE_RULE."""
    project, today = outline.project, outline.today
    ends = [day for day in (outline.ends_on, project.target_on) if day]
    if not outline.rows or not ends:
        return []
    last = max(*ends, project.start_on) if len(ends) > 1 else max(ends[0], project.start_on)
    first = min(project.start_on, min(row.starts_on for row in outline.rows))
    days = curve_days(first, last, today)
    tasks = (
        Task.objects.filter(project=project, activity__isnull=False)
        .exclude(status=TaskStatus.CANCELLED)
        .order_by()
        .values_list("activity_id", "effort_hours_planned", "completed_at")
    )
    planned = progress.planned_curve(((r.starts_on, r.ends_on, r.minutes) for r in outline.rows), days)
    actual = progress.actual_curve(
        ((r.pk, r.minutes, r.finished_on if r.status == ActivityStatus.DONE else None) for r in outline.rows),
        (
            (activity, progress.task_weight(hours), at.astimezone(zone).date() if at else None)
            for activity, hours, at in tasks
        ),
        days,
    )
    return [
        CurvePoint(day, plan, done if day <= today else None)
        for day, plan, done in zip(days, planned, actual, strict=True)
    ]


def figures_of(points: list[CurvePoint], today: dt.date) -> list[CurvePoint]:
    """The points worth a row in the table beside the curve: about one a month, today and the last."""
    last_of_month: dict[tuple[int, int], CurvePoint] = {}
    for point in points:
        last_of_month[point.on.year, point.on.month] = point
    return sorted({*last_of_month.values(), *(p for p in points if p.on == today)}, key=lambda p: p.on)


# --- milestones -------------------------------------------------------------------------------------------------------


class Milestone(NamedTuple):
    on: dt.date
    title: str
    sub: str
    state: State
    url: str = ""


def milestones_of(outline: Outline) -> list[Milestone]:
    """The start, the end of each phase and the certification audit, by date."""
    project, today = outline.project, outline.today
    found = [
        Milestone(
            project.start_on,
            _("Start of the project"),
            _("kick-off"),
            State("done", _("Done")) if project.start_on <= today else State("open", _("Not started")),
        )
    ]
    for phase in outline.phases:
        if phase.ends_on is None:
            continue
        if phase.is_done:
            state = State("done", _("Done"))
        elif phase.ends_on < today:
            state = State("late", _("Overdue"))
        elif phase.percent:
            state = State("prog", _("%(percent)s %%") % {"percent": phase.percent})
        else:
            state = State("open", _("Not started"))
        found.append(
            Milestone(
                phase.ends_on,
                _("Phase “%(phase)s” completed") % {"phase": phase.phase.title},
                ngettext("%(n)s step", "%(n)s steps", len(phase.counted)) % {"n": len(phase.counted)},
                state,
                f"#phase-{phase.phase.number}",
            )
        )
    if project.target_on:
        is_over = project.target_on < today
        ends_on = outline.ends_on
        tight = ends_on is not None and ends_on > project.target_on
        found.append(
            Milestone(
                project.target_on,
                _("Certification audit"),
                _("the plan ends after it") if tight else _("target date"),
                State("late", _("Plan ends later")) if tight
                else State("late", _("Date has passed")) if is_over and not all(p.is_done for p in outline.phases)
                else State("done", _("Done")) if is_over
                else State("open", _("Ahead")),
            )
        )  # fmt: skip
    return sorted(found, key=lambda m: m.on)


def days_to(day: dt.date, today: dt.date) -> str:
    """How far a day is, in words."""
    days = (day - today).days
    if days == 0:
        return _("today")
    if days > 0:
        return ngettext("in %(n)s day", "in %(n)s days", days) % {"n": days}
    return ngettext("%(n)s day ago", "%(n)s days ago", -days) % {"n": -days}


# --- overview ---------------------------------------------------------------------------------------------------------


class Age(NamedTuple):
    """Overdue tasks by how long: a label and how many."""

    label: str
    count: int


AGES: tuple[tuple[int, int | None, Callable[[], str]], ...] = (
    (1, 7, lambda: _("1 to 7 days")),
    (8, 30, lambda: _("8 to 30 days")),
    (31, 90, lambda: _("31 to 90 days")),
    (91, None, lambda: _("more than 90 days")),
)


def ages_of(project: Project, today: dt.date) -> list[Age]:
    """Overdue tasks by age; one query."""

    def between(least: int, most: int | None) -> Q:
        until = Q(due_on__lte=today - dt.timedelta(days=least))
        return until & Q(due_on__gte=today - dt.timedelta(days=most)) if most else until

    found = Task.objects.filter(project=project, is_open=True, due_on__lt=today).aggregate(
        **{f"age{n}": Count("pk", filter=between(least, most)) for n, (least, most, _label) in enumerate(AGES)}
    )
    return [Age(label(), found[f"age{n}"]) for n, (_least, _most, label) in enumerate(AGES)]


@dataclass
class Load:
    """How much one person, or one role without a person, has to do."""

    name: str
    query: str
    open: int
    overdue: int
    week: int
    done: int
    is_person: bool

    @property
    def sort_key(self) -> tuple:
        return (not self.is_person, -self.overdue, -self.open, self.name.casefold())


def loads_of(project: Project, today: dt.date) -> list[Load]:
    """Who has what: people first, then roles whose tasks nobody has taken, then nobody at all; one query."""
    rows = (
        Task.objects.filter(project=project)
        .exclude(status=TaskStatus.CANCELLED)
        .order_by()
        .values_list("assignee_id", "assignee__name", "assignee__email", "assignee_role")
        .annotate(
            open_now=Count("pk", filter=Q(is_open=True)),
            overdue=Count("pk", filter=Q(is_open=True, due_on__lt=today)),
            week=Count("pk", filter=Q(is_open=True, due_on__range=(today, week_ahead(today)))),
            done=Count("pk", filter=Q(status=TaskStatus.DONE)),
        )
    )
    found: dict[str, Load] = {}
    for person, name, email, role, *counts in rows:
        if person is not None:
            key, said, query = f"p{person}", name or email, f"assignee={person}"
        elif role in Role.values:
            key, said, query = f"r{role}", str(Role(role).label), f"assignee=none&role={role}"
        else:
            key, said, query = "none", _("Nobody"), "assignee=none"
        load = found.setdefault(key, Load(said, query, 0, 0, 0, 0, person is not None))
        load.open, load.overdue, load.week, load.done = (
            a + b for a, b in zip((load.open, load.overdue, load.week, load.done), counts, strict=True)
        )
    return sorted(found.values(), key=lambda load: load.sort_key)


def overdue_by_step(project: Project, today: dt.date) -> dict[int, int]:
    """Overdue tasks for each step id; one query."""
    return dict(
        Task.objects.filter(project=project, is_open=True, due_on__lt=today, activity__isnull=False)
        .order_by()
        .values_list("activity__step_id")
        .annotate(n=Count("pk"))
    )


def by_day(tasks: Iterable[TaskLine]) -> list[tuple[dt.date, list[TaskLine]]]:
    days: dict[dt.date, list[TaskLine]] = {}
    for line in tasks:
        days.setdefault(line.task.due_on, []).append(line)
    return sorted(days.items())


# --- pictures ---------------------------------------------------------------------------------------------------------


def zone_of(project: Project) -> ZoneInfo:
    return ZoneInfo(project.organization.time_zone)


def wheel_of(outline: Outline, steps_address: str) -> SafeString:
    """The wheel as the menu: each step leads to its workspace under `steps_address`."""
    current = outline.current
    return svg.wheel(
        [
            svg.Phase(
                phase.phase.title,
                phase.tone,
                [
                    svg.Step(
                        line.step.number,
                        line.step.title,
                        line.figures.drawn_percent,
                        href=f"{steps_address}{line.step.number}/",
                        is_current=line.figures is current,
                        is_late=line.figures.is_late,
                        is_excluded=line.is_out,
                    )
                    for line in phase.steps
                ],
            )
            for phase in outline.phases
        ],
        percent=outline.project.progress_percent,
        planned=outline.planned,
    )


def segments_of(outline: Outline) -> list[tuple[PhaseLine, SafeString]]:
    """Each phase with its bar of steps."""
    return [
        (phase, svg.segments(phase.percents, phase.tone, id=f"segments-{phase.phase.number}"))
        for phase in outline.phases
    ]


class PlannedRow(NamedTuple):
    """A phase or a step in the table of planned against actual."""

    number: str
    title: str
    url: str
    tone: int
    is_phase: bool
    starts_on: dt.date | None
    ends_on: dt.date | None
    percent: int
    planned: int
    health: State
    state: State | None
    overdue: int
    step_number: str


def planned_table(outline: Outline, overdue: dict[int, int]) -> list[PlannedRow]:
    """Phases and their steps with planned and actual percent today; `overdue` counts tasks by step id."""
    rows = []
    for phase in outline.phases:
        rows.append(
            PlannedRow(
                str(phase.phase.number), phase.phase.title, "", phase.tone, True, phase.starts_on, phase.ends_on,
                phase.percent, phase.planned, health_of(phase.percent, phase.planned), None,
                sum(overdue.get(line.step.pk, 0) for line in phase.steps), "",
            )
        )  # fmt: skip
        for line in phase.counted:
            step = line.step
            rows.append(
                PlannedRow(
                    line.number, step.title, step.number, phase.tone, False, line.starts_on, line.ends_on,
                    line.percent, line.planned, health_of(line.percent, line.planned), line.state,
                    sum(overdue.get(one.step.pk, 0) for one in line.together), step.number,
                )
            )  # fmt: skip
    return rows


def age_bars(ages: list[Age]) -> SafeString:
    kinds = ("risk", "risk", "late", "late")
    return svg.bars(
        [svg.Bar(age.label, age.count, kind, note=str(age.count)) for age, kind in zip(ages, kinds, strict=True)],
        id="ages",
        title=_("Overdue tasks by age"),
        label_width=150,
        width=420,
    )
