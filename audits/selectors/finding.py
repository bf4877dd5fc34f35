"""Findings as pages read them: who sees which, what is late, what became of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Prefetch, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy

from audits.flows import NC_GRADES, OPEN_FINDINGS, AuditStatus, FindingStatus, Grade
from audits.models import Audit, ChecklistLine, Finding, FindingClause, FollowUp
from improvement.selectors import nonconformity as nonconformities
from improvement.selectors import register
from projects.models import JournalEntry, Project
from projects.permissions import Perm

from . import access

REPORTED = (AuditStatus.ISSUED, AuditStatus.CLOSED)


def of(project: Project) -> QuerySet[Finding]:
    return Finding.objects.filter(project=project).select_related("audit", "respondent", "nonconformity")


def visible(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Finding]:
    """What this person sees. (ISO 19011:2018, 4 d: what is seen in an audit is handled with discretion)

    Who conducts audits, all; who reads audits, those of issued reports; everybody those handed to them to answer; an
    auditor of a certification body those of the audits they are invited to, until their last day.
    """
    perms = frozenset(perms)
    if Perm.CONDUCT_AUDITS in perms:
        return of(project)
    mine = Q(pk__in=Finding.objects.none().values("pk"))
    if Perm.RESPOND_TO_FINDINGS in perms:
        mine |= Q(respondent=user) & ~Q(status__in=[FindingStatus.NOTED, FindingStatus.WITHDRAWN])
    if Perm.VIEW_AUDITS in perms:
        mine |= Q(audit__status__in=REPORTED)
    if Perm.MANAGE_NONCONFORMITIES in perms:
        mine |= ~Q(status__in=[FindingStatus.NOTED, FindingStatus.WITHDRAWN])
    if Perm.READ_AUDITED in perms:
        mine |= Q(audit__in=access.held_by(project, user).values("audit"), audit__status__in=REPORTED)
    return of(project).filter(mine)


def hidden(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Finding] | None:
    """Those that this reader of the journal may not see, None where that is none; without `user` all before the report."""
    if Perm.CONDUCT_AUDITS in perms:
        return None
    rows = Finding.objects.filter(project=project)
    if user is None:
        return rows.exclude(audit__status__in=REPORTED)
    return rows.exclude(pk__in=visible(project, user, perms).order_by().values("pk"))


def hidden_lines(project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[ChecklistLine] | None:
    """The same for lines of checklists: they are working papers of who conducts audits."""
    return None if Perm.CONDUCT_AUDITS in perms else ChecklistLine.objects.filter(project=project)


def one(project: Project, number: str, user: Any, perms: Iterable[Perm]) -> Finding | None:
    """The one of this number ("F-012"), for who may see it. One query."""
    wanted = Finding.number_of(number)
    if wanted is None:
        return None
    rows = visible(project, user, perms).select_related("line", "item", "responded_by", "accepted_by", "created_by")
    found = rows.filter(number=wanted).first()
    if found is not None:
        found.project = found.audit.project = project
    return found


# ---- the register ------------------------------------------------------------------------------------------------

GRAVITY = {Grade.NC_MAJOR: 0, Grade.NC_MINOR: 1, Grade.OBSERVATION: 2, Grade.OFI: 3, Grade.STRENGTH: 4}
SORTS = {
    "number": ("number",), "-number": ("-number",), "due": ("due_on", "number"), "-due": ("-due_on", "number"),
    "grade": ("gravity", "-number"), "-grade": ("-gravity", "-number"), "audit": ("audit__number", "number"),
    "-audit": ("-audit__number", "number"), "state": ("status", "-number"), "-state": ("-status", "-number"),
}  # fmt: skip


def narrowed(rows: QuerySet[Finding], wanted: dict[str, Any], *, today: dt.date, user: Any = None) -> QuerySet[Finding]:
    """Applies the filters of the register (cleaned values of `forms.finding.RegisterFilter`)."""
    state = wanted.get("state", "")
    if state in FindingStatus.values:
        rows = rows.filter(status=state)
    elif state == "late":
        rows = rows.filter(status=FindingStatus.OPEN, due_on__lt=today)
    elif state == "unraised":
        rows = rows.filter(status__in=OPEN_FINDINGS, grade__in=NC_GRADES, nonconformity__isnull=True)
    elif state != "all":
        rows = rows.filter(is_open=True)
    if grade := wanted.get("grade"):
        rows = rows.filter(grade__in=NC_GRADES) if grade == "nc" else rows.filter(grade=grade)
    if audit := wanted.get("audit"):
        rows = rows.filter(audit__number=Audit.number_of(audit))
    if standard := wanted.get("standard"):
        rows = rows.filter(pk__in=FindingClause.objects.filter(clause__standard__slug=standard).values("finding"))
    if respondent := wanted.get("respondent"):
        who = {"none": None, "me": user and user.pk}.get(respondent, respondent)
        rows = rows.filter(respondent=who) if who else rows.filter(respondent__isnull=True)
    if text := wanted.get("q"):
        found = Q(statement__icontains=text) | Q(evidence__icontains=text) | Q(subject__icontains=text)
        found |= Q(pk__in=FindingClause.objects.filter(clause__ref=text).values("finding"))
        if (number := Finding.number_of(text)) is not None:
            found |= Q(number=number)
        rows = rows.filter(found)
    return rows


def in_order(rows: QuerySet[Finding], sort: str) -> QuerySet[Finding]:
    whens = [When(grade=grade, then=Value(place)) for grade, place in GRAVITY.items()]
    rows = rows.annotate(gravity=Case(*whens, default=Value(9), output_field=IntegerField()))
    return rows.order_by(*SORTS.get(sort, SORTS["-number"]))


def with_clauses(rows: QuerySet[Finding]) -> QuerySet[Finding]:
    links = FindingClause.objects.select_related("clause__standard").order_by(
        "clause__standard__code", "clause__position"
    )
    return rows.prefetch_related(Prefetch("clause_links", links))


def figures(rows: QuerySet[Finding], today: dt.date) -> dict[str, int]:
    """How many stand where, of those this person sees. One query."""
    return rows.order_by().aggregate(
        open=Count("pk", filter=Q(is_open=True)),
        late=Count("pk", filter=Q(status=FindingStatus.OPEN, due_on__lt=today)),
        answered=Count("pk", filter=Q(status=FindingStatus.ANSWERED)),
        unraised=Count(
            "pk", filter=Q(is_open=True, grade__in=NC_GRADES, nonconformity__isnull=True)
        ),
    )  # fmt: skip


BADGES = {
    FindingStatus.NOTED: ("plain", "pencil"),
    FindingStatus.OPEN: ("open", "send"),
    FindingStatus.ANSWERED: ("prog", "message"),
    FindingStatus.ACCEPTED: ("prog", "check"),
    FindingStatus.CLOSED: ("done", ""),
    FindingStatus.WITHDRAWN: ("plain", "x"),
}
GRADES = {
    Grade.NC_MAJOR: ("late", "alert-triangle"),
    Grade.NC_MINOR: ("risk", "alert-triangle"),
    Grade.OBSERVATION: ("open", "eye"),
    Grade.OFI: ("prog", "trending-up"),
    Grade.STRENGTH: ("done", "star"),
}


MOST_CLAUSES = 3
"""How many clauses a row of the register says; its page says all."""


def dressed(rows: Iterable[Finding]) -> list[Finding]:
    """Puts on each row what the template prints. No query when they come `with_clauses`."""
    rows = list(rows)
    for row in rows:
        row.badge = BADGES[FindingStatus(row.status)]
        clauses = clauses_of(row)
        row.few_clauses = [*clauses[:MOST_CLAUSES], *(["…"] if len(clauses) > MOST_CLAUSES else [])]
        row.grade_badge = GRADES[Grade(row.grade)]
        row.later = nonconformities.badge(row.nonconformity.status) if row.nonconformity_id else None
    return rows


def openable(rows: QuerySet[Finding], project: Project, user: Any, perms: Iterable[Perm]) -> QuerySet[Finding]:
    """The rows, each saying whether this person may open the nonconformity raised from it (`may_open`). No query of its own."""
    seen = nonconformities.visible(project, user, frozenset(perms)).order_by()
    return rows.annotate(may_open=Exists(seen.filter(pk=OuterRef("nonconformity"))))


def clauses_of(finding: Finding) -> list[str]:
    """The clauses among its criteria, as people say them. No query when prefetched."""
    return [f"{link.clause.standard.code} {link.clause.ref}" for link in finding.clause_links.all()]


# ---- one ---------------------------------------------------------------------------------------------------------

LIFE = [
    gettext_lazy("Noted"), gettext_lazy("Response"), gettext_lazy("Judged"), gettext_lazy("Closed"),
]  # fmt: skip


def place(status: str) -> int:
    """Where on LIFE a state stands, counted from 1: the step that comes next."""
    places = {
        FindingStatus.NOTED: 1, FindingStatus.OPEN: 2, FindingStatus.ANSWERED: 3, FindingStatus.ACCEPTED: 4,
        FindingStatus.CLOSED: 5, FindingStatus.WITHDRAWN: 1,
    }  # fmt: skip
    return places[FindingStatus(status)]


class Later(NamedTuple):
    """The nonconformity that was raised from a finding, as it stands now: read, never copied."""

    nonconformity: Any
    badge: tuple[str, str]
    due_on: dt.date | None
    is_visible: bool
    rounds: int


def later_of(finding: Finding, user: Any, perms: Iterable[Perm]) -> Later | None:
    """Four queries at most where one was raised."""
    raised = finding.nonconformity
    if raised is None:
        return None
    may = nonconformities.visible(finding.project, user, frozenset(perms)).filter(pk=raised.pk).exists()
    rounds = list(raised.rounds.select_related("verifier", "verified_by").order_by("-number"))
    raised._round = rounds[0]
    due = register.dues_of([raised]).get(raised.pk)
    return Later(raised, nonconformities.badge(raised.status), due.on if due else None, may, len(rounds))


def journal_of(finding: Finding) -> QuerySet[JournalEntry]:
    return JournalEntry.objects.filter(
        project=finding.project, target_kind="audits.finding", target_id=finding.pk
    ).order_by("-seq")


def load(project: Project, pk: int) -> Finding | None:
    found = of(project).filter(pk=pk).first()
    if found is not None:
        found.project = found.audit.project = project
    return found


# ---- earlier findings --------------------------------------------------------------------------------------------


class Earlier(NamedTuple):
    """A finding of an earlier audit that the next one looks at again, and what it has noted of it."""

    finding: Finding
    follow_up: FollowUp | None
    shared: bool


def earlier_of(audit: Audit) -> list[Earlier]:
    """Findings of earlier audits that this one should follow up: open ones, and closed ones on its criteria, the gravest
    first. (9.2.2; ISO 19011:2018, 6.7) Strengths and what was withdrawn are left out. Five queries."""
    from audits.selectors import criteria

    asked = {clause.pk for clause in criteria.asked(audit)}
    noted = {one.finding_id: one for one in audit.follow_ups.select_related("noted_by")}
    rows = in_order(with_clauses(of(audit.project)), "grade").exclude(audit=audit).exclude(grade=Grade.STRENGTH)
    rows = rows.filter(audit__number__lt=audit.number).exclude(
        status__in=[FindingStatus.WITHDRAWN, FindingStatus.NOTED]
    )
    found = []
    for finding in dressed(rows[:300]):
        is_shared = any(link.clause_id in asked for link in finding.clause_links.all())
        if finding.is_open or is_shared or finding.pk in noted:
            found.append(Earlier(finding, noted.get(finding.pk), is_shared))
    return found
