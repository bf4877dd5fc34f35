"""Playing a network: 5,000 runs of 700 activities in less than two seconds of processor time.

The figure is the share of two seconds that one forecast takes, drivers and distribution included. It asks no database.
"""

from __future__ import annotations

import time

from bench import Report
from projects.forecast import montecarlo
from projects.forecast.game import Network, Node

BUDGET = 2.0
RUNS = 5_000
SIZES = (100, 700)


def run(report: Report) -> None:
    for size in SIZES:
        network = entwined(size)
        montecarlo.simulate(network, seed=1, runs=RUNS)

        def played(network=network) -> float:
            began = time.process_time()
            montecarlo.simulate(network, seed=1, runs=RUNS)
            return time.process_time() - began

        report.add(
            f"forecast of {RUNS:,} runs", [played() / BUDGET for _k in range(min(report.rounds, 5))],
            against="2 s of processor time", size=size, target=1.0, queries=0,
        )  # fmt: skip


def entwined(size: int) -> Network:
    """Pieces of work that each wait for one shortly before and for one halfway back."""
    nodes = tuple(Node(at + 1, 3 + at % 4, 5 + at % 4, 11 + at % 4) for at in range(size))
    incoming: list[tuple[tuple[int, float], ...]] = [() for _event in range(2 * size)]
    for at in range(1, size):
        incoming[2 * at] = tuple((2 * earlier + 1, 0.0) for earlier in {max(at - 1 - at % 7, 0), at // 2})
    return Network(nodes, tuple(range(2 * size)), tuple(incoming))
