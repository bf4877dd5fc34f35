"""What can be found: a table that the apps fill in their `apps.py`.

    kinds.register(Kind(
        key="risk", group="risks", model="risks.Risk",
        rows=lambda: Risk.objects.only("number", "title", "cause"),
        draft=lambda risk: Draft(label=risk.label, title=risk.title, texts=[risk.cause]),
        address=lambda hit: address("risks:risk-detail", org=hit.org, project=hit.project, number=hit.label),
        reach=InProject(Perm.VIEW_RISKS),
    ))

The journal does the rest: an entry about a record of that model refreshes what is found of it, a new project brings all
its rows (within seconds), and `rebuild_search` fills the index the first time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db.models import Model, Q, QuerySet

from projects.permissions import Perm, Role

# ---- who may find it ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Everybody:
    """Published things: whoever is signed in."""


@dataclass(frozen=True)
class InProject:
    """Who holds `perm` in the record's project.

    `own` opens records to who only holds Perm.VIEW_OWN_WORK: from the person and the roles held in each such project it
    makes the records that are theirs, asked from the live table, so that no copy decides about a right.
    """

    perm: Perm
    own: Callable[[Any, Mapping[int, frozenset[Role]]], QuerySet] | None = None


@dataclass(frozen=True)
class Among:
    """The records that `rows` names for a person (a search.sight.Sight): for kinds that lie in no project."""

    rows: Callable[[Any], QuerySet]


Reach = Everybody | InProject | Among

# ---- what it is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Draft:
    """A record as it is found: what the row prints, and the words that lead to it.

    `place` and `context` are for kinds outside projects: what the address needs, and where the thing belongs in words.
    """

    title: str
    label: str = ""
    texts: Sequence[str] = ()
    place: str = ""
    context: str = ""
    state: str = ""
    is_closed: bool = False
    organization_id: int | None = None
    project_id: int | None = None


@dataclass(frozen=True)
class Kind:
    """One kind of record that can be found.

    `rows` are all records with what `draft` reads; `address` makes the page of a hit. `icon` stands before each row,
    `badges` gives kind and word of a state. `also` says which further records a journal entry touches;
    `same_after` are the actions that leave every word of the record as it was.
    """

    key: str
    group: str
    model: str
    rows: Callable[[], QuerySet]
    draft: Callable[[Any], Draft]
    address: Callable[[Any], str]
    reach: Reach
    icon: str = "file-text"
    badges: Callable[[], Mapping[str, tuple[str, Any]]] = field(default=dict)
    also: Callable[[Any], Q | None] = lambda entry: None
    same_after: frozenset[str] = frozenset()

    @property
    def subject(self) -> type[Model]:
        return apps.get_model(self.model)

    @property
    def target_kind(self) -> str:
        """The name under which the journal speaks of it."""
        return self.model.lower()

    @property
    def lies_in_project(self) -> bool:
        return isinstance(self.reach, InProject)


@dataclass(frozen=True)
class Group:
    """Kinds that stand together under one heading and one tab."""

    key: str
    label: Any
    order: int


_kinds: dict[str, Kind] = {}
_groups: dict[str, Group] = {}


def register(kind: Kind) -> None:
    """Adds a kind; one with the same key is replaced.

    Raises ValueError for a key of other than letters and "_": the full-text index of SQLite would read "a-b" as a phrase.
    """
    if not kind.key.replace("_", "").isalpha():
        raise ValueError(f"The key {kind.key!r} of a search kind has to be letters only, and _ between them.")
    _kinds[kind.key] = kind


def register_group(key: str, label: Any, order: int) -> None:
    _groups[key] = Group(key, label, order)


def every() -> list[Kind]:
    return list(_kinds.values())


def of(key: str) -> Kind:
    return _kinds[key]


def groups() -> list[Group]:
    """The headings in their order; one without a registered name comes last under its own key."""
    used = dict.fromkeys(kind.group for kind in _kinds.values())
    found = [_groups.get(key) or Group(key, key.capitalize(), 1000) for key in used]
    return sorted(found, key=lambda group: group.order)


def in_group(key: str) -> list[Kind]:
    return [kind for kind in _kinds.values() if kind.group == key]
