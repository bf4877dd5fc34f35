"""Published documents, what somebody has to read, and how far the readers of a document are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from documents.flows import RevisionStatus
from documents.models import Acknowledgement, Distribution, Document, Kind, Reading, Revision
from projects import access
from projects.models import Project
from projects.models.project import ProjectStatus
from projects.permissions import Perm, Role

from .audience import Team

# ---- for who reads ---------------------------------------------------------------------------------------------------


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


def narrowed(rows: QuerySet[Revision], *, text: str = "", kind: str = "") -> QuerySet[Revision]:
    """Published documents whose title, code or tags hold every word of the search; of one type."""
    for word in text.split()[:10]:
        rows = rows.filter(
            Q(document__title__icontains=word) | Q(document__code__icontains=word) | Q(document__tags__icontains=word)
        )
    return rows.filter(document__kind=kind) if kind else rows


def kinds_of(rows: QuerySet[Revision]) -> list[tuple[str, str, int]]:
    """The types among published documents, with how many there are of each. One query."""
    counts = dict(rows.order_by().values_list("document__kind").annotate(count=Count("pk")))
    return [(str(kind), str(kind.label), counts[kind]) for kind in Kind if kind in counts]


def to_read(user: Any) -> QuerySet[Reading]:
    """What this person has to read, over all projects they still belong to that are not closed; the most urgent first."""
    projects = access.projects_with(user, Perm.READ_PUBLISHED).exclude(status=ProjectStatus.CLOSED)
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


def awaited_from(project: Project, user: Any) -> QuerySet[Reading]:
    """What this person has to read in one project, the most urgent first."""
    return of_person(project, user).filter(confirmed__isnull=True).order_by("due_on", "pk")


def of_both(document: Document, user: Any) -> Reading | None:
    """Where a person stands with one document. One query."""
    return Reading.objects.filter(document=document, person=user).select_related("confirmed__revision").first()


# ---- for who distributes ---------------------------------------------------------------------------------------------


class Progress(NamedTuple):
    """How many are asked to confirm, how many did, and of how many the day has passed."""

    asked: int
    confirmed: int
    overdue: int = 0

    @property
    def open(self) -> int:
        return self.asked - self.confirmed

    @property
    def percent(self) -> int:
        return 100 * self.confirmed // self.asked if self.asked else 0


def _counts(today: dt.date | None) -> dict[str, Count]:
    """The figures of a Progress, in its order; without a day nothing is overdue."""
    late = Q(confirmed__isnull=True, due_on__lt=today or dt.date.min)
    return {
        "count_asked": Count("pk"),
        "count_confirmed": Count("confirmed"),
        "count_overdue": Count("pk", filter=late),
    }


def progress(document: Document, today: dt.date | None = None) -> Progress:
    """How far the readers of a document are; without a day nothing is overdue. One query."""
    return Progress(*Reading.objects.filter(document=document).aggregate(**_counts(today)).values())


STATES = ("open", "overdue", "confirmed")


def in_state(rows: QuerySet[Reading], state: str, today: dt.date) -> QuerySet[Reading]:
    """The readings of one of STATES; all of them for any other word."""
    wanted = {
        "open": Q(confirmed__isnull=True),
        "overdue": Q(confirmed__isnull=True, due_on__lt=today),
        "confirmed": Q(confirmed__isnull=False),
    }.get(state)
    return rows.filter(wanted) if wanted is not None else rows


def readers(document: Document) -> QuerySet[Reading]:
    """Everybody who is asked about a document: open ones first, then by day and name."""
    return (
        Reading.objects.filter(document=document)
        .select_related("person", "confirmed__revision", "revision")
        .order_by(F("confirmed").asc(nulls_first=True), "due_on", "person__name", "pk")
    )


def confirmations(document: Document) -> QuerySet[Acknowledgement]:
    """Everything that was ever confirmed of a document, of older revisions and by people who have left too: the evidence."""
    return (
        Acknowledgement.objects.filter(revision__document=document)
        .select_related("revision", "person")
        .order_by("-acknowledged_at", "-pk")
    )


def would_lapse(revision: Revision) -> int:
    """How many acknowledgements would have to be given again if this revision took effect as it stands."""
    if not revision.is_material:
        return 0
    return Reading.objects.filter(document=revision.document_id, confirmed__isnull=False).count()


class Given(NamedTuple):
    """A distribution, and how many people that is today."""

    distribution: Distribution
    people: int


def given(document: Document, team: Team) -> list[Given]:
    """To whom a document goes. One query."""
    rows = document.distribution.select_related("person", "given_by")
    return [Given(row, len(team.audience(row))) for row in rows]


class Preview(NamedTuple):
    """What giving a document would do: to how many people it goes, and how many of them are asked who were not before."""

    people: int
    asked: int
    new: int
    confirmed: int
    is_effective: bool


def preview(document: Document, people: Iterable[int], *, asks: bool) -> Preview:
    """Said before anything is given. Two queries."""
    people = set(people)
    here = dict(Reading.objects.filter(document=document).order_by().values_list("person", "confirmed"))
    return Preview(
        people=len(people),
        asked=len(people) if asks else 0,
        new=len(people - here.keys()) if asks else 0,
        confirmed=sum(1 for person in people if here.get(person) is not None) if asks else 0,
        is_effective=document.revisions.filter(status=RevisionStatus.EFFECTIVE).exists(),
    )


# ---- over all documents of a project ---------------------------------------------------------------------------------


class Standing(NamedTuple):
    """How far a person is with everything they are asked to confirm in a project."""

    person: Any
    progress: Progress


def people(project: Project, text: str = "") -> QuerySet:
    """The people of a project who are asked anything, by name."""
    asked = Reading.objects.filter(project=project, person=OuterRef("pk"))
    rows = access.people_of(project).filter(Exists(asked))
    for word in text.split()[:10]:
        rows = rows.filter(Q(name__icontains=word) | Q(email__icontains=word))
    return rows.order_by("name", "pk")


def standings(project: Project, persons: Iterable[Any], today: dt.date) -> list[Standing]:
    """How far each of these people is. One query for all of them."""
    persons = list(persons)
    rows = (
        Reading.objects.filter(project=project, person__in=[one.pk for one in persons])
        .order_by()
        .values("person")
        .annotate(**_counts(today))
        .values_list("person", *_counts(today))
    )
    found = {person: Progress(*counts) for person, *counts in rows}
    return [Standing(one, found.get(one.pk, Progress(0, 0))) for one in persons]


def behind(project: Project, today: dt.date) -> Progress:
    """How far a project is with all that is asked of its people. One query."""
    return Progress(*Reading.objects.filter(project=project).aggregate(**_counts(today)).values())


def overdue(project: Project, today: dt.date) -> int:
    return Reading.objects.filter(project=project, confirmed__isnull=True, due_on__lt=today).count()
