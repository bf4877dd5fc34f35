"""A Pareto chart lying on its side: the greatest first, and the line of what they make together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.svg.base import BRAND, INK_2, KIND, TODAY, TRACK, Drawing, cut, path

SIZES = {"wide": (500, 178), "narrow": (340, 120), "paper": (1040, 400)}
ROW = 28.0
VITAL = 80


@dataclass(frozen=True)
class Slice:
    """A row: what is counted, how many, and where they are listed."""

    label: str
    count: int
    href: str | None = None


def pareto(
    rows: Sequence[Slice], *, id: str = "pareto", title: str, size: str = "wide", rest: str = "", most: int = 10
) -> SafeString:
    """The rows from the greatest down, with the share each makes together with those above it. Rows that together make the
    first 80 % are coloured. More than `most` rows are summed up under `rest`, which always stands last."""
    width, label_width = SIZES[size]
    ordered = sorted((one for one in rows if one.count > 0), key=lambda one: -one.count)
    total = sum(one.count for one in ordered)
    shown = ordered[:most]
    left = sum(one.count for one in ordered[most:])
    if left:
        shown = [*shown, Slice(rest, left)]
    shares: list[int] = []
    so_far = 0
    for one in shown:
        so_far += one.count
        shares.append(round(100 * so_far / total))
    said = ", ".join(f"{one.label}: {one.count} ({share} %)" for one, share in zip(shown, shares, strict=True))
    figures = 62 if size == "narrow" else 74
    room = width - label_width - figures - 12
    height = ROW * max(len(shown), 1) + 20
    role = "group" if any(one.href for one in shown) else "img"
    svg = Drawing(width, height, id=id, title=title, desc=said, css="chart pareto", role=role)
    scale = max((one.count for one in shown), default=0) or 1
    for at, one in enumerate(shown):
        _row(svg, one, at, shares[at], is_vital=at == 0 or shares[at - 1] < VITAL, scale=scale, room=room,
             label_width=label_width, width=width)  # fmt: skip
    if shown:
        points = [
            (label_width + room * share / 100, ROW * at + ROW / 2) for at, share in enumerate(shares)
        ]  # fmt: skip
        line = label_width + room * VITAL / 100
        svg.line(line, 2, line, ROW * len(shown), stroke=TODAY, stroke_dasharray="3 3", class_="pa-mark")
        svg.text(line, ROW * len(shown) + 14, f"{VITAL} %", size=10.5, anchor="middle", fill=INK_2, class_="ch-axis")
        svg.add("path", d=path(points), fill="none", stroke=INK_2, stroke_width=1.6, class_="tr-branch")
        for x, y in points:
            svg.add("circle", cx=x, cy=y, r=3, fill=INK_2, class_="pa-dot")
    else:
        svg.text(0, 18, "0", size=12, fill=INK_2, class_="ch-axis")
    return svg.done()


def _row(
    svg: Drawing, one: Slice, at: int, share: int, *, is_vital: bool, scale: int, room: float, label_width: float,
    width: float,
) -> None:  # fmt: skip
    top, said = ROW * at, f"{one.count} · {share} %"
    if one.href:
        svg.open("a", href=one.href, aria_label=f"{one.label}: {said}")
    svg.text(0, top + 18, cut(one.label, label_width - 10, 12.5), size=12.5)
    svg.add("rect", class_="ch-track", fill=TRACK, x=label_width, y=top + 7, width=room, height=14, rx=4)
    svg.add(
        "rect", tip=f"{one.label}: {said}", class_="ch-fill" if is_vital else "ch-fill open",
        fill=BRAND if is_vital else KIND["open"], x=label_width, y=top + 7, width=max(room * one.count / scale, 3.0),
        height=14, rx=4,
    )  # fmt: skip
    svg.text(width, top + 18, said, size=12, anchor="end", font_weight=600)
    if one.href:
        svg.close("a")
