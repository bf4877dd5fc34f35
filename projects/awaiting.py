"""Decisions that projects wait for, and by whom: a hook. The apps that know decisions hang their answer here.

    awaiting.hang(approvals.selectors.awaited)      # in apps.py

An answer is asked once for all projects of a list: from their ids it gives, in one query, what each waits for, the
longest first. Blocked tasks and tasks of top management are no decisions; where nothing hangs, lists have no column for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple


class Awaited(NamedTuple):
    """What is to be decided, by whom (a name or a role), where, and since when."""

    label: Any
    who: str
    url: str
    since: dt.date


Answer = Callable[[Sequence[int]], dict[int, list[Awaited]]]

_answers: list[Answer] = []


def hang(answer: Answer) -> None:
    if answer not in _answers:
        _answers.append(answer)


def is_known() -> bool:
    """Whether any app knows of decisions: without one a list has nothing to say about them."""
    return bool(_answers)


def of(projects: Sequence[int]) -> dict[int, list[Awaited]]:
    """What each of the projects waits for, the longest waiting first; as many queries as apps that hang here."""
    found: dict[int, list[Awaited]] = {}
    for answer in _answers if projects else ():
        for project, awaited in answer(projects).items():
            found.setdefault(project, []).extend(awaited)
    for awaited in found.values():
        awaited.sort(key=lambda one: one.since)
    return found
