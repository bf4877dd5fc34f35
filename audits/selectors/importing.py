"""What a spreadsheet would do to the register of findings. Eight queries, nine with lines of checklists, however many rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from audits.finding_columns import COLUMNS, EMPTIES, FINDINGS
from audits.flows import AT_WORK, CHANGEABLE, FROZEN_AUDITS, NC_GRADES, FindingStatus, lacking
from audits.models import (
    WRITERS,
    Audit,
    AuditMember,
    AuditStandard,
    ChecklistLine,
    Finding,
    FindingClause,
    FindingImport,
    TeamRole,
)
from context.models import ScopeItem, ScopeKind
from core.rules import RuleBroken
from improvement.selectors.importing import Named
from pdca.models import Clause
from projects import access
from projects.permissions import Perm
from sheets import cells
from sheets.columns import Sort
from sheets.plan import Action, Line, Plan, Read, Reader, compared, concluded, parsers, skipped, unreadable
from sheets.workbook import Sheet

PLACES = (ScopeKind.PROCESS, ScopeKind.SITE, ScopeKind.UNIT)
PLAIN = ("grade", "statement", "evidence", "criterion", "subject", "respondent", "due_on")


class World:
    """What the rows are compared with, and in which audits whoever brings the file writes."""

    def __init__(self, record: FindingImport) -> None:
        project = record.project
        self.project = project
        rows = Finding.objects.filter(project=project).select_related("respondent", "audit", "item", "line")
        self.records = {one.number: one for one in rows}
        self.audits = {one.number: one for one in Audit.objects.filter(project=project)}
        self.team: dict[int, list[AuditMember]] = defaultdict(list)
        for member in AuditMember.objects.filter(project=project, role__in=WRITERS):
            self.team[member.audit_id].append(member)
        held = access.perms_in(record.created_by, project)
        self.who = record.created_by_id if Perm.CONDUCT_AUDITS in held else None
        asked = Q(standard__in=project.chosen_standards.order_by().values("standard"))
        asked |= Q(standard__in=AuditStandard.objects.filter(audit__project=project).order_by().values("standard"))
        found = Clause.objects.filter(asked).select_related("standard").order_by("standard__code", "position")
        by_pk = {clause.pk: clause for clause in found}
        self.links: dict[int, list[Clause]] = defaultdict(list)
        links = FindingClause.objects.filter(finding__project=project).order_by(
            "clause__standard__code", "clause__position"
        )
        for pk, clause in links.values_list("finding_id", "clause_id"):
            if clause in by_pk:
                self.links[pk].append(by_pk[clause])
        self.named = Named(list(by_pk.values()))
        members = list(access.people_of(project))
        respondents = [one.respondent for one in self.records.values() if one.respondent is not None]
        self.people = cells.People.of([*members, *respondents])
        self.here = {person.pk for person in members}

    def before(self, record: Finding) -> dict[str, Any]:
        """The values of a finding as its columns hold them."""
        found = {name: getattr(record, name) for name in PLAIN}
        found |= {"item": record.item.name if record.item else "", "line": str(record.line) if record.line else ""}
        return found | {"clauses": self.links.get(record.pk, []), "audit": record.audit.label}

    @cached_property
    def items(self) -> dict[str, ScopeItem]:
        """The processes and sites of the scope by their names, and what findings name already. One query."""
        rows = ScopeItem.objects.filter(project=self.project, is_included=True, kind__in=PLACES)
        found = {_called(one.item.name): one.item for one in self.records.values() if one.item is not None}
        for one in rows.order_by("-kind", "-position", "-pk"):
            found[_called(one.name)] = one
        return found

    @cached_property
    def lines(self) -> dict[int, dict[str, list[ChecklistLine]]]:
        """The lines of the audits at work in which they write, by audit and by what people call them. One query."""
        at_work = [pk for pk in (one.pk for one in self.audits.values() if one.status in AT_WORK) if self.team[pk]]
        found: dict[int, dict[str, list[ChecklistLine]]] = defaultdict(lambda: defaultdict(list))
        for one in ChecklistLine.objects.filter(audit__in=at_work).prefetch_related("clauses"):
            for name in {_called(str(one)), _called(one.ref)} - {""}:
                found[one.audit_id][name].append(one)
        return found

    def may_conduct(self, audit: Audit) -> bool:
        """As rights.may_conduct says it, without a query."""
        if self.who is None:
            return False
        return any(
            member.person_id == self.who or (member.role == TeamRole.LEAD and member.person_id is None)
            for member in self.team[audit.pk]
        )


def plan(record: FindingImport, sheet: Sheet) -> Plan:
    """The dry run of a sheet with its columns mapped."""
    found, reader, world = Plan(), Reader(record, sheet, FINDINGS), World(record)
    rows = list(reader)
    if sentence := unreadable(reader, rows):
        found.obstacles.append(sentence)
        return found
    read_by = parsers(reader.columns, world.people, {})
    read_by["clauses"] = world.named.all
    read_by["audit"] = lambda value: _audit(world, value).label
    read_by["item"] = lambda value: _item(world, value).name
    does_match = bool(record.options.get("match"))
    numbers = Counter(str(read.cells.get("number", "")) for read in rows)
    for read in rows:
        if sentence := skipped(read, reader.columns):
            title = ", ".join(cells.shown(cell) for cell in read.cells.values())
            found.lines.append(Line(read.row, Action.SKIPPED, title=title, notes=[sentence]))
            continue
        line = Line(read.row, title=cells.shown(read.cells.get("statement", "")))
        found.lines.append(line)
        _row(line, read, reader, world, read_by, _target(line, read, reader, world, does_match, numbers))
    return found


def _audit(world: World, value: Any) -> Audit:
    said = cells.line(value)
    found = world.audits.get(Audit.number_of(said) or 0)
    if found is None:
        raise RuleBroken(_("There is no audit “%(audit)s” here: write its number, as in AU-001.") % {"audit": said})
    return found


def _called(name: str) -> str:
    return cells.line(name).casefold()


def _item(world: World, value: Any) -> ScopeItem:
    said = cells.line(value)
    found = world.items.get(_called(said))
    if found is None:
        raise RuleBroken(_("“%(place)s” is no process or site of the scope.") % {"place": cells.shown(said)})
    return found


def line_of(world: World, audit: Audit, said: str) -> ChecklistLine:
    """The one line of an audit's checklist that people call so: by its whole words, or by its clause alone."""
    found = world.lines[audit.pk].get(_called(said), [])
    if not found:
        raise RuleBroken(
            _("The checklist of %(audit)s has no line “%(line)s”.") % {"audit": audit.label, "line": cells.shown(said)}
        )
    if len(found) > 1:
        raise RuleBroken(_("Several lines are called “%(line)s”: write the whole line.") % {"line": cells.shown(said)})
    return found[0]


def _target(
    line: Line, read: Read, reader: Reader, world: World, does_match: bool, numbers: Counter[str]
) -> Finding | None:
    """The finding that a row changes, by its number; None for a new one."""
    if not does_match or "number" not in read.cells:
        return None
    if numbers[str(read.cells["number"])] > 1:
        reader.problem(line, read, "number", _("The same number stands in several rows of this sheet."))
    try:
        number = cells.number(read.cells["number"], Finding.PREFIX)
    except RuleBroken as refusal:
        reader.problem(line, read, "number", refusal)
        return None
    if number not in world.records:
        reader.problem(
            line, read, "number",
            _("There is no %(record)s here. Empty the cell to take the row up as a new one.")
            % {"record": Finding(number=number).label},
        )  # fmt: skip
    return world.records.get(number)


def _row(line: Line, read: Read, reader: Reader, world: World, read_by: dict[str, Any], target: Finding | None) -> None:
    line.target, line.label = target, target.label if target is not None else ""
    before = world.before(target) if target is not None else {}
    values = _read(line, read, reader, read_by, target)
    for name, value in values.items():
        compared(line, COLUMNS[name], before.get(name), value, {})
    if target is None:
        _check_new(line, read, reader, world, values)
        audit = world.audits.get(Audit.number_of(values.get("audit", "")) or 0)
    else:
        audit = target.audit
        if line.changes:
            _check_change(line, read, reader, world, before | values, target)
    person = line.values.get("respondent")
    if person is not None and person.pk not in world.here:
        says = _("%(person)s does not belong to this project.") % {"person": person}
        reader.problem(line, read, "respondent", says)
    elif person is not None and audit is not None and person.pk in {one.person_id for one in world.team[audit.pk]}:
        reader.problem(line, read, "respondent", _("Who audits does not answer the findings of the same audit."))
    concluded(line, is_new=target is None)


def _read(
    line: Line, read: Read, reader: Reader, read_by: dict[str, Any], target: Finding | None
) -> dict[str, Any]:  # fmt: skip
    values: dict[str, Any] = {}
    for column in reader.columns:
        name = column.field
        if name == "number":
            continue
        if name in read.cells:
            try:
                values[name] = read_by[name](read.cells[name])
            except RuleBroken as refusal:
                reader.problem(line, read, name, refusal)
        elif reader.record.options.get("empties") and target is not None and name in EMPTIES:
            values[name] = [] if name == "clauses" else None if column.sort == Sort.DAY else ""
    return values


def _check_new(line: Line, read: Read, reader: Reader, world: World, values: dict[str, Any]) -> None:
    if line.problems:
        return
    needed = (
        ("statement", _("Say what was found, in a sentence that stands by itself.")),
        ("grade", _("Grade it: what sort of finding is it?")),
        ("audit", _("Say which audit found it, by its number, as in AU-001.")),
    )
    for name, sentence in needed:
        if not values.get(name):
            reader.problem(line, read, name, sentence)
    if not values.get("audit"):
        return
    audit = world.audits[Audit.number_of(values["audit"])]
    if not world.may_conduct(audit):
        says = _("Only the auditors of %(audit)s write in it.") % {"audit": audit.label}
        reader.problem(line, read, "audit", says)
    elif audit.status not in AT_WORK:
        says = _("%(audit)s is “%(state)s”: findings are noted while it is at work.")
        reader.problem(line, read, "audit", says % {"audit": audit.label, "state": audit.get_status_display()})
    elif values.get("line"):
        try:
            found = line_of(world, audit, values["line"])
        except RuleBroken as refusal:
            reader.problem(line, read, "line", refusal)
        else:
            line.values["line"] = found
            line.values.setdefault("clauses", list(found.clauses.all()))


def _check_change(
    line: Line, read: Read, reader: Reader, world: World, values: dict[str, Any], target: Finding
) -> None:  # fmt: skip
    """`values` are those of the finding as they would stand."""
    audit = target.audit
    if values["audit"] != audit.label:
        says = _("%(record)s was found by %(audit)s: that stays so.") % {"record": target.label, "audit": audit.label}
        reader.problem(line, read, "audit", says)
    elif "line" in line.values:
        says = _("%(record)s was noted at another line: that stays so.") % {"record": target.label}
        reader.problem(line, read, "line", says)
    elif not world.may_conduct(audit):
        reader.problem(line, read, "", _("Only the auditors of %(audit)s write in it.") % {"audit": audit.label})
    elif audit.status in FROZEN_AUDITS:
        says = _("The report of %(audit)s is issued: what it says stays.") % {"audit": audit.label}
        reader.problem(line, read, "", says)
    elif target.status not in CHANGEABLE:
        says = _("%(record)s is “%(state)s”: what was answered keeps its words.")
        reader.problem(line, read, "", says % {"record": target.label, "state": target.get_status_display()})
    elif target.nonconformity_id and values["grade"] not in NC_GRADES:
        reader.problem(line, read, "grade", _("A nonconformity was raised from it: it stays one."))
    elif target.status != FindingStatus.NOTED:
        says = lacking(
            values["grade"], evidence=values["evidence"], clauses=values["clauses"], respondent=values["respondent"]
        )
        if says:
            reader.problem(line, read, "", says)
