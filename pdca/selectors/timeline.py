"""When each step usually begins, in working days from the start: the picture of the method's order in time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pdca.models import Step

LEFT, ROW, TOP, WIDTH = 232, 22, 26, 900  # pixels of the picture: names, height of a row, scale above, whole width


def starts(durations: Mapping[int, int], links: Sequence[tuple[int, int]]) -> dict[int, int]:
    """The earliest first day (0 for the first) of every step, given working days each takes and (step, waits for).

    Steps in a circle would never begin; the loader refuses them, and here they begin on day 0.
    """
    waits: dict[int, list[int]] = {}
    for step, other in links:
        waits.setdefault(step, []).append(other)
    found: dict[int, int] = {}

    def start(step: int, path: frozenset[int]) -> int:
        if step in found or step in path:
            return found.get(step, 0)
        on = path | {step}
        found[step] = max((start(other, on) + durations.get(other, 0) for other in waits.get(step, ())), default=0)
        return found[step]

    for step in durations:
        start(step, frozenset())
    return found


@dataclass(frozen=True)
class Bar:
    """One step in the picture; days counted from 0, the last one exclusive."""

    step: Step
    tone: int
    first: int
    last: int
    x: int
    y: int
    width: int

    @property
    def text_y(self) -> int:
        return self.y + 11

    @property
    def label(self) -> str:
        title = f"{self.step.number} {self.step.title}"
        return title if len(title) <= 34 else title[:33].rstrip() + "…"


@dataclass(frozen=True)
class Timeline:
    bars: list[Bar]
    days: int
    marks: list[tuple[int, int]]  # day, x

    @property
    def height(self) -> int:
        return TOP + ROW * len(self.bars) + 4

    @property
    def width(self) -> int:
        return WIDTH


def timeline_of(steps: Sequence[Step], links: Sequence[tuple[int, int]]) -> Timeline:
    """The picture of `steps` (with their phases loaded), in the order in which they begin."""
    first = starts({step.pk: step.duration_days for step in steps}, links)
    days = max((first[step.pk] + step.duration_days for step in steps), default=0)
    scale = (WIDTH - LEFT - 12) / days if days else 0
    ordered = sorted(steps, key=lambda step: (step.sequence, first[step.pk]))
    bars = [
        Bar(
            step=step,
            tone=step.phase.number,
            first=first[step.pk],
            last=first[step.pk] + step.duration_days,
            x=round(LEFT + first[step.pk] * scale),
            y=TOP + ROW * at + 4,
            width=max(round(step.duration_days * scale), 3),
        )
        for at, step in enumerate(ordered)
    ]
    every = next((n for n in (5, 10, 20, 40, 60, 100, 200, 500) if days / n <= 9), 1000)
    return Timeline(bars, days, [(day, round(LEFT + day * scale)) for day in range(0, days + 1, every)])
