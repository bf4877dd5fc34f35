"""A heat map: rows by columns, a colour, a mark and a count in each cell, and arrows from cell to cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.safestring import SafeString

from core.svg.base import INK, INK_2, Drawing, cut, number

TONES = ("#cfe4f5", "#9cc6e6", "#f2e2a0", "#f2b865", "#e07b45", "#a8324a")
"""Six grounds from the mildest to the worst that stay apart for every kind of colour vision, on paper and on the screen."""
ON_TONE = ("#1b1f24", "#1b1f24", "#1b1f24", "#1b1f24", "#1b1f24", "#ffffff")
GAINS = ("#e6eef0", "#c3ded9", "#93c7bd", "#5aa89c", "#23807a", "#0d5358")
"""The same for what is wished for: from little to much, in one colour that grows darker."""
ON_GAIN = ("#1b1f24", "#1b1f24", "#1b1f24", "#1b1f24", "#ffffff", "#ffffff")
CELL, GAP = 56.0, 3.0
AXIS = 18.0  # the line that a name of an axis needs
NUMBERS, NAMES, LINE = 22.0, 112.0, 11.0
DOT = 4.5


@dataclass(frozen=True)
class HeatCell:
    """A cell: `tone` 0 (mildest) to 5, the `mark` that says the same in letters, and how many lie in it."""

    tone: int
    mark: str
    count: int = 0
    tip: str = ""
    href: str | None = None


@dataclass(frozen=True)
class Arrow:
    """A way through the map: its label and its stops as (row, column) from 1, the first one first. None is left out."""

    label: str
    stops: tuple[tuple[int, int] | None, ...]
    tip: str = ""


def heat(
    rows: Sequence[Sequence[HeatCell]],
    *,
    id: str,
    title: str,
    desc: str = "",
    row_axis: str = "",
    column_axis: str = "",
    row_names: Sequence[str] = (),
    column_names: Sequence[str] = (),
    arrows: Sequence[Arrow] = (),
    faint: bool = False,
    is_gain: bool = False,
) -> SafeString:
    """The map; the first row lies at the bottom, the first column at the left.

    With names the rows are named at the left and the columns below, shortened to their cell; without, only numbered.
    `faint` takes the colours back, so that arrows stand out; `is_gain` colours what is wished for. Stops outside the map
    are left out.
    """
    height, width = len(rows), max((len(row) for row in rows), default=0)
    left = AXIS + NUMBERS + (NAMES if row_names else 0)
    foot = NUMBERS + LINE * max((len(_two_lines(name)) for name in column_names), default=0) + AXIS
    across, down = width * (CELL + GAP) - GAP, height * (CELL + GAP) - GAP
    svg = Drawing(
        left + max(across, 0) + 2,
        max(down, 0) + foot + 2,
        id=id,
        title=title,
        desc=desc,
        css="chart heat",
        role="group" if any(cell.href for row in rows for cell in row) else "img",
    )

    def x(column: int) -> float:
        return left + (column - 1) * (CELL + GAP)

    def y(row: int) -> float:
        return (height - row) * (CELL + GAP) + 1

    for row in range(height, 0, -1):
        for column, cell in enumerate(rows[row - 1], start=1):
            _cell(svg, cell, x(column), y(row), faint, is_gain)
    _axes(svg, height, width, x, y, left, down, row_axis, column_axis, row_names, column_names)
    _arrows(svg, arrows, height, width, x, y)
    return svg.done()


def _cell(svg: Drawing, cell: HeatCell, x: float, y: float, faint: bool, is_gain: bool) -> None:
    tone = min(max(cell.tone, 0), 5)
    ground, ink = (GAINS[tone], ON_GAIN[tone]) if is_gain else (TONES[tone], ON_TONE[tone])
    ink = INK if faint else ink
    mark = "faint" if faint else "on"
    if cell.href:
        svg.open("a", href=cell.href, aria_label=cell.tip or f"{cell.mark}: {cell.count}", class_="ht-link")
    else:
        svg.open("g")
    svg.add(
        "rect",
        tip=cell.tip,
        class_="ht-cell",
        fill=ground,
        fill_opacity=0.4 if faint else None,
        x=x,
        y=y,
        width=CELL,
        height=CELL,
        rx=6,
    )
    svg.text(x + 6, y + 13, cell.mark, size=10, fill=ink, class_=f"ht-mark {mark}")
    if cell.count:
        svg.text(
            x + CELL / 2,
            y + CELL / 2 + 9,
            f"{cell.count}",
            size=20 if cell.count < 1000 else 15,
            anchor="middle",
            font_weight=700,
            fill=ink,
            class_=f"ht-count {mark}",
        )
    svg.close("a" if cell.href else "g")


def _axes(svg, height, width, x, y, left, down, row_axis, column_axis, row_names, column_names) -> None:
    quiet = {"fill": INK_2, "class_": "ch-axis"}
    for row in range(1, height + 1):
        middle = y(row) + CELL / 2 + 4
        svg.text(left - 8, middle, f"{row}", size=12, anchor="end", font_weight=600, **quiet)
        if row_names:
            svg.text(left - NUMBERS - 2, middle, cut(row_names[row - 1], NAMES - 6, 12), size=12, anchor="end", **quiet)
    for column in range(1, width + 1):
        middle = x(column) + CELL / 2
        svg.text(middle, down + 16, f"{column}", size=12, anchor="middle", font_weight=600, **quiet)
        if column_names:
            for at, line in enumerate(_two_lines(column_names[column - 1])):
                svg.text(middle, down + 29 + LINE * at, line, size=9.5, anchor="middle", **quiet)
    if row_axis:
        middle = y(height) + down / 2
        turned = f"rotate(-90 11 {number(middle)})"
        svg.text(11, middle, f"{row_axis} →", size=12, anchor="middle", transform=turned, **quiet)
    if column_axis:
        line = down + NUMBERS + LINE * max((len(_two_lines(name)) for name in column_names), default=0) + 13
        svg.text(x(1) + (width * (CELL + GAP) - GAP) / 2, line, f"{column_axis} →", size=12, anchor="middle", **quiet)


def _two_lines(name: str) -> list[str]:
    """A name of a column in at most two lines, each no wider than its cell."""
    words, lines = name.split(), []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= 10:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    shown = lines[:2]
    if len(lines) > 2:
        shown[1] += "…"
    return [cut(line, CELL + GAP, 9.5) for line in shown]


# ---- arrows -------------------------------------------------------------------------------------------------------


def places(count: int) -> list[tuple[float, float]]:
    """Where the dots of `count` arrows stand within a cell, from its middle, so that no two lie on each other."""
    if count <= 1:
        return [(0.0, 0.0)] * count
    across = math.ceil(math.sqrt(count))
    down = math.ceil(count / across)
    room = CELL - 20
    found = []
    for at in range(count):
        column, row = at % across, at // across
        found.append((
            (column / max(across - 1, 1) - 0.5) * room,
            ((row / max(down - 1, 1) - 0.5) * (room - 8) if down > 1 else 0.0) + 3,
        ))  # fmt: skip
    return found


def _arrows(svg: Drawing, arrows: Sequence[Arrow], height: int, width: int, x, y) -> None:
    labels: list[tuple[float, float]] = []
    for arrow, (dx, dy) in zip(arrows, places(len(arrows)), strict=True):
        stops = [
            (x(stop[1]) + CELL / 2 + dx, y(stop[0]) + CELL / 2 + dy)
            if stop and 1 <= stop[0] <= height and 1 <= stop[1] <= width
            else None
            for stop in arrow.stops
        ]
        shown = [(at, stop) for at, stop in enumerate(stops) if stop is not None]
        if not shown:
            continue
        svg.open("g", tip=arrow.tip or arrow.label, class_="ht-arrow")
        last = len(arrow.stops) - 1
        for (_at, start), (at, end) in pairwise(shown):
            if start != end:
                _line(svg, start, end, is_expected=at == last and last > 0)
        for at, (px, py) in shown:
            first = at == 0
            svg.add(
                "circle",
                class_="ht-start" if first else "ht-stop",
                fill="#ffffff" if first else INK,
                stroke=INK if first else "#ffffff",
                stroke_width=1.6 if first else 1,
                cx=px,
                cy=py,
                r=DOT if at < last or last == 0 else DOT - 1,
            )
        px, py = shown[min(1, len(shown) - 1)][1]
        right = px < x(width) + CELL - 42
        lx, ly = px + (8 if right else -8), py - 6
        while any(abs(lx - ox) < 34 and abs(ly - oy) < 10 for ox, oy in labels):
            ly += 10.5
        labels.append((lx, ly))
        told = {"size": 10.5, "anchor": "start" if right else "end", "font_weight": 700}
        # Twice, the ground first: a PDF does not know paint-order.
        svg.text(lx, ly, arrow.label, fill="#ffffff", stroke="#ffffff", stroke_width=3, class_="ht-under", **told)
        svg.text(lx, ly, arrow.label, class_="ht-label", **told)
        svg.close("g")


def _line(svg: Drawing, start: tuple[float, float], end: tuple[float, float], *, is_expected: bool) -> None:
    """A line from dot to dot with its head before the second; dashed where it is only expected."""
    (x1, y1), (x2, y2) = start, end
    long = math.hypot(x2 - x1, y2 - y1)
    ux, uy = (x2 - x1) / long, (y2 - y1) / long
    tip = (x2 - ux * (DOT + 1), y2 - uy * (DOT + 1))
    foot = (tip[0] - ux * 8, tip[1] - uy * 8)
    for colour, thick, css in (("#ffffff", 4.5, "ht-halo"), (INK, 1.8, "ht-line")):
        svg.line(
            x1, y1, foot[0], foot[1], stroke=colour, stroke_width=thick, class_=css,
            stroke_dasharray="5 4" if is_expected and colour == INK else None,
        )  # fmt: skip
    points = [tip, (foot[0] - uy * 4, foot[1] + ux * 4), (foot[0] + uy * 4, foot[1] - ux * 4)]
    svg.add("polygon", class_="ht-head", fill=INK, points=" ".join(f"{number(a)},{number(b)}" for a, b in points))
