"""Published documents, what somebody has to read, and how far the readers of a document are."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery

from documents.flows import RevisionStatus
from documents.models import Distribution, Document, Reading, Revision
from projects import access
from projects.models import Project
from projects.permissions import Perm, Role


def published(project: Project, user: Any, perms: frozenset[Perm], roles: frozenset[Role]) -> QuerySet[Revision]:
    """The revisions in effect that this person may read: all of them for who sees the register or audits, otherwise those
    given to everybody, to a role they hold, or to them."""
    rows = Revision.objects.filter(project=project, status=RevisionStatus.EFFECTIVE).select_related("document__owner")
    if Perm.VIEW_DOCUMENTS not in perms and Role.CERTIFICATION_AUDITOR not in roles:
        given = Distribution.objects.filter(
            Q(audience="everybody") | Q(audience="role", role__in=[str(role) for role in roles]) | Q(person=user),
            project=project,
        )
        rows = rows.filter(document__in=given.values("document"))
    mine = Reading.objects.filter(document=OuterRef("document"), person=user)
    return rows.annotate(
        reading_due=Subquery(mine.values("due_on")[:1]), reading_confirmed=Subquery(mine.values("confirmed__acknowledged_at")[:1]),
        is_asked=Subquery(mine.values("pk")[:1]),
    ).order_by("document__code", "pk")  # fmt: skip


def to_read(user: Any) -> QuerySet[Reading]:
    """What this person has to read, over all projects they still belong to; the most urgent first."""
    projects = access.projects_with(user, Perm.READ_PUBLISHED)
    return (
        Reading.objects.filter(person=user, confirmed__isnull=True, project__in=projects.values("pk"))
        .select_related("document", "revision", "project__organization")
        .order_by("due_on", "pk")
    )  # fmt: skip


def of_person(project: Project, user: Any) -> QuerySet[Reading]:
    """Where a person stands with the documents of a project they are asked to confirm."""
    return Reading.objects.filter(project=project, person=user).select_related(
        "document", "revision", "confirmed__revision"
    )


class Progress(NamedTuple):
    """How many are asked to confirm, and how many did."""

    asked: int
    confirmed: int

    @property
    def percent(self) -> int:
        return 100 * self.confirmed // self.asked if self.asked else 0


def progress(document: Document) -> Progress:
    found = Reading.objects.filter(document=document).aggregate(asked=Count("pk"), confirmed=Count("confirmed"))
    return Progress(found["asked"], found["confirmed"])


def readers(document: Document) -> QuerySet[Reading]:
    """Everybody who is asked about a document: open ones first, then by day and name."""
    return (
        Reading.objects.filter(document=document)
        .select_related("person", "confirmed", "revision")
        .order_by(F("confirmed").asc(nulls_first=True), "due_on", "person__name", "pk")
    )


def would_lapse(revision: Revision) -> int:
    """How many acknowledgements would have to be given again if this revision took effect as it stands."""
    if not revision.is_material:
        return 0
    return Reading.objects.filter(document=revision.document_id, confirmed__isnull=False).count()


def people(project: Project) -> QuerySet:
    """How far each person of a project is: asked, confirmed, overdue is for the page (it knows the day)."""
    return (
        Reading.objects.filter(project=project)
        .values("person", "person__name")
        .annotate(asked=Count("pk"), confirmed=Count("confirmed"))
        .order_by("person__name", "person")
    )


def overdue(project: Project, today: dt.date) -> int:
    return Reading.objects.filter(project=project, confirmed__isnull=True, due_on__lt=today).count()
