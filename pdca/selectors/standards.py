"""The standards as lists, one standard with its clauses or controls."""

from __future__ import annotations

from django.db.models import Count, Q, QuerySet

from pdca.models import Standard
from pdca.models.standards import Kind


def listed() -> QuerySet[Standard]:
    """Every standard and catalogue of controls with what it counts, the structure last; one query.

    `requirement_count` are leaves (what is answered one by one), `control_count` controls.
    """
    return (
        Standard.objects.select_related("successor", "supersedes", "requirements")
        .annotate(
            requirement_count=Count("clauses", filter=Q(clauses__is_leaf=True), distinct=True),
            control_count=Count("controls", distinct=True),
        )
        .order_by("code")
    )


def certifiable() -> QuerySet[Standard]:
    """What a project can aim at: certifiable requirements, current editions before superseded ones."""
    return listed().filter(kind=Kind.REQUIREMENTS, is_certifiable=True).order_by("status", "code")


def comparable() -> QuerySet[Standard]:
    """What the crosswalk can put side by side: requirements built on the harmonized structure."""
    return (
        Standard.objects.select_related("successor")
        .filter(kind=Kind.REQUIREMENTS, uses_hs=True)
        .annotate(requirement_count=Count("clauses", filter=Q(clauses__is_leaf=True)))
        .order_by("discipline", "code")
    )
