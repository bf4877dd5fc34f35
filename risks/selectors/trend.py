"""How the levels of a project's risks went: counted by the database, so that a page reads a line for each point it shows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, Exists, IntegerField, Min, OuterRef, QuerySet, Value, When

from projects.models import Project
from risks.models import LevelChange, Risk
from risks.trends import Shift


def begins(project: Project, rows: QuerySet[Risk], zone: str) -> dt.date | None:
    """The local day of `zone` on which the first of `rows` was rated; None when none was. One query."""
    changes = LevelChange.objects.filter(Exists(rows.order_by().filter(pk=OuterRef("risk"))), project=project)
    first = changes.order_by("at").values_list("at", flat=True).first()
    return first.astimezone(ZoneInfo(zone)).date() if first is not None else None


def shifts(project: Project, rows: QuerySet[Risk], days: Sequence[dt.date], zone: str) -> list[Shift]:
    """How many of `rows` went from one level to another until the end of each of `days` (local, in order). One query.

    In the order in which each kind of shift was first seen.
    """
    local = ZoneInfo(zone)
    ends = [dt.datetime.combine(day + dt.timedelta(days=1), dt.time.min, tzinfo=local) for day in days]
    found = (
        LevelChange.objects.filter(project=project, risk__in=rows.order_by().values("pk"), at__lt=ends[-1])
        .annotate(point=_place(ends, 0, len(ends) - 1))
        .order_by()
        .values_list("point", "before", "after")
        .annotate(risks=Count("*"), first=Min("at"))
        .order_by("first", "point", "before", "after")
    )
    return [Shift(point, before, after, risks) for point, before, after, risks, _first in found]


def _place(ends: Sequence[dt.datetime], low: int, high: int) -> Any:
    """The place of the first end that a change came before, by halving: seven questions for a hundred ends."""
    if low == high:
        return Value(low, output_field=IntegerField())
    middle = (low + high) // 2
    return Case(When(at__lt=ends[middle], then=_place(ends, low, middle)), default=_place(ends, middle + 1, high))
