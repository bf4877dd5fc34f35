"""The plan with its figures: phases, steps and activities as pages draw them, at one date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import together
from projects import progress
from projects.models import PlanActivity, PlanPhase, PlanStep, Project
from projects.models.plan import ActivityStatus

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
    """A step with its figures at one date. `merged` are the steps worked together with it: its figures are theirs too."""

    step: PlanStep
    tone: int
    today: dt.date
    rows: Sequence[Row] = ()
    activities: list[ActivityLine] = field(default_factory=list)
    merged: list[StepLine] = field(default_factory=list)
    host: StepLine | None = None
    """The step that carries this one, where it is merged into another."""

    @property
    def together(self) -> list[StepLine]:
        return [self, *self.merged]

    @property
    def number(self) -> str:
        """Both numbers of merged steps: "2.3 + 2.7"."""
        return " + ".join(line.step.number for line in self.together)

    @cached_property
    def all_rows(self) -> list[Row]:
        return [row for line in self.together for row in line.rows]

    @property
    def minutes(self) -> int:
        return sum(line.step.effort_minutes for line in self.together)

    @property
    def minutes_done(self) -> int:
        return sum(line.step.effort_minutes_done for line in self.together)

    @property
    def activity_count(self) -> int:
        return sum(line.step.activity_count for line in self.together)

    @property
    def activity_done_count(self) -> int:
        return sum(line.step.activity_done_count for line in self.together)

    @property
    def starts_on(self) -> dt.date:
        return min(line.step.starts_on for line in self.together)

    @property
    def ends_on(self) -> dt.date:
        return max(line.step.ends_on for line in self.together)

    @property
    def percent(self) -> int:
        return progress.percent(self.minutes_done, self.minutes)

    @cached_property
    def planned(self) -> int:
        """Percent that the plan expects done at the end of today."""
        return progress.planned_percent(((r.starts_on, r.ends_on, r.minutes) for r in self.all_rows), self.today)

    @property
    def is_out(self) -> bool:
        return not self.step.is_applicable or (bool(self.all_rows) and not self.activity_count)

    @property
    def is_carried(self) -> bool:
        """Counted with the step it is merged into, not by itself."""
        return self.host is not None

    @property
    def is_done(self) -> bool:
        return not self.is_out and self.activity_count > 0 and not self.open_count

    @property
    def open_count(self) -> int:
        return self.activity_count - self.activity_done_count

    @property
    def is_late(self) -> bool:
        return not self.is_out and not self.is_done and self.ends_on < self.today

    @property
    def has_begun(self) -> bool:
        return self.percent > 0 or any(
            r.status in (ActivityStatus.IN_PROGRESS, ActivityStatus.DONE) for r in self.all_rows
        )

    @property
    def drawn_percent(self) -> int:
        """For the wheel: its check mark stands for a finished step, so 99 while an activity is not declared done."""
        return self.percent if self.is_done or self.percent < 100 else 99

    @property
    def figures(self) -> StepLine:
        """Whose progress a picture shows for this step: a merged one stands where those it is worked with stand."""
        return self.host or self

    @property
    def state(self) -> State:
        if self.host is not None:
            return State("open", _("With %(number)s") % {"number": self.host.step.number}, "link")
        if self.is_out:
            return State("open", _("Excluded"), "ban")
        if self.is_done:
            return State("done", _("Done"))
        if self.is_late:
            days = (self.today - self.ends_on).days
            return State("late", ngettext("%(n)s day overdue", "%(n)s days overdue", days) % {"n": days})
        if self.has_begun or self.starts_on <= self.today:
            if (self.ends_on - self.today).days <= SOON_DAYS:
                return State("risk", _("Due soon"))
            return State("prog", _("In progress")) if self.has_begun else State("open", _("Not started"))
        return State("open", _("Not started"))


def front(steps: Sequence[StepLine]) -> StepLine | None:
    """The front of the work: of the steps that are not done the one that began last, else the one to begin first.

    Steps left behind are not it: they are marked late, and their tasks stand among the overdue ones.
    """
    left = [line for line in steps if not line.is_done]
    begun = [line for line in left if line.starts_on <= line.today]
    if begun:
        return max(begun, key=lambda line: (line.starts_on, line.step.position))
    return min(left, key=lambda line: (line.starts_on, line.step.position), default=None)


@dataclass
class PhaseLine:
    phase: PlanPhase
    tone: int
    steps: list[StepLine]

    @property
    def counted(self) -> list[StepLine]:
        """The steps that are worked, each with those merged into it."""
        return [line for line in self.steps if not line.is_out and not line.is_carried]

    @property
    def percent(self) -> int:
        own = [line for line in self.steps if not line.is_carried]
        return progress.percent(sum(line.minutes_done for line in own), sum(line.minutes for line in own))

    @cached_property
    def planned(self) -> int:
        today = self.steps[0].today
        return progress.planned_percent(
            ((r.starts_on, r.ends_on, r.minutes) for line in self.steps if not line.is_carried for r in line.all_rows),
            today,
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
        return min((line.starts_on for line in self.counted), default=None)

    @property
    def ends_on(self) -> dt.date | None:
        return max((line.ends_on for line in self.counted), default=None)

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

    @property
    def counted(self) -> list[StepLine]:
        """The steps that are worked, merged ones once."""
        return [line for phase in self.phases for line in phase.counted]

    @cached_property
    def planned(self) -> int:
        return progress.planned_percent(((r.starts_on, r.ends_on, r.minutes) for r in self.rows), self.today)

    @cached_property
    def current(self) -> StepLine | None:
        """Where the project stands: see `front`."""
        return front(self.counted)

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


@together.once
def steps_of(project: Project) -> list[PlanStep]:
    """All steps by phase, with it loaded: by number, or where tailoring put them (`place`).

    `position` says in which order the method works them (2.7 before 2.6); people look them up by number.
    """
    steps = PlanStep.objects.filter(project=project).select_related("phase").order_by("pk")
    return sorted(steps, key=lambda step: (step.phase.number, step.place, by_number(step.number)))


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
    _join([line for phase in phases.values() for line in phase.steps])
    return Outline(project, today, list(phases.values()), rows)


def _join(lines: Iterable[StepLine]) -> None:
    """Hangs merged steps under the one that carries them."""
    found = {line.step.pk: line for line in lines}
    for line in found.values():
        host = found.get(line.step.merged_into_id)
        if host is not None and line.step.is_applicable:
            line.host = host
            host.merged.append(line)


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
