"""What the mandate hears of the project: a moved plan or other facts make an open request about it void.

Runs after the commit of that change. What fails here is logged: the engine refuses a signature under other words anyway.
"""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger(__name__)

MOVE_THE_PLAN = frozenset({
    "project.changed", "project.standards_changed", "organization.changed", "step.dates_followed", "activity.exclude",
    "activity.include", "activity.added", "activity.changed",
})  # fmt: skip


def follow(sender: Any, entries: list[Any], **kwargs: Any) -> None:
    """Receives projects.events.entries_written."""
    from .services import mandate

    moved = {e.project_id: e for e in entries if e.action in MOVE_THE_PLAN and e.project_id and e.actor_id}
    for entry in moved.values():
        try:
            mandate.follow_project(project_id=entry.project_id, by=entry.actor)
        except Exception:
            log.exception("context: the mandate of project %s could not follow a change", entry.project_id)
