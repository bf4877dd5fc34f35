"""The report of an audit: what its lead writes, beside what the audit itself says, as page and signature read it.

Findings, coverage, independence and attendance are computed from the audit and never retyped. (9.2.2; ISO 19011:2018, 6.5)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any, NamedTuple

from django.db.models import F, Value
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.models import Approval, ApprovalStatus
from audits.flows import FindingStatus, Grade
from audits.models import (
    Audit,
    AuditReport,
    ChecklistLine,
    ChecklistLineClause,
    Finding,
    FindingClause,
    Result,
    SessionAuditee,
)
from audits.selectors import audit as audits
from audits.selectors import independence
from projects.models import Project

KIND = "audit_report"
TEXTS = ("summary", "strengths", "not_covered", "attendance", "distribution")
LABELS = {
    "audit": gettext_lazy("Audit"), "kind": gettext_lazy("Kind"), "method": gettext_lazy("Method"),
    "starts_on": gettext_lazy("From"), "ends_on": gettext_lazy("To"), "objectives": gettext_lazy("Objectives"),
    "scope": gettext_lazy("Scope"), "criteria": gettext_lazy("Criteria"), "places": gettext_lazy("Processes and sites"),
    "team": gettext_lazy("Team"), "summary": gettext_lazy("Summary"), "conclusions": gettext_lazy("Conclusions"),
    "strengths": gettext_lazy("Strengths"), "findings": gettext_lazy("Findings"),
    "coverage": gettext_lazy("Coverage"), "not_sampled": gettext_lazy("Not sampled"),
    "not_covered": gettext_lazy("What that means"), "independence": gettext_lazy("Independence"),
    "attendance": gettext_lazy("Attendance"), "distribution": gettext_lazy("Distribution"),
    "follow_ups": gettext_lazy("Earlier findings"),
}  # fmt: skip
"""What the parts of a snapshot are called where two editions are compared."""


class Facts(NamedTuple):
    """Everything of the report that nobody types."""

    conclusions: list[Any]
    findings: list[Finding]
    counts: list[tuple[str, int]]
    strengths: list[ChecklistLine]
    not_sampled: list[ChecklistLine]
    line_count: int
    independence: list[str]
    attended: list[str]
    follow_ups: list[Any]


def of(audit: Audit) -> AuditReport | None:
    """What was written so far; None before the first word. One query."""
    return AuditReport.objects.filter(audit=audit).select_related("edited_by").first()


def load(project: Project, pk: int) -> Audit | None:
    return audits.load(project, pk)


def facts(audit: Audit) -> Facts:
    """At most thirteen queries, whatever the number of lines and findings."""
    findings = list(audit.findings.exclude(status=FindingStatus.WITHDRAWN).order_by("number"))
    lines = list(audit.lines.order_by("position", "pk"))
    refs, attended = _clauses_and_attended(audit)
    for one in findings:
        one.project, one.audit = audit.project, audit
        one.refs = refs["finding", one.pk]
    for line in lines:
        line.refs = refs["line", line.pk]
    results = Counter(line.result for line in lines)
    return Facts(
        audits.standards_of(audit),
        sorted(findings, key=lambda one: (list(Grade).index(Grade(one.grade)), one.number)),
        [(str(Result(name).label), n) for name in Result.values if (n := results[name])],
        [line for line in lines if line.result == Result.STRENGTH],
        [line for line in lines if line.result == Result.NOT_SAMPLED],
        len(lines),
        statement_of_independence(audit),
        attended,
        list(audit.follow_ups.select_related("finding").order_by("finding__number")),
    )


def _clauses_and_attended(audit: Audit) -> tuple[dict[tuple[str, int], list[str]], list[str]]:
    """The clauses of each finding and of each line as people say them, in the order of the standards; and who was there, by
    the ticks of the agenda. One query."""
    clause = ("clause__standard__code", "clause__position", "clause__ref")
    of_findings = FindingClause.objects.filter(finding__audit=audit).order_by()
    of_lines = ChecklistLineClause.objects.filter(line__audit=audit).order_by()
    there = SessionAuditee.objects.filter(session__audit=audit, has_attended=True).order_by()
    rows = of_findings.values_list(Value("finding"), F("finding_id"), *map(F, clause)).union(
        of_lines.values_list(Value("line"), F("line_id"), *map(F, clause)),
        there.values_list(Value("attended"), F("auditee_id"), F("auditee__name"), Value(0), Value("")),
    )
    refs: dict[tuple[str, int], list[str]] = defaultdict(list)
    names: list[tuple[str, int]] = []
    for kind, pk, text, _position, ref in sorted(rows):
        if kind == "attended":
            names.append((text, pk))
        else:
            refs[kind, pk].append(f"{text} {ref}")
    return refs, list(dict.fromkeys(name for name, _pk in sorted(names)))


def statement_of_independence(audit: Audit) -> list[str]:
    """What the report says about it: nobody judged their own work, or who did and why all the same.

    Nothing is issued with open ties (flows.independence_is_settled), and what people take on after that day is not about
    this audit: once it is out the registers are not asked again.
    """
    said = [
        _("%(who)s: %(why)s (decided by %(by)s)")
        % {"who": one.who, "why": one.justification, "by": one.decided_by_name}
        for one in audits.overrides_of(audit)
    ]
    if said:
        return [_("Somebody judged their own work; this was justified in writing:"), *said]
    if audit.is_external:
        return [_("The team comes from a certification body.")]
    if audit.status not in audits.REPORT_IS_OUT and independence.of_audit(audit).conflicts:
        return [_("Ties of the team to what was audited are open.")]
    return [_("Nobody of the team judged work of their own, as far as the registers say.")]


# ---- what is signed ----------------------------------------------------------------------------------------------


def snapshot(audit: Audit) -> dict[str, Any]:
    """What the lead auditor signs, as plain values in words. The later life of a finding is no part of it."""
    report, found, page = of(audit), facts(audit), audits.page_of(audit, sees_all=True)
    return {
        "audit": str(audit), "kind": audit.kind, "method": audit.method, "starts_on": audit.starts_on,
        "ends_on": audit.ends_on, "objectives": audit.objectives, "scope": audit.scope, "criteria": page.criteria,
        "places": page.places, "team": [f"{one.name} ({one.role})" for one in page.team],
        **{name: getattr(report, name, "") for name in TEXTS},
        "conclusions": [
            {"standard": one.standard.code, "conclusion": one.conclusion, "text": one.conclusion_text}
            for one in found.conclusions
        ],
        "findings": [
            {"number": one.label, "grade": one.grade, "statement": one.statement, "evidence": one.evidence,
             "criterion": one.criterion, "clauses": one.refs}
            for one in found.findings
        ],
        "coverage": found.line_count,
        "not_sampled": [
            {"line": f"{line.ref} {line.title}".strip(), "reason": line.not_sampled_because} for line in found.not_sampled
        ],
        "independence": [
            {"who": one.who, "why": one.justification, "by": one.decided_by_name} for one in audits.overrides_of(audit)
        ],
        "follow_ups": [
            {"finding": one.finding.label, "result": one.result, "note": one.note} for one in found.follow_ups
        ],
    }  # fmt: skip


def paper(audit: Audit) -> str:
    """The same as people read it, whole in itself."""
    context = {"audit": audit, "report": of(audit), "facts": facts(audit), "page": audits.page_of(audit, sees_all=True)}
    return render_to_string("audits/report/document.html", context)


def authors(audit: Audit) -> set[int]:
    report = of(audit)
    return {report.edited_by_id} - {None} if report is not None else set()


def meaning(audit: Audit) -> str:
    return _("I issue this audit report and answer for what it says, as its lead auditor.")


def is_asked(audit: Audit) -> bool:
    """Whether the signature is awaited. One query."""
    return Approval.objects.filter(subject_kind=KIND, subject_id=audit.pk, status=ApprovalStatus.OPEN).exists()
