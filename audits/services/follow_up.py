"""What an audit sees of the findings of earlier ones. (9.2.2; ISO 19011:2018, 6.7)"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from audits import rights
from audits.flows import FROZEN_AUDITS
from audits.models import Audit, Finding, FollowUp, FollowUpResult
from core.rules import RuleBroken, StaleRecord, refused
from projects import journal


def note(
    *, audit: Audit, finding: Finding, by: Any, result: str, note: str = "", version: int | None = None
) -> FollowUp:
    """Notes what is seen now of an earlier finding, once for each audit. `version`: of the note the person saw, None where
    there was none. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(audit.project, by=by) as log:
        audit = Audit.objects.select_related("project__organization").get(pk=audit.pk)
        rights.permit_conduct(audit, by)
        if audit.status in FROZEN_AUDITS:
            raise RuleBroken(_("The report of %(audit)s is issued: what it says stays.") % {"audit": audit.label})
        if finding.project_id != audit.project_id or finding.audit_id == audit.pk:
            raise RuleBroken(_("Only findings of earlier audits are followed up."))
        if result not in FollowUpResult.values:
            raise refused("result", _("Say what you see now."))
        note = note.replace("\r\n", "\n").strip()
        if len(note) > 2_000:
            raise refused("note", _("Use at most %(n)s characters.") % {"n": 2_000})
        if result != FollowUpResult.NOT_CHECKED and not note:
            raise refused("note", _("Say by what you see it: the evidence belongs here."))
        found = FollowUp.objects.filter(audit=audit, finding=finding).first()
        if (found.version if found else None) != version:
            says = _("A colleague noted something of %(finding)s in the meantime. Your text is kept below.")
            raise StaleRecord(says % {"finding": finding.label}, found)
        before = {"result": found.result, "note": found.note} if found else {"result": "", "note": ""}
        changes = journal.differences(before, {"result": result, "note": note})
        if found is not None and not changes:
            return found
        found = found or FollowUp(
            organization_id=audit.organization_id, project=audit.project, audit=audit, finding=finding, version=0
        )
        found.result, found.note, found.noted_by, found.noted_at = result, note, by, log.at
        found.version += 1
        log.mark(found).save()
        log(finding, "finding.followed_up", {"audit": audit.label} | changes)
    return found
