"""Audits for tests: one call, one thing; a cast that has a person for every part, and one at work in an audit."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from approvals.services import decision
from approvals.services import request as requests
from audits.flows import AUDIT, AuditStatus
from audits.models import (
    Audit,
    AuditClause,
    AuditMember,
    AuditStandard,
    ChecklistLine,
    Programme,
    ProgrammeLine,
    Session,
    TeamRole,
)
from audits.services import audit as audits
from audits.services import checklist as checklists
from audits.services import finding as findings
from audits.services import programme as programmes
from audits.services import team
from context.models import ScopeItem, ScopeStatement
from pdca.models import Clause, Standard
from projects import journal
from projects.models import Project, ProjectStandard
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user

_number = itertools.count(1)
JANUARY = dt.date(2026, 1, 1)
STRUCTURE = (
    ("4", "Context", ""),
    ("4.1", "Circumstances", "Know them."),
    ("4.2", "Interested parties", "Know who they are."),
)
STANDARDS = {
    "quality": [("4.1", "4.1", "identical"), ("4.2", "4.2", "extended"), ("8.3", "", "specific")],
    "safety": [("4.1", "4.1", "identical"), ("4.2", "4.2", "extended"), ("5.4", "", "specific")],
}
CLAUSES = (
    ("4.1", "4.1", "identical"), ("7.5", "7.5", "identical"), ("8", "8", "extended"), ("8.1", "8.1", "extended"),
    ("8.4", "", "specific"),
)  # fmt: skip


def make_standards() -> dict[str, Standard]:
    """The structure of two rows, and two small standards that share both and add a clause of their own."""
    kinds = {"harmonized-structure": "structure"}
    found = {}
    for slug in ("harmonized-structure", *STANDARDS):
        found[slug] = Standard.objects.create(
            slug=slug, code=f"X {slug.title()}:2026", title=slug, edition="1", kind=kinds.get(slug, "requirements"),
            discipline="generic", uses_hs=True, is_certifiable=slug in STANDARDS,
        )  # fmt: skip
    heads: dict[str, Clause] = {}
    for n, (ref, title, intent) in enumerate(STRUCTURE):
        heads[ref] = Clause.objects.create(
            standard=found["harmonized-structure"], parent=heads.get(ref.rpartition(".")[0]), ref=ref, title=title,
            is_leaf=bool(intent), hs=ref, match="identical", intent=intent, position=n,
            evidence_examples=["Minutes"] if intent else [],
        )  # fmt: skip
    Clause.objects.bulk_create(
        Clause(standard=found[slug], ref=ref, title=f"{slug} {ref}", is_leaf=True, hs=hs, match=match,
               intent=f"{slug} wants {ref}.", evidence_examples=["minutes", f"Record of {ref}"], position=n)
        for slug, clauses in STANDARDS.items()
        for n, (ref, hs, match) in enumerate(clauses)
    )  # fmt: skip
    return found


def make_standard(slug: str, project: Project | None = None) -> Standard:
    """A standard of five clauses: 4.1 and 7.5 as everywhere, 8 a heading over 8.1 (extended) and 8.4 (its own)."""
    standard, is_new = Standard.objects.get_or_create(
        slug=slug,
        defaults={"code": slug.upper().replace("-", " "), "title": slug, "edition": "1", "kind": "requirements",
                  "discipline": "quality", "uses_hs": True, "is_certifiable": True},
    )  # fmt: skip
    if is_new:
        heading = None
        for at, (ref, hs, match) in enumerate(CLAUSES):
            clause = Clause.objects.create(
                standard=standard, parent=heading if ref.startswith("8.") else None, ref=ref, title=f"Clause {ref}",
                is_leaf=ref != "8", intent="" if ref == "8" else "Do it.", hs=hs, match=match, position=at, evidence_examples=["A record"],
            )  # fmt: skip
            heading = clause if ref == "8" else heading
    if project is not None:
        ProjectStandard.objects.get_or_create(project=project, standard=standard)
    return standard


def clause(standard: Standard, ref: str) -> Clause:
    return standard.clauses.get(ref=ref)


def make_place(project: Project, name: str = "Purchasing", kind: str = "process") -> ScopeItem:
    """A process or site of the scope, as a row."""
    scope = ScopeStatement.objects.filter(project=project).first()
    if scope is None:
        scope = saved(ScopeStatement(organization_id=project.organization_id, project=project))
    return saved(ScopeItem(organization_id=project.organization_id, project=project, scope=scope, kind=kind, name=name))


def make_programme(project: Project, by: Any, **values: Any) -> Programme:
    """A programme of the year 2026 with objectives and no line."""
    first = {
        "title": f"Programme {next(_number)}", "starts_on": JANUARY, "ends_on": dt.date(2026, 12, 31),
        "objectives": "Find out whether it works", "owner": by,
    }  # fmt: skip
    return programmes.create(project=project, by=by, values=first | values)


def make_line(programme: Programme, by: Any, standards: list[Standard], clauses: Any = (), **values: Any) -> ProgrammeLine:  # fmt: skip
    first = {"subject": f"Line {next(_number)}", "every_months": 12, "reason": "Because of its risks"}
    return programmes.add_line(
        programme=programme, by=by, values=first | values, standards=standards, clauses=clauses
    )  # fmt: skip


def approve(programme: Programme, *, by: Any, decider: Any) -> Programme:
    """Asks top management and lets it sign."""
    asked = requests.ask(
        kind=programmes.KIND, project=programme.project, pk=programme.pk, by=by, steps=[requests.Planned([decider])]
    )
    decision.decide(
        approval=asked, by=decider, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    return fresh(programme)


def make_audit(project: Project, by: Any, *, lead: Any = None, standards: Any = (), **more: Any) -> Audit:
    """A draft of two days in March 2026 with objectives; `clauses`, `items`, `lines`, `documents` as the service takes them."""
    links = {name: more.pop(name) for name in ("clauses", "items", "lines", "documents") if name in more}
    values = {
        "title": f"Audit {next(_number)}", "starts_on": dt.date(2026, 3, 2), "ends_on": dt.date(2026, 3, 3),
        "objectives": "Find out whether it works",
    } | more  # fmt: skip
    return audits.create(project=project, by=by, values=values, lead=lead, standards=standards, **links)


def saved(record: Any) -> Any:
    """Saves a record with history outside of a change."""
    record._change_reason = ""
    record.save()
    return record


def make_working_audit(
    project: Project, lead: Any = None, second: Any = None, *, status: str = AuditStatus.IN_PROGRESS, **fields: Any
) -> Audit:
    """An audit at work with its team as rows, without the way there."""
    number = Audit.objects.filter(project=project).count() + 1
    fields.setdefault("title", f"Audit {number}")
    audit = Audit(
        organization_id=project.organization_id, project=project, number=number, status=status,
        is_open=status not in (AuditStatus.CLOSED, AuditStatus.CANCELLED), starts_on=dt.date(2026, 5, 4),
        ends_on=dt.date(2026, 5, 5), objectives="See whether it works.", **fields,
    )  # fmt: skip
    saved(audit)
    for person, role in ((lead, TeamRole.LEAD), (second, TeamRole.AUDITOR)):
        if person is not None:
            saved(AuditMember(
                organization_id=project.organization_id, project=project, audit=audit, role=role, person=person,
                name=person.name,
            ))  # fmt: skip
    return audit


def make_session(audit: Audit, title: str = "Management", **fields: Any) -> Session:
    said = {"day": dt.date(2026, 5, 4), "starts_at": dt.time(9), "ends_at": dt.time(10)} | fields
    return saved(
        Session(organization_id=audit.organization_id, project=audit.project, audit=audit, title=title, **said)
    )


def bring_to(audit: Audit, status: str, *, by: Any, lead: Any) -> Audit:
    """Moves an audit along its flow up to that state; its lead is named first. Issued: as the signature does it."""
    if not audit.members.filter(role="lead").exists():
        team.add_member(audit=audit, by=by, role="lead", person=lead)
    for name in ("plan", "start", "report"):
        if fresh(audit).status == status:
            return fresh(audit)
        if fresh(audit).status in AUDIT[name].sources:
            audits.move(audit=fresh(audit), name=name, by=by if name == "plan" else lead)
    if fresh(audit).status == AuditStatus.REPORTED and status in (AuditStatus.ISSUED, AuditStatus.CLOSED):
        with journal.change(audit.project, by=lead) as log:
            audits.issue(audit=audit, by=lead, log=log)
    if status == AuditStatus.CLOSED:
        audits.move(audit=fresh(audit), name="close", by=lead)
    return fresh(audit)


def make_checklist_line(audit: Audit, clauses: Any = (), **fields: Any) -> ChecklistLine:
    """A line as a row, with the clauses it credits."""
    first = {"title": f"Question {next(_number)}", "position": next(_number)}
    line = ChecklistLine(organization_id=audit.organization_id, project=audit.project, audit=audit, **first | fields)
    saved(line)
    line.clauses.set(clauses)
    return line


def fresh(record: Any) -> Any:
    """Read again, with what services and guards ask."""
    return type(record).objects.select_related("project__organization").get(pk=record.pk)


class Cast:
    """A project with one standard, a process, and a person for every part."""

    ROLES = (
        ("manager", Role.PROJECT_MANAGER), ("management", Role.TOP_MANAGEMENT), ("lead", Role.AUDITOR),
        ("auditor", Role.AUDITOR), ("owner", Role.PROCESS_OWNER), ("staff", Role.STAFF), ("certifier", Role.CERTIFICATION_AUDITOR),
    )  # fmt: skip

    def __init__(self) -> None:
        self.project = make_project()
        for name, role in self.ROLES:
            person = make_user(name=name.title())
            until = dt.datetime(2099, 1, 1, tzinfo=dt.UTC) if role == Role.CERTIFICATION_AUDITOR else None
            grant(person, role, self.project, expires_at=until)
            setattr(self, name, person)
        self.standard = make_standard("iso-test-1", self.project)

    def audit(self, status: str = "draft", **more: Any) -> Audit:
        """An audit of the standard in that state, led by `lead`."""
        made = make_audit(
            self.project, self.manager, lead=self.lead, standards=more.pop("standards", [self.standard]), **more
        )
        return bring_to(made, status, by=self.manager, lead=self.lead)


class WorkingCast:
    """A project with an audit at work: `lead` and `second` of its team, an `auditee`, and people beside it."""

    def __init__(self, project: Project | None = None, *, status: str = AuditStatus.IN_PROGRESS) -> None:
        self.project = project or make_project()
        for name, role in (
            ("lead", Role.AUDITOR), ("second", Role.AUDITOR), ("outsider", Role.AUDITOR),
            ("auditee", Role.PROCESS_OWNER), ("manager", Role.PROJECT_MANAGER), ("staff", Role.STAFF),
        ):  # fmt: skip
            person = make_user(name=name.title())
            grant(person, role, self.project)
            setattr(self, name, person)
        self.standards = make_standards()
        for slug in STANDARDS:
            self.project.chosen_standards.create(standard=self.standards[slug])
        self.audit = make_working_audit(self.project, self.lead, self.second, status=status)
        for slug in STANDARDS:
            AuditStandard.objects.create(audit=self.audit, standard=self.standards[slug])

    def generate(self) -> list[ChecklistLine]:
        checklists.generate(audit=self.audit, by=self.lead)
        return list(self.audit.lines.order_by("position", "pk"))

    def finding(self, **values: Any):
        clauses = values.pop("clauses", None)
        line = values.pop("line", None)
        said = {
            "grade": "nc_minor", "statement": "Three of ten records are missing.", "evidence": "Records of May",
            "criterion": "Records are kept.", "respondent": self.auditee,
        } | values  # fmt: skip
        if clauses is None:
            clauses = [Clause.objects.get(standard=self.standards["quality"], ref="4.1")]
        return findings.note(audit=self.audit, by=self.lead, values=said, clauses=clauses, line=line)

    def only(self, ref: str) -> None:
        """Narrows the criteria to one clause of the first standard."""
        clause = Clause.objects.get(standard=self.standards["quality"], ref=ref)
        AuditClause.objects.get_or_create(audit=self.audit, clause=clause)
