"""A step moved as a whole, and a milestone moved: what moves, what stays, what is refused, and what the chart shows first."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from core.rules import RuleBroken, StaleRecord
from projects.models import ActivityLink, JournalEntry, PlanActivity, PlanMilestone, PlanStep, StepRound, Task
from projects.services import counters, gate, milestone, schedule, step_schedule
from tests.factories.projects import make_activity, make_step, make_task
from tests.helpers.budget import queries

D = dt.date
MONDAY = D(2026, 3, 2)
SCRIPT = {"HTTP_HX_REQUEST": "true"}
FROM = {"from_starts_on": "2026-03-02", "from_ends_on": "2026-03-13"}
A_WEEK_ON = {"starts_on": "2026-03-09", "ends_on": "2026-03-20"}


@pytest.fixture
def planned(crew):
    """1.1: 1.1.1 (2 to 6 March, a task on its second day) → 1.1.2 (9 to 13 March); 1.2 after it: 1.2.1 (16 to 20 March)."""
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC), tick=False):
        first = PlanStep.objects.get(project=crew.project)
        second = make_step(crew.project, starts_on=D(2026, 3, 16), ends_on=D(2026, 3, 20))
        make_activity(second)
        owned = {"organization_id": crew.project.organization_id, "project": crew.project}
        one, two, three = PlanActivity.objects.filter(project=crew.project).order_by("number")
        for row, starts in ((one, MONDAY), (two, D(2026, 3, 9)), (three, D(2026, 3, 16))):
            PlanActivity.objects.filter(pk=row.pk).update(
                starts_on=starts, ends_on=starts + dt.timedelta(days=4), duration_days=5
            )
        PlanStep.objects.filter(pk=first.pk).update(ends_on=D(2026, 3, 13))
        ActivityLink.objects.create(**owned, activity=two, predecessor=one)
        second.predecessor_links.create(**owned, predecessor=first)
        make_task(crew.project, "Interview", activity=one, starts_on=D(2026, 3, 3), due_on=D(2026, 3, 3))
        counters.recount(crew.project)
        yield crew


def step(planned, number="1.1"):
    found = PlanStep.objects.select_related("project__organization", "merged_into").get(
        project=planned.project, number=number
    )
    return found


def spans(planned):
    rows = PlanActivity.objects.filter(project=planned.project).order_by("number")
    return {number: (first, last) for number, first, last in rows.values_list("number", "starts_on", "ends_on")}


def move(planned, days, number="1.1", **more):
    one = step(planned, number)
    return step_schedule.move(step=one, by=planned.manager, version=one.version, days=days, **more)


def said(answer):
    return answer.content.decode().replace("&#x27;", "'")


# ---- the service ---------------------------------------------------------------------------------------------------


def test_what_is_open_in_a_step_moves_by_the_same_working_days_and_what_follows_moves_with_one_line_for_each(planned):
    saved, found = move(planned, 3, reason="The hall is closed")

    assert spans(planned) == {
        "1.1.1": (D(2026, 3, 5), D(2026, 3, 11)),
        "1.1.2": (D(2026, 3, 12), D(2026, 3, 18)),
        "1.2.1": (D(2026, 3, 19), D(2026, 3, 25)),
    }
    assert (saved.starts_on, saved.ends_on) == (D(2026, 3, 5), D(2026, 3, 18))
    assert Task.objects.get().due_on == D(2026, 3, 6)
    by_hand = PlanActivity.objects.filter(project=planned.project, dates_are_manual=True)
    assert set(by_hand.values_list("number", "duration_days")) == {("1.1.1", 5), ("1.1.2", 5)}
    line, follows = JournalEntry.objects.filter(project=planned.project).order_by("-pk")[:2][::-1]
    assert (line.action, line.reason, line.changes["working_days"]) == ("step.moved", "The hall is closed", 3)
    assert list(line.changes["dates"]) == ["1.1.1", "1.1.2"]
    assert line.changes["dates"]["1.1.2"] == "2026-03-09 → 2026-03-12, 2026-03-13 → 2026-03-18"
    assert follows.action == "schedule.moved" and found.after.ends_on == D(2026, 3, 25)
    assert by_hand.first().history.latest("history_id").history_change_reason == "The hall is closed"
    assert counters.recount(planned.project) == []


def test_what_is_done_stays_and_what_has_begun_keeps_its_begin(planned):
    rows = PlanActivity.objects.filter(project=planned.project)
    rows.filter(number="1.1.1").update(status="in_progress", started_on=MONDAY)
    rows.filter(number="1.2.1").update(status="done", started_on=D(2026, 3, 2), finished_on=D(2026, 3, 2))

    move(planned, 5)

    assert spans(planned)["1.1.1"] == (MONDAY, D(2026, 3, 13))
    assert spans(planned)["1.1.2"] == (D(2026, 3, 16), D(2026, 3, 20))
    assert spans(planned)["1.2.1"] == (D(2026, 3, 16), D(2026, 3, 20))


def test_a_step_moves_with_the_steps_merged_into_it_and_a_merged_one_alone(planned):
    host, part = step(planned, "1.1"), step(planned, "1.2")
    PlanStep.objects.filter(pk=part.pk).update(merged_into=host)
    part.predecessor_links.all().delete()

    move(planned, 5)
    assert spans(planned)["1.1.1"][0] == D(2026, 3, 9) and spans(planned)["1.2.1"][0] == D(2026, 3, 23)

    move(planned, -2, "1.2")
    assert spans(planned)["1.1.1"][0] == D(2026, 3, 9) and spans(planned)["1.2.1"][0] == D(2026, 3, 19)


def test_an_open_round_moves_with_its_step(planned):
    one = step(planned)
    owned = {"organization_id": planned.project.organization_id, "project": planned.project, "step": one}
    closed = {"closed_at": dt.datetime(2026, 3, 1, tzinfo=dt.UTC)}
    StepRound.objects.filter(step=one).delete()
    StepRound.objects.create(**owned, number=1, starts_on=MONDAY, ends_on=MONDAY, **closed)
    later = StepRound.objects.create(
        **owned, number=2, starts_on=D(2026, 3, 9), ends_on=D(2026, 3, 13), trigger="Again"
    )
    rows = PlanActivity.objects.filter(project=planned.project)
    rows.filter(number="1.1.2").update(round=later)
    rows.filter(number="1.1.1").update(status="done", started_on=MONDAY, finished_on=MONDAY)

    tried = schedule.what_if(one.project, step_schedule.moving(one, -2))
    move(planned, -2)

    later.refresh_from_db()
    assert (later.starts_on, later.ends_on) == (D(2026, 3, 5), D(2026, 3, 11)) == spans(planned)["1.1.2"]
    assert not tried.new_conflicts


def test_what_was_shown_is_what_is_saved(planned):
    one = step(planned)
    tried = schedule.what_if(one.project, step_schedule.moving(one, 4))

    _saved, done = move(planned, 4)

    stored = {move.name: move.after for move in tried.moves}
    assert stored["T-001"].ends_on == Task.objects.get().due_on
    assert {name: tuple(span) for name, span in stored.items() if name in spans(planned)} == spans(planned)
    assert tried.after.ends_on == done.after.ends_on


def test_a_step_stays_when_it_is_closed_done_or_excluded_and_when_somebody_was_first(planned):
    before = spans(planned)
    one = step(planned)
    with pytest.raises(StaleRecord, match=r"Step 1\.1 was changed by somebody else meanwhile"):
        step_schedule.move(step=one, by=planned.manager, version=99, days=2)

    gate.close(step=one, by=planned.manager, reason="Done before")
    with pytest.raises(RuleBroken, match=r"Step 1\.1 keeps its dates: the gate of step 1\.1 is closed"):
        move(planned, 2)
    PlanStep.objects.filter(number="1.2").update(merged_into=one)
    with pytest.raises(RuleBroken, match=r"Step 1\.2 keeps its dates: the gate of step 1\.1 is closed"):
        move(planned, 2, "1.2")
    gate.reopen(step=step(planned), by=planned.manager, reason="Again")
    PlanStep.objects.filter(number="1.2").update(merged_into=None)

    PlanActivity.objects.filter(number="1.2.1").update(status="done", finished_on=MONDAY)
    with pytest.raises(RuleBroken, match=r"Step 1\.2 has no open activity"):
        move(planned, 2, "1.2")
    PlanStep.objects.filter(number="1.2").update(is_applicable=False, justification="Not ours")
    with pytest.raises(RuleBroken, match=r"Step 1\.2 is excluded from the plan"):
        move(planned, 2, "1.2")
    assert spans(planned) == before and not JournalEntry.objects.filter(action="step.moved").exists()
    assert move(planned, 0)[1] is None


# ---- the chart -----------------------------------------------------------------------------------------------------


def test_bars_of_steps_and_marks_of_milestones_are_held_by_who_edits_the_plan_where_something_is_open(planned):
    milestone.add(project=planned.project, by=planned.manager, kind="own", title="Kick-off", on=D(2026, 3, 4))
    done = milestone.add(
        project=planned.project, by=planned.manager, kind="own", title="Signed", on=MONDAY, reached_on=MONDAY
    )
    PlanActivity.objects.filter(number="1.2.1").update(status="done", finished_on=MONDAY)

    chart = planned.client("manager").get(planned.url("schedule")).content.decode()
    reader = planned.client("auditor").get(planned.url("schedule")).content.decode()

    assert 'data-key="1.1" data-first="2026-03-02" data-last="2026-03-13"' in chart
    assert 'data-key="MS-001" data-first="2026-03-04"' in chart
    assert 'data-key="1.2"' not in chart and f'data-key="{done.label}"' not in chart
    assert chart.count("g-whole") == 2 and "neither is stretched" in chart
    assert 'href="../steps/1.1/schedule/move/" class="g-bar' in chart and 'href="../steps/1.1/"' in chart
    assert "data-key" not in reader and "data-move" not in reader and 'href="../steps/1.1/" class="g-bar' in reader


def test_where_a_step_was_dropped_is_answered_with_what_it_means_and_saved_when_that_was_seen(planned):
    client, address = planned.client("manager"), planned.url("step-redate", number="1.1")
    with queries(22):
        asked = client.get(address, A_WEEK_ON | FROM, **SCRIPT)

    text = said(asked)
    assert "Moves 1 task, 3 activities, and the certification by 5 working days to a later date." in text
    assert "2 open activities move and are then set by hand" in text and "New dates of step 1.1" in text
    assert asked.context["now"] == (D(2026, 3, 9), D(2026, 3, 20)) and asked.context["days"] == 10
    assert spans(planned)["1.1.1"][0] == MONDAY

    form = asked.context["form"].initial | {"reason": "The hall is closed"}
    unseen = client.post(address, form | {"seen": "other"}, **SCRIPT)
    assert "The plan has changed meanwhile" in said(unseen) and spans(planned)["1.1.1"][0] == MONDAY
    with queries(54):
        assert client.post(address, form, **SCRIPT).status_code == 204
    assert spans(planned)["1.2.1"] == (D(2026, 3, 23), D(2026, 3, 27))
    assert client.get(address, A_WEEK_ON | FROM, **SCRIPT).status_code == 409
    assert client.post(address, form, **SCRIPT).status_code == 409
    told = said(client.get(planned.url("journal")))
    assert "moved, with its activities, step" in told and "The hall is closed" in told


def test_without_a_script_a_page_asks_for_the_day_and_leads_back_to_the_chart(planned):
    client, address = planned.client("manager"), planned.url("step-redate", number="1.1")

    first = client.get(address)
    assert "<html" in said(first) and 'value="2026-03-02"' in said(first) and 'type="submit"' in said(first)
    page = client.get(address, {"starts_on": "2026-03-04"})
    saved = client.post(address, page.context["form"].initial)

    assert saved.status_code == 303 and saved["Location"] == planned.url("schedule")
    assert spans(planned)["1.1.1"] == (D(2026, 3, 4), D(2026, 3, 10))


def test_a_refused_step_says_why_and_only_who_edits_the_plan_may_try(planned):
    client, address = planned.client("manager"), planned.url("step-redate", number="1.1")
    gate.close(step=step(planned), by=planned.manager, reason="Done before")

    refused = client.get(address, A_WEEK_ON, **SCRIPT)

    assert refused.status_code == 422 and "the gate of step 1.1 is closed" in said(refused)
    assert 'type="submit"' not in said(refused)
    assert client.get(address, {"starts_on": "soon"}, **SCRIPT).status_code == 422
    assert planned.client("auditor").get(address, A_WEEK_ON).status_code == 403
    assert planned.client("stranger").get(address, A_WEEK_ON).status_code == 404
    assert client.get(planned.url("step-redate", number="9.9"), A_WEEK_ON).status_code == 404
    assert spans(planned)["1.1.1"][0] == MONDAY


@pytest.fixture
def stage_2(planned):
    """MS-001, stage 2, ten working days after 1.2.1: on 3 April."""
    after = PlanActivity.objects.get(number="1.2.1")
    return milestone.add(
        project=planned.project, by=planned.manager, kind="stage_2", title="Stage 2", activity=after, lag_days=10
    )


def test_the_mark_of_a_milestone_is_moved_to_a_date_that_is_then_agreed(planned, stage_2):
    client, address = planned.client("manager"), planned.url("milestone-redate", number="MS-001")
    day = {"starts_on": "2026-04-10", "ends_on": "2026-04-10"}
    on = str(stage_2.on)
    with queries(20):
        asked = client.get(address, day | {"from_starts_on": on, "from_ends_on": on}, **SCRIPT)

    assert "Moves 1 milestone, and the certification by" in said(asked) and "to a later date" in said(asked)
    assert "The date is then agreed" in said(asked) and "working days</dd>" not in said(asked)
    form = asked.context["form"].initial | {"reason": "The auditor is away"}
    with queries(45):
        assert client.post(address, form, **SCRIPT).status_code == 204
    moved = PlanMilestone.objects.get()
    assert (moved.on, moved.is_fixed, moved.activity_id) == (D(2026, 4, 10), True, stage_2.activity_id)
    lines = JournalEntry.objects.filter(project=planned.project, reason="The auditor is away")
    assert [(line.action, line.changes["on"]) for line in lines] == [("milestone.changed", [on, "2026-04-10"])]
    assert client.get(address, day | {"from_starts_on": on, "from_ends_on": on}, **SCRIPT).status_code == 409
    assert client.post(address, form, **SCRIPT).status_code == 409


def test_a_milestone_moved_before_what_it_waits_for_is_warned_of_and_a_reached_one_stays(planned, stage_2):
    client, address = planned.client("manager"), planned.url("milestone-redate", number="MS-001")
    early = {"starts_on": "2026-03-27", "ends_on": "2026-03-27"}

    assert "before what it waits for allows" in said(client.get(address, early, **SCRIPT))
    assert planned.client("auditor").get(address, early).status_code == 403
    assert planned.client("stranger").get(address, early).status_code == 404
    assert client.get(planned.url("milestone-redate", number="MS-009"), early).status_code == 404
    page = client.get(address, early)
    assert "<html" in said(page) and client.post(address, page.context["form"].initial).status_code == 303

    PlanMilestone.objects.update(reached_on=MONDAY)
    refused = client.get(address, early, **SCRIPT)
    assert refused.status_code == 422 and "“Stage 2” was reached: it stays as evidence." in said(refused)
