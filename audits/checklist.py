"""The lines of a checklist: the clauses of all chosen standards, merged where they meet in the harmonized structure.

How it is merged. Clauses that answer the same row of the structure are asked about once, in one line that credits all
their standards; what a discipline adds to the row stays visible as a part of the line. A clause on a heading of the
structure (9.2 of ISO 9001:2015) draws the rows under it (9.2.1 and 9.2.2 of others) into its line, because an answer to
it is an answer to both. Where only one of the chosen standards has a row, each of its clauses is a line of its own, as
are specific clauses: nothing is saved by merging a standard with itself.

Every chosen clause is credited exactly once. No query, no state: the same clauses always give the same lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pdca.models import Match
from pdca.selectors.crosswalk import Saving


class Asked(NamedTuple):
    """A clause the audit asks about, as far as merging needs it."""

    pk: int
    standard: str
    ref: str
    title: str
    hs: str
    match: str
    intent: str = ""
    evidence: tuple[str, ...] = ()
    position: int = 0


class Row(NamedTuple):
    """A row of the harmonized structure; `parent` is "" at the top."""

    ref: str
    parent: str
    title: str
    intent: str = ""
    evidence: tuple[str, ...] = ()


class Part(NamedTuple):
    """A clause that a line credits, and whether it adds something to what the line shares."""

    clause: Asked
    is_addition: bool


@dataclass(frozen=True)
class Line:
    """One question of the checklist. `row` is "" where a single standard asks it, then there is one part; `hs` says
    which row of the structure it answers all the same, "" for a specific clause."""

    row: str
    hs: str
    ref: str
    title: str
    intent: str
    prompts: tuple[str, ...]
    parts: tuple[Part, ...]

    @property
    def standards(self) -> tuple[str, ...]:
        """The slugs of the standards credited, each once, in the order of the parts."""
        return tuple(dict.fromkeys(part.clause.standard for part in self.parts))

    @property
    def is_shared(self) -> bool:
        return bool(self.row)

    @property
    def additions(self) -> tuple[Asked, ...]:
        return tuple(part.clause for part in self.parts if part.is_addition)


def merge(clauses: Iterable[Asked], structure: Sequence[Row]) -> list[Line]:
    """The lines that ask about each of `clauses` exactly once; standards keep the order in which they first appear."""
    chosen = list({clause.pk: clause for clause in clauses}.values())
    order = {slug: n for n, slug in enumerate(dict.fromkeys(clause.standard for clause in chosen))}
    rows = {row.ref: row for row in structure}
    places = {row.ref: n for n, row in enumerate(structure)}
    named = {clause.hs for clause in chosen if clause.match != Match.SPECIFIC}
    groups: dict[str, list[Asked]] = {}
    alone: list[Asked] = []
    for clause in sorted(chosen, key=lambda one: (order[one.standard], one.position)):
        if clause.match == Match.SPECIFIC or clause.hs not in rows:
            alone.append(clause)
        else:
            groups.setdefault(_topmost(clause.hs, named, rows), []).append(clause)
    made: list[tuple[tuple, Line]] = []
    for ref, members in groups.items():
        if len({clause.standard for clause in members}) == 1:
            made += [(_place(clause, places, order), _single(clause)) for clause in members]
        else:
            made.append(((_numbers(ref)[:2], 0, places[ref]), _shared(rows[ref], members)))
    made += [(_place(clause, places, order), _single(clause)) for clause in alone]
    return [line for _key, line in sorted(made, key=lambda one: one[0])]


def saving(lines: Iterable[Line]) -> Saving:
    """How many questions the standards ask one by one, and how many the checklist asks."""
    asked = [len(line.parts) for line in lines]
    return Saving(separately=sum(asked), together=len(asked))


def _topmost(ref: str, named: set[str], rows: Mapping[str, Row]) -> str:
    """The highest row at or above `ref` that some chosen clause answers itself."""
    found, at = ref, rows[ref].parent
    while at:
        found, at = (at if at in named else found), rows[at].parent
    return found


def _shared(row: Row, members: list[Asked]) -> Line:
    parts = tuple(Part(clause, clause.match == Match.EXTENDED) for clause in members)
    prompts = _once([*row.evidence, *(text for clause in members for text in clause.evidence)])
    return Line(row.ref, row.ref, row.ref, _plain(row.title), row.intent or members[0].intent, prompts, parts)


def _single(clause: Asked) -> Line:
    return Line("", clause.hs, clause.ref, clause.title, clause.intent, _once(clause.evidence), (Part(clause, False),))


def _plain(title: str) -> str:
    """Without the structure's placeholder for the discipline."""
    title = title.replace("XXX ", "")
    return title[:1].upper() + title[1:]


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Each prompt once, whatever its capitals, in the order of first mention."""
    return tuple({text.casefold(): text for text in reversed(list(texts))}.values())[::-1]


def _place(clause: Asked, places: Mapping[str, int], order: Mapping[str, int]) -> tuple:
    """After the shared line of its second level (6.1.2 after 6.1), standard by standard, in the order of its own numbers.

    A clause of a row takes the place of the row, because its own number may be another (10.1 and 10.2 changed places).
    """
    level = _numbers(clause.hs if clause.hs in places else clause.ref)[:2]
    return level, 1, order[clause.standard], clause.position


def _numbers(ref: str) -> tuple[int, ...]:
    return tuple(int(part) for part in ref.split(".") if part.isdigit())
