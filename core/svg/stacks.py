"""Stacked bars: lying ones for parts of several wholes, standing ones for how the parts move over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core import day_words
from core.svg.base import INK_2, LINE, TRACK, Drawing, cut, wide

FILL = {
    "done": "#1f8a54", "prog": "#2457e0", "plan": "#9db8f5", "open": "#cfd6e1", "none": "#eceff4", "late": "#c9303d",
    "risk": "#d98a1f",
}  # fmt: skip
DARK = {"done", "prog", "late"}
"""Parts whose number is written in white."""
ROW, THICK = 34, 20
LEFT, TOP, BOTTOM, TALL = 30, 10, 26, 190


@dataclass(frozen=True)
class Part:
    """How many of one sort; `kind` (done, prog, plan, open, none, late, risk) colours it."""

    label: str
    value: int
    kind: str


@dataclass(frozen=True)
class Stack:
    label: str
    parts: Sequence[Part]
    href: str | None = None

    @property
    def total(self) -> int:
        return sum(part.value for part in self.parts)

    @property
    def said(self) -> str:
        return f"{self.label}: " + ", ".join(f"{part.label} {part.value}" for part in self.parts if part.value)


@dataclass(frozen=True)
class Column:
    on: dt.date
    parts: Sequence[Part]

    @property
    def total(self) -> int:
        return sum(part.value for part in self.parts)


def stacks(
    rows: Sequence[Stack], *, id: str = "stacks", title: str, label_width: float = 170, width: float = 640
) -> SafeString:
    """Lying bars of equal length, each divided into its parts, with the numbers inside and the whole at the end.

    `label_width` 0 sets the labels above their bars: for a phone.
    """
    above = 0 if label_width else 18
    svg = Drawing(
        width,
        (ROW + above) * max(len(rows), 1) + 4,
        id=id,
        title=title,
        desc="; ".join(row.said for row in rows),
        css="chart stacks",
    )
    room = width - label_width - 40
    for at, row in enumerate(rows):
        top = (ROW + above) * at + above + (ROW - THICK) / 2
        svg.text(0, top + 14 - 1.15 * above, cut(row.label, (label_width or width) - 10, 13), size=13)
        x = label_width
        if not row.total:
            svg.add("rect", class_="ch-track", fill=TRACK, x=x, y=top, width=room, height=THICK, rx=4)
        for part in row.parts:
            if not part.value:
                continue
            long = room * part.value / row.total
            _piece(svg, part, x, top, max(long - 1.5, 1), THICK, f"{row.label}, {part.label}: {part.value}")
            if long > wide(str(part.value), 12) + 6:
                ink = "ch-on" if part.kind in DARK else "ch-ink"
                svg.text(
                    x + (long - 1.5) / 2, top + 14.5, str(part.value), size=12, anchor="middle", class_=ink,
                    fill="#ffffff" if part.kind in DARK else "#101828", font_weight=600,
                )  # fmt: skip
            x += long
        svg.text(width, top + 14, str(row.total), size=13, anchor="end", font_weight=600)
    return svg.done()


def columns(rows: Sequence[Column], *, id: str = "columns", title: str, width: float = 640) -> SafeString:
    """Standing bars, one for each day, on a common scale; the first part stands at the bottom."""
    most = max((row.total for row in rows), default=0) or 1
    desc = "; ".join(
        f"{day_words.short(row.on)}: " + ", ".join(f"{part.label} {part.value}" for part in row.parts if part.value)
        for row in rows
    )  # fmt: skip
    svg = Drawing(width, TOP + TALL + BOTTOM, id=id, title=title, desc=desc, css="chart columns")
    for share in (0, 0.5, 1):
        y = TOP + TALL * (1 - share)
        svg.line(LEFT, y, width, y, stroke=LINE)
        svg.text(LEFT - 6, y + 4, str(round(most * share)), size=11, anchor="end", fill=INK_2, class_="ch-axis")
    each = (width - LEFT - 6) / max(len(rows), 1)
    thick = min(each * 0.68, 46)
    every = max(1, round(64 / each + 0.49))
    for at, row in enumerate(rows):
        x, y = LEFT + 6 + each * at + (each - thick) / 2, TOP + float(TALL)
        for part in row.parts:
            if part.value:
                tall = TALL * part.value / most
                y -= tall
                says = f"{day_words.short(row.on)}, {part.label}: {part.value}"
                _piece(svg, part, x, y, thick, max(tall - 1, 0.8), says)
        if (len(rows) - 1 - at) % every == 0:
            is_last = at == len(rows) - 1
            svg.text(
                width if is_last else x + thick / 2, TOP + TALL + 18, f"{day_words.short(row.on, with_year=False)} {row.on:%y}", size=11,
                anchor="end" if is_last else "middle", fill=INK_2, class_="ch-axis",
            )  # fmt: skip
    return svg.done()


def _piece(svg: Drawing, part: Part, x: float, y: float, width: float, height: float, tip: str) -> None:
    svg.add(
        "rect", tip=tip, class_=f"ch-part {part.kind}", fill=FILL.get(part.kind, TRACK), x=x, y=y, width=width,
        height=height, rx=2.5,
    )  # fmt: skip
