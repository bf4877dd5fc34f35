"""The heat map of risks as a picture: the same for the page and for the PDF.

    pictures.heat_svg(criteria, {(4, 3): 2}, "current")     # counts by (likelihood, consequence), both from 1
    pictures.marks(["Low", "Medium", "High"])               # what stands in a cell beside its colour

Pure: what is counted comes from selectors.heat.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.svg import Arrow, HeatCell, heat
from risks import levels
from risks.levels import Criteria
from risks.models import RatingKind

Counts = Mapping[tuple[int, int], int]
Link = Callable[[int, int], str]
MOST_ARROWS = 12


class Move(NamedTuple):
    """A risk on its way through the matrix: (likelihood, consequence) of each kind of rating, None where there is none."""

    label: str
    title: str
    inherent: tuple[int, int] | None
    current: tuple[int, int] | None
    expected: tuple[int, int] | None

    @property
    def stops(self) -> tuple[tuple[int, int] | None, ...]:
        return (self.inherent, self.current, self.expected)


def marks(names: Sequence[str]) -> list[str]:
    """One to three letters for each level, all different: L, M, H, VH. Where letters clash the number of the level follows."""
    found: list[str] = []
    for place, name in enumerate(names, start=1):
        words = [word for word in name.split() if word[0].isalnum()]
        short = "".join(word[0] for word in words[:3]).upper() or f"{place}"
        longer = f"{name.strip()[:2].title()}"
        for one in (short, longer, f"{short[0]}{place}", f"{place}"):
            if one.casefold() not in (known.casefold() for known in found):
                found.append(one)
                break
        else:
            found.append(f"{place}.")
    return found


def said_count(count: int, is_gain: bool = False) -> str:
    if is_gain:
        return ngettext("%(n)s opportunity", "%(n)s opportunities", count) % {"n": count}
    return ngettext("%(n)s risk", "%(n)s risks", count) % {"n": count}


def kind_title(kind: str) -> str:
    return str(RatingKind(kind).label)


def inside(criteria: Criteria, counts: Counts) -> dict[tuple[int, int], int]:
    """What of the counts lies on the scales of these criteria."""
    most_l, most_c = len(criteria.likelihood), len(criteria.consequence)
    return {cell: n for cell, n in counts.items() if 1 <= cell[0] <= most_l and 1 <= cell[1] <= most_c}


def outside(criteria: Criteria, counts: Counts) -> int:
    """How many were rated on longer scales than these, and cannot be shown."""
    return sum(counts.values()) - sum(inside(criteria, counts).values())


def by_level(criteria: Criteria, counts: Counts) -> list[int]:
    """How many there are of each level, the lowest first."""
    found = [0] * len(criteria.levels)
    for (likelihood, consequence), n in inside(criteria, counts).items():
        found[criteria.matrix[likelihood - 1][consequence - 1]] += n
    return found


def heat_svg(
    criteria: Criteria,
    counts: Counts,
    kind: str,
    *,
    arrows: Iterable[Move] = (),
    links: Link | bool = False,
    names: bool = False,
    is_gain: bool = False,
    title: str = "",
    id: str = "",
) -> SafeString:
    """The matrix of the criteria with how many lie in each cell; `names` writes the grades out beside their numbers.

    `arrows` draws the way of at most 12 risks from inherent over current to expected, on a paler ground. `links` gives
    the address of a cell that has risks. `is_gain`: opportunities, on their positive scale. Ratings outside the scales
    are not shown: see `outside`.
    """
    letters = marks([one.name for one in criteria.levels])
    moves = list(arrows)[:MOST_ARROWS]
    rows = []
    for i, grade in enumerate(criteria.likelihood, start=1):
        row = []
        for j, harm in enumerate(criteria.consequence, start=1):
            level = criteria.matrix[i - 1][j - 1]
            count = counts.get((i, j), 0)
            tip = _("%(l)s %(ln)s × %(c)s %(cn)s: %(level)s") % {
                "l": i, "ln": grade.name, "c": j, "cn": harm.name, "level": criteria.levels[level].name,
            }  # fmt: skip
            tip += ", " + said_count(count, is_gain)
            row.append(
                HeatCell(
                    levels.tone(level, len(criteria.levels)), letters[level], count, tip,
                    links(i, j) if callable(links) and count else None,
                )
            )  # fmt: skip
        rows.append(row)
    said = [
        f"{level.name} ({letter}): {n}"
        for level, letter, n in zip(criteria.levels, letters, by_level(criteria, counts), strict=True)
    ]
    return heat(
        rows,
        id=id or f"heat-{kind}",
        title=title or _("Heat map: %(kind)s") % {"kind": kind_title(kind)},
        desc=", ".join(reversed(said)) if counts else "; ".join(_way(move) for move in moves),
        row_axis=_("Likelihood"),
        column_axis=_("Benefit") if is_gain else _("Consequence"),
        row_names=[one.name for one in criteria.likelihood] if names else (),
        column_names=[one.name for one in criteria.consequence] if names else (),
        arrows=[Arrow(move.label, move.stops, _way(move)) for move in moves],
        faint=bool(moves),
        is_gain=is_gain,
    )


def _way(move: Move) -> str:
    """ "R-003 Loss of keys: 5 × 4 → 3 × 4 → 2 × 4"."""
    stops = [f"{stop[0]} × {stop[1]}" for stop in move.stops if stop]
    return f"{move.label} {move.title}: {' → '.join(stops)}"


def legend(criteria: Criteria, counts: Counts | None = None) -> list[dict[str, Any]]:
    """The levels from the worst: mark, name, tone, and how many there are when counts are given."""
    letters = marks([one.name for one in criteria.levels])
    numbers = by_level(criteria, counts or {})
    rows = [
        {
            "mark": letters[n],
            "name": level.name,
            "tone": levels.tone(n, len(criteria.levels)),
            "count": numbers[n],
            "is_above": not criteria.is_acceptable(n),
        }
        for n, level in enumerate(criteria.levels)
    ]
    return rows[::-1]


def table(criteria: Criteria, counts: Counts) -> list[dict[str, Any]]:
    """The map as rows for readers: each likelihood from the highest, with level and count of each consequence."""
    called = [level.name for level in criteria.levels]
    return [
        {
            "number": i,
            "name": criteria.likelihood[i - 1].name,
            "cells": [
                {"level": called[level], "count": counts.get((i, j), 0)}
                for j, level in enumerate(criteria.matrix[i - 1], start=1)
            ],
        }
        for i in range(len(criteria.likelihood), 0, -1)
    ]
