"""A ring of parts of a whole, with one figure in the middle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.svg.base import INK_2, KIND, PHASE, TRACK, Drawing, number


@dataclass(frozen=True)
class Part:
    """A share in any unit; `kind` is a state (done, prog, risk, late, open) or a tone (p1 to p4)."""

    label: str
    value: float
    kind: str = "open"


def donut(
    parts: Sequence[Part], *, id: str = "donut", title: str, figure: str = "", words: str = "", size: float = 180
) -> SafeString:
    """Shares clockwise from the top, proportional to their values; nothing at all is an empty ring."""
    shown = [part for part in parts if part.value > 0]
    total = sum(part.value for part in shown)
    svg = Drawing(
        size,
        size,
        id=id,
        title=title,
        desc=", ".join(f"{part.label}: {part.value:g}" for part in parts),
        css="chart donut",
    )
    middle, radius = size / 2, size / 2 - 14
    round_about = 2 * math.pi * radius
    svg.add("circle", fill="none", stroke=TRACK, class_="ch-grid", stroke_width=18, cx=middle, cy=middle, r=radius)
    begun = 0.0
    for part in shown:
        long = round_about * part.value / total
        drawn = max(long - 2, 0.8) if len(shown) > 1 else long
        colour = KIND.get(part.kind) or PHASE.get(int(part.kind[1:]) if part.kind[1:].isdigit() else 0, INK_2)
        svg.add(
            "circle",
            tip=f"{part.label}: {part.value:g} ({part.value / total:.0%})",
            class_=f"ch-part {part.kind}",
            fill="none",
            stroke=colour,
            stroke_width=18,
            cx=middle,
            cy=middle,
            r=radius,
            stroke_dasharray=f"{number(drawn)} {number(round_about - drawn)}",
            stroke_dashoffset=-begun,
            transform=f"rotate(-90 {number(middle)} {number(middle)})",
        )
        begun += long
    svg.text(middle, middle + (3 if words else 10), figure, size=30, anchor="middle", font_weight=700)
    if words:
        svg.text(middle, middle + 22, words, size=11.5, anchor="middle", fill=INK_2, class_="ch-axis")
    return svg.done()
