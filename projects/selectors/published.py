"""A plan held against the edition of the method it came from: in what an item differs, and what it would be again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from pdca.models import Activity, Step
from projects import layout
from projects.models import PlanActivity, PlanStep, TailoringDecision, TailoringKind

from .outline import by_number
from .plan_state import PlanState, read_wait, wait

STEP_WORDS = ("title", "objective", "deliverables", "approval_by", "approval_of", "is_iterative", "hs_clauses")
ACTIVITY_WORDS = (
    "title", "purpose", "inputs", "outputs", "responsible", "effort_days", "approval_by", "approval_of", "hs_clauses",
)  # fmt: skip


@dataclass
class Touched:
    """What decisions were ever about, undone or not: a place is compared with the method only where one was decided."""

    placed: set[tuple[int, int | None]] = field(default_factory=set)
    """Ids of step and activity (None for the step itself)."""
    waits: set[tuple[int, str]] = field(default_factory=set)
    """Step and number of the other: a decision about the step said that it waits for the other, or no longer."""
    leads_to: set[tuple[int, str]] = field(default_factory=set)
    """Step and number of the other: a decision about the step said that the other waits for it, or no longer."""


def touched_by(decisions: Iterable[TailoringDecision]) -> Touched:
    """No queries."""
    found = Touched()
    for one in decisions:
        if one.kind == TailoringKind.PLACE:
            found.placed.add((one.step_id, one.activity_id))
        for name, links in (("waits", found.waits), ("leads_to", found.leads_to)):
            links |= {(one.step_id, number) for number in _changed(one.before, one.after, name)}
    return found


def _changed(before: Mapping[str, Any], after: Mapping[str, Any], name: str) -> set[str]:
    """The numbers of the steps whose link a decision made, took away or gave another lag."""
    return {read_wait(text)[0] for text in set(before.get(name, ())) ^ set(after.get(name, ()))}


def with_sources(state: PlanState) -> PlanState:
    """Loads the rows of the method behind every item, so that comparing asks nothing more of them; two queries."""
    _load(state.steps, Step.objects.select_related("phase"))
    _load(state.activities, Activity.objects.all())
    return state


def _load(items: Sequence[PlanStep | PlanActivity], sources: QuerySet) -> None:
    """The rows of the method behind these items, unless they are there already; one query."""
    wanting = [one for one in items if one.source_id and not type(one).source.is_cached(one)]
    found = sources.in_bulk({one.source_id for one in wanting})
    for one in wanting:
        one.source = found[one.source_id]


def published(state: PlanState, item: PlanStep | PlanActivity, touched: Touched) -> dict[str, Any]:
    """The values in which an item differs from its row of the method; {} for one of the organization's own.

    Two queries the first time a step is asked about: the steps of the method, and what waits for what there.
    """
    if item.source_id is None:
        return {}
    found = _of_activity(state, item, touched) if isinstance(item, PlanActivity) else _of_step(state, item, touched)
    names = [name for name in found if name not in ("before", "works_before")]
    now = state.values_of(item, names)
    values = {name: found[name] for name in names if now[name] != found[name]}
    if "before" in found and found["before"] != state.values_of(item, ["before"])["before"]:
        values |= {name: found[name] for name in ("before", "works_before", "phase", "step") if name in found}
    return values


def _of_step(state: PlanState, step: PlanStep, touched: Touched) -> dict[str, Any]:
    _load(state.steps, Step.objects.select_related("phase"))
    source = step.source
    values: dict[str, Any] = {"is_applicable": True, "merged_into": ""}
    values |= {name: getattr(source, name) for name in STEP_WORDS}
    values["duration_days"] = layout.scaled(source.duration_days, state.project.headcount)
    values["phase"] = source.phase.number
    values["waits"] = _waits(state, step, touched)
    values["leads_to"] = _leads_to(state, step, touched)
    if (step.pk, None) in touched.placed:
        ahead = [one for one in state.listed_in(source.phase.number) if by_number(one) > by_number(step.number)]
        values["before"] = min(ahead, key=by_number, default="")
        later = [one for one in state.steps if one.source_id and one.source.sequence > source.sequence]
        values["works_before"] = min(later, key=lambda one: one.source.sequence).number if later else ""
    return values


def _waits(state: PlanState, step: PlanStep, touched: Touched) -> list[str]:
    """What the step would wait for: what the method says, without a lag.

    A link that a decision about the other step made, and none about this one changed, belongs to the other: it stays.
    """
    now = {link.predecessor: link.lag_days for link in state.links if link.step == step.number}
    found = {one.number: 0 for one in state.steps if (step.source_id, one.source_id) in state.method_links}
    for one in state.steps:
        if (one.pk, step.number) in touched.leads_to and (step.pk, one.number) not in touched.waits:
            found.pop(one.number, None)
            if one.number in now:
                found[one.number] = now[one.number]
    return sorted(wait(number, lag) for number, lag in found.items())


def _leads_to(state: PlanState, step: PlanStep, touched: Touched) -> list[str]:
    """The steps that would wait for this one: those that do, but where a decision about this one said so, the method's."""
    found = {link.step: link.lag_days for link in state.links if link.predecessor == step.number}
    for one in state.steps:
        if (step.pk, one.number) in touched.leads_to:
            found.pop(one.number, None)
            if (one.source_id, step.source_id) in state.method_links:
                found[one.number] = 0
    return sorted(wait(number, lag) for number, lag in found.items())


def _of_activity(state: PlanState, activity: PlanActivity, touched: Touched) -> dict[str, Any]:
    source: Activity = activity.source
    values: dict[str, Any] = {"is_applicable": True}
    values |= {name: getattr(source, name) for name in ACTIVITY_WORDS}
    home = next((step for step in state.steps if step.source_id == source.step_id), None)
    if home is not None and any(pk == activity.pk for _step, pk in touched.placed):
        siblings = [
            one.number for one in state.activities_of(home) if by_number(one.number) > by_number(activity.number)
        ]
        values |= {"step": home.number, "before": min(siblings, key=by_number, default="")}
    return values
