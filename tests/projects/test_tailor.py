"""Decisions about the plan: what each does, what it writes down, and how it is taken back."""

from __future__ import annotations

import contextlib
import datetime as dt
import random

import pytest

from core.rules import RuleBroken
from projects.flow import NotPermitted
from projects.models import (
    ActivityLink,
    GateDecision,
    JournalEntry,
    PlanActivity,
    PlanPhase,
    PlanStep,
    Project,
    StepDependency,
    StepRound,
    TailoringDecision,
    TailoringKind,
    Task,
)
from projects.permissions import Role
from projects.selectors import gate as gates
from projects.selectors import step as step_selectors
from projects.selectors.plan_state import state_of, wait
from projects.services import baseline as baselines
from projects.services import counters, gate, own_step, plan, rounds, schedule, start, tailor, untailor
from projects.services import task as tasks
from tests.factories.methods import make_method, some_standard
from tests.factories.projects import (
    grant,
    make_activity,
    make_full_project,
    make_organization,
    make_project,
    make_step,
    make_user,
)

MONDAY = dt.date(2035, 1, 1)
"""Ahead, because late work keeps its dates."""


@pytest.fixture
def project(db):
    """Four steps in a row, two phases: 1.1 → 1.2 → 2.1 → 2.2, ten working days each; the last in rounds."""
    project = make_project(start_on=MONDAY)
    do = PlanPhase.objects.create(organization=project.organization, project=project, code="do", number=2, title="Do")
    first = PlanStep.objects.get(project=project)
    PlanActivity.objects.filter(project=project).update(duration_days=10)
    steps = [first]
    for number, phase in (("1.2", first.phase), ("2.1", do), ("2.2", do)):
        starts = project.calendar.add(steps[-1].ends_on, 1)
        step = make_step(
            project, phase=phase, number=number, starts_on=starts, ends_on=project.calendar.add(starts, 9),
            is_iterative=number == "2.2",
        )  # fmt: skip
        make_activity(step, duration_days=10)
        StepDependency.objects.create(
            organization=project.organization, project=project, step=step, predecessor=steps[-1]
        )
        steps.append(step)
    return Project.objects.select_related("organization").get(pk=project.pk)


@pytest.fixture
def manager(project):
    person = make_user(name="Lea Brunner")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def step_of(project: Project, number: str) -> PlanStep:
    return PlanStep.objects.select_related("project__organization", "phase").get(project=project, number=number)


def decide(project, by, number, kind, values, **more):
    more.setdefault("justification", "Because it fits us")
    return tailor.decide(project=project, by=by, kind=kind, item=step_of(project, number), values=values, **more)


def picture(project: Project) -> dict:
    """Everything about a plan that a decision and its inverse must leave as it was."""
    steps = PlanStep.objects.filter(project=project).order_by("pk")
    return {
        "steps": list(
            steps.values_list(
                "number", "phase", "title", "is_applicable", "merged_into", "justification", "duration_days",
                "starts_on", "ends_on", "effort_minutes", "task_count", "task_open_count", "activity_count",
            )
        ),
        "listed": [step.number for step in step_selectors.steps_of(project)],
        "worked": list(steps.order_by("position").values_list("number", flat=True)),
        "activities": list(
            PlanActivity.objects.filter(project=project).order_by("pk").values_list(
                "number", "step", "status", "justification", "starts_on", "ends_on", "duration_days", "effort_days"
            )
        ),
        "tasks": list(Task.objects.filter(project=project).order_by("pk").values_list("status", "due_on", "is_open")),
        "links": sorted(StepDependency.objects.filter(project=project).values_list("step", "predecessor", "lag_days")),
        "chains": sorted(
            ActivityLink.objects.filter(project=project).values_list("predecessor", "activity", "kind", "lag_days")
        ),
    }  # fmt: skip


def test_excluding_a_step_sets_its_work_aside_pulls_the_rest_forward_and_is_written_down(project, manager):
    activity = PlanActivity.objects.get(project=project, step__number="1.2")
    follower = PlanActivity.objects.get(project=project, step__number="2.1")
    aside = tasks.create(project=project, by=manager, title="Aside", activity=activity)
    later = tasks.create(project=project, by=manager, title="Later", activity=follower)
    Task.objects.filter(pk=later.pk).update(due_on=dt.date(2035, 2, 2))
    before = step_of(project, "2.1").starts_on

    made = decide(
        project, manager, "1.2", TailoringKind.EXCLUDE, {"is_applicable": False}, justification="One site only"
    )

    out, follower = step_of(project, "1.2"), step_of(project, "2.1")
    aside.refresh_from_db()
    later.refresh_from_db()
    assert (out.is_applicable, out.justification) == (False, "One site only")
    assert (aside.status, follower.starts_on) == ("cancelled", project.calendar.add(before, -10))
    assert later.due_on == dt.date(2035, 1, 19)
    assert (made.label, made.days_later, made.moved_activities, made.moved_tasks) == ("TD-001", -10, 2, 1)
    assert (made.before, made.after) == (
        {"is_applicable": True},
        {"is_applicable": False, "activities": [activity.number]},
    )
    assert (made.justification, made.decided_by_name) == ("One site only", "Lea Brunner")
    actions = JournalEntry.objects.filter(project=project).values_list("action", flat=True)
    assert {"step.exclude", "activity.exclude", "schedule.moved"} <= set(actions)
    assert counters.recount(project) == []


@pytest.mark.parametrize(
    ("number", "there", "back"),
    [
        ("1.2", (TailoringKind.EXCLUDE, {"is_applicable": False}), (TailoringKind.INCLUDE, {"is_applicable": True})),
        ("2.1", (TailoringKind.MERGE, {"merged_into": "1.2"}), (TailoringKind.SPLIT, {"merged_into": ""})),
    ],
)
def test_exclude_then_include_and_merge_then_split_leave_the_plan_as_it_was(project, manager, number, there, back):
    activity = PlanActivity.objects.get(project=project, step__number=number)
    tasks.create(project=project, by=manager, title="Aside", activity=activity, due_on=activity.ends_on)
    before = picture(project)

    decide(project, manager, number, *there)
    assert picture(project) != before
    decide(project, manager, number, *back)

    assert picture(project) == before
    assert counters.recount(project) == []


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (TailoringKind.EXCLUDE, {"is_applicable": False}),
        (TailoringKind.MERGE, {"merged_into": "1.2"}),
        (TailoringKind.PLACE, {"phase": 1, "before": "1.2", "leads_to": ["1.2", "2.2"]}),
        (TailoringKind.CHANGE, {"title": "Another name", "duration_days": 4}),
        (TailoringKind.PLACE, {"phase": 1, "before": "1.2", "leads_to": ["1.2"]}),
    ],
)
def test_the_last_decision_is_undone_whatever_it_was_and_both_stay_in_the_record(project, manager, kind, values):
    StepDependency.objects.filter(step__number="2.2").update(lag_days=3)
    schedule.reschedule(project=project, by=manager)
    before = picture(project)
    made = decide(project, manager, "2.1", kind, values)

    undone = untailor.undo_last(project=project, by=manager, number=made.number)

    assert picture(project) == before
    assert undone.undoes == made
    assert TailoringDecision.objects.filter(project=project).count() == 2
    with pytest.raises(RuleBroken, match="no decision to undo"):
        untailor.undo_last(project=project, by=manager, number=made.number)


def test_undo_only_takes_back_what_the_person_saw(project, manager):
    seen = decide(project, manager, "1.2", TailoringKind.CHANGE, {"title": "Mine"})
    decide(project, manager, "1.2", TailoringKind.CHANGE, {"title": "Theirs"})

    with pytest.raises(RuleBroken, match="Lea Brunner decided TD-002"):
        untailor.undo_last(project=project, by=manager, number=seen.number)


def test_merged_steps_are_worked_together_and_keep_numbers_deliverables_and_approval(project, manager):
    PlanStep.objects.filter(project=project, number="2.1").update(approval_by="top_management", approval_of="The SoA")

    made = decide(project, manager, "2.1", TailoringKind.MERGE, {"merged_into": "1.2"})

    host, joined = step_of(project, "1.2"), step_of(project, "2.1")
    assert (joined.merged_into, joined.starts_on, joined.approval_of) == (host, host.starts_on, "The SoA")
    assert (made.days_later, made.skipped) == (-10, [])
    assert step_of(project, "2.2").starts_on == project.calendar.add(host.ends_on, 1)


def test_a_step_put_before_what_it_waits_for_says_so_and_is_not_forbidden(project, manager):
    found = tailor.meaning_of(
        state_of(project), step_of(project, "2.1"), {"phase": 1, "before": "1.2", "works_before": "1.2"}
    )

    made = decide(project, manager, "2.1", TailoringKind.PLACE, {"phase": 1, "before": "1.2"})

    assert [tuple(link[:2]) for link in found.violated] == [("2.1", "1.2")]
    assert made.violated == [["2.1", "1.2"]]
    assert [step.number for step in step_selectors.steps_of(project)] == ["1.1", "2.1", "1.2", "2.2"]
    assert step_of(project, "2.1").phase.number == 1
    assert step_of(project, "2.1").starts_on == MONDAY


def test_what_leads_to_another_step_makes_that_one_wait(project, manager):
    decide(project, manager, "2.1", TailoringKind.PLACE, {"phase": 1, "before": "1.2", "leads_to": ["1.2", "2.2"]})

    first, second = step_of(project, "2.1"), step_of(project, "1.2")
    assert second.starts_on == project.calendar.add(first.ends_on, 1)


def test_an_approval_is_only_skipped_with_a_reason(project, manager):
    PlanStep.objects.filter(project=project, number="1.2").update(approval_by="top_management", approval_of="The scope")

    with pytest.raises(RuleBroken, match=r"skip an approval \(1.2: The scope\)") as refusal:
        decide(project, manager, "1.2", TailoringKind.EXCLUDE, {"is_applicable": False})
    assert refusal.value.field == "skipped_because"
    assert not TailoringDecision.objects.exists()

    made = decide(
        project,
        manager,
        "1.2",
        TailoringKind.EXCLUDE,
        {"is_applicable": False},
        skipped_because="Signed with the policy",
    )
    assert (made.skipped, made.skipped_because) == (["1.2: The scope"], "Signed with the policy")


def test_excluding_an_activity_that_has_an_approval_asks_the_same(project, manager):
    activity = PlanActivity.objects.select_related("project__organization").get(project=project, step__number="1.2")
    PlanActivity.objects.filter(pk=activity.pk).update(approval_by="top_management", approval_of="The scope")
    activity.refresh_from_db()

    with pytest.raises(RuleBroken, match="skip an approval"):
        plan.move(activity=activity, name="exclude", by=manager, reason="Not here")
    plan.move(activity=activity, name="exclude", by=manager, reason="Not here", skipped_because="No need")

    made = TailoringDecision.objects.get()
    assert (made.kind, made.activity, made.skipped_because) == ("exclude", activity, "No need")


@pytest.mark.parametrize(
    ("number", "kind", "values", "says"),
    [
        ("1.2", TailoringKind.MERGE, {"merged_into": "1.2"}, "into itself"),
        ("1.2", TailoringKind.MERGE, {"merged_into": "9.9"}, "Choose a step"),
        ("1.2", TailoringKind.CHANGE, {"title": " "}, "name"),
        ("1.2", TailoringKind.CHANGE, {"duration_days": 0}, "between 1 and 999"),
        ("1.2", TailoringKind.PLACE, {"phase": 9, "before": ""}, "Choose a place"),
        ("1.2", TailoringKind.CHANGE, {"title": "Step 2"}, "nothing was changed"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(project, manager, number, kind, values, says):
    with pytest.raises(RuleBroken, match=says):
        decide(project, manager, number, kind, values)
    assert not TailoringDecision.objects.exists()


def test_only_who_edits_plans_tailors_and_never_without_a_word(project, manager):
    auditor = make_user()
    grant(auditor, Role.AUDITOR, project)

    with pytest.raises(NotPermitted):
        decide(project, auditor, "1.2", TailoringKind.CHANGE, {"title": "X"})
    with pytest.raises(RuleBroken, match="Say why"):
        decide(project, manager, "1.2", TailoringKind.CHANGE, {"title": "X"}, justification=" ")


def test_steps_that_are_merged_or_done_are_not_excluded_as_a_whole(project, manager):
    activity = PlanActivity.objects.select_related("project__organization").get(project=project, step__number="1.2")
    plan.move(activity=activity, name="complete", by=manager)
    with pytest.raises(RuleBroken, match=r"this is done: 1\.2\.1"):
        decide(project, manager, "1.2", TailoringKind.EXCLUDE, {"is_applicable": False})

    decide(project, manager, "2.2", TailoringKind.MERGE, {"merged_into": "2.1"})
    for number in ("2.1", "2.2"):
        with pytest.raises(RuleBroken, match="Split them first"):
            decide(project, manager, number, TailoringKind.EXCLUDE, {"is_applicable": False})


def test_an_activity_of_an_excluded_step_comes_back_with_it_only(project, manager):
    decide(project, manager, "1.2", TailoringKind.EXCLUDE, {"is_applicable": False})
    activity = PlanActivity.objects.select_related("project__organization").get(project=project, step__number="1.2")

    with pytest.raises(RuleBroken, match="excluded as a whole"):
        plan.move(activity=activity, name="include", by=manager)


def test_a_longer_activity_moves_what_follows_it_and_its_step(project, manager):
    first, second = PlanActivity.objects.filter(project=project, step__number="1.1").order_by("position")
    PlanActivity.objects.filter(step=first.step).update(duration_days=5)
    ActivityLink.objects.create(organization=project.organization, project=project, activity=second, predecessor=first)
    before = step_of(project, "1.2").starts_on

    made = tailor.decide(
        project=project, by=manager, kind=TailoringKind.CHANGE, item=first, values={"duration_days": 7},
        justification="Three sites",
    )  # fmt: skip

    second.refresh_from_db()
    assert second.starts_on == dt.date(2035, 1, 10)
    assert step_of(project, "1.2").starts_on == project.calendar.add(before, 2)
    assert (made.days_later, made.before, made.after) == (2, {"duration_days": 5}, {"duration_days": 7})


def test_an_activity_is_worked_in_another_step_under_its_own_number(project, manager):
    activity = PlanActivity.objects.filter(project=project, step__number="1.1").order_by("position").first()
    tasks.create(project=project, by=manager, title="Comes along", activity=activity)
    other = PlanActivity.objects.get(project=project, number="1.1.2")
    ActivityLink.objects.create(
        organization=project.organization, project=project, activity=other, predecessor=activity, lag_days=-10
    )
    before = picture(project)

    tailor.decide(
        project=project, by=manager, kind=TailoringKind.PLACE, item=activity, values={"step": "2.1", "before": "2.1.1"},
        justification="The same people",
    )  # fmt: skip

    activity.refresh_from_db()
    numbers = PlanActivity.objects.filter(step__number="2.1", project=project).order_by("position")
    assert list(numbers.values_list("number", flat=True)) == ["1.1.1", "2.1.1"]
    assert counters.recount(project) == []
    untailor.undo_last(project=project, by=manager, number=1)
    assert picture(project) == before


def test_an_own_step_gets_the_next_number_its_place_and_its_days(project, manager):
    made = own_step.add(
        project=project, by=manager, title="Supplier audits", justification="Our customers ask for it", phase=2,
        before="2.2", duration_days=3, waits_for=["2.1"],
    )  # fmt: skip

    step = made.step
    assert (step.number, step.source, made.kind) == ("2.3", None, "add")
    assert [one.number for one in step_selectors.steps_of(project)] == ["1.1", "1.2", "2.1", "2.3", "2.2"]
    assert step.starts_on == project.calendar.add(step_of(project, "2.1").ends_on, 1)
    activity = plan.add_activity(
        step=step, by=manager, title="Visit", justification="See above", responsible=Role.AUDITOR, effort_days=2,
        starts_on=step.starts_on, ends_on=step.ends_on,
    )  # fmt: skip
    assert activity.number == "2.3.1"
    assert TailoringDecision.objects.filter(kind="add").count() == 2


def test_a_second_round_repeats_the_activities_and_the_first_stays_as_it_was(project, manager):
    step = step_of(project, "2.2")
    step.rounds.create(
        organization_id=project.organization_id,
        project=project,
        number=1,
        starts_on=step.starts_on,
        ends_on=step.ends_on,
    )
    activity = PlanActivity.objects.select_related("project__organization").get(step=step)
    PlanActivity.objects.filter(pk=activity.pk).update(round=step.rounds.get())
    days = {"starts_on": dt.date(2035, 6, 4), "ends_on": dt.date(2035, 6, 15)}
    with pytest.raises(RuleBroken, match=r"Round 1 .*1 activity is not done.*Close its gate first"):
        rounds.start(step=step, by=manager, trigger="New site", **days)
    plan.move(activity=activity, name="complete", by=manager)

    made = rounds.start(step=step, by=manager, trigger="New site", outputs=["Register, second issue"], **days)

    first, second = step.rounds.order_by("number")
    again = PlanActivity.objects.select_related("project__organization").get(round=second)
    assert (first.is_closed, first.closed_by, second.is_closed, second.trigger) == (True, manager, False, "New site")
    assert (again.number, again.status, again.starts_on) == ("2.2.1-R2", "planned", dt.date(2035, 6, 4))
    assert made.after["activities"] == ["2.2.1-R2"]
    assert counters.recount(project) == []
    plan.move(activity=again, name="complete", by=manager)
    gate.close(step=step, by=manager, approved_as="AP-003")
    second.refresh_from_db()
    assert (second.closed_by, second.approved_as) == (manager, "AP-003")
    assert list(GateDecision.objects.values_list("round__number", "move")) == [(1, "close"), (2, "close")]


def in_rounds(step: PlanStep) -> PlanStep:
    """The step with its first round, as a started project has it."""
    PlanStep.objects.filter(pk=step.pk).update(is_iterative=True)
    owned = {"organization_id": step.organization_id, "project_id": step.project_id}
    first = step.rounds.create(**owned, number=1, starts_on=step.starts_on, ends_on=step.ends_on)
    PlanActivity.objects.filter(step=step).update(round=first)
    return step_of(step.project, step.number)


def complete(step: PlanStep, by) -> None:
    for one in PlanActivity.objects.select_related("project__organization").filter(step=step, status="planned"):
        plan.move(activity=one, name="complete", by=by)


LATER = {"starts_on": dt.date(2035, 6, 4), "ends_on": dt.date(2035, 6, 15)}


def test_a_round_in_which_nothing_has_happened_is_undone_and_the_one_before_is_open_again(project, manager):
    step = in_rounds(step_of(project, "2.2"))
    complete(step, manager)
    before = picture(project)
    made = rounds.start(step=step, by=manager, trigger="New site", **LATER)
    assert picture(project) != before

    undone = untailor.undo_last(project=project, by=manager, number=made.number, reason="The site was sold")

    assert picture(project) == before
    assert list(step.rounds.values_list("number", "closed_at")) == [(1, None)]
    assert (undone.undoes, undone.before, undone.after) == (made, made.after, made.before)
    assert counters.recount(project) == []
    assert JournalEntry.objects.get(action="step.round_undone").reason == "The site was sold"
    assert rounds.start(step=step, by=manager, trigger="Another site", **LATER).after["round"] == 2


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (lambda again, by: plan.move(activity=again, name="start", by=by), "work was begun"),
        (lambda again, by: tasks.create(project=again.project, by=by, title="Visit", activity=again), "tasks"),
        (lambda again, by: baselines.take(project=again.project, by=by, name="B"), "a baseline"),
        (
            lambda again, by: gate.close(step=step_of(again.project, "2.2"), by=by, reason="Enough"),
            "a decision about its gate",
        ),
    ],
)
def test_a_round_in_which_something_has_happened_is_not_undone(project, manager, happens, says):
    step = in_rounds(step_of(project, "2.2"))
    complete(step, manager)
    made = rounds.start(step=step, by=manager, trigger="New site", **LATER)
    happens(PlanActivity.objects.select_related("project__organization").get(number="2.2.1-R2"), manager)

    with pytest.raises(RuleBroken, match=f"Round 2 is not undone, something has happened in it: {says}"):
        untailor.undo_last(project=project, by=manager, number=made.number)

    assert step.rounds.count() == 2 and PlanActivity.objects.filter(number="2.2.1-R2").exists()


def test_a_further_round_of_a_merged_step_opens_the_gate_of_the_whole_again(project, manager):
    in_rounds(step_of(project, "2.2"))
    decide(project, manager, "2.2", TailoringKind.MERGE, {"merged_into": "2.1"})
    merged = step_of(project, "2.2")
    with pytest.raises(RuleBroken, match=r"Round 1 of step 2\.2 is open still: .*All activities done"):
        rounds.start(step=merged, by=manager, trigger="New site", **LATER)
    complete(step_of(project, "2.1"), manager)
    complete(merged, manager)

    made = rounds.start(step=step_of(project, "2.2"), by=manager, trigger="New site", **LATER)

    first, second = merged.rounds.order_by("number")
    assert (first.is_closed, second.is_closed) == (True, False)
    whole = gates.of_step(step_of(project, "2.1"))
    assert not whole.is_closed
    assert [str(one.label) for one in whole.unmet] == ["2.2: All activities done or excluded"]
    assert [(one.step.number, one.move, one.reason) for one in GateDecision.objects.order_by("pk")] == [
        ("2.1", "close", "New site"), ("2.1", "reopen", "New site"),
    ]  # fmt: skip

    untailor.undo_last(project=project, by=manager, number=made.number)
    assert list(merged.rounds.values_list("number", "closed_at")) == [(1, None)]
    assert not gates.of_step(step_of(project, "2.1")).is_closed


@pytest.fixture
def closed_whole(project, manager):
    """2.2 merged into 2.1, both in rounds, both done, the gate of the whole closed."""
    in_rounds(step_of(project, "2.1"))
    in_rounds(step_of(project, "2.2"))
    decide(project, manager, "2.2", TailoringKind.MERGE, {"merged_into": "2.1"})
    complete(step_of(project, "2.1"), manager)
    complete(step_of(project, "2.2"), manager)
    gate.close(step=step_of(project, "2.1"), by=manager, approved_as="AP-003")
    return project


def ended(project: Project) -> list[tuple]:
    rows = StepRound.objects.filter(project=project).order_by("step__number", "number")
    return [(one.step.number, one.number, one.is_closed, one.approved_as) for one in rows.select_related("step")]


def test_undoing_a_round_closes_the_gate_of_the_whole_again_that_it_had_opened(closed_whole, manager):
    project = closed_whole
    before = ended(project)
    made = rounds.start(step=step_of(project, "2.2"), by=manager, trigger="New site", **LATER)
    assert not gates.of_step(step_of(project, "2.1")).is_closed

    untailor.undo_last(project=project, by=manager, number=made.number, reason="The site was sold")

    again = gates.of_step(step_of(project, "2.1")).closed
    assert (again.reason, again.decided_by, again.is_override) == ("The site was sold", manager, False)
    assert before == ended(project) == [("2.1", 1, True, "AP-003"), ("2.2", 1, True, "AP-003")]
    assert list(GateDecision.objects.order_by("pk").values_list("move", flat=True)) == ["close", "reopen", "close"]
    gate.reopen(step=step_of(project, "2.1"), by=manager, reason="One more look")
    assert [row[2] for row in ended(project)] == [False, False]


def test_an_overridden_gate_is_closed_again_as_it_was_and_one_that_lacks_something_new_stays_open(project, manager):
    in_rounds(step_of(project, "2.2"))
    decide(project, manager, "2.2", TailoringKind.MERGE, {"merged_into": "2.1"})
    complete(step_of(project, "2.2"), manager)
    gate.close(step=step_of(project, "2.1"), by=manager, reason="2.1 is worked elsewhere")
    made = rounds.start(step=step_of(project, "2.2"), by=manager, trigger="New site", **LATER)

    untailor.undo_last(project=project, by=manager, number=made.number)

    assert gates.of_step(step_of(project, "2.1")).closed.is_override
    made = rounds.start(step=step_of(project, "2.2"), by=manager, trigger="Another site", **LATER)
    PlanStep.objects.filter(project=project, number="2.1").update(deliverables=["Register"])
    untailor.undo_last(project=project, by=manager, number=made.number)
    assert not gates.of_step(step_of(project, "2.1")).is_closed


def test_a_round_that_was_closed_with_its_whole_is_not_undone(closed_whole, manager):
    project = closed_whole
    made = rounds.start(step=step_of(project, "2.2"), by=manager, trigger="New site", **LATER)
    gate.close(step=step_of(project, "2.1"), by=manager, reason="Enough")

    with pytest.raises(RuleBroken, match="a decision about its gate"):
        untailor.undo_last(project=project, by=manager, number=made.number)


def test_nothing_is_merged_behind_a_gate_that_is_closed(project, manager):
    host = step_of(project, "1.2")
    complete(host, manager)
    gate.close(step=host, by=manager)

    with pytest.raises(RuleBroken, match=r"gate of step 1\.2 is closed, and step 2\.1 .*Open the gate again first"):
        decide(project, manager, "2.1", TailoringKind.MERGE, {"merged_into": "1.2"})

    gate.reopen(step=host, by=manager, reason="2.1 is worked here, too")
    decide(project, manager, "2.1", TailoringKind.MERGE, {"merged_into": "1.2"})
    assert not gates.of_step(step_of(project, "1.2")).is_closed


def test_an_activity_is_excluded_in_one_way_whoever_asks_and_what_waits_moves_along(project, manager):
    first, second = PlanActivity.objects.filter(project=project, step__number="1.1").order_by("position")
    PlanActivity.objects.filter(step=first.step).update(duration_days=5)
    ActivityLink.objects.create(
        organization_id=project.organization_id, project=project, activity=second, predecessor=first
    )
    schedule.reschedule(project=project, by=manager)
    follows = step_of(project, "1.2").starts_on

    plan.move(activity=second, name="exclude", by=manager, reason="Not here")

    assert step_of(project, "1.2").starts_on < follows
    told = TailoringDecision.objects.get()
    assert (told.kind, told.justification, told.days_later) == ("exclude", "Not here", -5)
    plan.move(activity=second, name="include", by=manager)
    assert step_of(project, "1.2").starts_on == follows


def test_what_was_done_is_not_excluded(project, manager):
    done = PlanActivity.objects.select_related("project__organization").get(project=project, step__number="2.1")
    plan.move(activity=done, name="complete", by=manager)

    with pytest.raises(RuleBroken, match=r"2\.1\.1 is done: what was worked stays in the plan"):
        tailor.decide(
            project=project, by=manager, kind=TailoringKind.EXCLUDE, item=done, values={"is_applicable": False},
            justification="Too late",
        )  # fmt: skip


@pytest.fixture
def published(db):
    """The steps of the method as published, and its manager."""
    project = make_full_project(with_tasks=False, start_on=MONDAY)
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    return project, manager


def test_reverting_gives_back_everything_of_the_method_in_one_decision(published):
    project, manager = published
    before = picture(project)
    decide(project, manager, "2.2", TailoringKind.PLACE, {"phase": 1, "before": "1.2"}, skipped_because="no")
    decide(project, manager, "2.2", TailoringKind.CHANGE, {"title": "Papers", "duration_days": 3})
    decide(project, manager, "2.2", TailoringKind.MERGE, {"merged_into": "1.2"})

    made = untailor.revert(item=step_of(project, "2.2"), by=manager, justification="We follow the method after all")

    after = picture(project)
    assert {**after, "activities": []} == {**before, "activities": []}
    assert {"merged_into", "title", "duration_days", "phase", "before"} <= set(made.after)
    with pytest.raises(RuleBroken, match="as the method has it"):
        untailor.revert(item=step_of(project, "2.2"), by=manager, justification="Again")


def test_reverting_gives_back_what_a_step_waited_for_and_undoing_that_takes_it_away_again(published):
    project, manager = published
    known = waits_of(project, "1.4")
    before = picture(project)
    decide(project, manager, "1.4", TailoringKind.CHANGE, {"waits": ["1.1 +5", "1.2"]})
    changed = picture(project)
    assert waits_of(project, "1.4") != known
    assert known and all(lag == 0 for _number, lag in known)

    made = untailor.revert(item=step_of(project, "1.4"), by=manager, justification="As the method has it")

    assert picture(project) == before
    assert (made.kind, made.before["waits"], made.after) == (
        "revert", ["1.1 +5", "1.2"], {"waits": [number for number, _lag in known]},
    )  # fmt: skip
    entry = JournalEntry.objects.filter(action="step.reverted").latest("seq")
    assert (entry.changes["waits"][0], entry.reason) == (["1.1 +5", "1.2"], "As the method has it")
    untailor.undo_last(project=project, by=manager, number=made.number)
    assert picture(project) == changed


def test_reverting_a_step_that_was_put_before_another_leaves_neither_waiting_for_it(published):
    project, manager = published
    before = picture(project)
    decide(
        project, manager, "2.2", TailoringKind.PLACE, {"phase": 1, "before": "1.2", "leads_to": ["1.2", "2.3 +2"]},
        skipped_because="no",
    )  # fmt: skip
    assert "2.2" in dict(waits_of(project, "1.2"))
    with pytest.raises(RuleBroken, match="as the method has it"):  # the link is the other step's doing
        untailor.revert(item=step_of(project, "1.2"), by=manager, justification="x")

    untailor.revert(item=step_of(project, "2.2"), by=manager, justification="As the method has it")

    assert picture(project) == before


def test_reverting_a_step_does_not_wait_for_what_the_organization_added_any_more(published):
    project, manager = published
    before = waits_of(project, "2.2")
    own = own_step.add(project=project, by=manager, title="Papers first", justification="x", phase=2, waits_for=["1.1"])
    decide(project, manager, "2.2", TailoringKind.CHANGE, {"waits": [*dict(before), own.step.number]})

    untailor.revert(item=step_of(project, "2.2"), by=manager, justification="As the method has it")

    assert waits_of(project, "2.2") == before
    assert waits_of(project, own.step.number) == [("1.1", 0)]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_links_were_changed_reverting_the_steps_gives_the_method_back(db, seed):
    print(f"seed {seed}")
    earlier = {"1.1": (), "1.2": ("a",), "1.3": ("a",), "2.1": ("b", "c"), "2.2": ("d",), "2.3": ("c", "d")}
    steps = {
        code: (number, code.upper(), waits) for code, (number, waits) in zip("abcdef", earlier.items(), strict=True)
    }
    manager = make_user()
    project = start.start(
        organization=make_organization(), by=manager, name="IMS", slug="ims", catalogue=make_method(steps=steps),
        standards=[some_standard()], start_on=MONDAY, with_tasks=False,
    )  # fmt: skip
    grant(manager, Role.PROJECT_MANAGER, project)
    chance = random.Random(seed)  # noqa: S311
    before = picture(project)
    touched: list[str] = []
    for _at in range(6):
        state = state_of(project)
        number = chance.choice(state.worked[1:])
        earlier = state.worked[: state.worked.index(number)]
        later = state.worked[state.worked.index(number) + 1 :]
        if chance.random() < 0.3 and later:
            values = {"leads_to": sorted(chance.sample(later, min(len(later), 2)))}
        else:
            chosen = chance.sample(earlier, min(len(earlier), chance.randint(0, 3)))
            values = {"waits": sorted(wait(one, chance.choice([0, 0, 2, -1, 5])) for one in chosen)}
        if values != state.values_of(state.by_number[number], values):
            decide(project, manager, number, TailoringKind.CHANGE, values, skipped_because="x")
            touched.append(number)
    assert picture(project)["links"] != before["links"]

    for number in chance.sample(sorted(set(touched)), len(set(touched))):
        with contextlib.suppress(RuleBroken):  # what one gave back, another needs not
            untailor.revert(item=step_of(project, number), by=manager, justification="x", skipped_because="x")

    assert picture(project)["links"] == before["links"]


def waits_of(project: Project, number: str) -> list[tuple[str, int]]:
    rows = StepDependency.objects.filter(project=project, step__number=number).order_by("predecessor__number")
    return list(rows.values_list("predecessor__number", "lag_days"))


def test_what_a_step_waits_for_and_how_long_is_decided_written_down_and_taken_back(project, manager):
    before, starts = picture(project), step_of(project, "2.2").starts_on

    made = decide(
        project, manager, "2.2", TailoringKind.CHANGE, {"waits": ["1.1", "2.1 +3"]}, justification="Paint dries"
    )

    assert waits_of(project, "2.2") == [("1.1", 0), ("2.1", 3)]
    assert step_of(project, "2.2").starts_on == project.calendar.add(starts, 3)
    assert (made.before, made.after, made.days_later) == ({"waits": ["2.1"]}, {"waits": ["1.1", "2.1 +3"]}, 3)
    entry = JournalEntry.objects.filter(action="step.changed").latest("seq")
    assert (entry.changes, entry.reason) == ({"waits": [["2.1"], ["1.1", "2.1 +3"]]}, "Paint dries")
    earlier = decide(project, manager, "2.2", TailoringKind.CHANGE, {"waits": ["1.1"]})
    assert earlier.days_later < 0 and step_of(project, "2.2").starts_on == step_of(project, "1.2").starts_on

    untailor.undo_last(project=project, by=manager, number=earlier.number)
    untailor.undo_last(project=project, by=manager, number=made.number)

    assert picture(project) == before and waits_of(project, "2.2") == [("2.1", 0)]
    assert counters.recount(project) == []


def test_a_circle_of_steps_is_refused_by_its_name_and_what_cannot_be_too(project, manager):
    with pytest.raises(RuleBroken, match=r"1\.2 → 2\.2 → 2\.1 → 1\.2"):
        decide(project, manager, "1.2", TailoringKind.CHANGE, {"waits": ["1.1", "2.2"]})
    for waits, words in (
        (["1.2"], "cannot wait for itself"),
        (["9.9"], "a step of this plan"),
        (["1.1 +251"], "at most 250"),
    ):
        with pytest.raises(RuleBroken, match=words):
            decide(project, manager, "1.2", TailoringKind.CHANGE, {"waits": waits})

    assert waits_of(project, "1.2") == [("1.1", 0)] and not TailoringDecision.objects.exists()
