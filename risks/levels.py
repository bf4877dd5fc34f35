"""What a level of risk is: pure functions over risk criteria, without queries.

    criteria = levels.parsed(content)             # the criteria as they are kept; RuleBroken says what is wrong
    levels.level_of(criteria, likelihood=3, consequence=4)      # 2: the third level, counted from 0
    levels.consequence_of(criteria, {"money": 2, "people": 4})  # 4: the highest dimension rates
    levels.dents(criteria.matrix)                 # cells where more likely or worse would count for less

Likelihood and consequence are counted from 1, as people say them; levels from 0, the lowest first. The matrix has a row for
each likelihood, from the lowest, and a column for each consequence. (IMS2 1.7.1, 1.7.2; ISO/IEC 27001:2022 6.1.2 a)
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.rules import RuleBroken

FEWEST, MOST = 3, 7
FEWEST_LEVELS, MOST_LEVELS = 2, 6
MOST_DIMENSIONS = 8
LONGEST_NAME, LONGEST_TEXT = 60, 400


class Rule(TextChoices):
    HIGHEST = "highest", gettext_lazy("The worst dimension rates")
    WEIGHTED = "weighted", gettext_lazy("Weighted mean, rounded up")


class AcceptedBy(TextChoices):
    """Who may accept a residual risk of a level; above the threshold top management always does too."""

    OWNER = "owner", gettext_lazy("The risk owner")
    TOP_MANAGEMENT = "top_management", gettext_lazy("The risk owner and top management")
    NOBODY = "nobody", gettext_lazy("Nobody: it has to be treated")


@dataclass(frozen=True)
class Grade:
    """One grade of a scale: its name and what it means here."""

    name: str
    text: str = ""


@dataclass(frozen=True)
class Dimension:
    """What a consequence touches (money, people, service …): what each grade means there, and its weight."""

    key: str
    name: str
    weight: int
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Level:
    """A level of risk: its name, months until it is looked at again, and who may accept it."""

    name: str
    review_months: int
    accepted_by: AcceptedBy


@dataclass(frozen=True)
class Criteria:
    likelihood: tuple[Grade, ...]
    consequence: tuple[Grade, ...]
    dimensions: tuple[Dimension, ...]
    rule: Rule
    levels: tuple[Level, ...]
    matrix: tuple[tuple[int, ...], ...]
    threshold: int

    def is_acceptable(self, level: int) -> bool:
        """Whether a level lies at or below the threshold of acceptance."""
        return level <= self.threshold


def level_of(criteria: Criteria, *, likelihood: int, consequence: int) -> int:
    """The level of a likelihood (1 …) and a consequence (1 …). Raises RuleBroken outside the scales."""
    _on(likelihood, criteria.likelihood, _("likelihood"))
    _on(consequence, criteria.consequence, _("consequence"))
    return criteria.matrix[likelihood - 1][consequence - 1]


def consequence_of(criteria: Criteria, marks: Mapping[str, int]) -> int:
    """The consequence from the marks of its dimensions, by the rule of the criteria; what is not marked does not count.

    The weighted mean is rounded up: a doubt is decided for the worse. Raises RuleBroken for no mark, an unknown dimension,
    or a mark outside the scale.
    """
    known = {one.key: one for one in criteria.dimensions}
    if not marks:
        raise RuleBroken(_("Rate at least one consequence."))
    for key, mark in marks.items():
        if key not in known:
            raise RuleBroken(_("“%(name)s” is no consequence of these criteria.") % {"name": key})
        _on(mark, criteria.consequence, known[key].name)
    if criteria.rule == Rule.HIGHEST:
        return max(marks.values())
    weight = sum(known[key].weight for key in marks)
    return math.ceil(sum(known[key].weight * mark for key, mark in marks.items()) / weight)


def judged_again(criteria: Criteria, *, consequence: int, marks: Mapping[str, int]) -> tuple[int, dict[str, int]]:
    """A judgement as other criteria read it: (consequence, the marks that give it).

    Marks give their consequence anew, by the rule and the weights of these criteria; a consequence that was rated as a whole,
    or one with a mark for something that is no sort of consequence any more, stays as it was judged. Raises RuleBroken
    outside the scales.
    """
    known = {one.key for one in criteria.dimensions}
    if not marks or set(marks) - known:
        return consequence, {}
    return consequence_of(criteria, marks), dict(marks)


def _on(mark: int, scale: Sequence[Grade], name: str) -> None:
    if not 1 <= mark <= len(scale):
        raise RuleBroken(_("The %(name)s lies between 1 and %(most)s.") % {"name": name, "most": len(scale)})


def dents(matrix: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """The cells (likelihood, consequence from 1) that count less than one that is less likely or less bad."""
    found = []
    for i, row in enumerate(matrix):
        for j, level in enumerate(row):
            if (i and matrix[i - 1][j] > level) or (j and row[j - 1] > level):
                found.append((i + 1, j + 1))
    return found


def even(likelihoods: int, consequences: int, levels: int) -> list[list[int]]:
    """A matrix to begin with: the product of both, spread over the levels; monotone."""
    most = likelihoods * consequences
    return [
        [min(levels - 1, (i * j - 1) * levels // most) for j in range(1, consequences + 1)]
        for i in range(1, likelihoods + 1)
    ]


def resized(matrix: Sequence[Sequence[int]], likelihoods: int, consequences: int, levels: int) -> list[list[int]]:
    """The same matrix for scales of other lengths: cells that stay keep their level, new ones continue the nearest."""
    if not matrix:
        return even(likelihoods, consequences, levels)
    return [
        [min(levels - 1, matrix[min(i, len(matrix) - 1)][min(j, len(matrix[0]) - 1)]) for j in range(consequences)]
        for i in range(likelihoods)
    ]


def tone(level: int, count: int) -> int:
    """The colour of a level among six, from 0 (mildest) to 5; neighbours of few levels lie far apart."""
    return round(5 * level / (count - 1))


# ---- reading -----------------------------------------------------------------------------------------------------


def parsed(content: Mapping[str, Any]) -> Criteria:
    """Criteria from their plain form (dicts, lists, text, whole numbers). Raises RuleBroken with the first thing wrong."""
    likelihood = _scale(content.get("likelihood"), _("likelihood"))
    consequence = _scale(content.get("consequence"), _("consequence"))
    levels = _levels(content.get("levels"))
    threshold = _whole(content.get("threshold"), 0, len(levels) - 1, _("The threshold has to be one of the levels."))
    rule = content.get("rule")
    if rule not in Rule.values:
        raise RuleBroken(_("Choose how several consequences become one."))
    return Criteria(
        likelihood=likelihood,
        consequence=consequence,
        dimensions=_dimensions(content.get("dimensions"), len(consequence)),
        rule=Rule(rule),
        levels=levels,
        matrix=_matrix(content.get("matrix"), len(likelihood), len(consequence), len(levels)),
        threshold=threshold,
    )


def plain(criteria: Criteria) -> dict[str, Any]:
    """The plain form: what `parsed` reads, and what is kept and signed."""
    return {
        "likelihood": [{"name": one.name, "text": one.text} for one in criteria.likelihood],
        "consequence": [{"name": one.name, "text": one.text} for one in criteria.consequence],
        "dimensions": [
            {"key": one.key, "name": one.name, "weight": one.weight, "texts": list(one.texts)}
            for one in criteria.dimensions
        ],
        "rule": str(criteria.rule),
        "levels": [
            {"name": one.name, "review_months": one.review_months, "accepted_by": str(one.accepted_by)}
            for one in criteria.levels
        ],
        "matrix": [list(row) for row in criteria.matrix],
        "threshold": criteria.threshold,
    }


def _scale(rows: Any, name: str) -> tuple[Grade, ...]:
    if not isinstance(rows, list) or not FEWEST <= len(rows) <= MOST:
        raise RuleBroken(
            _("The scale of %(name)s has %(fewest)s to %(most)s grades.")
            % {"name": name, "fewest": FEWEST, "most": MOST}
        )
    found = tuple(Grade(_name(row, _("Each grade needs a name.")), _text(row.get("text", ""))) for row in rows)
    _different(
        [one.name for one in found], _("Two grades of %(scale)s are called “%(name)s”.") % {"scale": name, "name": "%s"}
    )
    return found


def _levels(rows: Any) -> tuple[Level, ...]:
    if not isinstance(rows, list) or not FEWEST_LEVELS <= len(rows) <= MOST_LEVELS:
        raise RuleBroken(
            _("There are %(fewest)s to %(most)s levels of risk.") % {"fewest": FEWEST_LEVELS, "most": MOST_LEVELS}
        )
    found = []
    for row in rows:
        if row.get("accepted_by") not in AcceptedBy.values:
            raise RuleBroken(_("Say for each level who may accept it."))
        months = _whole(row.get("review_months"), 1, 60, _("A level is looked at again after 1 to 60 months."))
        found.append(Level(_name(row, _("Each level needs a name.")), months, AcceptedBy(row["accepted_by"])))
    _different([one.name for one in found], _("Two levels are called “%s”."))
    return tuple(found)


def _dimensions(rows: Any, grades: int) -> tuple[Dimension, ...]:
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_DIMENSIONS:
        raise RuleBroken(_("Name one to %(most)s sorts of consequences.") % {"most": MOST_DIMENSIONS})
    found = []
    for row in rows:
        name = _name(row, _("Each sort of consequence needs a name."))
        weight = _whole(row.get("weight", 1), 1, 10, _("A weight is a whole number from 1 to 10."))
        texts = tuple(_text(text) for text in row.get("texts") or [""] * grades)
        if len(texts) != grades:
            raise RuleBroken(_("“%(name)s” needs a text for each of the %(n)s grades.") % {"name": name, "n": grades})
        key = str(row.get("key") or "")
        if not key.isascii() or not key.replace("-", "").isalnum() or len(key) > 40:
            raise RuleBroken(_("“%(name)s” needs a short key of letters, digits and hyphens.") % {"name": name})
        found.append(Dimension(key, name, weight, texts))
    _different([one.key for one in found], _("Two sorts of consequences have the key “%s”."))
    _different([one.name for one in found], _("Two sorts of consequences are called “%s”."))
    return tuple(found)


def _matrix(rows: Any, likelihoods: int, consequences: int, levels: int) -> tuple[tuple[int, ...], ...]:
    wrong = _("The matrix needs a level in each of its %(rows)s × %(columns)s cells.") % {
        "rows": likelihoods, "columns": consequences,
    }  # fmt: skip
    if not isinstance(rows, list) or len(rows) != likelihoods:
        raise RuleBroken(wrong)
    found = []
    for row in rows:
        if not isinstance(row, list) or len(row) != consequences:
            raise RuleBroken(wrong)
        found.append(tuple(_whole(cell, 0, levels - 1, wrong) for cell in row))
    return tuple(found)


def _name(row: Any, wrong: str) -> str:
    name = " ".join(str(row.get("name") or "").split()) if isinstance(row, Mapping) else ""
    if not name:
        raise RuleBroken(wrong)
    if len(name) > LONGEST_NAME:
        raise RuleBroken(_("“%(name)s” is too long for a name.") % {"name": f"{name[:30]}…"})
    return name


def _text(text: Any) -> str:
    found = str(text or "").strip()
    if len(found) > LONGEST_TEXT:
        raise RuleBroken(_("A description has at most %(most)s characters.") % {"most": LONGEST_TEXT})
    return found


def _whole(value: Any, least: int, most: int, wrong: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise RuleBroken(wrong)
    return value


def _different(names: Sequence[str], wrong: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name.casefold() in seen:
            raise RuleBroken(wrong.replace("%s", name))
        seen.add(name.casefold())
