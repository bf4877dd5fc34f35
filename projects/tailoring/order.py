"""Putting things before other things."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TypeVar

Item = TypeVar("Item", bound=Hashable)


def placed(items: Sequence[Item], item: Item, before: Item | None) -> list[Item]:
    """The items with `item` directly before `before`, or at the end when that is None or not among them."""
    if before == item:
        return list(items)
    left = [one for one in items if one != item]
    at = left.index(before) if before in left else len(left)
    return [*left[:at], item, *left[at:]]


def next_of(items: Sequence[Item], item: Item) -> Item | None:
    """What follows an item: where to put it back, if it is moved."""
    at = items.index(item) + 1
    return items[at] if at < len(items) else None
