"""The Gantt chart: bars over time, with float, baseline, links of time and days nobody works; one code for page and PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import day_words
from core.svg.base import INK, INK_2, KIND, PHASE, TODAY, TRACK, Drawing, cut, number, tone_of, wide

ROW, HEAD = 26, 44
NAMES = 300
DAY_WIDTHS = {"weeks": 14.0, "months": 4.6, "quarters": 1.7}
"""How wide a day is drawn, by what the picture is divided into."""
GHOST, FLOAT = "#98a2b3", "#8fa3c7"


@dataclass(frozen=True)
class Bar:
    """One row. `kind`: phase, step, activity, task or milestone; `percent` of it is done.

    `float_until`: the day it could end without moving the end of the plan. `ghost`: the dates of the baseline.
    `key` is what a script takes hold of (data-key), where the row may be dragged. `said` is the bar in words, for who
    cannot see where it lies.
    """

    number: str
    title: str
    kind: str
    starts_on: dt.date
    ends_on: dt.date
    percent: int = 0
    tone: int = 1
    is_critical: bool = False
    is_late: bool = False
    is_manual: bool = False
    is_out: bool = False
    float_until: dt.date | None = None
    ghost: tuple[dt.date, dt.date] | None = None
    href: str = ""
    key: str = ""
    tip: str = ""
    said: str = ""


class Window(NamedTuple):
    """The days that are drawn, both counted, and how wide."""

    first: dt.date
    last: dt.date
    zoom: str

    @property
    def day_width(self) -> float:
        return DAY_WIDTHS[self.zoom]

    @property
    def width(self) -> float:
        return self.day_width * ((self.last - self.first).days + 1)

    def x(self, day: dt.date) -> float:
        """Where the morning of a day lies."""
        return self.day_width * (day - self.first).days

    def clip(self, first: dt.date, last: dt.date) -> tuple[float, float] | None:
        """From where to where a span is drawn; None when all of it lies outside."""
        if last < self.first or first > self.last:
            return None
        begin = self.x(max(first, self.first))
        return begin, self.x(min(last, self.last)) + self.day_width


def window(first: dt.date, last: dt.date, zoom: str) -> Window:
    """A window around the plan's days that begins and ends where its divisions do, with room for the last label."""
    zoom = zoom if zoom in DAY_WIDTHS else "months"
    if zoom == "weeks":
        begin = first - dt.timedelta(days=first.weekday())
        end = last + dt.timedelta(days=13 - last.weekday())
    else:
        begin = first.replace(day=1)
        end = (last.replace(day=1) + dt.timedelta(days=62 if zoom == "months" else 95)).replace(day=1)
        end -= dt.timedelta(days=1)
    return Window(begin, end, zoom)


def _months(frame: Window) -> Iterator[tuple[dt.date, dt.date]]:
    day = frame.first.replace(day=1)
    while day <= frame.last:
        after = (day + dt.timedelta(days=32)).replace(day=1)
        yield max(day, frame.first), min(after - dt.timedelta(days=1), frame.last)
        day = after


def _divisions(frame: Window) -> tuple[list[tuple[dt.date, dt.date, str]], list[tuple[dt.date, dt.date, str]]]:
    """The upper and the lower line of the head: from when, until when, what it says."""
    months = list(_months(frame))
    if frame.zoom == "weeks":
        upper = [(a, b, date_format(a, "F Y")) for a, b in months]
        weeks = range((frame.last - frame.first).days // 7 + 1)
        mondays = [frame.first + dt.timedelta(weeks=at) for at in weeks]
        return upper, [(day, day + dt.timedelta(days=6), _week(day)) for day in mondays]
    years: dict[int, list[tuple[dt.date, dt.date]]] = {}
    quarters: dict[tuple[int, int], list[tuple[dt.date, dt.date]]] = {}
    for a, b in months:
        years.setdefault(a.year, []).append((a, b))
        quarters.setdefault((a.year, (a.month + 2) // 3), []).append((a, b))
    upper = [(spans[0][0], spans[-1][1], str(year)) for year, spans in years.items()]
    if frame.zoom == "months":
        return upper, [(a, b, day_words.month(a)) for a, b in months]
    said = _("Q%(n)s")
    return upper, [(spans[0][0], spans[-1][1], said % {"n": n}) for (_year, n), spans in quarters.items()]


def _week(monday: dt.date) -> str:
    return _("W%(n)s") % {"n": monday.isocalendar().week}


class Name(NamedTuple):
    """What a row's name leads to, whether its parts are shown (None: it has none), and what shows or hides them."""

    href: str = ""
    is_open: bool | None = None
    toggle: str = ""


def names(
    bars: Sequence[Bar],
    links: Sequence[Name] = (),
    *,
    id: str = "gantt-names",
    width: float = NAMES,
    title: str = "",
    with_head: bool = True,
) -> SafeString:
    """The column of names beside the chart: rows of the same height, in the same order."""
    title = title or _("Rows of the schedule")
    top = HEAD if with_head else 0
    svg = Drawing(width, top + ROW * len(bars), id=id, title=title, css="gantt-chart gantt-names", role="group")
    _sized(svg, width, top + ROW * len(bars))
    _names(svg, bars, width, links, top)
    return svg.done()


def _sized(svg: Drawing, width: float, height: float) -> None:
    """A day has the same width everywhere: the picture scrolls, it does not shrink."""
    svg.head |= {"width": number(width), "height": number(height)}


INDENT = {"phase": 8, "step": 18, "activity": 34, "task": 52, "milestone": 18}
TOGGLE = 24
"""The room for the mark that shows and hides the parts of a row; a finger hits no less."""


def _names(svg: Drawing, bars: Sequence[Bar], width: float, links: Sequence[Name] = (), first: float = HEAD) -> None:
    if first:
        svg.line(0, first, width, first)
    room = TOGGLE - INDENT["phase"] if links else 0
    for at, bar in enumerate(bars):
        top, x = first + ROW * at, INDENT[bar.kind] + room
        link = links[at] if links else Name()
        said = f"{bar.number} {bar.title}".strip()
        if link.toggle:
            _toggle(svg, link, said, x - TOGGLE, top)
        if link.href:
            svg.open("a", href=link.href, tip=said)
        look = {
            "font_weight": 600 if bar.kind in ("phase", "step") else None,
            "text_decoration": "line-through" if bar.is_out else None,
        }
        quiet = {"fill": INK_2, "class_": "ch-axis"} if bar.is_out or bar.kind == "task" else {}
        if link.href:
            svg.add("rect", fill="none", pointer_events="all", x=x, y=top + 1, width=width - x, height=ROW - 2)
        svg.text(x, top + ROW / 2 + 4, cut(said, width - x - 6, 12), size=12, **look, **quiet)
        if link.href:
            svg.close("a")
        svg.line(0, top + ROW, width, top + ROW)


def _toggle(svg: Drawing, link: Name, said: str, x: float, top: float) -> None:
    word = _("Hide the parts of %(name)s") if link.is_open else _("Show the parts of %(name)s")
    svg.open(
        "a",
        href=link.toggle,
        class_="g-toggle",
        data_row=said.split()[0],
        aria_label=word % {"name": said},
        aria_expanded="true" if link.is_open else "false",
    )
    svg.add("rect", fill="none", pointer_events="all", x=x, y=top + 1, width=TOGGLE, height=ROW - 2)
    d = f"M{x + 8:g},{top + 11:g}l4,5l4,-5" if link.is_open else f"M{x + 10:g},{top + 9:g}l5,4.5l-5,4.5"
    svg.add("path", d=d, fill="none", stroke=INK_2, class_="ch-s2", stroke_width=1.5)
    svg.close("a")


def head(frame: Window, *, today: dt.date | None = None, id: str = "gantt-head", title: str = "") -> SafeString:
    """The line of months, weeks or quarters, alone: for a chart whose rows pass below it."""
    svg = Drawing(frame.width, HEAD, id=id, title=title or _("Time"), css="gantt-chart")
    _sized(svg, frame.width, HEAD)
    _heading(svg, frame, today)
    _lines(svg, frame, HEAD)
    _today(svg, frame, today, HEAD, HEAD)
    return svg.done()


def gantt(
    bars: Sequence[Bar],
    frame: Window,
    *,
    today: dt.date | None = None,
    off: Collection[dt.date] = (),
    id: str = "gantt",
    title: str = "",
    desc: str = "",
    with_names: float = 0,
    with_head: bool = True,
) -> SafeString:
    """The chart. `off` are days that nobody works; `with_names` is the width of a column of names inside it (for paper)."""
    top = HEAD if with_head else 0
    height = top + ROW * len(bars)
    width = with_names + frame.width
    svg = Drawing(width, height, id=id, title=title or _("Schedule"), desc=desc, css="gantt-chart", role="group")
    _sized(svg, width, height)
    if with_names:
        _names(svg, bars, with_names, (), top)
        svg.open("g", transform=f"translate({with_names} 0)")
    _ground(svg, frame, height, off, top, today)
    for at, bar in enumerate(bars):
        _row(svg, frame, bar, top + ROW * at, today)
    _today(svg, frame, today, height, top)
    if with_names:
        svg.close("g")
    return svg.done()


def _today(svg: Drawing, frame: Window, today: dt.date | None, height: float, top: float) -> None:
    """Where today is; below a head it begins there and is named."""
    if not today or not frame.first <= today <= frame.last:
        return
    x = frame.x(today) + frame.day_width / 2
    svg.line(x, top - 22 if top else 0, x, height, stroke=TODAY, class_="ch-today", stroke_width=1.5)
    if top:
        svg.text(x + 3, top - 17, _("today"), size=9.5, fill=TODAY, class_="ch-today-text")


def _ground(
    svg: Drawing, frame: Window, height: float, off: Collection[dt.date], top: float, today: dt.date | None
) -> None:
    """Days off, divisions and their names."""
    if frame.zoom == "weeks":
        for day in sorted(off):
            if frame.first <= day <= frame.last:
                svg.add(
                    "rect",
                    class_="ch-track",
                    fill=TRACK,
                    x=frame.x(day),
                    y=top,
                    width=frame.day_width,
                    height=height - top,
                )
    if top:
        _heading(svg, frame, today)
    _lines(svg, frame, height, top - 20 if top else 0)


def _heading(svg: Drawing, frame: Window, today: dt.date | None) -> None:
    here = frame.x(today) if today and frame.first <= today <= frame.last else -1000  # where "today" is written
    upper, lower = _divisions(frame)
    for a, b, said in upper:
        x = frame.x(a)
        svg.line(x, 0, x, HEAD)
        room = frame.x(b) + frame.day_width - x
        if wide(said, 11) < room - 6:
            svg.text(x + 5, 15, said, size=11, font_weight=600)
    for a, b, said in lower:
        x = frame.x(a)
        is_free = x + 5 + wide(said, 10) < here or x + 5 > here + 40
        if is_free and wide(said, 10) < frame.x(b) + frame.day_width - x - 4:
            svg.text(x + 5, HEAD - 7, said, size=10, fill=INK_2, class_="ch-axis")
    svg.line(0, HEAD, frame.width, HEAD)


def _lines(svg: Drawing, frame: Window, height: float, top: float = HEAD - 20) -> None:
    for a, _b, _said in _divisions(frame)[1]:
        x = frame.x(a)
        svg.line(x, top, x, height)


def _row(svg: Drawing, frame: Window, bar: Bar, top: float, today: dt.date | None) -> None:
    svg.line(0, top + ROW, frame.width, top + ROW)
    if bar.is_out:
        return
    middle = top + ROW / 2
    if bar.ghost and (span := frame.clip(*bar.ghost)):
        y = top + ROW - 5
        svg.add(
            "rect", class_="ch-ghost", fill=GHOST, x=span[0], y=y, width=max(span[1] - span[0], 2), height=3, rx=1.5
        )
    if bar.kind == "milestone":
        if frame.first <= bar.starts_on <= frame.last:
            x = frame.x(bar.starts_on) + frame.day_width
            d = f"M{x:.1f},{middle - 7:.1f}l7,7l-7,7l-7,-7Z"
            late = bar.is_late and bar.percent < 100
            svg.add(
                "path", d=d, fill=KIND["late"] if late else INK, class_="ch-f-late" if late else "ch-ink", tip=bar.tip
            )
        return
    span = frame.clip(bar.starts_on, bar.ends_on)
    if span is None:
        return
    x, width = span[0], max(span[1] - span[0], 2)
    if bar.kind in ("phase", "step"):
        tall = 8 if bar.kind == "phase" else 10
        _bar(svg, bar, x, middle - tall / 2, width, tall)
        return
    if bar.float_until and bar.float_until > bar.ends_on and (rest := frame.clip(bar.ends_on, bar.float_until)):
        svg.line(
            span[1], middle, rest[1], middle, stroke=FLOAT, class_="ch-float", stroke_width=2, stroke_dasharray="2 3"
        )
    _bar(svg, bar, x, middle - 7, width, 13 if bar.kind == "activity" else 10)


def _bar(svg: Drawing, bar: Bar, x: float, y: float, width: float, tall: float) -> None:
    colour = KIND["late"] if bar.is_critical and bar.kind in ("activity", "task") else PHASE[tone_of(bar.tone)]
    css = "ch-f-late" if bar.is_critical and bar.kind in ("activity", "task") else f"ch-f-p{tone_of(bar.tone)}"
    held = bool(bar.href and bar.key)
    if bar.href:
        words = {"aria_label": bar.said or None, "aria_describedby": "gantt-help" if held else None}
        svg.open("a", href=bar.href, class_="g-bar", **words)
    hold = {"data_key": bar.key, "data_first": str(bar.starts_on), "data_last": str(bar.ends_on)}
    svg.open("g", class_="g-hold", tip=bar.tip, **(hold if held else {}))
    if bar.href:
        spare = max(TOGGLE - width, 0)  # a bar of a day is too thin to hit
        svg.add(
            "rect", class_="g-hit", fill="none", pointer_events="all", x=x - spare / 2, y=y + tall / 2 - ROW / 2 + 1,
            width=width + spare, height=ROW - 2,
        )  # fmt: skip
    svg.add("rect", class_=f"{css} g-soft", fill=colour, fill_opacity=0.35, x=x, y=y, width=width, height=tall, rx=3)
    if bar.percent:
        done = max(width * min(bar.percent, 100) / 100, 1)
        svg.add("rect", class_=f"{css} g-done", fill=colour, x=x, y=y, width=done, height=tall, rx=3)
    if bar.is_manual:
        svg.add(
            "rect", class_="ch-ring", fill="none", stroke=INK, stroke_width=1.2, x=x, y=y, width=width, height=tall, rx=3
        )  # fmt: skip
    if held:
        svg.add(
            "rect", class_="g-grip", fill="none", pointer_events="all", x=x + width - min(5, width / 2), y=y - 4,
            width=min(5, width / 2) + 6, height=tall + 8, rx=3,
        )  # fmt: skip
    svg.close("g")
    if bar.href:
        svg.close("a")
