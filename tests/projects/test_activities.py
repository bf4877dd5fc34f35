"""The page of an activity: read, moved, edited, added."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.models import JournalEntry, PlanActivity, PlanStep, Task
from projects.permissions import Role
from projects.selectors import activity as selectors
from projects.services import plan, task


@pytest.fixture(autouse=True)
def _on_the_second_monday():
    with time_machine.travel(dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC), tick=False):
        yield


def url(crew, name: str = "activity-detail", **kwargs) -> str:
    return crew.url(name, **{"number": "1.1.1", **kwargs})


def move(crew, name: str, who: str = "manager", **data):
    return crew.client(who).post(url(crew, "activity-move", move=name), data)


def status_of(crew) -> str:
    return PlanActivity.objects.get(pk=crew.activity.pk).status


def test_the_page_shows_what_it_is_for_and_who_does_it(crew):
    PlanActivity.objects.filter(pk=crew.activity.pk).update(
        purpose="So that nobody is surprised", inputs=["Policy"], outputs=["Risk list"], hs_clauses=["6.1"],
    )  # fmt: skip
    task.create(
        project=crew.project, by=crew.manager, title="Ask", activity=crew.activity, assignee=crew.staff,
        due_on=dt.date(2026, 3, 3),
    )  # fmt: skip

    text = crew.client("manager").get(url(crew)).content.decode()

    for words in (
        "So that nobody is surprised", "Policy", "Risk list", "Project manager", "Sina Staff", "6 days overdue",
        f"{crew.url('task-create')}?activity=1.1.1", "added task", "6.1", "1 of 1 open",
    ):  # fmt: skip
        assert words in text, words


def test_the_buttons_are_those_of_the_flow_for_this_person(crew):
    def offered(who: str) -> set[str]:
        response = crew.client(who).get(url(crew))
        return {m["label"] for m in response.context["moves"]}

    assert offered("manager") == {"Complete activity", "Start", "Exclude"}
    assert offered("owner") == set()
    assert offered("certifier") == set()
    PlanActivity.objects.filter(pk=crew.activity.pk).update(responsible=Role.PROCESS_OWNER)
    assert offered("owner") == {"Complete activity", "Start"}
    plan.move(activity=crew.activity, name="complete", by=crew.manager)
    assert offered("manager") == {"Reopen"}


def test_a_move_is_made_by_post_and_answered_with_303(crew):
    response = move(crew, "start")

    assert (response.status_code, response.url) == (303, url(crew))
    assert status_of(crew) == "in_progress"
    assert move(crew, "complete").status_code == 303
    assert status_of(crew) == "done"


def test_a_refused_move_says_why_on_the_page(crew):
    task.create(project=crew.project, by=crew.manager, title="Open", activity=crew.activity)

    client = crew.client("manager")
    text = client.post(url(crew, "activity-move", move="complete"), follow=True).content.decode()

    assert "cannot be completed: 1 of its tasks are open" in text
    assert status_of(crew) == "planned"


def test_looking_at_a_move_changes_nothing(crew):
    for name in ("start", "complete", "exclude"):
        assert crew.client("manager").get(url(crew, "activity-move", move=name)).status_code == 200

    assert status_of(crew) == "planned"
    assert not JournalEntry.objects.exists()


def test_excluding_says_first_what_it_means(crew):
    for title in ("One", "Two"):
        task.create(project=crew.project, by=crew.manager, title=title, activity=crew.activity)

    text = crew.client("manager").get(url(crew, "activity-move", move="exclude")).content.decode()

    assert "2 open tasks are set aside" in text
    assert "1 person-day no longer counts" in text


def test_excluding_without_a_reason_keeps_the_form_and_with_one_excludes(crew):
    refused = move(crew, "exclude", reason="   ")
    assert refused.status_code == 422
    assert status_of(crew) == "planned"

    assert move(crew, "exclude", reason="No <b>such</b> process").status_code == 303

    text = crew.client("manager").get(url(crew)).content.decode()
    assert status_of(crew) == "excluded"
    assert "No &lt;b&gt;such&lt;/b&gt; process" in text
    assert "<b>such</b>" not in text
    assert move(crew, "include").status_code == 303
    assert status_of(crew) == "planned"


def test_a_move_in_the_wrong_state_is_refused_on_the_form(crew):
    plan.move(activity=crew.activity, name="complete", by=crew.manager)

    response = move(crew, "exclude", reason="Late thought")

    assert response.status_code == 422
    assert "“Done” by now" in response.content.decode()
    assert status_of(crew) == "done"


@pytest.mark.parametrize(
    ("who", "name", "status"),
    [
        ("manager", "start", 303), ("owner", "start", 403), ("owner", "exclude", 403), ("auditor", "start", 403),
        ("certifier", "start", 403), ("staff", "start", 403), ("stranger", "start", 404), ("manager", "explode", 404),
    ],
)  # fmt: skip
def test_who_may_move_an_activity(crew, who, name, status):
    assert move(crew, name, who, reason="r").status_code == status
    assert status_of(crew) == ("in_progress" if status == 303 else "planned")


def test_an_activity_of_another_project_is_not_found(crew):
    client = crew.client("stranger")

    assert client.get(url(crew)).status_code == 404
    assert crew.client("manager").get(crew.url("activity-detail", number="7.7.7")).status_code == 404


def test_history_says_who_changed_what_from_what_to_what_and_why(crew):
    plan.edit(
        activity=crew.activity, by=crew.manager, version=1, reason="Clearer",
        values={"title": "Better", "responsible": Role.AUDITOR},
    )  # fmt: skip
    plan.move(activity=crew.activity, name="start", by=crew.manager)

    found = selectors.history_of(PlanActivity.objects.get(pk=crew.activity.pk))

    assert [(h.who, h.reason) for h in found] == [(crew.manager, ""), (crew.manager, "Clearer"), ("The system", "")]
    assert found[1].changes == [
        {"label": "Title", "before": "Activity 1", "after": "Better"},
        {"label": "Responsible role", "before": "Project manager", "after": "Auditor"},
    ]
    assert {"label": "Status", "before": "Not started", "after": "In progress"} in found[0].changes


def fields(activity: PlanActivity, **changes) -> dict:
    return {
        "version": activity.version, "title": activity.title, "purpose": "", "responsible": activity.responsible,
        "effort_days": "1", "starts_on": activity.starts_on.isoformat(), "ends_on": activity.ends_on.isoformat(),
        "reason": "",
    } | changes  # fmt: skip


def test_editing_saves_and_goes_back_to_the_page(crew):
    response = crew.client("manager").post(
        url(crew, "activity-edit"), fields(crew.activity, title="New", effort_days="2.5", reason="Grew")
    )

    crew.activity.refresh_from_db()
    assert (response.status_code, response.url) == (303, url(crew))
    saved = PlanActivity.objects.get(pk=crew.activity.pk)
    assert (saved.title, str(saved.effort_days), saved.version) == ("New", "2.50", 2)
    assert JournalEntry.objects.get().reason == "Grew"


def test_of_two_editors_the_second_sees_both_texts_and_may_save_on_top(crew):
    stale = fields(crew.activity, title="Mine", responsible="auditor", reason="Clearer")
    plan.edit(activity=crew.activity, by=crew.manager, version=1, values={"title": "Theirs"})
    client = crew.client("manager")

    response = client.post(url(crew, "activity-edit"), stale)

    text = response.content.decode()
    assert response.status_code == 422
    assert {(r["mine"], r["theirs"]) for r in response.context["conflict"]} == {
        ("Mine", "Theirs"), ("Auditor", "Project manager"),
    }  # fmt: skip
    assert 'name="version" value="2"' in text
    assert PlanActivity.objects.get(pk=crew.activity.pk).title == "Theirs"
    assert client.post(url(crew, "activity-edit"), {**stale, "version": "2"}).status_code == 303
    assert PlanActivity.objects.get(pk=crew.activity.pk).title == "Mine"


def test_other_words_or_another_effort_need_a_reason_other_dates_do_not(crew):
    client, here = crew.client("manager"), url(crew, "activity-edit")

    refused = client.post(here, fields(crew.activity, effort_days="2"))
    moved = client.post(here, fields(crew.activity, ends_on=crew.activity.ends_on.isoformat()))

    assert (refused.status_code, moved.status_code) == (422, 303)
    assert refused.context["form"].errors["reason"] == [
        "Say why it is changed: this stands in the record of tailoring."
    ]


HOSTILE = {
    "script": {"title": "<script>alert(1)</script>"},
    "rtl": {"title": "\u202eabc", "purpose": "👩‍👩‍👧"},
    "formula": {"title": "=1+1"},
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_text_is_saved_and_shown_escaped(crew, case):
    response = crew.client("manager").post(
        url(crew, "activity-edit"), fields(crew.activity, **HOSTILE[case], reason="Why")
    )

    assert response.status_code == 303
    text = crew.client("manager").get(url(crew)).content.decode()
    assert "<script>alert" not in text
    for name in ("step-list", "project-home", "journal", "journal-workbook"):
        assert crew.client("manager").get(crew.url(name)).status_code == 200


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"title": ""}, "required"),
        ({"title": "x" * 201}, "at most 200"),
        ({"title": "a\x00b"}, "Null characters"),
        ({"purpose": "x" * 10_000}, "at most 5000"),
        ({"effort_days": "-1"}, "greater than or equal to 0"),
        ({"effort_days": "NaN"}, "Enter a number"),
        ({"effort_days": "1e400"}, "digits"),
        ({"effort_days": "1001"}, "less than or equal to 1000"),
        ({"starts_on": "2026-02-30"}, "valid date"),
        ({"starts_on": "0000-01-01"}, "valid date"),
        ({"ends_on": "2020-01-01"}, "before"),
        ({"responsible": "god"}, "valid choice"),
        ({"version": "x"}, "whole number"),
        ({"version": "99999999999999999999"}, "Somebody else saved this"),
    ],
)
def test_wrong_input_is_refused_by_a_sentence_and_kept(crew, changes, says):
    response = crew.client("manager").post(url(crew, "activity-edit"), fields(crew.activity, **changes))

    assert response.status_code == 422
    assert says in response.content.decode()
    assert PlanActivity.objects.get(pk=crew.activity.pk).version == 1


@pytest.mark.parametrize("ends_on", ["9999-12-31", "2600-01-01"])
def test_a_date_in_another_age_is_refused(crew, ends_on):
    response = crew.client("manager").post(url(crew, "activity-edit"), fields(crew.activity, ends_on=ends_on))

    assert response.status_code == 422
    assert "Choose a date" in response.content.decode()


def test_an_activity_of_ones_own_is_added_with_a_justification(crew):
    step = PlanStep.objects.get(project=crew.project)
    given = {
        "title": "Ours", "justification": "The regulator asks", "purpose": "", "responsible": "auditor", "effort_days": "2",
        "starts_on": step.starts_on.isoformat(), "ends_on": step.ends_on.isoformat(),
    }  # fmt: skip
    client, address = crew.client("manager"), crew.url("activity-add", number="1.1")

    page = client.get(address)
    assert "It becomes 1.1.3." in page.content.decode()
    given["once"] = page.context["form"]["once"].value()
    assert f'value="{given["once"]}"' in page.content.decode()
    assert client.post(address, {**given, "justification": " "}).status_code == 422
    response, again = client.post(address, given), client.post(address, given)  # a double click

    assert again.url == response.url
    assert PlanActivity.objects.filter(project=crew.project).count() == 3
    assert response.url == crew.url("activity-detail", number="1.1.3")
    text = client.get(response.url).content.decode()
    assert "Added by us" in text
    assert "The regulator asks" in text


@pytest.mark.parametrize(("who", "status"), [("owner", 403), ("auditor", 403), ("staff", 403), ("stranger", 404)])
@pytest.mark.parametrize("name", ["activity-edit", "activity-add"])
def test_only_who_edits_the_plan_edits_or_adds(crew, who, status, name):
    address = crew.url(name, number="1.1" if name == "activity-add" else "1.1.1")

    assert crew.client(who).get(address).status_code == status
    assert crew.client(who).post(address, {}).status_code == status


def test_the_page_takes_the_same_few_queries_however_much_there_is(crew):
    client = crew.client("manager")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url(crew)).status_code == 200
        return len(captured)

    task.create(project=crew.project, by=crew.manager, title="T", activity=crew.activity, assignee=crew.staff)
    plan.edit(activity=crew.activity, by=crew.manager, version=1, values={"title": "A"})
    queries()
    first = queries()
    for n in range(3):
        task.create(project=crew.project, by=crew.manager, title="T", activity=crew.activity, assignee=crew.owner)
        activity = PlanActivity.objects.get(pk=crew.activity.pk)
        plan.edit(activity=activity, by=crew.manager, version=activity.version, values={"title": f"B{n}"})

    assert queries() == first <= 12
    assert Task.objects.count() == 4
