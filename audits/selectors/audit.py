"""Audits as pages read them: the list, one with its plan, its team and its agenda."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from itertools import groupby
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy

from audits.flows import NC_GRADES, AuditStatus, FindingStatus, Grade
from audits.models import (
    Audit,
    Auditee,
    AuditKind,
    AuditMember,
    AuditStandard,
    Finding,
    IndependenceOverride,
    Method,
    Session,
    TeamRole,
)
from core import together
from projects.addresses import address
from projects.models import Project
from projects.permissions import Perm

from . import access

EVERY, ME = "all", "me"
REPORT_IS_OUT = (AuditStatus.ISSUED, AuditStatus.CLOSED)
BADGES = {
    AuditStatus.DRAFT: ("open", "pencil"),
    AuditStatus.PLANNED: ("prog", "calendar-event"),
    AuditStatus.IN_PROGRESS: ("prog", ""),
    AuditStatus.REPORTED: ("prog", "report"),
    AuditStatus.ISSUED: ("done", "send"),
    AuditStatus.CLOSED: ("done", ""),
    AuditStatus.CANCELLED: ("plain", "x"),
}
SORTS: dict[str, tuple[Any, ...]] = {
    "number": ("number",),
    "title": (Lower("title"), "number"),
    "kind": ("kind", "number"),
    "start": (F("starts_on").asc(nulls_last=True), "number"),
    "status": ("status", "number"),
    "lead": ("lead_name", "number"),
    "findings": ("finding_count", "number"),
}
BACKWARDS = {"title": Lower("title").desc(), "start": F("starts_on").desc(nulls_last=True)}
LIFE = [
    gettext_lazy("Draft"), gettext_lazy("Planned"), gettext_lazy("In progress"), gettext_lazy("Report"),
    gettext_lazy("Issued"), gettext_lazy("Closed"),
]  # fmt: skip
"""The way of an audit as its page shows it, in six words."""


def place(status: str) -> int:
    """Where on LIFE a state stands, counted from 1; past the end when all is over."""
    places = {
        AuditStatus.DRAFT: 1, AuditStatus.PLANNED: 2, AuditStatus.IN_PROGRESS: 3, AuditStatus.REPORTED: 4,
        AuditStatus.ISSUED: 5, AuditStatus.CLOSED: 7, AuditStatus.CANCELLED: 1,
    }  # fmt: skip
    return places[AuditStatus(status)]


# ---- who sees which -----------------------------------------------------------------------------------------------


def of(project: Project) -> QuerySet[Audit]:
    return Audit.objects.filter(project=project)


def visible(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Audit]:
    """Readers see every audit; an auditor of a certification body those they are invited to, until the day it ends."""
    if Perm.VIEW_AUDITS in perms:
        return of(project)
    if Perm.READ_AUDITED not in perms:
        return of(project).none()
    return of(project).filter(pk__in=access.held_by(project, user).values("audit"))


def one(project: Project, number: str, user: Any, perms: Iterable[Perm]) -> Audit | None:
    """The audit of that number ("AU-001"), for who may see it. One query."""
    wanted = Audit.number_of(number)
    if wanted is None:
        return None
    found = (
        visible(project, user, perms)
        .filter(number=wanted)
        .select_related("created_by", "edited_by", "report__edited_by")
        .first()
    )
    if found is not None:
        found.project = project  # with its organization, which the page has loaded
    return found


@together.once
def members_of(audit: Audit) -> list[AuditMember]:
    """The people of its team, in the order they came. One query."""
    return list(audit.members.select_related("person"))


@together.once
def standards_of(audit: Audit) -> list[AuditStandard]:
    """The standards among its criteria, each with what the report concludes about it. One query."""
    return list(audit.standard_links.select_related("standard"))


@together.once
def overrides_of(audit: Audit) -> list[IndependenceOverride]:
    """Who may judge their own work all the same, by whose word. One query."""
    return list(audit.overrides.order_by("pk"))


def load(project: Project, pk: int) -> Audit | None:
    found = of(project).filter(pk=pk).first()
    if found is not None:
        found.project = project
    return found


# ---- the list -----------------------------------------------------------------------------------------------------


def sees_work(perms: Iterable[Perm]) -> bool:
    """Whether somebody sees what is found before the report is issued: who audits, and who manages the programme."""
    return Perm.CONDUCT_AUDITS in perms or Perm.MANAGE_AUDIT_PROGRAMME in perms


def counted(rows: QuerySet[Audit], *, sees_all: bool = False) -> QuerySet[Audit]:
    """With the name of the lead auditor and how many findings there are; what a list is sorted by.

    Of audits whose report is not issued the findings are counted for those alone who see the work (`sees_all`).
    """
    lead = AuditMember.objects.filter(audit=OuterRef("pk"), role=TeamRole.LEAD).values("name")[:1]
    findings = (
        Finding.objects.filter(audit=OuterRef("pk"))
        .exclude(status=FindingStatus.WITHDRAWN)
        .order_by()
        .values("audit")
        .annotate(n=Count("pk"))
        .values("n")
    )
    if not sees_all:
        findings = findings.filter(audit__status__in=REPORT_IS_OUT)
    return rows.annotate(lead_name=Subquery(lead), finding_count=Subquery(findings))


def narrowed(rows: QuerySet[Audit], wanted: dict[str, Any], *, user: Any = None) -> QuerySet[Audit]:
    """Applies the filters of the list (`forms.audit.AuditFilter.wanted`)."""
    state = wanted.get("state", "")
    if state in AuditStatus.values:
        rows = rows.filter(status=state)
    elif state != EVERY:
        rows = rows.filter(is_open__in=[True])
    for name in ("kind", "method"):
        if value := wanted.get(name):
            rows = rows.filter(**{name: value})
    if standard := wanted.get("standard"):
        rows = rows.filter(standard_links__standard=standard)
    if person := wanted.get("auditor"):
        who = (user and user.pk) if person == ME else person
        rows = rows.filter(Exists(AuditMember.objects.filter(audit=OuterRef("pk"), person=who)))
    if year := wanted.get("year"):
        rows = rows.filter(starts_on__year=year)
    if text := wanted.get("q"):
        matches = Q(title__icontains=text) | Q(scope__icontains=text) | Q(objectives__icontains=text)
        if (number := Audit.number_of(text)) is not None:
            matches |= Q(number=number)
        rows = rows.filter(matches)
    return rows


def in_order(rows: QuerySet[Audit], sort: str = "") -> QuerySet[Audit]:
    """The newest number first, or by one of SORTS; "-" the other way round."""
    name = sort.removeprefix("-")
    if name not in SORTS:
        return rows.order_by("-number")
    first, *rest = SORTS[name]
    if sort.startswith("-"):
        first = BACKWARDS.get(name) or f"-{first}"
    return rows.order_by(first, *rest)


def dressed(rows: Iterable[Audit], project: Project) -> list[Audit]:
    """Puts on each row what the template prints: address, badge, words, standards. One query."""
    rows = list(rows)
    codes: dict[int, list[str]] = {}
    links = Audit.standards.through.objects.filter(audit__in=[one.pk for one in rows]).order_by("standard__code")
    for audit, code in links.values_list("audit_id", "standard__code"):
        codes.setdefault(audit, []).append(code)
    return _dressed(rows, project, codes)


def dress(audit: Audit, project: Project) -> None:
    """The same for the audit of a page. One query."""
    _dressed([audit], project, {audit.pk: sorted(one.standard.code for one in standards_of(audit))})


def _dressed(rows: list[Audit], project: Project, codes: dict[int, list[str]]) -> list[Audit]:
    slugs = project.address
    kinds, methods, states = dict(AuditKind.choices), dict(Method.choices), dict(AuditStatus.choices)
    for one in rows:
        one.href = address("audits:audit-detail", **slugs, number=one.label)
        one.badge, one.standing = BADGES[AuditStatus(one.status)], states[one.status]
        one.kind_word, one.method_word = kinds[one.kind], methods[one.method]
        one.codes = codes.get(one.pk, [])
    return rows


def years_of(project: Project) -> list[int]:
    """The years in which audits of the project begin, the latest first. One query."""
    return [day.year for day in of(project).filter(starts_on__isnull=False).dates("starts_on", "year", order="DESC")]


class Figures(NamedTuple):
    """How the audits of a project stand; findings are those of reports that are out."""

    running: int
    planned: int
    late: int
    done_this_year: int
    open_findings: int
    open_nonconformities: int


def figures(project: Project, today: dt.date) -> Figures:
    """Two queries."""
    late = Q(status__in=[AuditStatus.DRAFT, AuditStatus.PLANNED], starts_on__lt=today) | Q(
        status__in=[AuditStatus.IN_PROGRESS, AuditStatus.REPORTED], report_due_on__lt=today
    )
    found = of(project).aggregate(
        running=Count("pk", filter=Q(status__in=[AuditStatus.IN_PROGRESS, AuditStatus.REPORTED])),
        planned=Count("pk", filter=Q(status__in=[AuditStatus.DRAFT, AuditStatus.PLANNED])),
        late=Count("pk", filter=late),
        done_this_year=Count(
            "pk", filter=Q(status__in=[AuditStatus.ISSUED, AuditStatus.CLOSED], ends_on__year=today.year)
        ),
    )
    open_ = Finding.objects.filter(project=project, is_open__in=[True], audit__status__in=REPORT_IS_OUT)
    return Figures(
        **found,
        **open_.aggregate(
            open_findings=Count("pk"), open_nonconformities=Count("pk", filter=Q(grade__in=list(NC_GRADES)))
        ),
    )


# ---- one audit ----------------------------------------------------------------------------------------------------


class Page(NamedTuple):
    """What the page of an audit shows beside the record itself."""

    criteria: list[str]
    documents: list[Any]
    places: list[str]
    lines: list[Any]
    team: list[AuditMember]
    auditees: list[Auditee]
    line_count: int
    answered_count: int
    findings: list[tuple[str, str, int]]


def page_of(audit: Audit, *, sees_all: bool = False) -> Page:
    """Ten queries, fewer for who does not see the work before the report is issued."""
    clauses: dict[int, list[str]] = {}
    for link in audit.clause_links.select_related("clause"):
        clauses.setdefault(link.clause.standard_id, []).append(link.clause.ref)
    standards = standards_of(audit)
    criteria = [
        f"{one.standard.code}: {', '.join(clauses[one.standard_id])}" if one.standard_id in clauses else one.standard.code
        for one in standards
    ]  # fmt: skip
    counted, graded = {"all": 0, "answered": 0}, {}
    if sees_all or audit.status in REPORT_IS_OUT:
        counted = audit.lines.aggregate(all=Count("pk"), answered=Count("pk", filter=~Q(result="")))
        found = audit.findings.exclude(status=FindingStatus.WITHDRAWN).order_by()
        graded = dict(found.values_list("grade").annotate(n=Count("pk")))
    documents = []
    for link in audit.document_links.select_related("document"):
        link.document.project = audit.project
        documents.append(link.document)
    lines = []
    for link in audit.programme_links.select_related("line__programme"):
        link.line.programme.project = audit.project
        lines.append(link.line)
    return Page(
        criteria, documents, list(audit.item_links.values_list("name", flat=True)), lines, team_of(audit),
        list(audit.auditees.all()), counted["all"], counted["answered"],
        [(str(grade), str(grade.label), graded[grade]) for grade in Grade if grade in graded],
    )  # fmt: skip


def team_of(audit: Audit) -> list[AuditMember]:
    """The lead first, then auditors, experts and observers. One query."""
    order = list(TeamRole)
    return sorted(members_of(audit), key=lambda one: (order.index(TeamRole(one.role)), one.pk))


class Day(NamedTuple):
    """A day of the agenda."""

    on: dt.date
    sessions: list[Session]


def agenda_of(audit: Audit) -> list[Day]:
    """The agenda, day by day, with people and clauses. Four queries."""
    rows = audit.sessions.prefetch_related(
        "auditor_links__member", "auditee_links__auditee", "clause_links__clause__standard"
    )
    sessions = list(rows)
    for one in sessions:
        one.audit = audit
        one.who = [link.member.name for link in one.auditor_links.all()]
        one.invited = list(one.auditee_links.all())
        one.asked = [link.auditee.name for link in one.invited]
        codes: dict[str, list[str]] = {}
        for link in one.clause_links.all():
            codes.setdefault(link.clause.standard.code, []).append(link.clause.ref)
        one.criteria = [f"{code}: {', '.join(refs)}" for code, refs in codes.items()]
    return [Day(on, list(some)) for on, some in groupby(sessions, key=lambda one: one.day)]


def session(audit: Audit, pk: int) -> Session | None:
    found = audit.sessions.select_related("item").filter(pk=pk).first()
    if found is not None:
        found.audit, found.project = audit, audit.project
    return found
