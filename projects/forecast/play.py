"""The network of the schedule as the simulation plays it: facts stay, and what is left gets three estimates. No queries."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Hashable, Mapping
from types import MappingProxyType
from typing import Any

from projects.schedule import network as scheduled

from .estimates import Estimate
from .game import Network, Node


def playable(
    network: scheduled.Network,
    estimates: Mapping[Hashable, Estimate],
    numbers: Mapping[Hashable, int],
    away: Mapping[Hashable, Collection[int]] = MappingProxyType({}),
) -> Network:
    """`estimates` of what is left and `numbers` (they name each node's luck) by the keys of the schedule's nodes.

    A node without an estimate takes no time: a step stretches round its activities, what is excluded waits only.
    `away` are the working days on which nobody who works on a node is there.
    """
    return Network(
        tuple(
            _node(node, estimates.get(node.key), numbers[node.key], network.now, away.get(node.key, ()))
            for node in network.nodes
        ),
        network.order,
        network.incoming,
    )


def _node(node: scheduled.Node, estimate: Estimate | None, number: int, now: int | None, away: Collection[int]) -> Node:
    if node.finished is not None:
        return Node(number, finished=node.finished, started=node.started)
    if estimate is None or node.is_frame or node.is_out:
        return Node(number, started=node.started)
    earliest = max(now or 0, node.not_before or 0, node.manual[0] if node.manual else 0)
    off = tuple(sorted(day for day in away if day >= (now or 0)))
    return Node(number, *estimate[:3], earliest=earliest, started=node.started, off=off)


def digest_of(network: Network, **more: Any) -> str:
    """Names a state of the plan: the same digest, the same forecast. `more` is what else the figures depend on."""
    nodes = [
        [
            one.key,
            *(round(days, 4) for days in (one.low, one.likely, one.high, one.earliest)),
            one.started,
            one.finished,
            *one.off,
        ]
        for one in network.nodes
    ]
    said = json.dumps([nodes, network.incoming, sorted(more.items())], default=str, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def seed_of(project: int) -> int:
    """The luck of a project: fixed, so that a page does not flicker and a change of the plan is all that changes it."""
    return int.from_bytes(hashlib.sha256(f"forecast {project}".encode()).digest()[:8], "big")
