"""A decision about the plan as the schedule tries it out: the same rows with other values, nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from projects.models import PlanActivity, PlanStep
from projects.models.plan import ActivityStatus
from projects.schedule import FS
from projects.schedule.plan import ACTIVITY, STEP, Plan, PlanLink
from projects.selectors.plan_state import PlanState, may_move, read_wait, relaid
from projects.tailoring import chains
from projects.tailoring.order import placed

from .replan import day


def change_of(state: PlanState, item: PlanStep | PlanActivity, values: Mapping[str, Any]) -> Callable[[Plan], Plan]:
    """The change that services.tailor would write."""
    make = _activity if isinstance(item, PlanActivity) else _step
    return lambda plan: make(plan, state, item, values)


def _applies(plan: Plan, pk: int, is_applicable: bool) -> Plan:
    row = plan.activities[pk]
    back = ActivityStatus.IN_PROGRESS if row.started_on else ActivityStatus.PLANNED
    return plan.with_activity(pk, status=back if is_applicable else ActivityStatus.EXCLUDED)


def _step(plan: Plan, state: PlanState, step: PlanStep, values: Mapping[str, Any]) -> Plan:
    row = plan.steps[step.pk]
    if "merged_into" in values:
        host = state.by_number.get(values["merged_into"])
        row = row._replace(merged_into=host.pk if host is not None else None)
    if "is_applicable" in values:
        row = row._replace(is_applicable=values["is_applicable"])
    plan = replace(plan, steps={**plan.steps, step.pk: row})
    if "is_applicable" in values:
        for one in state.activities_of(step):
            if one.number in values.get("activities", ()) and one.is_applicable != values["is_applicable"]:
                plan = _applies(plan, one.pk, values["is_applicable"])
    if "works_before" in values:
        before = state.by_number.get(values["works_before"])
        order = placed(list(plan.steps), step.pk, before.pk if before is not None else None)
        plan = replace(plan, steps={pk: plan.steps[pk] for pk in order})
    if "leads_to" in values:
        kept = [one for one in plan.links if not (one.of == STEP and one.source == step.pk)]
        found = [read_wait(text) for text in values["leads_to"]]
        now = [PlanLink(STEP, step.pk, state.by_number[n].pk, FS, lag) for n, lag in found if n in state.by_number]
        plan = replace(plan, links=(*kept, *now))
    if "waits" in values:
        kept = [one for one in plan.links if not (one.of == STEP and one.target == step.pk)]
        found = [read_wait(text) for text in values["waits"]]
        now = [PlanLink(STEP, state.by_number[number].pk, step.pk, FS, lag) for number, lag in found]
        plan = replace(plan, links=(*kept, *now))
    if "duration_days" in values:
        plan = _resized(plan, state, step, values)
    return plan


def _resized(plan: Plan, state: PlanState, step: PlanStep, values: Mapping[str, Any]) -> Plan:
    spans = relaid(state, step, int(values["duration_days"]))
    for one in state.activities_of(step):
        if kept := values.get("dates", {}).get(one.number):
            first, last, days = day(kept[0]), day(kept[1]), kept[2]
        elif one.number in spans:
            first, last, days = spans[one.number]
        else:
            continue
        if may_move(one):
            plan = plan.with_activity(one.pk, starts_on=first, ends_on=last, duration_days=days)
    return plan


def _activity(plan: Plan, state: PlanState, activity: PlanActivity, values: Mapping[str, Any]) -> Plan:
    pk = activity.pk
    if "is_applicable" in values:
        plan = _applies(plan, pk, values["is_applicable"])
    if "duration_days" in values:
        days = int(values["duration_days"])
        last = state.project.calendar.last_day(activity.starts_on, days)
        plan = plan.with_activity(pk, duration_days=days, ends_on=last)
    if "step" in values and values["step"] in state.by_number:
        plan = plan.with_activity(pk, step=state.by_number[values["step"]].pk)
    if "chain" in values:
        numbers = {one.number: one.pk for one in state.activities}
        kept = [one for one in plan.links if one.of != ACTIVITY]
        found = chains.applied(state.chains, values["chain"])
        plan = replace(
            plan,
            links=(*kept, *(PlanLink(ACTIVITY, numbers[a], numbers[b], kind, lag) for a, b, kind, lag in found)),
        )
    return plan
