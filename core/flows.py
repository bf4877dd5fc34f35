"""A life of a record, written as a table that reads like the procedure it implements.

The table only says what is possible. `projects.flow.move` locks the row, asks the permission and the guard, saves and
writes the journal; buttons on a page come from the same table, so page and rule cannot disagree.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Move:
    """One move: from any of `sources` to `target`, for those who hold `needs`.

    `guard(record, by)` returns a sentence when the move must not happen although permission and state are right
    (segregation of duties, open parts), otherwise None. `asks_reason` makes the reason mandatory.
    """

    name: str
    sources: frozenset[str]
    target: str
    needs: str
    label: str = ""
    guard: Callable[[Any, Any], str | None] | None = None
    asks_reason: bool = False
    clause: str = ""
    icon: str = ""
    is_main: bool = False


def move(name: str, sources: Iterable[str], target: str, *, needs: str, **more: Any) -> Move:
    return Move(name=name, sources=frozenset(str(s) for s in sources), target=str(target), needs=str(needs), **more)


@dataclass(frozen=True)
class Flow:
    """The moves of one kind of record, `by_name`, in the order a page offers them."""

    moves: tuple[Move, ...]
    by_name: dict[str, Move] = field(init=False, compare=False, hash=False)

    def __init__(self, *moves: Move) -> None:
        object.__setattr__(self, "moves", moves)
        object.__setattr__(self, "by_name", {m.name: m for m in moves})
        if len(self.by_name) != len(moves):
            raise ValueError("Two moves share a name.")

    def __getitem__(self, name: str) -> Move:
        return self.by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name

    def possible(self, status: str, perms: Iterable[str]) -> list[Move]:
        """The moves a holder of `perms` can be offered from `status`; guards are asked when the move is made."""
        held = set(perms)
        return [m for m in self.moves if status in m.sources and m.needs in held]
