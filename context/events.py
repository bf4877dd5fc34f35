"""What the mandate, the scope and the record of tailoring hear of the project: a moved plan or other facts make an open request void.

Runs after the commit of that change. What fails here is logged: the engine refuses a signature under other words anyway.
"""

from __future__ import annotations

import logging
from typing import Any

log = logging.getLogger(__name__)

TAILOR_THE_PLAN = frozenset(
    f"{what}.{how}"
    for what in ("step", "activity")
    for how in ("exclude", "include", "merged", "split", "placed", "changed", "added", "adopted", "reverted", "round_started")
)  # fmt: skip
MOVE_THE_PLAN = frozenset({
    "project.changed", "project.standards_changed", "organization.changed", "step.dates_followed", "activity.exclude",
    "activity.include", "activity.added", "activity.changed", "activity.scheduled", "schedule.moved",
})  # fmt: skip
MOVE_THE_PLAN |= TAILOR_THE_PLAN
NAME_THE_SCOPE = frozenset({"project.standards_changed"})


def follow(sender: Any, entries: list[Any], **kwargs: Any) -> None:
    """Receives projects.events.entries_written."""
    from . import tailoring
    from .services import mandate, scope

    for what, actions, service in (
        ("mandate", MOVE_THE_PLAN, mandate), ("scope", NAME_THE_SCOPE, scope), ("tailoring", TAILOR_THE_PLAN, tailoring),
    ):  # fmt: skip
        moved = {e.project_id: e for e in entries if e.action in actions and e.project_id and e.actor_id}
        for entry in moved.values():
            try:
                service.follow_project(project_id=entry.project_id, by=entry.actor)
            except Exception:
                log.exception("context: the %s of project %s could not follow a change", what, entry.project_id)
