"""What of a decision about the plan cannot be, whoever wants it: each refusal says why and what to do first."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from projects.models import PlanActivity, PlanPhase, PlanStep
from projects.models.plan import ActivityStatus
from projects.selectors import gate as gates
from projects.selectors.plan_state import PlanState, read_wait
from projects.tailoring.order import placed

from . import schedule
from .meaning import Item

CLAUSE = "IMS2 step 1.1"


def check(state: PlanState, item: Item, values: Mapping[str, Any]) -> None:
    """What cannot be, whoever wants it. Raises RuleBroken."""
    if "title" in values and not str(values["title"]).strip():
        raise refused("title", _("Give it a name."))
    if "duration_days" in values and not 1 <= int(values["duration_days"]) <= 999:
        raise refused("duration_days", _("A duration lies between 1 and 999 working days."))
    if isinstance(item, PlanActivity):
        _check_activity(state, item, values)
    else:
        _check_step(state, item, values)


def _check_step(state: PlanState, step: PlanStep, values: Mapping[str, Any]) -> None:
    number = {"number": step.number}
    joined = [one.number for one in state.steps if one.merged_into_id == step.pk]
    if values.get("is_applicable") is False:
        if step.is_merged or joined:
            raise RuleBroken(_("Step %(number)s is merged with another. Split them first.") % number, CLAUSE)
        done = [one.number for one in state.activities_of(step) if one.status == ActivityStatus.DONE]
        if done:
            raise RuleBroken(
                _(
                    "Step %(number)s cannot be excluded, this is done: %(done)s. Exclude its other activities one by one."
                )
                % {**number, "done": ", ".join(done)},
                CLAUSE,
            )
    if values.get("merged_into"):
        host = state.by_number.get(values["merged_into"])
        if host is None:
            raise refused("merged_into", _("Choose a step of this plan."))
        if host.pk == step.pk:
            raise refused("merged_into", _("Step %(number)s cannot be merged into itself.") % number)
        if joined:
            raise RuleBroken(
                _("%(others)s is merged into step %(number)s. Split that first.")
                % {**number, "others": ", ".join(joined)},
                CLAUSE,
            )
        if not step.is_applicable or not host.is_applicable or host.is_merged:
            raise RuleBroken(
                _("Only steps that are worked can be merged: include or split %(number)s or %(host)s first.")
                % {**number, "host": host.number},
                CLAUSE,
            )
        if gates.of_step(host, []).is_closed:
            raise RuleBroken(
                _("The gate of step %(host)s is closed, and step %(number)s would be worked behind it. Open the gate again first.")
                % {**number, "host": host.number},
                CLAUSE,
            )  # fmt: skip
    if "phase" in values and values["phase"] not in phases_of(state):
        raise refused("place", _("Choose a place in this plan."))
    if "waits" in values:
        _check_waits(state, step, values)


def _check_waits(state: PlanState, step: PlanStep, values: Mapping[str, Any]) -> None:
    """Steps of this plan, none twice, none itself, and no circle: that is refused by naming it.

    A dependency that the order of the plan contradicts is not waited for, and closes no circle.
    """
    waits = [read_wait(text) for text in values["waits"]]
    numbers = [number for number, _lag in waits]
    if not set(numbers) <= state.by_number.keys() or len(set(numbers)) < len(numbers):
        raise refused("predecessor", _("Choose a step of this plan."))
    if step.number in numbers:
        raise refused("predecessor", _("Step %(number)s cannot wait for itself.") % {"number": step.number})
    if any(abs(lag) > schedule.MOST_LAG for _number, lag in waits):
        raise refused("lag_days", _("A lag has at most %(most)s working days.") % {"most": schedule.MOST_LAG})
    known = {link.predecessor for link in state.links if link.step == step.number}
    earlier: dict[str, list[str]] = {step.number: [number for number in numbers if number not in known]}
    order = state.worked
    if "works_before" in values:
        order = placed(order, step.number, values["works_before"] or None)
    worked = {number: at for at, number in enumerate(order)}
    later = {link.step for link in state.links if link.predecessor == step.number}
    if "leads_to" in values:
        later = {read_wait(text)[0] for text in values["leads_to"]}
    for link in state.links:
        if link.step == step.number or (link.predecessor == step.number and link.step not in later):
            continue
        if worked[link.predecessor] < worked[link.step]:
            earlier.setdefault(link.step, []).append(link.predecessor)
    if chain := _circle(earlier, step.number):
        raise RuleBroken(
            _("This would turn in a circle: %(chain)s. Remove one of these links first.")
            % {"chain": " → ".join(chain)},
            CLAUSE,
        )


def _circle(earlier: Mapping[str, list[str]], start: str) -> list[str]:
    """The way from a step along what it waits for back to itself, both ends named; [] when there is none."""
    came_from: dict[str, str] = {}
    queue = [start]
    for one in queue:  # grows while it is walked
        for before in earlier.get(one, ()):
            if before == start:
                way = [one]
                while way[-1] != start:
                    way.append(came_from[way[-1]])
                return [*reversed(way), start]
            if before not in came_from:
                came_from[before] = one
                queue.append(before)
    return []


def _check_activity(state: PlanState, activity: PlanActivity, values: Mapping[str, Any]) -> None:
    step = state.by_number.get(values.get("step", "")) if "step" in values else state.by_pk[activity.step_id]
    if step is None:
        raise refused("place", _("Choose a place in this plan."))
    if not step.is_applicable:
        says = _("Step %(number)s is excluded from the plan.")
        if values.get("is_applicable"):
            says = _("Step %(number)s is excluded as a whole. Include the step again first.")
        raise RuleBroken(says % {"number": step.number}, CLAUSE)
    if values.get("is_applicable") is False and activity.status == ActivityStatus.DONE:
        raise RuleBroken(
            _("Activity %(number)s is done: what was worked stays in the plan.") % {"number": activity.number}, CLAUSE
        )
    if "effort_days" in values and not 0 <= Decimal(values["effort_days"]) <= 1000:
        raise refused("effort_days", _("An effort lies between 0 and 1000 person-days."))


def phases_of(state: PlanState) -> dict[int, PlanPhase]:
    return {phase.number: phase for phase in PlanPhase.objects.filter(project=state.project)}
