"""Planning audits and moving them along. Team, auditees and agenda: services.team and services.agenda. (9.2; ISO 19011, 6)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from audits import following
from audits.flows import AUDIT, AuditStatus
from audits.models import (
    Audit,
    AuditItem,
    AuditKind,
    AuditMember,
    AuditProgrammeLine,
    Covered,
    Method,
    ProgrammeLine,
    TeamRole,
)
from context.models import ScopeItem
from core.flows import Move
from core.rules import RuleBroken, refused
from documents.models import Document
from pdca.models import Clause, Standard
from projects import access, flow, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm

from . import checks, coverage

AREAS = ("objectives", "scope")
EDITABLE = ("title", "kind", "method", *AREAS, "starts_on", "ends_on", "report_due_on")
REPORT_DAYS = 14
"""How long after its last day the report of an audit is due, where nobody says another day."""
STAMPS = ("started_at", "reported_at", "issued_at", "closed_at")


def may_plan(user: Any, audit: Audit, held: frozenset[Perm] | None = None) -> bool:
    """Who manages the programme plans its audits."""
    held = access.perms_in(user, audit.project) if held is None else held
    return Perm.MANAGE_AUDIT_PROGRAMME in held


def permit(project: Project, by: Any) -> None:
    """Raises NotPermitted unless `by` plans audits here."""
    if not access.can(by, Perm.MANAGE_AUDIT_PROGRAMME, project):
        raise NotPermitted(_("You may not plan audits in this project."))


def fresh(audit: Audit, by: Any) -> Audit:
    """The audit read again under the lock, for who may plan it, as long as nothing of it is frozen."""
    found = Audit.objects.select_related("project__organization").get(pk=audit.pk)
    permit(found.project, by)
    checks.nothing_frozen(found)
    return found


def count_evidence(audit: Audit, n: int) -> None:
    """Stores how many pieces of evidence are valid; called in the transaction of a change of them."""
    Audit.objects.filter(pk=audit.pk).update(evidence_count=n)


# ---- planning ----------------------------------------------------------------------------------------------------


def create(
    *, project: Project, by: Any, values: dict[str, Any], standards: Iterable[Standard] = (),
    clauses: Iterable[Clause] = (), documents: Iterable[Document] = (), items: Iterable[ScopeItem] = (),
    lines: Iterable[ProgrammeLine] = (), lead: Any = None,
) -> Audit:  # fmt: skip
    """A new audit; `values`: some of EDITABLE, the title at least. Raises RuleBroken, NotPermitted."""
    with journal.change(project, by=by) as log:
        permit(project, by)
        values = _checked({name: value for name, value in values.items() if name in EDITABLE})
        last = Audit.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
        audit = Audit(
            organization_id=project.organization_id, project=project, number=last + 1, created_by=by, edited_by=by, **values
        )  # fmt: skip
        log.mark(audit).save()
        _criteria(audit, standards, clauses, documents)
        _items(audit, items)
        _lines(audit, lines)
        if lead is not None:
            checks.belongs(project, lead, "lead")
            member = AuditMember(
                organization_id=audit.organization_id, project=project, audit=audit, role=TeamRole.LEAD, person=lead,
                name=str(lead),
            )  # fmt: skip
            log.mark(member).save()
        told = {"title": audit.title, "kind": str(AuditKind(audit.kind).label), "lead": lead}
        log(audit, "audit.created", {name: value for name, value in told.items() if value})
    return audit


def create_from_line(*, line: ProgrammeLine, by: Any, values: dict[str, Any], lead: Any = None) -> Audit:
    """An audit that does one line of a programme: subject, criteria and place come from there, the rest is `values`."""
    return create(
        project=line.project, by=by, lead=lead, lines=[line],
        values={"title": line.subject, "scope": line.subject} | values,
        standards=[link.standard for link in line.standard_links.select_related("standard")],
        clauses=[link.clause for link in line.clause_links.select_related("clause")],
        items=[line.item] if line.item_id else [],
    )  # fmt: skip


def change(
    *, audit: Audit, by: Any, version: int, values: dict[str, Any], standards: Iterable[Standard] | None = None,
    clauses: Iterable[Clause] = (), documents: Iterable[Document] = (), items: Iterable[ScopeItem] | None = None,
    lines: Iterable[ProgrammeLine] | None = None,
) -> Audit:  # fmt: skip
    """Saves what a person saw as `version`; None leaves criteria, places or lines as they are.

    Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted.
    """
    with journal.change(audit.project, by=by) as log:
        found = fresh(audit, by)
        checks.same(found.version, version, found, found.label)
        values = {name: value for name, value in values.items() if name in EDITABLE}
        values = _checked({name: getattr(found, name) for name in EDITABLE} | values)
        if found.status != AuditStatus.DRAFT and not (values["starts_on"] and values["ends_on"]):
            raise refused("starts_on", _("A planned audit keeps its dates: put it back to draft first."))
        changes = journal.differences({name: getattr(found, name) for name in values}, values)
        before = said(found)
        if standards is not None:
            _criteria(found, standards, clauses, documents)
        if items is not None:
            _items(found, items)
        if lines is not None:
            _lines(found, lines)
        changes |= journal.differences(before, said(found))
        if not changes:
            return found
        for name, value in values.items():
            setattr(found, name, value)
        found.edited_by = by
        found.version += 1
        log.mark(found).save()
        log(found, "audit.changed", changes)
        if Covered.objects.filter(audit=found).exists():
            coverage.cover(found, log)
        coverage.follow_audit(found)
        following.tell(found, by)
    return found


def said(audit: Audit) -> dict[str, Any]:
    """Criteria, places and lines as the journal tells them. Five queries."""
    return {
        "standards": [one.standard.code for one in audit.standard_links.select_related("standard")],
        "clauses": [
            f"{one.clause.standard.code} {one.clause.ref}"
            for one in audit.clause_links.select_related("clause__standard")
        ],
        "documents": [str(one.document) for one in audit.document_links.select_related("document")],
        "places": list(audit.item_links.values_list("name", flat=True)),
        "programme_lines": [str(one.line) for one in audit.programme_links.select_related("line")],
    }


def _checked(values: dict[str, Any]) -> dict[str, Any]:
    checks.texts(Audit, values, lines=("title",), areas=AREAS)
    if not values.get("title"):
        raise refused("title", _("Give the audit a title: what is audited."))
    if values.get("kind", AuditKind.INTERNAL) not in AuditKind.values:
        raise refused("kind", _("Choose the kind of audit."))
    if values.get("method", Method.ON_SITE) not in Method.values:
        raise refused("method", _("Choose how it is conducted."))
    starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
    if starts_on and not ends_on:
        ends_on = values["ends_on"] = starts_on
    if starts_on and ends_on and ends_on < starts_on:
        raise refused("ends_on", _("The audit ends before it begins."))
    due = values.get("report_due_on")
    if ends_on and not due:
        values["report_due_on"] = ends_on + dt.timedelta(days=REPORT_DAYS)
    elif ends_on and due and due < ends_on:
        raise refused("report_due_on", _("The report follows the audit: choose a later day."))
    return values


def _criteria(audit: Audit, standards: Any, clauses: Any, documents: Any) -> None:
    known = audit.standard_links.values_list("standard_id", flat=True)
    wanted = checks.standards(audit.project, standards, known)
    checks.put(audit.standard_links, "standard_id", wanted)
    checks.put(audit.clause_links, "clause_id", checks.clauses(clauses, wanted))
    checks.put(audit.document_links, "document_id", checks.documents(audit.project, documents))


def _items(audit: Audit, items: Iterable[ScopeItem]) -> None:
    """Places by their items; a place whose item is gone keeps its name as long as nobody chooses others."""
    items = list(items)
    for one in items:
        checks.item(audit.project, one, "items")
    wanted = {one.pk: one for one in items}
    here = set(audit.item_links.exclude(item=None).values_list("item_id", flat=True))
    audit.item_links.filter(item__in=here - set(wanted)).delete()
    AuditItem.objects.bulk_create(
        AuditItem(audit=audit, item=one, name=one.name) for pk, one in wanted.items() if pk not in here
    )


def _lines(audit: Audit, lines: Iterable[ProgrammeLine]) -> None:
    lines = list(lines)
    if any(one.project_id != audit.project_id for one in lines):
        raise refused("lines", _("Choose lines of this project's programmes."))
    before = set(audit.programme_links.values_list("line_id", flat=True))
    after = {one.pk for one in lines}
    if before == after:
        return
    audit.programme_links.exclude(line__in=after).delete()
    AuditProgrammeLine.objects.bulk_create(AuditProgrammeLine(audit=audit, line_id=pk) for pk in sorted(after - before))
    coverage.follow_lines(ProgrammeLine.objects.filter(pk__in=before - after).select_related("programme"))


# ---- moves -------------------------------------------------------------------------------------------------------


def move(*, audit: Audit, name: str, by: Any, reason: str = "") -> Audit:
    """Moves an audit along its flow. Raises RuleBroken, NotPermitted."""
    return flow.move(
        audit, name, by=by, flow=AUDIT, kind="audit", reason=reason, then=_moved,
        fields=("is_open", "cancelled_because", "edited_by", *STAMPS),
    )  # fmt: skip


def _moved(audit: Audit, step: Move, before: str, log: journal.Log) -> None:
    audit.is_open = audit.status not in (AuditStatus.CLOSED, AuditStatus.CANCELLED)
    audit.edited_by = log.by
    if step.name == "start":
        audit.started_at = log.at
    elif step.name == "report":
        audit.reported_at = log.at
        coverage.cover(audit, log)
    elif step.name == "resume":
        audit.reported_at = None
        coverage.uncover(audit)
    elif step.name == "close":
        audit.closed_at = log.at
    elif step.name == "cancel":
        audit.cancelled_because, audit.closed_at = log.reason[:500], log.at
    _follow(audit)
    following.tell(audit, log.by)


def _follow(audit: Audit) -> None:
    """The lines of the programme, as they will stand once this move is saved."""
    Audit.objects.filter(pk=audit.pk).update(status=audit.status, is_open=audit.is_open)
    coverage.follow_audit(audit)


def issue(*, audit: Audit, by: Any, log: journal.Log) -> Audit:
    """The report is signed: it follows from the lead auditor's signature, in its transaction. Raises RuleBroken."""
    found = Audit.objects.select_related("project__organization").get(pk=audit.pk)
    if found.status != AuditStatus.REPORTED:
        says = _("%(audit)s is “%(state)s”: a report is issued when the work on site is done.")
        raise RuleBroken(says % {"audit": found.label, "state": found.get_status_display()}, "9.2.2")
    found.status, found.issued_at, found.edited_by = AuditStatus.ISSUED, log.at, by
    found.version += 1
    log.mark(found).save()
    log(found, "audit.issued", {"status": [AuditStatus.REPORTED, AuditStatus.ISSUED]})
    return found
