"""Writing the report of an audit; the lead auditor's signature issues it, and nothing of it changes afterwards."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from approvals.models import Approval
from approvals.services import request as approvals
from audits import rights
from audits.flows import AT_WORK
from audits.models import Audit, AuditReport, Conclusion
from audits.models.audit import LONGEST as LONGEST_CONCLUSION
from audits.selectors import report as selectors
from core.rules import RuleBroken, refused
from projects import journal

from . import audit as audits
from . import checks


def write(
    *, audit: Audit, by: Any, version: int, values: dict[str, Any], conclusions: dict[int, tuple[str, str]] | None = None
) -> AuditReport:  # fmt: skip
    """Saves what a person saw as `version` (0: nothing was written yet); `conclusions`: {standard's id: (choice, words)}.

    Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with journal.change(audit.project, by=by) as log:
        found = Audit.objects.select_related("project__organization").get(pk=audit.pk)
        rights.permit_conduct(found, by)
        checks.nothing_frozen(found)
        if found.status not in AT_WORK:
            raise RuleBroken(_("The report is written once the audit has begun."), "9.2.2")
        report = selectors.of(found)
        checks.same(
            report.version if report is not None else 0,
            version,
            report,
            _("The report of %(audit)s") % {"audit": found.label},
        )
        values = {name: value for name, value in values.items() if name in selectors.TEXTS}
        checks.texts(AuditReport, values, areas=selectors.TEXTS)
        is_new = report is None
        if is_new:
            report = AuditReport(organization_id=found.organization_id, project=found.project, audit=found, version=0)
        changes = journal.differences({name: getattr(report, name) for name in values}, values)
        changes |= _conclude(found, conclusions or {})
        if not changes:
            return report
        for name, value in values.items():
            setattr(report, name, value)
        report.edited_by = by
        report.version += 1
        log.mark(report).save()
        log(found, "audit.report_written", changes)
        changed(found, by)
    return report


def _conclude(audit: Audit, conclusions: dict[int, tuple[str, str]]) -> dict[str, Any]:
    """The conclusions that changed, as the journal tells them."""
    told = {}
    for link in audit.standard_links.select_related("standard").filter(standard__in=conclusions):
        chosen, words = conclusions[link.standard_id]
        words = words.strip()
        if chosen not in Conclusion.values:
            raise refused(f"conclusion_{link.standard_id}", _("Choose a conclusion."))
        if len(words) > LONGEST_CONCLUSION:
            raise refused(f"words_{link.standard_id}", _("Use at most %(n)s characters.") % {"n": LONGEST_CONCLUSION})
        if (link.conclusion, link.conclusion_text) == (chosen, words):
            continue
        told[f"conclusion {link.standard.code}"] = [link.get_conclusion_display(), str(Conclusion(chosen).label)]
        link.conclusion, link.conclusion_text = chosen, words
        link.save(update_fields=["conclusion", "conclusion_text"])
    return told


def changed(audit: Audit, by: Any) -> None:
    """What hangs in `following.followers`: a request for the signature asks about today's words, or not at all."""
    fresh = selectors.load(audit.project, audit.pk)
    if fresh is not None and fresh.status in AT_WORK:
        approvals.changed(kind=selectors.KIND, record=fresh, by=by)


def approved(audit: Audit, approval: Approval, log: journal.Log) -> None:
    """The lead auditor has signed: the report is issued, in the transaction of the signature."""
    audits.issue(audit=audit, by=log.by, log=log)
