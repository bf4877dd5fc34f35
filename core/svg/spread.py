"""A spread over days: how many runs ended when, and the days people ask about."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core import day_words
from core.svg.base import BRAND, INK_2, KIND, TODAY, Drawing, wide
from core.svg.curve import first_days

SIZES = {"wide": (640, 300), "narrow": (340, 250)}
LEFT, RIGHT, BOTTOM = 12, 12, 30
ROW = 16  # of the labels above the bars
MOST_BARS = {"wide": 48, "narrow": 28}


@dataclass(frozen=True)
class DayMark:
    """A day to be shown in the spread; `kind` "late" is the limit: what ends behind it is coloured as late."""

    on: dt.date
    label: str
    kind: str = ""


def spread(
    ends: Sequence[tuple[dt.date, int]],
    marks: Sequence[DayMark] = (),
    *,
    id: str = "spread",
    size: str = "wide",
    title: str,
    desc: str = "",
) -> SafeString:
    """Bars for how often each day was the end, in equal groups of the days given, with the marks as lines.

    What lies behind the mark of kind "late" is coloured so. Nothing at all is an empty frame.
    """
    width, height = SIZES[size]
    svg = Drawing(width, height, id=id, title=title, desc=desc)
    counted = sorted(ends)
    if not counted or not sum(count for _day, count in counted):
        return svg.done()
    days = [day for day, _count in counted]
    limit = next((mark.on for mark in marks if mark.kind == "late"), None)

    def index(day: dt.date) -> float:
        """The place of a day among the counted ones; outside of them five days of a week count."""
        if day < days[0]:
            return -(days[0] - day).days * 5 / 7
        if day > days[-1]:
            return len(days) - 1 + (day - days[-1]).days * 5 / 7
        return float(bisect_left(days, day))

    places = [0.0, float(len(days) - 1), *(index(mark.on) for mark in marks)]
    low = min(places)
    span = max(places) - low + 1
    group = max(1, -(-int(span) // MOST_BARS[size]))
    top, foot = 8 + ROW * len(marks), height - BOTTOM

    def x(place: float) -> float:
        return LEFT + (width - LEFT - RIGHT) * (place - low) / span

    sums: dict[tuple[int, bool], int] = {}
    for place, (day, count) in enumerate(counted):
        key = place // group, limit is not None and day >= limit
        sums[key] = sums.get(key, 0) + count
    most = max(sum(sums.get((at, late), 0) for late in (False, True)) for at, _late in sums)
    bar = (width - LEFT - RIGHT) * group / span
    for at in sorted({at for at, _late in sums}):
        reached = foot
        for late in (False, True):
            if count := sums.get((at, late), 0):
                tall = (foot - top) * count / most
                reached -= tall
                colour = {"class_": "ch-fill late" if late else "ch-fill", "fill": KIND["late"] if late else BRAND}
                svg.add("rect", x=x(at * group) + 0.5, y=reached, width=max(bar - 1, 1), height=tall, **colour)
    svg.line(LEFT, foot, width - RIGHT, foot)
    free_from = 0.0
    first, last = min([days[0], *(mark.on for mark in marks)]), max([days[-1], *(mark.on for mark in marks)])
    for day in first_days(first, last, 9 if size == "wide" else 5):
        words = day_words.month(day, with_year=day.month == 1 or day == first)
        half = wide(words, 10.5) / 2
        at = min(max(x(index(day)), LEFT + half), width - RIGHT - half)
        if at - half >= free_from:
            svg.text(at, foot + 18, words, size=10.5, anchor="middle", fill=INK_2, class_="ch-axis")
            free_from = at + half + 8
    for row, mark in enumerate(sorted(marks, key=lambda one: one.on)):
        at, level = x(index(mark.on) + 0.5), 8 + ROW * row + 9
        colour = (
            {"stroke": TODAY, "class_": "ch-today"} if mark.kind == "late" else {"stroke": INK_2, "class_": "ch-s2"}
        )
        svg.line(at, level + 3, at, foot, stroke_width=1.6, stroke_dasharray="4 3", fill="none", **colour)
        words = f"{mark.label}: {day_words.short(mark.on)}"
        is_right = at + 5 + wide(words, 11) <= width
        ink = {"fill": TODAY, "class_": "ch-today-text"} if mark.kind == "late" else {}
        svg.text(
            at + (5 if is_right else -5), level, words, anchor="start" if is_right else "end", font_weight=600, **ink
        )
    return svg.done()
