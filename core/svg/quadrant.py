"""Two marks against each other: what is little effort and much benefit lies top left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.svg.base import BRAND, INK_2, LINE, PHASE_SOFT, TRACK, Drawing

LEFT, TOP, FOOT = 30.0, 6.0, 40.0
SIZES = {"wide": (104.0, 66.0), "narrow": (61.0, 58.0)}
CORNERS = {"wide": 11.0, "narrow": 9.0}


@dataclass(frozen=True)
class Dot:
    """One of them: `across` and `up` count from 1; its short label, its tip, and its page."""

    label: str
    across: int
    up: int
    tip: str = ""
    href: str | None = None


def quadrant(
    dots: Sequence[Dot], *, steps: int = 5, id: str = "quadrant", title: str, across: str, up: str,
    corners: tuple[str, str, str, str] = ("", "", "", ""), size: str = "wide",
) -> SafeString:  # fmt: skip
    """The grid with its dots. `corners` name the quarters: top left, top right, bottom left, bottom right."""
    wide_cell, tall_cell = SIZES[size]
    most = 3 if size == "wide" else 2
    width, height = LEFT + steps * wide_cell + 2, TOP + steps * tall_cell + FOOT
    role = "group" if any(dot.href for dot in dots) else "img"
    said = ", ".join(f"{dot.tip or dot.label}: {across} {dot.across}, {up} {dot.up}" for dot in dots)
    svg = Drawing(width, height, id=id, title=title, desc=said, css="chart quadrant", role=role)
    half = steps / 2
    for row in range(steps):
        for column in range(steps):
            is_best = column + 0.5 < half and row + 0.5 < half
            svg.add(
                "rect", x=LEFT + column * wide_cell + 1, y=TOP + row * tall_cell + 1, width=wide_cell - 2,
                height=tall_cell - 2, rx=5, fill=PHASE_SOFT[2] if is_best else TRACK, stroke=LINE,
                class_="qu-best" if is_best else "tr-box",
            )  # fmt: skip
    for at, words in enumerate(corners):
        x = LEFT + 7 if at % 2 == 0 else LEFT + steps * wide_cell - 7
        y = TOP + 14 if at < 2 else TOP + steps * tall_cell - 8
        anchor = "start" if at % 2 == 0 else "end"
        svg.text(x, y, words, size=CORNERS[size], anchor=anchor, fill=INK_2, class_="ch-axis", font_weight=600)
    cells: dict[tuple[int, int], list[Dot]] = defaultdict(list)
    for dot in dots:
        cells[min(max(dot.across, 1), steps), min(max(dot.up, 1), steps)].append(dot)
    for (column, row), inside in sorted(cells.items()):
        shown = inside if len(inside) <= most else inside[: most - 1]
        x = LEFT + (column - 0.5) * wide_cell
        y = TOP + (steps - row + 0.5) * tall_cell - 7.5 * (min(len(inside), most) - 1) + 6
        for dot in shown:
            if dot.href:
                svg.open("a", href=dot.href, aria_label=dot.tip or dot.label)
            svg.add("rect", x=x - 24, y=y - 10.5, width=48, height=14, rx=7, fill=BRAND, class_="ch-fill", tip=dot.tip)
            svg.text(x, y, dot.label, size=10.5, anchor="middle", fill="#ffffff", class_="qu-label", font_weight=600)
            if dot.href:
                svg.close("a")
            y += 15
        if len(inside) > len(shown):
            svg.text(x, y, f"+{len(inside) - len(shown)}", size=10.5, anchor="middle", fill=INK_2, class_="ch-axis")
    for at in range(1, steps + 1):
        svg.text(
            LEFT + (at - 0.5) * wide_cell,
            height - FOOT + 15,
            str(at),
            size=11,
            anchor="middle",
            fill=INK_2,
            class_="ch-axis",
        )
        svg.text(
            LEFT - 6,
            TOP + (steps - at + 0.5) * tall_cell + 4,
            str(at),
            size=11,
            anchor="end",
            fill=INK_2,
            class_="ch-axis",
        )
    svg.text(LEFT + steps * wide_cell / 2, height - 6, f"{across} →", size=11.5, anchor="middle", font_weight=600)
    middle = TOP + steps * tall_cell / 2
    svg.text(11, middle, f"{up} →", size=11.5, anchor="middle", font_weight=600, transform=f"rotate(-90 11 {middle:g})")
    return svg.done()
