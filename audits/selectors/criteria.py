"""What an audit asks about: the clauses of its criteria, as the checklist merges them."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from django.db.models import Count, Max, Min, Q

from audits.checklist import Asked, Line, Row, merge
from audits.models import Audit
from pdca.models import Clause
from pdca.models.standards import Kind

GENERAL = "General"
"""A title that says nothing without the one above it."""


def _titled(title: str, above: str | None) -> str:
    return f"{above} – {title.lower()}" if title == GENERAL and above else title


def asked(audit: Audit) -> list[Asked]:
    """The clauses of the criteria, standard by standard: those named, with all under a heading; of a standard without
    named clauses all of them. Three queries."""
    return _read(*_chosen(audit))


class Edition(NamedTuple):
    """A standard as a file gave it to this database: the same edition has the same clauses under the same keys."""

    standard: int
    digest: str
    first: int
    last: int
    count: int


Named = frozenset[tuple[int, str]]
"""Clauses that were chosen one by one: (standard, number)."""


def lines(audit: Audit) -> tuple[Line, ...]:
    """The lines of the checklist of the criteria. Three queries; five for the first one of these criteria.

    The catalogue changes a few times a year, an edition never: the lines of the same clauses of the same editions are kept.
    """
    standards, named = _chosen(audit)
    editions = _editions(standards)
    if all(one.digest for one in editions):
        return _kept(editions, standards, named)
    return _merged(editions, standards, named)


def _merged(editions: tuple[Edition, ...], standards: frozenset[int], named: Named) -> tuple[Line, ...]:
    return tuple(merge(_read(standards, named), structure()))


_kept = lru_cache(maxsize=32)(_merged)


def _chosen(audit: Audit) -> tuple[frozenset[int], Named]:
    """The standards of the criteria, and the clauses chosen among theirs. Two queries."""
    named = frozenset(audit.clause_links.order_by().values_list("clause__standard_id", "clause__ref"))
    whole = audit.standard_links.order_by().values_list("standard_id", flat=True)
    return frozenset(whole) | {standard for standard, _ref in named}, named


def _editions(standards: frozenset[int]) -> tuple[Edition, ...]:
    """The editions of these standards, and of the structure they meet in. One query."""
    clauses = Clause.objects.filter(Q(standard__in=standards) | Q(standard__kind=Kind.STRUCTURE)).order_by("standard")
    spans = clauses.values_list("standard", "standard__digest").annotate(
        first=Min("pk"), last=Max("pk"), count=Count("pk")
    )
    return tuple(Edition(*span) for span in spans)


def _read(standards: frozenset[int], chosen: Named) -> list[Asked]:
    named: dict[int, set[str]] = {}
    for standard, ref in chosen:
        named.setdefault(standard, set()).add(ref)
    rows = Clause.objects.filter(standard__in=standards, is_leaf=True)
    return [
        Asked(pk, slug, ref, _titled(title, above), hs, match, intent, tuple(evidence), position)
        for pk, standard, slug, ref, title, above, hs, match, intent, evidence, position in rows.order_by(
            "standard__code", "position"
        ).values_list(
            "pk", "standard_id", "standard__slug", "ref", "title", "parent__title", "hs", "match", "intent",
            "evidence_examples", "position",
        )
        if standard not in named or _lies_in(ref, named[standard])
    ]  # fmt: skip


def _lies_in(ref: str, chosen: set[str]) -> bool:
    parts = ref.split(".")
    return any(".".join(parts[:n]) in chosen for n in range(1, len(parts) + 1))


def structure() -> list[Row]:
    """The harmonized structure in its order. One query."""
    rows = Clause.objects.filter(standard__kind=Kind.STRUCTURE).order_by("position")
    return [
        Row(ref, parent or "", _titled(title, above), intent, tuple(evidence))
        for ref, parent, title, above, intent, evidence in rows.values_list(
            "ref", "parent__ref", "title", "parent__title", "intent", "evidence_examples"
        )
    ]
