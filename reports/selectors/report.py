"""Reports that were made, and those under way."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organization
from core import files
from jobs.models import Job
from jobs.models.job import LIVE, JobState
from projects.models import Project
from projects.permissions import Perm
from reports import kinds
from reports.models import Keeping, Report
from reports.models.report import KEEP_DAYS

JOB = "report"
LATELY = dt.timedelta(minutes=10)


def slugs(perms: frozenset[Perm]) -> list[str]:
    """The kinds of a project that somebody with these rights may read."""
    return [kind.slug for kind in kinds.for_perms(perms)]


def of(project: Project, perms: frozenset[Perm]) -> QuerySet[Report]:
    """The project's reports, also removed ones, of the kinds that these rights open; newest first."""
    return Report.objects.filter(project=project, kind__in=slugs(perms)).select_related("person", "organization")


def under_way(project: Project, perms: frozenset[Perm], person: Any) -> list[Job]:
    """Reports being made in this project, and this person's own that ended in the last minutes without one."""
    found = Job.objects.filter(kind=JOB, project=project, parameters__kind__in=slugs(perms)).select_related("actor")
    live = found.filter(state__in=LIVE)
    lately = found.filter(
        state__in=(JobState.FAILED, JobState.DONE), finished_at__gte=timezone.now() - LATELY, actor=person
    )
    return list((live | lately).select_related("report").order_by("-created_at", "-pk")[:20])


def unfinished(organization: Organization) -> int:
    return Job.objects.filter(kind=JOB, organization=organization, state__in=LIVE).count()


def keep_days(organization: Organization | None) -> int:
    """For how many days the organization keeps its reports; who belongs to none, as long as is usual."""
    if organization is None:
        return KEEP_DAYS
    return Keeping.objects.filter(pk=organization.pk).values_list("days", flat=True).first() or KEEP_DAYS


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether a kept report has this content: the sweep asks."""
    return Report.objects.filter(
        organization=organization_id, sha256=sha256, removed_at=None, is_personal=False
    ).exists()


def is_whole(report: Report) -> bool | None:
    """Whether the kept file still has the SHA-256 that was written down; None when the storage has lost it."""
    try:
        with files.opened(sha256=report.sha256, **report.place) as stored:
            return hashlib.file_digest(stored, "sha256").hexdigest() == report.sha256
    except FileNotFoundError:
        return None


def by_content(stream: Any, among: QuerySet[Report]) -> tuple[str, Report | None]:
    """The SHA-256 of a file somebody hands in, and the report of `among` with exactly this content."""
    digest = hashlib.sha256()
    for chunk in stream.chunks():
        digest.update(chunk)
    sha256 = digest.hexdigest()
    return sha256, among.filter(sha256=sha256).first()
