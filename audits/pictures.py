"""The coverage grid as a picture: the same for the page and for the PDF. Pure; the figures come from selectors.coverage."""

from __future__ import annotations

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audits.coverage import Cell, State
from audits.selectors.coverage import Grid
from core.svg.base import INK, INK_2, Drawing, cut, wide
from core.templatetags.ui import short_date

SHOWN = {
    State.DONE: ("#1f8a54", "#ffffff", "✓", gettext_lazy("Audited")),
    State.PLANNED: ("#dfe8fd", "#1d4ac4", "○", gettext_lazy("Planned")),
    State.PARTLY: ("#f2e2a0", "#1b1f24", "◐", gettext_lazy("Audited for some standards")),
    State.NEVER: ("#ffffff", "#475467", "–", gettext_lazy("Never audited, nothing planned")),
    State.OVERDUE: ("#a8324a", "#ffffff", "!", gettext_lazy("Overdue")),
}
"""Ground, ink, mark and words of each state: the mark says it without the colour."""

CELL_W, CELL_H, GAP, LEFT, HEAD, TAIL, SIZE = 46.0, 22.0, 2.0, 340.0, 118.0, 74.0, 11.0

SHEET_WIDTH, SHEET_HEIGHT, SHEET_LEAST = 257.0, 130.0, 1_100.0
"""What a picture has of a landscape page, in millimetres, and the units it is at least wide: letters no larger than text."""


def column_name(grid: Grid, at: int) -> str:
    return grid.columns[at].name or str(_("Without a place"))


def said(cell: Cell) -> str:
    """A cell in words: "Audited on 4 Dec, next on 3 Mar; never: ISO 14001"."""
    words = [str(SHOWN[cell.state][3])]
    if cell.last_on:
        words.append(_("last on %(day)s") % {"day": short_date(cell.last_on)})
    if cell.next_on:
        words.append(_("due on %(day)s") % {"day": short_date(cell.next_on)})
    if cell.missing:
        words.append(_("never: %(standards)s") % {"standards": ", ".join(cell.missing)})
    return ", ".join(words)


def width_of(grid: Grid) -> float:
    return LEFT + len(grid.columns) * (CELL_W + GAP) + TAIL


def coverage_sheets(grid: Grid, *, id: str) -> list[SafeString]:
    """The grid in pieces that each fit on a landscape A4 page, with the names of the columns above every piece."""
    width = max(width_of(grid), SHEET_LEAST)
    most = max(int((width * SHEET_HEIGHT / SHEET_WIDTH - HEAD) / (CELL_H + GAP)), 5)
    return [
        coverage_svg(grid._replace(rows=grid.rows[at : at + most]), id=f"{id}-{at // most + 1}", least=width)
        for at in range(0, len(grid.rows), most)
    ]


def coverage_svg(grid: Grid, *, id: str = "coverage", least: float = 0) -> SafeString:
    """The grid; requirements go down, processes and sites across. `least` is the width it has at least."""
    width = max(width_of(grid), least)
    height = HEAD + len(grid.rows) * (CELL_H + GAP)
    svg = Drawing(
        width, height, id=id, title=_("Coverage of requirements by processes and sites"), css="chart coverage"
    )
    svg.open("g", class_="cv-grid")
    for at, _column in enumerate(grid.columns):
        x = LEFT + at * (CELL_W + GAP) + CELL_W / 2 + 4
        name = cut(column_name(grid, at), HEAD * 1.3, SIZE)
        svg.open("g", transform=f"rotate(-48 {x:.1f} {HEAD - 8:.1f})", tip=column_name(grid, at))
        svg.text(x, HEAD - 8, name, size=SIZE, font_weight=600, fill=INK)
        svg.close("g")
    svg.close("g")
    for line, row in enumerate(grid.rows):
        y = HEAD + line * (CELL_H + GAP)
        svg.text(0, y + 15, cut(row.ref, 52, SIZE), size=SIZE, font_weight=700, fill=INK)
        svg.open("g", tip=f"{row.ref} {row.title} ({', '.join(row.codes)})")
        short = row.codes[0].split(":")[0] if len(row.codes) == 1 else ""
        alone = f" · {short}" if short else ""
        title = cut(row.title, LEFT - 66 - wide(alone, SIZE), SIZE)
        svg.text(56, y + 15, f"{title}{alone}", size=SIZE, fill=INK_2, class_="ch-axis cv-title")
        if short:  # on a phone, where the titles leave no room for the grid
            svg.text(56, y + 15, short, size=SIZE, fill=INK_2, class_="ch-axis cv-short", display="none")
        svg.close("g")
        svg.open("g", class_="cv-grid")
        for at, cell in enumerate(row.cells):
            ground, ink, mark, _words = SHOWN[cell.state]
            x = LEFT + at * (CELL_W + GAP)
            tip = f"{row.ref}, {column_name(grid, at)}: {said(cell)}"
            svg.open("g", tip=tip)
            svg.add(
                "rect", x=x, y=y, width=CELL_W, height=CELL_H, rx=4, fill=ground,
                stroke="#98a2b3" if cell.state == State.NEVER else None,
                stroke_dasharray="3 3" if cell.state == State.NEVER else None,
                class_=f"cv-{cell.state.name.lower()}",
            )  # fmt: skip
            svg.text(
                x + CELL_W / 2, y + 15.5, mark, size=12, anchor="middle", fill=ink, font_weight=700,
                class_=f"cv-mark cv-on-{cell.state.name.lower()}",
            )  # fmt: skip
            svg.close("g")
        svg.close("g")
    return svg.done()


def legend(grid: Grid) -> list[tuple[str, str, object, int]]:
    """(name of the state, mark, words, how many cells), the best first."""
    return [(state.name.lower(), SHOWN[state][2], SHOWN[state][3], grid.counted[state]) for state in State]


def table(grid: Grid) -> list[tuple[str, str, list[tuple[str, str, str]]]]:
    """The same as a table: (number, title, [(state, mark, words) of each place])."""
    return [
        (row.ref, row.title, [(cell.state.name.lower(), SHOWN[cell.state][2], said(cell)) for cell in row.cells])
        for row in grid.rows
    ]


def names(grid: Grid) -> list[str]:
    return [column_name(grid, at) for at in range(len(grid.columns))]
