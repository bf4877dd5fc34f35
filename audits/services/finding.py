"""A finding: noted at a line or beside the checklist, handed to the auditee, answered, judged; and what is raised from it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Max, Q
from django.utils.translation import gettext as _

from audits import rights
from audits.flows import (
    AT_WORK,
    CHANGEABLE,
    CLAUSE,
    FINDING,
    FROZEN_AUDITS,
    NC_GRADES,
    FindingStatus,
    Grade,
    finding_is_whole,
)
from audits.models import CERTIFICATION, WRITERS, Audit, AuditKind, AuditMember, ChecklistLine, Finding, FindingClause
from context.models import ScopeKind
from core import dates
from core.flows import Move
from core.rules import RuleBroken, StaleRecord, refused
from improvement.models import Nonconformity
from improvement.models import Source as NonconformitySource
from improvement.selectors import grade as grade_selectors
from improvement.services import nonconformity as nonconformities
from pdca.models import Clause
from projects import access, flow, journal, telling
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm
from projects.services import evidence

KIND = "finding"
BULK = ("respondent", "due_on")
MOST_AT_ONCE = 200
WRITTEN = ("grade", "statement", "evidence", "criterion", "item", "subject", "respondent", "due_on")


def _fresh(finding: Finding, by: Any) -> Finding:
    found = Finding.objects.select_related("project__organization", "audit").get(pk=finding.pk)
    found.audit.project = found.project
    rights.permit_conduct(found.audit, by)
    return found


# ---- writing -----------------------------------------------------------------------------------------------------


def note(
    *, audit: Audit, by: Any, values: dict[str, Any], clauses: Iterable[Clause] = (), line: ChecklistLine | None = None,
    origin: str = "",
) -> Finding:  # fmt: skip
    """Notes a finding while the audit is at work; `values`: some of WRITTEN, grade and statement at least.

    From a line without a result it is the result, and the line's evidence stands at the finding too. `origin` tells the
    journal where it came from. Raises RuleBroken, NotPermitted.
    """
    with journal.change(audit.project, by=by) as log:
        audit = Audit.objects.select_related("project__organization").get(pk=audit.pk)
        rights.permit_conduct(audit, by)
        if audit.status not in AT_WORK:
            raise RuleBroken(
                _("%(audit)s is “%(state)s”: findings are noted while it is at work.")
                % {"audit": audit.label, "state": audit.get_status_display()},
                CLAUSE,
            )
        if line is not None and line.audit_id != audit.pk:
            raise RuleBroken(_("This line belongs to another audit."))
        values = _checked(audit, values)
        last = Finding.objects.filter(project=audit.project).aggregate(last=Max("number"))["last"]
        finding = Finding(
            organization_id=audit.organization_id, project=audit.project, audit=audit, line=line,
            number=(last or 0) + 1, created_by=by, edited_by=by, **values,
        )  # fmt: skip
        log.mark(finding).save()
        _name_clauses(finding, clauses)
        told = {"audit": audit.label, "grade": finding.get_grade_display()}
        told |= {"line": str(line)} if line else {}
        log(finding, "finding.noted", told | ({"origin": origin} if origin else {}))
        if line is not None:
            line.project = audit.project
            evidence.carry_over(source=line, to=finding, by=by)
            _answer_line(line, finding, by, log)
    return finding


def _answer_line(line: ChecklistLine, finding: Finding, by: Any, log: journal.Log) -> None:
    line = ChecklistLine.objects.get(pk=line.pk)
    if line.result:
        return
    line.result, line.answered_by, line.answered_at, line.edited_by = finding.grade, by, log.at, by
    line.evidence = line.evidence or finding.evidence
    line.version += 1
    log.mark(line).save()
    log(line, "checklist.answered", {"audit": finding.audit.label, "result": ["", line.result]})


def change(
    *, finding: Finding, by: Any, version: int, values: dict[str, Any], clauses: Iterable[Clause] | None = None
) -> Finding:
    """Saves the finding a person saw as `version`, until it is answered. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(finding.project, by=by) as log:
        found = _fresh(finding, by)
        if found.version != version:
            says = _("%(record)s was changed by somebody else while you were typing. Your text is kept below.")
            raise StaleRecord(says % {"record": found.label}, found)
        _permit_change(found)
        values = _checked(found.audit, {"grade": found.grade, "statement": found.statement} | values)
        if found.nonconformity_id and values["grade"] not in NC_GRADES:
            raise refused("grade", _("A nonconformity was raised from it: it stays one."))
        changes: dict[str, Any] = journal.differences({name: getattr(found, name) for name in values}, values)
        if clauses is not None:
            before = clauses_said(found)
            _name_clauses(found, clauses)
            if before != (after := clauses_said(found)):
                changes["clauses"] = [before, after]
        if not changes:
            return found
        for name, value in values.items():
            setattr(found, name, value)
        if found.status != FindingStatus.NOTED and (lacks := finding_is_whole(found, by)):
            raise RuleBroken(lacks, CLAUSE)
        found.edited_by = by
        found.version += 1
        log.mark(found).save()
        log(found, "finding.changed", changes)
    return found


def change_many(*, project: Project, by: Any, numbers: Iterable[int], values: dict[str, Any]) -> int:
    """Gives many findings a respondent or a day (BULK), each as `change` does it; how many changed. All or nothing.

    Raises RuleBroken naming the one that stands in the way.
    """
    wanted = sorted(set(numbers))
    if len(wanted) > MOST_AT_ONCE:
        raise RuleBroken(_("Change at most %(n)s findings at once.") % {"n": MOST_AT_ONCE})
    given = {name: values[name] for name in BULK if values.get(name)}
    done = 0
    with journal.change(project, by=by):
        for found in Finding.objects.filter(project=project, number__in=wanted).order_by("number"):
            found.project = project
            try:
                changed = change(finding=found, by=by, version=found.version, values=given)
            except RuleBroken as refusal:
                raise RuleBroken(f"{found.label}: {refusal.as_text}") from refusal
            done += changed.version != found.version
    return done


def _permit_change(finding: Finding) -> None:
    if finding.audit.status in FROZEN_AUDITS:
        raise RuleBroken(_("The report of %(audit)s is issued: what it says stays.") % {"audit": finding.audit.label})
    if finding.status not in CHANGEABLE:
        raise RuleBroken(
            _("%(record)s is “%(state)s”: what was answered keeps its words.")
            % {"record": finding.label, "state": finding.get_status_display()}
        )


def respond(*, finding: Finding, by: Any, version: int, response: str) -> Finding:
    """Keeps the auditee's answer, before it is sent. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(finding.project, by=by) as log:
        found = Finding.objects.select_related("project__organization", "audit").get(pk=finding.pk)
        if not may_respond(by, found):
            raise NotPermitted(_("%(record)s is not yours to answer.") % {"record": found.label})
        if found.version != version:
            says = _("%(record)s was changed by somebody else while you were typing. Your text is kept below.")
            raise StaleRecord(says % {"record": found.label}, found)
        if found.status != FindingStatus.OPEN:
            raise RuleBroken(
                _("%(record)s is “%(state)s”: it waits for no answer.")
                % {"record": found.label, "state": found.get_status_display()}
            )
        response = response.replace("\r\n", "\n").strip()
        most = Finding._meta.get_field("response").max_length
        if not response or len(response) > most:
            raise refused("response", _("Answer in at most %(n)s characters.") % {"n": most})
        if response == found.response:
            return found
        before, found.response, found.responded_by, found.responded_at = found.response, response, by, log.at
        found.version += 1
        log.mark(found).save()
        log(found, "finding.responded", {"response": [before[:500], response[:500]]})
    return found


def may_respond(user: Any, finding: Finding, held: Iterable[Perm] | None = None) -> bool:
    """Who is named to answer it, and who manages nonconformities in their place. No query with `held`."""
    held = access.perms_in(user, finding.project) if held is None else held
    if Perm.RESPOND_TO_FINDINGS not in held:
        return False
    return finding.respondent_id == user.pk or Perm.MANAGE_NONCONFORMITIES in held


# ---- moves -------------------------------------------------------------------------------------------------------


def move(*, finding: Finding, name: str, by: Any, reason: str = "") -> Finding:
    """Moves a finding along its flow. Raises RuleBroken for a state, a guard or a missing reason, NotPermitted."""

    def then(found: Finding, step: Move, before: str, log: journal.Log) -> None:
        if step.needs == Perm.RESPOND_TO_FINDINGS:
            if not may_respond(by, found):
                raise NotPermitted(_("%(record)s is not yours to answer.") % {"record": found.label})
            if found.responded_by_id is None:
                found.responded_by, found.responded_at = by, log.at
        else:
            rights.permit_conduct(found.audit, by)
        found.is_open = step.target not in (FindingStatus.CLOSED, FindingStatus.WITHDRAWN)
        found.closed_at = None if found.is_open else log.at
        if step.name == "accept":
            found.accepted_by, found.accepted_at = by, log.at
        elif step.name == "return":
            found.accepted_by, found.accepted_at = None, None
        _tell(found, by, log)

    return flow.move(
        finding, name, by=by, flow=FINDING, kind=KIND, reason=reason, then=then,
        fields=("is_open", "closed_at", "accepted_by", "accepted_at", "responded_by", "responded_at"),
        among=Finding.objects.select_related("audit").filter(pk=finding.pk),
    )  # fmt: skip


def _tell(finding: Finding, by: Any, log: journal.Log) -> None:
    """Who has to do something now hears of it: the auditee of one to answer, the auditors of an answered one."""
    people = []
    if finding.status == FindingStatus.OPEN and finding.respondent is not None:
        people = [finding.respondent]
    elif finding.status == FindingStatus.ANSWERED:
        team = finding.audit.members.filter(role__in=WRITERS, person__isnull=False).select_related("person")
        people = [member.person for member in team]
    if people:
        telling.tell(
            telling.Event(
                "finding", people=people, by=by, subject=finding, project=finding.project,
                key=f"{finding.pk}:{finding.status}:{log.at.isoformat()}",
            )
        )  # fmt: skip


def count_evidence(finding: Finding, n: int) -> None:
    """Stores how many pieces of evidence are valid; called in the transaction of a change of them."""
    Finding.objects.filter(pk=finding.pk).update(evidence_count=n)


# ---- the nonconformity -------------------------------------------------------------------------------------------


def raise_nonconformity(*, finding: Finding, by: Any) -> Nonconformity:
    """Raises the nonconformity of a finding, once, with everything the finding says. (10.2 a)

    Its life goes on in `improvement`; the finding keeps the link. Raises RuleBroken, NotPermitted.
    """
    with journal.change(finding.project, by=by) as log:
        found = _fresh(finding, by)
        if found.grade not in NC_GRADES:
            raise RuleBroken(_("%(record)s is no nonconformity: grade it first.") % {"record": found.label}, "10.2")
        if found.nonconformity_id is not None:
            raise RuleBroken(
                _("%(nc)s was raised from %(record)s already.")
                % {"nc": found.nonconformity.label, "record": found.label},
                "10.2",
            )
        if not found.is_open:
            raise RuleBroken(
                _("%(record)s is “%(state)s”: nothing is raised from it.")
                % {"record": found.label, "state": found.get_status_display()}
            )
        if lacks := finding_is_whole(found, by):
            raise RuleBroken(lacks, CLAUSE)
        raised = nonconformities.raise_from(
            project=found.project, by=by, values=_carried(found),
            clauses=[link.clause for link in found.clause_links.select_related("clause")],
            origin=f"{found.label} ({found.audit.label})",
        )  # fmt: skip
        evidence.carry_over(source=found, to=raised, by=by)
        found.nonconformity = raised
        found.edited_by = by
        found.version += 1
        log.mark(found).save()
        log(found, "finding.raised", {"nonconformity": raised.label})
    return raised


SOURCES = {AuditKind.SUPPLIER: NonconformitySource.SUPPLIER} | dict.fromkeys(
    CERTIFICATION, NonconformitySource.CERTIFICATION_AUDIT
)


def _carried(finding: Finding) -> dict[str, Any]:
    item = finding.item
    place = {"place": finding.subject}
    if item is not None and item.kind == ScopeKind.PROCESS:
        place = {"process": item.name}
    elif item is not None and item.kind == ScopeKind.SITE:
        place = {"site": item.name}
    return {
        "title": _cut(" ".join(finding.statement.split()), 200),
        "description": finding.statement if len(finding.statement) > 200 else "",
        "evidence": _cut(finding.evidence, 4_000),
        "requirement": _cut(finding.criterion, 4_000),
        "source": SOURCES.get(finding.audit.kind, NonconformitySource.INTERNAL_AUDIT),
        "detected_on": min(finding.created_at.date(), dates.today(finding.project.organization.time_zone)),
        "detected_by": _cut(str(finding.created_by or ""), 120),
        "grade": _grade(finding),
        "owner": finding.respondent,
    } | place


def _grade(finding: Finding) -> str:
    """The grade in the project's own scale: of the same name, else its gravest for a major one and its lightest for a minor."""
    scale = grade_selectors.scale_of(finding.project)
    own = finding.grade.removeprefix("nc_")
    return own if scale.of(own) else scale.grades[0 if finding.grade == Grade.NC_MAJOR else -1].key


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


# ---- checks ------------------------------------------------------------------------------------------------------


def _checked(audit: Audit, values: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in values.items() if name in WRITTEN}
    for name in ("statement", "evidence", "criterion", "subject"):
        if name in values:
            text = str(values[name] or "").replace("\r\n", "\n").strip()
            values[name] = text
            most = Finding._meta.get_field(name).max_length
            if len(text) > most:
                raise refused(name, _("Use at most %(n)s characters.") % {"n": most})
    if not values.get("statement"):
        raise refused("statement", _("Say what was found, in a sentence that stands by itself."))
    if values.get("grade", "") not in Grade.values:
        raise refused("grade", _("Grade it: what sort of finding is it?"))
    item = values.get("item")
    if item is not None:
        if item.project_id != audit.project_id:
            raise refused("item", _("Choose a process or site of this project."))
        values["subject"] = values.get("subject") or item.name
    respondent = values.get("respondent")
    if respondent is not None:
        if not access.people_of(audit.project).filter(pk=respondent.pk).exists():
            raise refused("respondent", _("%(person)s does not belong to this project.") % {"person": respondent})
        if AuditMember.objects.filter(audit=audit, person=respondent, role__in=["lead", "auditor"]).exists():
            raise refused("respondent", _("Who audits does not answer the findings of the same audit."))
    return values


def _name_clauses(finding: Finding, clauses: Iterable[Clause]) -> None:
    wanted = {clause.pk for clause in clauses}
    here = set(finding.clause_links.values_list("clause_id", flat=True))
    allowed = Q(standard__in=finding.audit.standards.order_by().values("pk"))
    allowed |= Q(standard__in=finding.project.chosen_standards.order_by().values("standard"))
    known = set(Clause.objects.filter(allowed, pk__in=wanted - here).values_list("pk", flat=True))
    if wanted - here - known:
        raise refused("clauses", _("Choose clauses of the criteria."))
    finding.clause_links.exclude(clause__in=wanted).delete()
    FindingClause.objects.bulk_create(FindingClause(finding=finding, clause_id=pk) for pk in sorted(wanted - here))


def clauses_said(finding: Finding) -> list[str]:
    return [
        f"{one.clause.standard.code} {one.clause.ref}"
        for one in finding.clause_links.select_related("clause__standard")
    ]
