"""Clauses as audits need them: what a set of criteria covers, and the keys by which two clauses are the same work."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from audits.models import Audit
from pdca.models import Clause, Match


def keys_of(clause: Clause) -> frozenset[str]:
    """Its own number and, where it answers one, its row of the harmonized structure. Wants `standard` loaded."""
    return keys_by(clause.standard.slug, clause.ref, clause.hs, clause.match)


def keys_by(standard: str, ref: str, hs: str, match: str) -> frozenset[str]:
    """The same from a clause's columns; `standard` is its slug."""
    own = f"{standard}:{ref}"
    return frozenset({own, f"hs:{hs}"}) if hs and match != Match.SPECIFIC else frozenset({own})


def keys(clauses: Iterable[Clause]) -> frozenset[str]:
    return frozenset().union(*(keys_of(one) for one in clauses))


def whole(standards: Iterable[int], chosen: Iterable[int]) -> QuerySet[Clause]:
    """The leaf clauses that standards and clauses chosen among them cover. One query.

    A standard none of whose clauses was chosen is covered whole; a chosen heading covers what lies under it.
    """
    named = Clause.objects.filter(pk__in=chosen)
    inside = Q(pk__in=chosen)
    for depth in ("parent", "parent__parent", "parent__parent__parent"):
        inside |= Q(**{f"{depth}__in": chosen})
    rest = Q(standard__in=standards) & ~Q(standard__in=named.values("standard"))
    return (
        Clause.objects.filter(inside | rest, is_leaf=True)
        .select_related("standard")
        .order_by("standard__code", "position")
    )


def of_audit(audit: Audit) -> list[Clause]:
    """The leaf clauses among the criteria of an audit. One query."""
    return list(
        whole(
            audit.standard_links.order_by().values("standard_id"),
            audit.clause_links.order_by().values("clause_id"),
        )
    )


def offered(project: Any) -> list[Clause]:
    """The clauses of the project's standards, in order. One query."""
    standards = project.chosen_standards.values("standard")
    found = Clause.objects.filter(standard__in=standards).select_related("standard")
    return list(found.order_by("standard__code", "position"))
