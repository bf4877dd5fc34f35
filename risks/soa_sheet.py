"""A statement as a spreadsheet: the rows under the headings that an import reads again, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from documents import sheets
from risks import applicability, sheet_columns
from risks.applicability import Row, Statement
from risks.models import ImportKind, Soa

WIDTHS = {"treatments": 18, "documents": 26, "tasks": 18}


def headings() -> list[tuple[str, str, int]]:
    """(column, heading, width): those that an import knows under its own headings, then the links."""
    known = {column.field: column for column in sheet_columns.of(ImportKind.SOA)}
    return [
        (name, str(known[name].label), known[name].width)
        if name in known
        else (name, str(applicability.LABELS[name]), WIDTHS[name])
        for name in applicability.COLUMNS
    ]


def workbook(
    soa: Soa,
    statement: Statement,
    *,
    standing: Any = None,
    edition: Any = None,
    rows: Sequence[Row] | None = None,
    chosen: Sequence[dict[str, str]] = (),
) -> HttpResponse:
    """The file to download: the statement with a filter row, its totals, and what it is a copy of.

    `rows` are those that the `chosen` filters leave; the totals are those of the whole statement.
    """
    columns = headings()
    shown = statement.rows if rows is None else rows
    lines = ([applicability.cells(row)[name] for name, _heading, _width in columns] for row in shown)
    about = [*_about(soa, standing, edition), *_left(chosen, len(shown), len(statement.rows))]
    number = edition.number if edition is not None else None
    return sheets.workbook(
        f"soa-{soa.slug}" + (f"-{number}" if number else ""),
        sheets.Sheet(_("Statement"), [(heading, width) for _name, heading, width in columns], lines),
        sheets.Sheet(_("Totals"), [(_("What"), 52), (_("Rows"), 10)], _totals(statement)),
        sheets.Sheet(_("About"), [(_("What"), 26), (_("Value"), 80)], about),
    )


def _left(chosen: Sequence[dict[str, str]], shown: int, whole: int) -> Iterator[tuple[str, Any]]:
    if chosen:
        yield _("Filters"), "; ".join(f"{one['label']}: {one['text']}" for one in chosen)
        yield _("Rows"), f"{shown} / {whole}"


def _totals(statement: Statement) -> Iterator[tuple[str, int]]:
    totals = statement.totals
    yield _("All"), totals.whole.total
    yield str(applicability.SELECTION[True]), totals.whole.applicable
    yield str(applicability.SELECTION[False]), totals.whole.excluded
    yield str(applicability.SELECTION[None]), totals.whole.unanswered
    for _standing, words, n in totals.whole.in_order:
        yield f"{applicability.LABELS['status']}: {words}", n
    for theme in totals.themes:
        yield f"{applicability.LABELS['theme']}: {theme.name or '–'}", theme.total
    for _reason, words, n in totals.by_reason:
        yield f"{_('Reason')}: {words}", n
    yield _("Without a reason"), totals.without_reason


def _about(soa: Soa, standing: Any, edition: Any) -> Iterator[tuple[str, Any]]:
    yield _("Statement of Applicability"), soa.name
    yield _("Organization"), str(soa.project.organization)
    yield _("Project"), str(soa.project)
    if edition is not None:
        yield _("Edition"), edition.number
        yield _("Approved on"), edition.approval.ended_at.date()
        yield _("Digest"), edition.approval.content.digest
        return
    yield _("Edition"), _("Working copy")
    if standing is not None and standing.in_force is not None:
        yield _("In force"), _("Edition %(n)s") % {"n": standing.in_force.edition}
        yield _("Rows that differ"), standing.differs
