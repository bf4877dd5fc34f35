"""The treatment plan as a spreadsheet: the filtered rows with their risk, actions and controls. Every text stays text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from risks.models import Treatment, TreatmentControl
from risks.selectors import treatment as selectors

MOST_ROWS = 5_000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
COLUMNS = (
    (lambda: _("Number"), 9), (lambda: _("Treatment"), 50), (lambda: _("Risk"), 9), (lambda: _("Title of the risk"), 50),
    (lambda: _("Option"), 14), (lambda: _("Description"), 60), (lambda: _("Responsible"), 26), (lambda: _("State"), 14),
    (lambda: _("Actions done"), 12), (lambda: _("Actions"), 10), (lambda: _("Due on"), 12), (lambda: _("Cost"), 12),
    (lambda: _("Effort in days"), 14), (lambda: _("Controls"), 40),
)  # fmt: skip


def workbook(treatments: Iterable[Treatment]) -> bytes:
    """The dressed treatments (selectors.treatment.dressed) as bytes of an XLSX file. One query."""
    rows = list(treatments)
    controls: dict[int, list[str]] = {}
    links = TreatmentControl.objects.filter(treatment__in=[one.pk for one in rows]).order_by(
        "entry__soa", "entry__position"
    )
    for pk, ref in links.values_list("treatment_id", "entry__ref"):
        controls.setdefault(pk, []).append(ref)
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    sheet = book.add_worksheet(_("Treatment plan")[:31])
    bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title(), bold)
    sheet.freeze_panes(1, 0)
    for at, one in enumerate(rows, start=1):
        texts = {
            0: one.label, 1: one.title, 2: one.risk.label, 3: one.risk.title, 4: selectors.short_option(one.option_word),
            5: one.description, 6: str(one.owner or ""), 7: str(one.badge[2]), 13: ", ".join(controls.get(one.pk, [])),
        }  # fmt: skip
        for column, text in texts.items():
            if text:
                sheet.write_string(at, column, text[:32_000])
        numbers = {8: one.done, 9: one.actions, 11: one.cost, 12: one.effort_days}
        for column, number in numbers.items():
            if number is not None:
                sheet.write_number(at, column, number)
        if one.due_on:
            sheet.write_datetime(at, 10, dt.datetime.combine(one.due_on, dt.time.min), day)
    sheet.autofilter(0, 0, max(len(rows), 1), len(COLUMNS) - 1)
    book.close()
    return out.getvalue()
