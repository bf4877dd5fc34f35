"""What the heat maps count, and the risks whose way through the matrix is drawn."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import CharField, Count, F, QuerySet, Value

from projects.models import Project
from risks.models import Edition, RatingKind, Risk
from risks.models.risk import EDITIONS
from risks.pictures import MOST_ARROWS, Move
from risks.profiles import Discipline

from .register import HIGHEST_FIRST, still_open

LISTED = 25
"""How many risks are offered for the map of movement, the highest first."""


class Counted(NamedTuple):
    """How many risks lie in each cell (likelihood, consequence from 1), and what is not shown as it is."""

    cells: dict[tuple[int, int], int]
    unrated: int
    older: int
    """How many of those in cells rest on an older edition of the criteria."""

    @property
    def rated(self) -> int:
        return sum(self.cells.values())


def on_side(rows: QuerySet[Risk], is_gain: bool) -> QuerySet[Risk]:
    """Only opportunities, or everything else."""
    if is_gain:
        return rows.filter(discipline=Discipline.OPPORTUNITY)
    return rows.exclude(discipline=Discipline.OPPORTUNITY)


def counted(
    rows: QuerySet[Risk], edition: Edition | None, kinds: Iterable[str] = RatingKind.values
) -> dict[str, Counted]:
    """The cells of each kind of rating, over the open ones of `rows`. One query, over one index for each kind.

    `older` are those whose last rating of that kind was made by another edition.
    """
    parts = []
    for kind in kinds:
        cells = (
            still_open(rows)
            .order_by()
            .annotate(kind=Value(kind, output_field=CharField()), l=F(f"{kind}_likelihood"), c=F(f"{kind}_consequence"))
        )
        parts.append(cells.values_list("kind", "l", "c", EDITIONS[kind]).annotate(n=Count("pk")))
    found: dict[str, tuple[dict[tuple[int, int], int], list[int]]] = {kind: ({}, [0, 0]) for kind in kinds}
    in_force = edition.pk if edition is not None else None
    for kind, likelihood, consequence, rated_by, n in parts[0].union(*parts[1:], all=True):
        cells, others = found[kind]
        if likelihood is None:
            others[0] += n
            continue
        cells[likelihood, consequence] = cells.get((likelihood, consequence), 0) + n
        others[1] += n if rated_by is not None and rated_by != in_force else 0
    return {kind: Counted(cells, *others) for kind, (cells, others) in found.items()}


class Mover(NamedTuple):
    """A risk in the list beside the map: its way, and whether it is ticked."""

    move: Move
    owner: str
    is_chosen: bool


def movers(project: Project, rows: QuerySet[Risk], chosen: Iterable[int]) -> list[Mover]:
    """The chosen risks of the project, then the highest of `rows` up to LISTED. Two queries, one when none is chosen."""
    wanted = list(dict.fromkeys(chosen))[:MOST_ARROWS]
    named = {
        risk.number: risk
        for risk in (Risk.objects.filter(project=project, number__in=wanted).select_related("owner") if wanted else ())
    }
    highest = still_open(rows).filter(current_level__isnull=False).order_by(*HIGHEST_FIRST)
    found = [Mover(_way(named[number]), _owner(named[number]), True) for number in wanted if number in named]
    found += [
        Mover(_way(risk), _owner(risk), False)
        for risk in highest.select_related("owner")[:LISTED]
        if risk.number not in named
    ]
    return found


def _owner(risk: Risk) -> str:
    return (risk.owner.name or risk.owner.email) if risk.owner else ""


def _way(risk: Risk) -> Move:
    def stop(kind: str) -> tuple[int, int] | None:
        likelihood = getattr(risk, f"{kind}_likelihood")
        return None if likelihood is None else (likelihood, getattr(risk, f"{kind}_consequence"))

    return Move(risk.label, risk.title, *(stop(kind) for kind in RatingKind.values))
