"""A plan as tailoring reckons with it: everything in three queries, named by the numbers people say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from pdca.models import StepLink
from projects import layout
from projects.models import ActivityLink, PlanActivity, PlanPhase, PlanStep, Project, StepDependency
from projects.models.plan import ActivityStatus
from projects.tailoring.network import Link, Node
from projects.tailoring.order import next_of

from .outline import steps_of


@dataclass
class PlanState:
    """A project's plan in hand. `steps` in the order of lists, `worked` in the order in which they are worked."""

    project: Project
    steps: list[PlanStep]
    links: list[Link]
    activities: list[PlanActivity]

    @cached_property
    def by_number(self) -> dict[str, PlanStep]:
        return {step.number: step for step in self.steps}

    @cached_property
    def by_pk(self) -> dict[int, PlanStep]:
        return {step.pk: step for step in self.steps}

    @cached_property
    def chains(self) -> list[list[Any]]:
        """What activities wait for: [earlier, later, kind, lag] by numbers; one query the first time."""
        found = ActivityLink.objects.filter(project=self.project).order_by("predecessor_id", "activity_id")
        fields = ("predecessor__number", "activity__number", "kind", "lag_days")
        return [list(row) for row in found.values_list(*fields)]

    @cached_property
    def method_links(self) -> set[tuple[int, int]]:
        """What waits for what in the plan's edition of the method, by the ids of its steps; one query the first time."""
        found = StepLink.objects.filter(step__catalogue=self.project.catalogue_id)
        return set(found.values_list("step_id", "depends_on_id"))

    @cached_property
    def phases(self) -> dict[int, PlanPhase]:
        """By number, those that have steps; an empty one is asked for by `services.tailor` itself."""
        return {step.phase.number: step.phase for step in self.steps}

    @property
    def worked(self) -> list[str]:
        return [step.number for step in sorted(self.steps, key=lambda step: (step.position, step.pk))]

    @property
    def nodes(self) -> list[Node]:
        return [
            Node(step.number, step.duration_days, step.is_applicable, self.number_of(step.merged_into_id))
            for step in (self.by_number[number] for number in self.worked)
        ]

    def number_of(self, pk: int | None) -> str:
        return self.by_pk[pk].number if pk in self.by_pk else ""

    def activities_of(self, step: PlanStep) -> list[PlanActivity]:
        return sorted((one for one in self.activities if one.step_id == step.pk), key=lambda a: (a.position, a.pk))

    def listed_in(self, phase: int) -> list[str]:
        return [step.number for step in self.steps if step.phase.number == phase]

    def values_of(self, item: PlanStep | PlanActivity, names: Iterable[str]) -> dict[str, Any]:
        """How an item stands now, by the names that decisions use."""
        read = self._of_activity if isinstance(item, PlanActivity) else self._of_step
        return {name: read(item, name) for name in names}

    def _of_step(self, step: PlanStep, name: str) -> Any:
        if name == "merged_into":
            return self.number_of(step.merged_into_id)
        if name == "phase":
            return step.phase.number
        if name == "before":
            return next_of(self.listed_in(step.phase.number), step.number) or ""
        if name == "works_before":
            return next_of(self.worked, step.number) or ""
        if name == "dates":
            return {one.number: [one.starts_on, one.ends_on, one.duration_days] for one in self.activities_of(step)}
        if name == "waits":
            return sorted(wait(link.predecessor, link.lag_days) for link in self.links if link.step == step.number)
        if name == "leads_to":
            return sorted(wait(link.step, link.lag_days) for link in self.links if link.predecessor == step.number)
        if name == "waits_for":
            return sorted(link.predecessor for link in self.links if link.step == step.number)
        return getattr(step, name)

    def _of_activity(self, activity: PlanActivity, name: str) -> Any:
        if name == "step":
            return self.by_pk[activity.step_id].number
        if name == "before":
            numbers = [one.number for one in self.activities_of(self.by_pk[activity.step_id])]
            return next_of(numbers, activity.number) or ""
        return getattr(activity, name)


def wait(number: str, lag_days: int) -> str:
    """What a step waits for, as decisions remember and people read it: "1.4", "1.4 +3"."""
    return f"{number} {lag_days:+d}" if lag_days else number


def read_wait(text: str) -> tuple[str, int]:
    """The number and the lag in working days of such a text."""
    number, _space, lag = text.partition(" ")
    return number, int(lag or 0)


def state_of(project: Project) -> PlanState:
    """Three queries; the project is set on every row."""
    steps = steps_of(project)
    for step in steps:
        step.project = project
    number = {step.pk: step.number for step in steps}
    links = [
        Link(number[step], number[predecessor], lag)
        for step, predecessor, lag in StepDependency.objects.filter(project=project)
        .order_by("step_id", "predecessor_id")
        .values_list("step_id", "predecessor_id", "lag_days")
    ]
    activities = list(PlanActivity.objects.filter(project=project).order_by("step_id", "position", "pk"))
    for activity in activities:
        activity.project = project
    return PlanState(project, steps, links, activities)


def relaid(state: PlanState, step: PlanStep, duration_days: int) -> dict[str, layout.Span]:
    """The days of a step's activities when the step takes so many working days; those that have begun keep theirs."""
    calendar = state.project.calendar
    starts_on = calendar.on_or_after(step.starts_on)
    span = layout.Span(starts_on, calendar.last_day(starts_on, duration_days), duration_days)
    free = [one for one in state.activities_of(step) if may_move(one)]
    return dict(
        zip(
            [one.number for one in free],
            layout.activities([Decimal(one.effort_days) for one in free], span, calendar),
            strict=True,
        )
    )


def may_move(activity: PlanActivity) -> bool:
    """Nobody has begun it: its planned days follow the plan."""
    return activity.started_on is None and activity.status in (ActivityStatus.PLANNED, ActivityStatus.EXCLUDED)
