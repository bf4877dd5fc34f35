"""Who would judge their own work: a question answered from facts, without a query. (9.2.2; ISO 19011:2018, 4 e and 5.5.4)

A fact ties a person to a thing (they own it, wrote it, approved it, do it) and says which clauses and which processes or
sites the thing belongs to. A session is about clauses and places too. The two meet

1. in a place: the thing belongs to a process or site that the session is about; or
2. in a clause, unless both name places and none of these is the same: who writes the instructions of purchasing does
   not audit their own work when documented information is audited in production.

Clauses are compared by their row of the harmonized structure, where they have one: documented information is the same
work whichever standard asks for it. Keys are plain texts ("hs:7.5.3", "iso-9001-2015:8.5.1"); a key of a heading
contains those under it. Places are compared by name, in small letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import NamedTuple

NONE: frozenset[str] = frozenset()


class Fact(NamedTuple):
    """One tie of a person. `key` names it for ever ("document:12:author"), `says` is the reason in words."""

    person: int
    key: str
    says: str
    clauses: frozenset[str] = NONE
    places: frozenset[str] = NONE


class About(NamedTuple):
    """What a session (or, as `session` None, an audit without an agenda) audits."""

    session: int | None
    title: str
    clauses: frozenset[str] = NONE
    places: frozenset[str] = NONE


class Judge(NamedTuple):
    """Somebody of the team who judges; `sessions` are those they sit in, None where the agenda does not say: all."""

    member: int
    person: int
    who: str
    sessions: frozenset[int] | None = None

    def sits_in(self, about: About) -> bool:
        return self.sessions is None or about.session is None or about.session in self.sessions


class Conflict(NamedTuple):
    """One person in one session, with every reason by its key; `covered` are the keys somebody has justified."""

    member: int
    who: str
    session: int | None
    title: str
    reasons: Mapping[str, str]
    covered: frozenset[str] = NONE

    @property
    def open_reasons(self) -> dict[str, str]:
        return {key: says for key, says in self.reasons.items() if key not in self.covered}

    @property
    def is_settled(self) -> bool:
        return not self.open_reasons


@lru_cache(maxsize=4_096)
def headings(keys: frozenset[str]) -> frozenset[str]:
    """Everything that any of the keys lies under: "hs:7.5.3" lies under "hs:7.5" and "hs:7"."""
    found = set()
    for key in keys:
        while "." in key:
            key = key.rpartition(".")[0]
            found.add(key)
    return frozenset(found)


def shares_a_clause(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether any key of one is, or lies under, any key of the other."""
    return bool(one & other or one & headings(other) or headings(one) & other)


def meets(fact: Fact, about: About) -> bool:
    """Whether what a fact is about is audited there: the two rules of this module."""
    if fact.places and about.places:
        return bool(fact.places & about.places)
    return bool(fact.clauses) and bool(about.clauses) and shares_a_clause(fact.clauses, about.clauses)


def conflicts(
    judges: Iterable[Judge],
    sessions: Iterable[About],
    facts: Iterable[Fact],
    justified: Mapping[int, frozenset[str]] | None = None,
) -> list[Conflict]:
    """Everybody who would judge their own work, session by session, in the order of the team.

    `justified` are the keys of reasons that were justified in writing, by team member.
    """
    of: dict[int, list[Fact]] = {}
    for fact in facts:
        of.setdefault(fact.person, []).append(fact)
    found, sessions, justified = [], list(sessions), justified or {}
    for judge in judges:
        for about in sessions:
            if not judge.sits_in(about):
                continue
            reasons = {one.key: one.says for one in of.get(judge.person, ()) if meets(one, about)}
            if reasons:
                covered = justified.get(judge.member, NONE) & frozenset(reasons)
                found.append(Conflict(judge.member, judge.who, about.session, about.title, reasons, covered))
    return found
