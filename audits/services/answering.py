"""Saving what an auditor saw at a line: by a page that saves by itself, or by a plain form."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from audits import rights
from audits.flows import BEFORE_THE_WORK, AuditStatus
from audits.models import Audit, ChecklistLine, Result, Session
from core.models import FormKey
from core.rules import RuleBroken, StaleRecord, refused
from projects import journal

CLAUSE = "9.2.2"
SEEN = ("result", "evidence", "not_sampled_because")
TYPED = (*SEEN, "sampling", "session")
TOLD = 500
"""How much of a long text the journal repeats; the history has all of it."""


def answer(*, line: ChecklistLine, by: Any, version: int, values: dict[str, Any], key: str = "") -> ChecklistLine:
    """Saves what a person who saw the line as `version` says of it; `values`: some of TYPED.

    `key` is the line's own in one browser: the same text sent again, because the answer was lost on its way, is no conflict
    with itself. Raises StaleRecord with the newer line when a colleague saved first, RuleBroken, NotPermitted.
    """
    with journal.change(line.project, by=by) as log:
        found = ChecklistLine.objects.select_related("audit", "session", "edited_by").filter(pk=line.pk).first()
        if found is None:
            raise RuleBroken(_("This line is not in the checklist any more."))
        found.project = found.audit.project = line.project
        audit = found.audit
        rights.permit_conduct(audit, by)
        values = _checked(audit, found, {name: value for name, value in values.items() if name in TYPED})
        if found.version != version and not _is_own(found, by, key):
            if all(getattr(found, name) == value for name, value in values.items()):
                return found
            raise StaleRecord(
                _("%(line)s was changed by %(person)s while you were typing. Your text is kept.")
                % {"line": found.ref or found.title, "person": found.edited_by or _("somebody else")},
                found,
            )
        _permit_state(audit, values)
        changes = journal.differences({name: getattr(found, name) for name in values}, values)
        if changes:
            for name, value in values.items():
                setattr(found, name, value)
            if "result" in changes:
                found.answered_by, found.answered_at = (by, log.at) if found.result else (None, None)
            found.edited_by = by
            found.version += 1
            log.mark(found).save()
            told = {name: [_short(one) for one in both] for name, both in changes.items()}
            log(found, "checklist.answered", {"audit": audit.label} | told)
        _remember(found, by, key)
    return found


def count_evidence(line: ChecklistLine, n: int) -> None:
    """Stores how many pieces of evidence are valid, and when; called in the transaction of a change of them.

    Open pages ask for what was updated since they last looked; the line's words are the same, and so is its version.
    """
    now = timezone.now()
    ChecklistLine.objects.filter(pk=line.pk).update(evidence_count=n, evidence_at=now, updated_at=now)


def _permit_state(audit: Audit, values: dict[str, Any]) -> None:
    if audit.status == AuditStatus.IN_PROGRESS:
        return
    state = {"audit": audit.label, "state": audit.get_status_display()}
    if audit.status not in BEFORE_THE_WORK:
        raise RuleBroken(_("%(audit)s is “%(state)s”: its checklist stays as it is.") % state, CLAUSE)
    if any(values.get(name) for name in SEEN):
        raise RuleBroken(_("%(audit)s is “%(state)s”: begin the audit before you note results.") % state, CLAUSE)


def _checked(audit: Audit, line: ChecklistLine, values: dict[str, Any]) -> dict[str, Any]:
    for name in ("evidence", "not_sampled_because", "sampling"):
        if name in values:
            values[name] = str(values[name] or "").replace("\r\n", "\n").strip()
            most = ChecklistLine._meta.get_field(name).max_length
            if len(values[name]) > most:
                raise refused(name, _("Use at most %(n)s characters.") % {"n": most})
    if values.get("result", "") not in Result.values:
        raise refused("result", _("Choose one of the results."))
    result = values.get("result", line.result)
    if result == Result.NOT_SAMPLED:
        if not values.get("not_sampled_because", line.not_sampled_because):
            raise refused("not_sampled_because", _("Say why it was not sampled: the report prints it."))
    elif "result" in values:
        values["not_sampled_because"] = ""
    session: Session | None = values.get("session")
    if session is not None and session.audit_id != audit.pk:
        raise refused("session", _("Choose a session of this audit."))
    return values


def _short(value: Any) -> str:
    text = str(value if value is not None else "")
    return text if len(text) <= TOLD else text[: TOLD - 1] + "…"


# ---- what a line's key led to -------------------------------------------------------------------------------------


def _own(line: ChecklistLine, by: Any, key: str) -> str:
    return f"{by.pk}:checklist:{line.pk}:{key}"


def _is_own(line: ChecklistLine, by: Any, key: str) -> bool:
    """Whether the last one who saved the line was this very page. Read under the organization's lock."""
    if not key:
        return False
    kept = FormKey.objects.filter(key=_own(line, by, key)).values_list("address", flat=True).first()
    return kept == str(line.version)


def _remember(line: ChecklistLine, by: Any, key: str) -> None:
    if key:
        FormKey.objects.bulk_create(
            [FormKey(key=_own(line, by, key), address=str(line.version))],
            update_conflicts=True, unique_fields=["key"], update_fields=["address"],
        )  # fmt: skip
