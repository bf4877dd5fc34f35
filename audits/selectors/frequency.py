"""What is known of the processes and sites of a scope when somebody asks how often to audit them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

from django.db.models import Max

from audits.frequency import Basis, Proposal, propose
from audits.models import Covered
from audits.services.checks import PLACES
from context.models import ScopeItem
from core import dates
from improvement.models import Nonconformity
from improvement.selectors.grade import scale_of
from projects.models import Project
from risks.models import RiskAsset
from risks.selectors import criteria

LOOK_BACK_MONTHS = 24


def places_of(project: Project) -> list[ScopeItem]:
    """The processes and sites inside the scope, processes first. One query."""
    rows = ScopeItem.objects.filter(project=project, kind__in=PLACES, is_included=True)
    return list(rows.order_by("kind", "position", "pk"))


def bases(project: Project, today: dt.date, places: list[ScopeItem] | None = None) -> dict[int, Basis]:
    """What is known of each place, by its id: highest current level of the risks that threaten an asset of its name,
    nonconformities of two years, months since its last audit. Six queries."""
    places = places_of(project) if places is None else places
    by_name = {one.name.casefold(): one.pk for one in places}
    edition = criteria.in_force(project)
    names = [one.name for one in edition.criteria.levels] if edition is not None else []
    levels: dict[int, list[int]] = defaultdict(list)
    counted: dict[int, set[int]] = defaultdict(set)
    rows = RiskAsset.objects.filter(risk__project=project, risk__is_open=True, asset__retired_at__isnull=True)
    rows = rows.exclude(risk__discipline="opportunity")
    for name, risk, level in rows.values_list("asset__name", "risk_id", "risk__current_level"):
        if (pk := by_name.get(name.casefold())) is not None:
            counted[pk].add(risk)
            if level is not None and level < len(names):
                levels[pk].append(level)
    found: dict[int, list[str]] = defaultdict(list)
    since = dates.plus_months(today, -LOOK_BACK_MONTHS)
    wrong = Nonconformity.objects.filter(project=project, detected_on__gte=since).exclude(status="refused")
    for process, site, at, where, grade in wrong.values_list(
        "process_item_id", "site_item_id", "process", "site", "grade"
    ):
        known = {process, site, by_name.get(at.casefold()), by_name.get(where.casefold())}
        for pk in known - {None}:
            found[pk].append(grade)
    scale = scale_of(project)
    seen = dict(
        Covered.objects.filter(project=project, item__isnull=False)
        .order_by()
        .values_list("item_id")
        .annotate(last=Max("day"))
    )
    made = {}
    for one in places:
        level = max(levels[one.pk], default=None)
        last = seen.get(one.pk)
        made[one.pk] = Basis(
            level=level, levels=len(names), level_name=names[level] if level is not None else "",
            risks=len(counted[one.pk]), nonconformities=len(found[one.pk]),
            majors=sum(scale.is_grave(grade) for grade in found[one.pk]),
            audited_months=None if last is None else max(0, (today.year - last.year) * 12 + today.month - last.month),
        )  # fmt: skip
    return made


def proposals(project: Project, today: dt.date) -> list[tuple[ScopeItem, Basis, Proposal]]:
    """Each place with what is known of it and what follows; the one to audit most often first."""
    places = places_of(project)
    known = bases(project, today, places)
    rows: list[tuple[Any, Basis, Proposal]] = [(one, known[one.pk], propose(known[one.pk])) for one in places]
    return sorted(rows, key=lambda row: (row[2].every, -row[1].height, row[0].position))
