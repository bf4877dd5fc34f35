"""The agenda of an audit: sessions with times, places and people. (ISO 19011:2018, 6.3.2)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from audits import following
from audits.models import Audit, Session, SessionAuditee, SessionKind
from audits.selectors import clauses as clause_selectors
from core.rules import RuleBroken, refused
from pdca.models import Clause
from projects import journal

from . import audit as audits
from . import checks

EDITABLE = ("kind", "title", "day", "starts_at", "ends_at", "place", "item", "subject")
MOST = 200


def add(
    *, audit: Audit, by: Any, values: dict[str, Any], clauses: Iterable[Clause] = (), auditors: Iterable[int] = (),
    auditees: Iterable[int] = (),
) -> Session:  # fmt: skip
    """A row of the agenda; `values`: some of EDITABLE, people by their rows in team and auditees. Raises RuleBroken."""
    with journal.change(audit.project, by=by) as log:
        found = audits.fresh(audit, by)
        if found.sessions.count() >= MOST:
            raise RuleBroken(_("An agenda has at most %(n)s sessions.") % {"n": MOST})
        values = _checked(found, {name: value for name, value in values.items() if name in EDITABLE})
        session = Session(organization_id=found.organization_id, project=found.project, audit=found, **values)
        _nobody_twice(found, session, auditors, auditees)
        log.mark(session).save()
        _put(session, clauses, auditors, auditees)
        log(found, "audit.session_added", _told(session))
        following.tell(found, by)
    return session


def change(
    *, session: Session, by: Any, version: int, values: dict[str, Any], clauses: Iterable[Clause] = (),
    auditors: Iterable[int] = (), auditees: Iterable[int] = (),
) -> Session:  # fmt: skip
    """Saves a session a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(session.project, by=by) as log:
        audit = audits.fresh(session.audit, by)
        found = _session(audit, session.pk)
        checks.same(found.version, version, found, found.title)
        before = said(found)
        values = {name: value for name, value in values.items() if name in EDITABLE}
        for name, value in _checked(audit, {name: getattr(found, name) for name in EDITABLE} | values).items():
            setattr(found, name, value)
        _nobody_twice(audit, found, auditors, auditees)
        _put(found, clauses, auditors, auditees)
        changes = journal.differences(before, said(found))
        if not changes:
            return found
        found.version += 1
        log.mark(found).save()
        log(audit, "audit.session_changed", {"session": found.title, **changes})
        following.tell(audit, by)
    return found


def remove(*, session: Session, by: Any) -> Audit:
    with journal.change(session.project, by=by) as log:
        audit = audits.fresh(session.audit, by)
        found = _session(audit, session.pk)
        log(audit, "audit.session_removed", _told(found))
        log.mark(found).delete()
        following.tell(audit, by)
    return audit


def note_attendance(*, audit: Audit, by: Any, attended: Iterable[int]) -> None:
    """Who of the auditees was there, by the rows of sessions and people: the report prints it."""
    with journal.change(audit.project, by=by) as log:
        found = audits.fresh(audit, by)
        rows = SessionAuditee.objects.filter(session__audit=found)
        wanted = set(attended)
        changed = [row for row in rows if row.has_attended != (row.pk in wanted)]
        for row in changed:
            row.has_attended = row.pk in wanted
        if not changed:
            return
        SessionAuditee.objects.bulk_update(changed, ["has_attended"])
        there = rows.filter(has_attended=True).select_related("session", "auditee").order_by("session", "pk")
        log(found, "audit.attendance_noted", {"attended": "; ".join(f"{row.session}: {row.auditee}" for row in there)})
        following.tell(found, by)


def said(session: Session) -> dict[str, str]:
    """A session as the journal tells it, every part in words."""
    clauses = session.clause_links.select_related("clause__standard")
    return {
        "session": session.title,
        "when": f"{session.day.isoformat()} {session.starts_at:%H:%M}–{session.ends_at:%H:%M}",
        "place": session.place,
        "about": session.subject,
        "clauses": ", ".join(f"{one.clause.standard.code} {one.clause.ref}" for one in clauses),
        "auditors": ", ".join(session.auditor_links.values_list("member__name", flat=True)),
        "auditees": ", ".join(session.auditee_links.values_list("auditee__name", flat=True)),
    }


def _told(session: Session) -> dict[str, str]:
    return {name: words for name, words in said(session).items() if words}


def _session(audit: Audit, pk: int) -> Session:
    found = audit.sessions.select_related("item").filter(pk=pk).first()
    if found is None:
        raise RuleBroken(_("Somebody has removed this session in the meantime."))
    return found


def _checked(audit: Audit, values: dict[str, Any]) -> dict[str, Any]:
    checks.texts(Session, values, lines=("title", "place", "subject"))
    if values.get("kind", SessionKind.AUDIT) not in SessionKind.values:
        raise refused("kind", _("Choose what kind of session it is."))
    checks.item(audit.project, values.get("item"))
    if values.get("item") is not None:
        values["subject"] = values["item"].name
    if not values.get("title"):
        kind = SessionKind(values.get("kind", SessionKind.AUDIT))
        values["title"] = values.get("subject") or ("" if kind == SessionKind.AUDIT else str(kind.label))
    if not values["title"]:
        raise refused("title", _("Say what the session is about."))
    if not isinstance(values.get("day"), dt.date):
        raise refused("day", _("Choose a day."))
    if audit.starts_on and not audit.starts_on <= values["day"] <= audit.ends_on:
        raise refused("day", _("Choose a day of the audit, or change its dates first."))
    if not (values.get("starts_at") and values.get("ends_at")) or values["ends_at"] <= values["starts_at"]:
        raise refused("ends_at", _("A session ends after it begins."))
    return values


def _nobody_twice(audit: Audit, session: Session, auditors: Iterable[int], auditees: Iterable[int]) -> None:
    """Nobody sits in two places at once. Three queries at most."""
    at_once = audit.sessions.filter(
        day=session.day, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at
    ).exclude(pk=session.pk)
    people = (("auditors", "auditor_links__member", auditors), ("auditees", "auditee_links__auditee", auditees))
    for field, links, wanted in people:
        clash = at_once.filter(**{f"{links}__in": list(wanted)}).values_list("title", f"{links}__name").first()
        if clash:
            says = _("%(person)s sits in “%(session)s” at that time.")
            raise refused(field, says % {"session": clash[0], "person": clash[1]})


def _put(session: Session, clauses: Iterable[Clause], auditors: Iterable[int], auditees: Iterable[int]) -> None:
    audit = session.audit
    clauses = list(clauses)
    covered = {one.standard_id for one in clause_selectors.of_audit(audit)} if clauses else set()
    checks.put(session.clause_links, "clause_id", checks.clauses(clauses, covered))
    team = set(audit.members.values_list("pk", flat=True))
    people = set(audit.auditees.values_list("pk", flat=True))
    if set(auditors) - team or set(auditees) - people:
        raise RuleBroken(_("Somebody has removed one of these people in the meantime."))
    checks.put(session.auditor_links, "member_id", auditors)
    checks.put(session.auditee_links, "auditee_id", auditees)
