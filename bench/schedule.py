"""Rescheduling 120 activities and 700 tasks: under 100 ms of Python, with a number of queries that does not grow.

The first figure is the arithmetic alone, both passes and what they move, as a share of 100 ms of processor time; the second
the whole change, from reading the plan to the last line of history, against reading the plan alone.
"""

from __future__ import annotations

import itertools
import time

from bench import Report, count
from projects.models import PlanActivity
from projects.schedule.consequence import consequence
from projects.selectors import schedule as selectors
from projects.selectors.project import today_in
from projects.services import schedule
from tests.factories.schedule import make_long_plan

BUDGET = 0.1
SIZES = ((3, 3), (120, 700))


def run(report: Report) -> None:
    for activities, tasks in SIZES:
        project = make_long_plan(activities, tasks)
        first = PlanActivity.objects.filter(project=project).earliest("pk")
        plan, today, days = selectors.load(project), today_in(project), itertools.cycle((7, 9))

        def reckoned(plan=plan, today=today, pk=first.pk) -> float:
            began = time.process_time()
            consequence(plan, today, lambda plan: plan.with_activity(pk, duration_days=9))
            return time.process_time() - began

        def saved(pk=first.pk, days=days) -> None:
            fresh = PlanActivity.objects.select_related("project__organization").get(pk=pk)
            schedule.set_dates(activity=fresh, by=None, version=fresh.version, values={"duration_days": next(days)})

        report.add(
            "reckon a plan before and after a change", [reckoned() / BUDGET for _k in range(report.rounds)],
            against="100 ms of Python", size=activities + tasks, target=1.0, queries=0,
        )  # fmt: skip
        report.compare(
            "save a change and all that follows", saved, lambda project=project: selectors.load(project),
            against="reading the plan", size=activities + tasks, target=None, rounds=9, queries=count(saved),
        )  # fmt: skip
