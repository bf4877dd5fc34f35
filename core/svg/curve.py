"""The S-curve: planned and actual percent over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import day_words
from core.svg.base import BRAND, INK_2, PHASE, TODAY, Drawing, path, percent_of, wide

SIZES = {"broad": (1100, 380), "wide": (640, 320), "narrow": (340, 240)}
LEFT, RIGHT, TOP, BOTTOM = 42, 16, 12, 46
LABEL_GAP = 6  # between two labels of the axis


@dataclass(frozen=True)
class CurvePoint:
    """A day with what was planned and what was done by then, both in percent; `actual=None` for days to come.

    `spent` is a third line, the effort booked by then as a share of all that is planned; without it there is none.
    """

    on: dt.date
    planned: float
    actual: float | None = None
    spent: float | None = None


def first_days(first: dt.date, last: dt.date, most: int) -> Iterator[dt.date]:
    """First days of months between the two, thinned to at most `most`."""
    count = (last.year - first.year) * 12 + last.month - first.month
    every = max(1, -(-count // most))
    for offset in range(0, count + 1, every):
        at = first.month - 1 + offset
        day = dt.date(first.year + at // 12, at % 12 + 1, 1)
        if first <= day <= last or offset == 0:
            yield max(day, first)


def curve(
    points: Sequence[CurvePoint],
    today: dt.date | None = None,
    *,
    id: str = "curve",
    size: str = "wide",
    title: str = "",
) -> SafeString:
    """Planned (dashed) and actual (full, with a soft ground) progress; `size` is "broad" for the width of a page, "wide" for a
    card or "narrow" for a phone.

    Points in any order; fewer than two are drawn as an empty frame. Percent outside 0 to 100 is kept within.
    """
    width, height = SIZES[size]
    points = sorted(points, key=lambda point: point.on)
    done = [point for point in points if point.actual is not None]
    desc = ""
    if done:
        desc = _("On %(day)s: %(actual)d percent done, %(planned)d percent planned.") % {
            "day": day_words.long(done[-1].on),
            "actual": round(percent_of(done[-1].actual)),
            "planned": round(percent_of(done[-1].planned)),
        }
    svg = Drawing(width, height, id=id, title=title or _("Progress against plan, in percent"), desc=desc)
    days = max((points[-1].on - points[0].on).days, 1) if points else 1

    def x(day: dt.date) -> float:
        return LEFT + (width - LEFT - RIGHT) * (day - points[0].on).days / days

    def y(percent: float | None) -> float:
        return TOP + (height - TOP - BOTTOM) * (1 - percent_of(percent) / 100)

    for percent in range(0, 101, 25 if size == "narrow" else 20):
        svg.line(LEFT, y(percent), width - RIGHT, y(percent))
        svg.text(LEFT - 8, y(percent) + 4, f"{percent}%", size=10.5, anchor="end", fill=INK_2, class_="ch-axis")
    if len(points) > 1:
        months = []
        for day in first_days(points[0].on, points[-1].on, 6 if size == "narrow" else 12):
            months.append((day, day_words.month(day) if day.month > 1 else f"{day_words.month(day)} {day:%y}"))
        free_from = 0.0
        for at, (day, words) in enumerate(months):
            half = wide(words, 10.5) / 2
            begins_late = at == 0 and len(months) > 1 and x(months[1][0]) - x(day) < half * 2 + LABEL_GAP
            if begins_late or x(day) - half < free_from or x(day) >= width - RIGHT - 8:
                continue  # it would touch its neighbour or the edge; a start late in a month gives way to the next one
            svg.text(x(day), height - BOTTOM + 18, words, size=10.5, anchor="middle", fill=INK_2, class_="ch-axis")
            free_from = x(day) + half + LABEL_GAP
        if len(done) > 1:
            area = [(x(done[0].on), y(0)), *((x(p.on), y(p.actual)) for p in done), (x(done[-1].on), y(0))]
            svg.add("path", class_="ch-area", fill=BRAND, fill_opacity=0.1, d=path(area, closed=True))
        planned = path([(x(p.on), y(p.planned)) for p in points])
        svg.add("path", class_="ch-s2", fill="none", stroke=INK_2, stroke_width=1.8, stroke_dasharray="5 4", d=planned)
        booked = [(x(p.on), y(p.spent)) for p in points if p.spent is not None]
        if len(booked) > 1:
            svg.add("path", class_="ch-s3", fill="none", stroke=PHASE[2], stroke_width=1.8, d=path(booked))
        if done:
            actual = path([(x(p.on), y(p.actual)) for p in done])
            svg.add(
                "path", class_="ch-s1", fill="none", stroke=BRAND, stroke_width=2.6, stroke_linejoin="round", d=actual
            )
            svg.add(
                "circle",
                class_="ch-fill",
                fill=BRAND,
                cx=x(done[-1].on),
                cy=y(done[-1].actual),
                r=4,
                tip=f"{round(percent_of(done[-1].actual))} %",
            )
        if today and points[0].on <= today <= points[-1].on:
            at = x(today)
            svg.line(at, TOP, at, height - BOTTOM, stroke=TODAY, class_="ch-today", stroke_dasharray="3 3")
            right = at < width * 0.8
            svg.text(
                at + (5 if right else -5),
                TOP + 9,
                _("today"),
                size=10.5,
                anchor="start" if right else "end",
                fill=TODAY,
                class_="ch-today-text",
            )
    foot = height - 9
    svg.line(
        LEFT, foot - 4, LEFT + 20, foot - 4, stroke=INK_2, class_="ch-s2", stroke_width=1.8, stroke_dasharray="5 4"
    )
    svg.text(LEFT + 26, foot, _("Planned"), size=11.5)
    svg.line(LEFT + 100, foot - 4, LEFT + 120, foot - 4, stroke=BRAND, class_="ch-s1", stroke_width=2.6)
    svg.text(LEFT + 126, foot, _("Actual"), size=11.5)
    if any(point.spent is not None for point in points):
        svg.line(LEFT + 186, foot - 4, LEFT + 206, foot - 4, stroke=PHASE[2], class_="ch-s3", stroke_width=1.8)
        svg.text(LEFT + 212, foot, _("Booked"), size=11.5)
    return svg.done()
