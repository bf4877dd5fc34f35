"""One step as its workspace reads it: activities with their tasks, rounds, neighbours, gate and story.

The figures of the plan stand in `outline`, its tree in `tree`; their names are found here too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from projects import gates, journal_words, workspace
from projects.models import JournalEntry, PlanActivity, PlanStep, Project, StepRound, Task
from projects.models.plan import ActivityStatus
from projects.permissions import Role

from . import hold
from .outline import (
    SOON_DAYS,
    ActivityLine,
    Outline,
    PhaseLine,
    Row,
    State,
    StepLine,
    activity_state,
    arrange,
    by_number,
    front,
    outline_of,
    steps_of,
)
from .tree import STATUS_CHOICES, fits, roles_in_plan, tree_of

__all__ = [
    "SOON_DAYS", "STATUS_CHOICES", "ActivityLine", "Outline", "PhaseLine", "Row", "State", "StepLine", "activity_state",
    "arrange", "by_number", "fits", "front", "outline_of", "roles_in_plan", "steps_of", "tree_of",
]  # fmt: skip


def of_number(project: Project, number: str) -> PlanStep | None:
    """A step by the number people say; the project is set on it, so that nothing is loaded twice."""
    step = PlanStep.objects.filter(project=project, number=number).select_related("phase", "merged_into").first()
    if step is not None:
        step.project = project
    return step


@dataclass
class TaskLine:
    """A task as a step or an activity shows it."""

    task: Task
    label: str
    who: Any
    role: str


@dataclass
class WorkLine(ActivityLine):
    """An activity with its open tasks."""

    tasks: list[TaskLine] = field(default_factory=list)


@dataclass
class Neighbour:
    """A step before or after, and by how many working days."""

    step: PlanStep
    lag_days: int
    is_done: bool


@dataclass
class WorkGroup:
    """Activities that belong together: those of one round, or of a step that was merged in. Without a title: all."""

    title: str
    sub: str
    lines: list[WorkLine]
    is_open: bool = True


@dataclass
class RoundLine:
    """A round with its own figures and its own "done"."""

    round: StepRound
    count: int
    done: int

    @property
    def is_done(self) -> bool:
        return self.round.is_closed

    @property
    def approval_by(self) -> str:
        who = self.round.approval_by
        return str(Role(who).label) if who in Role.values else who

    @property
    def may_close(self) -> bool:
        return not self.round.is_closed and self.count == self.done


@dataclass
class Workspace:
    """What the page of one step shows of the plan; `steps` are all of it, by number. Its gate: selectors.gate."""

    line: StepLine
    groups: list[WorkGroup]
    host: PlanStep | None
    joined: list[PlanStep]
    before: PlanStep | None
    after: PlanStep | None
    waits_for: list[Neighbour]
    opens: list[Neighbour]
    steps: list[PlanStep]
    panels: list[tuple[workspace.Panel, dict[str, Any]]]
    rounds: list[RoundLine]
    told: list[journal_words.Told]

    @property
    def step(self) -> PlanStep:
        return self.line.step

    @property
    def criteria(self) -> list[gates.Criterion]:
        """The exit criteria of the step and of those worked together with it; of a merged one those of the whole."""
        return gates.criteria_of(self.host or self.step)

    @property
    def deliverables(self) -> list[tuple[str, Any]]:
        """Each deliverable with where it is, or None."""
        return _placed(self.step)

    @property
    def joined_deliverables(self) -> list[tuple[PlanStep, list[tuple[str, Any]]]]:
        """The same of each step worked together with it; where they are is said on that step's own page."""
        return [(one, _placed(one)) for one in self.joined if one.deliverables]


def _placed(step: PlanStep) -> list[tuple[str, Any]]:
    places = gates.places_of(step) if step.deliverables else {}
    return [(name, places.get(name)) for name in step.deliverables]


MOST_TASKS = 200


def open_tasks(project: Project, **filters: Any) -> list[TaskLine]:
    """Open tasks by due date with who does them, at most MOST_TASKS."""
    tasks = Task.objects.filter(project=project, is_open=True, **filters).select_related("assignee")
    return [task_line(task) for task in tasks.order_by("due_on", "number")[:MOST_TASKS]]


def task_line(task: Task) -> TaskLine:
    role = str(Role(task.assignee_role).label) if task.assignee_role in Role.values else ""
    return TaskLine(task, task.label, task.assignee, role)


def workspace_of(
    project: Project, number: str, today: dt.date, *, user: Any, perms: frozenset, with_journal: bool
) -> Workspace | None:
    """The workspace of a step; the number of queries does not depend on what is in it. None for no such number."""
    steps = steps_of(project)
    at = next((i for i, step in enumerate(steps) if step.number == number), None)
    if at is None:
        return None
    step = steps[at]
    for one in steps:
        one.project = project
    joined = step.joined = [one for one in steps if one.merged_into_id == step.pk and one.is_applicable]
    here = [step, *joined]
    activities = list(PlanActivity.objects.filter(step__in=here).order_by("position", "pk"))
    tone = (step.phase.number - 1) % 4 + 1
    line = StepLine(step, tone, today, rows_of(activities, step))
    line.merged = [StepLine(one, tone, today, rows_of(activities, one)) for one in joined]
    by_activity: dict[int, list[TaskLine]] = {}
    for found in open_tasks(project, activity__step__in=here):
        by_activity.setdefault(found.task.activity_id, []).append(found)
    by_pk = {one.pk: one for one in steps}
    if step.is_merged:
        step.merged_into = by_pk[step.merged_into_id]
    links = hold.links_of(project)

    def neighbours(pairs: Iterable[tuple[int, int]]) -> list[Neighbour]:
        known = [Neighbour(by_pk[pk], lag, is_done(by_pk[pk])) for pk, lag in pairs if pk in by_pk]
        return sorted(known, key=lambda n: (n.step.position, n.step.pk))

    work = [WorkLine(a, today, by_activity.get(a.pk, [])) for a in activities]
    rounds = rounds_of(step, activities) if step.is_iterative else []
    step.latest_round = rounds[-1].round if rounds else None
    return Workspace(
        line=line,
        groups=_groups(here, work, rounds),
        host=by_pk.get(step.merged_into_id),
        joined=joined,
        before=steps[at - 1] if at else None,
        after=steps[at + 1] if at + 1 < len(steps) else None,
        waits_for=neighbours((link.predecessor_id, link.lag_days) for link in links if link.step_id == step.pk),
        opens=neighbours((link.step_id, link.lag_days) for link in links if link.predecessor_id == step.pk),
        steps=steps,
        panels=[panel for one in here for panel in workspace.panels_for(one, user, perms)],
        rounds=rounds,
        told=story_of(step, [a.pk for a in activities]) if with_journal else [],
    )


def rows_of(activities: Iterable[PlanActivity], step: PlanStep) -> list[Row]:
    """What figures need of the activities of one step."""
    return [
        Row(a.pk, a.step_id, a.starts_on, a.ends_on, a.effort_minutes, a.status, a.finished_on, a.task_count, a.task_open_count)
        for a in activities
        if a.step_id == step.pk
    ]  # fmt: skip


def rounds_of(step: PlanStep, activities: Iterable[PlanActivity]) -> list[RoundLine]:
    """The rounds of an iterative step with their figures; one query."""
    own = [one for one in activities if one.step_id == step.pk and one.is_applicable]
    found = []
    for one in step.rounds.order_by("number"):
        its = [a for a in own if a.round_id == one.pk]
        found.append(RoundLine(one, len(its), sum(a.status == ActivityStatus.DONE for a in its)))
    return found


def _groups(here: Sequence[PlanStep], work: list[WorkLine], rounds: list[RoundLine]) -> list[WorkGroup]:
    """One group without a title, unless there is more than one step or round to tell apart."""
    groups = []
    for at, step in enumerate(here):
        lines = [line for line in work if line.activity.step_id == step.pk]
        if at == 0 and len(rounds) > 1:
            last = rounds[-1].round.pk
            for one in reversed(rounds):
                its = [line for line in lines if line.activity.round_id == one.round.pk]
                title = _("Round %(n)s") % {"n": one.round.number}
                groups.append(WorkGroup(title, one.round.trigger, its, one.round.pk == last))
            lines = [line for line in lines if line.activity.round_id is None]
            if not lines:
                continue
        title = f"{step.number} {step.title}" if len(here) > 1 else ""
        groups.append(WorkGroup(title, "", lines))
    return groups


def is_done(step: PlanStep) -> bool:
    return step.activity_count > 0 and step.activity_count == step.activity_done_count


def story_of(step: PlanStep, activity_ids: list[int], most: int = 8) -> list[journal_words.Told]:
    """The latest entries about a step, its activities and their tasks."""
    about = (
        Q(target_kind="projects.planstep", target_id=step.pk)
        | Q(target_kind="projects.planactivity", target_id__in=activity_ids)
        | Q(
            target_kind="projects.task",
            target_id__in=Task.objects.filter(activity__in=activity_ids).values("pk"),
        )
    )
    entries = JournalEntry.objects.filter(about, project_id=step.project_id).order_by("-seq")[:most]
    return journal_words.tell(entries, step.project)


def open_count_by_step(project: Project) -> dict[int, int]:
    """Open overdue and other tasks for each step id."""
    return dict(
        Task.objects.filter(project=project, is_open=True, activity__isnull=False)
        .values_list("activity__step_id")
        .annotate(n=Count("pk"))
    )
