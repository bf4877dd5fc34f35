"""Three estimates for a piece of work, from what is known of it: no queries.

Without experience the plan's own duration is the likeliest one, and work is lost more easily than gained: a quarter less
at best, twice as much at worst. With at least three finished projects of the same firm, what that activity of the method
really took there against its plan takes the place of this rule of thumb; with fewer, what the kit knows from which the
project was started (`shares_of`: it was written down when the kit was saved).
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

AT_BEST, AT_WORST = 0.75, 2.0
LEAST_PROJECTS = 3
"""Fewer finished projects say nothing, and would let one of them be recognized."""
NARROWEST = 0.1
"""However alike the finished projects were, the next one may differ by this share either way."""
SHORTEST, LONGEST = 0.2, 5.0
"""Ratios beyond these are taken for entries that were made up later, and cut."""
LEAST_LEFT = 0.5
"""What is begun and not declared done takes at least half a working day."""


class Estimate(NamedTuple):
    """Working days; `projects` is how many finished projects it was learned from, 0 for the rule of thumb or a kit."""

    low: float
    likely: float
    high: float
    projects: int = 0
    is_of_kit: bool = False

    def left(self, share_done: float) -> Estimate:
        """What is left of it when a share (0 to 1) is done; below 0 more is left than was planned."""
        rest = max(1 - share_done, 0.0)
        low, likely, high = (max(part * rest, LEAST_LEFT) for part in self[:3])
        return Estimate(low, likely, high, self.projects, self.is_of_kit)


def of_plan(days: float, ratios: Sequence[float] = (), kit: Sequence[int] = ()) -> Estimate:
    """The estimates for a planned duration; `ratios` are actual to planned durations, one for each finished project.

    `kit` are the three shares in percent that a kit knows (`shares_of`).
    """
    if len(ratios) < LEAST_PROJECTS:
        if kit:
            return Estimate(*(days * share / 100 for share in kit), is_of_kit=True)
        return Estimate(days * AT_BEST, float(days), days * AT_WORST)
    low, middle, high = _known(ratios)
    return Estimate(days * low, days * middle, days * high, len(ratios))


def _known(ratios: Sequence[float]) -> tuple[float, float, float]:
    """The least, the middle and the greatest ratio, cut, and at least NARROWEST apart."""
    known = sorted(min(max(ratio, SHORTEST), LONGEST) for ratio in ratios)
    middle = median(known)
    return min(known[0], middle * (1 - NARROWEST)), middle, max(known[-1], middle * (1 + NARROWEST))


def shares_of(ratios: Sequence[float]) -> list[int]:
    """At best, likely, at worst: in percent of what was planned, as a kit keeps them; empty without any experience.

    From three projects on what they took, from fewer the rule of thumb round what it took there.
    """
    if not ratios:
        return []
    low, middle, high = _known(ratios)
    if len(ratios) < LEAST_PROJECTS:
        low, high = middle * AT_BEST, middle * AT_WORST
    return [round(100 * one) for one in (low, middle, high)]
