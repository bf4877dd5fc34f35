"""A tree of answers, written like an outline: each answer stands below and to the right of what it answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from core.svg.base import INK_2, KIND, LINE, TRACK, Drawing, wide

SIZES = {"wide": 720, "narrow": 340}
STEP = {"wide": 34, "narrow": 16}
PAD, ROW, GAP = 10.0, 16.0, 10.0


@dataclass(frozen=True)
class Node:
    """An answer: its text, a note in small letters, and whether it is one of those that were looked for (`is_marked`)."""

    text: str
    note: str = ""
    is_marked: bool = False
    below: tuple[Node, ...] = ()


@dataclass(frozen=True)
class _Box:
    node: Node
    depth: int
    lines: list[str]
    top: float
    height: float
    parent: int | None


def wrapped(text: str, width: float, size: float, most: int = 4) -> list[str]:
    """The text in lines of about that width; what does not fit ends with an ellipsis."""
    lines: list[str] = []
    for word in text.split():
        while wide(word, size) > width and len(word) > 8:  # a word longer than the line is broken
            fits = max(int(width / (size * 0.56)) - 1, 4)
            lines.append(word[:fits])
            word = word[fits:]
        if lines and wide(f"{lines[-1]} {word}", size) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1].rstrip('.,; ')}…"]
    return lines or [""]


def tree(
    root: Node, *, id: str = "tree", title: str, marked: str = "", size: str = "wide", desc: str = ""
) -> SafeString:
    """The outline from `root` down. `marked` is the word for marked answers, so that they are not told by colour alone."""
    width, step = SIZES[size], STEP[size]
    boxes: list[_Box] = []

    def place(node: Node, depth: int, top: float, parent: int | None) -> float:
        room = width - depth * step - 2 * PAD - 8
        lines = wrapped(node.text, room, 13)
        extra = ROW if node.note or node.is_marked else 0
        height = PAD + ROW * len(lines) + extra + PAD - 3
        me = len(boxes)
        boxes.append(_Box(node, depth, lines, top, height, parent))
        top += height + GAP
        for one in node.below:
            top = place(one, depth + 1, top, me)
        return top

    bottom = place(root, 0, 2, None)
    svg = Drawing(width, bottom - GAP + 4, id=id, title=title, desc=desc or _said(root, marked), css="chart tree")
    for box in boxes:
        if box.parent is None:
            continue
        above = boxes[box.parent]
        x, y = above.depth * step + step * 0.45, box.top + box.height / 2
        svg.add(
            "path", d=f"M{x:.1f},{above.top + above.height:.1f}V{y:.1f}H{box.depth * step:.1f}", fill="none",
            stroke=INK_2, stroke_width=1.4, class_="tr-branch",
        )  # fmt: skip
    for box in boxes:
        _draw(svg, box, step, width, marked)
    return svg.done()


def _draw(svg: Drawing, box: _Box, step: float, width: float, marked: str) -> None:
    x, node = box.depth * step, box.node
    svg.add(
        "rect", x=x + 0.5, y=box.top, width=width - x - 1, height=box.height, rx=7, fill=TRACK, stroke=LINE,
        class_="tr-box",
    )  # fmt: skip
    if node.is_marked:
        svg.add(
            "rect", x=x + 0.5, y=box.top, width=5, height=box.height, rx=2.5, fill=KIND["late"], class_="ch-fill late"
        )
    y = box.top + PAD + 10
    for line in box.lines:
        weight = 600 if node.is_marked or box.depth == 0 else None
        svg.text(x + PAD + 4, y, line, size=13, font_weight=weight)
        y += ROW
    note = " · ".join(part for part in (marked if node.is_marked else "", node.note) if part)
    if note:
        svg.text(x + PAD + 4, y - 1, note, size=11, fill=INK_2, class_="ch-axis")


def _said(root: Node, marked: str) -> str:
    """The tree in words, for who does not see it."""
    words: list[str] = []

    def say(node: Node) -> None:
        words.append(f"{node.text} ({marked})" if node.is_marked and marked else node.text)
        for one in node.below:
            say(one)

    say(root)
    return " ← ".join(words)


def grown(pairs: Sequence[tuple[int, int | None, Node]]) -> tuple[Node, ...]:
    """Nodes from (id, id of the one above or None, node), in the order given; orphans stand at the top."""
    known = {pk for pk, _above, _node in pairs}

    def under(above: int | None) -> tuple[Node, ...]:
        return tuple(
            Node(node.text, node.note, node.is_marked, under(pk))
            for pk, parent, node in pairs
            if (parent if parent in known else None) == above
        )

    return under(None)
