"""Links, promised dates and rescheduling, as people do them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.rules import RuleBroken, StaleRecord
from projects.models import ActivityLink, JournalEntry, PlanActivity, PlanStep, StepDependency, Task
from projects.permissions import Role
from projects.schedule.plan import ACTIVITY
from projects.selectors import schedule as selectors
from projects.services import counters, plan, schedule, task
from tests.factories.projects import (
    grant,
    make_activity,
    make_full_project,
    make_project,
    make_step,
    make_task,
    make_user,
)
from tests.factories.schedule import make_long_plan
from tests.helpers.budget import queries

D = dt.date
MONDAY = D(2026, 3, 2)


@pytest.fixture(autouse=True)
def on_the_first_day():
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC), tick=False):
        yield


@pytest.fixture
def project(db):
    """Two steps. 1.1: 1.1.1 (5 days) → 1.1.2 (5 days), a task in each; 1.2 after 1.1: 1.2.1 (5 days)."""
    made = make_project(start_on=MONDAY)
    first = PlanStep.objects.get(project=made)
    second = make_step(made, starts_on=D(2026, 3, 16), ends_on=D(2026, 3, 20))
    make_activity(second)
    owned = {"organization_id": made.organization_id, "project": made}
    StepDependency.objects.create(**owned, step=second, predecessor=first)
    one, two, _three = rows = list(PlanActivity.objects.filter(project=made).order_by("step", "position"))
    for row, starts in zip(rows, (MONDAY, D(2026, 3, 9), D(2026, 3, 16)), strict=True):
        PlanActivity.objects.filter(pk=row.pk).update(
            starts_on=starts, ends_on=starts + dt.timedelta(days=4), duration_days=5
        )
    ActivityLink.objects.create(**owned, activity=two, predecessor=one)
    PlanStep.objects.filter(pk=first.pk).update(ends_on=D(2026, 3, 13))
    make_task(made, activity=two, starts_on=D(2026, 3, 9), due_on=D(2026, 3, 11))
    counters.recount(made)
    return made


@pytest.fixture
def manager(project):
    person = make_user(name="Lea Brunner")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def activity(project, number):
    return PlanActivity.objects.select_related("project__organization").get(project=project, number=number)


def spans(project):
    rows = PlanActivity.objects.filter(project=project).order_by("number")
    return {row.number: (row.starts_on.isoformat()[5:], row.ends_on.isoformat()[5:]) for row in rows}


def test_a_plan_that_nothing_happened_to_stays_as_it_is(project, manager):
    found = schedule.reschedule(project=project, by=manager)

    assert not found.moves
    assert not JournalEntry.objects.filter(project=project).exists()


def test_a_lag_moves_what_follows_with_its_tasks_in_history_journal_and_counters(project, manager):
    one, two = activity(project, "1.1.1"), activity(project, "1.1.2")
    seen = schedule.what_if(project, schedule.linking(two, one, "fs", 3))

    found = schedule.link(activity=two, predecessor=one, by=manager, lag_days=3)

    assert [move[0:4] for move in seen.moves] == [move[0:4] for move in found.moves]
    assert [move.after for move in seen.moves] == [move.after for move in found.moves]
    assert spans(project) == {
        "1.1.1": ("03-02", "03-06"), "1.1.2": ("03-12", "03-18"), "1.2.1": ("03-19", "03-25"),
    }  # fmt: skip
    assert (seen.activities, seen.tasks, seen.certification_days, seen.late_days) == (2, 1, 3, 0)
    moved = Task.objects.get(project=project)
    assert (moved.starts_on, moved.due_on, moved.version) == (D(2026, 3, 12), D(2026, 3, 16), 2)
    assert (moved.offset_days, moved.duration_days) == (0, 3)
    last = activity(project, "1.2.1").history.first()
    assert (last.history_type, last.starts_on, last.history_user_id) == ("~", D(2026, 3, 19), manager.pk)
    assert [(s.starts_on, s.ends_on) for s in PlanStep.objects.filter(project=project).order_by("number")] == [
        (MONDAY, D(2026, 3, 18)), (D(2026, 3, 19), D(2026, 3, 25)),
    ]  # fmt: skip
    linked, told = JournalEntry.objects.filter(project=project).order_by("seq")
    assert (linked.action, linked.target_id, linked.changes["lag_days"]) == ("activity.linked", two.pk, [0, 3])
    assert told.action == "schedule.moved"
    assert told.changes["certification_on"] == ["2026-03-20", "2026-03-25"]
    assert told.changes["dates"]["1.2.1"] == "2026-03-16 – 2026-03-20 → 2026-03-19 – 2026-03-25"
    assert told.changes["dates"]["T-001"] == "2026-03-09 – 2026-03-11 → 2026-03-12 – 2026-03-16"
    assert counters.recount(project) == []


def test_taking_a_lag_back_brings_every_date_back(project, manager):
    one, two, before = activity(project, "1.1.1"), activity(project, "1.1.2"), spans(project)
    schedule.link(activity=two, predecessor=one, by=manager, lag_days=7)

    schedule.link(activity=two, predecessor=one, by=manager, lag_days=0)

    assert spans(project) == before
    assert Task.objects.get(project=project).due_on == D(2026, 3, 11)


def test_a_circle_is_refused_by_its_numbers_and_nothing_is_written(project, manager):
    with pytest.raises(RuleBroken, match=r"circle: 1\.1\.\d → 1\.1\.\d → 1\.1\.\d\."):
        schedule.link(activity=activity(project, "1.1.1"), predecessor=activity(project, "1.1.2"), by=manager)

    assert ActivityLink.objects.filter(project=project).count() == 1
    assert not JournalEntry.objects.filter(project=project).exists()


def test_an_activity_cannot_wait_for_itself_or_for_a_stranger(project, manager):
    stranger = PlanActivity.objects.filter(project=make_project()).first()
    for other in (activity(project, "1.1.1"), stranger):
        with pytest.raises(RuleBroken):
            schedule.link(activity=activity(project, "1.1.1"), predecessor=other, by=manager)


def test_an_unlinked_activity_begins_with_its_step(project, manager):
    schedule.unlink(activity=activity(project, "1.1.2"), predecessor=activity(project, "1.1.1"), by=manager)

    assert spans(project) == {
        "1.1.1": ("03-02", "03-06"), "1.1.2": ("03-02", "03-06"), "1.2.1": ("03-09", "03-13"),
    }  # fmt: skip
    assert (
        schedule.unlink(activity=activity(project, "1.1.2"), predecessor=activity(project, "1.1.1"), by=manager) is None
    )


def test_dates_by_hand_stay_and_what_follows_goes_by_them(project, manager):
    two = activity(project, "1.1.2")
    plan.edit(
        activity=two, by=manager, version=two.version, values={"starts_on": D(2026, 3, 4), "ends_on": D(2026, 3, 24)}
    )

    found = selectors.reckoned(project)

    assert spans(project)["1.1.2"] == ("03-04", "03-24")
    assert spans(project)["1.2.1"] == ("03-25", "03-31")
    two = activity(project, "1.1.2")
    assert (two.dates_are_manual, two.duration_days) == (True, 15)
    (conflict,) = found.result.conflicts
    assert (conflict.place, conflict.kind, conflict.days) == (found.at((ACTIVITY, two.pk)), "manual_start", 3)


def test_releasing_dates_by_hand_lets_the_network_decide_again(project, manager):
    two = activity(project, "1.1.2")
    plan.edit(activity=two, by=manager, version=1, values={"starts_on": D(2026, 3, 4), "ends_on": D(2026, 3, 24)})

    saved, _found = schedule.set_dates(
        activity=two, by=manager, version=2, values={"dates_are_manual": False, "duration_days": 5}
    )

    assert spans(project) == {
        "1.1.1": ("03-02", "03-06"), "1.1.2": ("03-09", "03-13"), "1.2.1": ("03-16", "03-20"),
    }  # fmt: skip
    assert not saved.dates_are_manual


def test_promised_dates_push_and_warn(project, manager):
    two = activity(project, "1.1.2")
    values = {"not_before_on": D(2026, 3, 12), "finish_by_on": D(2026, 3, 17)}
    schedule.set_dates(activity=two, by=manager, version=1, values=values, reason="The auditor is free then")

    found = selectors.reckoned(project)

    assert spans(project)["1.1.2"] == ("03-12", "03-18")
    assert found.float_of((ACTIVITY, two.pk)) == -1
    assert [(c.kind, c.days) for c in found.result.conflicts] == [("finish_by", 1)]
    entry = JournalEntry.objects.get(project=project, action="activity.scheduled")
    assert entry.changes == {"not_before_on": [None, "2026-03-12"], "finish_by_on": [None, "2026-03-17"]}
    assert entry.reason == "The auditor is free then"


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"not_before_on": D(2026, 3, 3), "fixed_on": D(2026, 3, 4)}, "fixed_on"),
        ({"not_before_on": D(2026, 3, 9), "finish_by_on": D(2026, 3, 6)}, "finish_by_on"),
        ({"dates_are_manual": True, "starts_on": D(2026, 3, 9), "ends_on": D(2026, 3, 6)}, "ends_on"),
        ({"duration_days": 0}, "duration_days"),
    ],
)
def test_dates_that_cannot_be_together_are_refused(project, manager, values, field):
    with pytest.raises(RuleBroken) as refused:
        schedule.set_dates(activity=activity(project, "1.1.2"), by=manager, version=1, values=values)

    assert refused.value.field == field


def test_somebody_elses_newer_save_is_not_overwritten(project, manager):
    schedule.set_dates(activity=activity(project, "1.1.1"), by=manager, version=1, values={"duration_days": 6})

    with pytest.raises(StaleRecord):
        schedule.set_dates(activity=activity(project, "1.1.1"), by=manager, version=1, values={"duration_days": 9})


def test_what_really_happened_moves_what_follows_and_late_work_keeps_its_date(project, manager):
    one = activity(project, "1.1.1")
    with time_machine.travel(dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC), tick=False):
        plan.move(activity=one, name="start", by=manager)
        found = schedule.reschedule(project=project, by=manager)

        assert spans(project) == {
            "1.1.1": ("03-02", "03-06"),  # late, and shown so
            "1.1.2": ("03-17", "03-23"),  # begun on the 10th it needs until the 16th
            "1.2.1": ("03-24", "03-30"),
        }
        assert (found.late_days, found.certification_days) == (6, 0)

    with time_machine.travel(dt.datetime(2026, 3, 11, 9, 0, tzinfo=dt.UTC), tick=False):
        one = activity(project, "1.1.1")
        schedule.set_dates(activity=one, by=manager, version=one.version, values={"remaining_days": 1})
        assert spans(project)["1.1.2"] == ("03-12", "03-18")
        plan.move(activity=activity(project, "1.1.1"), name="complete", by=manager)
        schedule.reschedule(project=project, by=manager)
        assert spans(project)["1.2.1"] == ("03-19", "03-25")


def test_late_work_gets_new_dates_when_somebody_says_so(project, manager):
    with time_machine.travel(dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC), tick=False):
        schedule.reschedule(project=project, by=manager, move_overdue=True, reason="New start after the holidays")

        assert spans(project)["1.1.1"] == ("03-10", "03-16")
        assert not schedule.reschedule(project=project, by=manager).moves


def test_a_change_is_told_apart_from_what_is_late_already(project, manager):
    with time_machine.travel(dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC), tick=False):
        three = activity(project, "1.2.1")
        found = schedule.what_if(project, schedule.dating(three, {"duration_days": 7}))

    assert (found.own_activities, found.activities) == (1, 2)
    assert (found.certification_days, found.late_days) == (2, 6)


def test_a_task_of_somebody_who_is_away_waits_and_its_activity_with_it(project, manager):
    away = project.organization.absences.create(person=manager, first_on=D(2026, 3, 10), last_on=D(2026, 3, 16))
    Task.objects.filter(project=project).update(assignee=manager)

    schedule.reschedule(project=project, by=manager)

    assert away.person == manager
    assert Task.objects.get(project=project).due_on == D(2026, 3, 18)
    assert spans(project)["1.1.2"] == ("03-09", "03-18")


def test_tasks_dated_by_hand_stay_and_others_move_with_their_activity(project, manager):
    two = activity(project, "1.1.2")
    by_hand = task.create(project=project, by=manager, title="Kick-off", activity=two, due_on=D(2026, 3, 9))
    assert by_hand.dates_are_manual

    schedule.set_dates(activity=two, by=manager, version=1, values={"not_before_on": D(2026, 3, 11)})

    assert Task.objects.get(pk=by_hand.pk).due_on == D(2026, 3, 9)
    assert [(c.kind, c.days) for c in selectors.reckoned(project).result.conflicts] == [("before_whole", 2)]


def test_a_task_dated_by_hand_long_after_its_activity_says_so_and_moves_nothing(project, manager):
    two, before = activity(project, "1.1.2"), spans(project)
    task.create(project=project, by=manager, title="Once more", activity=two, due_on=D(2026, 6, 5))
    task.create(project=project, by=manager, title="Monthly", activity=two, due_on=D(2026, 6, 5), recurrence="monthly")

    found = schedule.reschedule(project=project, by=manager)

    assert not found.moves and spans(project) == before
    assert [(c.kind, c.days) for c in found.after.result.conflicts] == [("after_whole", 60)]


def test_the_method_as_it_is_laid_out_agrees_with_its_network(db):
    """Before anything happened, no date of a fresh plan moves, and all that a task lies by is stored."""
    project = make_full_project(by=make_user(), start_on=MONDAY)

    found = schedule.what_if(project)

    assert not found.moves and not found.after.places
    assert len(found.after.plan.activities) == 101
    assert found.after.ends_on == found.after.certification_on == max(s.ends_on for s in found.after.spans.values())


def test_a_plan_of_any_size_is_read_and_written_in_the_same_number_of_queries(db):
    budget = {}
    for size, activities, tasks in (("small", 3, 3), ("large", 120, 700)):
        project = make_long_plan(activities, tasks)
        first = PlanActivity.objects.filter(project=project).select_related("project__organization").earliest("pk")
        with queries(9, exactly=True):  # eight, and who holds which role, because somebody is away
            loaded = selectors.load(project)
        assert (len(loaded.activities), len(loaded.tasks)) == (activities, tasks)
        with CaptureQueriesContext(connection) as sent:
            _saved, found = schedule.set_dates(activity=first, by=None, version=2, values={"duration_days": 7})
        budget[size] = len(sent)
        assert (found.activities, found.tasks) == (activities, tasks - first.tasks.count())
        assert counters.recount(project) == []

    assert budget == {"small": 29, "large": 29}
