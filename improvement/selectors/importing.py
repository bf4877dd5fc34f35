"""What a spreadsheet would do to the register of nonconformities. Eight queries, however many rows."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from typing import Any

from django.utils.translation import gettext as _

from core import dates
from core.rules import RuleBroken
from improvement.models import Nonconformity, NonconformityClause, NonconformityImport, Round
from improvement.selectors.grade import scale_of
from improvement.sheet_columns import COLUMNS, EMPTIES, NONCONFORMITIES
from pdca.models import Clause
from projects import access
from sheets import cells
from sheets.columns import Sort, plain
from sheets.plan import Action, Line, Plan, Read, Reader, compared, concluded, parsers, skipped, unreadable
from sheets.workbook import Sheet

ROUND = ("correction", "correction_due_on", "analysis_due_on")
"""What belongs to the round in work."""


class World:
    """What the rows are compared with."""

    def __init__(self, record: NonconformityImport) -> None:
        project = record.project
        self.today = dates.today(project.organization.time_zone)
        self.scale = scale_of(project)
        rows = Nonconformity.objects.filter(project=project).select_related("owner", "recurrence_of")
        self.records = {one.number: one for one in rows}
        self.rounds = {one.nonconformity_id: one for one in Round.objects.filter(project=project, verdict="")}
        found = Clause.objects.filter(standard__in=project.chosen_standards.values("standard")).select_related(
            "standard"
        )
        self.clauses = list(found.order_by("standard__code", "position"))
        by_pk = {clause.pk: clause for clause in self.clauses}
        self.links: dict[int, list[Clause]] = defaultdict(list)
        for pk, clause in NonconformityClause.objects.filter(nonconformity__project=project).values_list(
            "nonconformity_id", "clause_id"
        ):
            if clause in by_pk:
                self.links[pk].append(by_pk[clause])
        self.named = Named(self.clauses)
        owners = [one.owner for one in self.records.values() if one.owner is not None]
        members = list(access.people_of(project))
        self.people = cells.People.of([*members, *owners])
        self.here = {person.pk for person in members}

    def before(self, record: Nonconformity) -> dict[str, Any]:
        """The values of a record as its columns hold them."""
        current = self.rounds.get(record.pk)
        found = {
            name: getattr(record, name)
            for name in (
                "title", "description", "source", "detected_on", "detected_by", "place", "process", "site", "requirement",
                "evidence", "suspicion", "owner", "is_confidential",
            )
        }  # fmt: skip
        found["grade"] = self.scale.name(record.grade) if record.grade else ""
        found["clauses"] = sorted(self.links.get(record.pk, []), key=lambda one: (one.standard.code, one.position))
        found["recurrence_of"] = record.recurrence_of.label if record.recurrence_of_id else ""
        return found | {name: getattr(current, name) if current is not None else None for name in ROUND}


class Named:
    """The clauses of the project's standards by what people write of them."""

    def __init__(self, clauses: list[Clause]) -> None:
        self.whole = {plain(f"{one.standard.code} {one.ref}"): one for one in clauses}
        self.by_ref: dict[str, list[Clause]] = defaultdict(list)
        for one in clauses:
            self.by_ref[plain(one.ref)].append(one)
        codes = {one.standard.code for one in clauses}
        self.codes = sorted(codes, key=len, reverse=True)

    def find(self, text: str) -> Clause:
        """The clause of "ISO 9001:2026 10.2", "ISO 9001 10.2 Nonconformity …", or of "10.2" where one standard has it alone."""
        said = " ".join(text.replace("§", " ").split())
        for code in self.codes:
            base = code.split(":")[0]
            for prefix in (code, base):
                if plain(said).startswith(f"{plain(prefix)} "):
                    rest = re.match(r"[A-Za-z]?\.?\d+(?:\.\d+)*", said[len(prefix) :].strip(" :,-–"))
                    if rest and (one := self.whole.get(plain(f"{code} {rest[0]}"))):
                        return one
        bare = re.match(r"[A-Za-z]?\.?\d+(?:\.\d+)*", said)
        found = self.by_ref.get(plain(bare[0]), []) if bare else []
        if len(found) == 1:
            return found[0]
        if found:
            raise RuleBroken(
                _("“%(clause)s” stands in several standards: write the standard before it, as in “%(like)s”.")
                % {"clause": cells.shown(said), "like": f"{found[0].standard.code} {found[0].ref}"}
            )
        raise RuleBroken(_("“%(clause)s” is no clause of this project's standards.") % {"clause": cells.shown(said)})

    def all(self, value: Any) -> list[Clause]:
        """Several, one a line or divided by semicolons; commas too, where each part is a clause of its own."""
        parts = [part.strip() for part in re.split(r"[\n;]", cells.text(value)) if part.strip()]
        if len(parts) == 1 and "," in parts[0]:
            parts = [part.strip() for part in parts[0].split(",") if part.strip()]
        found = {one.pk: one for one in (self.find(part) for part in parts)}
        return sorted(found.values(), key=lambda one: (one.standard.code, one.position))


def plan(record: NonconformityImport, sheet: Sheet) -> Plan:
    """The dry run of a sheet with its columns mapped."""
    found, reader, world = Plan(), Reader(record, sheet, NONCONFORMITIES), World(record)
    rows = list(reader)
    if sentence := unreadable(reader, rows):
        found.obstacles.append(sentence)
        return found
    read_by = parsers(reader.columns, world.people, {})
    read_by["clauses"] = world.named.all
    read_by["grade"] = lambda value: _grade(world, value)
    does_match = bool(record.options.get("match"))
    numbers = Counter(str(read.cells.get("number", "")) for read in rows)
    for read in rows:
        if sentence := skipped(read, reader.columns):
            title = ", ".join(cells.shown(cell) for cell in read.cells.values())
            found.lines.append(Line(read.row, Action.SKIPPED, title=title, notes=[sentence]))
            continue
        line = Line(read.row, title=cells.shown(read.cells.get("title", "")))
        found.lines.append(line)
        _row(line, read, reader, world, read_by, _target(line, read, reader, world, does_match, numbers))
    return found


def _grade(world: World, value: Any) -> str:
    said = cells.line(value)
    key = world.scale.keyed(said)
    if key is None:
        names = ", ".join(str(grade.name) for grade in world.scale.grades)
        raise RuleBroken(
            _("“%(value)s” is no grade of this project: %(grades)s.") % {"value": cells.shown(said), "grades": names}
        )
    return world.scale.name(key)


def _target(
    line: Line, read: Read, reader: Reader, world: World, does_match: bool, numbers: Counter[str]
) -> Nonconformity | None:
    """The record that a row changes, by its number; None for a new one."""
    if not does_match or "number" not in read.cells:
        return None
    if numbers[str(read.cells["number"])] > 1:
        reader.problem(line, read, "number", _("The same number stands in several rows of this sheet."))
    try:
        number = cells.number(read.cells["number"], Nonconformity.PREFIX)
    except RuleBroken as refusal:
        reader.problem(line, read, "number", refusal)
        return None
    if number not in world.records:
        reader.problem(
            line, read, "number",
            _("There is no %(record)s here. Empty the cell to take the row up as a new one.")
            % {"record": Nonconformity(number=number).label},
        )  # fmt: skip
    return world.records.get(number)


def _row(
    line: Line, read: Read, reader: Reader, world: World, read_by: dict[str, Any], target: Nonconformity | None
) -> None:
    line.target, line.label = target, target.label if target is not None else ""
    before = world.before(target) if target is not None else {}
    values = _read(line, read, reader, world, read_by, target)
    if target is None and "title" not in values and not line.problems:
        reader.problem(line, read, "title", _("Say in a few words what happened."))
    _check(line, read, reader, world, values, before, target)
    for name, value in values.items():
        compared(line, COLUMNS[name], before.get(name), value, {})
    if target is not None and not target.is_open and line.changes:
        reader.problem(line, read, "", _("%(record)s is closed: reopen it first.") % {"record": target.label})
    concluded(line, is_new=target is None)


def _read(
    line: Line, read: Read, reader: Reader, world: World, read_by: dict[str, Any], target: Nonconformity | None
) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for column in reader.columns:
        name = column.field
        if name == "number":
            continue
        if name in read.cells:
            try:
                values[name] = (
                    _earlier(read.cells[name], world, target)
                    if name == "recurrence_of"
                    else read_by[name](read.cells[name])
                )
            except RuleBroken as refusal:
                reader.problem(line, read, name, refusal)
        elif reader.record.options.get("empties") and target is not None and name in EMPTIES:
            values[name] = [] if name == "clauses" else None if column.sort == Sort.DAY else ""
    return values


def _earlier(value: Any, world: World, target: Nonconformity | None) -> str:
    number = cells.number(value, Nonconformity.PREFIX)
    if number not in world.records or (target is not None and number == target.number):
        raise RuleBroken(_("There is no nonconformity of this number here."))
    return world.records[number].label


def _check(
    line: Line, read: Read, reader: Reader, world: World, values: dict[str, Any], before: dict[str, Any],
    target: Nonconformity | None,
) -> None:  # fmt: skip
    owner = values.get("owner")
    if owner is not None and owner.pk not in world.here and (target is None or target.owner_id != owner.pk):
        reader.problem(line, read, "owner", _("%(person)s does not belong to this project.") % {"person": owner})
    day = values.get("detected_on")
    if day is not None and day > world.today:
        reader.problem(line, read, "detected_on", _("It cannot have been found in the future."))
    if target is None:
        return
    current = world.rounds.get(target.pk)
    if current is None:
        for name in ROUND:
            if name in values and values[name] not in (before.get(name), "", None):
                reader.problem(line, read, name, _("This round was judged: what was judged stays as it was."))
    if owner is not None and current is not None and owner.pk == current.verifier_id:
        reader.problem(
            line, read, "owner", _("Who verifies the effectiveness cannot own it: name another verifier first.")
        )
