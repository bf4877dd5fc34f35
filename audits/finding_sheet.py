"""The register of findings as a spreadsheet: the filtered rows in the reader's language; what goes out comes in again unchanged."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext as _

from audits.finding_columns import FINDINGS
from audits.models import Finding
from audits.selectors import finding as selectors
from core import dates
from projects.models import Project
from sheets import values, writing

MOST_ROWS = 5_000


def workbook(project: Project, findings: Iterable[Finding], said: Sequence[str]) -> bytes:
    """The findings (selectors.finding.with_clauses) as bytes of an XLSX file; `said` are the filters in words. No query."""
    cells = values.written(FINDINGS)
    rows = (cells(one) for one in _rows(project, findings))
    return writing.workbook(project, _("Findings"), FINDINGS, rows, said)[0]


def _rows(project: Project, findings: Iterable[Finding]) -> Iterator[dict[str, Any]]:
    for one in findings:
        raised = one.nonconformity
        yield {
            "number": one.label, "grade": one.grade, "statement": one.statement, "evidence": one.evidence,
            "criterion": one.criterion, "clauses": selectors.clauses_of(one), "subject": one.subject,
            "item": one.item.name if one.item else "", "line": str(one.line) if one.line else "",
            "audit": one.audit.label, "title": one.audit.title, "status": one.get_status_display(),
            "respondent": one.respondent, "due_on": one.due_on, "response": one.response,
            "nonconformity": raised.label if raised else "", "later": raised.get_status_display() if raised else "",
            "noted_on": dates.day_of(one.created_at, project.organization.time_zone),
        }  # fmt: skip
