"""The pages of the schedule: what they show, who may, what is kept, what is shown before it is saved."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
import time_machine
from django.urls import reverse

from core.rules import RuleBroken
from projects import reminders
from projects.models import (
    Absence,
    ActivityLink,
    Baseline,
    Capacity,
    Closure,
    PlanActivity,
    PlanMilestone,
    Project,
    ProjectUserGrant,
    Task,
)
from projects.permissions import Role
from projects.services import baseline, counters, gate, milestone, schedule
from tests.factories.projects import grant, make_activity, make_task
from tests.factories.schedule import make_long_plan
from tests.helpers.budget import count_queries, queries

D = dt.date


@pytest.fixture
def planned(crew):
    """1.1.1 (5 days) → 1.1.2 (5 days), on the first day of the project."""
    with time_machine.travel(dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.UTC), tick=False):
        rows = PlanActivity.objects.filter(project=crew.project).order_by("number")
        rows.update(duration_days=5)
        one, two = rows.select_related("project__organization")
        schedule.link(activity=two, predecessor=one, by=crew.manager)
        yield crew


def posted(crew, name, data, who="manager", **kwargs):
    return crew.client(who).post(crew.url(name, **kwargs), data)


READERS = ("schedule", "milestone-list", "baseline-list", "schedule-workload", "schedule-curve", "schedule-calendar")


@pytest.mark.parametrize("name", READERS)
def test_empty_pages_say_what_they_are_for_and_open_to_who_may_read(planned, name):
    page = planned.client("auditor").get(planned.url(name))

    assert page.status_code == 200
    assert planned.client("stranger").get(planned.url(name)).status_code == 404
    staff = planned.client("staff").get(planned.url(name)).status_code
    assert staff == (200 if name == "schedule-calendar" else 403)


def test_the_chart_opens_steps_and_activities_and_costs_the_same_whatever_it_shows(planned):
    make_task(planned.project, "Interview", activity=planned.activity, starts_on=D(2026, 3, 2), due_on=D(2026, 3, 3))
    baseline.take(project=planned.project, by=planned.manager, name="Agreed")
    client = planned.client("manager")
    client.get(planned.url("schedule"))
    with queries(22):
        steps = client.get(planned.url("schedule")).content.decode()
    with queries(22):
        opened = client.get(planned.url("schedule") + "?open=1.1&open=1.1.1&zoom=weeks&baseline=1").content.decode()

    assert "1.1.1 Activity 1" not in steps and "?open=1.1" in steps
    assert "1.1.1 Activity 1" in opened and "T-001 Interview" in opened
    assert 'data-key="1.1.1" data-first="2026-03-02" data-last="2026-03-06"' in opened
    assert "ch-ghost" in opened and "ch-f-late" in opened


def test_only_a_page_of_rows_is_sent(planned, monkeypatch):
    monkeypatch.setattr("projects.selectors.gantt.ROWS", 3)

    first = planned.client("manager").get(planned.url("schedule") + "?level=activities").content.decode()

    assert "1.1.1 Activity 1" in first and "1.1.2 Activity 2" not in first and "page=2" in first


def test_an_activity_shows_its_float_and_neighbours_and_dates_are_shown_before_they_are_saved(planned):
    one = PlanActivity.objects.get(project=planned.project, number="1.1.1")
    page = planned.client("auditor").get(planned.url("activity-schedule", number="1.1.2")).content.decode()
    assert "begins when the other is finished" in page and "Critical" in page and "Save the dates" not in page

    data = {"version": one.version, "duration_days": 8}
    first = posted(planned, "activity-dates", data, number="1.1.1")
    text = first.content.decode()
    assert first.status_code == 200
    assert "Moves 2 activities, and the certification by 3 working days to a later date." in text
    assert "Save, and move them" in text
    assert PlanActivity.objects.get(pk=one.pk).duration_days == 5

    token = first.context["told"].token
    saved = posted(planned, "activity-dates", data | {"seen": token}, number="1.1.1")
    assert saved.status_code == 303
    two = PlanActivity.objects.get(project=planned.project, number="1.1.2")
    assert (two.starts_on, two.ends_on) == (D(2026, 3, 12), D(2026, 3, 18))
    assert counters.recount(Project.objects.get(pk=planned.project.pk)) == []


def test_wrong_dates_and_somebody_elses_newer_save_keep_what_was_typed(planned):
    wrong = posted(
        planned, "activity-dates", {"version": 1, "duration_days": 0, "reason": "Kept words"}, number="1.1.1"
    )
    assert wrong.status_code == 422 and "Kept words" in wrong.content.decode()

    stale = posted(
        planned, "activity-dates", {"version": 99, "duration_days": 7, "reason": "Kept words"}, number="1.1.1"
    )
    assert stale.status_code == 422
    assert "Somebody else saved this in the meantime" in stale.content.decode()
    assert "Kept words" in stale.content.decode()
    assert posted(planned, "activity-dates", {"version": 1}, who="auditor", number="1.1.1").status_code == 403


def test_a_link_is_shown_added_refused_in_a_circle_and_removed(planned):
    step = planned.activity.step
    make_activity(step)
    PlanActivity.objects.filter(project=planned.project, number="1.1.3").update(
        starts_on=D(2026, 3, 2), ends_on=D(2026, 3, 2)
    )
    data = {"predecessor": "1.1.2", "kind": "fs", "lag_days": "2"}

    first = posted(planned, "activity-link", data, number="1.1.3")
    assert "Moves 1 activity, and the certification by 3 working days to a later date." in first.content.decode()
    saved = posted(planned, "activity-link", data | {"seen": first.context["told_of_link"].token}, number="1.1.3")
    assert saved.status_code == 303
    assert ActivityLink.objects.filter(project=planned.project).count() == 2

    circle = posted(planned, "activity-link", {"predecessor": "1.1.3", "kind": "fs"}, number="1.1.1")
    assert circle.status_code == 422
    assert (
        "1.1.1 → 1.1.2 → 1.1.3 → 1.1.1" in circle.content.decode().replace("&#x27;", "'")
        or "circle" in circle.content.decode()
    )

    asked = planned.client("manager").get(planned.url("activity-unlink", number="1.1.3", other="1.1.2"))
    assert "Remove the link" in asked.content.decode()
    assert posted(planned, "activity-unlink", {}, number="1.1.3", other="1.1.2").status_code == 303
    assert ActivityLink.objects.filter(project=planned.project).count() == 1


def test_the_plan_is_brought_up_to_date_after_it_was_shown(planned):
    with time_machine.travel(dt.datetime(2026, 3, 10, 9, 0, tzinfo=dt.UTC), tick=False):
        page = planned.client("manager").get(planned.url("schedule-update"))
        assert "Moves 1 activity" in page.content.decode()
        token = page.context["told"].token
        unseen = posted(planned, "schedule-update", {"seen": "other"})
        assert unseen.status_code == 200
        assert posted(planned, "schedule-update", {"seen": token, "reason": "Monday"}).status_code == 303

    assert PlanActivity.objects.get(project=planned.project, number="1.1.2").starts_on == D(2026, 3, 17)


def test_milestones_are_added_follow_their_activity_and_are_taken_out(planned):
    data = {"kind": "stage_2", "title": "Stage 2", "activity": "1.1.2", "lag_days": "10"}
    assert posted(planned, "milestone-add", data).status_code == 303
    mark = PlanMilestone.objects.get(project=planned.project)
    assert mark.on == D(2026, 3, 27)

    twice = posted(planned, "milestone-add", data)
    assert twice.status_code == 422 and "has this milestone already" in twice.content.decode()

    shown = planned.client("auditor").get(planned.url("milestone-list")).content.decode()
    assert "Stage 2" in shown and "New milestone" not in shown
    fixed = data | {"is_fixed": "on", "on": "2026-03-20", "version": mark.version}
    assert posted(planned, "milestone-edit", fixed, pk=mark.pk).status_code == 303
    warned = planned.client("manager").get(planned.url("milestone-list")).content.decode()
    assert "5 working days before what it waits for allows" in warned
    assert posted(planned, "milestone-edit", data | {"version": 1}, pk=mark.pk).status_code == 422
    assert posted(planned, "milestone-remove", {}, pk=mark.pk).status_code == 303
    assert not PlanMilestone.objects.exists()


@pytest.fixture
def milestones(planned):
    """MS-001 to MS-003: one long overdue, one ahead and theirs, one reached."""
    said = [
        ("own", "Kick-off", D(2026, 2, 20), planned.owner, None),
        ("stage_1", "Stage 1", D(2026, 5, 4), planned.manager, None),
        ("own", "Policy signed", D(2026, 2, 25), None, D(2026, 2, 24)),
    ]
    for kind, title, on, owner, reached in said:
        milestone.add(
            project=planned.project, by=planned.manager, kind=kind, title=title, on=on, owner=owner, reached_on=reached
        )
    return planned


def titles(crew, query: str) -> list[str]:
    return [row.title for row in crew.client("manager").get(crew.url("milestone-list") + query).context["rows"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["Kick-off", "Policy signed", "Stage 1"]), ("?q=kick", ["Kick-off"]), ("?q=ms-002", ["Stage 1"]),
        ("?kind=stage_1", ["Stage 1"]), ("?state=late", ["Kick-off"]), ("?state=ahead", ["Stage 1"]),
        ("?state=reached", ["Policy signed"]), ("?owner=me", ["Stage 1"]), ("?owner=none", ["Policy signed"]),
        ("?sort=title", ["Kick-off", "Policy signed", "Stage 1"]), ("?sort=-on", ["Stage 1", "Policy signed", "Kick-off"]),
        ("?sort=owner", ["Stage 1", "Kick-off", "Policy signed"]), ("?q=%00&state=odd&owner=99&page=x", None),
    ],
)  # fmt: skip
def test_milestones_are_found_filtered_and_sorted(milestones, query, found):
    if found is None:
        assert milestones.client("manager").get(milestones.url("milestone-list") + query).status_code == 200
    else:
        assert titles(milestones, query) == found
    assert titles(milestones, f"?owner={milestones.owner.pk}") == ["Kick-off"]


def test_milestones_are_taken_along_as_text(milestones):
    PlanMilestone.objects.filter(title="Stage 1").update(title="=HYPERLINK(1)")

    book = milestones.client("auditor").get(milestones.url("milestone-export") + "?state=ahead")

    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
    assert [row[:5] for row in rows[1:]] == [
        ("MS-002", "=HYPERLINK(1)", "Certification audit, stage 1", "Mia Manager", dt.datetime(2026, 5, 4))
    ]
    assert milestones.client("stranger").get(milestones.url("milestone-export")).status_code == 404
    assert milestones.client("staff").get(milestones.url("milestone-export")).status_code == 403


def test_a_milestone_is_reminded_of_and_reached_by_its_number(milestones):
    source = reminders.of("milestone")

    due = source.rows().filter(project=milestones.project).order_by("number")
    assert list(due.values_list(source.number, source.owner, source.due)) == [
        (1, milestones.owner.pk, D(2026, 2, 20)), (2, milestones.manager.pk, D(2026, 5, 4)),
    ]  # fmt: skip
    there = milestones.client("auditor").get(milestones.url(source.home.split(":")[1]) + f"{source.prefix}-002/")
    mark = PlanMilestone.objects.get(number=2)
    assert there.url == f"{milestones.url('milestone-list')}?q=MS-002#milestone-{mark.pk}"
    assert milestones.client("auditor").get(milestones.url("milestone-detail", number="MS-099")).status_code == 404
    assert milestones.client("auditor").get(milestones.url("milestone-detail", number="odd")).status_code == 404


def test_only_people_of_the_project_own_a_milestone_and_who_left_may_stay(milestones):
    page = milestones.client("manager").get(milestones.url("milestone-add")).content.decode()
    assert "Otto Owner" in page and "Sten Stranger" not in page
    data = {"kind": "own", "title": "Ours", "on": "2026-06-01", "is_fixed": "on", "owner": milestones.stranger.pk}
    assert posted(milestones, "milestone-add", data).status_code == 422
    with pytest.raises(RuleBroken, match="Sten Stranger has no role in this project"):
        milestone.add(
            project=milestones.project, by=milestones.manager, kind="own", title="Ours", on=D(2026, 6, 1),
            owner=milestones.stranger,
        )  # fmt: skip

    mark = PlanMilestone.objects.select_related("project__organization").get(number=1)
    ProjectUserGrant.objects.filter(user=milestones.owner).delete()
    kept = {"kind": "own", "title": "Kicked off", "on": "2026-02-20", "is_fixed": "on", "owner": milestones.owner.pk}
    assert posted(milestones, "milestone-edit", kept | {"version": mark.version}, pk=mark.pk).status_code == 303
    mark.refresh_from_db()
    assert (mark.title, mark.owner) == ("Kicked off", milestones.owner)


def test_the_milestones_cost_the_same_for_one_and_for_three(milestones):
    client, url = milestones.client("manager"), milestones.url("milestone-list")
    client.get(url)
    with queries(20):
        client.get(url)
    three = count_queries(lambda: client.get(url))
    PlanMilestone.objects.filter(number__gt=1).delete()

    assert count_queries(lambda: client.get(url)) == three


def test_baselines_are_found_filtered_sorted_and_taken_along(planned):
    for name in ("Agreed", "After the delay", "Budget"):
        baseline.take(project=planned.project, by=planned.manager, name=name, note=f"Why {name}")
    baseline.approve(baseline=Baseline.objects.select_related("project").get(number=1), by=planned.manager)
    client, url = planned.client("auditor"), planned.url("baseline-list")

    def names(query: str) -> list[str]:
        return [row.name for row in client.get(url + query).context["rows"]]

    assert names("") == ["Budget", "After the delay", "Agreed"]
    assert names("?q=delay") == ["After the delay"]
    assert names("?q=3") == ["Budget"]
    assert names("?state=yardstick") == names("?state=approved") == ["Agreed"]
    assert names("?state=open&sort=name") == ["After the delay", "Budget"]
    assert names("?q=nothing") == [] and "Nothing matches" in client.get(url + "?q=nothing").content.decode()
    book = client.get(planned.url("baseline-export") + "?state=yardstick")
    rows = list(openpyxl.load_workbook(io.BytesIO(book.content)).active.iter_rows(values_only=True))
    assert [(row[0], row[1], row[6]) for row in rows[1:]] == [(1, "Agreed", "Yardstick")]
    client.get(url)
    with queries(14):
        client.get(url)


def test_a_baseline_is_taken_approved_and_the_plan_measured_by_it(planned):
    assert posted(planned, "baseline-take", {"name": "Agreed", "note": "Kick-off"}).status_code == 303
    assert posted(planned, "baseline-approve", {}, who="owner", number=1).status_code == 403
    assert posted(planned, "baseline-approve", {}, number=1).status_code == 303
    one = PlanActivity.objects.select_related("project__organization").get(project=planned.project, number="1.1.1")
    schedule.set_dates(activity=one, by=planned.manager, version=one.version, values={"duration_days": 8})

    page = planned.client("auditor").get(planned.url("baseline-detail", number=1) + "?rows=activities")

    found = {row.label: (row.start_days, row.end_days) for row in page.context["rows"]}
    assert found == {"1.1 Step 1": (0, 3), "1.1.1 Activity 1": (0, 3), "1.1.2 Activity 2": (3, 3)}
    assert "Yardstick" in page.content.decode()
    refused = planned.client("manager").post(planned.url("baseline-remove", number=1), follow=True)
    assert "was approved: it stays as evidence" in refused.content.decode()
    posted(planned, "baseline-take", {"name": "After the delay"})
    both = planned.client("auditor").get(planned.url("baseline-detail", number=1) + "?with=2")
    assert [row.end_days for row in both.context["rows"]] == [3]
    assert posted(planned, "baseline-remove", {}, number=2).status_code == 303
    assert Baseline.objects.get().is_yardstick


def test_workload_shows_who_has_more_than_fits(planned):
    for _n in range(3):
        make_task(
            planned.project,
            assignee=planned.owner,
            starts_on=D(2026, 3, 2),
            due_on=D(2026, 3, 6),
            effort_hours_planned=20,
        )
    make_task(planned.project, assignee_role="staff", effort_hours_planned=7)
    client = planned.client("manager")

    page = client.get(planned.url("schedule-workload"))
    (row,) = page.context["rows"]
    assert (row.person, row.weeks[0].load, row.weeks[0].capacity) == (planned.owner, 60, 40)
    assert "7 hours lie on nobody yet" in page.content.decode()
    assert posted(planned, "schedule-workload", {"person": planned.owner.pk, "hours_per_week": "80"}).status_code == 303
    assert not client.get(planned.url("schedule-workload")).context["over"]
    assert Capacity.objects.get().hours_per_week == 80
    assert posted(planned, "schedule-workload", {"person": planned.owner.pk}, who="auditor").status_code == 403


def test_the_curve_says_what_the_index_means(planned):
    with time_machine.travel(dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC), tick=False):
        make_task(planned.project, activity=planned.activity, effort_hours_planned=8)
        page = planned.client("auditor").get(planned.url("schedule-curve")).content.decode()

    assert "The work is behind: of every 100 person-days expected by now, only 0 are done." in page
    assert "No hours are booked yet" in page


def test_closures_and_absences_are_entered_by_who_may(planned):
    days = {"first_on": "2026-03-04", "last_on": "2026-03-05"}
    assert posted(planned, "closure-add", {"name": "Stocktaking", **days}).status_code == 303
    assert posted(planned, "closure-add", {"name": "No", **days}, who="auditor").status_code == 403
    wrong = posted(planned, "closure-add", {"name": "Back to front", "first_on": "2026-03-05", "last_on": "2026-03-04"})
    assert wrong.status_code == 422 and "Back to front" in wrong.content.decode()
    project = Project.objects.get(pk=planned.project.pk)
    assert not project.calendar.is_working(D(2026, 3, 5)) and project.calendar.is_working(D(2026, 3, 6))

    assert posted(planned, "absence-add", {"person": planned.staff.pk, **days}, who="staff").status_code == 303
    others = posted(planned, "absence-add", {"person": planned.owner.pk, **days}, who="staff")
    assert others.status_code == 422
    own = Absence.objects.get()
    assert planned.client("owner").get(planned.url("schedule-calendar")).content.decode().count("Sina Staff") == 0
    assert posted(planned, "absence-remove", {}, who="owner", pk=own.pk).status_code == 404
    assert posted(planned, "absence-remove", {}, who="staff", pk=own.pk).status_code == 303
    assert posted(planned, "closure-remove", {}, pk=Closure.objects.get().pk).status_code == 303
    assert Project.objects.get(pk=project.pk).closed_days == []
    assert not Task.objects.exists()


# ---- bars that are dragged ----------------------------------------------------------------------------------------


def row(planned, number="1.1.1"):
    return PlanActivity.objects.select_related("project__organization", "step").get(
        project=planned.project, number=number
    )


MOVED = {"starts_on": "2026-03-04", "ends_on": "2026-03-10"}
SCRIPT = {"HTTP_HX_REQUEST": "true"}


def test_a_bar_may_be_dragged_by_who_edits_the_plan_and_only_where_there_is_work_left(planned):
    PlanActivity.objects.filter(pk=row(planned, "1.1.2").pk).update(status="done", finished_on=D(2026, 3, 13))
    address = planned.url("schedule") + "?level=activities"

    manager = planned.client("manager").get(address).content.decode()
    reader = planned.client("auditor").get(address).content.decode()

    assert 'data-key="1.1.1"' in manager and 'data-key="1.1.2"' not in manager and "data-move=" in manager
    assert "data-key" not in reader and "data-move=" not in reader and "g-grip" not in reader
    assert "<title>1.1.1 Activity 1: 2 Mar – 6 Mar, 0 % done</title>" in reader


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_the_script_reads_the_width_of_a_day_whatever_language_the_page_is_in(planned, language):
    type(planned.manager).objects.filter(pk=planned.manager.pk).update(language=language)

    page = planned.client("manager").get(planned.url("schedule") + "?level=activities&zoom=months").content.decode()

    assert f'<html lang="{language}' in page and 'data-day="4.6"' in page


def test_where_a_bar_was_dropped_is_answered_with_what_it_means_and_saved_when_that_was_seen(planned):
    client = planned.client("manager")
    address = planned.url("activity-redate", number="1.1.1")
    seen = {"from_starts_on": "2026-03-02", "from_ends_on": "2026-03-06"}
    with queries(20):
        asked = client.get(address, MOVED | seen, **SCRIPT)

    text = asked.content.decode()
    assert (
        "<html" not in text and "Moves 2 activities, and the certification by 2 working days to a later date." in text
    )
    assert "5 working days" in text and row(planned).starts_on == D(2026, 3, 2)
    form = asked.context["form"].initial | {"reason": "The hall is closed"}
    unseen = client.post(address, form | {"seen": "other"}, **SCRIPT)
    assert "The plan has changed meanwhile" in unseen.content.decode() and row(planned).starts_on == D(2026, 3, 2)
    with queries(42):
        assert client.post(address, form, **SCRIPT).status_code == 204
    one, two = row(planned), row(planned, "1.1.2")
    assert (one.starts_on, one.ends_on, one.dates_are_manual, one.duration_days) == (
        *map(D.fromisoformat, MOVED.values()),
        True,
        5,
    )
    assert two.starts_on == D(2026, 3, 11)
    assert one.history.latest("history_id").history_change_reason == "The hall is closed"
    assert counters.recount(Project.objects.get(pk=planned.project.pk)) == []


def test_without_a_script_the_same_address_is_a_page_that_leads_back_to_the_chart(planned):
    client = planned.client("manager")
    address = planned.url("activity-redate", number="1.1.1")

    page = client.get(address, MOVED)
    saved = client.post(address, page.context["form"].initial)

    assert "<html" in page.content.decode() and "New dates of activity 1.1.1" in page.content.decode()
    assert saved.status_code == 303 and saved["Location"] == planned.url("schedule")


def test_a_move_is_refused_with_its_reason(planned):
    client = planned.client("manager")
    address = planned.url("activity-redate", number="1.1.1")

    def refused(status, text, **data):
        answer = client.get(address, MOVED | data, **SCRIPT)
        assert answer.status_code == status and text in answer.content.decode()
        assert 'type="submit"' not in answer.content.decode()

    refused(409, "was changed by somebody else meanwhile", from_starts_on="2026-02-27", from_ends_on="2026-03-06")
    refused(422, "cannot be read", starts_on="soon")
    refused(422, "cannot be read", ends_on="2026-03-01")
    stale = client.post(address, MOVED | {"version": 99}, **SCRIPT)
    assert stale.status_code == 409 and "was changed by somebody else meanwhile" in stale.content.decode()
    assert posted(planned, "activity-redate", MOVED | {"version": 1}, who="auditor", number="1.1.1").status_code == 403
    assert planned.client("stranger").get(address, MOVED).status_code == 404

    step = row(planned).step
    step.project = planned.project
    gate.close(step=step, by=planned.manager, reason="Done before")
    refused(422, "the gate of step 1.1 is closed")
    gate.reopen(step=step, by=planned.manager, reason="Again")
    PlanActivity.objects.filter(pk=row(planned).pk).update(status="done", finished_on=D(2026, 3, 2))
    refused(422, "is done: it stays where it was worked")
    assert row(planned).starts_on == D(2026, 3, 2)


def test_phases_steps_and_activities_are_opened_and_shut_one_by_one(planned):
    make_task(planned.project, "Interview", activity=planned.activity, starts_on=D(2026, 3, 2), due_on=D(2026, 3, 3))
    client = planned.client("auditor")

    def shown(query):
        lines = client.get(planned.url("schedule") + query).context["lines"]
        return [line.bar.number for line in lines]

    assert shown("?level=phases") == ["1"]
    assert shown("") == ["1", "1.1"] == shown("?level=phases&open=1")
    assert shown("?open=1.1&open=1.1.1") == ["1", "1.1", "1.1.1", "T-001", "1.1.2"] == shown("?level=tasks")
    assert shown("?level=tasks&shut=1.1.1") == ["1", "1.1", "1.1.1", "1.1.2"]
    assert shown("?level=tasks&shut=1.1") == ["1", "1.1"]
    assert shown("?level=tasks&shut=1") == ["1"]
    page = client.get(planned.url("schedule") + "?level=tasks&shut=1.1&zoom=weeks").content.decode()
    assert (
        'href="?level=tasks&amp;zoom=weeks"' in page
        and "level=tasks&amp;shut=1.1&amp;zoom=weeks&amp;shut=1" not in page
    )


def test_each_page_of_rows_is_sent_alone_when_it_comes_into_view_and_costs_the_same(planned, monkeypatch):
    monkeypatch.setattr("projects.selectors.gantt.ROWS", 2)
    client = planned.client("manager")
    whole = client.get(planned.url("schedule") + "?level=activities").content.decode()
    assert 'data-src="?level=activities&amp;page=2"' in whole and "1.1.1 Activity 1" not in whole

    with queries(18):
        part = client.get(planned.url("schedule") + "?level=activities&page=2", **SCRIPT).content.decode()

    assert (
        "<html" not in part and "1.1.1 Activity 1" in part and "1.1.2 Activity 2" in part and "1.1 Step 1" not in part
    )
    assert part.count("<tr") == 2


@pytest.mark.parametrize("zoom", ["weeks", "months", "quarters"])
def test_a_page_of_rows_of_a_long_plan_is_small(crew, zoom):
    """30 kB is what a later page may have (PRODUCT.md, P10); 700 tasks with titles as long as people write them."""
    project = make_long_plan(120, 700)
    title = "Agree the acceptance criteria with the owners"
    PlanActivity.objects.filter(project=project).update(title=title, dates_are_manual=True)
    Task.objects.filter(project=project).update(title=title)
    baseline.take(project=project, by=crew.manager, name="Agreed")
    grant(crew.manager, Role.PROJECT_MANAGER, project)
    address = reverse("projects:schedule", kwargs=project.address) + f"?level=tasks&baseline=1&zoom={zoom}"

    part = crew.client("manager").get(f"{address}&page=9", **SCRIPT).content
    whole = crew.client("manager").get(address).content

    assert part.count(b"<tr>") == part.count(b'class="g-soft"') == 30
    assert len(part) <= 29_000
    assert len(whole) <= 80_000
