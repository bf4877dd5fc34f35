"""The board and the calendar."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from core.dates import today
from projects.models import Task
from projects.selectors import task_board, task_calendar
from projects.services import task as services


def columns(response):
    return {column.status: [task.title for task in column.tasks] for column in response.context["columns"]}


def test_the_board_shows_tasks_by_state_and_what_was_done_lately(crew):
    now = timezone.now()
    crew.task("open")
    crew.task("doing", status="in_progress")
    crew.task("stuck", status="blocked", blocked_reason="the landlord")
    crew.task("done now", status="done", completed_at=now)
    crew.task("done long ago", status="done", completed_at=now - dt.timedelta(days=20))
    crew.task("gone", status="cancelled")

    response = crew.client("manager").get(crew.url("task-board"))

    assert columns(response) == {
        "open": ["open"], "in_progress": ["doing"], "blocked": ["stuck"], "done": ["done now"],
    }  # fmt: skip
    assert "the landlord" in response.content.decode()


def test_a_long_column_shows_the_first_and_says_how_many_there_are(crew):
    for n in range(task_board.BOARD_LIMIT + 5):
        crew.task(f"Task {n:02d}", due_on=today() + dt.timedelta(days=n))

    response = crew.client("manager").get(crew.url("task-board") + "?priority=2")

    column = response.context["columns"][0]
    assert (len(column.tasks), column.total, column.hidden) == (task_board.BOARD_LIMIT, task_board.BOARD_LIMIT + 5, 5)
    assert f'href="{crew.url("task-list")}?priority=2&amp;status=open"' in response.content.decode()


def test_a_card_offers_the_moves_that_the_flow_allows_and_posts_come_back_to_the_board(crew):
    task = services.create(project=crew.project, by=crew.manager, title="open", assignee=crew.staff)
    url = crew.url("task-board")
    client = crew.client("manager")

    text = client.get(url).content.decode()
    for move in ("complete", "start", "block", "cancel"):
        assert f'formaction="{crew.url("task-move", number=task.label, move=move)}"' in text
    response = client.post(crew.url("task-move", number=task.label, move="start"), {"next": url})

    assert response.url == url
    assert columns(client.get(url))["in_progress"] == ["open"]


def test_who_may_not_move_a_card_is_offered_nothing(crew):
    crew.task("others", assignee=crew.staff)

    for who in ("auditor", "certifier", "owner"):
        assert "formaction" not in crew.client(who).get(crew.url("task-board")).content.decode()
    staff = crew.client("staff").get(crew.url("task-board")).content.decode()
    assert "/move/complete/" in staff
    assert "/move/cancel/" not in staff


def test_staff_see_only_their_own_cards(crew):
    crew.task("mine", assignee=crew.staff)
    crew.task("others", assignee=crew.owner)

    assert columns(crew.client("staff").get(crew.url("task-board")))["open"] == ["mine"]


# ---- calendar ---------------------------------------------------------------------------------------------------


def days(response):
    return {day["date"]: day for week in response.context["weeks"] for day in week}


def test_the_month_shows_due_tasks_weekends_and_holidays(crew):
    crew.project.holiday_country, crew.project.holiday_region = "CH", "ZH"
    crew.project._change_reason = ""
    crew.project.save()
    crew.task("Christmas shopping", due_on=dt.date(2026, 12, 24))
    crew.task("cancelled", due_on=dt.date(2026, 12, 24), status="cancelled")
    crew.task("next month", due_on=dt.date(2027, 2, 1))

    response = crew.client("auditor").get(crew.url("task-calendar") + "?month=2026-12")

    shown = days(response)
    assert [event["label"] for event in shown[dt.date(2026, 12, 24)]["events"]] == ["Christmas shopping"]
    assert [shown[dt.date(2026, 12, n)]["is_off"] for n in (24, 25, 26, 28)] == [False, True, True, False]
    assert "next month" not in response.content.decode()
    assert (response.context["previous"], response.context["next"]) == ("?month=2026-11", "?month=2027-01")


def test_a_crowded_day_leads_to_the_list_of_that_day(crew):
    day = today()
    for _n in range(task_calendar.EVENTS_A_DAY + 3):
        crew.task(due_on=day)
    client = crew.client("manager")

    events = days(client.get(crew.url("task-calendar")))[day]["events"]

    assert (len(events), events[-1]["label"]) == (task_calendar.EVENTS_A_DAY, "4 more")
    assert len(client.get(events[-1]["href"]).context["rows"]) == task_calendar.EVENTS_A_DAY + 3


def test_states_are_told_by_more_than_colour(crew):
    day = today()
    crew.task("late", due_on=day - dt.timedelta(days=1))
    crew.task("done", due_on=day, status="done", completed_at=timezone.now())

    response = crew.client("manager").get(crew.url("task-calendar"))

    labels = {event["label"] for one in days(response).values() for event in one["events"]}
    assert labels == {"! late", "✓ done"}


def test_the_calendar_shows_staff_only_their_own(crew):
    crew.task("mine", assignee=crew.staff, due_on=today())
    crew.task("others", due_on=today())

    assert "others" not in crew.client("staff").get(crew.url("task-calendar")).content.decode()
    assert Task.objects.count() == 2
