"""The wheel: a ring of phases, each divided into its steps, filled outwards by what is done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from html import escape

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.svg.base import (
    INK,
    INK_2,
    PHASE,
    PHASE_SOFT,
    PHASE_TEXT,
    TODAY,
    TRACK,
    Drawing,
    number,
    percent_of,
    sector,
    tone_of,
)

CENTRE = 214.0
INNER, OUTER = 124.0, 186.0  # the ring of the steps
PHASE_GAP, STEP_GAP = math.radians(5), math.radians(1.1)


@dataclass(frozen=True)
class Step:
    """One piece of the ring: done in percent (0 to 100). `href=None` draws it without a link, as a PDF needs it."""

    code: str
    title: str
    percent: float
    href: str | None = None
    is_current: bool = False
    is_late: bool = False
    is_excluded: bool = False


@dataclass(frozen=True)
class Phase:
    """A run of steps in one colour; `tone` 1 to 4 (blue, teal, amber, violet), going round after that."""

    title: str
    tone: int
    steps: Sequence[Step] = field(default_factory=tuple)


def _state(step: Step) -> str:
    if step.is_excluded:
        return _("not applicable")
    words = _("done") if percent_of(step.percent) >= 100 else _("%(percent)d percent done") % {"percent": step.percent}
    if step.is_late:
        words += ", " + _("overdue")
    return words + (", " + _("current step") if step.is_current else "")


def _piece(svg: Drawing, step: Step, tone: int, start: float, end: float, is_small: bool) -> None:
    percent = percent_of(step.percent)
    middle = (start + end) / 2
    arc = (end - start) * (INNER + OUTER) / 2  # length of the piece in the middle of the ring, in units of the picture
    said = f"{step.code} {step.title}"
    if step.href is not None and not is_small:
        label = _("Step %(step)s: %(state)s") % {"step": said, "state": _state(step)}
        svg.open("a", href=step.href, aria_label=label, class_="w-step")
    else:
        svg.open("g", class_="w-step")
    ground = "w-out" if step.is_excluded else f"w-ground p{tone}"
    svg.add(
        "path",
        tip=f"{said}: {_state(step)}",
        class_=ground,
        fill=TRACK if step.is_excluded else PHASE_SOFT[tone],
        d=sector(CENTRE, CENTRE, INNER, OUTER, start, end),
    )
    if percent > 0 and not step.is_excluded:
        filled = INNER + (OUTER - INNER) * percent / 100
        svg.add("path", class_=f"w-done p{tone}", fill=PHASE[tone], d=sector(CENTRE, CENTRE, INNER, filled, start, end))
    if percent >= 100 and not step.is_excluded and arc > 9:
        x, y = CENTRE + 155 * math.sin(middle), CENTRE - 155 * math.cos(middle)
        k = min(1.0, arc / 26)
        svg.add(
            "path",
            class_="w-check",
            fill="none",
            stroke="#ffffff",
            stroke_width=2.4 * k,
            stroke_linecap="round",
            stroke_linejoin="round",
            d=f"M{number(x - 6 * k)},{number(y + 0.5 * k)}l{number(4 * k)},{number(4.2 * k)}l{number(8 * k)},{number(-8.4 * k)}",
        )
    if step.is_late and not is_small:
        x, y = CENTRE + (OUTER - 9) * math.sin(middle), CENTRE - (OUTER - 9) * math.cos(middle)
        svg.add(
            "circle", class_="w-late", fill=TODAY, stroke="#ffffff", stroke_width=1.5, cx=x, cy=y, r=min(5, arc / 4)
        )
    if step.is_current:
        svg.add("path", class_="w-now", fill=INK, d=sector(CENTRE, CENTRE, OUTER + 2.5, OUTER + 6, start, end))
    size = min(13.0, arc * 0.62)
    if not is_small and size >= 7:
        svg.text(
            CENTRE + 203 * math.sin(middle),
            CENTRE - 203 * math.cos(middle) + size * 0.36,
            step.code,
            size=size,
            anchor="middle",
            fill=INK if step.is_current else INK_2,
            font_weight=800 if step.is_current else 600,
            class_="w-code now" if step.is_current else "w-code",
        )
    svg.close("a" if step.href is not None and not is_small else "g")


def wheel(
    phases: Sequence[Phase],
    percent: float,
    planned: float | None = None,
    *,
    id: str = "wheel",
    is_small: bool = False,
) -> SafeString:
    """The wheel of a project: `percent` done and `planned` at this date stand in the middle (both 0 to 100).

    Each step takes the same angle, whatever its number; a phase without steps is left out. The small one has neither
    links nor labels and says everything in its title, for lists of projects.
    """
    shown = [phase for phase in phases if phase.steps]
    count = sum(len(phase.steps) for phase in shown)
    title = _("Progress: %(percent)d percent done") % {"percent": round(percent_of(percent))}
    if planned is not None:
        title += ", " + _("%(percent)d percent planned") % {"percent": round(percent_of(planned))}
    linked = not is_small and any(step.href is not None for phase in shown for step in phase.steps)
    svg = Drawing(
        2 * CENTRE,
        2 * CENTRE,
        id=id,
        title=title,
        desc="; ".join(
            f"{phase.title}: {sum(percent_of(step.percent) >= 100 for step in phase.steps)}/{len(phase.steps)}"
            for phase in shown
        ),
        css="wheel wheel-small" if is_small else "wheel",
        role="group" if linked else "img",
    )
    if not count:
        svg.add(
            "circle",
            class_="w-none",
            fill="none",
            stroke=TRACK,
            stroke_width=OUTER - INNER,
            cx=CENTRE,
            cy=CENTRE,
            r=155,
        )
    gap = PHASE_GAP if len(shown) > 1 else STEP_GAP
    gap = min(gap, math.pi / max(len(shown), 1) / 2)
    each = (2 * math.pi - gap * len(shown)) / max(count, 1)
    slit = min(STEP_GAP, each / 6)
    angle = gap / 2
    for phase in shown:
        tone = tone_of(phase.tone)
        first = angle
        for step in phase.steps:
            _piece(svg, step, tone, angle + slit / 2, angle + each - slit / 2, is_small)
            angle += each
        svg.add(
            "path",
            class_=f"w-arc p{tone}",
            fill=PHASE[tone],
            d=sector(CENTRE, CENTRE, 115, 119, first + slit / 2, angle - slit / 2),
        )
        if not is_small and (angle - first) * 107 > 30:
            _phase_name(svg, phase.title, tone, (first + angle) / 2)
        angle += gap
    size = 84 if is_small else 46
    svg.text(
        CENTRE,
        CENTRE + size * (0.35 if is_small else 0.2),
        f"{round(percent_of(percent))}%",
        size=size,
        anchor="middle",
        font_weight=750,
        class_="w-big",
    )
    if planned is not None and not is_small:
        words = pgettext("progress", "planned %(percent)s %%") % {"percent": round(percent_of(planned))}
        svg.text(CENTRE, CENTRE + 31, words, size=12.5, anchor="middle", fill=INK_2, class_="w-sub", font_weight=500)
    return svg.done()


def _phase_name(svg: Drawing, title: str, tone: int, middle: float) -> None:
    """The name of the phase inside the ring, ending or beginning at the arc so that it does not run into it."""
    side = math.sin(middle)
    anchor = "end" if side > 0.6 else "start" if side < -0.6 else "middle"
    radius = 99 if anchor == "middle" else 107
    svg.text(
        CENTRE + radius * side,
        CENTRE - radius * math.cos(middle) + 4,
        title.upper() if len(title) <= 10 else title[:9].upper() + "…",
        size=11.5,
        anchor=anchor,
        fill=PHASE_TEXT[tone],
        font_weight=700,
        class_=f"w-phase p{tone}",
        letter_spacing="0.07em",
    )


SMALL, SMALL_RADIUS, SMALL_WIDTH, SMALL_GAP = 40, 15.0, 7, math.radians(9)


def _arc(start: float, end: float) -> str:
    """A piece of the small wheel's ring, clockwise from 12 o'clock."""

    def at(angle: float) -> str:
        x, y = SMALL / 2 + SMALL_RADIUS * math.sin(angle), SMALL / 2 - SMALL_RADIUS * math.cos(angle)
        return f"{x:.1f} {y:.1f}"

    return f"M{at(start)}A15 15 0 {int(end - start > math.pi)} 1 {at(end)}"


@lru_cache(maxsize=4096)
def small_wheel(percents: tuple[int, ...], words: str) -> SafeString:
    """The wheel in a row of a list: for each phase a piece of the ring, filled clockwise; `words` say the same.

    One path for what is to do and one for each phase begun, kept from one page to the next: a page of two hundred rows
    draws it in no time. Percent 0 to 100.
    """
    each = 2 * math.pi / max(len(percents), 1)
    gap = SMALL_GAP if len(percents) > 1 else 0.05  # an arc needs two ends
    spans = [(k * each + gap / 2, (k + 1) * each - gap / 2) for k in range(max(len(percents), 1))]
    drawn = [f'<path class="wheel-todo" stroke="{TRACK}" d="{"".join(_arc(*span) for span in spans)}"/>']
    for place, (percent, (start, end)) in enumerate(zip(percents, spans, strict=False), start=1):
        if percent > 0:
            tone = tone_of(place)
            upto = start + (end - start) * percent_of(percent) / 100
            drawn.append(f'<path class="p{tone}" stroke="{PHASE[tone]}" d="{_arc(start, upto)}"/>')
    return mark_safe(  # noqa: S308
        f'<svg class="wheel-row" viewBox="0 0 {SMALL} {SMALL}" role="img" aria-label="{escape(words)}" fill="none" '
        f'stroke-width="{SMALL_WIDTH}"><title>{escape(words)}</title>{"".join(drawn)}</svg>'
    )
