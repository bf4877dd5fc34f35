"""The gates of a plan as pages show them: open or closed, what stands in the way, how they were decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects import gates
from projects.models import DeliverablePlace, GateDecision, GateMove, PlanPhase, PlanStep, Project, StepRound

from . import hold
from .hold import Held
from .outline import State, steps_of

CLOSING = (GateMove.CLOSE, GateMove.REOPEN)


@dataclass
class Gate:
    """The gate of a step or a phase: its criteria today, its decisions, and which of them closed it."""

    criteria: list[gates.Criterion]
    decisions: list[GateDecision] = field(default_factory=list)
    closed: GateDecision | None = None
    round: StepRound | None = None

    @property
    def unmet(self) -> list[gates.Criterion]:
        return [one for one in self.criteria if not one.is_met]

    @property
    def is_closed(self) -> bool:
        return self.closed is not None

    @property
    def state(self) -> State:
        return state_of(self.closed, len(self.unmet))


def state_of(closed: GateDecision | None, unmet: int | None) -> State:
    """A gate as a badge shows it; `unmet` is None where the criteria were not asked."""
    if closed is not None:
        return State("risk", _("Closed by override"), "lock-open") if closed.is_override else State("done", _("Closed"))
    if unmet is None:
        return State("open", _("Open"))
    if unmet:
        return State("open", ngettext("%(n)s criterion open", "%(n)s criteria open", unmet) % {"n": unmet})
    return State("prog", _("Ready to close"), "circle-check")


def closing(decisions: list[GateDecision]) -> GateDecision | None:
    """The decision that keeps a gate closed: the last one, if it closed it. Oldest first."""
    last = next((one for one in reversed(decisions) if one.move in CLOSING), None)
    return last if last is not None and last.move == GateMove.CLOSE else None


def of_step(step: PlanStep, criteria: list[gates.Criterion] | None = None) -> Gate:
    """The gate of a step in its round; one query for the decisions, and those of its criteria.

    A step that is merged into another has no gate of its own: it is that of the other. What was let through in the plan
    comes with the decisions, because a page that shows a gate asks for it next (hold.let_through).
    """
    step = whole_of(step)
    latest = gates.round_of(step)
    about = Q(step=step, move__in=CLOSING) | Q(project=step.project_id, move__in=hold.PASSING)
    rows = list(GateDecision.objects.filter(about).order_by("pk"))
    hold.keep(step.project_id, [one for one in rows if one.move in hold.PASSING])
    decisions = [one for one in rows if one.move in CLOSING]
    here = [one for one in decisions if one.round_id == (latest.pk if latest else None)]
    return Gate(gates.criteria_of(step) if criteria is None else criteria, decisions, closing(here), latest)


def whole_of(step: PlanStep) -> PlanStep:
    """The step whose gate closes this one: itself, or the one it is merged into."""
    if not step.is_merged:
        return step
    step.merged_into.project = step.project
    return step.merged_into


@dataclass
class StepGate:
    """A step in the list of gates."""

    step: PlanStep
    closed: GateDecision | None
    held: list[Held] = field(default_factory=list)

    @property
    def is_out(self) -> bool:
        return not self.step.is_applicable

    @property
    def open_count(self) -> int:
        return self.step.activity_count - self.step.activity_done_count

    @property
    def state(self) -> State:
        return State("open", _("Excluded"), "ban") if self.is_out else state_of(self.closed, None)


@dataclass
class PhaseGate:
    phase: PlanPhase
    steps: list[StepGate]
    closed: GateDecision | None
    decisions: list[GateDecision] = field(default_factory=list)

    @property
    def counted(self) -> list[StepGate]:
        return [one for one in self.steps if not one.is_out]

    @property
    def criteria(self) -> list[gates.Criterion]:
        """A phase is closed when the gates of all its steps are."""
        return [
            gates.Criterion(
                _("Step %(number)s is closed") % {"number": one.step.number}, is_met=one.closed is not None,
                reason="" if one.closed else _("Its gate is open."), url=one.step.get_absolute_url(),
            )
            for one in self.counted
        ]  # fmt: skip

    @property
    def closed_count(self) -> int:
        return sum(one.closed is not None for one in self.counted)

    @property
    def state(self) -> State:
        return state_of(self.closed, len(self.counted) - self.closed_count)


def of_project(project: Project, held: dict[int, list[Held]] | None = None) -> list[PhaseGate]:
    """All gates of a plan by phase, without asking the criteria of each step; three queries."""
    steps = steps_of(project)
    rounds: dict[int, int] = {}
    for step_id, pk in StepRound.objects.filter(project=project).order_by("number").values_list("step_id", "pk"):
        rounds[step_id] = pk  # the latest stays
    of_steps: dict[int, list[GateDecision]] = {}
    of_phases: dict[int, list[GateDecision]] = {}
    for one in GateDecision.objects.filter(project=project, move__in=CLOSING).order_by("pk"):
        if one.phase_id:
            of_phases.setdefault(one.phase_id, []).append(one)
        elif one.round_id == rounds.get(one.step_id):
            of_steps.setdefault(one.step_id, []).append(one)
    found: dict[int, PhaseGate] = {}
    for step in steps:
        step.project = project
        decided = of_phases.get(step.phase_id, [])
        phase = found.setdefault(step.phase_id, PhaseGate(step.phase, [], closing(decided), decided))
        decided = of_steps.get(step.merged_into_id or step.pk, [])  # merged steps are closed with their host
        phase.steps.append(StepGate(step, closing(decided), (held or {}).get(step.pk, [])))
    return list(found.values())


def overrides_of(project: Project) -> list[GateDecision]:
    """What was closed or let through without a criterion or a decision, newest first: reports print it."""
    return list(GateDecision.objects.filter(project=project, is_override=True).order_by("-pk"))


def give_places(steps: list[PlanStep], project: Project) -> None:
    """Puts the deliverables' places and the rounds on many steps at once, so that their criteria ask nothing; two queries."""
    rounds: dict[int, StepRound] = {}
    for one in StepRound.objects.filter(project=project).order_by("number"):
        rounds[one.step_id] = one
    places: dict[int, list[DeliverablePlace]] = {}
    for row in DeliverablePlace.objects.filter(project=project).order_by("pk"):
        places.setdefault(row.step_id, []).append(row)
    for step in steps:
        step.latest_round = rounds.get(step.pk) if step.is_iterative else None
        at: Any = step.latest_round.pk if step.latest_round else None
        step.places = {row.name: row for row in places.get(step.pk, []) if row.round_id == at}
