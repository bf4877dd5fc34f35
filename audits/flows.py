"""The lives of a programme, an audit and a finding. (Clause 9.2; ISO 19011:2018, 5 and 6)

    programme:  draft → approved → closed
    audit:      draft → planned → in progress → reported → issued → closed
                  └────────┴──────────┴─→ cancelled
    finding:    noted → open → answered → accepted → closed
                  ├───────┴─→ withdrawn              ↑
                  └─ what needs no answer ───────────┘

Top management's signature approves a programme and the lead auditor's issues a report: services make these moves
(BY_ITSELF). The others are buttons.
"""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from core.flows import Flow, move
from projects.permissions import Perm

CLAUSE = "9.2"


class ProgrammeStatus(TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    APPROVED = "approved", gettext_lazy("Approved")
    CLOSED = "closed", gettext_lazy("Closed")


class AuditStatus(TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    PLANNED = "planned", gettext_lazy("Planned")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    REPORTED = "reported", gettext_lazy("Report being written")
    ISSUED = "issued", gettext_lazy("Report issued")
    CLOSED = "closed", gettext_lazy("Closed")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


class FindingStatus(TextChoices):
    NOTED = "noted", gettext_lazy("Noted")
    OPEN = "open", gettext_lazy("Awaiting the response")
    ANSWERED = "answered", gettext_lazy("Response to be judged")
    ACCEPTED = "accepted", gettext_lazy("Response accepted")
    CLOSED = "closed", gettext_lazy("Closed")
    WITHDRAWN = "withdrawn", gettext_lazy("Withdrawn")


class Grade(TextChoices):
    """What a finding is; `NC_GRADES` are the nonconformities among them."""

    NC_MAJOR = "nc_major", gettext_lazy("Major nonconformity")
    NC_MINOR = "nc_minor", gettext_lazy("Minor nonconformity")
    OBSERVATION = "observation", gettext_lazy("Observation")
    OFI = "ofi", gettext_lazy("Opportunity for improvement")
    STRENGTH = "strength", gettext_lazy("Strength")


NC_GRADES = frozenset({Grade.NC_MAJOR, Grade.NC_MINOR})
NO_ANSWER = frozenset({Grade.STRENGTH, Grade.OFI})

BEFORE_THE_WORK = (AuditStatus.DRAFT, AuditStatus.PLANNED)
AT_WORK = (AuditStatus.IN_PROGRESS, AuditStatus.REPORTED)
OPEN_AUDITS = (*BEFORE_THE_WORK, *AT_WORK)
DONE_AUDITS = (AuditStatus.REPORTED, AuditStatus.ISSUED, AuditStatus.CLOSED)
"""The audits whose work on site is over: what they covered counts as audited."""

FROZEN_AUDITS = (AuditStatus.ISSUED, AuditStatus.CLOSED, AuditStatus.CANCELLED)
"""Nothing of these changes any more."""

OPEN_FINDINGS = (FindingStatus.NOTED, FindingStatus.OPEN, FindingStatus.ANSWERED, FindingStatus.ACCEPTED)

CHANGEABLE = (FindingStatus.NOTED, FindingStatus.OPEN)
"""What the auditee has answered keeps the words that were answered."""

BY_ITSELF = {
    ProgrammeStatus.DRAFT: {ProgrammeStatus.APPROVED},
    ProgrammeStatus.APPROVED: {ProgrammeStatus.DRAFT},
    AuditStatus.REPORTED: {AuditStatus.ISSUED},
}
"""What follows from a signature, or from a change of what was signed, without a button."""


# ---- programme ---------------------------------------------------------------------------------------------------


def no_audit_is_open(programme: Any, by: Any) -> str | None:
    """A programme is closed when none of its audits is still to be done."""
    labels = [one.label for one in programme.open_audits()]
    if not labels:
        return None
    says = _("%(audits)s of this programme is not finished: close or cancel it first.")
    return says % {"audits": ", ".join(labels)}


PROGRAMME = Flow(
    move("close", {ProgrammeStatus.APPROVED, ProgrammeStatus.DRAFT}, ProgrammeStatus.CLOSED,
         needs=Perm.MANAGE_AUDIT_PROGRAMME, label=gettext_lazy("Close"), guard=no_audit_is_open, asks_reason=True,
         clause=CLAUSE, icon="archive"),
    move("reopen", {ProgrammeStatus.CLOSED}, ProgrammeStatus.DRAFT, needs=Perm.MANAGE_AUDIT_PROGRAMME,
         label=gettext_lazy("Reopen"), asks_reason=True, icon="refresh"),
)  # fmt: skip


# ---- audit -------------------------------------------------------------------------------------------------------


def plan_is_whole(audit: Any, by: Any) -> str | None:
    """Objectives, criteria, dates and a lead: what an auditee may expect to read before the audit. (ISO 19011:2018, 6.3.2)"""
    if not audit.objectives:
        return _("Say what the audit is for: it has no objectives.")
    if not audit.standards.exists() and not audit.documents.exists():
        return _("Name its criteria first: a standard or a document.")
    if not (audit.starts_on and audit.ends_on):
        return _("Say from when to when it takes place.")
    if audit.lead is None:
        return _("Name a lead auditor first.")
    return None


def independence_is_settled(audit: Any, by: Any) -> str | None:
    """Nobody of the team judges their own work, unless somebody has justified it in writing. (9.2.2; ISO 19011, 4 e)"""
    from audits.selectors import independence

    open_ = independence.of_audit(audit).unsettled
    if not open_:
        return None
    n = len(open_)
    says = ngettext(
        "%(who)s would audit their own work: change the team, or justify it in writing.",
        "%(who)s would audit their own work: change the team, or justify each in writing.",
        n,
    )
    return says % {"who": ", ".join(sorted({str(one.who) for one in open_}))}


def is_of_the_team(audit: Any, by: Any) -> str | None:
    """The lead and the auditors carry an audit; one that strangers without an account lead is kept by who conducts audits."""
    if audit.lead is not None and audit.lead.person_id is None:
        return None
    if audit.members.filter(person=by.pk, role__in=["lead", "auditor"]).exists():
        return None
    return _("Only the audit team does this: name yourself in it, or ask %(lead)s.") % {"lead": audit.lead or "–"}


def ready_to_start(audit: Any, by: Any) -> str | None:
    return is_of_the_team(audit, by) or plan_is_whole(audit, by) or independence_is_settled(audit, by)


def every_line_is_answered(audit: Any, by: Any) -> str | None:
    """What was not looked at is said with its reason: a sample is no secret. (ISO 19011:2018, 6.4.7)"""
    if refusal := is_of_the_team(audit, by):
        return refusal
    n = audit.lines.filter(result="").count()
    if not n:
        return nonconformities_are_noted(audit) or independence_is_settled(audit, by)
    return ngettext(
        "%(n)s line of the checklist has no result: give it one, or say why it was not sampled.",
        "%(n)s lines of the checklist have no result: give each one, or say why it was not sampled.",
        n,
    ) % {"n": n}


def nonconformities_are_noted(audit: Any) -> str | None:
    """A line that does not conform has its finding: the report and everything after it rest on findings."""
    noted = audit.findings.exclude(status=FindingStatus.WITHDRAWN).filter(line__isnull=False).values("line")
    bare = audit.lines.filter(result__in=NC_GRADES).exclude(pk__in=noted).order_by("position", "pk")
    if not bare:
        return None
    refs = ", ".join(line.ref or line.title for line in bare[:5])
    return _("Note a finding first where something does not conform: %(lines)s.") % {"lines": refs}


def findings_are_settled(audit: Any, by: Any) -> str | None:
    """An audit is over when every finding is: responses accepted, nonconformities raised."""
    if refusal := is_of_the_team(audit, by):
        return refusal
    waiting = audit.findings.filter(
        status__in=[FindingStatus.NOTED, FindingStatus.OPEN, FindingStatus.ANSWERED]
    ).order_by("number")
    labels = [one.label for one in waiting]
    if labels:
        return _("%(findings)s has no accepted response yet.") % {"findings": ", ".join(labels)}
    unraised = audit.findings.filter(grade__in=NC_GRADES, nonconformity__isnull=True).exclude(
        status=FindingStatus.WITHDRAWN
    )
    if labels := [one.label for one in unraised.order_by("number")]:
        return _("%(findings)s is a nonconformity that nobody has raised yet.") % {"findings": ", ".join(labels)}
    return None


AUDIT = Flow(
    move("plan", {AuditStatus.DRAFT}, AuditStatus.PLANNED, needs=Perm.MANAGE_AUDIT_PROGRAMME,
         label=gettext_lazy("The plan is settled"), guard=plan_is_whole, clause="9.2.2", icon="calendar-event",
         is_main=True),
    move("start", {AuditStatus.PLANNED}, AuditStatus.IN_PROGRESS, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Begin the audit"), guard=ready_to_start, clause="9.2.2", icon="player-play", is_main=True),
    move("report", {AuditStatus.IN_PROGRESS}, AuditStatus.REPORTED, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("The work on site is done"), guard=every_line_is_answered, clause="9.2.2", icon="report",
         is_main=True),
    move("resume", {AuditStatus.REPORTED}, AuditStatus.IN_PROGRESS, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Back to the work on site"), guard=is_of_the_team, asks_reason=True, icon="arrow-back-up"),
    move("close", {AuditStatus.ISSUED}, AuditStatus.CLOSED, needs=Perm.CONDUCT_AUDITS, label=gettext_lazy("Close"),
         guard=findings_are_settled, clause="9.2.2", icon="archive", is_main=True),
    move("redraft", {AuditStatus.PLANNED}, AuditStatus.DRAFT, needs=Perm.MANAGE_AUDIT_PROGRAMME,
         label=gettext_lazy("Back to draft"), asks_reason=True, icon="arrow-back-up"),
    move("cancel", {AuditStatus.DRAFT, AuditStatus.PLANNED, AuditStatus.IN_PROGRESS}, AuditStatus.CANCELLED,
         needs=Perm.MANAGE_AUDIT_PROGRAMME, label=gettext_lazy("Cancel"), asks_reason=True, clause="9.2.2", icon="x"),
)  # fmt: skip


# ---- finding -----------------------------------------------------------------------------------------------------


def finding_is_whole(finding: Any, by: Any) -> str | None:
    """Statement, evidence and criterion: without one of the three it is an opinion. (ISO 19011:2018, 3.10 and 6.4.8)"""
    return lacking(
        finding.grade, evidence=finding.evidence, respondent=finding.respondent_id,
        clauses=finding.grade not in NC_GRADES or finding.clause_links.exists(),
    )  # fmt: skip


def lacking(grade: str, *, evidence: str, clauses: Any, respondent: Any) -> str | None:
    """What a finding of this grade still lacks before the auditee gets it; None when it is whole."""
    if not evidence:
        return _("Say what was seen: a finding without evidence is an opinion.")
    if grade in NC_GRADES and not clauses:
        return _("Name the clause that is not met.")
    if grade != Grade.STRENGTH and respondent is None:
        return _("Name who answers it.")
    return None


def needs_no_answer(finding: Any, by: Any) -> str | None:
    """A strength and an opportunity for improvement are put on record; what else was found is answered."""
    if finding.grade not in NO_ANSWER:
        return _("%(grade)s is handed to the auditee: it needs an answer.") % {"grade": finding.get_grade_display()}
    return None if finding.evidence else _("Say what was seen: a finding without evidence is an opinion.")


def response_is_said(finding: Any, by: Any) -> str | None:
    return None if finding.response else _("Write the response first.")


def judged_by_another(finding: Any, by: Any) -> str | None:
    """Nobody accepts their own response."""
    if by.pk in (finding.respondent_id, finding.responded_by_id):
        return _("Who answered a finding does not judge the answer.")
    return None


def later_life_is_over(finding: Any, by: Any) -> str | None:
    """A nonconformity is closed where its effectiveness was judged, and the finding after it. (10.2)"""
    if finding.grade not in NC_GRADES:
        return None
    if finding.nonconformity_id is None:
        return _("Raise the nonconformity first.")
    raised = finding.nonconformity
    if raised.is_open:
        return _("%(nc)s is “%(state)s”: the finding is closed after it.") % {
            "nc": raised.label, "state": raised.get_status_display(),
        }  # fmt: skip
    return None


def nothing_was_raised(finding: Any, by: Any) -> str | None:
    if finding.nonconformity_id is not None:
        return _("A nonconformity was raised from it: deal with that one.")
    if finding.audit.status in FROZEN_AUDITS:
        return _("The report of %(audit)s is issued: what it says stays.") % {"audit": finding.audit.label}
    return None


FINDING = Flow(
    move("open", {FindingStatus.NOTED}, FindingStatus.OPEN, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Hand to the auditee"), guard=finding_is_whole, clause="9.2.2", icon="send", is_main=True),
    move("keep", {FindingStatus.NOTED}, FindingStatus.CLOSED, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Put on record"), guard=needs_no_answer, clause="9.2.2", icon="archive"),
    move("answer", {FindingStatus.OPEN}, FindingStatus.ANSWERED, needs=Perm.RESPOND_TO_FINDINGS,
         label=gettext_lazy("Send the response"), guard=response_is_said, icon="send", is_main=True),
    move("accept", {FindingStatus.ANSWERED}, FindingStatus.ACCEPTED, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Accept the response"), guard=judged_by_another, icon="check", is_main=True),
    move("return", {FindingStatus.ANSWERED}, FindingStatus.OPEN, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Return the response"), guard=judged_by_another, asks_reason=True, icon="arrow-back-up"),
    move("close", {FindingStatus.ACCEPTED}, FindingStatus.CLOSED, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Close"), guard=later_life_is_over, clause="10.2", icon="archive", is_main=True),
    move("reopen", {FindingStatus.CLOSED}, FindingStatus.ACCEPTED, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Reopen"), asks_reason=True, icon="refresh"),
    move("withdraw", {FindingStatus.NOTED, FindingStatus.OPEN}, FindingStatus.WITHDRAWN, needs=Perm.CONDUCT_AUDITS,
         label=gettext_lazy("Withdraw"), guard=nothing_was_raised, asks_reason=True, icon="x"),
)  # fmt: skip
