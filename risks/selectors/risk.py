"""Risks as pages read them, and which of them ask for a new look."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Count, F, Q, QuerySet

from core.rules import RuleBroken
from projects.models import Project
from risks import levels
from risks.models import Asset, Edition, Rating, RatingKind, Risk
from risks.models.risk import EDITIONS


def of(project: Project) -> QuerySet[Risk]:
    """The risks of a project with what a row names."""
    return Risk.objects.filter(project=project).select_related("owner")


def one(project: Project, number: str) -> Risk | None:
    """A risk by the number people say aloud ("R-012"). One query."""
    wanted = Risk.number_of(number)
    if wanted is None:
        return None
    found = (
        Risk.objects.filter(project=project, number=wanted)
        .select_related("owner", "edition", "created_by", "edited_by")
        .first()
    )
    if found is not None:
        found.project = project  # with its organization, which the page has loaded
    return found


def asset(project: Project, number: str) -> Asset | None:
    """An asset by its number ("AS-012"). One query."""
    wanted = Asset.number_of(number)
    if wanted is None:
        return None
    found = Asset.objects.filter(project=project, number=wanted).select_related("owner", "created_by").first()
    if found is not None:
        found.project = project
    return found


def ratings_of(risk: Risk) -> QuerySet[Rating]:
    """Every rating of a risk, the newest first."""
    return risk.ratings.select_related("edition", "treatment").order_by("-rated_at", "-pk")


def rated_by_older(edition: Edition | None) -> Q:
    """A condition: one of the last ratings was made by another edition."""
    old = Q(pk__in=[])
    if edition is not None:
        for name in EDITIONS.values():
            old |= Q(**{f"{name}__isnull": False}) & ~Q(**{name: edition})
    return old


def to_look_at(edition: Edition | None) -> Q:
    """A condition: a rating is older than the criteria or than what it points to."""
    old = rated_by_older(edition)
    return Q(is_open=True) & (old | Q(links_changed_at__isnull=False, rated_at__isnull=False))


def older_editions(risk: Risk, edition: Edition | None) -> set[int]:
    """The keys of the other editions that its last ratings were made by. No query."""
    made_by = {getattr(risk, f"{name}_id") for name in EDITIONS.values()} - {None}
    return made_by - {edition.pk} if edition is not None else set()


def why_to_look_at(risk: Risk, edition: Edition | None) -> str:
    """ "criteria" or "links": why the rating asks for a new look; "" when it does not. No query."""
    if not risk.is_open:
        return ""
    if older_editions(risk, edition):
        return "criteria"
    return "links" if risk.links_changed_at is not None and risk.rated_at is not None else ""


class Change(NamedTuple):
    """What a newer edition would make of a rating: `marks` as it was judged ("3 × 4"), `again` as it would count.

    `new` is None where the marks lie outside the new scales.
    """

    risk: Risk
    kind: str
    marks: str
    again: str
    old: str
    new: str | None
    is_higher: bool
    is_other: bool


def outdated(project: Project, edition: Edition) -> list[Change]:
    """What the edition would change of the last ratings of open risks that rest on an older one. Two queries.

    Every rating is named, also those whose level stays: a person decides about each. (IMS2 1.7.2)
    """
    found = []
    criteria = edition.criteria
    rows = (
        Rating.objects.filter(project=project, risk__in=Risk.objects.filter(rated_by_older(edition), project=project))
        .filter(risk__is_open=True)
        .select_related("risk__owner")
        .order_by("risk__number", "kind", "-rated_at", "-pk")
    )
    seen: set[tuple[int, str]] = set()
    for rating in rows:
        if (key := (rating.risk_id, rating.kind)) in seen:
            continue
        seen.add(key)
        if rating.edition_id != edition.pk:
            found.append(_changed(rating, criteria))
    return found


def _changed(rating: Rating, criteria: levels.Criteria) -> Change:
    marks = f"{rating.likelihood} × {rating.consequence}"
    try:
        consequence, _marks = levels.judged_again(criteria, consequence=rating.consequence, marks=rating.marks)
        level = levels.level_of(criteria, likelihood=rating.likelihood, consequence=consequence)
    except RuleBroken:
        return Change(rating.risk, rating.kind, marks, "", rating.level_name, None, False, True)
    name = criteria.levels[level].name
    return Change(
        rating.risk, rating.kind, marks, f"{rating.likelihood} × {consequence}", rating.level_name, name,
        level > rating.level, level != rating.level or name != rating.level_name,
    )  # fmt: skip


HEAT = {kind: (f"{kind}_likelihood", f"{kind}_consequence") for kind in RatingKind.values}
"""The columns that a heat map of each kind counts."""


def counted(rows: QuerySet[Risk], kind: str) -> dict[tuple[int, int], int]:
    """How many of the risks lie in each cell (likelihood, consequence). One query over one index."""
    likelihood, consequence = HEAT[kind]
    cells = (
        rows.filter(**{f"{likelihood}__isnull": False})
        .order_by()
        .annotate(l=F(likelihood), c=F(consequence))
        .values_list("l", "c")
        .annotate(n=Count("pk"))
    )
    return {(row[0], row[1]): row[2] for row in cells}
