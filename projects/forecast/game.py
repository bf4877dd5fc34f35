"""What is played and what comes of it: a network of two events a node, and the outcome of the runs. Without numpy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Node:
    """A piece of work: three estimates of what is left of it, in working days, and what is known of it.

    It is worked from `earliest` on, even if it has `started` before, and not on the days `off` (indexes in order). A node
    that has `finished` is a fact, and nothing of it is drawn. What takes no time (a step, which only stretches round its
    parts) has no estimates.
    """

    key: int
    low: float = 0.0
    likely: float = 0.0
    high: float = 0.0
    earliest: float = 0.0
    started: float | None = None
    finished: float | None = None
    off: tuple[int, ...] = ()

    @property
    def is_done(self) -> bool:
        return self.finished is not None


@dataclass(frozen=True)
class Network:
    """`order` lists the events so that each comes after all it waits for; `incoming[event]` is what it waits for, as
    (event, lag), without a node's own way from start to finish."""

    nodes: tuple[Node, ...]
    order: tuple[int, ...]
    incoming: tuple[tuple[tuple[int, float], ...], ...]


@dataclass(frozen=True)
class Driver:
    """How much a node drives the end.

    `criticality`: the share of runs in which it lay on the critical path. `spread_days`: the standard deviation of its
    own duration. `sensitivity`: criticality times its spread, as a share of the spread of the end. `correlation`: of
    the ranks of its duration and of the end.
    """

    at: int
    criticality: float
    spread_days: float
    sensitivity: float
    correlation: float


@dataclass(frozen=True)
class Outcome:
    """What the runs gave. `counts[k]` runs needed `first + k` whole working days."""

    runs: int
    first: int
    counts: tuple[int, ...]
    mean: float
    spread: float
    drivers: tuple[Driver, ...]
    criticality: tuple[float, ...]

    def percentile(self, share: float) -> int:
        """The least number of working days that sufficed in this share (0 to 1) of the runs."""
        needed, reached = share * self.runs, 0
        for k, count in enumerate(self.counts):
            reached += count
            if reached >= needed:
                return self.first + k
        return self.first + len(self.counts) - 1

    def chance(self, days: int) -> float:
        """The share of runs (0 to 1) that needed at most `days` working days."""
        return sum(self.counts[: max(days - self.first + 1, 0)]) / self.runs
