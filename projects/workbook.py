"""A list of the plan as a workbook: one sheet, its headings frozen, every text as text, so that nothing is run as a formula."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from io import BytesIO
from typing import Any

import xlsxwriter
from django.http import HttpResponse

LONGEST_CELL = 32_000
PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def answer(
    name: str, title: str, columns: Sequence[tuple[Any, int]], rows: Iterable[Sequence[Any]], project: Any
) -> HttpResponse:
    """The workbook as a download called "<name>-<organization>-<project>.xlsx". `columns` are headings and widths."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    head = book.add_format({"bold": True, "bg_color": "#E9EFFE", "bottom": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet(str(title)[:31])
    for at, (heading, width) in enumerate(columns):
        sheet.write_string(0, at, str(heading), head)
        sheet.set_column(at, at, width)
    sheet.freeze_panes(1, 0)
    for at, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
                sheet.write_datetime(at, place, dt.datetime.combine(value, dt.time.min), day)
            elif isinstance(value, int | float):
                sheet.write_number(at, place, value)
            elif value not in (None, ""):
                sheet.write_string(at, place, str(value)[:LONGEST_CELL])
    book.close()
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    response = HttpResponse(buffer.getvalue(), content_type=kind)
    file_name = f"{name}-{project.organization.slug}-{project.slug}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response
