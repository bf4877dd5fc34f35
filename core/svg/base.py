"""The drawing board: elements with escaped texts and checked attributes, and the colours of paper."""

from __future__ import annotations

import math
from html import escape
from typing import Any

from django.utils.safestring import SafeString, mark_safe

INK, INK_2, LINE, TRACK = "#101828", "#475467", "#e3e7ee", "#edf0f4"
BRAND, TODAY = "#2457e0", "#ab1f2b"
PHASE = {1: "#2457e0", 2: "#0b7f75", 3: "#b3560c", 4: "#8027b8"}
PHASE_SOFT = {1: "#dfe8fd", 2: "#d6f0ec", 3: "#fbe7d2", 4: "#f0e1fa"}
PHASE_TEXT = {1: "#1d4ac4", 2: "#075e57", 3: "#8a3f06", 4: "#7320a8"}
KIND = {"done": "#1f8a54", "prog": "#2457e0", "risk": "#d98a1f", "late": "#c9303d", "open": "#cfd6e1"}
FONT = "Inter Variable, Inter, DejaVu Sans, sans-serif"
FORBIDDEN = {"style"}  # blocked by the content policy, like every on…= attribute


def number(value: float) -> str:
    """A coordinate with at most two decimals and no trailing zeros."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if value % 1 else str(int(value))


def tone_of(tone: int) -> int:
    """Tones go round: the fifth phase looks like the first."""
    return (tone - 1) % 4 + 1


def percent_of(value: float | None) -> float:
    """A percentage kept within 0 to 100; nothing and not-a-number are 0."""
    if value is None or math.isnan(value):
        return 0.0
    return max(0.0, min(100.0, float(value)))


def wide(text: str, size: float) -> float:
    """About how wide the text is at that font size."""
    return len(text) * size * 0.56


def cut(text: str, width: float, size: float) -> str:
    """The text, shortened with an ellipsis when it would be wider than `width` at that font size."""
    most = int(width / (size * 0.56))
    return text if len(text) <= most else text[: max(most - 1, 1)].rstrip() + "…"


class Drawing:
    """An SVG under way. Attribute names take `_` for `-` and may end in `_` (`class_`)."""

    def __init__(
        self, width: float, height: float, *, id: str, title: str, desc: str = "", css: str = "chart", role: str = "img"
    ) -> None:
        self.head = {
            "xmlns": "http://www.w3.org/2000/svg",
            "viewBox": f"0 0 {number(width)} {number(height)}",
            "class": css,
            "role": role,
            "aria-labelledby": f"{id}-title {id}-desc" if desc else f"{id}-title",
            "font-family": FONT,
            "id": id,
        }
        self.parts: list[str] = [f'<title id="{escape(id)}-title">{escape(title)}</title>']
        if desc:
            self.parts.append(f'<desc id="{escape(id)}-desc">{escape(desc)}</desc>')

    @staticmethod
    def attributes(given: dict[str, Any]) -> str:
        said = []
        for name, value in given.items():
            if value is None:
                continue
            name = name.rstrip("_").replace("_", "-")
            if name in FORBIDDEN or name.startswith("on"):
                raise ValueError(f"{name}= is not allowed in a picture: the content policy blocks it.")
            text = number(value) if isinstance(value, (int, float)) else str(value)
            said.append(f' {name}="{escape(text)}"')
        return "".join(said)

    def add(self, tag: str, text: str | None = None, *, tip: str = "", **given: Any) -> None:
        """One element, with text inside or with a `tip` shown on hovering."""
        inside = (f"<title>{escape(tip)}</title>" if tip else "") + (escape(text) if text is not None else "")
        attributes = self.attributes(given)
        self.parts.append(f"<{tag}{attributes}>{inside}</{tag}>" if inside else f"<{tag}{attributes}/>")

    def open(self, tag: str, *, tip: str = "", **given: Any) -> None:
        self.parts.append(f"<{tag}{self.attributes(given)}>" + (f"<title>{escape(tip)}</title>" if tip else ""))

    def close(self, tag: str) -> None:
        self.parts.append(f"</{tag}>")

    def text(self, x: float, y: float, words: str, *, size: float = 11, anchor: str = "start", **given: Any) -> None:
        given = {"fill": INK, "class_": "ch-ink", **given}
        at = None if anchor == "start" else anchor  # where texts begin unless told otherwise
        self.add("text", words, x=x, y=y, font_size=size, text_anchor=at, **given)

    def line(self, x1: float, y1: float, x2: float, y2: float, **given: Any) -> None:
        given = {"stroke": LINE, "class_": "ch-grid", "stroke_width": 1, **given}
        self.add("line", x1=x1, y1=y1, x2=x2, y2=y2, **given)

    def done(self) -> SafeString:
        return mark_safe(f"<svg{self.attributes(self.head)}>{''.join(self.parts)}</svg>")  # noqa: S308


def path(points: list[tuple[float, float]], *, closed: bool = False) -> str:
    return "M" + "L".join(f"{number(x)},{number(y)}" for x, y in points) + ("Z" if closed else "")


def sector(cx: float, cy: float, inner: float, outer: float, start: float, end: float) -> str:
    """Path of a piece of a ring between two radii; angles in radians, clockwise from 12 o'clock."""

    def at(radius: float, angle: float) -> str:
        return f"{number(cx + radius * math.sin(angle))},{number(cy - radius * math.cos(angle))}"

    big = int(end - start > math.pi)
    r0, r1 = number(inner), number(outer)
    return (
        f"M{at(inner, start)}L{at(outer, start)}A{r1},{r1} 0 {big} 1 {at(outer, end)}"
        f"L{at(inner, end)}A{r0},{r0} 0 {big} 0 {at(inner, start)}Z"
    )
