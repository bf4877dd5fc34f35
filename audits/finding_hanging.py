"""What findings and checklists hang into the other apps: evidence, reminders, search, the way back from a nonconformity."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits import rights
from audits.flows import AT_WORK, AuditStatus, FindingStatus, Grade
from audits.models import ChecklistLine, Finding
from audits.selectors import checklist as checklists
from audits.selectors import finding as selectors
from audits.services import answering
from audits.services import finding as services
from core import together
from improvement.models import Nonconformity
from improvement.origins import Origin
from projects import access
from projects.addresses import address
from projects.evidencing import Target
from projects.permissions import Perm


def responses_due() -> Any:
    """Findings that somebody has to answer by a day."""
    return Finding.objects.filter(status=FindingStatus.OPEN, respondent__isnull=False, due_on__isnull=False)


def may_see(finding: Finding, user: Any) -> bool:
    perms = access.perms_in(user, finding.project)
    return selectors.visible(finding.project, user, perms).filter(pk=finding.pk).exists()


def may_add(finding: Finding, user: Any) -> bool:
    """Its auditors as long as the audit is at work, and who answers it while the answer is awaited."""
    if finding.audit.status in AT_WORK and rights.may_conduct(user, finding.audit):
        return True
    return finding.status == FindingStatus.OPEN and services.may_respond(user, finding)


TARGET = Target(
    "audits.finding",
    load=selectors.load,
    may_see=may_see,
    may_add=may_add,
    may_manage=lambda finding, user: finding.audit.status in AT_WORK and rights.may_conduct(user, finding.audit),
    url=lambda finding: finding.get_absolute_url(),
    count=services.count_evidence,
    label=lambda finding: _("Evidence of %(record)s") % {"record": finding.label},
)


@together.once
def may_add_to_line(line: ChecklistLine, user: Any) -> bool:
    """Its auditors while the audit is in progress, as they write the line itself."""
    return line.audit.status == AuditStatus.IN_PROGRESS and rights.may_conduct(user, line.audit)


LINE_TARGET = Target(
    "audits.checklistline",
    load=checklists.load,
    may_see=lambda line, user: access.can(user, Perm.CONDUCT_AUDITS, line),
    may_add=may_add_to_line,
    may_manage=may_add_to_line,
    url=lambda line: f"{address('audits:checklist', **line.project.address, number=line.audit.label)}?line={line.pk}",
    count=answering.count_evidence,
    label=lambda line: _("Evidence of %(record)s") % {"record": f"{line.audit.label} {line.ref}".strip()},
)


def origin_of(record: Nonconformity, user: Any, perms: Iterable[Perm]) -> Origin | None:
    """The finding a nonconformity was raised from. Two queries."""
    finding = Finding.objects.select_related("audit").filter(nonconformity=record).first()
    if finding is None:
        return None
    finding.project = record.project
    may = selectors.visible(record.project, user, perms).filter(pk=finding.pk).exists()
    label = _("Finding %(finding)s of %(audit)s") % {"finding": finding.label, "audit": finding.audit}
    return Origin(label, finding.get_absolute_url() if may else "")


def conducts(audit: Any, request: HttpRequest) -> bool:
    """Checklists are working papers: who conducts audits reads them."""
    return Perm.CONDUCT_AUDITS in request.perms_here


def hang() -> None:
    """Called once, from apps.py."""
    from improvement import origins
    from jobs import kinds
    from projects import demo, discretion, evidencing, journal_words, reminders, sweeps
    from sheets import services as imports

    from . import demo_findings, tabs
    from .desk import DESK, sweep

    tabs.pages.append(tabs.Page("audits:checklist", gettext_lazy("Checklist"), "checklist", 40, conducts))
    tabs.pages.append(tabs.Page("audits:earlier", gettext_lazy("Earlier findings"), "history", 50, conducts))
    evidencing.targets.register(TARGET)
    evidencing.targets.register(LINE_TARGET)
    reminders.register(reminders.Source(
        "finding", gettext_lazy("Finding to answer"), gettext_lazy("Findings to answer"), rows=responses_due, prefix="F",
        home="audits:finding-list", owner="respondent_id", role="", title="statement",
    ))  # fmt: skip
    discretion.keep("audits.finding", selectors.hidden)
    discretion.keep("audits.checklistline", selectors.hidden_lines)
    origins.tellers.append(origin_of)
    demo.chapters.append(demo_findings.tell)
    kinds.register(imports.kind_of(DESK, gettext_lazy("Import of findings")))
    if sweep not in sweeps.also:
        sweeps.also.append(sweep)
    _search()
    journal_words.GROUPS |= {
        "finding": gettext_lazy("Finding"),
        "findings": gettext_lazy("Findings"),
        "checklist": gettext_lazy("Checklist"),
    }
    journal_words.ADDRESSES["audits.finding"] = ("audits:finding-detail", lambda label: label.split(" ", 1)[0])
    journal_words.VERBS |= {
        "finding.noted": gettext_lazy("noted"),
        "finding.changed": gettext_lazy("changed"),
        "finding.open": gettext_lazy("handed over"),
        "finding.responded": gettext_lazy("answered"),
        "finding.answer": gettext_lazy("sent the response to"),
        "finding.accept": gettext_lazy("accepted the response to"),
        "finding.return": gettext_lazy("returned the response to"),
        "finding.keep": gettext_lazy("put on record"),
        "finding.close": gettext_lazy("closed"),
        "finding.reopen": gettext_lazy("reopened"),
        "finding.withdraw": gettext_lazy("withdrew"),
        "finding.raised": gettext_lazy("raised a nonconformity from"),
        "findings.imported": gettext_lazy("imported the spreadsheet"),
        "finding.followed_up": gettext_lazy("looked again at"),
        "finding.evidence_added": gettext_lazy("added evidence to"),
        "finding.evidence_withdrawn": gettext_lazy("withdrew evidence from"),
        "checklist.generated": gettext_lazy("made the checklist of"),
        "checklist.added": gettext_lazy("added a question:"),
        "checklist.changed": gettext_lazy("changed the question"),
        "checklist.removed": gettext_lazy("took away the question"),
        "checklist.moved": gettext_lazy("moved the question"),
        "checklist.assigned": gettext_lazy("put lines into a session of"),
        "checklist.answered": gettext_lazy("noted at the line"),
        "checklistline.evidence_added": gettext_lazy("added evidence to the line"),
        "checklistline.evidence_withdrawn": gettext_lazy("withdrew evidence from the line"),
    }


def _search() -> None:
    from search import kinds

    kinds.register_group("findings", gettext_lazy("Findings"), 47)
    kinds.register(kinds.Kind(
        "finding", "findings", "audits.Finding", icon="flag",
        # A statement is found where it may be read: in the register, once the report is issued.
        rows=lambda: Finding.objects.filter(audit__status__in=selectors.REPORTED).select_related("project"),
        draft=lambda one: kinds.Draft(
            one.statement[:200], label=one.label, organization_id=one.organization_id, project_id=one.project_id,
            state=one.grade, is_closed=not one.is_open, texts=[one.statement, one.evidence, one.criterion, one.subject],
        ),
        address=lambda hit: address("audits:finding-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=kinds.InProject(Perm.VIEW_AUDITS),
        badges=lambda: {str(grade): ("plain", grade.label) for grade in Grade},
        also=lambda entry: Q(audit=entry.target_id) if entry.action == "audit.issued" else None,
    ))  # fmt: skip
