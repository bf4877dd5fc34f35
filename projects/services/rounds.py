"""Working an iterative step again: a round has its trigger, dates, activities, outputs, approval and its own "done".

A round ends when the gate of its step is closed (`services.gate`), and in no other way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from projects import journal, layout
from projects.models import (
    BaselineRow,
    DeliverablePlace,
    Evidence,
    GateDecision,
    GateMove,
    PlanActivity,
    PlanMilestone,
    PlanStep,
    StepRound,
    TailoringDecision,
    TailoringKind,
    Task,
)
from projects.models.plan import ActivityStatus
from projects.selectors import gate as gates
from projects.selectors.plan_state import state_of

from . import counters, decision, gate, plan, schedule, tailor

CLAUSE = "IMS2 step 1.7"
BEGUN = (ActivityStatus.IN_PROGRESS, ActivityStatus.DONE)


def start(
    *, step: PlanStep, by: Any, trigger: str, starts_on: dt.date, ends_on: dt.date, outputs: Collection[str] = (),
    approval_by: str = "", approval_of: str = "", activities: Collection[str] | None = None,
) -> TailoringDecision:  # fmt: skip
    """Opens the next round of a step with the same activities again (all that apply, or those numbered in `activities`).

    The activities of the rounds before stay as they were worked; the new ones carry the round in their number
    ("1.7.3-R2"). A round that is open still is ended with it, by its gate. Of a step that is merged into another the gate
    is that of the whole: it is open again with the new round. Raises RuleBroken where the gate asks for more, or for a
    step that is not worked in rounds.
    """
    trigger = trigger.strip()
    project = step.project
    with journal.change(project, by=by, reason=trigger) as log:
        tailor.permit(project, by)
        state = state_of(project)
        fresh = tailor.of(state, step)
        if not trigger:
            raise refused("trigger", _("Say what makes this round necessary."))
        if ends_on < starts_on:
            raise refused("ends_on", _("The round would end before it starts."))
        if not fresh.is_iterative:
            raise RuleBroken(_("Step %(number)s is not worked in rounds.") % {"number": fresh.number}, CLAUSE)
        if not fresh.is_applicable:
            raise RuleBroken(_("Step %(number)s is excluded from the plan.") % {"number": fresh.number}, CLAUSE)
        rounds = list(fresh.rounds.order_by("number"))
        last = rounds[-1] if rounds else None
        owned = {"organization_id": project.organization_id, "project": project}
        if last and not last.is_closed:
            _end(last, fresh, by)
        number = (last.number if last else 0) + 1
        made = StepRound.objects.create(
            **owned, step=fresh, number=number, trigger=trigger, starts_on=starts_on, ends_on=ends_on,
            outputs=list(outputs) or list(fresh.deliverables), approval_by=approval_by or fresh.approval_by,
            approval_of=approval_of.strip() or fresh.approval_of,
        )  # fmt: skip
        sources = [one for one in _first_of(state.activities_of(fresh)) if _is_taken(one, activities)]
        if not sources:
            raise refused("activities", _("Choose at least one activity."))
        calendar = project.calendar
        days = max(calendar.between(starts_on, ends_on), 1)
        span = layout.Span(starts_on, ends_on, days)
        position = max((one.position for one in state.activities_of(fresh)), default=0)
        again = [
            PlanActivity(
                **owned, step=fresh, round=made, source=one.source, code=one.code, number=f"{one.number}-R{number}",
                position=position + at, title=one.title, purpose=one.purpose, inputs=one.inputs, outputs=one.outputs,
                responsible=one.responsible, hs_clauses=one.hs_clauses, approval_by=one.approval_by,
                approval_of=one.approval_of, effort_days=one.effort_days, duration_days=laid.days,
                starts_on=laid.starts_on, ends_on=laid.ends_on,
            )
            for at, (one, laid) in enumerate(
                zip(sources, layout.activities([one.effort_days for one in sources], span, calendar), strict=True), 1
            )
        ]  # fmt: skip
        for one in again:
            log.mark(one).save()
            counters.activities_changed(one, count=1)
        counters.refresh(project, [one.pk for one in again])
        fresh.starts_on, fresh.ends_on = min(fresh.starts_on, starts_on), max(fresh.ends_on, ends_on)
        fresh.version += 1
        log.mark(fresh).save(update_fields=["starts_on", "ends_on", "version", "updated_at"])
        counters.redraw(project)
        if fresh.is_merged and gates.of_step(fresh, []).is_closed:
            gate.reopen(step=gates.whole_of(fresh), by=by, reason=trigger)
        told = {
            "round": number,
            "starts_on": starts_on,
            "ends_on": ends_on,
            "activities": [one.number for one in again],
        }
        log(fresh, "step.round_started", told)
        return decision.record(log, TailoringKind.ROUND, fresh, before={"round": number - 1}, after=told)


def _end(last: StepRound, step: PlanStep, by: Any) -> None:
    """Ends the open round by its gate. What the gate still asks for is met, or overridden with a reason of its own, there."""
    unmet = [f"{one.label} ({one.reason})" if one.reason else str(one.label) for one in gates.of_step(step).unmet]
    if unmet:
        raise RuleBroken(
            _("Round %(n)s of step %(number)s is open still: %(unmet)s. Close its gate first.")
            % {"n": last.number, "number": step.number, "unmet": "; ".join(unmet)},
            CLAUSE,
        )
    gate.close(step=gates.whole_of(step), by=by)


def take_back(last: TailoringDecision, *, by: Any, reason: str) -> TailoringDecision:
    """Undoes the start of a round in which nothing has happened yet, inside the change of services.untailor.

    Its activities go; the round before is open again where this one had ended it; a gate that this one had opened is
    closed again. Raises RuleBroken, naming what has happened.
    """
    project = last.step.project
    with journal.change(project, by=by, reason=reason) as log:
        step = tailor.of(state_of(project), last.step)
        made = step.rounds.get(number=last.after["round"])
        activities = list(made.activities.order_by("position"))
        if happened := _happened(made, activities):
            raise RuleBroken(
                _(
                    "Round %(n)s is not undone, something has happened in it: %(what)s. Exclude its activities, or close it."
                )
                % {"n": made.number, "what": ", ".join(happened)},
                CLAUSE,
            )
        for one in activities:
            if one.is_applicable:
                plan.go(activity=one, name="exclude", by=by, reason=log.reason)  # so that nothing of it counts
            log.mark(one).delete()
        made.delete()
        log(step, "step.round_undone", {"round": made.number, "activities": [one.number for one in activities]})
        _gate_as_before(step, last, log, by)
        step = PlanStep.objects.select_related("project__organization").get(pk=step.pk)
        plan.stretch_step(step, log)
        schedule.follow(project, log)
        counters.redraw(project)
        return decision.record(log, TailoringKind.ROUND, step, before=last.after, after=last.before, undoes=last)


def _gate_as_before(step: PlanStep, last: TailoringDecision, log: journal.Log, by: Any) -> None:
    """What the start of a round did to the gate is taken back: it ended the round before, or it opened the gate of a whole."""
    whole = gates.whole_of(step)
    found = gates.of_step(whole, [])
    moves = [one.move for one in found.decisions if one.decided_at == last.decided_at]
    if moves == [GateMove.CLOSE]:
        gate.reopen(step=whole, by=by, reason=log.reason)
    elif GateMove.CLOSE in moves:
        for ended in step.rounds.filter(closed_at=last.decided_at).order_by("number"):
            ended.step = step
            gate.reopen_round(log, ended)
    elif moves and found.decisions[-1].decided_at == last.decided_at:
        gate.close_again(step=whole, by=by, reason=log.reason)


def _happened(made: StepRound, activities: list[PlanActivity]) -> list[str]:
    """What has happened in a round, in words: then it is part of the record."""
    among = {"activity__in": activities}
    kind = PlanActivity._meta.label_lower
    facts = {
        _("work was begun"): any(one.started_on or one.status in BEGUN for one in activities),
        _("tasks"): Task.objects.filter(**among).exists(),
        _("evidence"): Evidence.objects.filter(target_kind=kind, target_id__in=[one.pk for one in activities]).exists(),
        _("a baseline"): BaselineRow.objects.filter(**among).exists(),
        _("a milestone"): PlanMilestone.objects.filter(**among).exists(),
        _("decisions about its activities"): TailoringDecision.objects.filter(**among).exists(),
        _("deliverables"): DeliverablePlace.objects.filter(round=made).exists(),
        _("a decision about its gate"): made.is_closed or GateDecision.objects.filter(round=made).exists(),
        _("a further round"): made.step.rounds.filter(number__gt=made.number).exists(),
    }
    return [str(words) for words, is_so in facts.items() if is_so]


def _first_of(activities: Collection[PlanActivity]) -> list[PlanActivity]:
    """The activities as the first round had them: what a further round repeats."""
    return [one for one in activities if "-R" not in one.number]


def _is_taken(activity: PlanActivity, chosen: Collection[str] | None) -> bool:
    return activity.number in chosen if chosen is not None else activity.is_applicable
