"""Readiness: what counts, what moves it most, and that the points add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import gates, readiness
from projects.models import PlanActivity, PlanStep, StepDependency
from projects.readiness import Item, reckon
from projects.services import gate, plan
from tests.factories.projects import make_activity, make_step
from tests.helpers.budget import count_queries, queries


def test_the_points_by_hand():
    found = reckon(
        [
            Item("Half done", "/a/", 300, 0.5, place=(1,)),
            Item("Done", "/b/", 100, 1.0, place=(2,)),
            Item("Later", "/c/", 200, 0.0, place=(3,), can_begin=False, why="waits"),
            Item("Approved", "/d/", 1, 1.0, is_proof=True),
            Item("Missing", "/e/", 1, 0.0, is_proof=True, place=(1,)),
        ]
    )

    # Work: 250 of 600 minutes are 25 of 60 points; proofs: one of two are 20 of 40.
    assert (found.work, found.proof, found.percent) == (pytest.approx(25), pytest.approx(20), 45)
    moves = [(thing.item.label, round(thing.points, 1)) for thing in found.things]
    assert moves == [("Missing", 20.0), ("Half done", 15.0), ("Later", 20.0)]


def test_a_plan_without_proofs_or_without_work_still_counts_to_a_hundred():
    assert reckon([Item("Work", "", 10, 1.0)]).percent == 100
    assert reckon([Item("Proof", "", 1, 1.0, is_proof=True)]).percent == 100
    assert reckon([]).percent == 0


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from([0.0, 0.3, 1.0]), st.booleans(), st.booleans())))
def test_what_is_reached_and_what_moves_it_add_up_to_a_hundred(rows):
    items = [
        Item(str(k), "", weight, done, is_proof=proof, place=(k,), can_begin=now)
        for k, (weight, done, proof, now) in enumerate(rows)
    ]

    found = reckon(items)

    reached = found.work + found.proof
    assert reached + sum(thing.points for thing in found.things) == pytest.approx(found.work_most + found.proof_most)
    assert found.work_most + found.proof_most in (0.0, 100.0)
    assert 0 <= found.percent <= 100 and len(found.next_five) <= readiness.NEXT


@pytest.fixture
def hooks(monkeypatch):
    monkeypatch.setattr(gates, "_checks", {"": [gates.activities_are_done, gates.deliverables_are_present]})
    monkeypatch.setattr(gates, "_holds", {})


def test_the_page_names_the_next_things_each_with_its_link_and_points(crew, hooks):
    first = PlanStep.objects.get(project=crew.project)
    PlanStep.objects.filter(pk=first.pk).update(deliverables=["Register"], code="decide")
    second = make_step(crew.project, code="after")
    make_activity(second, effort_days=2)
    StepDependency.objects.create(
        organization=crew.project.organization, project=crew.project, step=second, predecessor=first
    )
    check = lambda step: [gates.Criterion("Signed", False, "Nobody signed", "/sign/")]  # noqa: E731
    gates.hang(check, step="decide")
    gates.hang(check, step="after")
    gates.hold(gates.Hold("go", "decide", "the mandate", lambda project: False, lambda project: "/mandate/"))
    plan.move(activity=PlanActivity.objects.filter(step=first).earliest("number"), name="complete", by=crew.manager)

    response = crew.client("manager").get(crew.url("readiness"))

    # 60 points over 4 person-days, 40 over the deliverable and the signature, which two steps ask for.
    found = response.context["found"]
    assert found.percent == 15
    assert [(thing.item.label, round(thing.points, 1)) for thing in response.context["now"]] == [
        ("1.1 Signed", 20.0), ("1.1 Deliverable: Register", 20.0), ("1.1.2 Activity 2", 15.0),
    ]  # fmt: skip
    assert [thing.item.why for thing in response.context["later"]] == ["waits for the mandate"]
    text = response.content.decode()
    for words in (
        'href="/sign/"',
        "+20.0",
        "+15.0",
        "+30.0",
        "Nobody signed",
        crew.url("activity-detail", number="1.1.2"),
    ):
        assert words in text, words

    gate.say_where(step=first, name="Register", place="D-1", by=crew.manager)
    assert crew.client("manager").get(crew.url("readiness")).context["found"].percent == 35


def test_the_page_costs_the_same_for_one_step_and_for_three_and_is_kept_from_strangers(crew, hooks):
    client, url = crew.client("manager"), crew.url("readiness")
    client.get(url)
    with queries(16):
        client.get(url)
    one = count_queries(lambda: client.get(url))
    for _n in range(2):
        make_activity(make_step(crew.project))

    assert count_queries(lambda: client.get(url)) == one
    assert crew.client("auditor").get(url).status_code == 200
    assert crew.client("staff").get(url).status_code == 403
    assert crew.client("stranger").get(url).status_code == 404
