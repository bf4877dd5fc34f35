"""Gates: closed when their exit criteria hold, or by the project manager with a reason; opened again; let through."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from projects import access, flow, gates, journal
from projects.models import (
    DeliverablePlace,
    GateDecision,
    GateMove,
    JournalEntry,
    PlanPhase,
    PlanStep,
    Project,
    StepRound,
)
from projects.permissions import Perm
from projects.selectors import gate as selectors
from projects.selectors import hold as holds

LONGEST_PLACE = 500


def close(*, step: PlanStep, by: Any, reason: str = "", approved_as: str = "") -> GateDecision:
    """Closes the gate of a step; where it is worked in rounds, that ends its round: there is no other way to end one.

    The criteria, also of the steps merged into it, are asked again under the lock and kept as they stand. When some do
    not hold, it takes Perm.OVERRIDE_GATES and a reason. `approved_as` says who approved the outputs of the round.
    Raises RuleBroken, NotPermitted.
    """
    with journal.change(step.project, by=by, reason=reason) as log:
        fresh = _fresh(step)
        if not fresh.is_applicable:
            raise RuleBroken(_("Step %(number)s is excluded from the plan.") % {"number": fresh.number})
        _check_whole(fresh)
        gate = selectors.of_step(fresh)
        if gate.is_closed:
            raise RuleBroken(_("The gate of step %(number)s is closed already.") % {"number": fresh.number})
        made = _decide(log, gate.criteria, reason, step=fresh, round=gate.round)
        for one in _rounds(fresh):
            if one.closed_at is None:
                _end_round(log, one, approved_as.strip())
    return made


def close_again(*, step: PlanStep, by: Any, reason: str) -> GateDecision | None:
    """Takes the opening of a gate back: it is closed as it was before, and so are the rounds that it had ended.

    None, and the gate stays open, where something is unmet now that was not when it was closed. Needs Perm.CLOSE_GATES:
    what was overridden then had its permission and its reason, and stands.
    """
    with journal.change(step.project, by=by, reason=reason) as log:
        _permit(log, Perm.CLOSE_GATES)
        fresh = _fresh(step)
        gate = selectors.of_step(fresh)
        before = next(one for one in reversed(gate.decisions) if one.move == GateMove.CLOSE)
        unmet = [str(one.label) for one in gate.unmet]
        if not set(unmet) <= set(before.unmet):
            return None
        made = _close(log, gate.criteria, unmet, step=fresh, round=gate.round)
        for one in _rounds(fresh):
            if one.closed_at is None:
                _end_round(log, one, _approved_as(one, before))
    return made


def _end_round(log: journal.Log, ended: StepRound, approved_as: str) -> None:
    ended.closed_at, ended.closed_by, ended.approved_as = log.at, log.by, approved_as
    ended.save(update_fields=["closed_at", "closed_by", "approved_as"])
    log(ended.step, "step.round_closed", {"round": ended.number, "approved_as": approved_as})


def _approved_as(ended: StepRound, by: GateDecision) -> str:
    """Who had approved the outputs of a round when a decision ended it: opening it again forgot that, the journal did not."""
    told = JournalEntry.objects.filter(
        project=ended.project_id, action="step.round_closed", at=by.decided_at,
        target_kind=PlanStep._meta.label_lower, target_id=ended.step_id,
    )  # fmt: skip
    return next((one.changes.get("approved_as", "") for one in told), "")


def reopen_round(log: journal.Log, ended: StepRound) -> None:
    """Opens a round again whose end is taken back."""
    ended.closed_at, ended.closed_by, ended.approved_as = None, None, ""
    ended.save(update_fields=["closed_at", "closed_by", "approved_as"])
    log(ended.step, "step.round_reopened", {"round": ended.number})


def close_phase(*, phase: PlanPhase, by: Any, reason: str = "") -> GateDecision:
    """Closes the gate of a phase: of all its steps the gates are closed, or with a reason. Raises like `close`."""
    with journal.change(phase.project, by=by, reason=reason) as log:
        found = next(one for one in selectors.of_project(phase.project) if one.phase.pk == phase.pk)
        if found.closed is not None:
            raise RuleBroken(_("The gate of the phase %(phase)s is closed already.") % {"phase": phase.title})
        made = _decide(log, found.criteria, reason, phase=phase)
    return made


def _decide(log: journal.Log, criteria: list[gates.Criterion], reason: str, **of: Any) -> GateDecision:
    """Writes a closing decision down, if this person may take it."""
    item = of.get("step") or of["phase"]
    held = access.perms_in(log.by, log.project)
    unmet = [str(one.label) for one in criteria if not one.is_met]
    if not unmet and Perm.CLOSE_GATES not in held:
        raise flow.NotPermitted(_("You may not close this gate."))
    if unmet and Perm.OVERRIDE_GATES not in held:
        raise RuleBroken(
            _("The gate of %(item)s cannot be closed: %(unmet)s. Meet this first; only the project manager may close it without.")
            % {"item": item, "unmet": "; ".join(unmet)}
        )  # fmt: skip
    if unmet and not reason.strip():
        raise refused(
            "reason", _("Say why the gate is closed although this is open: %(unmet)s.") % {"unmet": "; ".join(unmet)}
        )
    return _close(log, criteria, unmet, **of)


def _close(log: journal.Log, criteria: list[gates.Criterion], unmet: list[str], **of: Any) -> GateDecision:
    item = of.get("step") or of["phase"]
    said = [{"label": str(one.label), "is_met": one.is_met, "reason": str(one.reason)} for one in criteria]
    made = _write(log, GateMove.CLOSE, item, criteria=said, is_override=bool(unmet), **of)
    log(item, f"{_sort(of)}.gate_{'overridden' if unmet else 'closed'}", {"without": unmet} if unmet else {})
    return made


def reopen(*, step: PlanStep | None = None, phase: PlanPhase | None = None, by: Any, reason: str) -> GateDecision:
    """Opens a closed gate again, and the round that it ended; the decision that closed it stays. Needs a reason."""
    item = step or phase
    with journal.change(item.project, by=by, reason=reason) as log:
        _permit(log, Perm.CLOSE_GATES)
        if not reason.strip():
            raise refused("reason", _("Say why the gate is opened again."))
        of: dict[str, Any] = {"phase": phase}
        ended: set[Any] = set()
        if step is not None:
            fresh = _fresh(step)
            _check_whole(fresh)
            of = {"step": fresh, "round": gates.round_of(fresh)}
            gate = selectors.of_step(fresh, [])
            closed = gate.closed
            # By any closing of this gate: `close_again` does not end a round anew that was ended before.
            ended = {one.decided_at for one in gate.decisions if one.move == GateMove.CLOSE}
        else:
            closed = next(one for one in selectors.of_project(item.project) if one.phase.pk == phase.pk).closed
        if closed is None:
            raise RuleBroken(_("This gate is open already."))
        made = _write(log, GateMove.REOPEN, item, **of)
        log(item, f"{_sort(of)}.gate_reopened")
        for one in _rounds(of["step"]) if step is not None else []:
            if one.closed_at in ended:
                reopen_round(log, one)
    return made


def let_through(*, project: Project, step: PlanStep, by: Any, reason: str) -> GateDecision:
    """Lets the work that follows a step go on although its decision is not taken. Needs Perm.OVERRIDE_GATES, a reason."""
    with journal.change(project, by=by, reason=reason) as log:
        _permit(log, Perm.OVERRIDE_GATES)
        hold = _hold_of(step)
        if not reason.strip():
            raise refused("reason", _("Say why the work goes on before the decision."))
        if hold.key in holds.let_through(project):
            raise RuleBroken(_("The work was let through already."))
        if hold.is_taken(project):
            raise RuleBroken(_("The decision is taken: nothing is held back."))
        made = _write(log, GateMove.LET_THROUGH, step, step=step, hold=hold.key, is_override=True)
        log(step, "step.let_through", {"without": [str(hold.label)]})
    return made


def hold_again(*, project: Project, step: PlanStep, by: Any, reason: str) -> GateDecision:
    """Takes `let_through` back: what follows waits for the decision again."""
    with journal.change(project, by=by, reason=reason) as log:
        _permit(log, Perm.OVERRIDE_GATES)
        hold = _hold_of(step)
        if not reason.strip():
            raise refused("reason", _("Say why the work waits for the decision again."))
        if hold.key not in holds.let_through(project):
            raise RuleBroken(_("The work waits for the decision already."))
        made = _write(log, GateMove.HOLD, step, step=step, hold=hold.key)
        log(step, "step.held_back")
    return made


def say_where(*, step: PlanStep, name: str, place: str, by: Any) -> DeliverablePlace | None:
    """Says where a deliverable of a step is; nothing said takes it back. Needs Perm.COMPLETE_ACTIVITIES."""
    place = place.strip()[:LONGEST_PLACE]
    with journal.change(step.project, by=by) as log:
        _permit(log, Perm.COMPLETE_ACTIVITIES)
        fresh = _fresh(step)
        if name not in fresh.deliverables:
            raise RuleBroken(_("Step %(number)s has no such deliverable.") % {"number": fresh.number})
        latest, before = gates.round_of(fresh), gates.places_of(fresh).get(name)
        if (before.place if before else "") == place:
            return before
        told = {"deliverable": name, "where": [before.place if before else "", place]}
        if not place:
            before.delete()
            log(fresh, "step.deliverable_missing", told)
            return None
        said = {"place": place, "said_by": by, "said_by_name": str(by)[:120], "said_at": log.at}
        made, _new = DeliverablePlace.objects.update_or_create(
            step=fresh, round=latest, name=name,
            defaults={"organization_id": fresh.organization_id, "project": fresh.project, **said},
        )  # fmt: skip
        log(fresh, "step.deliverable_present", told)
    return made


def _fresh(step: PlanStep) -> PlanStep:
    return PlanStep.objects.select_related("project__organization", "phase", "merged_into").get(pk=step.pk)


def _check_whole(step: PlanStep) -> None:
    """Steps that are worked together are closed and opened together. Raises RuleBroken."""
    if step.is_merged:
        raise RuleBroken(
            _("Step %(number)s is worked together with %(host)s and has no gate of its own: decide about that of %(host)s.")
            % {"number": step.number, "host": step.merged_into.number}
        )  # fmt: skip


def _rounds(step: PlanStep) -> list[StepRound]:
    """The latest rounds of a step and of those merged into it: what its gate ends."""
    found = []
    for one in (step, *gates.joined_of(step)):
        latest = gates.round_of(one)
        if latest is not None:
            latest.step = one
            found.append(latest)
    return found


def _permit(log: journal.Log, perm: Perm) -> None:
    if perm not in access.perms_in(log.by, log.project):
        raise flow.NotPermitted(_("You may not do this here."))


def _hold_of(step: PlanStep) -> gates.Hold:
    found = next((one for one in gates.holds() if one.step == step.code), None)
    if found is None:
        raise RuleBroken(_("Nothing waits for a decision in step %(number)s.") % {"number": step.number})
    return found


def _sort(of: dict[str, Any]) -> str:
    return "phase" if of.get("phase") else "step"


def _write(log: journal.Log, move: GateMove, item: Any, **fields: Any) -> GateDecision:
    return GateDecision.objects.create(
        organization_id=item.organization_id, project=log.project, move=move, item=str(item)[:250], reason=log.reason,
        decided_by=log.by, decided_by_name=str(log.by)[:120], decided_at=log.at, **fields,
    )  # fmt: skip
