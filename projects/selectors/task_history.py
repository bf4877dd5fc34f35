"""What changed in a task, who saved it last, and what the journal says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from projects.models import JournalEntry, PlanActivity, Task

HISTORY_FIELDS = (
    "title", "description", "status", "blocked_reason", "activity_id", "assignee_id", "assignee_role", "starts_on",
    "due_on", "dates_are_manual", "priority", "effort_hours_planned", "effort_hours_spent", "effort_hours_left",
    "recurrence", "recurs_until",
)  # fmt: skip


def history_of(task: Task, limit: int = 100) -> list[dict[str, Any]]:
    """What changed in the record, newest first: who, when, each field from what to what, and why. Four queries at most."""
    rows = list(
        task.history.order_by("-history_date", "-history_id").values(
            "history_user_id", "history_date", "history_change_reason", *HISTORY_FIELDS
        )[: limit + 1]
    )
    people = User.objects.in_bulk(
        {row["history_user_id"] for row in rows if row["history_user_id"]}
        | {row["assignee_id"] for row in rows if row["assignee_id"]}
    )
    activities = PlanActivity.objects.in_bulk({row["activity_id"] for row in rows if row["activity_id"]})
    told = _Teller(people, activities)
    entries = []
    for now, before in zip(rows, [*rows[1:], None], strict=True):
        if before is None and len(rows) > limit:
            break
        changes = [
            {"label": told.label(name), "before": told.value(name, before[name]), "after": told.value(name, now[name])}
            for name in HISTORY_FIELDS
            if before is not None and before[name] != now[name]
        ]
        if before is not None and not changes:
            continue
        entries.append(
            {
                "who": people.get(now["history_user_id"]) or _("Scheduled work"),
                "at": now["history_date"],
                "text": _("changed") if before is not None else _("created the task"),
                "changes": changes,
                "reason": now["history_change_reason"],
            }
        )
    return entries


@dataclass
class _Teller:
    """Says the fields of a historical row in words."""

    people: dict[int, User]
    activities: dict[int, PlanActivity]

    def label(self, name: str) -> str:
        return str(Task._meta.get_field(name.removesuffix("_id")).verbose_name).capitalize()

    def value(self, name: str, value: Any) -> str:
        if value in (None, ""):
            return ""
        if name == "assignee_id":
            return str(self.people.get(value, value))
        if name == "activity_id":
            return str(self.activities.get(value, value))
        if isinstance(value, bool):
            return _("yes") if value else _("no")
        choices = dict(Task._meta.get_field(name).flatchoices)
        return str(choices.get(value, value))


def last_author(task: Task) -> dict[str, Any]:
    """Who saved a task last, and when: for the person whose own text came too late."""
    row = task.history.order_by("-history_date", "-history_id").values("history_user_id", "history_date").first()
    if row is None:
        return {}
    return {"who": User.objects.filter(pk=row["history_user_id"]).first(), "at": row["history_date"]}


def journal_of(task: Task, limit: int = 100) -> list[JournalEntry]:
    """The journal's entries about a task, newest first. One query."""
    return list(
        JournalEntry.objects.filter(project=task.project_id, target_kind="projects.task", target_id=task.pk).order_by(
            "-seq"
        )[:limit]
    )
