"""The criteria of a project, as they are worked on and as they were approved."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import together
from projects.models import Project
from risks import levels
from risks.levels import AcceptedBy, Criteria, Rule
from risks.models import Edition, RiskCriteria

LABELS = {
    "method": gettext_lazy("Method"),
    "likelihood": gettext_lazy("Likelihood"),
    "consequence": gettext_lazy("Consequence"),
    "dimensions": gettext_lazy("Sorts of consequences"),
    "rule": gettext_lazy("Several consequences"),
    "levels": gettext_lazy("Levels of risk"),
    "matrix": gettext_lazy("Matrix"),
    "threshold": gettext_lazy("Acceptable up to"),
    "name": gettext_lazy("Name"),
    "text": gettext_lazy("Meaning"),
    "weight": gettext_lazy("Weight"),
    "review_months": gettext_lazy("Looked at again after months"),
    "accepted_by": gettext_lazy("Accepted by"),
}
"""What the parts of a snapshot are called where two editions are compared."""


@together.once
def of_project(project: Project) -> RiskCriteria | None:
    """The working copy, who wrote and edited it loaded; None before there is one. One query."""
    found = RiskCriteria.objects.filter(project=project).select_related("created_by", "edited_by").first()
    if found is not None:
        found.project = project
    return found


def load(project: Project, pk: int) -> RiskCriteria | None:
    found = of_project(project)
    return found if found is not None and found.pk == pk else None


@together.once
def in_force(project: Project) -> Edition | None:
    """The approved edition that ratings are made by today. One query."""
    return Edition.objects.filter(project=project).order_by("-number").first()


class Cell(NamedTuple):
    """A cell of the matrix; `tone` is its colour from 0 (mildest) to 5."""

    likelihood: int
    consequence: int
    level: int
    name: str
    tone: int


class Row(NamedTuple):
    """A row of the matrix as it is shown: the likeliest first."""

    number: int
    name: str
    cells: list[Cell]


def rows_of(criteria: Criteria) -> list[Row]:
    return [
        Row(
            i, criteria.likelihood[i - 1].name,
            [
                Cell(i, j, level, criteria.levels[level].name, levels.tone(level, len(criteria.levels)))
                for j, level in enumerate(criteria.matrix[i - 1], start=1)
            ],
        )
        for i in range(len(criteria.likelihood), 0, -1)
    ]  # fmt: skip


def warnings(criteria: Criteria) -> list[str]:
    """What an auditor would ask about, although it is allowed."""
    found = []
    for likelihood, consequence in levels.dents(criteria.matrix)[:3]:
        found.append(
            _("The cell “%(l)s” × “%(c)s” counts less than one that is less likely or less bad.")
            % {"l": criteria.likelihood[likelihood - 1].name, "c": criteria.consequence[consequence - 1].name}
        )
    used = {level for row in criteria.matrix for level in row}
    found += [
        _("No cell of the matrix is “%(level)s”.") % {"level": one.name}
        for n, one in enumerate(criteria.levels)
        if n not in used
    ]
    if any(one.accepted_by == AcceptedBy.OWNER for one in criteria.levels[criteria.threshold + 1 :]):
        found.append(_("A level above the threshold may be accepted by the risk owner alone."))
    return found


def snapshot(record: RiskCriteria) -> dict[str, Any]:
    """What is signed, as plain values in words: rows by name, the matrix line by line."""
    criteria = record.criteria
    return {
        "method": record.method,
        "likelihood": [{"number": str(n), "name": g.name, "text": g.text} for n, g in enumerate(criteria.likelihood, 1)],
        "consequence": [
            {"number": str(n), "name": g.name, "text": g.text} for n, g in enumerate(criteria.consequence, 1)
        ],
        "dimensions": [
            {"key": d.key, "name": d.name, "weight": d.weight, "text": "\n".join(d.texts)} for d in criteria.dimensions
        ],
        "rule": str(criteria.rule),
        "levels": [
            {
                "number": str(n), "name": one.name, "review_months": one.review_months,
                "accepted_by": str(one.accepted_by),
            }
            for n, one in enumerate(criteria.levels, 1)
        ],
        "matrix": [
            {"number": str(row.number), "text": " · ".join(cell.name for cell in row.cells)} for row in rows_of(criteria)
        ],
        "threshold": criteria.levels[criteria.threshold].name,
    }  # fmt: skip


def paper(record: RiskCriteria) -> str:
    """The same as people read it, whole in itself."""
    return render_to_string("risks/criteria/document.html", context_of(record))


def context_of(record: RiskCriteria) -> dict[str, Any]:
    """What the document shows: on the page, and frozen at a request."""
    criteria = record.criteria
    return {
        "record": record,
        "criteria": criteria,
        "rows": rows_of(criteria),
        "rule": Rule(criteria.rule).label,
        "threshold": criteria.levels[criteria.threshold].name,
        "levels": [
            (one, AcceptedBy(one.accepted_by).label, levels.tone(n, len(criteria.levels)))
            for n, one in enumerate(criteria.levels)
        ],
    }


def authors(record: RiskCriteria) -> set[int]:
    edited = set(record.history.values_list("edited_by_id", flat=True))
    return ({record.created_by_id, record.edited_by_id} | edited) - {None}


def meaning(record: RiskCriteria) -> str:
    return _("I approve these risk criteria and the threshold of acceptance on behalf of top management.")
