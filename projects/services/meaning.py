"""What a decision about the plan would bring about, before anybody takes it. Reads the schedule, writes nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from projects.models import PlanActivity, PlanStep, TailoringKind
from projects.schedule.consequence import Consequence
from projects.schedule.plan import tailored
from projects.selectors.plan_state import PlanState
from projects.tailoring import chains, network
from projects.tailoring.order import placed

from . import changing, plan, schedule

Item = PlanStep | PlanActivity


@dataclass(frozen=True)
class Meaning:
    """What a decision would bring about, before anybody takes it."""

    before: dict[str, Any]
    after: dict[str, Any]
    violated: list[network.Link]
    """Dependencies that the new order contradicts and the one before did not."""
    mended: list[network.Link]
    skipped: list[str]
    """Approvals that nobody would give any more, or that would come after what depends on them."""
    schedule: Consequence
    tasks_aside: int
    effort_days: Decimal
    """Person-days that no longer count (negative: that count again)."""

    @property
    def effort_more(self) -> Decimal:
        """Person-days that count in addition."""
        return max(-self.effort_days, Decimal(0))

    @property
    def moved_activities(self) -> int:
        return self.schedule.own_activities

    @property
    def moved_tasks(self) -> int:
        return self.schedule.own_tasks

    @property
    def ended_on(self) -> dt.date:
        return self.schedule.before.ends_on

    @property
    def ends_on(self) -> dt.date:
        return self.schedule.after.ends_on

    @property
    def days_later(self) -> int:
        """Working days by which the end of the plan moves, negative when days are gained."""
        axis = self.schedule.after.plan.axis
        return axis.finish(self.ends_on) - axis.finish(self.ended_on)

    @property
    def days_gained(self) -> int:
        return max(-self.days_later, 0)

    @property
    def days_lost(self) -> int:
        return max(self.days_later, 0)

    @property
    def conflicts(self) -> list[str]:
        """What was promised and could no longer be kept, by name."""
        return [self.schedule.after.plan.name_of(key) for key, _conflict in self.schedule.new_conflicts]


def meaning_of(state: PlanState, item: Item, values: Mapping[str, Any]) -> Meaning:
    """What follows from giving an item these values (`meant`); reads the schedule, writes nothing. RuleBroken: a circle."""
    found = schedule.what_if(state.project, changing.change_of(state, item, values))
    was, now = (tailored(side.plan).violated for side in (found.before, found.after))
    violated = [link for link in now if link not in was]
    aside, effort = _work(state, item, values)
    return Meaning(
        before=_before(state, item, values),
        after=dict(values),
        violated=violated,
        mended=[link for link in was if link not in now],
        skipped=_skipped(state, item, values, violated),
        schedule=found,
        tasks_aside=aside,
        effort_days=effort,
    )


def _work(state: PlanState, item: Item, values: Mapping[str, Any]) -> tuple[int, Decimal]:
    """Open tasks set aside (or taken back), and person-days that no longer count."""
    if "is_applicable" in values and values["is_applicable"] != item.is_applicable:
        touched = [item] if isinstance(item, PlanActivity) else state.activities_of(item)
        counted = [one for one in touched if one.is_applicable != values["is_applicable"]]
        sign = -1 if values["is_applicable"] else 1
        return sum(one.task_open_count for one in counted), sign * sum((one.effort_days for one in counted), Decimal(0))
    if isinstance(item, PlanActivity) and "effort_days" in values:
        return 0, item.effort_days - Decimal(values["effort_days"])
    return 0, Decimal(0)


def _before(state: PlanState, item: Item, values: Mapping[str, Any]) -> dict[str, Any]:
    names = set(values) - {"activities", "chain"}
    if isinstance(item, PlanStep) and "duration_days" in values:
        names.add("dates")
    found = state.values_of(item, sorted(names))
    if "chain" in values:
        found["chain"] = chains.back(state.chains, values["chain"])
    return found


def _skipped(state: PlanState, item: Item, values: Mapping[str, Any], violated: list[network.Link]) -> list[str]:
    """Approvals that an exclusion leaves out, or that a new order puts behind what should wait for them."""
    told: list[str] = []
    if values.get("is_applicable") is False and item.is_applicable:
        told += plan.approvals_of(item)
        if isinstance(item, PlanStep):
            for one in state.activities_of(item):
                told += plan.approvals_of(one) if one.is_applicable else []
    for link in violated:
        told += plan.approvals_of(state.by_number[link.predecessor])
    return list(dict.fromkeys(told))


def meant(state: PlanState, item: Item, values: Mapping[str, Any]) -> dict[str, Any]:
    """Completes what a person leaves out: where a step stands in the order of work, which activities come back."""
    meant = dict(values)
    if isinstance(item, PlanActivity):
        if ("step" in meant or "before" in meant) and "chain" not in meant:
            meant["chain"] = _chain(state, item, meant)
        return meant
    if "before" in meant and "works_before" not in meant:
        meant["works_before"] = meant["before"] or _after_phase(state, item, meant.get("phase", item.phase.number))
    if "is_applicable" in meant and "activities" not in meant:
        if meant["is_applicable"]:
            last = item.tailoring.filter(kind=TailoringKind.EXCLUDE, activity=None).order_by("number").last()
            known = last.after.get("activities", []) if last else []
            meant["activities"] = [one.number for one in state.activities_of(item) if one.number in known]
        else:
            meant["activities"] = [one.number for one in state.activities_of(item) if one.is_applicable]
    return meant


def _chain(state: PlanState, activity: PlanActivity, values: Mapping[str, Any]) -> dict[str, Any]:
    """What waits for what once an activity is worked elsewhere: its old neighbours close up, the new ones let it in."""
    home = state.by_pk[activity.step_id]
    there = state.by_number.get(values.get("step", home.number), home)
    order = [one.number for one in state.activities_of(there) if one.pk != activity.pk]
    order = placed([*order, activity.number], activity.number, values.get("before") or None)
    inside = {one.number for step in {home.pk, there.pk} for one in state.activities if one.step_id == step}
    return chains.moved(state.chains, activity.number, order, inside)


def _after_phase(state: PlanState, item: PlanStep, phase: int) -> str:
    """The step that is worked after the last one of a phase, for what is put at its end; "" at the end of all."""
    worked = [number for number in state.worked if number != item.number]
    inside = [at for at, number in enumerate(worked) if state.by_number[number].phase.number == phase]
    after = inside[-1] + 1 if inside else len(worked)
    return worked[after] if after < len(worked) else ""
