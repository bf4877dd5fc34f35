"""Layers over time: how a whole is made up on each day, one band on the other."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core import day_words
from core.svg.base import INK, INK_2, Drawing, cut, path
from core.svg.base import wide as wide_of
from core.svg.curve import LABEL_GAP, first_days
from core.svg.heat import GAINS, TONES

SIZES = {"wide": (760, 330), "narrow": (340, 300)}
LEFT, TOP, FOOT = 36, 12, 34
NAMES = {"wide": 132, "narrow": 106}
UNKNOWN = "#c9d0da"
LINE = 15.0


@dataclass(frozen=True)
class Layer:
    """A band: its name, its colour (a tone of the heat map, None for grey) and its value on each day."""

    label: str
    tone: int | None
    values: Sequence[float]


def ladder(most: float) -> list[int]:
    """Round numbers from 0 to at least `most`, three to seven of them."""
    step = 1
    for step in (s * 10**k for k in range(12) for s in (1, 2, 5)):
        if most <= 5 * step:
            break
    return list(range(0, int(-(-most // step)) * step + 1, step)) if most > 0 else [0, 1]


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights for labels near the wanted ones, in the same order from the bottom up, at least `gap` apart."""
    found: list[float] = []
    for at in wanted:  # from the bottom: y falls
        found.append(min(at, found[-1] - gap) if found else min(at, high))
    if found and found[-1] < low:
        found[-1] = low
        for k in range(len(found) - 2, -1, -1):
            found[k] = max(found[k], found[k + 1] + gap)
    return found


def layers(
    days: Sequence[dt.date],
    series: Sequence[Layer],
    *,
    id: str = "layers",
    title: str,
    size: str = "wide",
    is_gain: bool = False,
) -> SafeString:
    """The bands from the ground up in the order given, each named at its right end with its last value.

    `days` in their order; a single day is drawn as a column. Bands that are 0 all the time are left out.
    """
    width, height = SIZES[size]
    right = NAMES[size]
    shown = [one for one in series if any(value > 0 for value in one.values)]
    tops = [[sum(one.values[at] for one in shown[: k + 1]) for at in range(len(days))] for k in range(len(shown))]
    scale = ladder(max(tops[-1]) if shown else 0)
    last = [f"{one.label}: {one.values[-1]:g}" for one in shown]
    svg = Drawing(width, height, id=id, title=title, desc=", ".join(last))
    span = max((days[-1] - days[0]).days, 1) if days else 1

    def x(at: int) -> float:
        if len(days) == 1:
            return LEFT
        return LEFT + (width - LEFT - right) * (days[at] - days[0]).days / span

    def y(value: float) -> float:
        return TOP + (height - TOP - FOOT) * (1 - value / scale[-1])

    for value in scale:
        svg.line(LEFT, y(value), width - right, y(value))
        svg.text(LEFT - 8, y(value) + 4, f"{value}", size=10.5, anchor="end", fill=INK_2, class_="ch-axis")
    colours = GAINS if is_gain else TONES
    below = [0.0] * len(days)
    for one, top in zip(shown, tops, strict=True):
        upper = [(x(at), y(value)) for at, value in enumerate(top)]
        lower = [(x(at), y(value)) for at, value in enumerate(below)]
        if len(days) == 1:
            upper.append((width - right, upper[0][1]))
            lower.append((width - right, lower[0][1]))
        colour = UNKNOWN if one.tone is None else colours[min(max(one.tone, 0), 5)]
        svg.add(
            "path", tip=f"{one.label}: {one.values[-1]:g}", class_="ly-band", fill=colour, stroke="#ffffff",
            stroke_width=1.2, stroke_linejoin="round", d=path(upper + lower[::-1], closed=True),
        )  # fmt: skip
        below = list(top)
    _names(svg, shown, tops, y, width, right, height)
    _dates(svg, days, x, width, right, height)
    return svg.done()


def _names(svg: Drawing, shown, tops, y, width: float, right: float, height: float) -> None:
    """What each band is called and how much it is at the end, from the bottom up, with a stroke to its band."""
    floors = [[0.0] * len(tops[0]), *tops[:-1]] if tops else []
    middles = [y((top[-1] + floor[-1]) / 2) for top, floor in zip(tops, floors, strict=True)]
    for one, middle, at in zip(shown, middles, spread(middles, LINE, TOP + 6, height - FOOT), strict=True):
        edge = width - right
        svg.line(edge + 2, middle, edge + 12, at, stroke=INK_2, class_="ly-stroke")
        words = cut(one.label, right - 44, 11.5)
        svg.text(edge + 16, at + 4, f"{one.values[-1]:g} {words}", size=11.5, fill=INK, font_weight=600)


def _dates(svg: Drawing, days: Sequence[dt.date], x, width: float, right: float, height: float) -> None:
    if not days:
        return
    span = max((days[-1] - days[0]).days, 1)
    free_from = 0.0
    marks = [days[0], *first_days(days[0], days[-1], 8)] if span > 60 else list(days)
    for day in dict.fromkeys(marks):
        words = day_words.month(day, with_year=True) if span > 120 else day_words.short(day, with_year=False)
        half = wide_of(words, 10.5) / 2
        place = LEFT + (width - LEFT - right) * (day - days[0]).days / span
        place = max(place, LEFT - 8 + half)
        if place - half < free_from or place + half > width - right + 20:
            continue
        svg.text(place, height - FOOT + 18, words, size=10.5, anchor="middle", fill=INK_2, class_="ch-axis")
        free_from = place + half + LABEL_GAP + 6
