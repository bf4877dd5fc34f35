"""One activity with its tasks, its history and its journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from core.flows import Move
from projects import flows, journal_words
from projects.models import JournalEntry, PlanActivity, Project, Task
from projects.models.task import TaskStatus
from projects.permissions import Perm

from .outline import ActivityLine, State
from .step import TaskLine, task_line

MOST_TASKS = 200
MOST_HISTORY = 20


def of_number(project: Project, number: str) -> PlanActivity | None:
    """An activity by the number people say, with its step and phase; its project is set, so nothing is loaded twice."""
    found = (
        PlanActivity.objects.filter(project=project, number=number)
        .select_related("step__phase", "step__merged_into", "round")
        .first()
    )
    if found is not None:
        found.project = found.step.project = project
    return found


TASK_STATES = {
    TaskStatus.OPEN: "open",
    TaskStatus.IN_PROGRESS: "prog",
    TaskStatus.BLOCKED: "late",
    TaskStatus.DONE: "done",
    TaskStatus.CANCELLED: "open",
}


def tasks_of(activity: PlanActivity) -> list[TaskLine]:
    """All tasks, open ones first; one query, at most MOST_TASKS."""
    tasks = Task.objects.filter(activity=activity).select_related("assignee")
    return [task_line(task) for task in tasks.order_by("-is_open", "due_on", "number")[:MOST_TASKS]]


def task_state(task: Task) -> State:
    icons = {TaskStatus.BLOCKED: "ban", TaskStatus.CANCELLED: "x"}
    return State(TASK_STATES[task.status], str(TaskStatus(task.status).label), icons.get(task.status, ""))


def moves_for(activity: PlanActivity, perms: frozenset, is_responsible: bool) -> list[Move]:
    """The moves this person can be offered; those of doing the work only to the responsible role (or who edits plans)."""
    return [
        move
        for move in flows.ACTIVITY.possible(activity.status, perms)
        if (move.needs != Perm.COMPLETE_ACTIVITIES or is_responsible)
        # What was excluded with its whole step comes back with it.
        and (move.name != "include" or activity.step.is_applicable)
    ]


@dataclass
class Changed:
    """One save of the record: who, when, why, and each field from what to what (as the component c-history reads it)."""

    who: Any
    at: dt.datetime
    text: str
    reason: str
    changes: list[dict[str, str]] = field(default_factory=list)


QUIET = {"version", "id", "organization", "project", "source", "code", "position", "round", "step"}


def history_of(activity: PlanActivity) -> list[Changed]:
    """What changed in this record, newest first; two queries."""
    records = list(activity.history.order_by("-history_date", "-history_id")[: MOST_HISTORY + 1])
    people = User.objects.in_bulk({r.history_user_id for r in records if r.history_user_id})
    names = [f for f in PlanActivity._meta.fields if f.name not in QUIET and f.name not in EXCLUDED]
    told = []
    for at, record in enumerate(records[:MOST_HISTORY]):
        earlier = records[at + 1] if at + 1 < len(records) else None
        changes = []
        for one in names if earlier is not None else []:
            before, after = getattr(earlier, one.attname), getattr(record, one.attname)
            if before != after:
                changes.append(
                    {
                        "label": journal_words.label_of(PlanActivity, one.name),
                        "before": journal_words.said(PlanActivity, one.name, _plain(before)),
                        "after": journal_words.said(PlanActivity, one.name, _plain(after)),
                    }
                )
        if earlier is not None and not changes:
            continue
        text = _("changed this activity") if record.history_type == "~" else _("laid it out with the plan")
        if record.history_type == "+" and activity.source_id is None:
            text = _("added this activity")
        told.append(
            Changed(
                people.get(record.history_user_id) or _("The system"),
                record.history_date,
                text,
                record.history_change_reason or "",
                changes,
            )
        )
    return told


EXCLUDED = set(PlanActivity.COUNTERS) | {"updated_at"}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, dt.date) else value


def story_of(activity: PlanActivity, most: int = 12) -> list[journal_words.Told]:
    """The latest journal entries about an activity and its tasks."""
    about = Q(target_kind="projects.planactivity", target_id=activity.pk) | Q(
        target_kind="projects.task", target_id__in=Task.objects.filter(activity=activity).values("pk")
    )
    entries = JournalEntry.objects.filter(about, project_id=activity.project_id).order_by("-seq")[:most]
    return journal_words.tell(entries, activity.project)


def line_of(activity: PlanActivity, today: dt.date) -> ActivityLine:
    return ActivityLine(activity, today)


def exclusion_means(activity: PlanActivity) -> dict[str, Any]:
    """What excluding would change: open tasks set aside, effort that no longer counts, progress of step and project."""
    step, project = activity.step, activity.project
    minutes, done = activity.effort_minutes, activity.effort_minutes_done

    def after(whole: Any) -> int:
        left = whole.effort_minutes - minutes
        return 100 * (whole.effort_minutes_done - done) // left if left else 0

    return {
        "open_tasks": activity.task_open_count,
        "effort_days": activity.effort_days,
        "step_now": step.progress_percent,
        "step_after": after(step),
        "project_now": project.progress_percent,
        "project_after": after(project),
    }
