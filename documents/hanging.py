"""What the app hangs into the others: schedule, reminders, search, journal words, sweeps."""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db.models import F
from django.utils import timezone

from projects.models import Project

from .models import Document, Outcome, Picture, Reading, Revision

log = logging.getLogger(__name__)
HOURLY = "documents-hourly"
MOVE_THE_TEAM = ("role.", "firm.", "invitation.accepted")


def open_readings() -> Any:
    """What reminders and calendars know of reading: with version and time of its document, for calendars that read again."""
    return Reading.objects.filter(confirmed__isnull=True).annotate(
        version=F("document__version"), updated_at=F("document__updated_at")
    )


def reviews_due() -> Any:
    """Documents in effect whose next review has a day."""
    return Document.objects.filter(
        next_review_on__isnull=False, withdrawn_at__isnull=True, revisions__status="effective"
    )  # fmt: skip


def disposals_due() -> Any:
    """Documents whose retention time has an end that nobody has decided about."""
    return Document.objects.filter(dispose_on__isnull=False, disposed_at__isnull=True)


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether a revision or a picture of this organization names a stored file: the sweep asks."""
    scope = {"organization": organization_id, "sha256": sha256}
    revisions = Revision.objects.filter(**scope).exclude(sha256="").exclude(document__disposed_as=Outcome.DESTROYED)
    return revisions.exists() or Picture.objects.filter(**scope).exists()


def follow(sender: Any, entries: list[Any], **kwargs: Any) -> None:
    """Receives projects.events.entries_written: a changed team changes who is asked to read."""
    from .services import reading

    moved = {e.project_id for e in entries if e.project_id and e.action.startswith(MOVE_THE_TEAM)}
    whole = {e.organization_id for e in entries if not e.project_id and e.action.startswith(MOVE_THE_TEAM)}
    if not moved and not whole:
        return
    projects = Project.objects.filter(pk__in=moved) | Project.objects.filter(organization__in=whole)
    for project in projects.filter(pk__in=Document.objects.filter(distribution__asks=True).values("project")):
        reading.keep_project(project)


def hourly(run: Any) -> dict[str, int]:
    """What a new day brings somewhere: approved revisions take effect, readings follow grants that ended. Twice does no harm."""
    from .services import reading, retention, revision

    done = {"effective": revision.bring_due_into_effect(), "projects": 0}
    done["erased"] = retention.erase_left(timezone.now() - dt.timedelta(days=2))
    asking = Document.objects.filter(distribution__asks=True).values("project")
    for project in Project.objects.filter(pk__in=asking).select_related("organization").iterator(500):
        reading.keep_project(project)
        done["projects"] += 1
        run.check()
    return done
