"""The crosswalk as an XLSX workbook: figures, rows of the structure, specific clauses, suggestions."""

from __future__ import annotations

from io import BytesIO

import xlsxwriter
from django.utils.translation import gettext as _

from pdca.models import Match
from pdca.selectors.crosswalk import Cell, Crosswalk

PLAIN = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


def crosswalk(result: Crosswalk) -> bytes:
    """The workbook as bytes. Text that looks like a formula stays text."""
    buffer = BytesIO()
    book = xlsxwriter.Workbook(buffer, PLAIN)
    head = book.add_format({"bold": True, "bg_color": "#E9EFFE", "bottom": 1, "text_wrap": True, "valign": "top"})
    cell = book.add_format({"text_wrap": True, "valign": "top"})

    def sheet(name: str, headings: list[str], rows: list[list], widths: list[int]) -> None:
        page = book.add_worksheet(name)
        page.write_row(0, 0, headings, head)
        for at, row in enumerate(rows, 1):
            page.write_row(at, 0, row, cell)
        for at, width in enumerate(widths):
            page.set_column(at, at, width)
        page.freeze_panes(1, 1)
        page.set_landscape()
        page.repeat_rows(0)
        page.fit_to_pages(1, 0)

    codes = [standard.code for standard in result.standards]
    sheet(
        _("Figures"),
        [_("Figure"), _("Separately"), _("Together"), _("Saved"), _("Saved in percent")],
        [
            [name, s.separately, s.together, s.saved, s.percent]
            for name, s in ((_("Answers"), result.saving), (_("Documents asked for by clause"), result.documents))
        ]
        + [[], [_("Standard"), _("Requirements"), _("Answered whole"), _("Answered in part"), _("Stand alone")]]
        + [
            [c.standard.code, c.parts.requirements, c.parts.covered, c.parts.partly, c.parts.alone]
            for c in result.columns
        ]
        + [[], *([line] for line in rule())],
        [44, 16, 16, 16, 16],
    )
    sheet(
        _("Structure"),
        [_("Row"), _("Title"), *codes, _("Together")],
        [[row.clause.ref, row.clause.plain_title, *map(asks, row.cells), verdict(row.verdict)] for row in result.rows],
        [8, 44, *[26] * len(codes), 30],
    )
    sheet(
        _("Specific"),
        [_("Standard"), _("Clause"), _("Title"), _("What it wants, in our words")],
        [[c.standard.code, clause.ref, clause.title, clause.intent] for c in result.columns for clause in c.specific],
        [22, 10, 44, 80],
    )
    sheet(
        _("Suggestions"),
        [_("Suggested by practice, confirm it"), _("Standard"), _("Reference"), _("Title"), _("Note")],
        [
            [
                s.name,
                (m.clause or m.control).standard.code,
                (m.clause or m.control).ref,
                (m.clause or m.control).title,
                s.note,
            ]
            for s in result.suggestions
            for m in s.members
        ],
        [40, 26, 12, 44, 44],
    )
    book.close()
    return buffer.getvalue()


def asks(cell: Cell) -> str:
    return "\n".join(f"{clause.ref} {clause.get_match_display().lower()}" for clause in cell.clauses)


def verdict(match: str) -> str:
    return {
        Match.IDENTICAL: _("Answered once for all"),
        Match.EXTENDED: _("Shared part once, additions open"),
        Match.SPECIFIC: _("One standard only"),
    }[Match(match)]


def rule() -> list[str]:
    """How it is counted, in the words of the page."""
    return [
        _("A standard needs one answer for every lowest row of the structure its clauses cover."),
        _("A clause that extends its row needs one answer more, for what it adds."),
        _("A specific clause needs one answer of its own."),
        _("Together a row is answered once for all standards that cover it; additions and specific clauses stay."),
    ]
