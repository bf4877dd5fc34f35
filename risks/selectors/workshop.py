"""The rows of a workshop's grid: what was touched last, and what others changed since a moment."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from projects.addresses import address
from projects.models import Project
from projects.permissions import Perm
from risks.levels import Criteria, tone
from risks.models import RatingKind, Risk

from .register import Scales, still_open

SHOWN = 60
"""How many rows a grid begins with: those touched last."""
MOST_NEWS = 200
OVERLAP = dt.timedelta(seconds=15)
"""A change is stamped before it is committed: what was stamped shortly before the last look is told once more."""


def _rows(project: Project) -> QuerySet[Risk]:
    return Risk.objects.filter(project=project).select_related("owner", "edited_by")


def one(project: Project, number: int) -> Risk | None:
    """The risk with all that a row tells. One query."""
    found = _rows(project).filter(number=number).first()
    if found is not None:
        found.project = project
    return found


def touched_last(project: Project) -> list[Risk]:
    """The open risks touched last, by their number. One query."""
    found = list(still_open(_rows(project)).order_by("-updated_at", "-number")[:SHOWN])
    return sorted(found, key=lambda risk: risk.number)


class News(NamedTuple):
    """What was written since a moment, and the moment to ask from the next time."""

    rows: list[Risk]
    moment: dt.datetime


def since(project: Project, moment: dt.datetime) -> News:
    """What was created or changed since then, closed ones too, the first ones first. One query over one index."""
    now = timezone.now()
    rows = list(
        _rows(project).filter(updated_at__gt=moment - OVERLAP).order_by("updated_at", "number")[: MOST_NEWS + 1]
    )
    if len(rows) <= MOST_NEWS:
        return News(rows, now)
    rows = rows[:MOST_NEWS]
    # The rest comes with the next question, which begins after the last one told.
    return News(rows, rows[-1].updated_at + OVERLAP)


def told(
    risks: list[Risk], project: Project, scales: Scales, *, user: Any, held: frozenset[Perm]
) -> list[dict[str, Any]]:
    """The rows as the grid reads them; texts as they are typed, marks as digits. No query."""
    found = []
    for risk in risks:
        mark = scales.mark(risk, RatingKind.CURRENT)
        is_mine = Perm.MANAGE_RISKS in held or (Perm.WRITE_OWN_RISKS in held and risk.owner_id == user.pk)
        found.append(
            {
                "number": risk.label,
                "version": risk.version,
                "values": {
                    "title": risk.title,
                    "event": risk.event,
                    "discipline": risk.discipline,
                    "category": risk.category,
                    "owner": str(risk.owner_id or ""),
                    "likelihood": str(risk.current_likelihood or ""),
                    "consequence": str(risk.current_consequence or ""),
                },
                "owner_name": (risk.owner.name or risk.owner.email) if risk.owner else "",
                "level": {"name": mark.name, "tone": mark.tone, "number": mark.number} if mark else None,
                "by": (risk.edited_by.name or risk.edited_by.email) if risk.edited_by else "",
                "is_own": risk.edited_by_id == user.pk,
                "may": is_mine and risk.is_open,
                "is_open": risk.is_open,
                "href": address("risks:risk-detail", **project.address, number=risk.label),
            }
        )
    return found


def scale(criteria: Criteria | None) -> dict[str, Any] | None:
    """What the browser needs to say the level at once: the matrix, and the names of grades and levels."""
    if criteria is None:
        return None
    return {
        "matrix": [list(row) for row in criteria.matrix],
        "levels": [
            {"name": one.name, "tone": tone(n, len(criteria.levels)), "number": n + 1}
            for n, one in enumerate(criteria.levels)
        ],
        "likelihood": [{"name": one.name, "text": one.text} for one in criteria.likelihood],
        "consequence": [{"name": one.name, "text": one.text} for one in criteria.consequence],
    }
