"""Bars: lying ones for a comparison, and the segments of a phase."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.svg.base import BRAND, INK_2, KIND, PHASE, PHASE_SOFT, TRACK, Drawing, cut, number, percent_of, tone_of


@dataclass(frozen=True)
class Bar:
    """A row: its value in the unit of the picture; `kind` (done, prog, risk, late, open) colours it; `note` ends it."""

    label: str
    value: float
    kind: str = ""
    href: str | None = None
    note: str = ""


def bars(
    rows: Sequence[Bar],
    *,
    id: str = "bars",
    title: str,
    unit: str = "",
    most: float | None = None,
    label_width: float = 140,
    width: float = 420,
) -> SafeString:
    """Lying bars on a common scale from 0 to `most` (or the greatest value); negative values count as 0."""
    scale = most or max((row.value for row in rows), default=0) or 1
    svg = Drawing(
        width,
        28 * max(len(rows), 1) + 4,
        id=id,
        title=title,
        desc=", ".join(f"{row.label}: {row.note or f'{row.value:g}{unit}'}" for row in rows),
        css="chart bars",
        role="group" if any(row.href for row in rows) else "img",
    )
    said = [row.note or f"{row.value:g}{unit}" for row in rows]
    room = width - label_width - max((len(words) for words in said), default=0) * 7.3 - 14
    for at, row in enumerate(rows):
        top = 28 * at
        if row.href:
            svg.open("a", href=row.href, aria_label=f"{row.label}: {said[at]}")
        svg.text(0, top + 18, cut(row.label, label_width - 10, 13), size=13)
        svg.add("rect", class_="ch-track", fill=TRACK, x=label_width, y=top + 8, width=room, height=12, rx=6)
        long = room * max(0.0, min(row.value / scale, 1.0))
        if long > 0:
            svg.add(
                "rect",
                tip=f"{row.label}: {said[at]}",
                class_=f"ch-fill {row.kind}".strip(),
                fill=KIND.get(row.kind, BRAND),
                x=label_width,
                y=top + 8,
                width=max(long, 3.0),
                height=12,
                rx=min(6.0, max(long, 3.0) / 2),
            )
        svg.text(width, top + 18, said[at], size=13, anchor="end", font_weight=600)
        if row.href:
            svg.close("a")
    if not rows:
        svg.text(0, 18, "0", size=12, fill=INK_2, class_="ch-axis")
    return svg.done()


def segments(percents: Sequence[float], tone: int = 1, *, id: str, title: str = "") -> SafeString:
    """One bar of equal parts, each filled to its own percent (0 to 100): the steps of a phase in one line.

    It is hidden from readers; say the figure in words beside it.
    """
    tone = tone_of(tone)
    count = max(len(percents), 1)
    gap = 5 if count <= 20 else 2
    each = (600 - gap * (count - 1)) / count
    shapes = []
    for at, percent in enumerate(percents):
        x = number(at * (each + gap))
        shapes.append(
            f'<rect class="track p{tone}" fill="{PHASE_SOFT[tone]}" x="{x}" width="{number(each)}" height="8" rx="3"/>'
        )
        if percent_of(percent):
            long = number(each * percent_of(percent) / 100)
            shapes.append(
                f'<rect class="ch-fill p{tone}" fill="{PHASE[tone]}" x="{x}" width="{long}" height="8" rx="3"/>'
            )
    svg = Drawing(600, 8, id=id, title=title, css="segments")
    svg.head |= {"preserveAspectRatio": "none", "aria-hidden": "true", "aria-labelledby": None, "role": None}
    svg.parts = shapes
    return svg.done()
