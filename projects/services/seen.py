"""The mark up to which a person has read a project's journal. Their own, so no journal entry tells of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils import timezone

from projects.models import JournalEntry, ProjectSeen

LARGEST = 2**63 - 1


def mark(*, person: Any, projects: Iterable[int], seq: int | None = None) -> int:
    """Says that a person has seen these projects' journals up to entry `seq`, or up to now; returns how many.

    What was written while the page was open stays new: the page names the last entry it showed. A mark never goes back.
    The caller has asked which projects the person may read.
    """
    last = dict(
        JournalEntry.objects.filter(project__in=list(projects)).order_by().values_list("project").annotate(Max("seq"))
    )
    had = dict(ProjectSeen.objects.filter(person=person, project__in=last).values_list("project", "seq"))
    upto = LARGEST if seq is None else seq
    rows = [
        ProjectSeen(person=person, project_id=pk, seq=max(min(end, upto), had.get(pk, 0)), at=timezone.now())
        for pk, end in last.items()
    ]
    ProjectSeen.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["person", "project"], update_fields=["seq", "at"]
    )
    return len(rows)
