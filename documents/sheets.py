"""Spreadsheets of the app: every text is written as text, so that nothing is run as a formula. (T49)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any, NamedTuple

import xlsxwriter
from django.http import HttpResponse
from django.utils.translation import gettext as _

PLAIN = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
MOST_ROWS = 50_000
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Sheet(NamedTuple):
    """One sheet: its name, (heading, width) of each column, and rows of texts, numbers, dates and moments."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Any]]


def workbook(name: str, *sheets: Sheet) -> HttpResponse:
    """The sheets as one file to download. Moments are written in UTC."""
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    bold = book.add_format({"bold": True, "bottom": 1})
    formats = {dt.date: book.add_format({"num_format": "yyyy-mm-dd"}),
               dt.datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})}  # fmt: skip
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name[:31]), sheet, bold, formats)
    book.close()
    return HttpResponse(
        out.getvalue(), content_type=TYPE, headers={"Content-Disposition": f'attachment; filename="{name}.xlsx"'}
    )


def _fill(page: Any, sheet: Sheet, bold: Any, formats: dict[type, Any]) -> None:
    for column, (title, width) in enumerate(sheet.columns):
        page.set_column(column, column, width)
        page.write_string(0, column, str(title), bold)
    page.freeze_panes(1, 0)
    at = 0
    for at, row in enumerate(sheet.rows, start=1):
        if at > MOST_ROWS:
            page.write_string(
                at, 0, _("The list goes on: only the first %(most)s rows are here.") % {"most": MOST_ROWS}
            )
            break
        for column, value in enumerate(row):
            _write(page, at, column, value, formats)
    page.autofilter(0, 0, max(min(at, MOST_ROWS), 1), len(sheet.columns) - 1)


def _write(page: Any, at: int, column: int, value: Any, formats: dict[type, Any]) -> None:
    if value in (None, ""):
        return
    if isinstance(value, dt.datetime):
        page.write_datetime(at, column, value.astimezone(dt.UTC).replace(tzinfo=None), formats[dt.datetime])
    elif isinstance(value, dt.date):
        page.write_datetime(at, column, dt.datetime.combine(value, dt.time.min), formats[dt.date])
    elif isinstance(value, int):
        page.write_number(at, column, value)
    else:
        page.write_string(at, column, str(value)[:32_000])
