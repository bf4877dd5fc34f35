"""What a decision elsewhere can point at: risks, documents, tasks. Each app hangs its own sort up here in `apps.py`.

    pointing.register(Pointable("risks", Perm.VIEW_RISKS, every=…, offered=…, named=…))

Who points keeps keys alone; what a record is called, and whether a reader may know of it, is asked when it is shown.

The way back is read from there, too: who points hangs up a teller, and the page of the record says
`{% load pointing %}{% changed_because "risks" risk %}`.

    pointing.tellers.append(of_nonconformities)     # (key, record, user, perms) -> the reasons this person may know of
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import QuerySet

from . import access
from .models import Project
from .permissions import Perm


@dataclass(frozen=True)
class Pointable:
    """A sort of record. `every(project)` are all of it, `offered(project)` those worth choosing now, the likeliest first;
    `named(rows, text)` are those of `rows` that people call so ("R-012"). Who holds `needs` may know of them."""

    key: str
    needs: Perm
    every: Callable[[Project], QuerySet]
    offered: Callable[[Project], QuerySet]
    named: Callable[[QuerySet, str], QuerySet]

    def seen_by(self, project: Project, user: Any) -> QuerySet:
        rows = self.every(project)
        return rows if self.needs in access.perms_in(user, project) else rows.none()

    def find(self, project: Project, user: Any, text: str) -> Any | None:
        """The record that people call so, for who may know of it. One query."""
        return self.named(self.seen_by(project, user), text).first()


_sorts: dict[str, Pointable] = {}


def register(sort: Pointable) -> None:
    """Adds a sort; one with the same key is replaced."""
    _sorts[sort.key] = sort


def of(key: str) -> Pointable | None:
    return _sorts.get(key)


def by_number(model: type) -> Callable[[QuerySet, str], QuerySet]:
    """For registers whose records are called by prefix and number."""

    def named(rows: QuerySet, text: str) -> QuerySet:
        number = model.number_of(text)
        return rows.filter(number=number) if number is not None else rows.none()

    return named


def load(key: str, project: Project, user: Any, pks: Iterable[int]) -> list[Any]:
    """Those of a sort with these keys that the person may know of, each with its project. One query."""
    sort, wanted = of(key), list(pks)
    if sort is None or not wanted:
        return []
    found = list(sort.seen_by(project, user).filter(pk__in=wanted))
    for one in found:
        one.project = project
    return found


class Reason(NamedTuple):
    """Why a record was to change: "NC-004 Label missing", and where that is read."""

    label: str
    url: str


tellers: list[Callable[[str, Any, Any, Iterable[Perm]], Iterable[Reason]]] = []


def reasons(key: str, record: Any, user: Any, perms: Iterable[Perm]) -> list[Reason]:
    """What points at a record of that sort, as far as this reader may know of it. One query for each teller."""
    return [one for tell in tellers for one in tell(key, record, user, perms)]
