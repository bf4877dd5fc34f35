"""What can have evidence, and what can be cited as evidence: each app hangs its own up here in `apps.py`.

    targets.register(Target("risks.risk", load=…, may_see=…, may_add=…, may_manage=…, url=…))
    citable.register(Citable("documents.revision", _("Document"), find=…, load=…, words=…, url=…, state=…))

A page of the record then says `{% load evidence %}{% evidence_panel risk %}` and has all of it: the list, adding by file,
link or citation, withdrawing. A kind is the model's label in small letters, as in the journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from .models import Project

Asks = Callable[[Any, Any], bool]


@dataclass(frozen=True)
class Target:
    """A sort of record that can have evidence.

    `load(project, pk)` gives the record of that project, with `record.project` loaded, or None. The three questions
    `(record, user)` are asked by every page and again under the lock of a change: who may see the record (and so its
    evidence), who may add, and who may withdraw what others added and still open what was withdrawn. Who added a piece
    may withdraw it while they may add.

    `count(record, n)` runs in the transaction of the change and stores how many pieces are valid now. `label` is what
    the record is called above the page's title. Of one that `is_confidential` the journal says no title, file or link.
    """

    kind: str
    load: Callable[[Project, int], Any | None]
    may_see: Asks
    may_add: Asks
    may_manage: Asks
    url: Callable[[Any], str]
    count: Callable[[Any, int], None] = lambda record, n: None
    label: Callable[[Any], str] = str
    is_confidential: Callable[[Any], bool] = lambda record: False

    @property
    def noun(self) -> str:
        """The first word of its journal actions: "risk" in risk.evidence_added."""
        return self.kind.rpartition(".")[2]


@dataclass(frozen=True)
class Citable:
    """A sort of record that can be cited as evidence, such as an effective document.

    `find(project, user, text)` gives the few best matches that this person may cite now (at most MOST_FOUND are shown);
    `load(project, user, pks)` those of `pks` that this person may open, by key, whatever their state: one query for all.
    `words(record)` is kept for ever: "POL-001 Information security policy, revision 3". `refusal(record)` says why a
    record cannot be cited now, "" when it can; it is asked under the lock. `state(record)` is a badge beside the words
    (kind, label) as long as the record can be loaded, or None.
    """

    kind: str
    label: Any
    find: Callable[[Project, Any, str], Iterable[Any]]
    load: Callable[[Project, Any, Iterable[int]], dict[int, Any]]
    words: Callable[[Any], str]
    url: Callable[[Any], str]
    state: Callable[[Any], tuple[str, Any] | None] = lambda record: None
    refusal: Callable[[Any], str] = lambda record: ""


MOST_FOUND = 10

Kind = TypeVar("Kind", Target, Citable)


class Registry(Generic[Kind]):
    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def register(self, one: Kind) -> None:
        self._kinds[one.kind] = one

    def of(self, kind: str) -> Kind:
        """The one of that kind. Raises KeyError."""
        return self._kinds[kind]

    def every(self) -> list[Kind]:
        return [*self._kinds.values()]

    def remove(self, kind: str) -> None:
        """For tests that registered something of their own."""
        self._kinds.pop(kind, None)


targets: Registry[Target] = Registry()
citable: Registry[Citable] = Registry()


def kind_of(record: Any) -> str:
    """The kind of a record: its model's label, as the journal names it."""
    return record._meta.label_lower


def target_of(record: Any) -> Target:
    """The target a record is. Raises KeyError when its app did not register it."""
    return targets.of(kind_of(record))
