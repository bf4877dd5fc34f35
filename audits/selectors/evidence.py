"""Evidence by clause: what an auditor asks to see for each line of the criteria, gathered from the registers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, QuerySet

from audits import checklist
from audits.flows import FindingStatus
from audits.models import Audit, Finding
from documents.models import DocumentClause
from documents.selectors import reading
from improvement.flows import Status as NonconformityStatus
from improvement.models import Nonconformity
from improvement.selectors import nonconformity as nonconformities
from pdca.models import Match, Standard
from projects.addresses import address
from projects.models import Project, Task
from projects.models.task import TaskStatus
from projects.permissions import Perm, Role
from risks.models import Soa, SoaEntry

from . import criteria
from . import finding as findings
from .audit import REPORT_IS_OUT

SOA_ANSWERS = ("6.1.3", "8.3")
"""Where a Statement of Applicability is asked for as a whole: planned by 6.1.3, put into effect by 8.3."""


class Piece(NamedTuple):
    """One thing to look at; `url` is "" where this person may not open it."""

    label: str
    title: str
    note: str = ""
    url: str = ""


@dataclass
class Clause:
    """A line of the criteria with what there is on it."""

    line: checklist.Line
    names: list[str]
    documents: list[Piece] = field(default_factory=list)
    controls: list[Piece] = field(default_factory=list)
    tasks: list[Piece] = field(default_factory=list)
    nonconformities: list[Piece] = field(default_factory=list)
    findings: list[Piece] = field(default_factory=list)

    @property
    def is_shown(self) -> bool:
        """Whether anything shows that the requirement is met: what is wrong with it does not."""
        return bool(self.documents or self.controls or self.tasks)


@dataclass(frozen=True)
class Reader:
    """Who reads, with what they may do in the project."""

    user: Any
    perms: frozenset[Perm]
    roles: frozenset[Role]

    def link(self, needs: Perm, name: str, project: Project, **rest: Any) -> str:
        return address(name, **project.address, **rest) if needs in self.perms else ""


def of(audit: Audit, reader: Reader) -> list[Clause]:
    """The criteria of an audit, merged as its checklist merges them, each line with what this person may see of it.

    The same number of queries always.
    """
    asked = criteria.asked(audit)
    slugs = {one.standard for one in asked}
    codes = dict(Standard.objects.filter(slug__in=slugs).values_list("slug", "code"))
    lines = [
        Clause(line, [codes.get(slug, slug) for slug in line.standards])
        for line in checklist.merge(asked, criteria.structure())
    ]
    by_clause: dict[int, list[Clause]] = defaultdict(list)
    by_row: dict[str, list[Clause]] = defaultdict(list)
    for one in lines:
        for part in one.line.parts:
            by_clause[part.clause.pk].append(one)
            if part.clause.hs and part.clause.match != Match.SPECIFIC and one not in by_row[part.clause.hs]:
                by_row[part.clause.hs].append(one)
    wanted = list(by_clause)
    cited = _documents(audit.project, reader, wanted, by_clause)
    _controls(audit.project, reader, cited)
    _statements(audit.project, reader, asked, by_clause)
    _tasks(audit.project, reader, by_row)
    _nonconformities(audit.project, reader, wanted, by_clause)
    _findings(audit, reader, wanted, by_clause)
    return lines


def _put(lines: Iterable[Clause], where: Callable[[Clause], list[Piece]], piece: Piece) -> None:
    """Into each of these lines, once."""
    for one in lines:
        if piece not in where(one):
            where(one).append(piece)


def _documents(
    project: Project, reader: Reader, wanted: list[int], by_clause: dict[int, list[Clause]]
) -> dict[int, list[Clause]]:
    """Documents in effect that serve the clauses; comes back with the lines of each document. Two queries."""
    serving = DocumentClause.objects.filter(clause__in=wanted)
    rows = reading.published(project, reader.user, reader.perms, reader.roles)
    revisions = list(rows.filter(document__in=serving.values("document")))
    clauses: dict[int, list[int]] = defaultdict(list)
    pks = [one.document_id for one in revisions]
    for document, clause in serving.filter(document__in=pks).values_list("document", "clause"):
        clauses[document].append(clause)
    cited: dict[int, list[Clause]] = {}
    for revision in revisions:
        document = revision.document
        document.project = project
        cited[document.pk] = list({id(one): one for pk in clauses[document.pk] for one in by_clause[pk]}.values())
        url = reader.link(Perm.READ_PUBLISHED, "documents:published-detail", project, number=document.label)
        piece = Piece(document.code or document.label, document.title, "", url)
        _put(cited[document.pk], lambda one: one.documents, piece)
    return cited


def _controls(project: Project, reader: Reader, cited: dict[int, list[Clause]]) -> None:
    """Applicable controls that a document of the clause describes. One query."""
    rows = SoaEntry.objects.filter(project=project, document_links__document__in=list(cited), is_applicable=True)
    rows = rows.select_related("soa").order_by("soa__name", "position", "pk")
    if Perm.VIEW_RISKS not in reader.perms:
        rows = rows.none()
    for entry in rows.annotate(document=F("document_links__document")):
        url = reader.link(Perm.VIEW_RISKS, "risks:soa-entry", project, slug=entry.soa.slug, ref=entry.ref)
        piece = Piece(entry.ref, entry.title, str(entry.get_status_display()), url)
        _put(cited.get(entry.document, ()), lambda one: one.controls, piece)


def _statements(
    project: Project, reader: Reader, asked: list[checklist.Asked], by_clause: dict[int, list[Clause]]
) -> None:
    """Statements of Applicability, at the clauses of their standard that ask for one. One query."""
    rows = Soa.objects.filter(project=project, standard__isnull=False).select_related("standard")
    rows = rows.annotate(applicable=Count("entries", filter=Q(entries__is_applicable=True)), all=Count("entries"))
    for soa in rows if Perm.VIEW_RISKS in reader.perms else ():
        url = reader.link(Perm.VIEW_RISKS, "risks:soa-detail", project, slug=soa.slug)
        piece = Piece("SoA", soa.name, f"{soa.applicable} / {soa.all}", url)
        for clause in asked:
            if clause.standard == soa.standard.requirements_id and clause.ref.startswith(SOA_ANSWERS):
                _put(by_clause[clause.pk], lambda one: one.controls, piece)


def _tasks(project: Project, reader: Reader, by_row: dict[str, list[Clause]]) -> None:
    """Tasks with evidence, of activities that serve a row of the harmonized structure. One query."""
    rows = Task.objects.filter(project=project, evidence_count__gt=0, activity__isnull=False)
    rows = rows.exclude(status=TaskStatus.CANCELLED).order_by("number")
    columns = ("number", "title", "evidence_count", "activity__hs_clauses")
    for number, title, count, served in rows.values_list(*columns) if Perm.VIEW_PROJECT in reader.perms else ():
        label = f"{Task.PREFIX}-{number:03d}"
        url = reader.link(Perm.VIEW_PROJECT, "projects:task-detail", project, number=label)
        for ref in served or ():
            _put(by_row.get(ref, ()), lambda one: one.tasks, Piece(label, title, str(count), url))


def _nonconformities(project: Project, reader: Reader, wanted: list[int], by_clause: dict[int, list[Clause]]) -> None:
    """Nonconformities on the clauses, confidential ones left out for everybody. Two queries.

    An invited auditor sees that there are some and how they stand, once they are accepted; the record is closed to them.
    """
    rows: QuerySet[Nonconformity] = nonconformities.of(project)
    rows = rows.filter(is_confidential=False).exclude(status=NonconformityStatus.REFUSED)
    if Perm.VIEW_NONCONFORMITIES not in reader.perms:
        rows = rows.exclude(status=NonconformityStatus.REPORTED)
        if Perm.READ_AUDITED not in reader.perms:
            rows = rows.none()
    rows = rows.filter(pk__in=Nonconformity.clauses.through.objects.filter(clause__in=wanted).values("nonconformity"))
    for one in rows.order_by("-is_open", "-number").prefetch_related("clause_links"):
        number = {"number": one.label}
        url = reader.link(Perm.VIEW_NONCONFORMITIES, "improvement:nonconformity-detail", project, **number)
        piece = Piece(one.label, one.title, str(one.get_status_display()), url)
        for link in one.clause_links.all():
            _put(by_clause.get(link.clause_id, ()), lambda one: one.nonconformities, piece)


def _findings(audit: Audit, reader: Reader, wanted: list[int], by_clause: dict[int, list[Clause]]) -> None:
    """The findings of this audit, once its report is issued. Two queries."""
    rows = findings.visible(audit.project, reader.user, reader.perms)
    rows = rows.filter(audit=audit, audit__status__in=REPORT_IS_OUT).exclude(status=FindingStatus.WITHDRAWN)
    rows = rows.filter(pk__in=Finding.clauses.through.objects.filter(clause__in=wanted).values("finding"))
    for one in rows.order_by("number").prefetch_related("clause_links"):
        url = address("audits:finding-detail", **audit.project.address, number=one.label)
        piece = Piece(one.label, one.statement, str(one.get_grade_display()), url)
        for link in one.clause_links.all():
            _put(by_clause.get(link.clause_id, ()), lambda one: one.findings, piece)
