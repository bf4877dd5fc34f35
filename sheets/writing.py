"""A register as a workbook: a sheet of rows under the headings an import reads again, and a sheet that says what this is.

Every text is written as text, so that nothing is run as a formula.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Sequence
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from projects.models import Project

from .columns import Column

LONGEST_CELL = 32_000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}


def workbook(
    project: Project, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], said: Sequence[str], *,
    folded: Container[str] = (),
) -> tuple[bytes, int]:  # fmt: skip
    """The bytes of an XLSX file, and how many rows are in it. `said` are the filters in words."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    count = write(book, title, columns, rows, folded=folded)
    about = [
        (_("Organization"), project.organization.name),
        (_("Project"), project.name),
        (_("Made on"), _now(project)),
        (_("Filters"), "; ".join(said) or _("none")),
        (_("Rows"), str(count)),
        (
            _("Coming back"),
            _(
                "This file may be changed and imported again: rows are found by their number, columns by their heading. "
                "Leave the number empty to add a row."
            ),
        ),
        (_("Not read"), ", ".join(str(column.label) for column in columns if not column.is_read)),
    ]  # fmt: skip
    about_sheet(book, about)
    book.close()
    return out.getvalue(), count


def _now(project: Project) -> str:
    zone = project.organization.time_zone
    return f"{timezone.now().astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} ({zone})"


def write(
    book: Any, title: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, folded: Container[str] = ()
) -> int:
    """A sheet with a heading for each column; how many rows it got. Fields of `folded` that nobody filled in are folded."""
    sheet = book.add_worksheet(title[:31])
    bold = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
    shaded = book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top", "font_color": "#666666"})
    day = book.add_format({"num_format": "yyyy-mm-dd", "valign": "top"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for at, column in enumerate(columns):
        sheet.write_string(0, at, str(column.label), bold if column.is_read else shaded)
    sheet.freeze_panes(1, 2)
    used: set[int] = set()
    count = 0
    for count, row in enumerate(rows, start=1):
        for at, value in enumerate(row):
            if value is None or value == "":
                continue
            used.add(at)
            if isinstance(value, dt.date):
                sheet.write_datetime(count, at, dt.datetime.combine(value, dt.time.min), day)
            elif isinstance(value, int):
                sheet.write_number(count, at, value, wrapped)
            else:
                sheet.write_string(count, at, str(value)[:LONGEST_CELL], wrapped)
    for at, column in enumerate(columns):
        is_folded = column.field in folded and at not in used
        sheet.set_column(at, at, column.width, None, {"level": 1, "hidden": True} if is_folded else {})
    sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    return count


def about_sheet(book: Any, lines: Sequence[tuple[str, str]]) -> None:
    """A second sheet that says what this is."""
    bold, wrapped = (
        book.add_format({"bold": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    about = book.add_worksheet(_("About")[:31])
    about.set_column(0, 0, 24)
    about.set_column(1, 1, 90)
    for at, (label, text) in enumerate(lines):
        about.write_string(at, 0, label, bold)
        about.write_string(at, 1, text, wrapped)
