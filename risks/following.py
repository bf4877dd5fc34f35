"""How treatments and acceptances follow what happens elsewhere: moved tasks, and the hour.

A treatment follows its tasks by the journal's signal, a moment after a task has moved; every hour a recount mends what a
crash in between left behind, and ends what was accepted until yesterday.
"""

from __future__ import annotations

from typing import Any

from projects.models import Project

from .models import TreatmentTask
from .selectors import treatment as treatments
from .services import acceptance as acceptances
from .services import treatment as services

HOURLY = "risks-hourly"
OTHER = {"task.cancel", "task.reopen", "task.cancelled_with_activity", "task.restored_with_activity"}
"""What may make other actions of a treatment, beside moving it: an action was given up, or taken back."""


def follow(sender: Any, entries: list[Any], **kwargs: Any) -> None:
    """Receives projects.events.entries_written: moved tasks move their treatments."""
    moved = {entry.target_id: entry for entry in entries if entry.target_kind == "projects.task" and entry.changes}
    if not moved:
        return
    links = TreatmentTask.objects.filter(task__in=moved).values_list(
        "treatment__project_id", "treatment__number", "task_id"
    )
    by_project: dict[int, tuple[set[int], set[int], set[int]]] = {}
    for project, number, task in links:
        every, other, said = by_project.setdefault(project, (set(), set(), set()))
        every.add(number)
        if _is_other(moved[task]):
            other.add(number)
        if "title" in moved[task].changes:
            said.add(number)
    for project in Project.objects.filter(pk__in=by_project).select_related("organization"):
        every, other, said = by_project[project.pk]
        services.follow(project=project, numbers=every, is_other=other, is_said_otherwise=said)


def _is_other(entry: Any) -> bool:
    if entry.action == "task.reopen":
        return (entry.changes.get("status") or [""])[0] == "cancelled"
    return entry.action in OTHER


def hourly(run: Any) -> dict[str, int]:
    """Ends acceptances whose day has passed where the organization is, and recounts treatments. Twice does no harm."""
    done = {"expired": acceptances.expire(), "moved": 0}
    for project, numbers in treatments.astray().items():
        found = Project.objects.select_related("organization").get(pk=project)
        done["moved"] += services.follow(project=found, numbers=numbers)
        run.check()
    return done
