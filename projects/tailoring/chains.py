"""What activities wait for when one of them is worked elsewhere. A link is [earlier, later, kind, lag], by numbers."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

FINISH_START = "fs"


def moved(links: Sequence[Sequence[Any]], number: str, order: Sequence[str], inside: Collection[str]) -> dict[str, Any]:
    """{"links": what is set, "gone": pairs without a link} after `number` stands where `order` has it.

    Only links to activities `inside` the steps concerned follow; what somebody linked across the plan stays. Old
    neighbours close up with the lag of the one that waited, the new ones let it in without a lag.
    """
    pairs = {(one[0], one[1]): list(one) for one in links}
    into = [one for one in links if one[1] == number and one[0] in inside]
    out = [one for one in links if one[0] == number and one[1] in inside]
    made: dict[tuple[str, str], list[Any]] = {}
    gone = {(one[0], one[1]) for one in (*into, *out)}
    for earlier in into:
        for later in out:
            if (earlier[0], later[1]) not in pairs:
                made[earlier[0], later[1]] = [earlier[0], later[1], later[2], later[3]]
    at = order.index(number)
    before = order[at - 1] if at else None
    after = order[at + 1] if at + 1 < len(order) else None
    between = (before, after)
    if before and after and (between in pairs or between in made):
        made.pop(between, None)
        if between in pairs:
            gone.add(between)
    if before:
        made[before, number] = [before, number, FINISH_START, 0]
    if after and (before is None or between in gone or between in pairs or any(one[1] == after for one in links)):
        made[number, after] = [number, after, FINISH_START, 0]
    return {"links": sorted(made.values()), "gone": sorted([*pair] for pair in gone - made.keys())}


def back(links: Sequence[Sequence[Any]], chain: Mapping[str, Any]) -> dict[str, Any]:
    """What puts things back as `links` have them, after `chain` was applied."""
    pairs = {(one[0], one[1]): list(one) for one in links}
    touched = {(one[0], one[1]) for one in chain["links"]} | {(one[0], one[1]) for one in chain["gone"]}
    return {
        "links": sorted(pairs[pair] for pair in touched if pair in pairs),
        "gone": sorted([*pair] for pair in touched if pair not in pairs),
    }


def applied(links: Sequence[Sequence[Any]], chain: Mapping[str, Any]) -> list[list[Any]]:
    """The links after a change."""
    pairs = {(one[0], one[1]): list(one) for one in links}
    for earlier, later in chain["gone"]:
        pairs.pop((earlier, later), None)
    pairs |= {(one[0], one[1]): list(one) for one in chain["links"]}
    return sorted(pairs.values())
