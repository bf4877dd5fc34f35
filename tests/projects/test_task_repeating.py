"""Tasks that repeat: the next one appears when one is done."""

from __future__ import annotations

import datetime as dt

import pytest

from projects.models import Task
from projects.models.task import Recurrence
from projects.services import counters
from projects.services import task as services

D = dt.date


def complete(crew, task):
    return services.move(task=task, name="complete", by=crew.manager)


def series(crew, due_on, recurrence, count, **fields):
    """Due dates of the following `count` occurrences."""
    task = services.create(
        project=crew.project, by=crew.manager, title="Again", due_on=due_on, recurrence=recurrence, **fields
    )
    found = []
    for _n in range(count):
        task = complete(crew, task).next
        found.append(task.due_on)
    return found


def test_the_next_occurrence_carries_what_the_task_is(crew):
    task = services.create(
        project=crew.project, by=crew.manager, title="Check the pressure log", description="Every room.",
        activity=crew.activity, assignee=crew.staff, starts_on=D(2026, 3, 2), due_on=D(2026, 3, 4), priority=3,
        effort_hours_planned=2, recurrence=Recurrence.WEEKLY,
    )  # fmt: skip
    services.add_item(task=task, text="Room 1", by=crew.manager)
    item = services.add_item(task=task, text="Room 2", by=crew.manager)
    services.check_item(item=item, is_done=True, by=crew.manager)

    complete(crew, task)

    following = Task.objects.get(previous=task)
    assert (following.title, following.description, following.assignee, following.activity) == (
        "Check the pressure log", "Every room.", crew.staff, crew.activity,
    )  # fmt: skip
    assert (following.starts_on, following.due_on, following.priority) == (D(2026, 3, 9), D(2026, 3, 11), 3)
    assert [(one.text, one.is_done) for one in following.checklist.all()] == [("Room 1", False), ("Room 2", False)]
    assert (following.checklist_count, following.checklist_done_count, following.status) == (2, 0, "open")
    assert counters.recount(crew.project) == []


def test_the_31st_stays_the_end_of_the_month(crew):
    """31 January 2027 is a Sunday; the series does not slide to the 28th or to Friday."""
    assert series(crew, D(2026, 12, 31), Recurrence.MONTHLY, 5) == [
        D(2027, 1, 29), D(2027, 2, 26), D(2027, 3, 31), D(2027, 4, 30), D(2027, 5, 31),
    ]  # fmt: skip


def test_a_date_on_a_weekend_moves_to_the_friday_before_and_the_series_does_not(crew):
    assert series(crew, D(2026, 9, 4), Recurrence.MONTHLY, 3) == [D(2026, 10, 2), D(2026, 11, 4), D(2026, 12, 4)]


def test_the_29th_of_february_comes_back_in_the_next_leap_year(crew):
    assert series(crew, D(2028, 2, 29), Recurrence.YEARLY, 4)[-1] == D(2032, 2, 27)  # the 29th is a Sunday


def test_quarters_and_weeks(crew):
    assert series(crew, D(2026, 11, 30), Recurrence.QUARTERLY, 2) == [D(2027, 2, 26), D(2027, 5, 28)]
    assert series(crew, D(2026, 3, 2), Recurrence.WEEKLY, 2) == [D(2026, 3, 9), D(2026, 3, 16)]


def test_a_date_set_by_hand_starts_the_series_anew(crew):
    task = services.create(
        project=crew.project, by=crew.manager, title="Again", due_on=D(2026, 3, 31), recurrence=Recurrence.MONTHLY
    )
    following = complete(crew, task).next
    edited = services.edit(
        task=following, by=crew.manager, version=following.version, values={"due_on": D(2026, 4, 14)}
    )

    assert complete(crew, edited).next.due_on == D(2026, 5, 14)


def test_a_series_ends(crew):
    task = services.create(
        project=crew.project, by=crew.manager, title="Again", due_on=D(2026, 3, 2), recurrence=Recurrence.WEEKLY,
        recurs_until=D(2026, 3, 10),
    )  # fmt: skip

    following = complete(crew, task).next
    complete(crew, following)

    assert Task.objects.filter(project=crew.project).count() == 2


def test_completing_again_after_reopening_makes_no_second_occurrence(crew):
    task = services.create(
        project=crew.project, by=crew.manager, title="Again", due_on=D(2026, 3, 2), recurrence=Recurrence.WEEKLY
    )
    complete(crew, task)
    services.move(task=task, name="reopen", by=crew.manager)

    complete(crew, task)

    assert Task.objects.filter(previous=task).count() == 1


def test_somebody_who_left_gets_no_further_occurrence(crew):
    from projects.models import ProjectUserGrant

    task = services.create(
        project=crew.project, by=crew.manager, title="Again", due_on=D(2026, 3, 2), recurrence=Recurrence.WEEKLY,
        assignee=crew.staff, assignee_role="staff",
    )  # fmt: skip
    ProjectUserGrant.objects.filter(user=crew.staff).delete()

    following = complete(crew, task).next

    assert (following.assignee, following.assignee_role) == (None, "staff")


@pytest.mark.parametrize("recurrence", [Recurrence.WEEKLY, Recurrence.MONTHLY, Recurrence.QUARTERLY, Recurrence.YEARLY])
def test_every_next_date_is_a_working_day_behind_the_last_one(recurrence):
    from core.dates import WorkingCalendar

    calendar = WorkingCalendar(country="CH", region="ZH")
    for offset in range(0, 400, 7):
        anchor = due = D(2026, 1, 1) + dt.timedelta(days=offset)
        for _n in range(6):
            following = calendar.on_or_before(services.date_after(anchor, recurrence, due, calendar.on_or_before))
            assert following > due
            assert calendar.is_working(following)
            due = following
