"""The plan as its pages read it: phases, steps, activities, and one step's workspace."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import gates, journal_words, progress, workspace
from projects.models import (
    JournalEntry,
    PlanActivity,
    PlanPhase,
    PlanStep,
    Project,
    StepDependency,
    StepRound,
    Task,
)
from projects.models.plan import ActivityStatus
from projects.permissions import Role

SOON_DAYS = 7


class State(NamedTuple):
    """A state as a badge shows it: its kind (done, prog, risk, late, open), words and, where it differs, an icon."""

    kind: str
    label: str
    icon: str = ""


class Row(NamedTuple):
    """What the figures of a plan need of an activity."""

    pk: int
    step_id: int
    starts_on: dt.date
    ends_on: dt.date
    minutes: int
    status: str
    finished_on: dt.date | None
    task_count: int
    task_open_count: int


@dataclass
class StepLine:
    """A step with its figures at one date."""

    step: PlanStep
    tone: int
    today: dt.date
    rows: Sequence[Row] = ()
    activities: list[ActivityLine] = field(default_factory=list)

    @property
    def percent(self) -> int:
        return self.step.progress_percent

    @cached_property
    def planned(self) -> int:
        """Percent that the plan expects done at the end of today."""
        return progress.planned_percent(((r.starts_on, r.ends_on, r.minutes) for r in self.rows), self.today)

    @property
    def is_out(self) -> bool:
        return not self.step.is_applicable or (bool(self.rows) and not self.step.activity_count)

    @property
    def is_done(self) -> bool:
        return not self.is_out and self.step.activity_count > 0 and not self.open_count

    @property
    def open_count(self) -> int:
        return self.step.activity_count - self.step.activity_done_count

    @property
    def is_late(self) -> bool:
        return not self.is_out and not self.is_done and self.step.ends_on < self.today

    @property
    def has_begun(self) -> bool:
        return self.percent > 0 or any(r.status in (ActivityStatus.IN_PROGRESS, ActivityStatus.DONE) for r in self.rows)

    @property
    def drawn_percent(self) -> int:
        """For the wheel: its check mark stands for a finished step, so 99 while an activity is not declared done."""
        return self.percent if self.is_done or self.percent < 100 else 99

    @property
    def state(self) -> State:
        if self.is_out:
            return State("open", _("Excluded"), "ban")
        if self.is_done:
            return State("done", _("Done"))
        if self.is_late:
            days = (self.today - self.step.ends_on).days
            return State("late", ngettext("%(n)s day overdue", "%(n)s days overdue", days) % {"n": days})
        if self.has_begun or self.step.starts_on <= self.today:
            if (self.step.ends_on - self.today).days <= SOON_DAYS:
                return State("risk", _("Due soon"))
            return State("prog", _("In progress")) if self.has_begun else State("open", _("Not started"))
        return State("open", _("Not started"))


def front(steps: Sequence[StepLine]) -> StepLine | None:
    """The front of the work: of the steps that are not done the one that began last, else the one to begin first.

    Steps left behind are not it: they are marked late, and their tasks stand among the overdue ones.
    """
    left = [line for line in steps if not line.is_done]
    begun = [line for line in left if line.step.starts_on <= line.today]
    if begun:
        return max(begun, key=lambda line: (line.step.starts_on, line.step.position))
    return min(left, key=lambda line: (line.step.starts_on, line.step.position), default=None)


@dataclass
class PhaseLine:
    phase: PlanPhase
    tone: int
    steps: list[StepLine]

    @property
    def counted(self) -> list[StepLine]:
        return [line for line in self.steps if not line.is_out]

    @property
    def percent(self) -> int:
        return progress.percent(
            sum(line.step.effort_minutes_done for line in self.steps),
            sum(l.step.effort_minutes for l in self.steps),  # noqa: E741
        )

    @cached_property
    def planned(self) -> int:
        today = self.steps[0].today
        return progress.planned_percent(
            ((r.starts_on, r.ends_on, r.minutes) for line in self.steps for r in line.rows), today
        )

    @property
    def percents(self) -> list[int]:
        return [line.percent for line in self.counted]

    @property
    def done_count(self) -> int:
        return sum(line.is_done for line in self.counted)

    @property
    def is_done(self) -> bool:
        return bool(self.counted) and self.done_count == len(self.counted)

    @property
    def current(self) -> StepLine | None:
        """Where the phase stands: see `front`."""
        return front(self.counted)

    @property
    def starts_on(self) -> dt.date | None:
        return min((line.step.starts_on for line in self.counted), default=None)

    @property
    def ends_on(self) -> dt.date | None:
        return max((line.step.ends_on for line in self.counted), default=None)

    @property
    def letter(self) -> str:
        return self.phase.title[:1].upper()


@dataclass
class Outline:
    """A project's plan at one date."""

    project: Project
    today: dt.date
    phases: list[PhaseLine]
    rows: list[Row]

    @property
    def steps(self) -> list[StepLine]:
        return [line for phase in self.phases for line in phase.steps]

    @cached_property
    def planned(self) -> int:
        return progress.planned_percent(((r.starts_on, r.ends_on, r.minutes) for r in self.rows), self.today)

    @cached_property
    def current(self) -> StepLine | None:
        """Where the project stands: see `front`."""
        return front([line for phase in self.phases for line in phase.counted])

    @property
    def ends_on(self) -> dt.date | None:
        return max((phase.ends_on for phase in self.phases if phase.ends_on), default=None)

    @property
    def in_progress_count(self) -> int:
        return sum(row.status == ActivityStatus.IN_PROGRESS for row in self.rows)

    @property
    def ready_count(self) -> int:
        """Activities whose tasks are all closed and which nobody has declared done."""
        return sum(
            r.status in (ActivityStatus.PLANNED, ActivityStatus.IN_PROGRESS)
            and r.task_count > 0
            and not r.task_open_count
            for r in self.rows
        )


def by_number(number: str) -> tuple:
    """Sorts numbers as people read them: 1.9 before 1.10."""
    return tuple((0, int(part), "") if part.isdecimal() else (1, 0, part) for part in number.split("."))


def steps_of(project: Project) -> list[PlanStep]:
    """All steps by their number, with their phase loaded.

    `position` says in which order the method works them (2.7 before 2.6); people look them up by number.
    """
    steps = PlanStep.objects.filter(project=project).select_related("phase").order_by("pk")
    return sorted(steps, key=lambda step: (step.phase.number, by_number(step.number)))


ROW_FIELDS = (
    "pk", "step_id", "starts_on", "ends_on", "effort_minutes", "status", "finished_on", "task_count", "task_open_count",
)  # fmt: skip


def outline_of(project: Project, today: dt.date) -> Outline:
    """The plan with every figure of its phases and steps, in two queries."""
    rows = [
        Row(*values) for values in PlanActivity.objects.filter(project=project).order_by("pk").values_list(*ROW_FIELDS)
    ]
    return arrange(project, today, steps_of(project), rows)


def arrange(project: Project, today: dt.date, steps: Iterable[PlanStep], rows: list[Row]) -> Outline:
    by_step: dict[int, list[Row]] = {}
    for row in rows:
        by_step.setdefault(row.step_id, []).append(row)
    phases: dict[int, PhaseLine] = {}
    for step in steps:
        phase = phases.setdefault(
            step.phase_id, PhaseLine(step.phase, (step.phase.number - 1) % 4 + 1, [])
        )  # colours go round
        phase.steps.append(StepLine(step, phase.tone, today, by_step.get(step.pk, [])))
    return Outline(project, today, list(phases.values()), rows)


# --- the tree of the plan ---------------------------------------------------------------------------------------------


@dataclass
class ActivityLine:
    """An activity with its words at one date."""

    activity: PlanActivity
    today: dt.date

    @property
    def percent(self) -> int:
        return self.activity.progress_percent

    @property
    def is_out(self) -> bool:
        return not self.activity.is_applicable

    @property
    def is_own(self) -> bool:
        """Added by the organization; the method does not have it."""
        return self.activity.source_id is None

    @property
    def state(self) -> State:
        return activity_state(self.activity, self.today)


def activity_state(activity: PlanActivity, today: dt.date) -> State:
    if activity.status == ActivityStatus.EXCLUDED:
        return State("open", _("Excluded"), "ban")
    if activity.status == ActivityStatus.DONE:
        return State("done", _("Done"))
    if activity.is_ready_to_complete:
        return State("risk", _("Ready to complete"), "circle-check")
    if activity.ends_on < today:
        days = (today - activity.ends_on).days
        return State("late", ngettext("%(n)s day overdue", "%(n)s days overdue", days) % {"n": days})
    if activity.status == ActivityStatus.IN_PROGRESS or activity.effort_minutes_done:
        return State("prog", _("In progress"))
    return State("open", _("Not started"))


STATUS_CHOICES = [
    ("open", _("Not done")),
    ("late", _("Overdue")),
    ("ready", _("Ready to complete")),
    ("in_progress", _("In progress")),
    ("planned", _("Not started")),
    ("done", _("Done")),
    ("excluded", _("Excluded")),
    ("own", _("Added by us")),
]


def fits(activity: PlanActivity, status: str, today: dt.date) -> bool:
    """Whether an activity belongs to a choice of the filter; an unknown choice is no filter."""
    is_open = activity.status in (ActivityStatus.PLANNED, ActivityStatus.IN_PROGRESS)
    return {
        "open": is_open,
        "late": is_open and activity.ends_on < today,
        "ready": activity.is_ready_to_complete,
        "in_progress": activity.status == ActivityStatus.IN_PROGRESS
        or (activity.status == ActivityStatus.PLANNED and activity.effort_minutes_done > 0),
        "planned": activity.status == ActivityStatus.PLANNED and not activity.effort_minutes_done,
        "done": activity.status == ActivityStatus.DONE,
        "excluded": activity.status == ActivityStatus.EXCLUDED,
        "own": activity.source_id is None,
    }.get(status, True)


def tree_of(project: Project, today: dt.date, *, role: str = "", status: str = "") -> Outline:
    """The plan with its activities hung into the steps, in two queries; filtered ones only, if a filter is given."""
    activities = list(
        PlanActivity.objects.filter(project=project)
        .order_by("step_id", "position", "pk")
        .defer("purpose", "hs_clauses")
    )
    rows = [
        Row(a.pk, a.step_id, a.starts_on, a.ends_on, a.effort_minutes, a.status, a.finished_on, a.task_count, a.task_open_count)
        for a in activities
    ]  # fmt: skip
    outline = arrange(project, today, steps_of(project), rows)
    lines: dict[int, list[ActivityLine]] = {}
    for activity in activities:
        if (not role or activity.responsible == role) and fits(activity, status, today):
            lines.setdefault(activity.step_id, []).append(ActivityLine(activity, today))
    for line in outline.steps:
        line.activities = lines.get(line.step.pk, [])
    if role or status:
        for phase in outline.phases:
            phase.steps = [line for line in phase.steps if line.activities]
        outline.phases = [phase for phase in outline.phases if phase.steps]
    return outline


def roles_in_plan(outline: Outline) -> list[tuple[str, str]]:
    used = {line.activity.responsible for step in outline.steps for line in step.activities}
    return [(role.value, str(role.label)) for role in Role if role in used]


# --- one step ---------------------------------------------------------------------------------------------------------


def of_number(project: Project, number: str) -> PlanStep | None:
    """A step by the number people say; the project is set on it, so that nothing is loaded twice."""
    step = PlanStep.objects.filter(project=project, number=number).select_related("phase", "merged_into").first()
    if step is not None:
        step.project = project
    return step


@dataclass
class TaskLine:
    """A task as a step or an activity shows it."""

    task: Task
    label: str
    who: Any
    role: str


@dataclass
class WorkLine(ActivityLine):
    """An activity with its open tasks."""

    tasks: list[TaskLine] = field(default_factory=list)


@dataclass
class Neighbour:
    """A step before or after, and by how many working days."""

    step: PlanStep
    lag_days: int
    is_done: bool


@dataclass
class Workspace:
    """Everything the page of one step shows."""

    line: StepLine
    work: list[WorkLine]
    before: PlanStep | None
    after: PlanStep | None
    waits_for: list[Neighbour]
    opens: list[Neighbour]
    criteria: list[gates.Criterion]
    panels: list[tuple[workspace.Panel, dict[str, Any]]]
    rounds: list[StepRound]
    told: list[journal_words.Told]

    @property
    def step(self) -> PlanStep:
        return self.line.step

    @property
    def unmet_count(self) -> int:
        return sum(not one.is_met for one in self.criteria)


MOST_TASKS = 200


def open_tasks(project: Project, **filters: Any) -> list[TaskLine]:
    """Open tasks by due date with who does them, at most MOST_TASKS."""
    tasks = Task.objects.filter(project=project, is_open=True, **filters).select_related("assignee")
    return [task_line(task) for task in tasks.order_by("due_on", "number")[:MOST_TASKS]]


def task_line(task: Task) -> TaskLine:
    role = str(Role(task.assignee_role).label) if task.assignee_role in Role.values else ""
    return TaskLine(task, task.label, task.assignee, role)


def workspace_of(
    project: Project, number: str, today: dt.date, *, user: Any, perms: frozenset, with_journal: bool
) -> Workspace | None:
    """The workspace of a step; the number of queries does not depend on what is in it. None for no such number."""
    steps = steps_of(project)
    at = next((i for i, step in enumerate(steps) if step.number == number), None)
    if at is None:
        return None
    step = steps[at]
    for one in steps:
        one.project = project
    activities = list(PlanActivity.objects.filter(step=step).order_by("position", "pk"))
    line = StepLine(
        step,
        (step.phase.number - 1) % 4 + 1,
        today,
        [Row(a.pk, a.step_id, a.starts_on, a.ends_on, a.effort_minutes, a.status, a.finished_on, a.task_count,
             a.task_open_count) for a in activities],
    )  # fmt: skip
    by_activity: dict[int, list[TaskLine]] = {}
    for found in open_tasks(project, activity__step=step):
        by_activity.setdefault(found.task.activity_id, []).append(found)
    by_pk = {one.pk: one for one in steps}
    links = list(StepDependency.objects.filter(Q(step=step) | Q(predecessor=step), project=project))

    def neighbours(pairs: Iterable[tuple[int, int]]) -> list[Neighbour]:
        known = [Neighbour(by_pk[pk], lag, is_done(by_pk[pk])) for pk, lag in pairs if pk in by_pk]
        return sorted(known, key=lambda n: (n.step.position, n.step.pk))

    return Workspace(
        line=line,
        work=[WorkLine(a, today, by_activity.get(a.pk, [])) for a in activities],
        before=steps[at - 1] if at else None,
        after=steps[at + 1] if at + 1 < len(steps) else None,
        waits_for=neighbours((link.predecessor_id, link.lag_days) for link in links if link.step_id == step.pk),
        opens=neighbours((link.step_id, link.lag_days) for link in links if link.predecessor_id == step.pk),
        criteria=gates.criteria_of(step),
        panels=workspace.panels_for(step, user, perms),
        rounds=list(step.rounds.order_by("number")) if step.is_iterative else [],
        told=story_of(step, [a.pk for a in activities]) if with_journal else [],
    )


def is_done(step: PlanStep) -> bool:
    return step.activity_count > 0 and step.activity_count == step.activity_done_count


def story_of(step: PlanStep, activity_ids: list[int], most: int = 8) -> list[journal_words.Told]:
    """The latest entries about a step, its activities and their tasks."""
    about = (
        Q(target_kind="projects.planstep", target_id=step.pk)
        | Q(target_kind="projects.planactivity", target_id__in=activity_ids)
        | Q(
            target_kind="projects.task",
            target_id__in=Task.objects.filter(activity__in=activity_ids).values("pk"),
        )
    )
    entries = JournalEntry.objects.filter(about, project_id=step.project_id).order_by("-seq")[:most]
    return journal_words.tell(entries, step.project)


def open_count_by_step(project: Project) -> dict[int, int]:
    """Open overdue and other tasks for each step id."""
    return dict(
        Task.objects.filter(project=project, is_open=True, activity__isnull=False)
        .values_list("activity__step_id")
        .annotate(n=Count("pk"))
    )
