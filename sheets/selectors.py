"""Spreadsheets on their way in at a desk: the ones of a project, their sheets, and what they would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from django.urls import reverse
from django.utils.translation import gettext as _

from core import files
from core.rules import RuleBroken
from projects.models import Project

from . import cells, heading, workbook
from .desk import Desk
from .models import ImportState, SheetImport
from .plan import Plan
from .workbook import Sheet


def of(desk: Desk, project: Project) -> Any:
    """The imports that are still being prepared, the newest first."""
    rows = desk.model._default_manager.filter(project=project, state=ImportState.OPEN)
    return rows.select_related("created_by", *desk.related).order_by("-pk")


def one(desk: Desk, project: Project, pk: int) -> SheetImport | None:
    """An import of a project, whatever became of it. One query."""
    rows = desk.model._default_manager.filter(project=project, pk=pk)
    found = rows.select_related("created_by", *desk.related).first()
    if found is not None:
        found.project = project
        desk.loaded(found)
    return found


def book(desk: Desk, record: SheetImport) -> list[Sheet]:
    """The sheets of the file. Raises RuleBroken when it cannot be read, or is gone from the store."""
    try:
        with files.opened(organization_id=record.organization_id, sha256=record.sha256, folder=desk.folder) as stored:
            data = stored.read()
    except FileNotFoundError:
        raise RuleBroken(_("The file is no longer kept. Choose it again.")) from None
    return workbook.read(data, record.file_name)


def sheet_of(desk: Desk, record: SheetImport, sheets: list[Sheet]) -> Sheet:
    """The chosen sheet, or the one that looks most like the register: most columns recognized, then most rows."""
    for sheet in sheets:
        if sheet.name == record.sheet:
            return sheet
    columns = desk.way(record).columns

    def worth(sheet: Sheet) -> tuple[int, int, int]:
        found = heading.guess(sheet, columns)
        return (not sheet.is_hidden, len(found.mapping), len(sheet.rows))

    return max(sheets, key=worth)


def plan(desk: Desk, record: SheetImport) -> Plan:
    """What the import would do today. Raises RuleBroken when the file cannot be read or nothing is mapped yet."""
    if not record.sheet or not record.header_row or not record.columns:
        raise RuleBroken(_("Say first which columns are what."))
    for sheet in book(desk, record):
        if sheet.name == record.sheet:
            return desk.way(record).plan(record, sheet)
    raise RuleBroken(_("The sheet “%(sheet)s” is not in the file.") % {"sheet": record.sheet})


def is_named(desk: Desk, organization_id: int, sha256: str) -> bool:
    """Whether an import that is still being prepared needs this file: the sweep asks."""
    rows = desk.model._default_manager.filter(organization=organization_id, sha256=sha256, state=ImportState.OPEN)
    return rows.exists()


def sweep(desk: Desk) -> int:
    """Removes the files of imports that are done or given up, a day after they were last used; how many went."""
    return files.sweep(lambda organization, sha256: is_named(desk, organization, sha256), folder=desk.folder)


def address(desk: Desk, page: str, record: SheetImport) -> str:
    """A page of an import: "mapping", "check", "run" or "drop"."""
    return reverse(f"{desk.names}:import-{page}", kwargs={**record.project.address, "pk": record.pk})


# ---- the page of the columns --------------------------------------------------------------------------------------

SHOWN_ROWS = 5


class Heading(NamedTuple):
    """A column of the sheet: its letters, what stands on top, and what it would be read as."""

    at: int
    letters: str
    text: str
    label: str


@dataclass
class MappingPage:
    """What the page of the columns shows: the sheets, one of them with its header and first rows, the guess."""

    sheets: list[Sheet]
    sheet: Sheet
    header_row: int
    headings: list[Heading]
    guessed: dict[str, int]
    samples: list[tuple[int, list[str]]]
    row_count: int
    unread: list[str]


def mapping_page(desk: Desk, record: SheetImport, wanted_sheet: str = "", wanted_row: int | None = None) -> MappingPage:
    """The file as it would be read. Columns that were said before stay for their sheet and header, else they are guessed.

    Raises RuleBroken when the file cannot be read.
    """
    sheets = book(desk, record)
    names = [sheet.name for sheet in sheets]
    sheet = sheets[names.index(wanted_sheet)] if wanted_sheet in names else sheet_of(desk, record, sheets)
    columns = desk.way(record).columns
    is_same = sheet.name == record.sheet
    row = wanted_row or (record.header_row if is_same else None) or heading.guess(sheet, columns).header_row or 1
    row = max(1, min(row, len(sheet.rows)))
    is_same = is_same and row == record.header_row
    guessed = record.columns if is_same and record.columns else heading.mapping_of(sheet, row, columns)
    said = heading.headings(sheet, row - 1)
    labels = {at: str(column.label) for column in columns if (at := guessed.get(column.field)) is not None}
    used = [
        at for at in range(len(said))
        if said[at] or any(one[at] != "" for one in sheet.rows[row : row + 200] if at < len(one))
    ]  # fmt: skip
    below = [
        (row + n, one) for n, one in enumerate(sheet.rows[row : row + 200], start=1) if any(cell != "" for cell in one)
    ]
    return MappingPage(
        sheets, sheet, row,
        [Heading(at, workbook.column_letters(at), said[at], labels.get(at, "")) for at in used],
        guessed,
        [(n, [cells.shown(one[at]) if at < len(one) else "" for at in used]) for n, one in below[:SHOWN_ROWS]],
        sum(1 for one in sheet.rows[row:] if any(cell != "" for cell in one)),
        [said[at] for at in used if said[at] and at not in labels],
    )  # fmt: skip
