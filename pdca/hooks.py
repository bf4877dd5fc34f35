"""What apps above want to know of: hung in from their `apps.py`, called after the commit."""

from __future__ import annotations

from collections.abc import Callable

#: A catalogue was loaded and something in it is new.
loaded: list[Callable[[], None]] = []


def tell_loaded() -> None:
    for follow in loaded:
        follow()
