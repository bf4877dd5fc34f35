"""What a spreadsheet would do to a Statement of Applicability, or what control set it would make."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import access
from risks import sheet_values
from risks.models import Implementation, SheetImport
from risks.selectors import soa as statements
from risks.sheet_columns import CONTROL_SET, SOA
from sheets import cells
from sheets.columns import Sort, plain
from sheets.plan import Action, Line, Plan, Read, Reader, compared, concluded, parsers, skipped, unreadable
from sheets.workbook import Sheet

COLUMNS = {column.field: column for column in SOA}
OF_SET = {column.field: column for column in CONTROL_SET}


def plan(record: SheetImport, sheet: Sheet) -> Plan:
    """Rows by the number of their control ("A.5.1", "5.1"); nothing is added to a statement by this. Three queries."""
    found, reader = Plan(), Reader(record, sheet, SOA)
    rows = list(reader)
    if sentence := unreadable(reader, rows):
        found.obstacles.append(sentence)
        return found
    entries = list(record.soa.entries.select_related("owner").order_by("position"))
    by_ref = {_ref(entry.ref): entry for entry in entries}
    members = list(access.people_of(record.project))
    people = cells.People.of([*members, *(entry.owner for entry in entries if entry.owner is not None)])
    here = {person.pk for person in members}
    read_by = parsers(reader.columns, people, {})
    seen: dict[str, int] = {}
    for read in rows:
        said = cells.line(read.cells.get("ref", ""))
        entry = by_ref.get(_ref(said))
        sentence = skipped(read, reader.columns)
        if sentence or (entry is None and len(read.cells) == 1):  # a heading of a theme between the rows
            title = ", ".join(cells.shown(cell) for cell in read.cells.values())
            notes = [sentence or _("“%(ref)s” is no control of this statement.") % {"ref": cells.shown(said)}]
            found.lines.append(Line(read.row, Action.SKIPPED, title=title, notes=notes))
            continue
        line = Line(read.row, label=said, title=entry.title if entry is not None else "", target=entry)
        found.lines.append(line)
        if entry is None:
            reader.problem(
                line, read, "ref", _("“%(ref)s” is no control of this statement.") % {"ref": cells.shown(said)}
            )
        elif entry.ref in seen:
            reader.problem(
                line, read, "ref", _("%(ref)s stands in row %(row)s too.") % {"ref": entry.ref, "row": seen[entry.ref]}
            )
        else:
            seen[entry.ref] = read.row
            _answered(line, read, reader, read_by, entry, here)
        concluded(line, is_new=False)
    return found


def _ref(text: str) -> str:
    """Numbers to compare by: "A.5.1", "A 5.1" and "5.1" are one control."""
    words = plain(text).split()
    return ".".join(words[1:] if len(words) > 2 and words[0] == "a" else words)


def _answered(
    line: Line, read: Read, reader: Reader, read_by: dict[str, Any], entry: Any, here: set[int]
) -> None:  # fmt: skip
    before = sheet_values.of_entry(entry)
    values: dict[str, Any] = {}
    for column in reader.columns:
        name = column.field
        if name == "ref":
            continue
        if name in read.cells:
            try:
                values[name] = read_by[name](read.cells[name])
            except RuleBroken as refusal:
                reader.problem(line, read, name, refusal)
        elif reader.record.options.get("empties") and name not in ("status", "why_not"):
            values[name] = [] if column.sort == Sort.CHOICES else "" if column.sort == Sort.TEXT else None
    owner = values.get("owner")
    if owner is not None and owner.pk not in here and entry.owner_id != owner.pk:
        reader.problem(line, read, "owner", _("%(person)s does not belong to this project.") % {"person": owner})
    applies = values.get("is_applicable", entry.is_applicable)
    # Two columns for the one text: an excluded control says why it is not needed, any other why it is.
    why_not = values.pop("why_not", None)
    if applies is False and why_not:
        values["justification"] = why_not
    if applies is False:
        # What follows from leaving a control out is not asked of the sheet.
        for name in ("status", "reasons", "target_on"):
            values.pop(name, None)
    elif values.get("status") == Implementation.NOT_APPLICABLE:
        if applies is None and "is_applicable" not in values:
            label = COLUMNS["is_applicable"].label
            reader.problem(line, read, "status", _("Say “no” under “%(applicable)s” too.") % {"applicable": label})
        else:
            reader.problem(line, read, "status", _("It applies, so it is not “not applicable”."))
    for name, value in values.items():
        compared(line, COLUMNS[name], before.get(name), value, {})


def plan_control_set(record: SheetImport, sheet: Sheet) -> Plan:
    """The rows of a control set of one's own. No query but for names that are taken."""
    found, reader = Plan(), Reader(record, sheet, CONTROL_SET)
    rows = list(reader)
    if sentence := unreadable(reader, rows):
        found.obstacles.append(sentence)
        return found
    name = " ".join(str(record.options.get("name") or "").split())
    if any(plain(one.name) == plain(name) for one in statements.of(record.project)):
        found.obstacles.append(_("There is a statement about “%(set)s” already: choose another name.") % {"set": name})
    read_by = parsers([column for column in reader.columns if column.field != "ref"], cells.People(), {})
    seen: dict[str, int] = {}
    for read in rows:
        ref = cells.line(read.cells.get("ref", ""))
        line = Line(read.row, label=ref, title=cells.shown(read.cells.get("title", "")))
        found.lines.append(line)
        if not ("ref" in read.cells and "title" in read.cells) and len(read.cells) <= 2 and read.filled <= 2:
            line.action = Action.SKIPPED
            line.title = ", ".join(cells.shown(cell) for cell in read.cells.values())
            line.notes.append(_("A control needs a number and a title: a heading or a note, it seems."))
            continue
        if not ref or not statements.REF.fullmatch(ref):
            reader.problem(
                line, read, "ref",
                _("The number of a control has up to 20 letters, digits, dots, hyphens and brackets.") if ref
                else _("A control needs a number."),
            )  # fmt: skip
        elif ref.lower() in seen:
            reader.problem(line, read, "ref", _("%(ref)s stands in row %(row)s too.") % {"ref": ref, "row": seen[ref.lower()]})  # fmt: skip
        seen.setdefault(ref.lower(), read.row)
        if "title" not in read.cells:
            reader.problem(line, read, "title", _("A control needs a title."))
        values: dict[str, Any] = {"ref": ref}
        for column in reader.columns:
            if column.field == "ref" or column.field not in read.cells:
                continue
            try:
                values[column.field] = read_by[column.field](read.cells[column.field])
            except RuleBroken as refusal:
                reader.problem(line, read, column.field, refusal)
        for field, value in values.items():
            compared(line, OF_SET[field], None, value, {})
        concluded(line, is_new=True)
    return found
