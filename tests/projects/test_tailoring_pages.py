"""The pages of tailoring: what they say before a decision, what they keep, who may."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse

from projects.models import (
    JournalEntry,
    PlanActivity,
    PlanStep,
    Project,
    StepDependency,
    TailoringDecision,
    TailoringKind,
)
from projects.permissions import Role
from projects.selectors import step as step_selectors
from projects.services import plan as plans
from projects.services import tailor
from tests.factories.projects import grant, make_activity, make_full_project, make_step
from tests.helpers.budget import count_queries, queries


@pytest.fixture
def plan(crew):
    """1.1 → 1.2 → 1.3, the middle one with an approval; all ahead, because late work keeps its dates."""
    steps = [PlanStep.objects.get(project=crew.project)]
    first, last = dt.date(2035, 1, 1), dt.date(2035, 1, 12)
    crew.project.start_on = first
    Project.objects.filter(pk=crew.project.pk).update(start_on=first)
    for rows in (PlanStep.objects, PlanActivity.objects):
        rows.filter(project=crew.project).update(starts_on=first, ends_on=last, duration_days=10)
    steps[0].refresh_from_db()
    for number in ("1.2", "1.3"):
        last = steps[-1]
        starts = crew.project.calendar.add(last.ends_on, 1)
        step = make_step(
            crew.project, number=number, starts_on=starts, ends_on=crew.project.calendar.add(starts, 9),
            approval_by="top_management" if number == "1.2" else "", approval_of="The scope" if number == "1.2" else "",
        )  # fmt: skip
        make_activity(step, duration_days=10)
        StepDependency.objects.create(
            organization=crew.project.organization, project=crew.project, step=step, predecessor=last
        )
        steps.append(step)
    return crew


def do(crew, number, what):
    return crew.url("tailor-step-do", number=number, what=what)


def text_of(response) -> str:
    return " ".join(response.content.decode().split())


def test_the_page_says_what_it_means_first_then_decides_and_the_board_shows_it(plan):
    client = plan.client("manager")

    page = text_of(client.get(do(plan, "1.2", "exclude")))
    assert "10 working days are gained" in page
    assert "An approval would be skipped or come too late: 1.2: The scope." in page
    assert not TailoringDecision.objects.exists()

    kept = client.post(do(plan, "1.2", "exclude"), {"justification": "One site only"})
    assert kept.status_code == 422
    assert "One site only" in text_of(kept)
    assert "Say why the plan does without it." in text_of(kept)

    said = {"justification": "One site only", "skipped_because": "Signed with the policy"}
    done = client.post(do(plan, "1.2", "exclude"), said)
    assert (done.status_code, done["Location"]) == (303, plan.url("tailoring") + "#step-1.2")
    board = text_of(client.get(plan.url("tailoring")))
    assert "One site only" in board
    assert "1 decision in force" in board
    listed = text_of(client.get(plan.url("tailoring-list")))
    assert "Without the approval 1.2: The scope: Signed with the policy" in listed
    assert JournalEntry.objects.filter(action="step.exclude", reason="One site only").exists()


def test_a_merge_is_asked_for_by_dropping_a_step_onto_another(plan):
    client = plan.client("manager")

    page = text_of(client.get(do(plan, "1.3", "merge") + "?merged_into=1.2"))
    assert "10 working days are gained" in page
    client.post(do(plan, "1.3", "merge"), {"merged_into": "1.2", "justification": "The same workshop"})

    assert "1.2 + 1.3" in text_of(client.get(plan.url("step-list")))
    host = text_of(client.get(plan.url("step-detail", number="1.2")))
    assert "Several steps are worked here as one" in host
    assert "Activity 1" in host
    joined = text_of(client.get(plan.url("step-detail", number="1.3")))
    assert "Worked together with 1.2 Step 2" in joined
    plan.project.refresh_from_db()
    assert [step[0] for step in plan.project.outline["open"]] == ["1.1", "1.2 + 1.3"]
    assert "1.2 + 1.3" in text_of(client.get(plan.url("project-overview")))


def test_a_place_contradicts_dependencies_and_says_so_before_and_after(plan):
    client = plan.client("manager")
    said = {"place": "1:1.1", "justification": "The papers first", "skipped_because": "It is known"}

    shown = client.post(do(plan, "1.3", "place"), {"place": "1:1.1"}, headers={"HX-Request": "true"})
    assert "Step 1.3 would be worked before 1.2, which it builds on.</strong>" in text_of(shown)
    assert shown.content.startswith(b'<div id="means"')
    assert client.post(do(plan, "1.3", "place"), said).status_code == 303

    assert [step.number for step in step_selectors.steps_of(plan.project)] == ["1.3", "1.1", "1.2"]
    assert "1.3 is worked before what it builds on: 1.2 Step 2" in text_of(client.get(plan.url("tailoring")))


def test_what_a_step_waits_for_is_changed_from_its_page_and_the_dates_that_move_are_shown_first(plan):
    client = plan.client("manager")
    page = text_of(client.get(plan.url("step-detail", number="1.3")))
    assert do(plan, "1.3", "waits") in page
    assert do(plan, "1.3", "waits") not in text_of(plan.client("auditor").get(plan.url("step-detail", number="1.3")))
    form = text_of(client.get(do(plan, "1.3", "waits")))
    assert '<optgroup label="It waits for"> <option value="1.2">1.2 Step 2</option>' in form

    later = {"predecessor": "1.2", "waits": "yes", "lag_days": "4"}
    means = text_of(client.post(do(plan, "1.3", "waits"), later, headers={"HX-Request": "true"}))
    assert "4 working days are lost" in means and "1 activity moves" in means
    assert client.post(do(plan, "1.3", "waits"), later | {"justification": "It dries"}).status_code == 303
    assert StepDependency.objects.get(step__number="1.3").lag_days == 4
    listed = text_of(client.get(plan.url("tailoring-list")))
    assert "Starts after" in listed and "1.2 +4" in listed
    assert "1.2 Step 2, lag +4" in text_of(client.get(do(plan, "1.3", "waits")))

    circle = client.post(do(plan, "1.1", "waits"), {"predecessor": "1.3", "waits": "yes", "justification": "x"})
    assert circle.status_code == 422 and "1.1 → 1.3 → 1.2 → 1.1" in text_of(circle)
    gone = {"predecessor": "1.2", "waits": "no", "justification": "At once"}
    assert client.post(do(plan, "1.3", "waits"), gone).status_code == 303
    assert not StepDependency.objects.filter(step__number="1.3").exists()
    assert client.post(do(plan, "1.3", "waits"), gone | {"lag_days": "999"}).status_code == 422


def test_going_back_to_the_method_shows_first_what_the_step_would_wait_for(crew):
    project = make_full_project(crew.project.organization, by=crew.manager, with_tasks=False)
    grant(crew.manager, Role.PROJECT_MANAGER, project)
    tailor.decide(
        project=project, by=crew.manager, kind=TailoringKind.CHANGE, values={"waits": ["1.1 +4"]}, justification="Soon",
        item=PlanStep.objects.get(project=project, number="1.4"),
    )  # fmt: skip
    client = crew.client("manager")
    here = reverse("projects:tailor-step-do", kwargs={**project.address, "number": "1.4", "what": "revert"})

    page = text_of(client.get(here))
    assert '<dt>Starts after</dt><dd>1.1 +4<div class="row-sub">method: 1.3</div>' in page
    with queries(20):
        client.get(here)
    assert client.post(here, {"justification": "As the method has it"}).status_code == 303
    assert list(StepDependency.objects.filter(step__number="1.4").values_list("predecessor__number", "lag_days")) == [
        ("1.3", 0)
    ]
    assert "As the method has it." in text_of(client.get(here.removesuffix("do/revert/").removesuffix("revert/")))


def test_of_two_who_rename_the_second_sees_both_texts(plan):
    client = plan.client("manager")
    seen = PlanStep.objects.get(project=plan.project, number="1.2")
    tailor.decide(
        project=plan.project, by=plan.manager, kind=TailoringKind.CHANGE, item=seen, values={"title": "Theirs"},
        justification="Clearer",
    )  # fmt: skip
    mine = {"title": "Mine", "duration_days": seen.duration_days, "version": seen.version, "justification": "Shorter"}

    response = client.post(do(plan, "1.2", "change"), mine)

    assert response.status_code == 422
    assert [(row["mine"], row["theirs"]) for row in response.context["conflict"]][:1] == [("Mine", "Theirs")]
    assert 'value="2"' in response.content.decode()
    assert client.post(do(plan, "1.2", "change"), {**mine, "version": 2}).status_code == 303
    assert PlanStep.objects.get(pk=seen.pk).title == "Mine"


def test_undo_shows_the_last_decision_and_takes_it_back(plan):
    client = plan.client("manager")
    assert "Nothing to undo" in text_of(client.get(plan.url("tailoring-undo")))
    client.post(do(plan, "1.3", "merge"), {"merged_into": "1.2", "justification": "The same workshop"})

    assert "The same workshop" in text_of(client.get(plan.url("tailoring-undo")))
    stale = client.post(plan.url("tailoring-undo"), {"number": 7})
    done = client.post(plan.url("tailoring-undo"), {"number": 1, "reason": "Two workshops after all"})

    assert (stale.status_code, done.status_code) == (422, 303)
    assert PlanStep.objects.get(project=plan.project, number="1.3").merged_into is None
    assert "Undone" in text_of(client.get(plan.url("tailoring-list") + "?state=undone"))


def test_what_cannot_be_is_said_with_its_reason_and_without_a_button(plan):
    client = plan.client("manager")
    done = PlanActivity.objects.select_related("project__organization").get(project=plan.project, step__number="1.2")
    page = client.get(do(plan, "1.2", "exclude")).content.decode()
    assert 'name="justification"' in page

    plans.move(activity=done, name="complete", by=plan.manager)

    page = client.get(do(plan, "1.2", "exclude")).content.decode()
    assert "Step 1.2 cannot be excluded, this is done: 1.2.1." in page
    assert 'name="justification"' not in page
    of_activity = plan.url("tailor-activity", number="1.2.1")
    assert f'href="{of_activity}exclude/"' not in client.get(of_activity).content.decode()
    kept = client.post(do(plan, "1.2", "exclude"), {"justification": "Typed before it was done"})
    assert kept.status_code == 422 and "Typed before it was done" in kept.content.decode()


def test_an_activity_comes_back_with_its_step_so_its_page_offers_no_button(plan):
    client, page = plan.client("manager"), plan.url("activity-detail", number="1.2.1")
    client.post(do(plan, "1.2", "exclude"), {"justification": "One site", "skipped_because": "With the policy"})

    assert f'action="{page}move/include/"' not in client.get(page).content.decode()
    client.post(do(plan, "1.2", "include"), {"justification": "Two sites"})
    client.post(f"{page}move/exclude/", {"reason": "Not this one"})
    assert f'action="{page}move/include/"' in client.get(page).content.decode()


def test_a_step_of_our_own_is_added_once_however_often_the_form_is_sent(plan):
    client = plan.client("manager")
    key = client.get(plan.url("tailor-add-step")).context["form"]["once"].value()
    said = {
        "once": key, "title": "Supplier audits", "place": "1:1.3", "duration_days": "4", "waits_for": ["1.2"],
        "deliverables": "Report\n\nPlan", "justification": "Customers ask for it", "approval_by": "", "approval_of": "",
    }  # fmt: skip

    first, second = (client.post(plan.url("tailor-add-step"), said) for _ in range(2))

    made = PlanStep.objects.get(project=plan.project, title="Supplier audits")
    assert first["Location"] == second["Location"] == plan.url("activity-add", number="1.4")
    assert (made.number, made.deliverables, made.duration_days) == ("1.4", ["Report", "Plan"], 4)


def test_a_round_is_opened_worked_and_closed_from_the_step(plan):
    step = PlanStep.objects.get(project=plan.project, number="1.3")
    PlanStep.objects.filter(pk=step.pk).update(is_iterative=True)
    client = plan.client("manager")
    said = {"trigger": "New site", "starts_on": "2035-06-04", "ends_on": "2035-06-15", "activities": ["1.3.1"]}

    refused = client.post(plan.url("tailor-round", number="1.3"), {**said, "ends_on": "2035-05-01"})
    done = client.post(plan.url("tailor-round", number="1.3"), said)

    assert (refused.status_code, done.status_code) == (422, 303)
    page = text_of(client.get(plan.url("step-detail", number="1.3")))
    assert "Round 1: New site" in page
    assert "0 of 1 activities done" in page
    assert client.post(plan.url("gate-close", number="1.3"), {}).status_code == 422
    for one in PlanActivity.objects.filter(step=step):
        plans.move(activity=one, name="complete", by=plan.manager)
    asked = client.get(plan.url("gate-close", number="1.3"))
    assert "AP-007" in text_of(asked)
    client.post(plan.url("gate-close", number="1.3"), {"approved_as": "AP-003"})
    assert (step.rounds.get().closed_by, step.rounds.get().approved_as) == (plan.manager, "AP-003")


def test_decisions_are_found_filtered_sorted_and_taken_along(plan):
    client = plan.client("auditor")
    for number, kind, values in (
        ("1.2", TailoringKind.CHANGE, {"title": "Scope and context"}),
        ("1.3", TailoringKind.MERGE, {"merged_into": "1.2"}),
    ):
        tailor.decide(
            project=plan.project, by=plan.manager, kind=kind, values=values, justification=f"Why {number}",
            item=PlanStep.objects.get(project=plan.project, number=number),
        )  # fmt: skip

    def labels(query: str) -> list[str]:
        return [row.decision.label for row in client.get(plan.url("tailoring-list") + query).context["rows"]]

    assert labels("") == ["TD-002", "TD-001"]
    assert labels("?sort=step") == ["TD-001", "TD-002"]
    assert labels("?kind=merge") == ["TD-002"]
    assert labels("?q=why+1.2") == ["TD-001"]
    book = client.get(plan.url("tailoring-export") + "?kind=merge")
    assert book["Content-Type"].endswith("spreadsheetml.sheet")
    assert book.content[:2] == b"PK"


def test_readers_read_and_only_who_edits_plans_decides(plan):
    for who, board, form in (("manager", 200, 200), ("auditor", 200, 403), ("staff", 403, 403), ("stranger", 404, 404)):
        client = plan.client(who)
        assert client.get(plan.url("tailoring")).status_code == board
        assert client.get(do(plan, "1.2", "exclude")).status_code == form
        assert client.post(do(plan, "1.2", "exclude"), {"justification": "x"}).status_code in (form, 422)
    assert not TailoringDecision.objects.exists()
    manager = plan.client("manager")
    assert manager.get(do(plan, "9.9", "exclude")).status_code == 404
    assert manager.get(do(plan, "1.2", "burn")).status_code == 404
    assert "As it stands now, this is not possible" in text_of(manager.get(do(plan, "1.2", "include")))


def test_the_board_costs_the_same_whatever_was_decided(plan):
    client = plan.client("manager")
    client.get(plan.url("tailoring"))
    before = count_queries(lambda: client.get(plan.url("tailoring")))
    for number in ("1.1", "1.2", "1.3"):
        tailor.decide(
            project=plan.project, by=plan.manager, kind=TailoringKind.CHANGE, justification="x",
            item=PlanStep.objects.get(project=plan.project, number=number), values={"title": f"New {number}"},
        )  # fmt: skip

    with queries(before, exactly=True):
        client.get(plan.url("tailoring"))
    with queries(12):
        client.get(plan.url("tailoring"))
    with queries(10):
        client.get(plan.url("tailoring-list"))
    with queries(16):
        client.get(do(plan, "1.2", "exclude"))
