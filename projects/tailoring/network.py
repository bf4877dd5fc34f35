"""Which step waits for which once a plan is tailored, and on which days the steps lie.

Three rules, so that nothing has to be forbidden:

- A step that is excluded lets those behind it wait for what it waited for itself.
- Merged steps are one: they begin together, when all that any of them waits for is done, and are as long as the longest.
- The order of the plan rules. A dependency on a step that now comes later is *violated*: it is told, and not waited for.

Because only dependencies that agree with the order are waited for, a tailored plan never turns in a circle.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from core.dates import WorkingCalendar
from projects.layout import Span

from .order import placed


@dataclass(frozen=True)
class Node:
    """A step as the network needs it. `merged_into` is the number of the step it is worked with, "" for none."""

    number: str
    duration_days: int
    is_applicable: bool = True
    merged_into: str = ""


class Link(NamedTuple):
    """`step` begins `lag_days` working days after the day on which `predecessor` ends; not before the next one."""

    step: str
    predecessor: str
    lag_days: int = 0


@dataclass(frozen=True)
class Reading:
    """The network as it counts: for each step that carries others or stands alone, what it waits for."""

    hosts: dict[str, str]
    waits: dict[str, list[tuple[str, int]]]
    violated: list[Link]

    def group(self, host: str) -> list[str]:
        return [number for number, its in self.hosts.items() if its == host]


def hosts_of(nodes: Iterable[Node]) -> dict[str, str]:
    """For each step the one that carries it: itself, unless it is merged into another."""
    into = {node.number: node.merged_into for node in nodes}

    def host(number: str) -> str:
        seen = set()
        while into.get(number) and number not in seen:
            seen.add(number)
            number = into[number]
        return number

    return {number: host(number) for number in into}


def reading(nodes: Sequence[Node], links: Iterable[Link]) -> Reading:
    """How a plan in this order is to be read; `nodes` in the order in which they are worked."""
    at = {node.number: place for place, node in enumerate(nodes)}
    out = {node.number for node in nodes if not node.is_applicable}
    hosts = hosts_of(nodes)
    earlier: dict[str, list[Link]] = {}
    for link in links:
        if link.step in at and link.predecessor in at:
            earlier.setdefault(link.step, []).append(link)

    def reached(number: str, passed: frozenset[str]) -> Iterable[tuple[str, int]]:
        """What a step waits for, looking through excluded ones."""
        for link in earlier.get(number, ()):
            if link.predecessor in out and link.predecessor not in passed:
                for further, lag in reached(link.predecessor, passed | {link.predecessor}):
                    yield further, lag + link.lag_days
            elif link.predecessor not in out:
                yield link.predecessor, link.lag_days

    waits: dict[str, list[tuple[str, int]]] = {node.number: [] for node in nodes if hosts[node.number] == node.number}
    violated = []
    for node in nodes:
        host = hosts[node.number]
        for predecessor, lag in reached(node.number, frozenset()):
            other = hosts[predecessor]
            if other == host:
                continue
            if at[other] < at[host]:
                waits[host].append((other, lag))
            elif node.is_applicable:
                violated.append(Link(node.number, predecessor, lag))
    return Reading(hosts, waits, list(dict.fromkeys(violated)))


def spans(nodes: Sequence[Node], read: Reading, start_on: dt.date, calendar: WorkingCalendar) -> dict[str, Span]:
    """The days of every step from its duration and what it waits for; excluded ones where they would lie.

    Merged steps begin with the one that carries them, each for its own duration.
    """
    by_number = {node.number: node for node in nodes}
    groups: dict[str, list[Node]] = {}
    for number, host in read.hosts.items():
        groups.setdefault(host, []).append(by_number[number])
    first = calendar.on_or_after(start_on)
    found: dict[str, Span] = {}
    ends: dict[str, dt.date] = {}
    for node in nodes:
        if node.number not in read.waits:
            continue
        group = groups[node.number]
        begins = [calendar.add(ends[other], 1 + lag) for other, lag in read.waits[node.number] if other in ends]
        starts = max(begins, default=first)
        for one in group:
            found[one.number] = Span(starts, calendar.last_day(starts, one.duration_days), one.duration_days)
        counted = [found[one.number].ends_on for one in group if one.is_applicable or one is node]
        ends[node.number] = max(counted)
    return found


def changed(nodes: Sequence[Node], number: str, values: Mapping[str, Any]) -> list[Node]:
    """The nodes after a decision about one step: only what the network knows of `values` counts."""
    known = {name: values[name] for name in ("is_applicable", "merged_into", "duration_days") if name in values}
    made = [replace(node, **known) if node.number == number else node for node in nodes]
    if "works_before" in values:
        by_number = {node.number: node for node in made}
        order = placed([node.number for node in made], number, values["works_before"] or None)
        made = [by_number[one] for one in order]
    return made
