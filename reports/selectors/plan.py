"""The whole plan on paper: phases, steps, activities and every task, the excluded ones with their justification."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import svg
from projects import progress
from projects.models import PlanActivity, Task
from projects.models.task import TaskStatus
from projects.permissions import Role
from projects.selectors import project as standing
from projects.selectors import step as steps
from projects.selectors.activity import TASK_STATES
from projects.selectors.step import Outline, PhaseLine, State, StepLine

from .lines import Titles, cover_facts, owner_of, wheel_of


class TaskRow(NamedTuple):
    number: str
    title: str
    owner: str
    starts_on: dt.date | None
    due_on: dt.date | None
    hours: Decimal | None
    state: State
    is_late: bool
    blocked_reason: str


class ActivityRow(NamedTuple):
    activity: PlanActivity
    title: str
    role: str
    state: State
    approval: str
    tasks: list[TaskRow]

    @property
    def is_under_way(self) -> bool:
        return 0 < self.activity.progress_percent < 100 and self.activity.is_applicable

    @property
    def is_long(self) -> bool:
        """Too many tasks to be kept on one page with their activity."""
        return len(self.tasks) > KEPT_TOGETHER


class StepPart(NamedTuple):
    """A step with all that stands under it."""

    line: StepLine
    title: str
    activities: list[ActivityRow]
    merged_into: str


class PhasePart(NamedTuple):
    line: PhaseLine
    title: str
    bar: SafeString
    person_days: Decimal
    tasks: int
    steps: list[StepPart]


class Excluded(NamedTuple):
    """What the plan leaves out, and why."""

    number: str
    title: str
    justification: str


KEPT_TOGETHER = 9

TASK_FIELDS = (
    "activity_id", "number", "title", "assignee__name", "assignee__email", "assignee_role", "starts_on", "due_on",
    "effort_hours_planned", "status", "blocked_reason",
)  # fmt: skip


def select(asked: Any) -> dict[str, Any]:
    """All that the report prints, in seven queries whatever the size of the plan."""
    project, today = asked.project, asked.today
    words = Titles(project, with_activities=True)
    outline = steps.outline_of(project, today)
    tasks = _tasks(project, today)
    by_step: dict[int, list[ActivityRow]] = defaultdict(list)
    activities = list(PlanActivity.objects.filter(project=project).order_by("pk"))
    for activity in sorted(activities, key=lambda one: (one.position, steps.by_number(one.number))):
        by_step[activity.step_id].append(_activity_row(activity, words, today, tasks.get(activity.pk, [])))
    phases = [_phase_part(phase, words, by_step) for phase in outline.phases]
    return {
        "project": project,
        "today": today,
        "outline": outline,
        "wheel": wheel_of(outline, words),
        "health": standing.health_of(project.progress_percent, outline.planned),
        "cover_facts": cover_facts(project),
        "phases": phases,
        "loose": tasks.get(None, []),
        "excluded": _excluded(phases),
        "person_days": person_days(project.effort_minutes),
        "task_count": sum(len(rows) for rows in tasks.values()),
        "counted": outline.counted,
    }


def person_days(minutes: int) -> Decimal:
    """Minutes of effort as person-days with at most two decimals."""
    return (Decimal(minutes) / progress.MINUTES_PER_PERSON_DAY).quantize(Decimal("0.01")).normalize() + Decimal(0)


def _tasks(project: Any, today: dt.date) -> dict[int | None, list[TaskRow]]:
    """Every task by its activity, in the order of their dates; one query, as plain rows."""
    rows: dict[int | None, list[TaskRow]] = defaultdict(list)
    states = {status: State(TASK_STATES[status], str(status.label)) for status in TaskStatus}
    found = Task.objects.filter(project=project).order_by().values_list(*TASK_FIELDS)
    for activity, number, title, name, email, role, starts_on, due_on, hours, status, reason in found:
        is_open = status not in (TaskStatus.DONE, TaskStatus.CANCELLED)
        rows[activity].append(
            TaskRow(
                f"{Task.PREFIX}-{number:03d}", title, owner_of(name, email, role), starts_on, due_on, hours,
                states[TaskStatus(status)], is_open and due_on is not None and due_on < today,
                reason if status == TaskStatus.BLOCKED else "",
            )
        )  # fmt: skip
    for lines in rows.values():
        lines.sort(key=lambda row: (row.due_on or dt.date.max, int(row.number.rpartition("-")[2])))
    return rows


def _activity_row(activity: PlanActivity, words: Titles, today: dt.date, tasks: list[TaskRow]) -> ActivityRow:
    approval = ""
    if activity.approval_by:
        who = activity.approval_by
        approval = _("Decision by %(role)s") % {"role": str(Role(who).label) if who in Role.values else who}
    return ActivityRow(
        activity,
        words.activity(activity),
        activity.get_responsible_display(),
        steps.activity_state(activity, today),
        approval,
        tasks,
    )


def _phase_part(phase: PhaseLine, words: Titles, by_step: dict[int, list[ActivityRow]]) -> PhasePart:
    parts = [
        StepPart(
            line,
            words.step(line.step),
            by_step.get(line.step.pk, []),
            line.host.step.number if line.host is not None else "",
        )
        for line in phase.steps
    ]
    return PhasePart(
        phase,
        words.phase(phase.phase),
        svg.segments(phase.percents, phase.tone, id=f"segments-{phase.phase.number}"),
        person_days(sum(line.minutes for line in phase.counted)),
        sum(len(row.tasks) for part in parts for row in part.activities),
        parts,
    )


def _excluded(phases: list[PhasePart]) -> list[Excluded]:
    found = []
    for part in (part for phase in phases for part in phase.steps):
        if not part.line.step.is_applicable:
            found.append(Excluded(part.line.step.number, part.title, part.line.step.justification))
        found += [
            Excluded(row.activity.number, row.title, row.activity.justification)
            for row in part.activities
            if not row.activity.is_applicable
        ]
    return found


__all__ = ["Outline", "person_days", "select"]
