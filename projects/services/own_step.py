"""Adding what the method does not have: a step of the organization's own."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from projects import journal
from projects.models import PlanPhase, PlanStep, Project, StepDependency, StepRound, TailoringDecision, TailoringKind
from projects.selectors.plan_state import PlanState, read_wait, state_of, wait
from projects.tailoring.order import placed

from . import counters, decision, tailor


def next_number(state: PlanState, phase: int) -> str:
    """One after the highest in use in that phase, wherever those steps stand today; never one used before."""
    used = [
        int(step.number.split(".")[1])
        for step in state.steps
        if step.number.startswith(f"{phase}.") and step.number.split(".")[1].isdecimal()
    ]
    return f"{phase}.{max(used, default=0) + 1}"


def add(
    *, project: Project, by: Any, title: str, justification: str, phase: int, before: str = "", duration_days: int = 5,
    objective: str = "", waits_for: Collection[str] = (), approval_by: str = "", approval_of: str = "",
    deliverables: Collection[str] = (), is_iterative: bool = False,
) -> TailoringDecision:  # fmt: skip
    """Adds a step at the end of a phase or before another step of it. Raises RuleBroken, NotPermitted.

    It begins when the steps it waits for (plan_state.wait: "1.4", "1.4 +3") have ended; without any, when the project
    begins. Its activities are added one by one.
    """
    justification = justification.strip()
    with journal.change(project, by=by, reason=justification) as log:
        tailor.permit(project, by)
        if not justification:
            raise refused("justification", _("Say why the plan needs this step."))
        if not title.strip():
            raise refused("title", _("Give it a name."))
        if not 1 <= duration_days <= 999:
            raise refused("duration_days", _("A duration lies between 1 and 999 working days."))
        if bool(approval_by) != bool(approval_of.strip()):
            raise refused("approval_of", _("An approval needs both: who gives it, and of what."))
        state = state_of(project)
        place = PlanPhase.objects.filter(project=project, number=phase).first()
        if place is None:
            raise RuleBroken(_("Choose a place in this plan."))
        waits = [read_wait(text) for text in waits_for]
        known = {number: lag for number, lag in waits if number in state.by_number}
        calendar = project.calendar
        begins = [calendar.add(state.by_number[number].ends_on, 1 + lag) for number, lag in known.items()]
        starts_on = max(begins, default=calendar.on_or_after(project.start_on))
        step = PlanStep(
            organization_id=project.organization_id, project=project, phase=place, number=next_number(state, phase),
            position=len(state.steps) + 1, title=title.strip(), objective=objective.strip(),
            deliverables=list(deliverables), approval_by=approval_by, approval_of=approval_of.strip(),
            is_iterative=is_iterative, justification=justification, duration_days=duration_days, starts_on=starts_on,
            ends_on=calendar.last_day(starts_on, duration_days),
        )  # fmt: skip
        log.mark(step).save()
        owned = {"organization_id": project.organization_id, "project": project}
        if is_iterative:
            StepRound.objects.create(
                **owned, step=step, number=1, starts_on=step.starts_on, ends_on=step.ends_on,
                approval_by=approval_by, approval_of=step.approval_of,
            )  # fmt: skip
        StepDependency.objects.bulk_create(
            [
                StepDependency(**owned, step=step, predecessor=state.by_number[number], lag_days=lag)
                for number, lag in known.items()
            ]
        )
        _number_places(state_of(project), step, before)
        counters.redraw(project)
        told = {
            "title": step.title,
            "phase": phase,
            "duration_days": duration_days,
            "waits_for": sorted(wait(*one) for one in known.items()),
        }
        log(step, "step.added", told)
        return decision.record(log, TailoringKind.ADD, step, before={}, after=told)


def _number_places(state: PlanState, step: PlanStep, before: str) -> None:
    """Puts the new step where it was asked for, in the lists and in the order of work."""
    listed = placed(state.listed_in(step.phase.number), step.number, before or None)
    others = [one.number for one in state.steps if one.phase.number != step.phase.number]
    last = max((state.worked.index(n) for n in listed if n != step.number), default=len(state.worked) - 1)
    after = [n for n in state.worked[last + 1 :] if n != step.number]
    worked = placed(state.worked, step.number, before or (after[0] if after else None))
    for at, number in enumerate([*others, *listed], 1):
        one, order = state.by_number[number], worked.index(number) + 1
        if (one.place, one.position) != (at, order):
            PlanStep.objects.filter(pk=one.pk).update(place=at, position=order)
