"""The portfolio as an XLSX workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from projects.selectors.organization import ProjectLine

PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def portfolio(lines: Iterable[ProjectLine]) -> bytes:
    """The workbook as bytes. Percentages are numbers, days are dates; text that looks like a formula stays text."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    head = book.add_format({"bold": True, "bg_color": "#E9EFFE", "bottom": 1})
    percent = book.add_format({"num_format": "0%"})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    columns = (
        (_("Client"), 34), (_("Project"), 34), (_("State"), 12), (_("Done"), 10), (_("Planned"), 10),
        (_("Points behind plan"), 18), (_("Overdue tasks"), 14), (_("Next to finish"), 44), (_("Ends on"), 12),
        (_("Audit"), 12), (_("Last activity (UTC)"), 18), (_("By"), 26),
    )  # fmt: skip
    sheet = book.add_worksheet(_("Portfolio")[:31])
    for column, (title, width) in enumerate(columns):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title, head)
    sheet.freeze_panes(1, 1)
    count = 0
    for count, line in enumerate(lines, 1):
        step = line.next_step
        texts = {
            0: line.project.organization.name,
            1: line.project.name,
            2: str(line.project.get_status_display()),
            7: f"{step.number} {step.title}" if step else "",
            11: line.last_text,
        }
        for column, text in texts.items():
            sheet.write_string(count, column, text)
        sheet.write_number(count, 3, line.percent / 100, percent)
        sheet.write_number(count, 4, line.planned / 100, percent)
        sheet.write_number(count, 5, line.behind)
        sheet.write_number(count, 6, line.overdue)
        for column, when in ((8, step.ends_on if step else None), (9, line.project.target_on)):
            if when:
                sheet.write_datetime(count, column, dt.datetime.combine(when, dt.time()), day)
        if line.last_at:
            sheet.write_datetime(count, 10, line.last_at.astimezone(dt.UTC).replace(tzinfo=None), day)
    sheet.autofilter(0, 0, max(count, 1), len(columns) - 1)
    book.close()
    return buffer.getvalue()
