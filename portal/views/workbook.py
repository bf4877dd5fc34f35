"""The portfolio as an XLSX workbook."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any, NamedTuple

import xlsxwriter
from django.utils.translation import gettext as _

from projects import awaiting
from projects.selectors.portfolio import Line

PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Column(NamedTuple):
    """`kind`: text, number, percent, day or moment; None leaves the cell empty."""

    title: str
    width: int
    kind: str
    value: Callable[[Line], Any]


def _awaited(line: Line) -> str:
    return "; ".join(f"{one.label} ({one.who})" for one in line.awaited)


def columns() -> list[Column]:
    found = [
        Column(_("Client"), 34, "text", lambda line: line.project.organization.name),
        Column(_("Project"), 34, "text", lambda line: line.project.name),
        Column(_("Consultant"), 22, "text", lambda line: line.project.consultant and line.project.consultant.name),
        Column(_("State"), 12, "text", lambda line: line.project.get_status_display()),
        Column(_("Done"), 10, "percent", lambda line: line.percent / 100),
        Column(_("Planned"), 10, "percent", lambda line: line.planned / 100),
        Column(_("Points behind plan"), 18, "number", lambda line: line.behind),
        Column(_("Forecast"), 12, "day", lambda line: line.forecast and line.forecast.ends_on),
        Column(_("Audit"), 12, "day", lambda line: line.project.target_on),
        Column(_("Forecast against audit"), 22, "text", lambda line: line.forecast and line.forecast.words),
        Column(_("Overdue tasks"), 14, "number", lambda line: line.overdue),
        Column(_("up to 7 days"), 12, "number", lambda line: line.ages.week),
        Column(_("8 to 21 days"), 12, "number", lambda line: line.ages.three_weeks),
        Column(_("more than 21 days"), 16, "number", lambda line: line.ages.longer),
        Column(_("Next to finish"), 44, "text", lambda line: line.next_step and "{} {}".format(*line.next_step)),
        Column(_("Ends on"), 12, "day", lambda line: line.next_step and line.next_step.ends_on),
        Column(_("Days sold"), 10, "number", lambda line: line.days and line.days.sold),
        Column(_("Days used"), 10, "number", lambda line: line.days and line.days.used),
        Column(_("Last activity (UTC)"), 18, "moment", lambda line: line.last_at),
        Column(_("By"), 26, "text", lambda line: line.last_text),
    ]
    if awaiting.is_known():
        found.insert(-2, Column(_("Decisions awaited"), 44, "text", _awaited))
    return found


def portfolio(lines: Iterable[Line]) -> bytes:
    """The workbook as bytes. Percentages are numbers, days are dates; text that looks like a formula stays text."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    head = book.add_format({"bold": True, "bg_color": "#E9EFFE", "bottom": 1})
    formats = {
        "percent": book.add_format({"num_format": "0%"}),
        "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    }
    sheet = book.add_worksheet(_("Portfolio")[:31])
    shown = columns()
    for place, column in enumerate(shown):
        sheet.set_column(place, place, column.width)
        sheet.write_string(0, place, column.title, head)
    sheet.freeze_panes(1, 1)
    count = 0
    for count, line in enumerate(lines, 1):
        for place, column in enumerate(shown):
            value = column.value(line)
            if value is None or value == "":
                continue
            if column.kind == "text":
                sheet.write_string(count, place, str(value))
            elif column.kind == "day":
                sheet.write_datetime(count, place, dt.datetime.combine(value, dt.time()), formats["day"])
            elif column.kind == "moment":
                sheet.write_datetime(count, place, value.astimezone(dt.UTC).replace(tzinfo=None), formats["moment"])
            else:
                sheet.write_number(count, place, float(value), formats.get(column.kind))
    sheet.autofilter(0, 0, max(count, 1), len(shown) - 1)
    book.close()
    return buffer.getvalue()
