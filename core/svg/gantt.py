"""The Gantt chart: bars over time, with float, baseline, links of time and days nobody works; one code for page and PDF."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.formats import date_format
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import day_words
from core.svg.base import INK, INK_2, KIND, LINE, PHASE, TODAY, TRACK, Drawing, cut, number, tone_of, wide

ROW, HEAD = 26, 44
NAMES = 300
DAY_WIDTHS = {"weeks": 14.0, "months": 4.6, "quarters": 1.7}
"""How wide a day is drawn, by what the picture is divided into."""
GHOST, FLOAT = "#98a2b3", "#8fa3c7"


@dataclass(frozen=True)
class Bar:
    """One row. `kind`: phase, step, activity, task or milestone; `percent` of it is done.

    `float_until`: the day it could end without moving the end of the plan. `ghost`: the dates of the baseline.
    `key` is what a script takes hold of (data-key), where the row may be dragged. `said` is the bar in words: its name for
    who cannot see where it lies, and what is shown on hovering.
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
    """A run of rows that look alike is a group that says once how."""
    _rules(svg, bars, width, first, with_first=bool(first))
    room = TOGGLE - INDENT["phase"] if links else 0
    rows = [(bar, links[at] if links else Name(), first + ROW * at) for at, bar in enumerate(bars)]
    for look, run in groupby(rows, lambda row: _look(row[0])):
        svg.open("g", font_size=12, **dict(look))
        for bar, link, top in run:
            _name(svg, bar, link, INDENT[bar.kind] + room, top, width)
        svg.close("g")


def _look(bar: Bar) -> tuple[tuple[str, object], ...]:
    """How the name of a row is written."""
    quiet = bar.is_out or bar.kind == "task"
    look: dict[str, object] = {"class_": "ch-axis" if quiet else "ch-ink", "fill": INK_2 if quiet else INK}
    if bar.kind in ("phase", "step"):
        look["font_weight"] = 600
    if bar.is_out:
        look["text_decoration"] = "line-through"
    return tuple(look.items())


def _name(svg: Drawing, bar: Bar, link: Name, x: float, top: float, width: float) -> None:
    said = f"{bar.number} {bar.title}".strip()
    shown = cut(said, width - x - 6, 12)
    if link.toggle:
        _toggle(svg, link, said, x - TOGGLE, top)
    if link.href:
        svg.open("a", href=link.href, tip=said if shown != said else "")
        svg.add("rect", x=x, y=top + 1, width=width - x, height=ROW - 2)  # the whole row is pressed, not its letters
    svg.add("text", shown, x=x, y=top + ROW / 2 + 4)
    if link.href:
        svg.close("a")


def _rules(svg: Drawing, bars: Sequence[Bar], width: float, top: float, *, with_first: bool = False) -> None:
    """The lines between the rows."""
    tops = [top + ROW * at for at in range(0 if with_first else 1, len(bars) + 1)]
    _strokes(svg, [f"M0 {number(y)}H{number(width)}" for y in tops])


def _strokes(svg: Drawing, strokes: Sequence[str], **given: Any) -> None:
    """Many lines that look alike, as one."""
    if strokes:
        svg.add("path", d="".join(strokes), **{"fill": "none", "stroke": LINE, "class_": "ch-grid", **given})


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
    svg.add("rect", x=x, y=top + 1, width=TOGGLE, height=ROW - 2)
    svg.add("path", d=f"M{x + 8:g} {top + 11:g}l4 5l4-5" if link.is_open else f"M{x + 10:g} {top + 9:g}l5 4.5l-5 4.5")
    svg.close("a")


GROUND = "gantt-ground"
"""The id of what lies behind the rows in a head `with_ground`."""


def head(
    frame: Window,
    *,
    today: dt.date | None = None,
    off: Collection[dt.date] = (),
    with_ground: int = 0,
    id: str = "gantt-head",
    title: str = "",
) -> SafeString:
    """The line of months, weeks or quarters, alone: for a chart whose rows pass below it.

    `with_ground`: it also holds the days off and the lines behind so many rows, for parts of the chart that refer to it.
    """
    svg = Drawing(frame.width, HEAD, id=id, title=title or _("Time"), css="gantt-chart")
    _sized(svg, frame.width, HEAD)
    if with_ground:
        svg.open("defs")
        svg.open("g", id=GROUND)
        _rests(svg, frame, ROW * with_ground, off, 0)
        _lines(svg, frame, ROW * with_ground, 0)
        svg.close("g")
        svg.close("defs")
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
    has_ground: bool = True,
) -> SafeString:
    """The chart. `off` are days that nobody works; `with_names` is the width of a column of names inside it (for paper).

    Without a ground of its own it shows the one that a head on the same page holds.
    """
    top = HEAD if with_head else 0
    height = top + ROW * len(bars)
    width = with_names + frame.width
    svg = Drawing(width, height, id=id, title=title or _("Schedule"), desc=desc, css="gantt-chart", role="group")
    _sized(svg, width, height)
    if with_names:
        _names(svg, bars, with_names, (), top)
        svg.open("g", transform=f"translate({with_names} 0)")
    if has_ground:
        _rests(svg, frame, height, off, top)
    else:
        svg.add("use", href=f"#{GROUND}")
    if with_head:
        _heading(svg, frame, today)
    if has_ground:
        _lines(svg, frame, height, top - 20 if top else 0)
    _rules(svg, bars, frame.width, top)
    rows = [(bar, top + ROW * at) for at, bar in enumerate(bars) if not bar.is_out]
    _ghosts(svg, frame, rows)
    _floats(svg, frame, rows)
    for bar, y in rows:
        _row(svg, frame, bar, y)
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


def _rests(svg: Drawing, frame: Window, height: float, off: Collection[dt.date], top: float) -> None:
    """The days that nobody works; only the finest zoom has room for them."""
    if frame.zoom != "weeks":
        return
    rests = [
        f"M{number(frame.x(first))} {number(top)}H{number(frame.x(last) + frame.day_width)}V{number(height)}"
        f"H{number(frame.x(first))}Z"
        for first, last in _runs(day for day in off if frame.first <= day <= frame.last)
    ]
    if rests:
        svg.add("path", class_="ch-track", fill=TRACK, d="".join(rests))


def _runs(days: Iterable[dt.date]) -> list[tuple[dt.date, dt.date]]:
    """Days that follow one another, as (first, last)."""
    found: list[tuple[dt.date, dt.date]] = []
    for day in sorted(days):
        if found and day - found[-1][1] == dt.timedelta(days=1):
            found[-1] = found[-1][0], day
        else:
            found.append((day, day))
    return found


def _heading(svg: Drawing, frame: Window, today: dt.date | None) -> None:
    here = frame.x(today) if today and frame.first <= today <= frame.last else -1000  # where "today" is written
    upper, lower = _divisions(frame)
    _strokes(svg, [f"M{number(frame.x(a))} 0V{HEAD}" for a, _b, _said in upper])
    svg.open("g", font_size=11, font_weight=600, fill=INK, class_="ch-ink")
    for a, b, said in upper:
        if wide(said, 11) < frame.x(b) + frame.day_width - frame.x(a) - 6:
            svg.add("text", said, x=frame.x(a) + 5, y=15)
    svg.close("g")
    svg.open("g", font_size=10, fill=INK_2, class_="ch-axis")
    for a, b, said in lower:
        x = frame.x(a)
        is_free = x + 5 + wide(said, 10) < here or x + 5 > here + 40
        if is_free and wide(said, 10) < frame.x(b) + frame.day_width - x - 4:
            svg.add("text", said, x=x + 5, y=HEAD - 7)
    svg.close("g")
    svg.line(0, HEAD, frame.width, HEAD)


def _lines(svg: Drawing, frame: Window, height: float, top: float = HEAD - 20) -> None:
    xs = [frame.x(a) for a, _b, _said in _divisions(frame)[1]]
    _strokes(svg, [f"M{number(x)} {number(top)}V{number(height)}" for x in xs])


def _ghosts(svg: Drawing, frame: Window, rows: Sequence[tuple[Bar, float]]) -> None:
    """Below each bar, when the baseline has it."""
    spans = [(span, y) for bar, y in rows if bar.ghost and (span := frame.clip(*bar.ghost))]
    strokes = [f"M{number(x + 1.5)} {number(y + ROW - 3.5)}h{number(max(end - x - 3, 0))}" for (x, end), y in spans]
    _strokes(svg, strokes, class_="ch-ghost", stroke=GHOST, stroke_width=3, stroke_linecap="round")


def _floats(svg: Drawing, frame: Window, rows: Sequence[tuple[Bar, float]]) -> None:
    """Behind each bar, until when it may end."""
    strokes = [
        f"M{number(rest[0] + frame.day_width)} {number(y + ROW / 2)}H{number(rest[1])}"
        for bar, y in rows
        if bar.kind in ("activity", "task") and bar.float_until and bar.float_until > bar.ends_on
        and (rest := frame.clip(bar.ends_on, bar.float_until))
    ]  # fmt: skip
    _strokes(svg, strokes, class_="ch-float", stroke=FLOAT, stroke_width=2, stroke_dasharray="2 3")


TALL = {"phase": 8, "step": 10, "activity": 13, "task": 10}


def _row(svg: Drawing, frame: Window, bar: Bar, top: float) -> None:
    span = frame.clip(bar.starts_on, bar.ends_on)
    if span is None:
        return
    middle = top + ROW / 2
    if bar.kind == "milestone":
        x, width = span[1] - MARK, 2 * MARK
    else:
        x, width = span[0], max(span[1] - span[0], 2)
    _open(svg, bar)
    if bar.href:
        spare = max(TOGGLE - width, 0)  # a bar of a day is too thin to hit
        svg.add("rect", class_="g-hit", x=x - spare / 2, y=top + 1, width=width + spare, height=ROW - 2)
    if bar.kind == "milestone":
        svg.add("path", class_="g-mark", d=f"M{x + MARK:g} {middle - MARK:g}l7 7l-7 7l-7-7Z")
    else:
        _bar(svg, bar, x, middle - (7 if bar.kind in ("activity", "task") else TALL[bar.kind] / 2), width)
    svg.close("a" if bar.href else "g")


MARK = 7
"""From the middle of a milestone's mark to its corners."""


def _open(svg: Drawing, bar: Bar) -> None:
    """What holds the shapes of a row: its colour, its words, where it leads, and what a script takes hold of."""
    if bar.kind == "milestone":
        is_late = bar.is_late and bar.percent < 100
        fill, css = (KIND["late"], "ch-f-late") if is_late else (INK, "ch-ink")
    elif bar.is_critical and bar.kind in ("activity", "task"):
        fill, css = KIND["late"], "ch-f-late"
    else:
        fill, css = PHASE[tone_of(bar.tone)], f"ch-f-p{tone_of(bar.tone)}"
    if not bar.href:
        svg.open("g", class_=css, fill=fill, tip=bar.said)
        return
    hold: dict[str, Any] = {}
    if bar.key:
        hold = {"data_key": bar.key, "data_first": str(bar.starts_on), "data_last": str(bar.ends_on)}
        css += " g-whole" if bar.kind in ("step", "milestone") else ""
    svg.open("a", href=bar.href, class_=f"g-bar {css}", fill=fill, tip=bar.said, **hold)


def _bar(svg: Drawing, bar: Bar, x: float, y: float, width: float) -> None:
    box = {"x": x, "y": y, "height": TALL[bar.kind], "rx": 3}
    svg.add("rect", class_="g-soft", fill_opacity=0.35, width=width, **box)
    if bar.percent:
        svg.add("rect", class_="g-done", width=max(width * min(bar.percent, 100) / 100, 1), **box)
    if bar.is_manual:
        svg.add("rect", class_="ch-ring", fill="none", stroke=INK, stroke_width=1.2, width=width, **box)
