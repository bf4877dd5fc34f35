"""What moved the forecast since an earlier day, told by activity: no queries.

From the plan as it was known then, each activity that is known otherwise today is brought up to date, one after the other,
with the same luck: by what the expected end moves is what this activity did. Once in the order of the work, once against it,
and the middle of both: so of two that are late side by side neither gets all the blame, and all of them add up. What is left
over comes from the plan itself: links, calendar, what is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from .game import Network, Node

RUNS = 500
NOTICEABLE = 0.25
"""Less than a quarter of a working day is told with the rest."""
MOST = 40
"""So many activities are looked at one by one, those nearest to the critical path."""
SHOWN = 12


class Known(NamedTuple):
    """What was known of an activity on a day. `finished` and `started` are working days, None while it is not so."""

    number: str
    low: float
    likely: float
    high: float
    earliest: float
    started: float | None
    finished: float | None


@dataclass(frozen=True)
class Slip:
    """An activity and by how many working days it moved the end; later is positive. `key` is its number in the network."""

    key: int
    days: float
    then: Known | None
    now: Node

    @property
    def kind(self) -> str:
        """finished, added, longer, shorter, or waiting: nothing was done where something could have been."""
        if self.now.is_done:
            return "finished"
        if self.then is None:
            return "added"
        if abs(self.now.likely - self.then.likely) > 0.05:
            return "longer" if self.now.likely > self.then.likely else "shorter"
        return "waiting"


@dataclass(frozen=True)
class Slippage:
    """By how many working days the mean of the end moved, and what of it each activity did."""

    total: float
    slips: tuple[Slip, ...]

    @property
    def rest(self) -> float:
        return self.total - sum(slip.days for slip in self.slips)


def rounded(known: Known) -> Known:
    """As a snapshot keeps it."""
    return Known(known.number, *(part if part is None else round(part, 2) for part in known[1:]))


def known_of(node: Node, number: str) -> Known:
    return Known(number, node.low, node.likely, node.high, node.earliest, node.started, node.finished)


def tell(
    network: Network,
    then: Mapping[int, Known],
    mean_then: float,
    *,
    seed: int,
    activities: Iterable[int],
    floats: Sequence[float],
    begins_now: Iterable[int],
) -> Slippage:
    """Compares `network` with what was known `then` (by key, of the nodes in `activities`) and the mean end of that day.

    `floats` of the nodes by their place, and the places of those that nothing but today keeps from beginning: for all
    others another "today" changes nothing.
    """
    from .montecarlo import simulate  # numpy is loaded where it is needed, not with every page

    wanted, waits_for_today = set(activities), set(begins_now)
    nodes = network.nodes
    changed = [
        at
        for at, node in enumerate(nodes)
        if node.key in wanted and _differs(node, then.get(node.key), with_day=at in waits_for_today)
    ]
    changed = sorted(changed, key=lambda at: (not nodes[at].is_done, floats[at], at))[:MOST]
    position = {event: place for place, event in enumerate(network.order)}
    changed.sort(key=lambda at: position[2 * at])

    def mean_of(some: Sequence[Node]) -> float:
        return simulate(replace(network, nodes=tuple(some)), seed=seed, runs=RUNS, most_drivers=0).mean

    moved = dict.fromkeys(changed, 0.0)
    mean_now = mean_of(nodes)
    before = [*nodes]
    for at in changed:
        before[at] = _back(nodes[at], then.get(nodes[at].key))
    mean_before = mean_of(before) if changed else mean_now
    for order in (changed, changed[::-1]):
        state, mean = [*before], mean_before
        for at in order:
            state[at] = nodes[at]
            after = mean_of(state)
            moved[at] += (after - mean) / 2
            mean = after
    slips = [
        Slip(nodes[at].key, days, then.get(nodes[at].key), nodes[at])
        for at, days in sorted(moved.items(), key=lambda one: -abs(one[1]))
        if abs(days) >= NOTICEABLE
    ]
    return Slippage(mean_now - mean_then, tuple(slips[:SHOWN]))


def _differs(node: Node, then: Known | None, *, with_day: bool) -> bool:
    """Whether an activity is known otherwise; an earlier "today" alone counts only `with_day`."""
    if then is None:
        return True
    one, other = (known._replace(number="", earliest=0.0) for known in (then, rounded(known_of(node, ""))))
    return one != other or (with_day and not node.is_done and round(node.earliest, 2) != then.earliest)


def _back(node: Node, then: Known | None) -> Node:
    """The node as it was known then; one that was not there takes no time."""
    if then is None:
        return Node(node.key, earliest=node.earliest, off=node.off)
    return Node(node.key, then.low, then.likely, then.high, then.earliest, then.started, then.finished, node.off)
