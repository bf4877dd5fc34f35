"""Newer editions of a project's method, and what each would change in its plan."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from pdca.models import Activity, Catalogue, Step
from pdca.selectors import catalogue as catalogues
from projects import layout
from projects.models import PlanActivity, PlanStep, Project
from projects.tailoring import edition

from .plan_state import PlanState, state_of
from .published import ACTIVITY_WORDS, STEP_WORDS


def newer(project: Project) -> list[Catalogue]:
    """Editions of the project's method that came after its own, the newest first."""
    every = catalogues.editions(project.catalogue.code)
    return [one for one in every if catalogues.age(one) > catalogues.age(project.catalogue)]


@dataclass
class Comparison:
    """A plan between its own edition of the method and a newer one."""

    state: PlanState
    old: catalogues.Plan
    new: catalogues.Plan

    @cached_property
    def steps(self) -> list[edition.Item]:
        size = self.state.project.headcount
        here = {one.code: _step(one, one.duration_days) for one in self.state.steps if one.source_id}
        sides = [
            {one.code: _step(one, layout.scaled(one.duration_days, size)) for one in plan.steps}
            for plan in (self.old, self.new)
        ]
        return edition.compared(sides[0], sides[1], here, is_step=True)

    @cached_property
    def activities(self) -> list[edition.Item]:
        first = [one for one in self.state.activities if one.source_id and "-R" not in one.number]
        here = {one.code: _activity(one) for one in first}
        sides = [{one.code: _activity(one) for one in plan.activities} for plan in (self.old, self.new)]
        return edition.compared(sides[0], sides[1], here, is_step=False)

    @property
    def items(self) -> list[edition.Item]:
        return [*self.steps, *self.activities]

    @cached_property
    def step_of(self) -> dict[str, PlanStep]:
        return {one.code: one for one in self.state.steps if one.source_id}

    @cached_property
    def activity_of(self) -> dict[str, PlanActivity]:
        return {one.code: one for one in self.state.activities if one.source_id and "-R" not in one.number}


def compare(project: Project, to: Catalogue) -> Comparison:
    """Thirteen queries, whatever the editions differ in."""
    return Comparison(state_of(project), catalogues.plan_of(project.catalogue), catalogues.plan_of(to))


def _step(one: Step | PlanStep, days: int) -> dict[str, Any]:
    return {"number": one.number, **{name: getattr(one, name) for name in STEP_WORDS}, "duration_days": days}


def _activity(one: Activity | PlanActivity) -> dict[str, Any]:
    return {"number": one.number, **{name: getattr(one, name) for name in ACTIVITY_WORDS}}
