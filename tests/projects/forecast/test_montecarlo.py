"""The played network: by hand, against closed forms, and what must hold for every plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from projects.forecast import montecarlo
from projects.forecast.game import Network, Node, Outcome

SEED = 20_260_302
FS, SS, FF = (1, 0), (0, 0), (1, 1)
"""Which event of the earlier piece of work and which of the later one a link ties together."""


@dataclass(frozen=True)
class Link:
    """`after` holds up the piece of work that this link belongs to."""

    after: int
    kind: tuple[int, int] = FS
    lag: float = 0


Work = tuple[Node, tuple[Link, ...]]


def simulate(work: list[Work], seed: int = SEED, **more: Any) -> Outcome:
    """Plays pieces of work that stand in the order in which they are done."""
    incoming: list[list[tuple[int, float]]] = [[] for _event in range(2 * len(work))]
    for at, (_node, links) in enumerate(work):
        for link in links:
            incoming[2 * at + link.kind[1]].append((2 * link.after + link.kind[0], link.lag))
    network = Network(tuple(node for node, _links in work), tuple(range(len(incoming))), tuple(map(tuple, incoming)))
    return montecarlo.simulate(network, seed=seed, **more)


def after(*earlier: int, kind: tuple[int, int] = FS, lag: float = 0) -> tuple[Link, ...]:
    return tuple(Link(one, kind, lag) for one in earlier)


def one(key: int, *estimates: float, links: tuple[Link, ...] = (), **more: Any) -> Work:
    """A piece of work with one certain duration, or with three estimates."""
    low, likely, high = estimates if len(estimates) == 3 else estimates * 3
    return Node(key, low, likely, high, **more), links


def chain(estimates: tuple[float, float, float], length: int, first: int = 0) -> list[Work]:
    """`length` pieces one after the other; they stand from place `first` on."""
    return [one(first + k + 1, *estimates, links=after(first + k - 1) if k else ()) for k in range(length)]


def normal(sum_of: tuple[float, float], length: int) -> NormalDist:
    return NormalDist(sum_of[0] * length, math.sqrt(sum_of[1] * length))


def pert(low: float, likely: float, high: float) -> tuple[float, float]:
    """Mean and variance of a beta-PERT duration."""
    mean = (low + 4 * likely + high) / 6
    return mean, (mean - low) * (high - mean) / 7


def triangular(low: float, likely: float, high: float) -> tuple[float, float]:
    squares = low**2 + likely**2 + high**2 - low * likely - low * high - likely * high
    return (low + likely + high) / 3, squares / 18


def test_a_case_worked_by_hand():
    # A 3 days; B after A, 4; C after A with 2 days between, 1; D may end 2 days after C has ended, takes 3; E begins one
    # day after B has begun, takes 2. Evenings: A 3, B 7, C 6, D 8, E 6. The end: 8, by A, C and D.
    nodes = [
        one(1, 3),
        one(2, 4, links=after(0)),
        one(3, 1, links=after(0, lag=2)),
        one(4, 3, links=after(2, kind=FF, lag=2)),
        one(5, 2, links=after(1, kind=SS, lag=1)),
    ]

    found = simulate(nodes, runs=100, common_spread=0)

    assert (found.first, found.counts, found.spread) == (8, (100,), 0.0)
    assert found.criticality == (1.0, 0.0, 1.0, 1.0, 0.0)
    assert found.drivers == ()


def test_what_is_done_is_a_fact_and_what_has_a_day_waits_for_it():
    nodes = [
        (Node(1, finished=-2.0), ()),
        one(2, 4, links=after(0, lag=1)),
        one(3, 2, links=after(1), earliest=10),
        one(4, 3, links=after(2), started=-5, earliest=1),
    ]

    found = simulate(nodes, runs=50, common_spread=0)

    assert found.percentile(0.5) == 12
    assert found.criticality == (0.0, 0.0, 1.0, 0.0)


def test_a_step_stretches_round_its_parts():
    # The step waits for nothing, both parts begin with it (the second two days later), it ends with the last of them, and
    # what follows waits for the step: 2 + 5 + 1 days.
    nodes = (Node(1), Node(2, 3, 3, 3), Node(3, 5, 5, 5), Node(4, 1, 1, 1))
    incoming = ((), ((3, 0), (5, 0)), ((0, 0),), (), ((0, 2),), (), ((1, 0),), ())
    network = Network(nodes, (0, 2, 3, 4, 5, 1, 6, 7), incoming)

    found = montecarlo.simulate(network, seed=SEED, runs=20, common_spread=0)

    assert found.percentile(0.5) == 8
    assert found.criticality == (1.0, 0.0, 1.0, 1.0)


@pytest.mark.parametrize(("distribution", "moments"), [("pert", pert), ("triangular", triangular)])
def test_means_and_variances_of_a_chain_add_up(distribution, moments):
    estimates, length = (6.0, 8.0, 16.0), 12
    mean, variance = moments(*estimates)

    found = simulate(chain(estimates, length), runs=20_000, common_spread=0, distribution=distribution)

    assert found.mean == pytest.approx(length * mean, rel=0.002)
    assert found.spread == pytest.approx(math.sqrt(length * variance), rel=0.03)
    # A sum of twelve is nearly normal; days are counted whole, so half a day is within the rounding up.
    quantile = normal((mean, variance), length).inv_cdf
    assert found.percentile(0.5) == pytest.approx(quantile(0.5), abs=1.2)
    assert found.percentile(0.8) == pytest.approx(quantile(0.8), abs=1.2)
    assert all(share == 1.0 for share in found.criticality)


def test_two_parallel_normal_paths_end_as_clark_says():
    one, other, length = (6.0, 8.0, 16.0), (5.0, 9.0, 16.5), 30
    a, b = normal(triangular(*one), length), normal(triangular(*other), length)
    nodes = chain(one, length) + chain(other, length, first=length)

    found = simulate(nodes, runs=20_000, common_spread=0, distribution="triangular")

    # Clark (1961): the greatest of two independent normal variables.
    theta = math.sqrt(a.variance + b.variance)
    alpha = (a.mean - b.mean) / theta
    plain = NormalDist()
    mean = a.mean * plain.cdf(alpha) + b.mean * plain.cdf(-alpha) + theta * plain.pdf(alpha)
    square = (
        (a.mean**2 + a.variance) * plain.cdf(alpha)
        + (b.mean**2 + b.variance) * plain.cdf(-alpha)
        + (a.mean + b.mean) * theta * plain.pdf(alpha)
    )
    assert found.mean == pytest.approx(mean, rel=0.001)
    assert found.spread == pytest.approx(math.sqrt(square - mean**2), rel=0.03)
    assert found.mean > max(a.mean, b.mean) + 1, "merging paths end later than either of them"
    # The share of runs in which the first path is the longer one.
    assert found.criticality[0] == pytest.approx(plain.cdf(alpha), abs=0.015)
    assert found.criticality[length] == pytest.approx(plain.cdf(-alpha), abs=0.015)


def test_what_slows_all_work_alike_does_not_even_out():
    estimates, length, spread = (6.0, 8.0, 16.0), 40, 0.1
    mean, variance = (length * part for part in pert(*estimates))

    found = simulate(chain(estimates, length), runs=20_000, common_spread=spread)

    # The variance of a product of two independent variables, one of mean 1.
    expected = math.sqrt((variance + mean**2) * (1 + spread**2) - mean**2)
    assert found.mean == pytest.approx(mean, rel=0.003)
    assert found.spread == pytest.approx(expected, rel=0.03)
    assert found.spread > 2 * math.sqrt(variance)


def test_the_drivers_are_the_wide_ones_on_the_long_path():
    nodes = [
        one(1, 9, 10, 11),
        one(2, 5, 10, 40, links=after(0)),
        one(3, 1, 2, 8, links=after(0)),
        one(4, 2, 3, 4, links=after(1, 2)),
    ]

    found = simulate(nodes, common_spread=0)

    assert [driver.at for driver in found.drivers] == [1, 0, 3]
    widest = found.drivers[0]
    assert widest.criticality > 0.99 and widest.sensitivity > 0.95 and widest.correlation > 0.95
    assert found.criticality[2] < 0.01


def test_the_same_plan_gives_the_same_figures_and_a_change_moves_no_other_luck():
    plan = chain((3, 4, 8), 6)
    longer = [*plan[:3], one(4, 6, 8, 16, links=after(2)), *plan[4:]]

    first, again, other = (simulate(nodes) for nodes in (plan, plan, longer))

    assert first == again
    assert simulate(plan, SEED + 1) != first
    # The fourth takes twice as long; the others draw what they drew before.
    assert other.mean - first.mean == pytest.approx(sum(pert(3, 4, 8)[:1]), rel=0.02)


def test_chances_and_percentiles_agree():
    found = simulate(chain((3, 4, 8), 6))

    for share in (0.05, 0.5, 0.8, 0.99):
        days = found.percentile(share)
        assert found.chance(days) >= share > found.chance(days - 1)
    assert found.chance(0) == 0.0 and found.chance(1_000) == 1.0


def test_nothing_left_to_do_ends_at_once():
    assert simulate([]).percentile(0.5) == 0
    assert simulate([(Node(1, finished=-3.0), ())], runs=10).percentile(0.8) == -3


@pytest.mark.parametrize(
    "nodes",
    [[one(1, 1, links=after(0))], [one(1, 1, links=after(1)), one(2, 1)], [one(1, 3, 2, 4)], [one(1, -1, 2, 4)]],
)
def test_a_network_that_cannot_be_is_refused(nodes):
    with pytest.raises(ValueError, match=r"stand before|in order"):
        simulate(nodes, runs=10)


@st.composite
def networks(draw) -> list[Work]:
    nodes: list[Work] = []
    for at in range(draw(st.integers(1, 9))):
        low, more, most = (draw(st.integers(0, 9)) for _ in range(3))
        links = tuple(
            Link(earlier, draw(st.sampled_from((FS, SS, FF))), draw(st.integers(-2, 3)))
            for earlier in sorted(draw(st.sets(st.integers(0, at - 1), max_size=3)) if at else ())
        )
        nodes.append(one(at + 1, low, low + more, low + more + most, earliest=draw(st.integers(0, 5)), links=links))
    return nodes


def longest(work: list[Work]) -> float:
    """The end with the likely durations, worked out without numpy."""
    events: list[float] = []
    for node, links in work:
        starts = [events[2 * link.after + link.kind[0]] + link.lag for link in links if not link.kind[1]]
        begin = max([node.earliest, *starts])
        ends = [events[2 * link.after + link.kind[0]] + link.lag for link in links if link.kind[1]]
        events += [begin, max([begin + node.likely, *ends])]
    return max(events[1::2])


@given(networks())
def test_certain_durations_give_the_longest_path(nodes):
    certain = [(replace(node, low=node.likely, high=node.likely), links) for node, links in nodes]

    found = simulate(certain, runs=3, common_spread=0)

    assert found.mean == pytest.approx(longest(certain), abs=1e-3)
    assert any(share == 1.0 for share in found.criticality), "something is critical, whatever the network"


@settings(max_examples=40)
@given(networks(), st.data())
def test_a_longer_duration_never_makes_an_earlier_end(nodes, data):
    at = data.draw(st.integers(0, len(nodes) - 1))
    more = data.draw(st.integers(1, 9))
    node, links = nodes[at]
    longer = [*nodes]
    longer[at] = replace(node, low=node.low + more, likely=node.likely + more, high=node.high + more), links

    before, then = (simulate(some, runs=200) for some in (nodes, longer))

    for share in (0.1, 0.5, 0.8, 1.0):
        assert then.percentile(share) >= before.percentile(share)
    assert then.mean >= before.mean - 1e-3


def test_a_network_of_seven_hundred_nodes_is_played_whole():
    """How long that takes is measured in bench/forecast.py."""
    nodes = [
        one(at + 1, 3 + at % 4, 5 + at % 4, 11 + at % 4, links=after(*{max(at - 1 - at % 7, 0), at // 2} if at else ()))
        for at in range(700)
    ]

    found = simulate(nodes, runs=200)

    assert found.runs == sum(found.counts) == 200
    assert len(found.criticality) == 700 and all(0 <= share <= 1 for share in found.criticality)
    assert len(found.drivers) == 10
    assert [driver.sensitivity for driver in found.drivers] == sorted(
        (d.sensitivity for d in found.drivers), reverse=True
    )
    assert found.first <= found.percentile(0.5) <= found.percentile(0.8) < found.first + len(found.counts)
