"""Where a project stands: one page for management, the details behind it."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import svg
from projects import awaiting
from projects.forecast import pace
from projects.layout import Cycle
from projects.models import PlanActivity, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.permissions import Role
from projects.selectors import forecast as forecasts
from projects.selectors import gate as gates
from projects.selectors import project as standing
from projects.selectors import step as steps
from projects.selectors.step import Outline, PhaseLine, State, StepLine

from .lines import Titles, cover_facts, day_of, owner_of_task, said_day, said_period, sentence_left_out, wheel_of
from .schedule import against_yardstick

PERIOD_DAYS = 30
AHEAD_DAYS = 30
ON_ONE_PAGE = 4  # overdue tasks and milestones on the page for management
MOST = 150  # tasks of one list


class Line(NamedTuple):
    """A task as the report prints it."""

    number: str
    title: str
    step: str
    owner: str
    on: dt.date | None
    days: int
    note: str = ""


@dataclass
class Excerpt:
    """Some tasks of a total: a report says how many it leaves out."""

    lines: list[Line]
    total: int

    @property
    def more(self) -> int:
        return self.total - len(self.lines)


@dataclass
class Aged:
    """Overdue tasks of one age."""

    label: str
    count: int
    lines: list[Line] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


class StepRow(NamedTuple):
    line: StepLine
    title: str
    health: State
    overdue: int


class PhaseRow(NamedTuple):
    line: PhaseLine
    title: str
    bar: SafeString
    health: State
    overdue: int
    steps: list[StepRow]


class Coming(NamedTuple):
    """What is to be reached on a day."""

    on: dt.date
    number: str
    title: str
    kind: str
    away: str
    is_late: bool = False


class Forecast(NamedTuple):
    """The end of the work at the pace so far; `on` is None where `words` say why."""

    on: dt.date | None
    words: str
    is_late: bool


def select(asked: Any) -> dict[str, Any]:
    """All that the report prints; the number of queries depends neither on tasks nor on steps."""
    project, today = asked.project, asked.today
    since = day_of(asked.parameters.get("since")) or today - dt.timedelta(days=PERIOD_DAYS)
    words = Titles(project, with_activities=True)
    outline = steps.outline_of(project, today)
    zone = standing.zone_of(project)
    points = standing.curve_of(outline, zone)
    late = _tasks(project, due_on__lt=today)
    ages = [Aged(age.label, age.count) for age in standing.ages_of(project, today)]
    overdue = Excerpt([_line(task, today) for task in late[:MOST]], sum(age.count for age in ages))
    _sort_by_age(ages, overdue.lines)
    blocked_tasks = _tasks(project, status=TaskStatus.BLOCKED)
    blocked = [_line(task, today, note=task.blocked_reason) for task in blocked_tasks[:MOST]]
    pressure = standing.pressure_on(project, today)
    late_by_step = standing.overdue_by_step(project, today)
    ends = _forecast(outline)
    awaited = awaiting.of([project.pk]).get(project.pk, [])
    done = _done(project, since, today, zone)
    blocked_excerpt = Excerpt(blocked, pressure.blocked)
    lists = ((overdue, _("Overdue tasks")), (done, _("Done since then")), (blocked_excerpt, _("Blocked tasks")))
    return {
        "period": said_period(since, today),
        "left_out": [sentence_left_out(one.more, name) for one, name in lists if one.more],
        "project": project,
        "today": today,
        "since": since,
        "cover_facts": cover_facts(project),
        "outline": outline,
        "wheel": wheel_of(outline, words),
        "curve": svg.curve(points, today, id="curve") if points else "",
        "health": standing.health_of(project.progress_percent, outline.planned),
        "where": _where(outline, words),
        "reasons": [*_reasons(outline, overdue, pressure.blocked, ends, awaited), *against_yardstick(project)],
        "forecast": ends,
        **foreseen(project, today),
        "counted": outline.counted,
        "done_steps": sum(line.is_done for line in outline.counted),
        "oldest": overdue.lines[0].days if overdue.lines else 0,
        "overdue": overdue,
        "first_overdue": overdue.lines[:ON_ONE_PAGE],
        "ages": ages[::-1],
        "age_bars": _age_bars(ages[::-1]) if overdue.total else "",
        "pressure": pressure,
        "phases": [_phase_row(phase, words, late_by_step) for phase in outline.phases],
        "milestones": _milestones(outline, words, today)[:ON_ONE_PAGE],
        "coming": _coming(project, outline, words, today),
        "until": today + dt.timedelta(days=AHEAD_DAYS),
        "done": done,
        "awaited": awaited[:MOST],
        "knows_decisions": awaiting.is_known(),
        "loads": standing.loads_of(project, today),
        "blocked": blocked_excerpt,
    }


# --- tasks ------------------------------------------------------------------------------------------------------------


def _tasks(project: Any, **filters: Any) -> QuerySet[Task]:
    return (
        Task.objects.filter(project=project, is_open=True, **filters)
        .select_related("assignee", "activity__step")
        .order_by("due_on", "number")
    )


def _line(task: Task, today: dt.date, note: str = "") -> Line:
    step = task.activity.step.number if task.activity_id else ""
    days = (today - task.due_on).days if task.due_on else 0
    return Line(task.label, task.title, step, owner_of_task(task), task.due_on, days, note)


def _sort_by_age(ages: list[Aged], lines: list[Line]) -> None:
    for age, (least, most, _label) in zip(ages, standing.AGES, strict=True):
        age.lines = [line for line in lines if line.days >= least and (most is None or line.days <= most)]


def _age_bars(ages: list[Aged]) -> SafeString:
    kinds = ("late", "late", "risk", "risk")
    rows = [svg.Bar(age.label, age.count, kind, note=str(age.count)) for age, kind in zip(ages, kinds, strict=True)]
    return svg.bars(rows, id="ages", title=_("Overdue tasks by age"), label_width=150, width=520)


def _done(project: Any, since: dt.date, today: dt.date, zone: Any) -> Excerpt:
    """Tasks completed since a day, the latest first; two queries."""
    begins = dt.datetime.combine(since, dt.time.min, zone)
    found = Task.objects.filter(project=project, status=TaskStatus.DONE, completed_at__gte=begins)
    shown = found.select_related("assignee", "completed_by", "activity__step").order_by("-completed_at", "-number")
    lines = []
    for task in shown[:MOST]:
        by = task.completed_by
        owner = str(by.name or by.email) if by is not None else owner_of_task(task)
        on = task.completed_at.astimezone(zone).date()
        lines.append(Line(task.label, task.title, task.activity.step.number if task.activity_id else "", owner, on, 0))
    return Excerpt(lines, found.count())


# --- words ------------------------------------------------------------------------------------------------------------


def _where(outline: Outline, words: Titles) -> str:
    """The sentence that a reader takes along."""
    percent, planned = outline.project.progress_percent, outline.planned
    if not outline.rows:
        return _("The plan has no activities yet.")
    facts = {"percent": percent, "planned": planned, "points": abs(planned - percent)}
    if percent >= 100:
        said = _("All of the planned work is done.")
    elif planned == percent:
        said = _("%(percent)s %% of the work is done, exactly as planned.") % facts
    elif planned > percent:
        said = (
            ngettext(
                "%(percent)s %% of the work is done, %(planned)s %% was planned by today: %(points)s point behind.",
                "%(percent)s %% of the work is done, %(planned)s %% was planned by today: %(points)s points behind.",
                facts["points"],
            )
            % facts
        )
    else:
        said = (
            ngettext(
                "%(percent)s %% of the work is done, %(planned)s %% was planned by today: %(points)s point ahead.",
                "%(percent)s %% of the work is done, %(planned)s %% was planned by today: %(points)s points ahead.",
                facts["points"],
            )
            % facts
        )
    if outline.current is not None:
        step = outline.current.step
        said += " " + _("The work stands at step %(number)s, %(title)s.") % {
            "number": step.number,
            "title": words.step(step),
        }
    return said


def _reasons(
    outline: Outline, overdue: Excerpt, blocked: int, ends: Forecast, awaited: list[awaiting.Awaited]
) -> list[str]:
    """Why the project stands where it stands, the gravest first; each reason can be looked up in the details."""
    said = []
    late = sorted((line for line in outline.counted if line.is_late), key=lambda line: line.ends_on)
    if late:
        numbers = ", ".join(line.number for line in late[:6]) + (", …" if len(late) > 6 else "")
        said.append(
            ngettext(
                "%(n)s step is past its end: %(numbers)s.", "%(n)s steps are past their end: %(numbers)s.", len(late)
            )
            % {"n": len(late), "numbers": numbers}
        )
    if overdue.total:
        text = ngettext("%(n)s task is overdue", "%(n)s tasks are overdue", overdue.total) % {"n": overdue.total}
        days = overdue.lines[0].days
        oldest = ngettext("the oldest for %(n)s day.", "the oldest for %(n)s days.", days) % {"n": days}
        owners = Counter(line.owner for line in overdue.lines).most_common(2)
        most = ", ".join(f"{owner} {count}" for owner, count in owners)
        said.append(f"{text}, {oldest} " + _("Most of them: %(owners)s.") % {"owners": most})
    if blocked:
        said.append(
            ngettext(
                "%(n)s task waits for something else.", "%(n)s tasks wait for something else.", blocked
            )
            % {"n": blocked}
        )  # fmt: skip
    if awaited:
        first = awaited[0]
        said.append(
            ngettext(
                "%(n)s decision is awaited, the longest since %(day)s: %(label)s, from %(who)s.",
                "%(n)s decisions are awaited, the longest since %(day)s: %(label)s, from %(who)s.",
                len(awaited),
            )
            % {"n": len(awaited), "day": said_day(first.since), "label": first.label, "who": first.who}
        )
    ready = outline.ready_count
    if ready:
        said.append(
            ngettext(
                "%(n)s activity has all its tasks closed and waits to be declared done.",
                "%(n)s activities have all their tasks closed and wait to be declared done.",
                ready,
            )
            % {"n": ready}
        )
    target = outline.project.target_on
    if ends.is_late and ends.on and target:
        said.append(
            _("At the pace so far the work ends on %(end)s, after the certification audit of %(target)s.")
            % {"end": said_day(ends.on), "target": said_day(target)}
        )
    return said


def foreseen(project: Project, today: dt.date) -> dict[str, Any]:
    """The distribution of the end with its drivers, and what was decided about gates without a criterion or a decision."""
    try:
        found = forecasts.of_project(project, today)
    except Cycle:  # the page of the forecast names it; a report is not held up
        found = None
    since = forecasts.since_last_week(found) if found else None
    return {
        "foreseen": found,
        "spread": forecasts.picture(found) if found else "",
        "since_last_week": since,
        "overrides": gates.overrides_of(project),
    }


def _forecast(outline: Outline) -> Forecast:
    """The end at the pace so far, by the rule of projects.forecast.pace."""
    project, today = outline.project, outline.today
    day = pace.last_day(project.plan_days, project.progress_percent, (today - project.start_on).days)
    if not outline.rows or not project.plan_days:
        return Forecast(None, _("no plan yet"), False)
    if day is None:
        return Forecast(None, _("work done"), False)
    if day == pace.NEVER:
        return Forecast(None, _("no end in sight"), True)
    on = project.start_on + dt.timedelta(days=day)
    return Forecast(on, "", project.target_on is not None and on > project.target_on)


# --- steps and dates --------------------------------------------------------------------------------------------------


def _phase_row(phase: PhaseLine, words: Titles, late: dict[int, int]) -> PhaseRow:
    rows = [
        StepRow(line, words.step(line.step), standing.health_of(line.percent, line.planned), late.get(line.step.pk, 0))
        for line in phase.steps
    ]
    return PhaseRow(
        phase,
        words.phase(phase.phase),
        svg.segments(phase.percents, phase.tone, id=f"segments-{phase.phase.number}"),
        standing.health_of(phase.percent, phase.planned),
        sum(row.overdue for row in rows),
        rows,
    )


def _milestones(outline: Outline, words: Titles, today: dt.date) -> list[Coming]:
    """What is still to be reached: the ends of the phases that are not done, and the certification audit."""
    found = [
        Coming(
            phase.ends_on,
            "",
            _("Phase “%(phase)s” completed") % {"phase": words.phase(phase.phase)},
            _("end of phase"),
            standing.days_to(phase.ends_on, today),
            phase.ends_on < today,
        )
        for phase in outline.phases
        if phase.ends_on is not None and not phase.is_done
    ]
    target = outline.project.target_on
    if target:
        found.append(
            Coming(target, "", _("Certification audit"), _("target date"), standing.days_to(target, today), False)
        )
    return sorted(found, key=lambda one: one.on)


def _coming(project: Any, outline: Outline, words: Titles, today: dt.date) -> list[Coming]:
    """Milestones, ends of steps and decisions of the days ahead, by date; one query."""
    last = today + dt.timedelta(days=AHEAD_DAYS)
    found = [one for one in _milestones(outline, words, today) if today <= one.on <= last]
    found += [
        Coming(
            line.ends_on, line.number, words.step(line.step), _("end of step"),
            standing.days_to(line.ends_on, today),
        )
        for line in outline.counted
        if not line.is_done and today <= line.ends_on <= last
    ]  # fmt: skip
    decisions = (
        PlanActivity.objects.filter(project=project, ends_on__range=(today, last))
        .exclude(approval_by="")
        .exclude(status__in=(ActivityStatus.DONE, ActivityStatus.EXCLUDED))
        .order_by("ends_on", "pk")
    )
    for activity in decisions:
        who = str(Role(activity.approval_by).label) if activity.approval_by in Role.values else activity.approval_by
        found.append(
            Coming(
                activity.ends_on, activity.number, words.activity(activity),
                _("decision by %(role)s") % {"role": who}, standing.days_to(activity.ends_on, today),
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.on, steps.by_number(one.number)))
