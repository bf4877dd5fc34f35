"""Absences in the schedule: an activity without tasks waits for who holds its role; a pure function and one whole way."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from core.dates import WorkingCalendar
from projects.models import Absence, PlanActivity
from projects.permissions import Role
from projects.schedule import Axis
from projects.schedule.plan import ACTIVITY, ActivityRow, Plan, StepRow, TaskRow, reckon
from projects.services import schedule
from tests.factories.projects import grant, make_project, make_task, make_user

D = dt.date
MONDAY = D(2026, 3, 2)
ANNA, BEN = 1, 2
WEDNESDAY_THURSDAY = (D(2026, 3, 4), D(2026, 3, 5))


def made(**more) -> Plan:
    """A step with one activity of three working days from Monday on, of the role "staff"."""
    step = dict.fromkeys(StepRow._fields) | {"pk": 1, "number": "1.1", "is_applicable": True}
    step |= {"starts_on": MONDAY, "ends_on": MONDAY}
    row = dict.fromkeys(ActivityRow._fields) | {"pk": 1, "step": 1, "number": "1.1.1", "status": "planned"}
    row |= {"starts_on": MONDAY, "ends_on": D(2026, 3, 4), "duration_days": 3, "responsible": "staff"}
    found = Plan(MONDAY, Axis(MONDAY, WorkingCalendar()), {1: StepRow(**step)}, {1: ActivityRow(**row)}, {}, {}, ())
    return Plan(**{name: more.get(name, getattr(found, name)) for name in found.__dataclass_fields__})


def a_task(status="open", assignee=None) -> TaskRow:
    row = dict.fromkeys(TaskRow._fields) | {"pk": 1, "number": 1, "activity": 1, "status": status, "assignee": assignee}
    return TaskRow(**row | {"due_on": MONDAY, "offset_days": 0, "duration_days": 1})


@pytest.mark.parametrize(
    ("holders", "away", "ends_on"),
    [
        ({"staff": {ANNA}}, (), D(2026, 3, 4)),
        ({"staff": {ANNA}}, ((ANNA, *WEDNESDAY_THURSDAY),), D(2026, 3, 6)),
        ({"staff": {ANNA}}, ((BEN, *WEDNESDAY_THURSDAY),), D(2026, 3, 4)),
        ({"auditor": {ANNA}}, ((ANNA, *WEDNESDAY_THURSDAY),), D(2026, 3, 4)),
        ({"staff": set()}, ((ANNA, *WEDNESDAY_THURSDAY),), D(2026, 3, 4)),
        ({"staff": {ANNA, BEN}}, ((ANNA, *WEDNESDAY_THURSDAY),), D(2026, 3, 4)),
        ({"staff": {ANNA, BEN}}, ((ANNA, *WEDNESDAY_THURSDAY), (BEN, D(2026, 3, 4), D(2026, 3, 4))), D(2026, 3, 5)),
    ],
)
def test_an_activity_without_tasks_waits_while_nobody_of_its_role_is_there(holders, away, ends_on):
    found = reckon(made(absences=away, holders=holders), MONDAY)

    assert found.spans[ACTIVITY, 1] == (MONDAY, ends_on)
    assert found.result.total_float[found.at((ACTIVITY, 1))] == 0


@pytest.mark.parametrize(("status", "ends_on"), [("open", D(2026, 3, 4)), ("cancelled", D(2026, 3, 6))])
def test_the_tasks_of_an_activity_say_who_works_on_it_unless_they_are_cancelled(status, ends_on):
    away, holders = ((ANNA, *WEDNESDAY_THURSDAY),), {"staff": {ANNA}}

    found = reckon(made(tasks={1: a_task(status)}, absences=away, holders=holders), MONDAY)

    assert found.spans[ACTIVITY, 1] == (MONDAY, ends_on)


def test_an_activity_moves_when_who_is_responsible_for_it_is_away_and_not_when_others_share_the_work(db):
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC), tick=False):
        project, anna, ben = make_project(start_on=MONDAY), make_user(), make_user()
        grant(anna, Role.PROCESS_OWNER, project)
        rows = PlanActivity.objects.filter(project=project)
        rows.update(responsible=Role.PROCESS_OWNER, duration_days=3, starts_on=MONDAY, ends_on=D(2026, 3, 4))
        make_task(project, activity=rows.get(number="1.1.2"), assignee=ben, starts_on=MONDAY, due_on=D(2026, 3, 4))
        first, last = WEDNESDAY_THURSDAY
        Absence.objects.create(organization=project.organization, person=anna, first_on=first, last_on=last)

        found = schedule.reschedule(project=project, by=None)

        assert {move.name: move.days for move in found.moves if move.key[0] == ACTIVITY} == {"1.1.1": 2}
        assert rows.get(number="1.1.1").ends_on == D(2026, 3, 6) and rows.get(number="1.1.2").ends_on == D(2026, 3, 4)

        grant(ben, Role.PROCESS_OWNER, project)
        schedule.reschedule(project=project, by=None)
        assert rows.get(number="1.1.1").ends_on == D(2026, 3, 4)
