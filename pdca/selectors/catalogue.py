"""The method as pages and projects read it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Prefetch

from pdca.models import Activity, Catalogue, Phase, Step, StepLink, SuggestedTask

METHOD = "IMS2"


@dataclass(frozen=True)
class Plan:
    """One edition of the method, wholly loaded.

    `phases` hold their steps (`phase.steps.all()`), steps their activities, activities their suggested tasks; walking
    them asks the database nothing. The flat lists hold the same objects in the order of the method, `links` the usual
    order of steps (`link.step_id` after `link.depends_on_id`).
    """

    catalogue: Catalogue
    phases: list[Phase]
    links: list[StepLink]

    @property
    def steps(self) -> list[Step]:
        return [step for phase in self.phases for step in phase.steps.all()]

    @property
    def activities(self) -> list[Activity]:
        return [activity for step in self.steps for activity in step.activities.all()]

    @property
    def suggested_tasks(self) -> list[SuggestedTask]:
        return [task for activity in self.activities for task in activity.suggested_tasks.all()]


def age(catalogue: Catalogue) -> tuple:
    """Sorts editions from old to new, numbers as numbers: 1.9 comes before 1.10."""
    parts = re.split(r"(\d+)", catalogue.edition)
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in parts if part)


def editions(code: str = METHOD) -> list[Catalogue]:
    """Every edition loaded, newest first."""
    return sorted(Catalogue.objects.filter(code=code), key=age, reverse=True)


def current(code: str = METHOD) -> Catalogue | None:
    """The newest edition of the method; None before anything was loaded."""
    found = editions(code)
    return found[0] if found else None


def plan_of(catalogue: Catalogue) -> Plan:
    """Everything a project copies to start from, in five queries whatever the size."""
    phases = catalogue.phases.order_by("number").prefetch_related(
        Prefetch("steps", Step.objects.order_by("position")),
        Prefetch("steps__activities", Activity.objects.order_by("position")),
        Prefetch("steps__activities__suggested_tasks", SuggestedTask.objects.order_by("position")),
    )
    links = StepLink.objects.filter(step__catalogue=catalogue).order_by("step__sequence", "depends_on__sequence")
    return Plan(catalogue=catalogue, phases=list(phases), links=list(links))
