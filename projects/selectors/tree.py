"""The plan as a tree: its activities hung into its steps, all of them or those that a filter leaves."""

from __future__ import annotations

import datetime as dt

from django.utils.translation import gettext as _

from projects.models import PlanActivity, Project
from projects.models.plan import ActivityStatus
from projects.permissions import Role

from .outline import ActivityLine, Outline, Row, arrange, steps_of

STATUS_CHOICES = [
    ("open", _("Not done")),
    ("late", _("Overdue")),
    ("ready", _("Ready to complete")),
    ("in_progress", _("In progress")),
    ("planned", _("Not started")),
    ("done", _("Done")),
    ("excluded", _("Excluded")),
    ("own", _("Added by us")),
]


def fits(activity: PlanActivity, status: str, today: dt.date) -> bool:
    """Whether an activity belongs to a choice of the filter; an unknown choice is no filter."""
    is_open = activity.status in (ActivityStatus.PLANNED, ActivityStatus.IN_PROGRESS)
    return {
        "open": is_open,
        "late": is_open and activity.ends_on < today,
        "ready": activity.is_ready_to_complete,
        "in_progress": activity.status == ActivityStatus.IN_PROGRESS
        or (activity.status == ActivityStatus.PLANNED and activity.effort_minutes_done > 0),
        "planned": activity.status == ActivityStatus.PLANNED and not activity.effort_minutes_done,
        "done": activity.status == ActivityStatus.DONE,
        "excluded": activity.status == ActivityStatus.EXCLUDED,
        "own": activity.source_id is None,
    }.get(status, True)


def tree_of(project: Project, today: dt.date, *, role: str = "", status: str = "") -> Outline:
    """The plan with its activities hung into the steps, in two queries; filtered ones only, if a filter is given."""
    activities = list(
        PlanActivity.objects.filter(project=project)
        .order_by("step_id", "position", "pk")
        .defer("purpose", "hs_clauses")
    )
    rows = [
        Row(a.pk, a.step_id, a.starts_on, a.ends_on, a.effort_minutes, a.status, a.finished_on, a.task_count, a.task_open_count)
        for a in activities
    ]  # fmt: skip
    outline = arrange(project, today, steps_of(project), rows)
    lines: dict[int, list[ActivityLine]] = {}
    for activity in activities:
        if (not role or activity.responsible == role) and fits(activity, status, today):
            lines.setdefault(activity.step_id, []).append(ActivityLine(activity, today))
    for line in outline.steps:
        line.activities = lines.get(line.step.pk, [])
    if role or status:
        for phase in outline.phases:
            phase.steps = [line for line in phase.steps if line.activities]
        outline.phases = [phase for phase in outline.phases if phase.steps]
    return outline


def roles_in_plan(outline: Outline) -> list[tuple[str, str]]:
    used = {line.activity.responsible for step in outline.steps for line in step.activities}
    return [(role.value, str(role.label)) for role in Role if role in used]
