"""The passes through the network, against cases worked by hand, against properties and against networkx."""

from __future__ import annotations

import random
import time
from dataclasses import replace

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.layout import Cycle
from projects.schedule import FF, FS, SS, Calendar, Link, Node, build, schedule

KINDS = (FS, FS, FS, SS, FF)


def reckon(nodes, links=(), **more):
    network = build(nodes, links, **more)
    return network, schedule(network)


def test_the_textbook_case():
    """A 3, B 4 after A, C 2 after A, D 5 after B and C: B is critical, C may slip two days."""
    _network, found = reckon(
        [Node("A", 3), Node("B", 4), Node("C", 2), Node("D", 5)],
        [Link("A", "B"), Link("A", "C"), Link("B", "D"), Link("C", "D")],
    )

    assert found.early_start == [0, 3, 3, 7]
    assert found.early_finish == [3, 7, 5, 12]
    assert found.late_start == [0, 3, 5, 7]
    assert found.total_float == [0, 0, 2, 0]
    assert found.free_float == [0, 0, 2, 0]
    assert found.critical_path() == [0, 1, 3]
    assert found.finish == 12 and not found.conflicts


@pytest.mark.parametrize(
    ("link", "start", "finish"),
    [
        (Link("A", "B", FS), 4, 6),
        (Link("A", "B", FS, 3), 7, 9),
        (Link("A", "B", FS, -1), 3, 5),
        (Link("A", "B", SS), 0, 2),
        (Link("A", "B", SS, 2), 2, 4),
        (Link("A", "B", FF), 0, 4),
        (Link("A", "B", FF, 2), 0, 6),
    ],
)
def test_each_kind_of_link_with_its_lag(link, start, finish):
    _network, found = reckon([Node("A", 4), Node("B", 2)], [link])

    assert (found.early_start[1], found.early_finish[1]) == (start, finish)


def test_tasks_lie_in_their_activity_and_activities_in_their_step():
    """A step stretches round its parts, an activity ends no earlier than its tasks, the next step waits for all."""
    _network, found = reckon(
        [
            Node("1.1", is_frame=True),
            Node("1.1.1", 2, parent="1.1"),
            Node("T-1", 3, parent="1.1.1", offset=1),
            Node("1.2", is_frame=True),
            Node("1.2.1", 1, parent="1.2"),
        ],
        [Link("1.1", "1.2", FS, 1)],
    )

    assert (found.early_start[2], found.early_finish[2]) == (1, 4)
    assert (found.early_start[1], found.early_finish[1]) == (0, 4)
    assert (found.early_start[0], found.early_finish[0]) == (0, 4)
    assert (found.early_start[4], found.early_finish[4]) == (5, 6)
    assert found.free_float == [0, 0, 0, 0, 0]


def test_free_float_looks_through_steps_and_takes_the_own_tasks_along():
    _network, found = reckon(
        [
            Node("1.1", is_frame=True),
            Node("1.1.1", 5, parent="1.1"),
            Node("1.1.2", 2, parent="1.1"),
            Node("T-1", 1, parent="1.1.2"),
            Node("1.2", is_frame=True),
            Node("1.2.1", 3, parent="1.2"),
        ],
        [Link("1.1", "1.2")],
    )

    assert found.free_float[2] == 3  # with its task, until the next step begins
    assert found.free_float[3] == 1  # the task alone, until its activity ends
    assert found.total_float[3] == 4


def test_what_is_excluded_takes_no_time_and_still_ties_its_neighbours():
    links = [Link("A", "B"), Link("B", "C")]
    _network, found = reckon([Node("A", 3), Node("B", 9, is_out=True), Node("C", 1)], links)

    assert found.early_start[2] == 3
    assert found.critical == [True, False, True]


def test_facts_win_over_links():
    """What is done keeps its days; what has begun goes on today although its predecessor has not ended."""
    _network, found = reckon(
        [
            Node("done late", 2, started=0, finished=6),
            Node("next", 3),
            Node("begun too early", 4, started=5),
            Node("left", 10, started=4, remaining=1),
        ],
        [Link("done late", "next"), Link("next", "begun too early")],
        now=7,
    )

    assert (found.early_start[0], found.early_finish[0]) == (0, 6)
    assert (found.early_start[1], found.early_finish[1]) == (7, 10)  # free since 6, but that is over
    assert (found.early_start[2], found.early_finish[2]) == (5, 9)  # two of its four days are worked
    assert (found.early_start[3], found.early_finish[3]) == (4, 8)
    assert found.finish == 10


def test_absences_of_a_person_stretch_the_work_and_leave_others_alone():
    away = Calendar([1, 2, 8])
    _network, found = reckon(
        [Node("hers", 3, calendar=away), Node("his", 3), Node("after", 1)], [Link("hers", "after")]
    )

    assert (found.early_start[0], found.early_finish[0]) == (0, 5)
    assert (found.early_start[1], found.early_finish[1]) == (0, 3)
    assert found.late_start[0] == 0 and found.total_float[0] == 0


def test_a_date_that_cannot_be_kept_is_shown_with_the_days_missing():
    _network, found = reckon(
        [Node("A", 5), Node("B", 3, finish_by=6), Node("C", 2, not_before=9, start_by=9), Node("D", 1, start_by=2, not_before=2)],
        [Link("A", "B"), Link("A", "D")],
    )  # fmt: skip

    assert found.early_finish[1] == 8 and found.total_float == [-3, -2, 0, -3]
    assert found.early_start[2] == 9 and found.early_start[3] == 5
    assert [(c.place, c.kind, c.days) for c in found.conflicts] == [(1, "finish_by", 2), (3, "start_by", 3)]


def test_manual_dates_stay_and_say_that_they_contradict_the_network():
    _network, found = reckon(
        [Node("A", 5), Node("B", 2, manual=(3, 4)), Node("C", 1)], [Link("A", "B"), Link("B", "C")]
    )

    assert (found.early_start[1], found.early_finish[1]) == (3, 4)
    assert found.early_start[2] == 4
    assert [(c.place, c.kind, c.days) for c in found.conflicts] == [(1, "manual_start", 2)]
    assert found.total_float[0] == -2


def test_a_circle_is_refused_by_naming_it():
    with pytest.raises(Cycle) as refused:
        build(
            [Node("A", 1), Node("B", 1), Node("C", 1), Node("D", 1)],
            [Link("A", "B"), Link("B", "C"), Link("C", "A"), Link("C", "D")],
            names={"A": "1.1.1", "B": "1.1.2", "C": "1.1.3", "D": "1.1.4"},
        )

    assert sorted(refused.value.names[:-1]) == ["1.1.1", "1.1.2", "1.1.3"]
    assert refused.value.names[0] == refused.value.names[-1]
    after = {("1.1.1", "1.1.2"), ("1.1.2", "1.1.3"), ("1.1.3", "1.1.1")}
    assert set(zip(refused.value.names, refused.value.names[1:], strict=False)) == after


def test_a_circle_through_a_task_in_an_activity_is_one_too():
    with pytest.raises(Cycle):
        build([Node("A", 1), Node("T", 1, parent="A"), Node("B", 1)], [Link("A", "B"), Link("B", "T")])


def test_two_events_of_the_same_pair_may_wait_crosswise():
    """B begins after A began, and A ends after B ended: that is no circle."""
    _network, found = reckon([Node("A", 3), Node("B", 4)], [Link("A", "B", SS, 1), Link("B", "A", FF)])

    assert found.early_finish == [5, 5]


@st.composite
def plans(draw, most=12):
    """Nodes and links without a circle; with frames, tasks, absences and lags of both signs."""
    count = draw(st.integers(1, most))
    nodes = []
    for at in range(count):
        parent = draw(st.sampled_from([None, *range(at)])) if at else None
        nodes.append(
            Node(
                at,
                draw(st.integers(0, 8)),
                calendar=Calendar(draw(st.sets(st.integers(0, 30), max_size=4))),
                parent=parent,
                offset=draw(st.integers(0, 3)) if parent is not None else 0,
                not_before=draw(st.none() | st.integers(0, 20)),
                is_frame=draw(st.integers(0, 5)) == 0,
                is_out=draw(st.integers(0, 5)) == 0,
            )
        )
    links = []
    if count > 1:
        for _n in range(draw(st.integers(0, 2 * count))):
            source, target = sorted(draw(st.lists(st.integers(0, count - 1), min_size=2, max_size=2, unique=True)))
            links.append(Link(source, target, draw(st.sampled_from(KINDS)), draw(st.integers(-2, 5))))
    now = draw(st.none() | st.integers(0, 15))
    try:
        return build(nodes, links, now=now)
    except Cycle:  # a link into the end of what a node lies in
        return build(nodes, (), now=now)


@given(plans())
def test_float_is_never_negative_without_a_late_constraint(network):
    found = schedule(network)

    for at, node in enumerate(network.nodes):
        if not node.is_out:
            assert found.total_float[at] >= 0
            assert 0 <= found.free_float[at] <= found.total_float[at]
            assert found.early_finish[at] <= found.late_finish[at] <= found.finish
    assert not found.conflicts


@given(plans(), st.data())
def test_a_longer_duration_never_makes_an_earlier_end(network, data):
    longer = [days + data.draw(st.integers(0, 3)) for days in network.durations]

    before, after = schedule(network), schedule(network, longer)

    assert all(now >= was for was, now in zip(before.early_start, after.early_start, strict=True))
    assert all(now >= was for was, now in zip(before.early_finish, after.early_finish, strict=True))
    assert after.finish >= before.finish


@given(plans(), st.data())
def test_total_float_is_what_a_node_can_slip(network, data):
    """Begun at its late start every node leaves the end where it is; begun a worked day later it moves the end."""
    found = schedule(network)
    at = data.draw(st.sampled_from(range(len(network.nodes))))
    node = network.nodes[at]
    if node.is_frame or node.is_out or not node.duration:
        return

    def finish_when_begun(day):
        nodes = [*network.nodes[:at], _begun(node, day), *network.nodes[at + 1 :]]
        return schedule(replace(network, nodes=tuple(nodes))).finish

    assert finish_when_begun(found.late_start[at]) == found.finish
    assert finish_when_begun(node.calendar.on_or_after(found.late_start[at] + 1)) > found.finish


def _begun(node, day):
    return Node(node.key, node.duration, node.calendar, node.parent, node.offset, max(day, node.not_before or 0))


@given(st.sets(st.integers(-5, 40), max_size=12), st.integers(-10, 50), st.integers(0, 12))
def test_calendars_agree_with_counting_days(off, start, days):
    calendar = Calendar(off)

    end = calendar.finish(start, days)

    assert sum(day not in off for day in range(start, end)) == days
    assert calendar.finish(calendar.start(end, days), days) == end
    assert calendar.start(end, days) >= start


def test_the_early_dates_agree_with_the_longest_paths_of_networkx():
    """A second implementation on 1,000 random networks: events as vertices, weights as days."""
    seed = time.time_ns() % 1_000_000
    print(f"seed {seed}")
    dice = random.Random(seed)  # noqa: S311 (not for secrets)
    for _round in range(1000):
        count = dice.randint(2, 30)
        nodes = [Node(at, dice.randint(0, 9)) for at in range(count)]
        links = []
        for _n in range(dice.randint(1, 2 * count)):
            source, target = sorted(dice.sample(range(count), 2))
            links.append(Link(source, target, dice.choice(KINDS), dice.randint(-2, 5)))

        network, found = reckon(nodes, links)

        early, left = early_ways(network), ways_to_the_end(network)
        assert (found.early_start, found.early_finish) == (early[0::2], early[1::2]), seed
        assert found.late_start == [found.finish - days for days in left[0::2]], seed
        assert found.late_finish == [found.finish - days for days in left[1::2]], seed
        assert found.finish == max(early), seed


def graph_of(network):
    """Events and links as networkx holds them; of two links between the same events the longer one counts."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(network.incoming)))
    ways = [(source, event, lag) for event, sources in enumerate(network.incoming) for source, lag in sources]
    ways += [(2 * at, 2 * at + 1, node.duration) for at, node in enumerate(network.nodes)]
    for source, event, days in ways:
        known = graph.get_edge_data(source, event, {"weight": days})["weight"]
        graph.add_edge(source, event, weight=max(days, known))
    return graph


def early_ways(network):
    """The longest way to each event; an event without a way, or with a negative one, begins on day 0 as a start."""
    graph, ways = graph_of(network), {}
    for event in nx.topological_sort(graph):
        arriving = [ways[source] + data["weight"] for source, _event, data in graph.in_edges(event, data=True)]
        ways[event] = max([*arriving, *([] if event % 2 else [0])])
    return [ways[event] for event in range(len(network.incoming))]


def ways_to_the_end(network):
    """The longest way from each event to the end of the project."""
    graph, ways = graph_of(network), {}
    for event in reversed(list(nx.topological_sort(graph))):
        leaving = [ways[target] + data["weight"] for _event, target, data in graph.out_edges(event, data=True)]
        ways[event] = max([*leaving, *([0] if event % 2 else [])])
    return [ways[event] for event in range(len(network.incoming))]
