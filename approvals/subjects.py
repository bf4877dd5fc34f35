"""What can be decided on: each app hangs its subjects up here in `apps.py`.

    subjects.register(Subject("mandate", _("Project mandate"), load=mandate.of, snapshot=mandate.snapshot, …))

`snapshot(record)` gives the content as plain values (dicts, lists, text, numbers without fractions, dates): exactly what
is signed. `document(record)` is the same as HTML, as people read it. A subject's services call `services.request.changed`
after every change, so that a request never asks about yesterday's text.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from projects.permissions import Perm

Hook = Callable[[Any, Any, Any], None]


class Obstacle(str):
    """What still stands in the way of a request, as a sentence; `url` is where it can be mended."""

    url: str

    def __new__(cls, says: str, url: str = "") -> Obstacle:
        found = super().__new__(cls, says)
        found.url = url
        return found


def _nothing(record: Any, approval: Any, log: Any) -> None:
    return None


@dataclass(frozen=True)
class Subject:
    """A sort of record that can be approved.

    `authors(record)` are the ids of people who wrote or last edited it: none of them decides on it. `asked`,
    `approved` and `ended` run in the transaction of the request or decision, with its journal: the record then moves to
    its next state. `decided_by(record)` is the permission a decider needs, where records of one sort differ in it.
    `may_ask(record, by)` narrows `request_perm` to who may ask about this one record (its owner).
    `decided_in(record, position)` is the same for a step of its own, counted from 1.
    `planned(record, by)` gives the steps (services.request.Planned) where the record itself says who decides: then nobody
    chooses, whatever a form sends, and the steps follow one another.
    `waits(record)` says that an approved edition does not replace the one before it yet: the subject's app calls
    `services.force.begin` when its day has come.
    `opened_by` is the permission that the page behind `url` needs; who does not hold it is not led there.
    `is_signed_by_author` lifts the rule that nobody decides on what they wrote or asked for: a report that its author answers
    for with their name (a lead auditor's, ISO 19011:2018, 6.5.1), where the decision is not a second pair of eyes.
    `notes(record)` are sentences above the form that asks for a decision: what the decision would bring about.
    """

    kind: str
    label: Any
    load: Callable[[Any, int], Any | None]
    title: Callable[[Any], str]
    snapshot: Callable[[Any], dict[str, Any]]
    document: Callable[[Any], str]
    authors: Callable[[Any], set[int]]
    meaning: Callable[[Any], str]
    url: Callable[[Any], str]
    request_perm: Perm = Perm.MANAGE_PROJECT
    approver_perm: Perm = Perm.DECIDE
    opened_by: Perm = Perm.VIEW_PROJECT
    decided_by: Callable[[Any], Perm] | None = None
    decided_in: Callable[[Any, int], Perm] | None = None
    planned: Callable[[Any, Any], list[Any]] | None = None
    is_signed_by_author: bool = False
    may_ask: Callable[[Any, Any], bool] = lambda record, by: True
    waits: Callable[[Any], bool] = lambda record: False
    obstacles: Callable[[Any], list[str]] = lambda record: []
    notes: Callable[[Any], list[str]] = lambda record: []
    asked: Hook = _nothing
    approved: Hook = _nothing
    ended: Hook = _nothing
    labels: dict[str, Any] = field(default_factory=dict)

    def perm_to_decide(self, record: Any, position: int = 1) -> Perm:
        """The permission that a decider of this step needs."""
        if self.decided_in is not None:
            return self.decided_in(record, position)
        return self.decided_by(record) if self.decided_by is not None else self.approver_perm


_subjects: dict[str, Subject] = {}


def register(subject: Subject) -> None:
    _subjects[subject.kind] = subject


def of(kind: str) -> Subject:
    """The subject of that kind. Raises KeyError."""
    return _subjects[kind]


def every() -> list[Subject]:
    return [*_subjects.values()]


def signed_by_author() -> list[str]:
    """The kinds whose author, and who asks, may decide: `Subject.is_signed_by_author`."""
    return [subject.kind for subject in _subjects.values() if subject.is_signed_by_author]
