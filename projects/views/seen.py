"""A change is saved when the person has seen what it brings about."""

from __future__ import annotations

from collections.abc import Callable

from projects import schedule_words
from projects.schedule.consequence import Consequence


class Shown(Exception):
    """The consequence has to be seen first."""

    def __init__(self, told: schedule_words.Told) -> None:
        super().__init__()
        self.told = told


def see_first(seen: str, what_if: Callable[[], Consequence], *, is_change: bool = True) -> None:
    """Raises Shown unless the person has seen this very consequence, or nothing else moves."""
    told = schedule_words.told(what_if(), is_change=is_change)
    if (told.moves or told.warnings) and told.token != seen:
        raise Shown(told)
