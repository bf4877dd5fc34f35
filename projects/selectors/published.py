"""A plan held against the edition of the method it came from: in what an item differs, and what it would be again."""

from __future__ import annotations

from typing import Any

from pdca.models import Activity, Step
from projects import layout
from projects.models import PlanActivity, PlanStep

from .outline import by_number
from .plan_state import PlanState

STEP_WORDS = ("title", "objective", "deliverables", "approval_by", "approval_of", "is_iterative", "hs_clauses")
ACTIVITY_WORDS = (
    "title", "purpose", "inputs", "outputs", "responsible", "effort_days", "approval_by", "approval_of", "hs_clauses",
)  # fmt: skip
Placed = set[tuple[int, int | None]]
"""Ids of step and activity (None for the step itself) of what was put elsewhere."""


def with_sources(state: PlanState) -> PlanState:
    """Loads the rows of the method behind every item, so that comparing asks nothing more; two queries."""
    steps = Step.objects.select_related("phase").in_bulk({one.source_id for one in state.steps if one.source_id})
    activities = Activity.objects.in_bulk({one.source_id for one in state.activities if one.source_id})
    for rows, sources in ((state.steps, steps), (state.activities, activities)):
        for one in rows:
            if one.source_id:
                one.source = sources[one.source_id]
    return state


def published(state: PlanState, item: PlanStep | PlanActivity, placed: Placed) -> dict[str, Any]:
    """The values in which an item differs from its row of the method; {} for one of the organization's own.

    `placed` are the items that were ever put elsewhere: only of them the place is compared.
    """
    if item.source_id is None:
        return {}
    found = _of_activity(state, item, placed) if isinstance(item, PlanActivity) else _of_step(state, item, placed)
    names = [name for name in found if name not in ("before", "works_before")]
    now = state.values_of(item, names)
    values = {name: found[name] for name in names if now[name] != found[name]}
    if "before" in found and found["before"] != state.values_of(item, ["before"])["before"]:
        values |= {name: found[name] for name in ("before", "works_before", "phase", "step") if name in found}
    return values


def _of_step(state: PlanState, step: PlanStep, placed: Placed) -> dict[str, Any]:
    source = step.source
    values: dict[str, Any] = {"is_applicable": True, "merged_into": ""}
    values |= {name: getattr(source, name) for name in STEP_WORDS}
    values["duration_days"] = layout.scaled(source.duration_days, state.project.headcount)
    values["phase"] = source.phase.number
    if (step.pk, None) in placed:
        ahead = [one for one in state.listed_in(source.phase.number) if by_number(one) > by_number(step.number)]
        values["before"] = min(ahead, key=by_number, default="")
        later = [one for one in state.steps if one.source_id and one.source.sequence > source.sequence]
        values["works_before"] = min(later, key=lambda one: one.source.sequence).number if later else ""
    return values


def _of_activity(state: PlanState, activity: PlanActivity, placed: Placed) -> dict[str, Any]:
    source: Activity = activity.source
    values: dict[str, Any] = {"is_applicable": True}
    values |= {name: getattr(source, name) for name in ACTIVITY_WORDS}
    home = next((step for step in state.steps if step.source_id == source.step_id), None)
    if home is not None and any(pk == activity.pk for _step, pk in placed):
        siblings = [
            one.number for one in state.activities_of(home) if by_number(one.number) > by_number(activity.number)
        ]
        values |= {"step": home.number, "before": min(siblings, key=by_number, default="")}
    return values
