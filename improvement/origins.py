"""Where a nonconformity was raised, said by the app that raised it: a finding of an audit, a decision of a review.

    origins.tellers.append(of_finding)     # in apps.py of the upper app; (record, user, perms) -> Origin | None

The page of the nonconformity and its record on paper show what is told here, with the way back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from improvement.models import Nonconformity


class Origin(NamedTuple):
    """ "Finding F-012 of audit A-003", its address ("" for who may not open it), and a word more where there is one."""

    label: str
    url: str = ""
    note: str = ""


tellers: list[Callable[[Nonconformity, Any, Iterable[Any]], Origin | None]] = []


def of(record: Nonconformity, user: Any, perms: Iterable[Any]) -> list[Origin]:
    """What the apps above say of where this was raised, in the order they were hung up."""
    return [found for tell in tellers if (found := tell(record, user, perms)) is not None]
