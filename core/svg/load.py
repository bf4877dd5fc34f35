"""Workload: a row for each person, a column for each week, filled as far as the week is; what does not fit stands out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core import day_words
from core.svg.base import INK_2, KIND, TRACK, Drawing, cut

ROW, CELL, NAME, HEAD = 42, 58, 150, 30
OVER = "#c9303d"
"""The same in both themes: white figures stand on it."""


@dataclass(frozen=True)
class LoadCell:
    """One week: hours that lie there and hours that fit; `tip` says both."""

    load: float
    capacity: float
    tip: str

    @property
    def is_over(self) -> bool:
        return self.load > self.capacity + 0.25


@dataclass(frozen=True)
class LoadRow:
    label: str
    cells: Sequence[LoadCell]


def load(
    rows: Sequence[LoadRow], mondays: Sequence[dt.date], *, id: str = "load", title: str, desc: str = ""
) -> SafeString:
    """Bars within their weeks; an overload is red, carries its hours, and is hatched so that colour is not needed."""
    width, height = NAME + CELL * len(mondays), HEAD + ROW * len(rows) + 4
    svg = Drawing(width, height, id=id, title=title, desc=desc)
    for at, monday in enumerate(mondays):
        said = day_words.short(monday, with_year=False)
        svg.text(NAME + CELL * at + CELL / 2, 19, said, size=10, anchor="middle", fill=INK_2, class_="ch-axis")
    for at, row in enumerate(rows):
        top = HEAD + ROW * at
        svg.line(0, top, width, top)
        svg.text(4, top + ROW / 2 + 4, cut(row.label, NAME - 10, 12), size=12)
        for week, cell in enumerate(row.cells):
            _cell(svg, cell, NAME + CELL * week + 4, top + 4)
    return svg.done()


def _cell(svg: Drawing, cell: LoadCell, x: float, top: float) -> None:
    wide, tall = CELL - 8, ROW - 8
    svg.open("g", tip=cell.tip)
    svg.add("rect", class_="ch-track", fill=TRACK, x=x, y=top, width=wide, height=tall, rx=4)
    share = min(cell.load / cell.capacity, 1.0) if cell.capacity else (1.0 if cell.load else 0.0)
    level = top + tall * (1 - share)
    if cell.is_over:
        svg.add("rect", class_="ch-over", fill=OVER, x=x, y=level, width=wide, height=tall * share, rx=4)
        for step in range(1, 5):
            at = x + wide * step / 5
            svg.line(
                at - 6, top + tall, at + 6, top, stroke="#ffffff", class_="", stroke_width=1.2, stroke_opacity=0.35
            )
    elif share:
        # A wash above a firm foot: the hours stay readable wherever the level crosses them.
        look = {"class_": "ch-fill prog", "fill": KIND["prog"], "x": x, "width": wide}
        svg.add("rect", y=level, height=tall * share, rx=4, fill_opacity=0.38, **look)
        svg.add("rect", y=top + tall - 3, height=3, rx=1.5, **look)
    if cell.load:
        look = {"fill": "#ffffff", "class_": "ch-on"} if cell.is_over else {}
        svg.text(
            x + wide / 2, top + tall / 2 + 4, f"{cell.load:.0f}", size=11, anchor="middle", font_weight=600, **look
        )
    svg.close("g")
