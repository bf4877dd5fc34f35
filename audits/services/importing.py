"""Findings from a spreadsheet: noted and changed row by row by services.finding, with its checks, history and journal."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from audits.models import Audit, Finding, FindingImport
from audits.selectors.importing import PLACES
from context.models import ScopeItem
from projects import journal
from sheets.plan import Action, Line, Plan
from sheets.services import of_row

from . import finding as services


def write(record: FindingImport, plan: Plan, by: Any, log: journal.Log, progress: Any) -> None:
    """All rows, in the transaction of `sheets.services.run`. Raises RuleBroken, NotPermitted."""
    audits = {one.number: one for one in Audit.objects.filter(project=record.project)}
    for one in audits.values():
        one.project = record.project
    rows = sorted([*plan.of(Action.CREATE), *plan.of(Action.CHANGE)], key=lambda line: line.row)
    for n, line in enumerate(rows):
        if line.target is None:
            of_row(line, lambda line=line: _note(record, line, by, audits))
        else:
            of_row(line, lambda line=line: _change(record, line, by))
        progress(95 * n // len(rows))


def _note(record: FindingImport, line: Line, by: Any, audits: dict[int, Audit]) -> None:
    values = _with_place(record, line.values)
    audit = audits[Audit.number_of(values.pop("audit"))]
    services.note(
        audit=audit, by=by, clauses=values.pop("clauses", ()), line=values.pop("line", None), values=values,
        origin=_("Imported from %(file)s, row %(row)s") % {"file": record.file_name, "row": line.row},
    )  # fmt: skip


def _with_place(record: FindingImport, values: dict[str, Any]) -> dict[str, Any]:
    """What the services take: the process or site itself instead of its name."""
    if "item" not in values:
        return dict(values)
    rows = ScopeItem.objects.filter(project=record.project, name__iexact=values["item"]).order_by(
        "-is_included", "kind", "position", "pk"
    )
    return values | {"item": rows.filter(kind__in=PLACES).first() if values["item"] else None}


def _change(record: FindingImport, line: Line, by: Any) -> None:
    found: Finding = line.target
    found.project = record.project
    values = _with_place(record, line.values)
    if "item" in values:
        values.setdefault("subject", found.subject)
    clauses = values.pop("clauses", None)
    services.change(finding=found, by=by, version=found.version, values=values, clauses=clauses)
