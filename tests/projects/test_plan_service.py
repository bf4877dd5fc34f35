"""Activities worked, completed, excluded, added, edited."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
import time_machine

from core.rules import RuleBroken, StaleRecord
from projects.flow import NotPermitted
from projects.models import JournalEntry, PlanActivity, PlanStep, Project, Task
from projects.models.plan import ActivityStatus
from projects.permissions import Role
from projects.services import counters, plan, task
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def manager(project):
    person = make_user(name="Lea Brunner")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


@pytest.fixture
def activity(project):
    return PlanActivity.objects.filter(project=project).order_by("position").first()


def actions(project: Project) -> list[str]:
    return list(JournalEntry.objects.filter(project=project).order_by("seq").values_list("action", flat=True))


def test_completing_dates_the_activity_counts_it_and_says_so_once(project, activity, manager):
    done = plan.move(activity=activity, name="complete", by=manager)

    project.refresh_from_db()
    step = PlanStep.objects.get(pk=activity.step_id)
    assert (done.status, done.finished_on, done.started_on) == ("done", done.finished_on, done.finished_on)
    assert (step.activity_done_count, project.activity_done_count) == (1, 1)
    assert step.progress_percent == project.progress_percent == 50
    assert actions(project) == ["activity.complete"]
    assert done.history.count() == 2
    assert counters.recount(project) == []


def test_days_are_those_of_the_organization_and_not_of_greenwich(project, activity, manager):
    project.organization.time_zone = "Pacific/Auckland"
    project.organization.save()

    with time_machine.travel(dt.datetime(2026, 3, 10, 20, 0, tzinfo=dt.UTC), tick=False):
        done = plan.move(activity=PlanActivity.objects.get(pk=activity.pk), name="complete", by=manager)

    assert done.finished_on == dt.date(2026, 3, 11)


def test_an_activity_with_open_tasks_cannot_be_completed(project, activity, manager):
    task.create(project=project, by=manager, title="Open", activity=activity)

    with pytest.raises(RuleBroken, match="1 of its tasks are open"):
        plan.move(activity=activity, name="complete", by=manager)

    assert PlanActivity.objects.get(pk=activity.pk).status == "planned"


def test_completing_twice_is_refused_and_counts_once(project, activity, manager):
    plan.move(activity=activity, name="complete", by=manager)

    with pytest.raises(RuleBroken, match="“Done” by now"):
        plan.move(activity=activity, name="complete", by=manager)

    project.refresh_from_db()
    assert project.activity_done_count == 1
    assert actions(project) == ["activity.complete"]


def test_reopening_needs_a_reason(project, activity, manager):
    plan.move(activity=activity, name="complete", by=manager)

    with pytest.raises(RuleBroken, match="Say why"):
        plan.move(activity=activity, name="reopen", by=manager, reason="  ")
    opened = plan.move(activity=activity, name="reopen", by=manager, reason="Not finished")

    assert (opened.status, opened.finished_on) == ("in_progress", None)
    project.refresh_from_db()
    assert (project.activity_done_count, project.progress_percent) == (0, 0)


def test_only_the_responsible_role_or_who_edits_the_plan_completes(project, activity, manager):
    owner = make_user()
    grant(owner, Role.PROCESS_OWNER, project)

    with pytest.raises(NotPermitted, match="Project manager"):
        plan.move(activity=activity, name="complete", by=owner)
    PlanActivity.objects.filter(pk=activity.pk).update(responsible=Role.PROCESS_OWNER)
    done = plan.move(activity=PlanActivity.objects.get(pk=activity.pk), name="complete", by=owner)

    assert done.status == ActivityStatus.DONE


def test_who_completes_activities_may_not_exclude_them(project, activity):
    owner = make_user()
    grant(owner, Role.PROCESS_OWNER, project)

    with pytest.raises(NotPermitted):
        plan.move(activity=activity, name="exclude", by=owner, reason="No")


def test_a_move_that_does_not_exist_is_refused(activity, manager):
    with pytest.raises(RuleBroken, match="no move"):
        plan.move(activity=activity, name="explode", by=manager)


def test_excluding_sets_open_tasks_aside_and_including_brings_them_back(project, activity, manager):
    kept = task.create(project=project, by=manager, title="In progress", activity=activity)
    task.move(task=kept, name="start", by=manager)
    done = task.create(project=project, by=manager, title="Done", activity=activity)
    task.move(task=done, name="complete", by=manager)
    project.refresh_from_db()
    before = (project.effort_minutes, project.task_open_count)

    excluded = plan.move(activity=activity, name="exclude", by=manager, reason="Not in the scope")

    project.refresh_from_db()
    assert (excluded.status, excluded.justification) == ("excluded", "Not in the scope")
    assert Task.objects.get(pk=kept.pk).status == "cancelled"
    assert Task.objects.get(pk=done.pk).status == "done"
    assert (project.effort_minutes, project.task_open_count, project.activity_count) == (480, 0, 1)
    assert counters.recount(project) == []

    included = plan.move(activity=activity, name="include", by=manager)

    project.refresh_from_db()
    assert (included.status, included.justification) == ("planned", "")
    assert Task.objects.get(pk=kept.pk).status == "in_progress"
    assert (project.effort_minutes, project.task_open_count) == before
    assert counters.recount(project) == []


def test_excluding_without_a_reason_is_refused_with_the_clause(activity, manager):
    with pytest.raises(RuleBroken, match=r"IMS2 step 1\.1"):
        plan.move(activity=activity, name="exclude", by=manager)


def add(step: PlanStep, by, **more) -> PlanActivity:
    given = {
        "title": "Ours", "justification": "The regulator asks for it", "responsible": Role.AUDITOR,
        "effort_days": Decimal("2.5"), "starts_on": step.starts_on, "ends_on": step.ends_on,
    }  # fmt: skip
    return plan.add_activity(step=step, by=by, **{**given, **more})


def test_an_activity_of_ones_own_gets_the_next_number_and_counts(project, activity, manager):
    added = add(activity.step, manager)

    project.refresh_from_db()
    step = PlanStep.objects.get(pk=activity.step_id)
    assert (added.number, added.position, added.source_id) == ("1.1.3", 3, None)
    assert (step.activity_count, step.effort_minutes) == (3, 960 + 1200)
    assert (project.activity_count, project.effort_minutes) == (3, 960 + 1200)
    assert actions(project) == ["activity.added"]
    assert counters.recount(project) == []


def test_an_added_activity_outside_the_dates_of_its_step_stretches_it(project, activity, manager):
    later = activity.step.ends_on + dt.timedelta(days=30)

    add(activity.step, manager, ends_on=later)

    step = PlanStep.objects.get(pk=activity.step_id)
    assert (step.ends_on, step.version) == (later, 2)
    assert "step.dates_followed" in actions(project)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"justification": "   "}, "Say why the plan needs"),
        ({"ends_on": dt.date(2020, 1, 1)}, "end before it starts"),
    ],
)
def test_an_added_activity_is_justified_and_ends_after_it_starts(project, activity, manager, more, says):
    with pytest.raises(RuleBroken, match=says):
        add(activity.step, manager, **more)

    assert PlanActivity.objects.filter(project=project).count() == 2


def test_an_excluded_step_takes_no_activity(activity, manager):
    PlanStep.objects.filter(pk=activity.step_id).update(is_applicable=False, justification="No")

    with pytest.raises(RuleBroken, match="is excluded"):
        add(PlanStep.objects.get(pk=activity.step_id), manager)


def test_editing_saves_counts_moves_the_step_and_tells_what_changed(project, activity, manager):
    later = activity.ends_on + dt.timedelta(days=14)

    saved = plan.edit(
        activity=activity, by=manager, version=1, reason="More to do",
        values={"effort_days": Decimal("3.00"), "ends_on": later, "title": activity.title},
    )  # fmt: skip

    step = PlanStep.objects.get(pk=activity.step_id)
    entry = JournalEntry.objects.get(action="activity.changed")
    assert (saved.version, saved.ends_on) == (2, later)
    assert PlanActivity.objects.get(pk=activity.pk).effort_minutes == 1440
    assert (step.ends_on, step.effort_minutes) == (later, 1920)
    assert entry.changes == {
        "effort_days": ["1.00", "3.00"], "ends_on": [activity.ends_on.isoformat(), later.isoformat()],
    }  # fmt: skip
    assert entry.reason == "More to do"
    assert counters.recount(Project.objects.get(pk=project.pk)) == []


def test_saving_what_is_already_so_writes_nothing(project, activity, manager):
    plan.edit(activity=activity, by=manager, version=1, values={"title": activity.title})

    assert PlanActivity.objects.get(pk=activity.pk).version == 1
    assert actions(project) == []


def test_of_two_editors_the_second_is_told_and_nothing_is_overwritten(project, activity, manager):
    plan.edit(activity=activity, by=manager, version=1, values={"title": "First"})

    with pytest.raises(StaleRecord) as stale:
        plan.edit(activity=activity, by=manager, version=1, values={"title": "Second"})

    assert stale.value.current.title == "First"
    assert PlanActivity.objects.get(pk=activity.pk).title == "First"


def test_an_edit_cannot_end_an_activity_before_it_starts(activity, manager):
    with pytest.raises(RuleBroken, match="end before it starts"):
        plan.edit(activity=activity, by=manager, version=1, values={"ends_on": dt.date(2020, 1, 1)})


def test_the_author_and_the_reason_stand_in_the_history(activity, manager):
    plan.edit(activity=activity, by=manager, version=1, values={"title": "New"}, reason="Because")

    record = activity.history.first()
    assert (record.history_user, record.history_change_reason, record.title) == (manager, "Because", "New")
