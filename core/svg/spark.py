"""A line as small as a word."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.safestring import SafeString

from core.svg.base import BRAND, Drawing, path


def spark(values: Sequence[float], *, id: str, title: str) -> SafeString:
    """The course of `values` (one unit, oldest first) from their least to their greatest; a flat line when equal."""
    svg = Drawing(90, 24, id=id, title=title, css="spark")
    if values:
        low, span = min(values), (max(values) - min(values)) or 1
        flat = max(values) == low
        step = 84 / max(len(values) - 1, 1)
        points = [(3 + step * at, 12 if flat else 21 - 18 * (value - low) / span) for at, value in enumerate(values)]
        svg.add(
            "path", class_="ch-s1", fill="none", stroke=BRAND, stroke_width=1.8, stroke_linejoin="round", d=path(points)
        )
        svg.add("circle", class_="ch-fill", fill=BRAND, cx=points[-1][0], cy=points[-1][1], r=2.4)
    return svg.done()
