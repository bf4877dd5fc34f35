"""What tailoring means for what waits for what: the rules by example, and what must hold for any plan."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from core.dates import WorkingCalendar
from projects.tailoring import chains
from projects.tailoring.network import Link, Node, changed, reading, spans
from projects.tailoring.order import next_of, placed

MONDAY = dt.date(2026, 1, 5)
WEEK = WorkingCalendar()
CHAIN = [Node("1.1", 5), Node("1.2", 5), Node("1.3", 5), Node("2.1", 5)]
LINKS = [Link("1.2", "1.1"), Link("1.3", "1.2"), Link("2.1", "1.3")]


def laid(nodes, links=LINKS):
    return spans(nodes, reading(nodes, links), MONDAY, WEEK)


def starts(nodes, links=LINKS):
    return {number: (span.starts_on - MONDAY).days // 7 for number, span in laid(nodes, links).items()}


def test_a_chain_lies_week_after_week():
    assert starts(CHAIN) == {"1.1": 0, "1.2": 1, "1.3": 2, "2.1": 3}


def test_behind_an_excluded_step_one_waits_for_what_it_waited_for():
    nodes = changed(CHAIN, "1.2", {"is_applicable": False})

    assert starts(nodes) == {"1.1": 0, "1.2": 1, "1.3": 1, "2.1": 2}
    assert reading(nodes, LINKS).waits["1.3"] == [("1.1", 0)]


def test_merged_steps_begin_together_and_are_as_long_as_the_longest():
    nodes = changed([Node("1.1", 5), Node("1.2", 10), Node("1.3", 5), Node("2.1", 5)], "1.3", {"merged_into": "1.2"})

    assert starts(nodes) == {"1.1": 0, "1.2": 1, "1.3": 1, "2.1": 3}


def test_merging_around_a_step_in_between_contradicts_what_that_one_gives():
    nodes = changed(CHAIN, "1.3", {"merged_into": "1.1"})

    assert reading(nodes, LINKS).violated == [Link("1.3", "1.2")]
    assert starts(nodes) == {"1.1": 0, "1.2": 1, "1.3": 0, "2.1": 1}


def test_a_step_before_the_one_it_waits_for_is_told_and_not_waited_for():
    nodes = changed(CHAIN, "1.3", {"works_before": "1.2"})

    assert [node.number for node in nodes] == ["1.1", "1.3", "1.2", "2.1"]
    assert reading(nodes, LINKS).violated == [Link("1.3", "1.2")]
    assert starts(nodes) == {"1.1": 0, "1.3": 0, "1.2": 1, "2.1": 1}


def test_a_lag_is_kept_and_days_off_are_not_worked():
    calendar = WorkingCalendar(closures=[MONDAY + dt.timedelta(days=7)])
    links = [Link("1.2", "1.1", 2)]

    found = spans(CHAIN[:2], reading(CHAIN[:2], links), MONDAY, calendar)

    assert found["1.2"].starts_on == dt.date(2026, 1, 15)  # the Monday off, two days of lag, then the Thursday


def test_placing_is_found_again_by_what_follows():
    assert placed(["a", "b", "c"], "c", "a") == ["c", "a", "b"]
    assert placed(["a", "b", "c"], "a", None) == ["b", "c", "a"]
    assert placed(["a", "b", "c"], "a", "a") == ["a", "b", "c"]
    assert (next_of(["a", "b"], "a"), next_of(["a", "b"], "b")) == ("b", None)


# --- any plan ---------------------------------------------------------------------------------------------------------

NUMBERS = [f"1.{n}" for n in range(1, 9)]


@st.composite
def plans(draw):
    """Eight steps in any order with any dependencies, circles among them; some excluded, some merged."""
    order = draw(st.permutations(NUMBERS))
    nodes = []
    for number in order:
        hosts = [one.number for one in nodes if not one.merged_into and one.is_applicable]
        into = draw(st.sampled_from(["", "", "", *hosts]))
        applies = True if into else draw(st.sampled_from([True, True, True, False]))
        nodes.append(Node(number, draw(st.integers(1, 15)), applies, into))
    pairs = draw(st.sets(st.tuples(st.sampled_from(NUMBERS), st.sampled_from(NUMBERS)), max_size=14))
    return nodes, [Link(a, b, draw(st.integers(0, 3))) for a, b in sorted(pairs) if a != b]


DECISIONS = [{"is_applicable": False}, {"duration_days": 20}, {"is_applicable": True, "duration_days": 3}]


@given(plans())
def test_every_plan_can_be_laid_out_and_keeps_what_is_not_violated(plan):
    nodes, links = plan
    read = reading(nodes, links)
    found = spans(nodes, read, MONDAY, WEEK)

    assert set(found) == set(NUMBERS)
    out = {node.number for node in nodes if not node.is_applicable}
    for link in links:
        if not {link.step, link.predecessor} & out and link not in read.violated:
            first, then = read.hosts[link.predecessor], read.hosts[link.step]
            assert first == then or found[link.step].starts_on > found[link.predecessor].ends_on


@given(plans(), st.sampled_from(NUMBERS), st.sampled_from(NUMBERS))
def test_there_and_back_is_where_one_was(plan, number, other):
    nodes, links = plan
    node = next(one for one in nodes if one.number == number)
    follower = next_of([one.number for one in nodes], number) or ""
    for there, back in (
        ({"is_applicable": not node.is_applicable}, {"is_applicable": node.is_applicable}),
        ({"merged_into": "" if node.merged_into else other}, {"merged_into": node.merged_into}),
        ({"works_before": other}, {"works_before": follower}),
        ({"duration_days": 30}, {"duration_days": node.duration_days}),
    ):
        again = changed(changed(nodes, number, there), number, back)
        assert again == nodes
        assert laid(again, links) == laid(nodes, links)


@given(plans(), st.lists(st.sampled_from(NUMBERS), min_size=2, max_size=4, unique=True), st.data())
def test_the_order_of_independent_decisions_does_not_matter(plan, numbers, data):
    nodes, links = plan
    decisions = [(number, data.draw(st.sampled_from(DECISIONS))) for number in numbers]

    def made(order):
        found = nodes
        for number, values in order:
            found = changed(found, number, values)
        return found, laid(found, links)

    assert made(decisions) == made(decisions[::-1])


@given(plans(), st.sampled_from(NUMBERS), st.integers(1, 10))
def test_a_longer_step_never_makes_an_earlier_end(plan, number, more):
    nodes, links = plan
    node = next(one for one in nodes if one.number == number)

    before = laid(nodes, links)
    after = laid(changed(nodes, number, {"duration_days": node.duration_days + more}), links)

    assert all(after[one].ends_on >= before[one].ends_on for one in NUMBERS)


# --- what activities wait for -----------------------------------------------------------------------------------------

LETTERS = "abcdefgh"


@st.composite
def chained(draw):
    pairs = draw(st.sets(st.tuples(st.sampled_from(LETTERS), st.sampled_from(LETTERS)), max_size=10))
    links = sorted([a, b, draw(st.sampled_from(["fs", "ss"])), draw(st.integers(-3, 3))] for a, b in pairs if a < b)
    order = draw(st.permutations(LETTERS))
    return links, order, draw(st.sampled_from(LETTERS))


def test_old_neighbours_close_up_and_the_new_ones_let_it_in():
    links = [["a", "b", "fs", 0], ["b", "c", "fs", 2], ["x", "y", "fs", 0]]

    chain = chains.moved(links, "b", ["x", "b", "y"], {"a", "b", "c", "x", "y"})

    assert chains.applied(links, chain) == [
        ["a", "c", "fs", 2], ["b", "y", "fs", 0], ["x", "b", "fs", 0],
    ]  # fmt: skip


@given(chained())
def test_a_moved_activity_goes_back_to_exactly_what_waited(given):
    links, order, number = given
    chain = chains.moved(links, number, order, set(LETTERS))

    after = chains.applied(links, chain)

    assert chains.applied(after, chains.back(links, chain)) == links
