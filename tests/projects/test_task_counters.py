"""Counters are exact after any sequence of changes: compared with a recount."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.rules import RuleBroken
from projects import flows
from projects.models import Task
from projects.services import counters, plan
from projects.services import task as services

CHANGES = st.lists(
    st.tuples(
        st.sampled_from(["create", "move", "edit", "bulk", "exclude", "include", "repeat"]),
        st.integers(0, 30),
        st.integers(0, 30),
        st.integers(0, 30),
    ),
    min_size=1,
    max_size=14,
)


@pytest.mark.django_db
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CHANGES)
def test_counters_are_exact_after_any_sequence(crew, changes):
    activities = [None, *crew.project.planactivitys.order_by("position")]

    for kind, a, b, c in changes:
        tasks = list(Task.objects.filter(project=crew.project).order_by("number"))
        task = tasks[a % len(tasks)] if tasks else None
        activity = activities[b % len(activities)]
        if activity is not None:
            activity.refresh_from_db()
        try:
            if kind in ("create", "repeat"):
                services.create(
                    project=crew.project, by=crew.manager, title="x", activity=activity,
                    effort_hours_planned=[None, Decimal(0), Decimal("0.25"), Decimal(7)][c % 4],
                    recurrence="weekly" if kind == "repeat" else "", due_on=dt.date(2026, 3, 2),
                )  # fmt: skip
            elif kind == "move" and task:
                moves = list(flows.TASK.by_name)
                services.move(task=task, name=moves[b % len(moves)], by=crew.manager, reason="why")
            elif kind == "edit" and task:
                services.edit(
                    task=task, by=crew.manager, version=task.version,
                    values={"activity": activity, "effort_hours_planned": [None, Decimal(c)][c % 2]},
                )  # fmt: skip
            elif kind == "bulk" and tasks:
                services.change_many(
                    project=crew.project, by=crew.manager, numbers=[t.number for t in tasks[: c + 1]],
                    values={"activity": activity, "shift_days": a - 15},
                )  # fmt: skip
            elif kind in ("exclude", "include") and activity:
                plan.move(activity=activity, name=kind, by=crew.manager, reason="why")
        except RuleBroken:
            pass

    assert counters.recount(crew.project) == []
