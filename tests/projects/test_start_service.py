"""From the method to a plan of one's own."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.dates import WorkingCalendar
from core.rules import RuleBroken
from pdca.models import Standard, SuggestedTask
from projects.models import JournalEntry, PlanActivity, PlanPhase, PlanStep, Project, StepDependency, StepRound, Task
from projects.services import counters, start
from tests.factories.accounts import make_client_organization, make_person
from tests.factories.projects import full_catalogue, make_full_project


def test_a_project_has_the_whole_method_with_dates_and_roles(db):
    project = make_full_project(name="IMS", slug="ims", holiday_country="CH", holiday_region="ZH")

    steps = list(PlanStep.objects.filter(project=project))
    activities = list(PlanActivity.objects.filter(project=project).select_related("step"))
    tasks = list(Task.objects.filter(project=project).select_related("activity"))
    assert (PlanPhase.objects.filter(project=project).count(), len(steps), len(activities), len(tasks)) == (
        4,
        20,
        101,
        328,
    )
    assert StepDependency.objects.filter(project=project).count() == 29
    assert StepRound.objects.filter(project=project).count() == sum(step.is_iterative for step in steps)
    assert all(a.step.starts_on <= a.starts_on <= a.ends_on <= a.step.ends_on for a in activities)
    assert all(t.activity.starts_on <= t.due_on <= t.activity.ends_on for t in tasks)
    assert all(t.assignee_role == t.activity.responsible for t in tasks)
    calendar = WorkingCalendar(country="CH", region="ZH")
    assert all(calendar.is_working(t.due_on) for t in tasks)
    assert sorted(t.number for t in tasks) == list(range(1, 329))
    assert counters.recount(project) == []


def test_steps_start_after_all_that_they_wait_for(db):
    project = make_full_project()

    for link in StepDependency.objects.filter(project=project).select_related("step", "predecessor"):
        assert link.step.starts_on > link.predecessor.ends_on


def test_one_entry_says_what_was_started(db):
    project = make_full_project()

    entry = JournalEntry.objects.get(project=project)
    assert entry.action == "project.started"
    assert (entry.changes["steps"], entry.changes["activities"], entry.changes["tasks"]) == (20, 101, 328)
    assert len(entry.changes["standards"]) == 2


def test_every_row_has_its_first_history_with_author_and_reason(db):
    person = make_person()

    project = make_full_project(by=person)

    for model, count in ((PlanStep, 20), (PlanActivity, 101), (Task, 328), (Project, 1)):
        records = list(model.history.filter(**({"id": project.pk} if model is Project else {"project_id": project.pk})))
        assert len(records) == count
        assert {r.history_user_id for r in records} == {person.pk}
        assert {r.history_change_reason for r in records} == {"Project started"}


@pytest.mark.parametrize(("with_tasks", "expected"), [(True, 328), (False, 0), ("some", 3)])
def test_suggested_tasks_are_all_taken_or_none_or_those_chosen(db, with_tasks, expected):
    full_catalogue()
    chosen = list(SuggestedTask.objects.values_list("pk", flat=True)[:3]) if with_tasks == "some" else with_tasks

    project = make_full_project(with_tasks=chosen)

    assert Task.objects.filter(project=project).count() == expected
    project.refresh_from_db()
    assert (project.task_count, project.last_task_number) == (expected, expected)
    assert counters.recount(project) == []


def queries_of(**more) -> int:
    full_catalogue()
    organization, person = make_client_organization(), make_person()
    with CaptureQueriesContext(connection) as captured:
        make_full_project(organization, by=person, **more)
    return sum(not q["sql"].startswith(("SAVEPOINT", "RELEASE")) for q in captured.captured_queries)


# Three of them ask for the arguments. SQLite takes at most 999 values in one statement, so it needs several for the rows.
MOST_QUERIES = 30 if connection.vendor == "postgresql" else 45


def test_starting_takes_a_bounded_number_of_queries(db):
    assert queries_of() <= MOST_QUERIES


def test_a_second_project_in_a_longer_journal_takes_no_more_queries(db):
    first = queries_of()
    make_full_project()

    assert queries_of() == first


def test_a_name_in_use_is_refused_and_nothing_is_left(db):
    project = make_full_project(slug="ims")

    with pytest.raises(RuleBroken, match="already has a project"):
        make_full_project(project.organization, slug="ims")

    assert Project.objects.count() == 1
    assert PlanActivity.objects.count() == 101


def test_a_project_without_a_standard_is_refused(db):
    catalogue = full_catalogue()

    with pytest.raises(RuleBroken, match="at least one standard"):
        start.start(
            organization=make_client_organization(), by=make_person(), name="X", slug="x", catalogue=catalogue,
            standards=[], start_on=dt.date(2026, 3, 2),
        )  # fmt: skip


@pytest.mark.parametrize("slug", ["people", "settings"])
def test_words_of_addresses_are_refused_as_short_names(db, slug):
    catalogue = full_catalogue()

    with pytest.raises(RuleBroken, match="word that addresses use"):
        start.start(
            organization=make_client_organization(), by=make_person(), name="X", slug=slug, catalogue=catalogue,
            standards=list(Standard.objects.all()[:1]), start_on=dt.date(2026, 3, 2),
        )  # fmt: skip
