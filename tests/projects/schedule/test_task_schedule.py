"""A task in the schedule: how it waits, dates that stay, hours left; shown before it is saved, and what follows moves."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from core.rules import RuleBroken, StaleRecord
from projects.models import JournalEntry, PlanActivity, Task, TaskDependency
from projects.selectors import task as selectors
from projects.services import schedule
from projects.services import task_schedule as services
from tests.factories.projects import make_task
from tests.helpers.budget import queries

D = dt.date
NOW = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC)
MONDAY, TUESDAY, WEDNESDAY, FRIDAY = (D(2026, 3, day) for day in (2, 3, 4, 6))
SCRIPT = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture
def planned(crew):
    """1.1.1 (5 days) → 1.1.2 (5 days); two tasks of two days in the first, on its first days."""
    with time_machine.travel(NOW, tick=False):
        PlanActivity.objects.filter(project=crew.project).update(duration_days=5)
        one, two = (
            PlanActivity.objects.filter(project=crew.project).order_by("number").select_related("project__organization")
        )
        schedule.link(activity=two, predecessor=one, by=crew.manager)
        for title in ("Interview", "Report"):
            make_task(crew.project, title, activity=one, starts_on=MONDAY, due_on=TUESDAY)
        make_task(crew.project, "Follow up", activity=two, starts_on=D(2026, 3, 9), due_on=D(2026, 3, 10))
        yield crew


def task(planned, number=1):
    return Task.objects.select_related("project__organization", "activity__step").get(
        project=planned.project, number=number
    )


def post(planned, name, data, who="manager", number="T-001", **kwargs):
    return planned.client(who).post(planned.url(name, number=number, **kwargs), data)


@pytest.mark.parametrize(
    ("kind", "lag", "starts_on", "due_on", "words"),
    [
        ("fs", 0, WEDNESDAY, D(2026, 3, 5), ""),
        ("fs", 1, D(2026, 3, 5), FRIDAY, "begins when the other is finished, 1 working day later"),
        ("fs", -1, TUESDAY, WEDNESDAY, "begins when the other is finished, but may overlap by 1 working day"),
        ("ss", 1, TUESDAY, WEDNESDAY, "begins when the other has begun, 1 working day later"),
        ("ff", 2, MONDAY, D(2026, 3, 5), "ends when the other is finished, 2 working days later"),
    ],
)
def test_a_task_waits_as_it_is_told_and_its_dates_follow(planned, kind, lag, starts_on, due_on, words):
    link, found = services.link(
        task=task(planned, 2), predecessor=task(planned), by=planned.manager, kind=kind, lag_days=lag
    )

    two = task(planned, 2)
    assert (two.starts_on, two.due_on, found.tasks) == (starts_on, due_on, 1)
    assert (link.kind, link.lag_days) == (kind, lag)
    (other,) = selectors.detail(two).predecessors
    assert other.how == words
    assert [one.label for one in selectors.detail(two).waiting_for] == ([] if kind == "ss" else ["T-001"])
    entry = JournalEntry.objects.filter(action="task.dependency_added").latest("seq")
    assert entry.changes["predecessor"] == "T-001"


def test_the_link_between_two_tasks_is_shown_saved_changed_and_taken_away(planned):
    data = {"number": "T-001", "kind": "ss", "lag_days": "2"}
    with queries(38):
        first = post(planned, "task-predecessor-add", data, number="T-002")
    text = first.content.decode()
    assert first.status_code == 200 and "Moves 1 task; the certification stays where it is." in text
    assert 'value="T-001"' in text and not TaskDependency.objects.exists()
    seen = {"seen": first.context["told_of_link"].token}
    assert post(planned, "task-predecessor-add", data | seen, number="T-002").status_code == 303
    assert task(planned, 2).starts_on == WEDNESDAY
    page = planned.client("auditor").get(planned.url("task-detail", number="T-002")).content.decode()
    assert "begins when the other has begun, 2 working days later" in page and "Let it wait" not in page

    changed = post(planned, "task-predecessor-add", data | {"kind": "fs", "lag_days": ""}, number="T-002")
    seen = {"seen": changed.context["told_of_link"].token} if changed.status_code == 200 else {}
    post(planned, "task-predecessor-add", data | {"kind": "fs", "lag_days": ""} | seen, number="T-002")
    assert TaskDependency.objects.get().kind == "fs"

    asked = planned.client("manager").get(planned.url("task-predecessor-remove", number="T-002", other="T-001"))
    assert "Let T-002 no longer wait for T-001" in asked.content.decode()
    assert "Moves 1 task" in asked.content.decode() and TaskDependency.objects.exists()
    assert post(planned, "task-predecessor-remove", {}, number="T-002", other="T-001").status_code == 303
    assert not TaskDependency.objects.exists() and task(planned, 2).starts_on == MONDAY


def test_a_circle_is_refused_by_its_name_also_through_the_activities(planned):
    services.link(task=task(planned, 2), predecessor=task(planned), by=planned.manager)
    with pytest.raises(RuleBroken, match="T-001 → T-002 → T-001"):
        services.link(task=task(planned), predecessor=task(planned, 2), by=planned.manager)

    with pytest.raises(RuleBroken, match=r"circle: .*1\.1\.1"):
        services.link(task=task(planned), predecessor=task(planned, 3), by=planned.manager)

    refused = post(planned, "task-predecessor-add", {"number": "T-003"})
    assert refused.status_code == 422 and "would turn in a circle" in refused.content.decode()
    assert TaskDependency.objects.count() == 1
    with pytest.raises(RuleBroken, match="at most 250 working days"):
        services.link(task=task(planned, 2), predecessor=task(planned), by=planned.manager, lag_days=251)


def test_dates_that_stay_do_not_move_with_the_activity_and_others_do(planned):
    stays = {"starts_on": MONDAY, "due_on": WEDNESDAY, "dates_are_manual": True}
    services.set_dates(task=task(planned), by=planned.manager, version=1, values=stays, reason="Agreed")
    follows = {"starts_on": TUESDAY, "due_on": WEDNESDAY, "dates_are_manual": False}
    services.set_dates(task=task(planned, 2), by=planned.manager, version=1, values=follows)
    one = planned.activity
    one.refresh_from_db()

    schedule.set_dates(activity=one, by=planned.manager, version=one.version, values={"not_before_on": D(2026, 3, 9)})

    assert (task(planned).due_on, task(planned).dates_are_manual) == (WEDNESDAY, True)
    assert (task(planned, 2).starts_on, task(planned, 2).due_on) == (D(2026, 3, 10), D(2026, 3, 11))
    assert task(planned).history.filter(history_change_reason="Agreed").exists()


def test_hours_left_move_what_follows_and_only_count_once_the_work_has_begun(planned):
    saved, found = services.set_dates(
        task=task(planned), by=planned.manager, version=1, values={"effort_hours_left": 80}
    )
    assert found is None and saved.effort_hours_left is None  # not begun
    Task.objects.filter(pk=saved.pk).update(status="in_progress")

    saved, found = services.set_dates(
        task=task(planned), by=planned.manager, version=1, values={"effort_hours_left": 80}
    )

    assert saved.effort_hours_left == 80 and saved.due_on == D(2026, 3, 13)  # ten days from today
    assert found.after.certification_on == D(2026, 3, 20)
    assert PlanActivity.objects.get(pk=planned.activity.pk).ends_on == D(2026, 3, 13)


def test_the_page_of_dates_shows_what_moves_before_it_is_saved_and_keeps_what_was_typed(planned):
    Task.objects.filter(pk=task(planned).pk).update(status="in_progress")
    reader = planned.client("auditor").get(planned.url("task-schedule", number="T-001"))
    assert "Total float" in reader.content.decode() and "Save the dates" not in reader.content.decode()
    with queries(29):
        page = planned.client("manager").get(planned.url("task-schedule", number="T-001")).content.decode()
    assert "Hours left" in page and "These dates stay" in page

    data = {"version": 1, "starts_on": "2026-03-02", "due_on": "2026-03-03", "effort_hours_left": "2 d x"}
    wrong = post(planned, "task-dates", data)
    assert wrong.status_code == 422 and "2 d x" in wrong.content.decode()
    data["effort_hours_left"] = "10 d"
    first = post(planned, "task-dates", data)
    assert (
        first.status_code == 200 and "Moves 2 tasks, 2 activities, and the certification by 5" in first.content.decode()
    )
    seen = {"seen": first.context["told"].token}
    stale = post(planned, "task-dates", data | seen | {"version": 99, "reason": "Kept words"})
    assert stale.status_code == 422 and "Kept words" in stale.content.decode()
    assert "Somebody else saved this in the meantime" in stale.content.decode()
    assert post(planned, "task-dates", data | seen).status_code == 303
    assert task(planned, 3).starts_on == D(2026, 3, 16)
    assert post(planned, "task-dates", data, who="auditor").status_code == 403
    assert planned.client("stranger").get(planned.url("task-schedule", number="T-001")).status_code == 404


def test_wrong_dates_of_a_task_are_refused_at_their_field(planned):
    def refused(text, **values):
        with pytest.raises(RuleBroken, match=text):
            services.set_dates(task=task(planned), by=planned.manager, version=1, values=values)

    refused("due before it starts", starts_on=WEDNESDAY, due_on=TUESDAY)
    refused("by when it is to be done", due_on=None)
    refused("no date that stays", starts_on=None, due_on=None, dates_are_manual=True)
    with pytest.raises(StaleRecord):
        services.set_dates(task=task(planned), by=planned.manager, version=7, values={"due_on": FRIDAY})


def test_a_task_gets_its_place_in_the_schedule_with_its_first_date_and_loses_it_with_the_last(planned):
    free = make_task(planned.project, "Without a date")
    assert planned.client("manager").get(planned.url("task-schedule", number=free.label)).context["facts"] is None

    services.set_dates(task=free, by=planned.manager, version=1, values={"due_on": FRIDAY})
    assert planned.client("manager").get(planned.url("task-schedule", number=free.label)).context["facts"]
    free.refresh_from_db()
    services.set_dates(task=free, by=planned.manager, version=free.version, values={"due_on": None})

    free.refresh_from_db()
    assert free.due_on is None


def test_the_bar_of_a_task_is_moved_on_the_chart_and_refused_when_it_is_over(planned):
    client = planned.client("manager")
    chart = client.get(planned.url("schedule") + "?level=tasks").content.decode()
    assert 'data-key="T-001" data-first="2026-03-02" data-last="2026-03-03"' in chart
    address = planned.url("task-redate", number="T-001")
    days = {"starts_on": "2026-03-05", "ends_on": "2026-03-06"}
    with queries(20):
        asked = client.get(address, days | {"from_starts_on": "2026-03-02", "from_ends_on": "2026-03-03"}, **SCRIPT)
    assert "New dates of T-001" in asked.content.decode()

    assert client.post(address, asked.context["form"].initial, **SCRIPT).status_code == 204

    one = task(planned)
    assert (one.starts_on, one.due_on, one.dates_are_manual) == (D(2026, 3, 5), FRIDAY, True)
    assert (
        client.get(address, days | {"from_starts_on": "2026-03-02", "from_ends_on": "2026-03-03"}, **SCRIPT).status_code
        == 409
    )
    Task.objects.filter(pk=one.pk).update(status="done", is_open=False)
    over = client.get(address, days, **SCRIPT)
    assert over.status_code == 422 and "is over" in over.content.decode()
    assert 'data-key="T-001"' not in client.get(planned.url("schedule") + "?level=tasks").content.decode()
    assert planned.client("auditor").get(address, days).status_code == 403
