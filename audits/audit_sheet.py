"""The list of audits as a spreadsheet, as it is filtered in the address."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from audits.models import Audit, AuditMember
from audits.selectors import audit as selectors
from projects.models import Project

MOST_ROWS = 5_000
LONGEST_CELL = 32_000
PLAIN = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "constant_memory": True}
"""Every text is written as text, so that nothing is run as a formula. (T49)"""

COLUMNS = (
    (lambda: _("Number"), 9), (lambda: _("Title"), 50), (lambda: _("Kind"), 22), (lambda: _("Method"), 18),
    (lambda: _("Status"), 20), (lambda: _("From"), 12), (lambda: _("To"), 12), (lambda: _("Report until"), 12),
    (lambda: _("Standards"), 36), (lambda: _("Lead auditor"), 26), (lambda: _("Team"), 40), (lambda: _("Findings"), 10),
    (lambda: _("Objectives"), 50), (lambda: _("Scope"), 50),
)  # fmt: skip


def workbook(project: Project, rows: Iterable[Audit], said: list[str]) -> bytes:
    """The list as bytes of an XLSX file. Three queries."""
    found = selectors.dressed(rows, project)
    team: dict[int, list[str]] = {}
    for audit, name in AuditMember.objects.filter(audit__in=[one.pk for one in found]).values_list("audit_id", "name"):
        team.setdefault(audit, []).append(name)
    out = BytesIO()
    book = xlsxwriter.Workbook(out, PLAIN)
    sheet = book.add_worksheet(_("Audits")[:31])
    bold, day = book.add_format({"bold": True, "bottom": 1}), book.add_format({"num_format": "yyyy-mm-dd"})
    for column, (title, width) in enumerate(COLUMNS):
        sheet.set_column(column, column, width)
        sheet.write_string(0, column, title(), bold)
    sheet.freeze_panes(1, 2)
    for line, audit in enumerate(found, start=1):
        for column, value in enumerate(_cells(audit, team.get(audit.pk, []))):
            if isinstance(value, dt.date):
                sheet.write_datetime(line, column, dt.datetime.combine(value, dt.time.min), day)
            elif isinstance(value, int):
                sheet.write_number(line, column, value)
            elif value:
                sheet.write_string(line, column, value[:LONGEST_CELL])
    sheet.autofilter(0, 0, max(len(found), 1), len(COLUMNS) - 1)
    about = book.add_worksheet(_("About")[:31])
    about.set_column(0, 0, 20)
    about.set_column(1, 1, 80)
    facts = [
        (_("Organization"), project.organization.name), (_("Project"), project.name),
        (_("Filters"), "; ".join(said) or _("none: all open audits")), (_("Audits"), str(len(found))),
    ]  # fmt: skip
    for at, (label, text) in enumerate(facts):
        about.write_string(at, 0, label, bold)
        about.write_string(at, 1, text)
    book.close()
    return out.getvalue()


def _cells(audit: Any, team: list[str]) -> Iterator[Any]:
    yield audit.label
    yield audit.title
    yield str(audit.kind_word)
    yield str(audit.method_word)
    yield str(audit.standing)
    yield audit.starts_on
    yield audit.ends_on
    yield audit.report_due_on
    yield ", ".join(audit.codes)
    yield audit.lead_name or ""
    yield ", ".join(team)
    yield audit.finding_count or 0
    yield audit.objectives
    yield audit.scope
