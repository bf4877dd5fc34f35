"""The network of a plan and its two passes, in whole working days. No dates, no queries, no Django.

Days are indexes on the project's axis (`axis.py`). A node occupies the days from `start` up to, not including,
`finish`: three days from day 4 are start 4, finish 7, and what follows it may begin on day 7. A node of no days is a
milestone. Each node is two *events*, its start (event `2 * i`) and its finish (event `2 * i + 1`); a link runs from an
event to an event:

    finish-to-start (fs)   the target begins no earlier than `lag` working days after the source has ended
    start-to-start (ss)    the target begins no earlier than `lag` working days after the source has begun
    finish-to-finish (ff)  the target ends no earlier than `lag` working days after the source has ended

A lag may be negative: fs with -1 lets the target begin on the last day of the source. A finish that has to wait
stretches its node; the start stays where it can be. So the whole plan is a longest path through events, and a longer
piece of work can never make an earlier end.

A node may have a `parent`: it begins no earlier than `offset` days after its parent begins, and the parent ends no
earlier than it. A task lies in its activity that way and an activity in its step. A *frame* (a step) has no work of its
own and only stretches round its parts. A node that is `out` (excluded, cancelled) takes no time, but what waited for it
still waits for what it waited for.

Facts win over links: what has finished keeps its days; what has started keeps its start, and its remaining days are
worked from `now` on, whether or not its predecessors are done. What has not started cannot start before `now`.

    not_before   the node does not start earlier
    start_by     it should start no later: a fixed date is `not_before` and `start_by` on the same day
    finish_by    it should be finished by then (the first day after its last one, like every finish)
    manual       (start, finish) as somebody set them; they stand even against the links, but not against `now`. A task
                 dated by hand neither moves with its activity nor stretches it

What cannot be kept is not bent: the early dates say what is possible, the late ones what is asked, the float between
them is negative, and `Result.conflicts` names the node and the days missing.

For other users of this network (a simulation, a picture): `Network` is made of plain tuples; `order` lists the events so
that each comes after all it waits for, `incoming[event]` is ((event waited for, lag), …), without the node's own way
from start to finish. A forward pass of one's own follows `_forward` line by line; `Calendar` is two sorted lists that
`bisect` or `numpy.searchsorted` answer from.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from projects.layout import Cycle

FS, SS, FF = "fs", "ss", "ff"
EVENTS = {FS: (1, 0), SS: (0, 0), FF: (1, 1)}
"""Which event of the source and which of the target a kind of link ties together: 0 the start, 1 the finish."""

FAR = 10**9


class Calendar:
    """Who works when, on top of the project's axis: all of its days but those in `off`.

    `rank` and `nth` are inverse to each other and O(log days off); indexes before and behind all days off need no list.
    """

    __slots__ = ("off", "shifted")

    def __init__(self, off: Iterable[int] = ()) -> None:
        self.off = tuple(sorted(set(off)))
        self.shifted = tuple(day - place for place, day in enumerate(self.off))

    def rank(self, day: int) -> int:
        """How many days are worked before `day`, counted from day 0."""
        return day - bisect_left(self.off, day)

    def nth(self, rank: int) -> int:
        """The worked day before which `rank` days are worked."""
        return rank + bisect_right(self.shifted, rank)

    def on_or_after(self, day: int) -> int:
        """The first worked day from `day` on."""
        return self.nth(self.rank(day)) if self.off else day

    def on_or_before(self, day: int) -> int:
        """The last worked day up to `day`."""
        return self.nth(self.rank(day + 1) - 1) if self.off else day

    def finish(self, start: int, days: int) -> int:
        """Where `days` days of work end that begin at `start` (or the first worked day after it)."""
        if days <= 0:
            return start
        return self.nth(self.rank(start) + days - 1) + 1 if self.off else start + days

    def start(self, finish: int, days: int) -> int:
        """The latest day to begin `days` days of work that must end by `finish`."""
        if days <= 0:
            return finish
        return self.nth(self.rank(finish) - days) if self.off else finish - days


EVERYBODY = Calendar()


@dataclass(frozen=True, slots=True)
class Node:
    """One piece of work. Days are indexes, `duration` and `remaining` working days; None where nothing is said.

    `remaining` only counts for what has started; without it, it is the duration less the days worked since.
    """

    key: Hashable
    duration: int = 1
    calendar: Calendar = EVERYBODY
    parent: Hashable | None = None
    offset: int = 0
    not_before: int | None = None
    start_by: int | None = None
    finish_by: int | None = None
    manual: tuple[int, int] | None = None
    started: int | None = None
    finished: int | None = None
    remaining: int | None = None
    is_frame: bool = False
    is_out: bool = False

    @property
    def is_manual(self) -> bool:
        """Whether somebody's dates decide where it lies."""
        return self.manual is not None and self.finished is None and not self.is_out


class Link(NamedTuple):
    """`target` waits for `source`; `lag` in working days."""

    source: Hashable
    target: Hashable
    kind: str = FS
    lag: int = 0


@dataclass(frozen=True, slots=True)
class Network:
    """A plan ready to be reckoned: nodes by place, events in an order in which each comes after all it waits for."""

    nodes: tuple[Node, ...]
    place: Mapping[Hashable, int]
    order: tuple[int, ...]
    incoming: tuple[tuple[tuple[int, int], ...], ...]
    parents: tuple[int, ...]
    """The place of each node's parent, -1 without one."""
    now: int | None = None
    """Today; None reckons the plan as if nothing were known of today."""

    @property
    def durations(self) -> tuple[int, ...]:
        """Working days of each node that a reckoning starts from; none for frames and what is out."""
        return tuple(0 if node.is_frame or node.is_out else node.duration for node in self.nodes)


class Conflict(NamedTuple):
    """A date that cannot be kept: `kind` is the name of the field that asks for it, `days` what is missing."""

    place: int
    kind: str
    days: int


@dataclass(frozen=True, slots=True)
class Result:
    """What the two passes found, each list by the place of a node. All in working-day indexes, finishes exclusive."""

    early_start: list[int]
    early_finish: list[int]
    late_start: list[int]
    late_finish: list[int]
    total_float: list[int]
    """Days a node can slip before the end of the project, or a date that was asked for, moves. Negative: days missing."""
    free_float: list[int]
    """Days a node can slip before anything else moves (its own tasks move along with an activity)."""
    critical: list[bool]
    drivers: list[int]
    """For each event the event it waited for longest, -1 when its own work, a date or today decided."""
    finish: int
    """Where the last piece of work ends."""
    conflicts: tuple[Conflict, ...]

    def critical_path(self) -> list[int]:
        """Places of the critical nodes in the order of their early starts."""
        found = [place for place, is_critical in enumerate(self.critical) if is_critical]
        return sorted(found, key=lambda place: (self.early_start[place], self.early_finish[place], place))


def build(
    nodes: Iterable[Node],
    links: Iterable[Link] = (),
    *,
    now: int | None = None,
    names: Mapping[Hashable, str] | None = None,
) -> Network:
    """Puts nodes and links into order. Links to unknown nodes are left out.

    Raises Cycle (a ValueError) that names the circle, with `names` for what people call the nodes.
    """
    nodes = tuple(nodes)
    place = {node.key: at for at, node in enumerate(nodes)}
    if len(place) != len(nodes):
        raise ValueError("Two nodes have the same key.")
    parents = tuple(place.get(node.parent, -1) if node.parent is not None else -1 for node in nodes)
    incoming: list[list[tuple[int, int]]] = [[] for _event in range(2 * len(nodes))]
    for child, parent in enumerate(parents):
        if parent >= 0 and not _stands_alone(nodes[child], nodes[parent]):
            incoming[2 * child].append((2 * parent, nodes[child].offset))
            if not nodes[child].is_out:
                incoming[2 * parent + 1].append((2 * child + 1, 0))
    for source, target, kind, lag in links:
        if source in place and target in place:
            out, into = EVENTS[kind]
            incoming[2 * place[target] + into].append((2 * place[source] + out, lag))
    order = _in_order(incoming)
    if len(order) < len(incoming):
        circle = [nodes[at].key for at in _circle(incoming, set(order))]
        raise Cycle([(names or {}).get(key, key) for key in circle])
    return Network(nodes, place, tuple(order), tuple(map(tuple, incoming)), parents, now)


def _stands_alone(node: Node, parent: Node) -> bool:
    """A part that is dated by hand holds nothing up; `Result.conflicts` says when it lies outside of its whole."""
    return node.is_manual and not parent.is_frame


def _waits_for(event: int, incoming: Sequence[Sequence[tuple[int, int]]]) -> list[int]:
    """The events before an event, its node's own start before its finish included."""
    found = [source for source, _lag in incoming[event]]
    return [event - 1, *found] if event % 2 else found


def _in_order(incoming: Sequence[Sequence[tuple[int, int]]]) -> list[int]:
    """Events so that each comes after all it waits for; those in a circle, and what waits for them, are missing."""
    waiting = [0] * len(incoming)
    behind: list[list[int]] = [[] for _event in incoming]
    for event in range(len(incoming)):
        for source in _waits_for(event, incoming):
            behind[source].append(event)
            waiting[event] += 1
    order = [event for event, count in enumerate(waiting) if not count]
    for event in order:  # grows while it is walked
        for later in behind[event]:
            waiting[later] -= 1
            if not waiting[later]:
                order.append(later)
    return order


def _circle(incoming: Sequence[Sequence[tuple[int, int]]], done: set[int]) -> list[int]:
    """Places of the nodes of one circle in the order of work, the first one repeated at the end."""
    event = next(event for event in range(len(incoming)) if event not in done)
    path: list[int] = []
    seen: dict[int, int] = {}
    while event not in seen:
        seen[event] = len(path)
        path.append(event)
        event = next(source for source in _waits_for(event, incoming) if source not in done)
    circle: list[int] = []
    for at in (event // 2 for event in reversed(path[seen[event] :])):
        if not circle or circle[-1] != at:
            circle.append(at)
    if len(circle) > 1 and circle[0] == circle[-1]:
        circle.pop()
    return [*circle, circle[0]]


def schedule(network: Network, durations: Sequence[int] | None = None) -> Result:
    """Early and late dates, floats, the critical path and what cannot be kept.

    `durations` (working days by place) stand in for those of the nodes, for who wants to try others.
    """
    days = network.durations if durations is None else durations
    early, bounds, drivers = _forward(network, days)
    counted = [at for at, node in enumerate(network.nodes) if not node.is_out]
    finish = max((early[2 * at + 1] for at in counted), default=0)
    outgoing: list[list[tuple[int, int]]] = [[] for _event in network.incoming]
    for event, sources in enumerate(network.incoming):
        for source, lag in sources:
            outgoing[source].append((event, lag))
    late = _backward(network, days, early, finish, outgoing)
    total, critical = [], []
    for at, node in enumerate(network.nodes):
        slack = late[2 * at + 1] - early[2 * at + 1]
        if node.started is None and node.finished is None:
            slack = min(slack, late[2 * at] - early[2 * at])
        total.append(slack)
        critical.append(slack <= 0 and node.finished is None and not node.is_out)
    return Result(
        early[0::2],
        early[1::2],
        late[0::2],
        late[1::2],
        total,
        [
            min(free, max(most, 0))
            for free, most in zip(_free_floats(network, early, finish, outgoing), total, strict=True)
        ],
        critical,
        drivers,
        finish,
        tuple(_conflicts(network, early, bounds)),
    )


def _forward(network: Network, days: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """(earliest day of each event, the day its links ask for, the event that decided or -1)."""
    early, bounds, drivers = [0] * len(network.order), [0] * len(network.order), [-1] * len(network.order)
    now = network.now
    for event in network.order:
        at, is_finish = divmod(event, 2)
        node, bound, driver = network.nodes[at], (-FAR if is_finish else 0), -1
        for source, lag in network.incoming[event]:
            if early[source] + lag > bound or (driver < 0 and early[source] + lag == bound):
                bound, driver = early[source] + lag, source
        bounds[event] = bound
        if is_finish:
            own = _own_finish(node, early[event - 1], days[at], now)
            if node.finished is not None or node.is_manual or bound <= own:
                bound, driver = own, -1
        else:
            own = _own_start(node, bound, now, days[at])
            if own != bound:
                bound, driver = own, -1
        early[event], drivers[event] = bound, driver
    return early, bounds, drivers


def _own_start(node: Node, bound: int, now: int | None, days: int) -> int:
    """The day a node starts whose links allow `bound`."""
    if node.started is not None:
        return node.started
    if node.finished is not None:
        return node.finished
    if node.is_out:
        return bound
    if node.manual is not None:
        return node.manual[0] if now is None else max(node.manual[0], now)
    if node.not_before is not None and node.not_before > bound:
        bound = node.not_before
    if now is not None and now > bound and not node.is_frame:
        bound = now
    return node.calendar.on_or_after(bound) if days > 0 else bound


def _own_finish(node: Node, start: int, days: int, now: int | None) -> int:
    """The day a node's own work ends that starts at `start`."""
    if node.finished is not None:
        return node.finished
    if node.is_manual:
        if node.started is None:
            return start + node.manual[1] - node.manual[0]
        return node.manual[1] if now is None else max(node.manual[1], now + 1)
    if node.started is None or now is None or node.is_out:
        return node.calendar.finish(start, days)
    left = node.remaining
    if left is None:
        left = max(days - max(node.calendar.rank(now) - node.calendar.rank(start), 0), 1)
    return node.calendar.finish(max(start, now), left)


def _backward(
    network: Network,
    days: Sequence[int],
    early: Sequence[int],
    finish: int,
    outgoing: Sequence[Sequence[tuple[int, int]]],
) -> list[int]:
    """The latest day of each event that keeps the end of the project and every date that was asked for."""
    late, asked = [finish] * len(network.order), [finish] * len(network.order)
    for event in reversed(network.order):
        at, is_finish = divmod(event, 2)
        node = network.nodes[at]
        bound = FAR
        for target, lag in outgoing[event]:
            if asked[target] - lag < bound:
                bound = asked[target] - lag
        if node.is_out:
            # It takes no time and holds nothing back: where nothing waits for it, it may lie behind the end.
            bound = min(bound, asked[event + 1]) if not is_finish else bound
            late[event], asked[event] = (bound if bound < FAR // 2 else max(finish, early[event])), bound
            continue
        if is_finish:
            bound = min(bound, finish)
            if node.finish_by is not None:
                bound = min(bound, node.finish_by)
            if node.finished is not None:
                late[event], asked[event] = node.finished, FAR
                continue
            late[event] = bound
            asked[event] = min(bound, early[event]) if node.is_manual else bound
            continue
        if node.started is not None or node.finished is not None:
            late[event], asked[event] = early[event], FAR
            continue
        if node.is_manual:
            late[event] = min(bound, late[event + 1] - (node.manual[1] - node.manual[0]))
            asked[event] = min(late[event], early[event])
            continue
        bound = min(bound, node.calendar.start(late[event + 1], days[at]))
        if node.start_by is not None:
            bound = min(bound, node.start_by)
        late[event] = asked[event] = node.calendar.on_or_before(bound) if days[at] > 0 else bound
    return late


def _free_floats(
    network: Network, early: Sequence[int], finish: int, outgoing: Sequence[Sequence[tuple[int, int]]]
) -> list[int]:
    """Days each node can slip before a node outside of it moves.

    Frames are looked through: what follows the last activity of a step is the first one of the next step.
    """
    nodes, parents = network.nodes, network.parents
    through: dict[int, int] = {}  # for the events of frames and of what is out: the day they could slip to

    def room(event: int) -> int:
        at = event // 2
        found = FAR
        for target, lag in outgoing[event]:
            to = target // 2
            if (to != at and parents[to] == at) or (target % 2 and parents[at] == to and not nodes[to].is_frame):
                continue  # into its own parts, or to the end of what it lies in
            if nodes[to].finished is not None or (nodes[to].started is not None and not target % 2):
                continue
            found = min(found, through.get(target, early[target]) - lag)
        return found

    moves: list[int] = [0] * len(nodes)
    rooms: dict[int, int] = {}
    for event in reversed(network.order):
        at = event // 2
        rooms[event] = found = room(event)
        if nodes[at].is_frame or nodes[at].is_out:
            if event % 2:
                through[event] = min(found, finish)
            else:
                inner = [
                    through.get(target, early[target]) - lag
                    for target, lag in outgoing[event]
                    if parents[target // 2] == at
                ]
                through[event] = min([found, through[event + 1], *inner])
    for at, node in enumerate(nodes):
        slack = min(rooms[2 * at + 1], finish) - early[2 * at + 1]
        if node.started is None:
            slack = min(slack, rooms[2 * at] - early[2 * at])
        moves[at] = max(slack, 0)
    free = list(moves)
    for at, parent in enumerate(parents):
        if parent < 0 or nodes[parent].is_frame:
            continue
        free[at] = min(free[at], max(early[2 * parent + 1] - early[2 * at + 1], 0))
        waits = early[2 * at] - early[2 * parent] - nodes[at].offset
        if nodes[at].finished is None and nodes[at].started is None:
            free[parent] = min(free[parent], moves[at] + max(waits, 0))
    return free


def _conflicts(network: Network, early: Sequence[int], bounds: Sequence[int]) -> Iterable[Conflict]:
    for at, node in enumerate(network.nodes):
        if node.is_out or node.finished is not None:
            continue
        if node.finish_by is not None and early[2 * at + 1] > node.finish_by:
            yield Conflict(at, "finish_by", early[2 * at + 1] - node.finish_by)
        parent = network.parents[at]
        if parent >= 0 and _stands_alone(node, network.nodes[parent]) and network.nodes[parent].finished is None:
            if early[2 * at] < early[2 * parent]:
                yield Conflict(at, "before_whole", early[2 * parent] - early[2 * at])
            if early[2 * at + 1] > early[2 * parent + 1]:
                yield Conflict(at, "after_whole", early[2 * at + 1] - early[2 * parent + 1])
        if node.manual is not None and bounds[2 * at + 1] > early[2 * at + 1]:
            yield Conflict(at, "manual_finish", bounds[2 * at + 1] - early[2 * at + 1])
        if node.started is not None:
            continue
        if node.manual is not None:
            if bounds[2 * at] > early[2 * at]:
                yield Conflict(at, "manual_start", bounds[2 * at] - early[2 * at])
        elif node.start_by is not None and early[2 * at] > node.start_by:
            yield Conflict(at, "start_by", early[2 * at] - node.start_by)
