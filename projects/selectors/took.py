"""What finished activities really took against the plan they began with: for forecasts and kits."""

from __future__ import annotations

from collections.abc import Iterable

from projects.models import BaselineRow, PlanActivity, Project
from projects.models.plan import ActivityStatus
from projects.schedule import Axis


def ratios_of(projects: Iterable[Project]) -> dict[int, dict[str, float]]:
    """Actual to planned working days of each activity that is done, by project, then by code, or by
    "own 1.7.4" for what the method does not have; two queries.

    What was planned is what the first baseline says that has the activity: a plan that was re-dated to what happened says
    nothing. Without a baseline it is the duration the plan has. Further rounds are no first time, and left out.
    """
    known = {one.pk: one for one in projects}
    axes = {pk: Axis(one.start_on, one.calendar) for pk, one in known.items()}
    rows = PlanActivity.objects.filter(
        project__in=known, status=ActivityStatus.DONE, started_on__isnull=False, finished_on__isnull=False, duration_days__gt=0
    ).exclude(round__number__gt=1)  # fmt: skip
    fields = ("pk", "project_id", "code", "number", "duration_days", "started_on", "finished_on")
    done = list(rows.order_by("pk").values_list(*fields))
    planned: dict[int, tuple] = {}
    if done:
        baselines = BaselineRow.objects.filter(baseline__project__in=known, activity__in=[row[0] for row in done])
        for pk, *span in baselines.order_by("baseline__number", "pk").values_list(
            "activity_id", "starts_on", "ends_on"
        ):
            planned.setdefault(pk, span)
    found: dict[int, dict[str, float]] = {}
    for pk, project_id, code, number, duration, started_on, finished_on in done:
        axis = axes[project_id]
        if pk in planned:
            first, last = planned[pk]
            duration = max(axis.finish(last) - axis.start(first), 1)
        took = max(axis.finish(finished_on) - axis.start(started_on), 1)
        found.setdefault(project_id, {})[code or f"own {number}"] = took / duration
    return found
