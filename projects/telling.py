"""What happened that somebody should hear of: said here, in the transaction of the change, and heard by apps above.

    telling.tell(telling.Event("mentioned", people=[anna], by=ben, subject=comment, project=project, key=f"{comment.pk}"))

Who listens decides how a person is told (inbox, mail at once, digest, not at all); a service only says what is so.
A listener hangs itself up in the `apps.py` of its app and writes in the same transaction: both are committed or neither.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Event:
    """One thing that happened, for the people it concerns; whoever did it (`by`) is not told.

    `kind` is the line in the listener's table ("assigned", "mentioned", "decision"). `subject` is the record it is about,
    or several of one sort. `key` tells it from every other event of its kind: said twice, it is heard once.
    """

    kind: str
    people: Sequence[Any]
    by: Any
    subject: Any
    key: str
    project: Any = None
    organization: Any = None


Listener = Callable[[Sequence[Event]], None]

_listeners: list[Listener] = []


def hang(listener: Listener) -> None:
    if listener not in _listeners:
        _listeners.append(listener)


def tell(*events: Event) -> None:
    """Hands over the events of one change, all at once, so that a listener needs no query for each."""
    if events:
        for listener in _listeners:
            listener(events)
