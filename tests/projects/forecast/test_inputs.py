"""What goes into the forecast: three estimates, the schedule's network, what is known of an activity and what it moved."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from projects.forecast import play, slippage
from projects.forecast.estimates import Estimate, of_plan, shares_of
from projects.forecast.montecarlo import simulate
from projects.forecast.slippage import Known, known_of
from projects.schedule import Link, Node, build, schedule
from projects.schedule.network import Calendar


def test_without_experience_the_rule_of_thumb_speaks():
    assert of_plan(8) == Estimate(6, 8, 16, 0)
    assert of_plan(8, [1.5, 1.5]) == Estimate(6, 8, 16, 0), "two projects are too few, and would be recognized"


def test_three_finished_projects_take_its_place():
    assert of_plan(10, [1.0, 1.4, 1.2]) == Estimate(10, 12, 14, 3)
    # All alike: still ten percent either way. And what was made up later is cut.
    assert of_plan(10, [1.0, 1.0, 1.0, 1.0])[:4] == pytest.approx((9, 10, 11, 4))
    assert of_plan(10, [0.01, 1, 90]) == Estimate(2, 10, 50, 3)


def test_a_kit_keeps_three_shares_and_they_speak_until_three_projects_do():
    assert shares_of([]) == []
    assert shares_of([1.2]) == [90, 120, 240], "the rule of thumb round what it took there"
    assert shares_of([1.0, 1.4, 1.2]) == [100, 120, 140]
    assert of_plan(10, [], [90, 120, 240]) == Estimate(9, 12, 24, 0, True)
    assert of_plan(10, [3.0, 3.0], [90, 120, 240]).is_of_kit
    assert of_plan(10, [1.0, 1.4, 1.2], [90, 120, 240]) == Estimate(10, 12, 14, 3)
    assert of_plan(10, [], [90, 120, 240]).left(0.5) == Estimate(4.5, 6, 12, 0, True)


@given(st.integers(1, 60), st.lists(st.floats(0.01, 20), max_size=8), st.floats(0, 1.5))
def test_estimates_stand_in_order_whatever_goes_in(days, ratios, share):
    whole = of_plan(days, ratios)
    rest = whole.left(share)

    assert 0 < whole.low <= whole.likely <= whole.high
    assert 0 < rest.low <= rest.likely <= rest.high
    assert rest.high <= max(whole.high, 0.5)


def plan_of(parts: list[tuple[int, int | None]], now: int = 0) -> tuple:
    """A step with activities (days, the place of the one each follows) and a second step with one activity of 4 days."""
    nodes = [Node("s1", is_frame=True), Node("s2", is_frame=True)]
    links = [Link("s1", "s2")]
    for at, (days, earlier) in enumerate(parts):
        nodes.append(Node(at, days, parent="s1"))
        if earlier is not None:
            links.append(Link(earlier, at))
    nodes.append(Node("last", 4, parent="s2"))
    network = build(nodes, links, now=now)
    numbers = {node.key: place + 1 for place, node in enumerate(network.nodes)}
    return network, numbers


def certain(network) -> dict:
    return {n.key: Estimate(n.duration, n.duration, n.duration) for n in network.nodes if not n.is_frame}


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=7), st.integers(0, 5))
def test_certain_durations_end_where_the_schedule_says(parts, now):
    network, numbers = plan_of(
        [(days, at - 1 if chained and at else None) for at, (days, chained) in enumerate(parts)], now
    )

    found = simulate(play.playable(network, certain(network), numbers), seed=1, runs=3, common_spread=0)

    assert found.percentile(0.5) == schedule(network).finish
    assert [share == 1.0 for share in found.criticality] == schedule(network).critical


@settings(max_examples=300)
@example([(1, False, {1}), (1, True, {1})], 0)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.booleans(), st.sets(st.integers(0, 30), max_size=8)), min_size=1, max_size=6
    ),
    st.integers(0, 5),
)
def test_days_on_which_nobody_is_there_count_as_in_the_schedule(parts, now):
    """The schedule's own passes, with calendars, say where certain durations end and what is critical."""
    nodes = [
        Node(at, days, calendar=Calendar(day for day in off if day >= now))
        for at, (days, _chained, off) in enumerate(parts)
    ]
    links = [Link(at - 1, at) for at, (_days, chained, _off) in enumerate(parts) if chained and at]
    network = build(nodes, links, now=now)
    away = {at: off for at, (_days, _chained, off) in enumerate(parts)}

    game = play.playable(network, certain(network), {at: at + 1 for at in range(len(parts))}, away)
    found = simulate(game, seed=1, runs=3, common_spread=0)

    assert found.percentile(0.5) == schedule(network).finish
    expected = schedule(network)
    for at, is_critical in enumerate(expected.critical):
        if is_critical:
            assert found.criticality[at] == 1.0


def test_an_absence_moves_the_end_and_names_another_state_of_the_plan():
    network = build([Node(1, 5), Node(2, 5)], [Link(1, 2)], now=0)
    left, numbers = {1: Estimate(5, 5, 5), 2: Estimate(5, 5, 5)}, {1: 1, 2: 2}

    there = play.playable(network, left, numbers)
    away = play.playable(network, left, numbers, {2: {6, 7, 8}, 1: {20}})

    ends = [simulate(one, seed=1, runs=3, common_spread=0).percentile(0.5) for one in (there, away)]
    assert ends == [10, 13]
    assert play.digest_of(there) != play.digest_of(away)


def test_facts_stay_and_what_is_begun_goes_on_from_today():
    nodes = [Node(1, 5, started=0, finished=9), Node(2, 5, started=9), Node(3, 2), Node(4, 3, is_out=True)]
    network = build(nodes, [Link(1, 2), Link(2, 3), Link(4, 3)], now=12)
    left = {2: Estimate(2, 2, 2), 3: Estimate(2, 2, 2), 4: Estimate(3, 3, 3)}

    game = play.playable(network, left, {1: 1, 2: 2, 3: 3, 4: 4})

    assert simulate(game, seed=1, runs=3, common_spread=0).percentile(0.5) == 16
    assert play.digest_of(game) == play.digest_of(play.playable(network, left, {1: 1, 2: 2, 3: 3, 4: 4}))
    longer = play.playable(network, left | {3: Estimate(2, 2, 3)}, {1: 1, 2: 2, 3: 3, 4: 4})
    assert play.digest_of(longer) != play.digest_of(game) != play.digest_of(game, target="2026-09-01")
    assert play.seed_of(1) == play.seed_of(1) != play.seed_of(2)


# --- what slipped it --------------------------------------------------------------------------------------------------


def chain_of(*days: tuple[float, float, float], now: int = 0, started: int | None = None):
    nodes = [Node(at + 1, 5, started=started if at == 0 else None) for at in range(len(days))]
    network = build(nodes, [Link(at, at + 1) for at in range(1, len(days))], now=now)
    left = {at + 1: Estimate(*some) for at, some in enumerate(days)}
    return play.playable(network, left, {at + 1: at + 1 for at in range(len(days))})


def told(game, then, mean):
    everything = [node.key for node in game.nodes]
    return slippage.tell(
        game, then, mean, seed=7, activities=everything, floats=[0] * len(everything), begins_now=[0]
    )  # fmt: skip


def test_a_slip_is_told_by_the_activity_that_did_it():
    before = chain_of((4, 5, 8), (4, 5, 8), (2, 2, 2))
    then = {node.key: known_of(node, f"1.{node.key}") for node in before.nodes}
    mean = simulate(before, seed=7, runs=slippage.RUNS).mean
    # A week later: nothing was done, and the second is thought to take four days longer.
    now = chain_of((4, 5, 8), (8, 9, 12), (2, 2, 2), now=5)

    found = told(now, then, mean)

    assert [(slip.key, round(slip.days), slip.kind) for slip in found.slips] == [(1, 5, "waiting"), (2, 4, "longer")]
    assert found.total == pytest.approx(9, abs=0.2) and abs(found.rest) < slippage.NOTICEABLE


def test_two_that_are_late_side_by_side_share_the_blame_and_add_up():
    def both(now: int):
        network = build([Node(1, 5), Node(2, 5), Node(3, 2)], [Link(1, 3), Link(2, 3)], now=now)
        return play.playable(
            network, {1: Estimate(4, 5, 8), 2: Estimate(4, 5, 8), 3: Estimate(2, 2, 2)}, {1: 1, 2: 2, 3: 3}
        )

    before, now = both(0), both(5)
    then = {node.key: known_of(node, "") for node in before.nodes}
    mean = simulate(before, seed=7, runs=slippage.RUNS).mean

    found = slippage.tell(now, then, mean, seed=7, activities=[1, 2, 3], floats=[0, 0, 0], begins_now=[0, 1])

    assert {slip.key: round(slip.days, 1) for slip in found.slips} == {
        1: pytest.approx(2.5, abs=0.4),
        2: pytest.approx(2.5, abs=0.4),
    }
    assert found.total == pytest.approx(5, abs=0.05) and abs(found.rest) < 0.2


def test_work_done_in_time_slips_nothing():
    before = chain_of((5, 5, 5), (4, 5, 8))
    then = {node.key: known_of(node, "") for node in before.nodes}
    mean = simulate(before, seed=7, runs=slippage.RUNS, common_spread=0.1).mean
    nodes = [Node(1, 5, started=0, finished=5), Node(2, 5)]
    game = play.playable(build(nodes, [Link(1, 2)], now=5), {2: Estimate(4, 5, 8)}, {1: 1, 2: 2})

    found = told(game, then, mean)

    assert abs(found.total) < 0.1 and found.slips == ()


def test_what_was_not_there_before_is_told_as_added():
    now = chain_of((5, 5, 5), (3, 3, 3))
    then = {1: Known("1.1", 5, 5, 5, 0, None, None)}

    found = told(now, then, 5.0)

    assert [(slip.key, slip.kind, round(slip.days, 1)) for slip in found.slips] == [(2, "added", 3.0)]
