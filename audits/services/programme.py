"""Writing the audit programme and its lines; top management approves what it says. (9.2.2; ISO 19011:2018, 5)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from approvals.models import Approval
from approvals.services import request as approvals
from audits.flows import PROGRAMME, ProgrammeStatus
from audits.models import Every, Programme, ProgrammeLine
from audits.models.programme import LONGEST_MONTHS, SHORTEST_MONTHS
from core import dates
from core.flows import Move
from core.rules import RuleBroken, refused
from pdca.models import Clause, Standard
from projects import access, flow, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm

from . import checks, coverage

KIND = "audit_programme"
AREAS = ("objectives", "risks", "resources")
EDITABLE = ("title", "starts_on", "ends_on", *AREAS, "owner")
LINE = ("item", "subject", "every_months", "reason", "basis", "first_on")
MOST_LINES = 200


def _permit(project: Project, by: Any) -> None:
    if not access.can(by, Perm.MANAGE_AUDIT_PROGRAMME, project):
        raise NotPermitted(_("You may not write the audit programme of this project."))


def _fresh(programme: Programme, by: Any) -> Programme:
    found = Programme.objects.select_related("project__organization", "owner").get(pk=programme.pk)
    _permit(found.project, by)
    if not found.is_open:
        raise RuleBroken(_("%(programme)s is closed: reopen it first.") % {"programme": found.label})
    return found


def create(*, project: Project, by: Any, values: dict[str, Any]) -> Programme:
    """A new programme; `values`: some of EDITABLE, title and period at least. Raises RuleBroken, NotPermitted."""
    with journal.change(project, by=by) as log:
        _permit(project, by)
        values = _checked(project, {name: value for name, value in values.items() if name in EDITABLE})
        last = Programme.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
        programme = Programme(
            organization_id=project.organization_id, project=project, number=last + 1, created_by=by, edited_by=by, **values
        )  # fmt: skip
        log.mark(programme).save()
        told = {"title": programme.title, "from": programme.starts_on, "to": programme.ends_on}
        log(programme, "programme.created", told)
    return programme


def change(*, programme: Programme, by: Any, version: int, values: dict[str, Any]) -> Programme:
    """Saves what a person saw as `version`. Raises StaleRecord when somebody saved first, RuleBroken, NotPermitted."""
    with journal.change(programme.project, by=by) as log:
        found = _fresh(programme, by)
        checks.same(found.version, version, found, found.label)
        values = {name: value for name, value in values.items() if name in EDITABLE}
        values = _checked(found.project, {name: getattr(found, name) for name in EDITABLE} | values)
        changes = journal.differences({name: getattr(found, name) for name in values}, values)
        if not changes:
            return found
        for name, value in values.items():
            setattr(found, name, value)
        if "starts_on" in changes or "ends_on" in changes:
            outside = found.lines.exclude(first_on__range=(found.starts_on, found.ends_on)).order_by("position").first()
            if outside is not None:
                says = _("The first audit of “%(line)s” would lie outside of the programme: change that line first.")
                raise refused("ends_on", says % {"line": outside})
        _save(found, by, log)
        log(found, "programme.changed", changes)
        coverage.follow_lines(found.lines.all())
        _said(found, by, log)
    return found


def _save(programme: Programme, by: Any, log: journal.Log) -> None:
    programme.edited_by = by
    programme.version += 1
    log.mark(programme).save()


def _said(programme: Programme, by: Any, log: journal.Log) -> None:
    """After a change of what is signed: an open request is void, and an approved programme is a draft again."""
    if programme.status == ProgrammeStatus.APPROVED:
        programme.status = ProgrammeStatus.DRAFT
        programme.version += 1
        log.mark(programme).save()
        log(programme, "programme.redrafted", {"status": [ProgrammeStatus.APPROVED, ProgrammeStatus.DRAFT]})
    approvals.changed(kind=KIND, record=programme, by=by)


def approved(programme: Programme, approval: Approval, log: journal.Log) -> None:
    """Top management has signed; in the transaction of the last signature."""
    if programme.status != ProgrammeStatus.DRAFT:
        return
    programme.status = ProgrammeStatus.APPROVED
    programme.version += 1
    log.mark(programme).save()
    log(programme, "programme.approved", {"edition": approval.edition})


def move(*, programme: Programme, name: str, by: Any, reason: str = "") -> Programme:
    """Closes a programme, or reopens it. Raises RuleBroken, NotPermitted."""
    return flow.move(
        programme, name, by=by, flow=PROGRAMME, kind="programme", reason=reason, then=_moved,
        fields=("is_open", "closed_at", "edited_by"),
    )  # fmt: skip


def _moved(programme: Programme, step: Move, before: str, log: journal.Log) -> None:
    programme.is_open = programme.status != ProgrammeStatus.CLOSED
    programme.closed_at = None if programme.is_open else log.at
    programme.edited_by = log.by
    coverage.follow_lines(programme.lines.all(), is_open=programme.is_open)


def _checked(project: Project, values: dict[str, Any]) -> dict[str, Any]:
    checks.texts(Programme, values, lines=("title",), areas=AREAS)
    if not values.get("title"):
        raise refused("title", _("Give the programme a name."))
    starts_on, ends_on = values.get("starts_on"), values.get("ends_on")
    if not isinstance(starts_on, dt.date) or not isinstance(ends_on, dt.date):
        raise refused("starts_on", _("Say from when to when the programme runs."))
    least, most = (
        dates.plus_months(starts_on, months) - dt.timedelta(days=1) for months in (SHORTEST_MONTHS, LONGEST_MONTHS)
    )
    if not least <= ends_on <= most:
        raise refused("ends_on", _("A programme runs for one to three years."))
    checks.belongs(project, values.get("owner"), "owner")
    return values


# ---- lines -------------------------------------------------------------------------------------------------------


def add_line(
    *, programme: Programme, by: Any, values: dict[str, Any], standards: Iterable[Standard] = (),
    clauses: Iterable[Clause] = (),
) -> ProgrammeLine:  # fmt: skip
    """What is audited how often; `values`: some of LINE. Raises RuleBroken, NotPermitted."""
    with journal.change(programme.project, by=by) as log:
        found = _fresh(programme, by)
        if found.lines.count() >= MOST_LINES:
            raise RuleBroken(_("A programme has at most %(n)s lines: sum some up.") % {"n": MOST_LINES})
        values = _checked_line(found, {name: value for name, value in values.items() if name in LINE})
        last = found.lines.aggregate(last=Max("position"))["last"] or 0
        line = ProgrammeLine(
            organization_id=found.organization_id, project=found.project, programme=found, position=last + 1, **values
        )
        log.mark(line).save()
        _criteria(line, standards, clauses)
        log(found, "programme.line_added", _line_said(line))
        coverage.follow_lines([line])
        _save(found, by, log)
        _said(found, by, log)
    return line


def change_line(
    *, line: ProgrammeLine, by: Any, version: int, values: dict[str, Any], standards: Iterable[Standard] | None = None,
    clauses: Iterable[Clause] | None = None,
) -> ProgrammeLine:  # fmt: skip
    """Saves a line a person saw as `version`. Raises StaleRecord, RuleBroken, NotPermitted."""
    with journal.change(line.project, by=by) as log:
        programme = _fresh(line.programme, by)
        found = _line(programme, line)
        checks.same(found.version, version, found, found.subject)
        before = _line_said(found)
        values = {name: value for name, value in values.items() if name in LINE}
        values = _checked_line(programme, {name: getattr(found, name) for name in LINE} | values)
        for name, value in values.items():
            setattr(found, name, value)
        if standards is not None:
            _criteria(found, standards, clauses or ())
        changes = journal.differences(before, _line_said(found))
        if not changes:
            return found
        found.version += 1
        log.mark(found).save()
        log(programme, "programme.line_changed", {"line": found.subject, **changes})
        coverage.follow_lines([found])
        _save(programme, by, log)
        _said(programme, by, log)
    return found


def remove_line(*, line: ProgrammeLine, by: Any) -> Programme:
    """Takes a line out that no audit has taken up. Raises RuleBroken, NotPermitted."""
    with journal.change(line.project, by=by) as log:
        programme = _fresh(line.programme, by)
        found = _line(programme, line)
        if link := found.audit_links.select_related("audit").first():
            says = _("%(audit)s was planned from this line: it stays, as the record of why that audit was done.")
            raise RuleBroken(says % {"audit": link.audit.label})
        log(programme, "programme.line_removed", _line_said(found))
        log.mark(found).delete()
        _save(programme, by, log)
        _said(programme, by, log)
    return programme


def _line(programme: Programme, line: ProgrammeLine) -> ProgrammeLine:
    found = programme.lines.select_related("item").filter(pk=line.pk).first()
    if found is None:
        raise RuleBroken(_("Somebody has removed this line in the meantime."))
    found.programme = programme
    return found


def _checked_line(programme: Programme, values: dict[str, Any]) -> dict[str, Any]:
    checks.texts(ProgrammeLine, values, lines=("subject",), areas=("reason",))
    checks.item(programme.project, values.get("item"))
    if values.get("item") is not None:
        values["subject"] = values["item"].name
    if not values.get("subject"):
        raise refused("subject", _("Choose a process or site, or say in words what is audited."))
    if values.get("every_months", Every.YEAR) not in Every.values:
        raise refused("every_months", _("Choose how often it is audited."))
    if not values.get("reason"):
        raise refused("reason", _("Say why that often: an auditor asks how risks led to it (9.2.2)."))
    day = values.get("first_on") or programme.starts_on
    if not programme.starts_on <= day <= programme.ends_on:
        raise refused("first_on", _("Choose a day within the programme."))
    return values | {"first_on": day}


def _criteria(line: ProgrammeLine, standards: Iterable[Standard], clauses: Iterable[Clause]) -> None:
    known = line.standard_links.values_list("standard_id", flat=True)
    wanted = checks.standards(line.project, standards, known)
    if not wanted:
        raise refused("standards", _("Choose at least one standard."))
    checks.put(line.standard_links, "standard_id", wanted)
    checks.put(line.clause_links, "clause_id", checks.clauses(clauses, wanted))


def _line_said(line: ProgrammeLine) -> dict[str, Any]:
    """A line as the journal tells it, every part in words."""
    clauses = line.clause_links.select_related("clause__standard")
    return {
        "subject": line.subject,
        "how_often": str(Every(line.every_months).label),
        "reason": line.reason,
        "first_on": line.first_on,
        "standards": ", ".join(link.standard.code for link in line.standard_links.select_related("standard")),
        "clauses": ", ".join(f"{one.clause.standard.code} {one.clause.ref}" for one in clauses),
    }
