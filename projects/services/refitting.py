"""Writing a decision about the plan: the new values of a step or an activity, and what of the plan they take along.

Callers (services.tailor) hold the organization's lock, and have asked what it means and whether it can be.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from projects import journal, layout
from projects.models import ActivityLink, PlanActivity, PlanStep, StepDependency
from projects.selectors.plan_state import PlanState, may_move, read_wait, relaid
from projects.selectors.published import ACTIVITY_WORDS, STEP_WORDS
from projects.tailoring.order import placed

from . import counters, plan, replan
from .fitting import phases_of


def write_step(state: PlanState, step: PlanStep, values: Mapping[str, Any], log: journal.Log, by: Any) -> None:
    """Gives a step its new values; the activities that lie in it go along, neighbours are numbered anew."""
    fields = [name for name in STEP_WORDS if name in values]
    for name in fields:
        setattr(step, name, values[name])
    if "merged_into" in values:
        step.merged_into = state.by_number.get(values["merged_into"])
        fields.append("merged_into")
        if step.is_applicable:
            step.justification = log.reason if step.merged_into else ""
            fields.append("justification")
    if "is_applicable" in values:
        step.is_applicable = values["is_applicable"]
        step.justification = "" if step.is_applicable else log.reason
        fields += ["is_applicable", "justification"]
    if "phase" in values or "before" in values:
        fields += _put_step(state, step, values)
    if "duration_days" in values:
        step.duration_days = int(values["duration_days"])
        fields += ["duration_days", "starts_on", "ends_on"]
        _stretch_activities(state, step, values, log)
    if "leads_to" in values:
        _link(state, step, [read_wait(text) for text in values["leads_to"]])
    if "waits" in values:
        _wait(state, step, [read_wait(text) for text in values["waits"]])
    step.version += 1
    log.mark(step).save(update_fields=[*dict.fromkeys(fields), "version", "updated_at"])
    if "is_applicable" in values:
        name = "include" if step.is_applicable else "exclude"
        for one in state.activities_of(step):
            if one.number in values["activities"] and one.is_applicable != step.is_applicable:
                moved = plan.go(activity=one, name=name, by=by, reason=log.reason)
                one.status, one.version = moved.status, moved.version


def _put_step(state: PlanState, step: PlanStep, values: Mapping[str, Any]) -> list[str]:
    """Gives a step its place in the lists and in the order of work; neighbours are only numbered anew."""
    phase = phases_of(state)[values.get("phase", step.phase.number)]
    listed = [one.number for one in state.steps if one.phase.number == phase.number or one.pk == step.pk]
    if "before" in values:
        listed = placed(listed, step.number, values["before"] or None)
    worked = state.worked
    if "works_before" in values:
        worked = placed(worked, step.number, values["works_before"] or None)
    step.phase = phase
    others = [one for one in state.steps if one.phase.number != phase.number]
    ranks = {number: at for at, number in enumerate([*(one.number for one in others), *listed], 1)}
    orders = {number: at for at, number in enumerate(worked, 1)}
    for one in state.steps:
        if (one.place, one.position) != (ranks[one.number], orders[one.number]):
            one.place, one.position = ranks[one.number], orders[one.number]
            if one.pk != step.pk:
                PlanStep.objects.filter(pk=one.pk).update(place=one.place, position=one.position)
    return ["phase", "place", "position"]


def _stretch_activities(state: PlanState, step: PlanStep, values: Mapping[str, Any], log: journal.Log) -> None:
    """Lays a step's activities into its new duration, or back to the days that a decision remembers."""
    spans = relaid(state, step, step.duration_days)
    kept = {
        number: layout.Span(replan.day(first), replan.day(last), days)
        for number, (first, last, days) in values.get("dates", {}).items()
    }
    changed = []
    for one in state.activities_of(step):
        span = kept.get(one.number) or spans.get(one.number)
        if span and may_move(one) and (one.starts_on, one.ends_on, one.duration_days) != span:
            one.starts_on, one.ends_on, one.duration_days = span
            changed.append(one)
    replan.save_days(changed, log)
    inside = [one for one in state.activities_of(step) if one.is_applicable]
    if inside:
        step.starts_on, step.ends_on = min(one.starts_on for one in inside), max(one.ends_on for one in inside)


def _wait(state: PlanState, step: PlanStep, waits: list[tuple[str, int]]) -> None:
    """What this step waits for, and how many working days longer."""
    wanted = {state.by_number[number].pk: lag for number, lag in waits}
    StepDependency.objects.filter(step=step).exclude(predecessor__in=wanted).delete()
    owned = {"organization_id": step.organization_id, "project_id": step.project_id}
    for predecessor, lag in wanted.items():
        StepDependency.objects.update_or_create(
            step=step, predecessor_id=predecessor, defaults={**owned, "lag_days": lag}
        )


def _link(state: PlanState, step: PlanStep, leads_to: list[tuple[str, int]]) -> None:
    """The steps that wait for this one, and how many working days longer."""
    wanted = {state.by_number[number].pk: lag for number, lag in leads_to if number in state.by_number}
    StepDependency.objects.filter(predecessor=step).exclude(step__in=wanted).delete()
    owned = {"organization_id": step.organization_id, "project_id": step.project_id}
    for later, lag in wanted.items():
        StepDependency.objects.update_or_create(step_id=later, predecessor=step, defaults={**owned, "lag_days": lag})


# --- an activity ----------------------------------------------------------------------------------------------------


def write_activity(
    state: PlanState, activity: PlanActivity, values: Mapping[str, Any], log: journal.Log, by: Any
) -> None:
    """Gives an activity its new values; its step stretches with it, what waits for it is tied anew."""
    fields = [name for name in ACTIVITY_WORDS if name in values]
    for name in fields:
        setattr(activity, name, Decimal(values[name]) if name == "effort_days" else values[name])
    if "duration_days" in values:
        stretch = int(values["duration_days"]) - activity.duration_days
        activity.duration_days = int(values["duration_days"])
        activity.ends_on = state.project.calendar.last_day(activity.starts_on, activity.duration_days)
        step = state.by_pk[activity.step_id]
        step.duration_days = max(step.duration_days + stretch, 1)
        step.version += 1
        log.mark(step).save(update_fields=["duration_days", "version", "updated_at"])
        fields += ["duration_days", "ends_on"]
    if "step" in values or "before" in values:
        fields += _put_activity(state, activity, values)
    if "chain" in values:
        _relink(state, values["chain"])
    if fields:
        activity.version += 1
        log.mark(activity).save(update_fields=[*fields, "version", "updated_at"])
    if "is_applicable" in values:
        name = "include" if values["is_applicable"] else "exclude"
        moved = plan.go(activity=activity, name=name, by=by, reason=log.reason)
        activity.status, activity.version = moved.status, moved.version
    if "effort_days" in values:
        counters.refresh(state.project, [activity.pk])


def _put_activity(state: PlanState, activity: PlanActivity, values: Mapping[str, Any]) -> list[str]:
    """Gives an activity its place, in its own step or in another one; its number stays."""
    old = state.by_pk[activity.step_id]
    new = state.by_number[values.get("step", old.number)]
    order = placed(
        [one.number for one in state.activities_of(new) if one.pk != activity.pk] + [activity.number],
        activity.number,
        values.get("before") or None,
    )
    if new.pk != old.pk:
        replan.transfer(activity, old, new)
        activity.step = new
    places = {number: at for at, number in enumerate(order, 1)}
    for one in state.activities_of(new):
        if one.position != places[one.number]:
            one.position = places[one.number]
            if one.pk != activity.pk:
                PlanActivity.objects.filter(pk=one.pk).update(position=one.position)
    return ["step", "position"]


def _relink(state: PlanState, chain: Mapping[str, Any]) -> None:
    """Stores what waits for what, as `chains` says it."""
    pk = {one.number: one.pk for one in state.activities}
    for earlier, later in chain["gone"]:
        ActivityLink.objects.filter(predecessor=pk.get(earlier), activity=pk.get(later)).delete()
    for earlier, later, kind, lag in chain["links"]:
        ActivityLink.objects.update_or_create(
            predecessor_id=pk[earlier],
            activity_id=pk[later],
            defaults={
                "kind": kind, "lag_days": lag, "organization_id": state.project.organization_id, "project": state.project,
            },
        )  # fmt: skip
