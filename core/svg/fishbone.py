"""A fishbone (Ishikawa): an effect at the head, a bone for each category, causes along the bones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.svg.base import BRAND, INK_2, KIND, TRACK, Drawing, wide
from core.svg.tree import wrapped

WIDTH, HEAD = 920.0, 170.0
SLOPE = 46.0  # how far a bone leans towards the tail
ROW = 15.0
MOST = 6
CAUSE_LINES = 2


@dataclass(frozen=True)
class Rib:
    """A cause on a bone; `depth` 1 answers a cause before it, `is_marked` is one of those that were looked for."""

    text: str
    depth: int = 0
    is_marked: bool = False


@dataclass(frozen=True)
class Bone:
    label: str
    ribs: tuple[Rib, ...] = ()


def fishbone(
    effect: str, bones: Sequence[Bone], *, id: str = "fishbone", title: str, marked: str = "", more: str = "+%(n)s"
) -> SafeString:
    """The diagram; bones in the order given, above and below the spine in turn. A bone shows at most six causes, then `more`."""
    columns = max((len(bones) + 1) // 2, 1)
    each = (WIDTH - HEAD - 12) / columns
    room = each - SLOPE - 22
    laid = [_laid(bone, room, marked, more) for bone in bones]
    up = max([_height(one) for one in laid[0::2]] or [0.0]) + 46
    down = max([_height(one) for one in laid[1::2]] or [0.0]) + 46
    up, down = max(up, 74.0), max(down, 74.0)
    spine = up + 4
    said = "; ".join(
        f"{bone.label}: {', '.join(f'{rib.text} ({marked})' if rib.is_marked and marked else rib.text for rib in bone.ribs)}"
        for bone in bones if bone.ribs
    )  # fmt: skip
    svg = Drawing(
        WIDTH, up + down + 8, id=id, title=title, desc=f"{effect} ← {said}" if said else effect, css="chart fishbone"
    )
    tail, head = 6.0, WIDTH - HEAD
    svg.add("path", d=f"M{tail},{spine}H{head}", fill="none", stroke=INK_2, stroke_width=3, class_="tr-branch")
    lines = wrapped(effect, HEAD - 26, 13, 5)
    tall = ROW * len(lines) + 22
    svg.add(
        "rect", x=head, y=spine - tall / 2, width=HEAD - 1, height=tall, rx=8, fill=TRACK, stroke=BRAND, stroke_width=1.6,
        class_="fb-head",
    )  # fmt: skip
    for at, line in enumerate(lines):
        svg.text(head + 13, spine - tall / 2 + 21 + ROW * at, line, size=13, font_weight=600)
    for at, (bone, lines_of) in enumerate(zip(bones, laid, strict=True)):
        column, is_up = at // 2, at % 2 == 0
        foot = tail + each * (column + 1) - 6
        _bone(svg, bone, lines_of, foot, spine, up if is_up else down, is_up)
    return svg.done()


def _laid(bone: Bone, room: float, marked: str, more: str) -> list[tuple[list[str], Rib]]:
    shown = [
        (wrapped(rib.text, room - 12 * rib.depth - (10 if rib.is_marked else 0), 11.5, CAUSE_LINES), rib)
        for rib in bone.ribs[:MOST]
    ]
    if len(bone.ribs) > MOST:
        shown.append(([more % {"n": len(bone.ribs) - MOST}], Rib("")))
    return shown


def _height(laid: list[tuple[list[str], Rib]]) -> float:
    return sum(ROW * len(lines) + 7 for lines, _rib in laid)


def _bone(
    svg: Drawing, bone: Bone, laid: list[tuple[list[str], Rib]], foot: float, spine: float, reach: float, is_up: bool
) -> None:  # fmt: skip
    way = -1 if is_up else 1
    end_x, end_y = foot - SLOPE, spine + way * (reach - 24)
    svg.add(
        "path", d=f"M{end_x:.1f},{end_y:.1f}L{foot:.1f},{spine:.1f}", fill="none", stroke=INK_2, stroke_width=1.8,
        class_="tr-branch",
    )  # fmt: skip
    half = wide(bone.label, 12) / 2
    svg.text(max(end_x, half + 2), end_y + (-7 if is_up else 16), bone.label, size=12, anchor="middle", font_weight=600)
    y = end_y + 18 if is_up else spine + 24
    for lines, rib in laid:
        middle = y + ROW * (len(lines) - 1) / 2 - 4
        share = (middle - spine) / (end_y - spine) if end_y != spine else 0
        x = foot + (end_x - foot) * share
        svg.add(
            "path",
            d=f"M{x - 12:.1f},{middle:.1f}H{x:.1f}",
            stroke=INK_2,
            stroke_width=1,
            fill="none",
            class_="tr-branch",
        )
        right = x - 16 - 12 * rib.depth
        for at, line in enumerate(lines):
            weight = 600 if rib.is_marked else None
            svg.text(right, y + ROW * at, line, size=11.5, anchor="end", font_weight=weight)
        if rib.is_marked:
            left = right - max(wide(line, 11.5) for line in lines) - 8
            svg.add("circle", cx=left, cy=middle, r=4, fill=KIND["late"], class_="ch-fill late")
        y += ROW * len(lines) + 7
