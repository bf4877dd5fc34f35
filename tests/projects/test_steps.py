"""The plan as a tree, and the workspace of a step."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects import gates, workspace
from projects.models import PlanActivity, PlanStep, StepDependency
from projects.permissions import Role
from projects.selectors import step as selectors
from projects.services import plan, task
from tests.factories.projects import make_activity, make_step

TODAY = dt.date(2026, 3, 9)


@pytest.fixture(autouse=True)
def _on_the_second_monday():
    with time_machine.travel(dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC), tick=False):
        yield


def page(crew, name: str, who: str = "manager", query: str = "", **kwargs) -> str:
    response = crew.client(who).get(crew.url(name, **kwargs) + query)
    assert response.status_code == 200
    return response.content.decode()


def link(crew, step: PlanStep, predecessor: PlanStep) -> None:
    StepDependency.objects.create(
        organization=crew.project.organization, project=crew.project, step=step, predecessor=predecessor
    )


# --- the tree ---------------------------------------------------------------------------------------------------------


def test_the_tree_shows_steps_by_number_with_their_activities(crew):
    for _n in range(9):
        make_step(crew.project)

    outline = selectors.tree_of(crew.project, TODAY)

    assert [line.step.number for line in outline.steps] == [f"1.{n}" for n in range(1, 11)]
    assert [one.activity.number for one in outline.steps[0].activities] == ["1.1.1", "1.1.2"]


def test_excluded_activities_are_struck_with_their_justification(crew):
    plan.move(activity=crew.activity, name="exclude", by=crew.manager, reason="There is no such process")

    text = page(crew, "step-list", query="?show=all")

    assert 'class="is-out"' in text
    assert "There is no such process" in text


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("status=done", ["1.1.1"]),
        ("status=open", ["1.1.2", "1.1.3", "1.1.4"]),
        ("status=late", ["1.1.3"]),
        ("status=own", []),
        ("role=auditor", ["1.1.4"]),
        ("role=auditor&status=done", []),
        ("role=odd&status=odd", ["1.1.1", "1.1.2", "1.1.3", "1.1.4"]),
    ],
)
def test_the_tree_is_filtered_by_role_and_status(crew, query, numbers):
    step = PlanStep.objects.get(project=crew.project)
    make_activity(step, starts_on=dt.date(2026, 3, 2), ends_on=dt.date(2026, 3, 6))
    make_activity(step, responsible=Role.AUDITOR)
    PlanActivity.objects.filter(project=crew.project).update(source=None)
    plan.move(activity=crew.activity, name="complete", by=crew.manager)
    if "own" in query:
        numbers = ["1.1.1", "1.1.2", "1.1.3", "1.1.4"]

    response = crew.client("manager").get(crew.url("step-list") + f"?{query}")

    found = [one.activity.number for line in response.context["outline"].steps for one in line.activities]
    assert found == numbers


def test_nothing_found_offers_the_way_back(crew):
    assert "No activity fits these filters" in page(crew, "step-list", query="?status=excluded")


# --- the workspace ----------------------------------------------------------------------------------------------------


def test_a_step_shows_objective_activities_tasks_deliverables_and_approval(crew):
    PlanStep.objects.filter(project=crew.project).update(
        objective="Know the risks", deliverables=["Risk register", "<b>Plan</b>"], approval_by="top_management",
        approval_of="The risk criteria", hs_clauses=["6.1"],
    )  # fmt: skip
    task.create(project=crew.project, by=crew.manager, title="Ask the owners", activity=crew.activity, due_on=TODAY)

    text = page(crew, "step-detail", number="1.1")

    for words in (
        "Know the risks", "Risk register", "&lt;b&gt;Plan&lt;/b&gt;", "Top management", "The risk criteria",
        "Ask the owners", "1 of 1 tasks open", "added task", "6.1", "All activities done or excluded",
        "2 activities are not done",
    ):  # fmt: skip
        assert words in text, words


def test_the_gate_turns_green_when_every_activity_is_done_or_excluded(crew):
    first, second = PlanActivity.objects.filter(project=crew.project).order_by("position")
    plan.move(activity=first, name="complete", by=crew.manager)
    plan.move(activity=second, name="exclude", by=crew.manager, reason="Not here")

    text = page(crew, "step-detail", number="1.1")

    assert "all met" in text
    assert 'class="gate-mark is-met"' in text


def test_what_apps_hang_up_appears_and_what_needs_a_permission_is_kept(crew, monkeypatch):
    monkeypatch.setattr(workspace, "_panels", {})
    monkeypatch.setattr(
        gates, "_checks", {"": [lambda step: [gates.Criterion("Register signed", False, "R-1 open", "/x/")]]}
    )
    shown = workspace.Panel("open", "Open", "projects/step/_task_state.html", lambda s, u, p: {"status": "done"})
    workspace.hang(panel=shown)
    workspace.hang(
        panel=workspace.Panel("shut", "Shut", "missing.html", lambda s, u, p: {}, perm="manage_organization")
    )
    workspace.hang(panel=workspace.Panel("away", "Away", "missing.html", lambda s, u, p: None))

    response = crew.client("manager").get(crew.url("step-detail", number="1.1"))

    assert [panel.key for panel, _context in response.context["work"].panels] == ["open"]
    text = response.content.decode()
    assert "Register signed" in text
    assert 'href="/x/"' in text


def test_steps_know_their_neighbours_and_what_they_wait_for(crew):
    first = PlanStep.objects.get(project=crew.project)
    second, third = make_step(crew.project), make_step(crew.project)
    link(crew, second, first)
    link(crew, third, second)

    found = selectors.workspace_of(crew.project, "1.2", TODAY, user=crew.manager, perms=frozenset(), with_journal=False)

    assert (found.before, found.after) == (first, third)
    assert [n.step for n in found.waits_for] == [first]
    assert [n.step for n in found.opens] == [third]


def test_the_journal_of_a_step_is_of_its_activities_and_tasks_only(crew):
    other = make_activity(make_step(crew.project))
    mine = task.create(project=crew.project, by=crew.manager, title="Mine", activity=crew.activity)
    plan.move(activity=other, name="start", by=crew.manager)
    task.create(project=crew.project, by=crew.manager, title="Loose")

    found = selectors.workspace_of(crew.project, "1.1", TODAY, user=crew.manager, perms=frozenset(), with_journal=True)

    assert [told.entry.target_label for told in found.told] == [str(mine)]


@pytest.mark.parametrize("number", ["9.9", "1", "1.1.1", "x", "1.1-"])
def test_a_step_that_is_not_there_is_not_found(crew, number):
    assert crew.client("manager").get(crew.url("step-detail", number=number)).status_code == 404


@pytest.mark.parametrize("number", ["%00", "1.1%2f..", "a" * 40, "1 1", "-1.1"])
def test_an_odd_number_is_no_address(crew, number):
    assert crew.client("manager").get(crew.url("step-list") + f"{number}/").status_code == 404


def test_numbers_may_have_any_dots_and_letters(crew):
    make_step(crew.project, number="1.10.2b")

    assert "Step 2" in page(crew, "step-detail", number="1.10.2b")


@pytest.mark.parametrize(
    ("who", "status"), [("manager", 200), ("auditor", 200), ("certifier", 200), ("staff", 403), ("stranger", 404)]
)
@pytest.mark.parametrize("name", ["step-list", "step-detail", "project-overview"])
def test_the_plan_is_for_readers_of_the_project(crew, who, status, name):
    kwargs = {"number": "1.1"} if name == "step-detail" else {}

    assert crew.client(who).get(crew.url(name, **kwargs)).status_code == status


@pytest.mark.parametrize("name", ["step-list", "step-detail", "project-overview", "project-home"])
def test_reading_pages_refuse_to_be_written_to(crew, name):
    kwargs = {"number": "1.1"} if name == "step-detail" else {}
    client = crew.client("manager")

    for method in ("post", "put", "patch", "delete"):
        assert getattr(client, method)(crew.url(name, **kwargs)).status_code == 405


def test_the_workspace_takes_the_same_few_queries_however_much_there_is(crew):
    client, step = crew.client("manager"), PlanStep.objects.get(project=crew.project)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(crew.url("step-detail", number="1.1")).status_code == 200
        return len(captured)

    task.create(project=crew.project, by=crew.manager, title="T", activity=crew.activity, assignee=crew.staff)
    queries()
    first = queries()
    for _n in range(3):
        activity = make_activity(step)
        link(crew, step, make_step(crew.project))
        for who in (crew.staff, crew.owner):
            task.create(project=crew.project, by=crew.manager, title="T", activity=activity, assignee=who)

    assert queries() == first <= 13


def test_states_are_said_by_date_and_progress(crew):
    step = PlanStep.objects.get(project=crew.project)
    activity = crew.activity

    def state(**fields) -> str:
        PlanStep.objects.filter(pk=step.pk).update(**fields)
        rows = [
            selectors.Row(activity.pk, step.pk, activity.starts_on, activity.ends_on, 480, activity.status, None, 0, 0)
        ]
        return selectors.StepLine(PlanStep.objects.get(pk=step.pk), 1, TODAY, rows).state.label

    days = dt.timedelta
    assert state(starts_on=TODAY - days(9), ends_on=TODAY - days(1)) == "1 day overdue"
    assert state(starts_on=TODAY - days(9), ends_on=TODAY) == "Due soon"
    assert state(starts_on=TODAY - days(9), ends_on=TODAY + days(30)) == "Not started"
    assert state(starts_on=TODAY + days(9), ends_on=TODAY + days(30)) == "Not started"
    assert state(activity_done_count=2) == "Done"
    assert state(is_applicable=False, justification="x") == "Excluded"
