"""Gates: closed when their criteria hold, overridden with a reason, opened again; and the decisions that hold work back."""

from __future__ import annotations

import pytest

from core.rules import RuleBroken
from projects import flow, gates
from projects.models import (
    DeliverablePlace,
    GateDecision,
    JournalEntry,
    PlanActivity,
    PlanPhase,
    PlanStep,
    StepDependency,
    StepRound,
)
from projects.permissions import Role
from projects.selectors import gate as selectors
from projects.selectors import hold as holds
from projects.services import gate as services
from projects.services import plan
from tests.factories.projects import grant, make_activity, make_step, make_user
from tests.helpers.budget import count_queries, queries


@pytest.fixture(autouse=True)
def _only_these_hooks(monkeypatch):
    """What apps above hang up is theirs to test."""
    monkeypatch.setattr(gates, "_checks", {"": [gates.activities_are_done, gates.deliverables_are_present]})
    monkeypatch.setattr(gates, "_holds", {})


@pytest.fixture
def step(crew) -> PlanStep:
    return PlanStep.objects.select_related("project__organization", "phase").get(project=crew.project)


@pytest.fixture
def consultant(crew):
    person = make_user(name="Cora Consultant")
    grant(person, Role.CONSULTANT, crew.project)
    return person


def finish(step: PlanStep, by) -> None:
    for activity in PlanActivity.objects.filter(step=step, status="planned"):
        plan.move(activity=activity, name="complete", by=by)


def last_entry() -> JournalEntry:
    return JournalEntry.objects.order_by("-seq").first()


# --- closing ----------------------------------------------------------------------------------------------------------


def test_a_gate_is_closed_when_all_criteria_hold_and_says_how_they_stood(crew, step, consultant):
    finish(step, crew.manager)

    made = services.close(step=step, by=consultant)

    assert (made.move, made.is_override, made.decided_by_name) == ("close", False, "Cora Consultant")
    assert made.criteria == [{"label": "All activities done or excluded", "is_met": True, "reason": ""}]
    assert selectors.of_step(step).state.label == "Closed"
    assert (last_entry().action, last_entry().target_label) == ("step.gate_closed", "1.1 Step 1")
    with pytest.raises(RuleBroken, match="closed already"):
        services.close(step=step, by=crew.manager)


def test_an_open_criterion_keeps_the_gate_open_for_all_but_the_project_manager_with_a_reason(crew, step, consultant):
    with pytest.raises(
        RuleBroken, match=r"cannot be closed: All activities done or excluded.*only the project manager"
    ):
        services.close(step=step, by=consultant, reason="It will be fine")
    with pytest.raises(RuleBroken, match="Say why") as refusal:
        services.close(step=step, by=crew.manager, reason="  ")
    assert refusal.value.field == "reason"

    made = services.close(step=step, by=crew.manager, reason="The rest follows in round two")

    assert made.is_override and made.unmet == ["All activities done or excluded"]
    assert selectors.overrides_of(crew.project) == [made]
    assert last_entry().action == "step.gate_overridden"
    assert (last_entry().reason, last_entry().changes) == (
        "The rest follows in round two", {"without": ["All activities done or excluded"]},
    )  # fmt: skip


@pytest.mark.parametrize("who", ["owner", "auditor", "staff"])
def test_others_close_no_gate(crew, step, who):
    finish(step, crew.manager)

    with pytest.raises(RuleBroken):
        services.close(step=step, by=getattr(crew, who))
    assert not GateDecision.objects.exists()


def test_a_closed_gate_is_opened_again_with_a_reason_and_its_decision_stays(crew, step):
    finish(step, crew.manager)
    services.close(step=step, by=crew.manager)

    with pytest.raises(RuleBroken, match="Say why"):
        services.reopen(step=step, by=crew.manager, reason="")
    services.reopen(step=step, by=crew.manager, reason="The gap analysis was wrong")

    gate = selectors.of_step(step)
    assert not gate.is_closed and [one.move for one in gate.decisions] == ["close", "reopen"]
    with pytest.raises(RuleBroken, match="open already"):
        services.reopen(step=step, by=crew.manager, reason="Again")
    services.close(step=step, by=crew.manager)
    assert selectors.of_step(step).is_closed


def test_deliverables_are_present_once_somebody_says_where(crew, step):
    PlanStep.objects.filter(pk=step.pk).update(deliverables=["Register", "Plan"])
    step.refresh_from_db()

    def missing() -> str:
        fresh = PlanStep.objects.get(pk=step.pk)
        return next(one.reason for one in gates.criteria_of(fresh) if one.label == "All deliverables present")

    assert missing() == "It is not said where this is: Register; Plan"
    services.say_where(step=step, name="Register", place=" D-012 ", by=crew.owner)
    assert missing() == "It is not said where this is: Plan"
    services.say_where(step=step, name="Plan", place="https://example.org/plan", by=crew.manager)
    assert missing() == ""
    assert last_entry().changes == {"deliverable": "Plan", "where": ["", "https://example.org/plan"]}
    services.say_where(step=step, name="Register", place="", by=crew.manager)
    assert missing() == "It is not said where this is: Register"

    with pytest.raises(RuleBroken, match="no such deliverable"):
        services.say_where(step=step, name="Cake", place="Kitchen", by=crew.manager)
    with pytest.raises(flow.NotPermitted):
        services.say_where(step=step, name="Plan", place="Kitchen", by=crew.staff)


@pytest.mark.parametrize(
    ("place", "link"),
    [
        ("https://example.org/a", "https://example.org/a"), ("/org/a/b/", "/org/a/b/"), ("D-012", ""), ("//evil.example", ""),
        ("javascript:alert(1)", ""), ("http://a b", ""),
    ],
)  # fmt: skip
def test_only_addresses_become_links(place, link):
    assert DeliverablePlace(place=place).link == link


def test_each_round_has_a_gate_of_its_own(crew, step):
    PlanStep.objects.filter(pk=step.pk).update(is_iterative=True, deliverables=["Register"])
    first = StepRound.objects.create(
        organization=crew.project.organization, project=crew.project, step=step, number=1,
        starts_on=step.starts_on, ends_on=step.ends_on,
    )  # fmt: skip
    finish(step, crew.manager)
    services.say_where(step=step, name="Register", place="D-1", by=crew.manager)
    made = services.close(step=step, by=crew.manager)
    first.refresh_from_db()
    assert made.round == first and first.closed_at is not None

    StepRound.objects.create(
        organization=crew.project.organization, project=crew.project, step=step, number=2,
        starts_on=step.starts_on, ends_on=step.ends_on,
    )  # fmt: skip

    fresh = PlanStep.objects.get(pk=step.pk)
    gate = selectors.of_step(fresh)
    assert not gate.is_closed and [one.label for one in gate.unmet] == ["All deliverables present"]
    assert [one.round_id for one in gate.decisions] == [first.pk]


def test_what_an_earlier_round_left_open_does_not_hold_the_next_one(crew, step):
    PlanStep.objects.filter(pk=step.pk).update(is_iterative=True)
    owned = {"organization": crew.project.organization, "project": crew.project, "step": step}
    days = {"starts_on": step.starts_on, "ends_on": step.ends_on}
    first = StepRound.objects.create(**owned, **days, number=1)
    PlanActivity.objects.filter(step=step).update(round=first)
    services.close(step=step, by=crew.manager, reason="Worked in the project before")
    again = make_activity(step, round=StepRound.objects.create(**owned, **days, number=2))

    with pytest.raises(RuleBroken, match="Say why"):
        services.close(step=step, by=crew.manager)
    plan.move(activity=again, name="complete", by=crew.manager)

    assert not services.close(step=step, by=crew.manager).is_override


def test_the_gate_is_the_one_way_to_end_a_round_and_to_open_it_again(crew, step):
    PlanStep.objects.filter(pk=step.pk).update(is_iterative=True)
    one = StepRound.objects.create(
        organization=crew.project.organization, project=crew.project, step=step, number=1,
        starts_on=step.starts_on, ends_on=step.ends_on,
    )  # fmt: skip
    finish(step, crew.manager)

    services.close(step=step, by=crew.manager, approved_as=" AP-003 ")
    one.refresh_from_db()
    assert (one.is_closed, one.closed_by, one.approved_as) == (True, crew.manager, "AP-003")

    services.reopen(step=step, by=crew.manager, reason="One site was left out")
    one.refresh_from_db()
    assert (one.is_closed, one.closed_by, one.approved_as) == (False, None, "")
    told = JournalEntry.objects.filter(action__startswith="step.").order_by("seq").values_list("action", "changes")
    assert list(told)[-4:] == [
        ("step.gate_closed", {}), ("step.round_closed", {"round": 1, "approved_as": "AP-003"}),
        ("step.gate_reopened", {}), ("step.round_reopened", {"round": 1}),
    ]  # fmt: skip


def test_the_gate_of_merged_steps_is_one_and_asks_for_the_criteria_of_both(crew, step):
    other = make_step(crew.project)
    make_activity(other)
    PlanStep.objects.filter(pk=other.pk).update(merged_into=step, deliverables=["Register"], is_iterative=True)
    its_round = StepRound.objects.create(
        organization=crew.project.organization, project=crew.project, step=other, number=1,
        starts_on=other.starts_on, ends_on=other.ends_on,
    )  # fmt: skip
    finish(step, crew.manager)

    fresh = services._fresh(step)
    assert [(one.label, one.is_met, one.url) for one in gates.criteria_of(fresh)] == [
        ("All activities done or excluded", True, "#activities"),
        ("1.2: All activities done or excluded", False, f"{other.get_absolute_url()}#activities"),
        ("1.2: All deliverables present", False, f"{other.get_absolute_url()}#deliverables"),
    ]
    with pytest.raises(RuleBroken, match=r"1\.2: All activities done or excluded; 1\.2: All deliverables present"):
        services.close(step=step, by=crew.manager)
    for change in (services.close, services.reopen):
        with pytest.raises(RuleBroken, match=r"1\.2 is worked together with 1\.1"):
            change(step=other, by=crew.manager, reason="Alone")

    finish(other, crew.manager)
    services.say_where(step=other, name="Register", place="D-123", by=crew.manager)
    assert "D-123" in crew.client("manager").get(step.get_absolute_url()).content.decode()
    made = services.close(step=step, by=crew.manager)
    its_round.refresh_from_db()
    assert (made.is_override, len(made.criteria), its_round.is_closed) == (False, 3, True)
    assert selectors.of_step(services._fresh(other)).closed == made
    assert [one.closed for one in selectors.of_project(crew.project)[0].steps] == [made, made]
    assert crew.client("manager").get(f"{other.get_absolute_url()}gate/").url == f"{step.get_absolute_url()}gate/"
    assert crew.client("manager").get(other.get_absolute_url()).context["gate"].closed == made

    services.reopen(step=step, by=crew.manager, reason="Not yet")
    its_round.refresh_from_db()
    assert not its_round.is_closed


def test_a_phase_is_closed_when_its_steps_are_or_with_a_reason(crew, step):
    other = make_step(crew.project)
    phase = PlanPhase.objects.select_related("project__organization").get(project=crew.project)
    finish(step, crew.manager)
    services.close(step=step, by=crew.manager)
    with pytest.raises(RuleBroken, match=r"Say why .*Step 1\.2 is closed"):
        services.close_phase(phase=phase, by=crew.manager)

    plan_step = PlanStep.objects.select_related("project__organization").get(pk=other.pk)
    services.close(step=plan_step, by=crew.manager)
    made = services.close_phase(phase=phase, by=crew.manager)

    assert not made.is_override and last_entry().action == "phase.gate_closed"
    assert selectors.of_project(crew.project)[0].state.label == "Closed"
    services.reopen(phase=phase, by=crew.manager, reason="One step more")
    assert selectors.of_project(crew.project)[0].closed is None


# --- held back --------------------------------------------------------------------------------------------------------


@pytest.fixture
def chain(crew, step, monkeypatch):
    """1.1 decides; 1.2 follows it, 1.3 follows 1.2, 1.4 follows nothing. `taken` is what the decision says."""
    taken = {"is": False}
    PlanStep.objects.filter(pk=step.pk).update(code="decide")
    step.code = "decide"
    steps = [step, *(make_step(crew.project) for _n in range(3))]
    for later, earlier in ((1, 0), (2, 1)):
        StepDependency.objects.create(
            organization=crew.project.organization, project=crew.project, step=steps[later], predecessor=steps[earlier]
        )
    for one in steps[1:]:
        make_activity(one)
    gates.hold(
        gates.Hold("go", "decide", "the mandate", lambda project: taken["is"], lambda project: "/mandate/", "1.4")
    )
    return steps, taken


def activity_of(step: PlanStep) -> PlanActivity:
    return PlanActivity.objects.select_related("project__organization").get(step=step)


def test_what_follows_a_decision_is_held_back_by_name_until_it_is_taken(crew, chain):
    steps, taken = chain

    held = holds.of_plan(crew.project)

    assert set(held) == {steps[1].pk, steps[2].pk}
    assert held[steps[2].pk][0].words == "the mandate (step 1.1)"
    for name in ("start", "complete"):
        with pytest.raises(RuleBroken, match=r"1\.3\.1 is held back: what follows waits for the mandate \(step 1\.1\)"):
            plan.move(activity=activity_of(steps[2]), name=name, by=crew.manager)
    plan.move(activity=activity_of(steps[3]), name="complete", by=crew.manager)
    taken["is"] = True
    assert plan.move(activity=activity_of(steps[2]), name="complete", by=crew.manager).status == "done"


def test_the_project_manager_lets_the_work_go_on_with_a_reason_and_takes_it_back(crew, chain, consultant):
    steps, _taken = chain
    with pytest.raises(flow.NotPermitted):
        services.let_through(project=crew.project, step=steps[0], by=consultant, reason="No time")
    with pytest.raises(RuleBroken, match="Say why"):
        services.let_through(project=crew.project, step=steps[0], by=crew.manager, reason=" ")
    with pytest.raises(RuleBroken, match="Nothing waits"):
        services.let_through(project=crew.project, step=steps[1], by=crew.manager, reason="Wrong step")

    made = services.let_through(
        project=crew.project, step=PlanStep.objects.get(pk=steps[0].pk), by=crew.manager, reason="Oral"
    )

    assert made.is_override and last_entry().action == "step.let_through"
    assert holds.of_plan(crew.project) == {}
    plan.move(activity=activity_of(steps[1]), name="start", by=crew.manager)
    services.hold_again(
        project=crew.project, step=PlanStep.objects.get(pk=steps[0].pk), by=crew.manager, reason="Withdrawn"
    )
    with pytest.raises(RuleBroken, match="held back"):
        plan.move(activity=activity_of(steps[1]), name="complete", by=crew.manager)


def test_a_plan_without_the_deciding_step_holds_nothing_back_and_a_merged_one_does(crew, chain):
    steps, _taken = chain
    PlanStep.objects.filter(pk=steps[0].pk).update(is_applicable=False, justification="Not here")
    assert holds.of_plan(crew.project) == {}

    # Merged into 1.4 it keeps its decision: what followed it now follows 1.4.
    PlanStep.objects.filter(pk=steps[0].pk).update(merged_into=steps[3])

    assert set(holds.of_plan(crew.project)) == {steps[1].pk, steps[2].pk}


# --- pages ------------------------------------------------------------------------------------------------------------


def test_the_pages_of_a_gate_show_close_override_and_open_it(crew, step):
    client = crew.client("manager")
    gate_url, close_url = crew.url("gate", number="1.1"), crew.url("gate-close", number="1.1")
    assert "2 activities are not done" in client.get(gate_url).content.decode()

    refused = client.post(close_url, {"reason": ""})
    assert refused.status_code == 422 and "Say why the gate is closed although this is open" in refused.content.decode()
    done = client.post(close_url, {"reason": "Enough <b>for</b> now"}, follow=True)

    text = done.content.decode()
    assert "closed without all criteria" in text and "Enough &lt;b&gt;for&lt;/b&gt; now" in text
    assert "Enough &lt;b&gt;for" in client.get(crew.url("gates")).content.decode()
    assert client.post(crew.url("gate-reopen", number="1.1"), {"reason": "Too early"}).status_code == 303
    assert not selectors.of_step(step).is_closed
    assert crew.client("auditor").get(gate_url).status_code == 200
    assert crew.client("auditor").post(close_url, {"reason": "Me"}).status_code == 403
    assert crew.client("stranger").get(gate_url).status_code == 404
    assert client.get(crew.url("gate", number="9.9")).status_code == 404


def test_the_workspace_offers_the_gate_and_where_deliverables_are(crew, step):
    PlanStep.objects.filter(pk=step.pk).update(deliverables=["Register"])
    client = crew.client("manager")
    workspace = crew.url("step-detail", number="1.1")
    assert "Close without them" in client.get(workspace).content.decode()

    where = crew.url("gate-deliverable", number="1.1")
    assert client.post(where, {"name": "Register", "place": "https://example.org/r"}).status_code == 303
    finish(step, crew.manager)

    text = client.get(workspace).content.decode()
    assert '<a href="https://example.org/r"' in text and "Close the gate" in text
    assert client.post(crew.url("gate-close", number="1.1")).status_code == 303
    assert "by Mia Manager" in client.get(workspace).content.decode()
    assert "Close the gate" not in crew.client("auditor").get(workspace).content.decode()


def test_pages_say_by_name_what_is_held_back_and_offer_the_override_to_who_may(crew, chain):
    steps, _taken = chain
    held = PlanStep.objects.get(pk=steps[1].pk)
    task = crew.task("Prepare", activity=activity_of(held))
    pages = [
        crew.url("step-detail", number=held.number), crew.url("activity-detail", number=f"{held.number}.1"),
        crew.url("task-detail", number=task.label), crew.url("gates"),
    ]  # fmt: skip
    override = crew.url("gate-let-through", number="1.1")

    for url in pages:
        text = crew.client("manager").get(url).content.decode()
        assert "the mandate" in text and override in text and "/mandate/" in text, url
        other = crew.client("auditor").get(url).content.decode()
        assert "the mandate" in other and override not in other, url

    client = crew.client("manager")
    move = client.post(crew.url("activity-move", number=f"{held.number}.1", move="start"), follow=True).content.decode()
    assert "is held back" in move
    assert "2 steps may begin and end before it" in client.get(override).content.decode()
    assert client.post(override, {"reason": "Oral"}).status_code == 303
    assert "Held back" not in client.get(pages[0]).content.decode()
    assert crew.client("owner").get(override).status_code == 403
    assert client.get(crew.url("gate-let-through", number="1.2")).status_code == 404


def test_the_pages_of_a_phase_show_close_and_open_its_gate(crew, step):
    client, page = crew.client("manager"), crew.url("phase-gate", phase=1)
    text = client.get(page).content.decode()
    assert "Gate of the phase Plan" in text and "Step 1.1 is closed" in text and "Its gate is open." in text

    assert client.post(crew.url("phase-gate-close", phase=1), {"reason": ""}).status_code == 422
    assert client.post(crew.url("phase-gate-close", phase=1), {"reason": "The rest is agreed"}).status_code == 303
    assert "The rest is agreed" in client.get(page).content.decode()
    assert client.post(crew.url("phase-gate-reopen", phase=1), {"reason": "Not yet"}).status_code == 303
    assert "Not yet" in client.get(page).content.decode()
    assert client.get(crew.url("phase-gate", phase=9)).status_code == 404
    assert crew.client("auditor").post(crew.url("phase-gate-close", phase=1), {"reason": "Me"}).status_code == 403


def test_the_list_of_gates_costs_the_same_for_one_step_and_for_three(crew, step):
    client, url = crew.client("manager"), crew.url("gates")
    client.get(url)
    with queries(16):
        client.get(url)
    one = count_queries(lambda: client.get(url))
    for _n in range(2):
        services.close(step=make_step(crew.project), by=crew.manager)

    assert count_queries(lambda: client.get(url)) == one
