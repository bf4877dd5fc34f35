"""The bytes of an XLSX file as sheets of rows. Formulas give what they were last computed to; merged cells their value."""

from __future__ import annotations

import html
import re
import zipfile
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import python_calamine
from django.utils.translation import gettext as _

from core.rules import RuleBroken

MOST_ROWS = 5_000
MOST_COLUMNS = 200
MOST_CELLS = 3_000_000
MOST_SHEET_BYTES = 80 * 1024 * 1024
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

Cell = Any
"""What calamine gives: "", text, float, bool, date, datetime, time or timedelta."""


@dataclass(frozen=True)
class Sheet:
    """One sheet: `rows` from its first, as tuples of equal length. `merged` are ((row, column), (row, column)) from 0.

    `uncomputed` are the cells (row, column) from 0 whose formula no program has computed yet: nobody knows what they say.
    """

    name: str
    rows: list[tuple[Cell, ...]] = field(repr=False)
    merged: tuple[tuple[tuple[int, int], tuple[int, int]], ...] = ()
    is_hidden: bool = False
    uncomputed: frozenset[tuple[int, int]] = frozenset()

    @property
    def is_empty(self) -> bool:
        return not any(cell != "" for row in self.rows for cell in row)


def read(data: bytes, name: str) -> list[Sheet]:
    """The sheets with cells, in their order. Raises RuleBroken with what is wrong with the file and what to do."""
    if data.startswith(OLE):
        raise _refused(
            _(
                "“%(name)s” is protected by a password or in the old Excel format. Save it without a password as an "
                "Excel workbook (.xlsx)."
            )
            % {"name": name}
        )
    uncomputed = _fits(data, name)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(BytesIO(data))
        found = []
        for about in book.sheets_metadata:
            if about.typ != python_calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            rows = [tuple(row[:MOST_COLUMNS]) for row in sheet.to_python(skip_empty_area=False)]
            is_hidden = about.visible != python_calamine.SheetVisibleEnum.Visible
            unknown = uncomputed.get(about.name, frozenset())
            found.append(Sheet(about.name, rows, _merged(sheet), is_hidden, unknown))
    except python_calamine.PasswordError as error:
        raise _refused(_("“%(name)s” is protected by a password. Save it without one.") % {"name": name}) from error
    except Exception as error:  # the library raises several kinds for a broken file: whatever it is, it cannot be read
        raise _damaged(name) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # a fault inside the library is no reason to stop the program
            raise
        raise _damaged(name) from error
    if not any(not sheet.is_empty for sheet in found):
        raise _refused(_("“%(name)s” has no sheet with anything in it.") % {"name": name})
    return [sheet for sheet in found if not sheet.is_empty]


def _merged(sheet: Any) -> tuple:
    return tuple(sheet.merged_cell_ranges or ())


CELL = re.compile(rb"<(?:\w+:)?c\s([^>]*)>")
PLACE = re.compile(rb"""\br=["']([A-Z]{1,3})([0-9]{1,7})["']""")
ROW = re.compile(rb"""<(?:\w+:)?row\s[^>]*?\br=["']([0-9]{1,7})["'][^>]*[^/]>""")


FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^>]*)>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)
"""A cell with a formula and without a value."""
TAG = re.compile(rb"<(?:\w+:)?(?:sheet|Relationship)\s([^>]*)>")
ATTRIBUTE = re.compile(r"""([\w:]+)=(?:"([^"]*)"|'([^']*)')""")


def _fits(data: bytes, name: str) -> dict[str, frozenset[tuple[int, int]]]:
    """Refuses a workbook whose cells span more than memory should: two cells in far corners are enough for that.

    Returns for each sheet by its name the cells that were never computed.
    """
    by_part: dict[str, frozenset[tuple[int, int]]] = {}
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            for entry in archive.infolist():
                if not entry.filename.startswith("xl/worksheets/") or not entry.filename.endswith(".xml"):
                    continue
                with archive.open(entry) as part:
                    text = part.read(MOST_SHEET_BYTES + 1)
                if len(text) > MOST_SHEET_BYTES or _span(text) > MOST_CELLS:
                    raise _refused(
                        _(
                            "“%(name)s” is too large: a sheet reaches further than a register ever does. Copy the rows you "
                            "need into a new workbook; at most %(most)s rows come in at once."
                        )
                        % {"name": name, "most": MOST_ROWS}
                    )
                if found := _uncomputed(text):
                    by_part[entry.filename] = found
            return (
                {title: by_part[part] for title, part in _parts(archive).items() if part in by_part} if by_part else {}
            )
    except RuleBroken:
        raise
    except Exception as error:  # zipfile raises many kinds for a broken archive
        raise _damaged(name) from error


def _uncomputed(text: bytes) -> frozenset[tuple[int, int]]:
    """The cells whose formula has no value; an empty text is one, and says so by its type."""
    found: set[tuple[int, int]] = set()
    if b"<f" not in text and b":f" not in text:
        return frozenset()
    for cell in FORMULA.finditer(text):
        place = PLACE.search(cell[1])
        if place is not None and b't="str"' not in cell[1]:
            found.add((int(place[2]) - 1, column_number(place[1].decode()) - 1))
    return frozenset(found)


def _parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """The names of the sheets, each with the file in the archive that holds it."""

    def tags(part: str) -> list[dict[str, str]]:
        with archive.open(part) as opened:
            found = TAG.findall(opened.read(MOST_SHEET_BYTES))
        return [
            {name: html.unescape(one or two) for name, one, two in ATTRIBUTE.findall(tag.decode())} for tag in found
        ]

    where = {tag["Id"]: tag["Target"] for tag in tags("xl/_rels/workbook.xml.rels") if "Id" in tag and "Target" in tag}
    targets = {tag.get("name", ""): where.get(tag.get("r:id", ""), "") for tag in tags("xl/workbook.xml")}
    return {name: part.removeprefix("/") if part.startswith("/") else f"xl/{part}" for name, part in targets.items()}


def _span(text: bytes) -> int:
    """How many cells the used rectangle of a sheet has, from its XML."""
    rows = columns = 0
    has_unplaced = False
    for found in CELL.finditer(text):
        if found[1].endswith(b"/"):
            continue  # formatted, but empty
        place = PLACE.search(found[1])
        if place is None:
            has_unplaced = True
            continue
        rows, columns = max(rows, int(place[2])), max(columns, column_number(place[1].decode()))
    if has_unplaced:
        rows = max([rows, *(int(row) for row in ROW.findall(text))])
        columns = max(columns, text.count(b"<c>"), 1)
    return rows * columns


def column_number(letters: str) -> int:
    """1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def column_letters(at: int) -> str:
    """A for 0, AA for 26."""
    letters, number = "", at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _damaged(name: str) -> RuleBroken:
    return _refused(
        _(
            "“%(name)s” cannot be read as an Excel workbook: it is damaged or something else. Open it in Excel or "
            "LibreOffice, save it as .xlsx, and choose the new file."
        )
        % {"name": name}
    )


def _refused(message: str) -> RuleBroken:
    refusal = RuleBroken(message)
    refusal.field = "file"
    return refusal
