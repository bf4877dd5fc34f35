"""Keeps the forecast of each project once a day: what lists show, and what next week is compared with."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterable

from django.db import transaction
from django.utils import timezone

from projects.layout import Cycle
from projects.models import ForecastSnapshot, Project
from projects.models.project import ProjectStatus
from projects.selectors import forecast as selectors
from projects.selectors.project import today_in

log = logging.getLogger(__name__)

INPUTS_KEPT = dt.timedelta(days=35)
"""What was known of each activity is kept so long; dates and drivers stay for ever."""


def keep(project: Project, today: dt.date | None = None) -> ForecastSnapshot | None:
    """Plays the plan of a project and keeps the outcome as that of the day; the same day's is replaced.

    None, and nothing in the lists, for a project without open activities. Raises Cycle.
    """
    today = today or today_in(project)
    sources = selectors.sources_of(project, today)
    if sources is None or sources.is_done:
        Project.objects.filter(pk=project.pk).exclude(forecast={}).update(forecast={})
        return None
    found = selectors.play_it(sources)
    kept = {
        "digest": found.digest,
        "p50_on": found.p50_on,
        "p80_on": found.p80_on,
        "target_on": found.target_on,
        "chance_percent": found.chance_percent,
        "ends": {"first": found.first, "counts": list(found.counts), "runs": found.runs, "mean": round(found.mean, 4)},
        "drivers": [
            {"activity": one.activity.pk, **{name: getattr(one, name) for name in selectors.DRIVER}}
            for one in found.drivers
        ],
        "inputs": selectors.inputs_of(sources),
        "made_at": timezone.now(),
    }
    with transaction.atomic():
        made, _new = ForecastSnapshot.objects.update_or_create(
            project=project, on=today, defaults={"organization_id": project.organization_id, **kept}
        )
        ForecastSnapshot.objects.filter(project=project, on__lt=today - INPUTS_KEPT).exclude(inputs={}).update(
            inputs={}
        )
        short = {"on": today.isoformat(), "p50": found.p50_on.isoformat(), "p80": found.p80_on.isoformat()}
        target = found.target_on.isoformat() if found.target_on else None
        Project.objects.filter(pk=project.pk).update(
            forecast={**short, "chance": found.chance_percent, "target": target}
        )
    return made


def running() -> Iterable[Project]:
    return Project.objects.filter(status=ProjectStatus.RUNNING).select_related("organization").order_by("pk")


def keep_all(progress: Callable[[int], object] = lambda percent: None) -> dict[str, int]:
    """Keeps the forecast of every running project; one that cannot be reckoned does not stop the others."""
    Project.objects.exclude(status=ProjectStatus.RUNNING).exclude(forecast={}).update(forecast={})
    projects = list(running())
    kept = failed = 0
    for place, project in enumerate(projects):
        try:
            kept += keep(project) is not None
        except Cycle as circle:
            failed += 1
            log.warning("forecast: steps of project %s wait for each other: %s", project.pk, circle)
        progress(100 * (place + 1) // len(projects))
    return {"kept": kept, "without": len(projects) - kept - failed, "failed": failed}
