"""The method as pages and projects read it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Prefetch

from pdca.models import Activity, Catalogue, Origin, Phase, ResponsibleRole, Step, StepLink, SuggestedTask

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
    return tuple((1, int(part), "") if part.isdecimal() else (0, 0, part) for part in parts if part)


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


# --- pages --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class StepLine:
    """A step as the overview shows it: who works in it (most effort first) and person-days in all."""

    step: Step
    roles: list[str]
    activity_count: int
    effort_days: Decimal


@dataclass(frozen=True)
class PhaseLine:
    phase: Phase
    steps: list[StepLine]

    @property
    def activity_count(self) -> int:
        return sum(line.activity_count for line in self.steps)

    @property
    def effort_days(self) -> Decimal:
        return sum((line.effort_days for line in self.steps), Decimal(0))


@dataclass(frozen=True)
class Outline:
    """The method on one page; every figure is counted from what is loaded."""

    phases: list[PhaseLine]
    origins: dict[str, Counter]  # "steps" and "activities", by origin
    links: list[tuple[int, int]]  # a step's key, and the key of one it waits for

    @property
    def steps(self) -> list[StepLine]:
        return [line for phase in self.phases for line in phase.steps]

    @property
    def step_count(self) -> int:
        return len(self.steps)

    @property
    def activity_count(self) -> int:
        return sum(phase.activity_count for phase in self.phases)

    @property
    def effort_days(self) -> Decimal:
        return sum((phase.effort_days for phase in self.phases), Decimal(0))

    @property
    def legend(self) -> list[tuple[str, int, int]]:
        """Origin, steps and activities of that origin."""
        return [(str(o.value), self.origins["steps"][o.value], self.origins["activities"][o.value]) for o in Origin]


def outline_of(catalogue: Catalogue) -> Outline:
    """The overview of one edition, in four queries."""
    phases = list(
        catalogue.phases.order_by("number").prefetch_related(Prefetch("steps", Step.objects.order_by("position")))
    )
    working: dict[int, list[Activity]] = {}
    for activity in catalogue.activities.order_by("number").only(
        "catalogue_id", "step_id", "responsible", "effort_days", "origin"
    ):
        working.setdefault(activity.step_id, []).append(activity)
    lines = [
        PhaseLine(phase, [line_of(step, working.get(step.pk, [])) for step in phase.steps.all()]) for phase in phases
    ]
    origins = {
        "steps": Counter(line.step.origin for phase in lines for line in phase.steps),
        "activities": Counter(activity.origin for found in working.values() for activity in found),
    }
    links = StepLink.objects.filter(step__catalogue=catalogue).order_by().values_list("step_id", "depends_on_id")
    return Outline(lines, origins, list(links))


def line_of(step: Step, activities: Iterable[Activity]) -> StepLine:
    effort: Counter = Counter()
    count = 0
    for activity in activities:
        effort[activity.responsible] += activity.effort_days
        count += 1
    roles = [str(ResponsibleRole(role).label) for role, _ in effort.most_common()]
    return StepLine(step, roles, count, sum(effort.values(), Decimal(0)))


@dataclass(frozen=True)
class StepView:
    """One step with everything its page shows, its neighbours included."""

    step: Step
    activities: list[Activity]
    waits_for: list[Step]
    opens: list[Step]
    before: Step | None
    after: Step | None

    @property
    def effort_days(self) -> Decimal:
        return sum((activity.effort_days for activity in self.activities), Decimal(0))


def step_of(catalogue: Catalogue, number: str) -> StepView | None:
    """A step by the number people say, in four queries; None where this edition has none of that number."""
    steps = list(catalogue.steps.select_related("phase").order_by("phase__number", "position"))
    at = next((i for i, step in enumerate(steps) if step.number == number), None)
    if at is None:
        return None
    step = steps[at]
    by_key = {other.pk: other for other in steps}
    links = StepLink.objects.filter(step__catalogue=catalogue).order_by("step__sequence", "depends_on__sequence")
    pairs = [(link.step_id, link.depends_on_id) for link in links]
    activities = step.activities.order_by("position").prefetch_related(
        Prefetch("suggested_tasks", SuggestedTask.objects.order_by("position"))
    )
    return StepView(
        step=step,
        activities=list(activities),
        waits_for=[by_key[other] for own, other in pairs if own == step.pk],
        opens=[by_key[own] for own, other in pairs if other == step.pk],
        before=steps[at - 1] if at else None,
        after=steps[at + 1] if at + 1 < len(steps) else None,
    )
