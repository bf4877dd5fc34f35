"""The network of a plan, played thousands of times with uncertain durations: pure numpy, no queries.

The rules, as docs/forecast.md states them:

- Time is counted in working days from the morning of day 0; a start of 3.0 is the morning of day 3, and what ends at 3.0
  was finished on the evening of day 2. The end is therefore the first day on which nothing is left to do.
- Each duration is drawn from low, likely and high: beta-PERT (the mode weighs four times an end), or triangular.
- All durations of one run share one factor (log-normal, mean 1): what slows an organization slows all its work. Without
  it a hundred activities would even each other out, and the forecast would be far too sure of itself.
- A node is two events, its start (event `2 * i`) and its finish (`2 * i + 1`), as in projects.schedule.network. A link
  runs from an event to an event with a lag in working days, and so finish-to-start, start-to-start, finish-to-finish and
  "lies within" are all the same to it. A finish that has to wait stretches its node. What is done is a fact.
- On a node's days off nothing of it is worked; what begins on one goes on behind it.
- Every node draws from a generator of its own, named by the seed and the node's key. The same plan gives the same
  figures, and a change of one activity moves no other one's luck: what differs between two plans is the plan.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from .game import Driver, Network, Node, Outcome

RUNS = 5_000
BATCH = 1_000
"""So many runs are played at once: their rows stay in the processor's cache, and memory does not grow with the runs."""
COMMON_SPREAD = 0.10
"""The standard deviation of the factor that all durations of one run share."""
MODE_WEIGHT = 4
NOTICEABLE = 1e-2
"""Float below this many working days is none."""


def simulate(
    network: Network,
    *,
    seed: int,
    runs: int = RUNS,
    common_spread: float = COMMON_SPREAD,
    distribution: str = "pert",
    most_drivers: int = 10,
) -> Outcome:
    """Plays a network `runs` times. The end is the latest finish of all nodes; without nodes it is day 0.

    Raises ValueError for an order in which an event comes before one it waits for, and for estimates not in order.
    """
    nodes = network.nodes
    _check(network)
    if not nodes:
        return Outcome(runs, 0, (runs,), 0.0, 0.0, (), ())
    own = _durations(nodes, seed, runs, distribution)
    common = _common(seed, runs, common_spread)
    ends = np.empty(runs, dtype=np.float32)
    critical = np.zeros(len(nodes), dtype=np.int64)
    for begin in range(0, runs, BATCH):
        batch = slice(begin, min(begin + BATCH, runs))
        drawn = own[:, batch] * common[batch]
        events = _forward(network, drawn)
        ends[batch] = events[1::2].max(axis=0)
        critical += _critical(network, events, drawn, ends[batch])
    whole = np.ceil(ends - NOTICEABLE).astype(np.int64)
    first = int(whole.min())
    spread = float(ends.std(dtype=np.float64))
    shares = critical / runs
    return Outcome(
        runs=runs,
        first=first,
        counts=tuple(int(n) for n in np.bincount(whole - first)),
        mean=float(ends.mean(dtype=np.float64)),
        spread=spread,
        drivers=_drivers(own, ends, shares, spread, most_drivers),
        criticality=tuple(float(share) for share in shares),
    )


def _check(network: Network) -> None:
    for node in network.nodes:
        if not node.is_done and not 0 <= node.low <= node.likely <= node.high:
            raise ValueError(f"Estimates of node {node.key} are not in order: {node.low}, {node.likely}, {node.high}.")
    known: set[int] = set()
    for event in network.order:
        waits = [source for source, _lag in network.incoming[event]]
        if not known.issuperset([*waits, event - 1] if event % 2 else waits):
            raise ValueError(f"Event {event} waits for one that does not stand before it.")
        known.add(event)
    if len(known) != 2 * len(network.nodes):
        raise ValueError("Each node has two events, and each stands in the order once.")


# ---- what is drawn ----------------------------------------------------------------------------------------------------


def _generator(seed: int, key: int) -> np.random.Generator:
    word = 0xFFFF_FFFF_FFFF_FFFF
    return np.random.Generator(np.random.Philox(key=np.array([seed & word, key & word], dtype=np.uint64)))


def _durations(nodes: Sequence[Node], seed: int, runs: int, distribution: str) -> np.ndarray:
    """One row of durations for each node, before the common factor."""
    own = np.zeros((len(nodes), runs), dtype=np.float32)
    for at, node in enumerate(nodes):
        width = node.high - node.low
        if node.is_done:
            continue
        if width <= 0:
            own[at] = node.likely
            continue
        quantiles = shape(round((node.likely - node.low) / width, 3), distribution, runs)
        own[at] = node.low + width * _generator(seed, node.key).permutation(quantiles)
    return own


def _common(seed: int, runs: int, spread: float) -> np.ndarray:
    """The factor of each run: log-normal with mean 1 and this standard deviation."""
    if spread <= 0:
        return np.ones(runs, dtype=np.float32)
    sigma = np.sqrt(np.log1p(spread**2))
    drawn = _generator(seed, -1).standard_normal(runs)
    return np.exp(sigma * (drawn - drawn.mean()) - sigma**2 / 2).astype(np.float32)


@lru_cache(maxsize=128)
def shape(mode: float, distribution: str, runs: int) -> np.ndarray:
    """The quantiles of a duration between 0 and 1 whose likeliest value is `mode`, at the middle of `runs` equal parts.

    Dealt out in random order they are a Latin hypercube: each duration has exactly its distribution, however few the
    runs. And with the same luck a longer estimate never gives a shorter duration.
    """
    luck = (np.arange(runs) + 0.5) / runs
    if distribution == "triangular":
        return np.where(luck <= mode, np.sqrt(luck * mode), 1 - np.sqrt((1 - luck) * (1 - mode)))
    if distribution != "pert":
        raise ValueError(f"No such distribution: {distribution}.")
    # Beta(1 + 4m, 1 + 4(1 - m)): its distribution function by summing the density on a fine grid.
    at = np.linspace(0.0, 1.0, 8_193)
    density = at ** (MODE_WEIGHT * mode) * (1 - at) ** (MODE_WEIGHT * (1 - mode))
    reached = np.concatenate(([0.0], np.cumsum((density[1:] + density[:-1]) / 2)))
    return np.interp(luck, reached / reached[-1], at)


# ---- what follows from it ---------------------------------------------------------------------------------------------


def _forward(network: Network, drawn: np.ndarray) -> np.ndarray:
    """When each event happens in every run of a batch."""
    events = np.empty((2 * len(network.nodes), drawn.shape[1]), dtype=np.float32)
    for event in network.order:
        at, is_finish = divmod(event, 2)
        node, row = network.nodes[at], events[event]
        if node.finished is not None:
            row[:] = node.finished if is_finish or node.started is None else node.started
            continue
        if is_finish:
            np.maximum(events[event - 1], np.float32(node.earliest), out=row)
            _work(row, drawn[at], node)
        elif node.started is not None:
            row[:] = node.started
            continue
        else:
            row[:] = node.earliest
        for source, lag in network.incoming[event]:
            np.maximum(row, events[source] + np.float32(lag) if lag else events[source], out=row)
    return events


def _worked(at: np.ndarray, off: np.ndarray) -> np.ndarray:
    """How many days are worked until each moment, days off left out; on a day off it stands still."""
    count = np.searchsorted(off, at, side="right")
    last = off[np.maximum(count - 1, 0)]
    return at - np.where(count > 0, count - 1 + np.minimum(at - last, 1), 0)


def _work(row: np.ndarray, drawn: np.ndarray, node: Node) -> None:
    """From when work begins to when so many days of it are done, in place."""
    if not node.off:
        row += drawn
        return
    off = np.asarray(node.off, dtype=np.float32)
    done = _worked(row, off) + drawn
    row[:] = done + np.searchsorted(off - np.arange(len(off)), done, side="left")


def _begin_by(end: np.ndarray, drawn: np.ndarray, node: Node) -> np.ndarray:
    """The latest moment to begin work that must be done by `end`."""
    if not node.off:
        return end - drawn
    off = np.asarray(node.off, dtype=np.float32)
    done = _worked(end, off) - drawn
    return done + np.searchsorted(off - np.arange(len(off)), done, side="right")


def _slack(early: np.ndarray, late: np.ndarray, node: Node) -> np.ndarray:
    """The days a finish can slip, of those on which the node is worked."""
    if not node.off:
        return late - early
    off = np.asarray(node.off, dtype=np.float32)
    return _worked(late, off) - _worked(early, off)


def _critical(network: Network, events: np.ndarray, drawn: np.ndarray, ends: np.ndarray) -> np.ndarray:
    """In how many runs of a batch each open node had no float: the backward pass of the critical path method."""
    late = np.repeat(ends[np.newaxis, :], len(events), axis=0)
    critical = np.zeros(len(network.nodes), dtype=np.int64)
    for event in reversed(network.order):
        at, is_finish = divmod(event, 2)
        node = network.nodes[at]
        if node.finished is not None or (node.started is not None and not is_finish):
            continue
        if is_finish:
            critical[at] = np.count_nonzero(_slack(events[event], late[event], node) < NOTICEABLE)
            np.minimum(late[event - 1], _begin_by(late[event], drawn[at], node), out=late[event - 1])
        for source, lag in network.incoming[event]:
            np.minimum(late[source], late[event] - np.float32(lag) if lag else late[event], out=late[source])
    return critical


def _drivers(own: np.ndarray, ends: np.ndarray, shares: np.ndarray, spread: float, most: int) -> tuple[Driver, ...]:
    """The nodes with the greatest sensitivity; those without any are left out."""
    spreads = own.std(axis=1)
    weights = shares * spreads
    order = [int(at) for at in np.argsort(-weights, kind="stable")[:most] if weights[at] > NOTICEABLE]
    if not order or spread < NOTICEABLE:
        return ()
    ranked = _ranks(ends)
    return tuple(
        Driver(
            at,
            float(shares[at]),
            float(spreads[at]),
            float(weights[at] / spread),
            float(np.corrcoef(_ranks(own[at]), ranked)[0, 1]),
        )
        for at in order
    )


def _ranks(values: np.ndarray) -> np.ndarray:
    ranks = np.empty(len(values))
    ranks[np.argsort(values, kind="stable")] = np.arange(len(values))
    return ranks
