"""What a spreadsheet would do to the inventory of assets. Three queries, however many rows."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import access
from risks import sheet_values
from risks.models import Asset, AssetKind, SheetImport
from risks.sheet_columns import ASSETS
from sheets import cells
from sheets.columns import Sort, plain
from sheets.plan import Action, Line, Plan, Read, Reader, compared, concluded, parsers, skipped, unreadable
from sheets.workbook import Sheet

COLUMNS = {column.field: column for column in ASSETS}


def plan(record: SheetImport, sheet: Sheet) -> Plan:
    found, reader = Plan(), Reader(record, sheet, ASSETS)
    rows = list(reader)
    if sentence := unreadable(reader, rows):
        found.obstacles.append(sentence)
        return found
    assets = list(
        Asset.objects.filter(project=record.project).select_related("owner").order_by("-retired_at", "-number")
    )
    by_number = {asset.number: asset for asset in assets}
    by_name = {plain(asset.name): asset for asset in assets if not asset.is_retired}
    members = list(access.people_of(record.project))
    people = cells.People.of([*members, *(asset.owner for asset in assets if asset.owner is not None)])
    here = {person.pk for person in members}
    read_by = parsers(reader.columns, people, {})
    seen: dict[Any, int] = {}
    does_match = bool(record.options.get("match"))
    numbers = Counter(str(read.cells.get("number", "")) for read in rows)
    for read in rows:
        if sentence := skipped(read, reader.columns):
            title = ", ".join(cells.shown(cell) for cell in read.cells.values())
            found.lines.append(Line(read.row, Action.SKIPPED, title=title, notes=[sentence]))
            continue
        line = Line(read.row, title=cells.shown(read.cells.get("name", "")))
        found.lines.append(line)
        asset = _target(line, read, reader, by_number, by_name, does_match, numbers)
        key = (
            ("number", asset.number) if asset is not None else ("name", plain(cells.shown(read.cells.get("name", ""))))
        )
        if key in seen:
            reader.problem(line, read, "name", _("The same asset stands in row %(row)s.") % {"row": seen[key]})
        seen.setdefault(key, read.row)
        line.target, line.label = asset, asset.label if asset is not None else ""
        before = sheet_values.of_asset(asset) if asset is not None else {}
        values = _read(line, read, reader, read_by, asset)
        if asset is None:
            if "name" not in values and not line.problems:
                reader.problem(line, read, "name", _("An asset needs a name."))
            values.setdefault("kind", record.options.get("asset_kind") or AssetKind.INFORMATION)
        owner = values.get("owner")
        if owner is not None and owner.pk not in here and (asset is None or asset.owner_id != owner.pk):
            reader.problem(line, read, "owner", _("%(person)s does not belong to this project.") % {"person": owner})
        for name, value in values.items():
            compared(line, COLUMNS[name], before.get(name), value, {})
        concluded(line, is_new=asset is None)
    return found


def _target(
    line: Line, read: Read, reader: Reader, by_number: dict[int, Asset], by_name: dict[str, Asset], does_match: bool,
    numbers: Counter[str],
) -> Asset | None:  # fmt: skip
    """The asset that a row changes: by its number, or one in use of the same name; None for a new one."""
    if does_match and "number" in read.cells:
        if numbers[str(read.cells["number"])] > 1:
            reader.problem(line, read, "number", _("The same number stands in several rows of this sheet."))
        try:
            number = cells.number(read.cells["number"], Asset.PREFIX)
        except RuleBroken as refusal:
            reader.problem(line, read, "number", refusal)
            return None
        if number not in by_number:
            reader.problem(
                line, read, "number",
                _("There is no %(asset)s here. Empty the cell to take the row up as a new asset.")
                % {"asset": Asset(number=number).label},
            )  # fmt: skip
        return by_number.get(number)
    return by_name.get(plain(cells.line(read.cells.get("name", "")))) if "name" in read.cells else None


def _read(line: Line, read: Read, reader: Reader, read_by: dict[str, Any], asset: Asset | None) -> dict[str, Any]:
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
        elif reader.record.options.get("empties") and asset is not None and name not in ("name", "kind"):
            values[name] = "" if column.sort == Sort.TEXT else None
    return values
