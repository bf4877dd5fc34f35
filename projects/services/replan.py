"""What a decision about the plan leaves to be written besides itself: many days at once, counters that change hands.

Callers hold the organization's lock (`journal.change`).
"""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.utils.dateparse import parse_date

from projects import journal, many_rows
from projects.models import PlanActivity, PlanStep
from projects.models.plan import ActivityStatus


def day(value: dt.date | str) -> dt.date:
    """A day as a decision remembers it."""
    return parse_date(value) if isinstance(value, str) else value


def save_days(activities: list[PlanActivity], log: journal.Log) -> None:
    """Saves days and durations of many activities at once, with their history."""
    names = ("starts_on", "ends_on", "duration_days")
    many_rows.update(
        PlanActivity, log, names, [(one.pk, *(getattr(one, name) for name in names)) for one in activities]
    )


def transfer(activity: PlanActivity, old: PlanStep, new: PlanStep) -> None:
    """Takes what an activity counts from one step to another."""
    counts = PlanActivity.objects.values(*PlanActivity.COUNTERS).get(pk=activity.pk)
    counts["activity_count"] = int(activity.status != ActivityStatus.EXCLUDED)
    counts["activity_done_count"] = int(activity.status == ActivityStatus.DONE)
    for step, sign in ((old, -1), (new, 1)):
        PlanStep.objects.filter(pk=step.pk).update(**{name: F(name) + sign * n for name, n in counts.items()})
