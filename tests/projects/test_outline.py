"""A plan in a nutshell: exactly what the plan itself says, and kept when it changes."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from projects import outline, progress
from projects.models import Project
from projects.outline import StepFacts
from projects.permissions import Role
from projects.services import counters, plan
from tests.factories.projects import grant, make_full_project, make_project, make_user

MONDAY = dt.date(2026, 3, 2)


def day(n: int) -> dt.date:
    return MONDAY + dt.timedelta(days=n)


@pytest.mark.parametrize("seed", range(40))
def test_the_stored_days_say_what_the_plan_says_on_every_day(seed):
    chance = random.Random(seed)  # noqa: S311
    rows = []
    for _k in range(chance.randrange(1, 40)):
        first = chance.randrange(-5, 120)
        rows.append((day(first), day(first + chance.randrange(0, 30)), chance.choice([0, 1, 60, 480, 977])))

    days = outline.plan_days(rows, MONDAY)

    for n in range(-10, 160):
        assert outline.planned_on(n, days) == progress.planned_percent(rows, day(n)), f"day {n}, seed {seed}"


def test_a_plan_without_effort_expects_nothing():
    assert outline.plan_days([], MONDAY) == []
    assert outline.plan_days([(day(0), day(3), 0)], MONDAY) == []
    assert outline.planned_on(900, []) == 0


def test_the_next_step_is_the_first_to_end_from_today_on_else_the_oldest():
    steps = [
        StepFacts("Plan", "1.1", "Begin", day(5), 100, 100),
        StepFacts("Plan", "1.2", "Late", day(8), 100, 40),
        StepFacts("Do", "2.1", "Later", day(30), 50, 0),
        StepFacts("Do", "2.2", "Same day", day(20), 50, 0),
    ]

    drawn = outline.outline(steps, MONDAY)

    assert drawn["phases"] == [["Plan", 70], ["Do", 0]]
    assert [step[0] for step in drawn["open"]] == ["1.2", "2.2", "2.1"]
    for n, number in ((0, "1.2"), (8, "1.2"), (9, "2.2"), (20, "2.2"), (21, "2.1"), (31, "1.2")):
        assert outline.next_step(drawn, MONDAY, day(n)).number == number, f"day {n}"
    assert outline.next_step(drawn, MONDAY, day(9)).ends_on == day(20)
    assert outline.next_step({"phases": [], "open": []}, MONDAY, day(0)) is None
    assert outline.next_step({}, MONDAY, day(0)) is None


@pytest.mark.django_db
def test_a_started_project_has_its_plan_in_a_nutshell():
    project = make_full_project()
    project.refresh_from_db()

    assert len(project.plan_days) == 100
    assert [percent for _title, percent in project.outline["phases"]] == [0, 0, 0, 0]
    assert len(project.outline["open"]) == 20
    assert counters.recount(project) == []


@pytest.mark.django_db
def test_every_change_of_the_plan_changes_it_too():
    project = make_project(start_on=MONDAY)
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    first, second = project.planactivitys.order_by("number")
    stages = []

    def now() -> tuple:
        fresh = Project.objects.get(pk=project.pk)
        assert counters.recount(fresh) == []
        stages.append((fresh.plan_days, fresh.outline))
        return stages[-1]

    assert now()[1] == {"phases": [["Plan", 0]], "open": [["1.1", "Step 1", 11]]}
    plan.move(activity=first, name="complete", by=manager)
    assert now()[1]["phases"] == [["Plan", 50]]
    plan.edit(activity=second, by=manager, version=1, values={"ends_on": day(40)})
    assert now()[1]["open"] == [["1.1", "Step 1", 40]] and stages[-1][0][-1] == 40
    second.refresh_from_db()
    plan.edit(activity=second, by=manager, version=second.version, values={"effort_days": 9})
    assert now()[0] != stages[1][0]
    second.refresh_from_db()
    plan.move(activity=second, name="exclude", by=manager, reason="not ours")
    assert now()[1] == {"phases": [["Plan", 100]], "open": []} and stages[-1][0][-1] == 11


@pytest.mark.django_db
def test_the_recount_finds_and_mends_a_wrong_nutshell():
    project = make_project()
    Project.objects.filter(pk=project.pk).update(plan_days=[1, 2], outline={})

    found = counters.recount(project)

    assert len(found) == 2 and "plan_days" in " ".join(found)
    assert counters.recount(project) == []
