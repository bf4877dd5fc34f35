"""A project's home, overview and settings."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pdca.models import Standard
from projects.models import JournalEntry, PlanActivity, PlanStep, Project, ProjectStandard, Task
from projects.permissions import Role
from projects.selectors import project as selectors
from projects.selectors.step import front, outline_of
from projects.services import plan, settings, task
from tests.factories.projects import full_catalogue, grant, make_activity, make_project, make_step, make_task, make_user

TODAY = dt.date(2026, 3, 9)


@pytest.fixture(autouse=True)
def _on_the_second_monday():
    with time_machine.travel(dt.datetime(2026, 3, 9, 9, 0, tzinfo=dt.UTC), tick=False):
        yield


def queries_of(client, url) -> int:
    client.get(url)
    with CaptureQueriesContext(connection) as captured:
        response = client.get(url)
    assert response.status_code == 200
    return len(captured)


def grow(project: Project, person) -> None:
    """Another step with two activities and their tasks, some late, some ahead, some done."""
    step = make_step(project)
    for _n in range(2):
        activity = make_activity(step)
        for due in (TODAY - dt.timedelta(days=5), TODAY + dt.timedelta(days=2)):
            made = task.create(project=project, by=person, title="T", activity=activity, due_on=due, assignee=person)
        task.move(task=made, name="complete", by=person)


# --- home -------------------------------------------------------------------------------------------------------------


def test_the_home_shows_where_the_project_stands(crew):
    late = task.create(
        project=crew.project, by=crew.manager, title="Late one", activity=crew.activity, due_on=dt.date(2026, 3, 4),
        assignee=crew.manager,
    )  # fmt: skip
    task.create(
        project=crew.project, by=crew.manager, title="Next one", activity=crew.activity, due_on=dt.date(2026, 3, 10)
    )
    page = crew.client("manager").get(crew.url("project-home")).content.decode()

    assert "0 of 2 done" not in page
    assert "points behind plan" in page
    assert "1 overdue" in page
    assert f"{late.label}" in page
    assert "Late one" in page
    assert "Next one" in page
    assert 'aria-label="Step 1.1 Step 1: 0 percent done, current step"' in page
    assert "added task" in page


def test_the_wheel_leads_to_every_step(crew):
    make_step(crew.project)
    page = crew.client("manager").get(crew.url("project-home")).content.decode()

    for number in ("1.1", "1.2"):
        assert f'href="{crew.url("step-detail", number=number)}"' in page


def test_staff_are_led_to_their_own_work(crew):
    response = crew.client("staff").get(crew.url("project-home"))

    assert (response.status_code, response.url) == (302, reverse("portal:my-work"))


def test_who_may_not_read_the_journal_sees_none_of_it(crew):
    task.create(project=crew.project, by=crew.manager, title="Secret", activity=crew.activity)

    page = crew.client("certifier").get(crew.url("project-home")).content.decode()

    assert "added task" not in page
    assert reverse("projects:journal", kwargs=crew.project.address) not in page


def test_an_empty_project_has_a_home_too(db):
    project = make_project()
    PlanActivity.objects.filter(project=project).update(status="excluded", justification="x", effort_minutes=0)
    PlanStep.objects.update(effort_minutes=0, activity_count=0)
    Project.objects.update(effort_minutes=0, activity_count=0)
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, project)
    from django.test import Client

    client = Client()
    client.force_login(person)
    for name in ("project-home", "project-overview", "step-list", "journal"):
        assert client.get(reverse(f"projects:{name}", kwargs=project.address)).status_code == 200


@pytest.mark.parametrize(("name", "most"), [("project-home", 15), ("project-overview", 13), ("step-list", 9)])
def test_pages_take_the_same_few_queries_however_much_there_is(crew, name, most):
    client = crew.client("manager")
    grow(crew.project, crew.manager)
    first = queries_of(client, crew.url(name))

    grow(crew.project, crew.manager)
    grow(crew.project, crew.manager)

    assert queries_of(client, crew.url(name)) == first <= most


def test_a_hundred_tasks_more_take_no_query_more(crew):
    grow(crew.project, crew.manager)
    client = crew.client("manager")
    first = queries_of(client, crew.url("project-home"))
    for n in range(100):
        make_task(crew.project, activity=crew.activity, due_on=TODAY + dt.timedelta(days=n % 9 - 4))

    assert queries_of(client, crew.url("project-home")) == first


def test_the_actual_curve_ends_with_the_stored_progress(crew):
    grow(crew.project, crew.manager)
    crew.project.refresh_from_db()

    points = selectors.curve_of(outline_of(crew.project, TODAY), selectors.zone_of(crew.project))

    now = next(p for p in points if p.on == TODAY)
    assert int(now.actual) == crew.project.progress_percent > 0
    assert all(p.actual is None for p in points if p.on > TODAY)


def test_milestones_are_the_start_the_phases_and_the_audit(crew):
    Project.objects.filter(pk=crew.project.pk).update(target_on=dt.date(2026, 6, 1))
    crew.project.refresh_from_db()

    found = selectors.milestones_of(outline_of(crew.project, TODAY))

    assert [(m.on, m.title) for m in found] == [
        (dt.date(2026, 3, 2), "Start of the project"),
        (dt.date(2026, 3, 13), "Phase “Plan” completed"),
        (dt.date(2026, 6, 1), "Certification audit"),
    ]


def test_a_plan_that_ends_after_the_audit_is_marked(crew):
    Project.objects.filter(pk=crew.project.pk).update(target_on=dt.date(2026, 3, 10))
    crew.project.refresh_from_db()

    audit = next(m for m in selectors.milestones_of(outline_of(crew.project, TODAY)) if "audit" in m.title)

    assert (audit.state.kind, audit.sub) == ("late", "the plan ends after it")


@pytest.mark.parametrize(
    ("percent", "planned", "kind", "words"),
    [(50, 54, "risk", "4 points behind plan"), (50, 60, "late", "10 points behind plan"), (50, 50, "done", "On plan"),
     (51, 50, "done", "1 point ahead of plan")],
)  # fmt: skip
def test_health_is_said_in_words(percent, planned, kind, words):
    assert selectors.health_of(percent, planned)[:2] == (kind, words)


def test_the_front_of_the_work_is_the_step_begun_last_that_is_not_done(crew):
    second = make_step(crew.project, starts_on=TODAY, ends_on=TODAY)
    make_activity(second)
    make_activity(make_step(crew.project, starts_on=TODAY + dt.timedelta(days=9), ends_on=TODAY + dt.timedelta(days=9)))

    lines = outline_of(crew.project, TODAY).steps

    assert front(lines).step.number == "1.2"
    assert front([line for line in lines if line.step.starts_on > TODAY]).step.number == "1.3"
    assert front([]) is None


# --- overview ---------------------------------------------------------------------------------------------------------


def test_the_overview_says_who_has_what_with_links_into_the_task_list(crew):
    for due, who in ((4, crew.staff), (4, crew.staff), (11, crew.staff)):
        task.create(
            project=crew.project,
            by=crew.manager,
            title="T",
            activity=crew.activity,
            due_on=dt.date(2026, 3, due),
            assignee=who,
        )
    task.create(
        project=crew.project, by=crew.manager, title="T", activity=crew.activity, assignee_role=Role.AUDITOR,
        due_on=dt.date(2026, 3, 5),
    )  # fmt: skip

    loads = selectors.loads_of(crew.project, TODAY)
    page = crew.client("manager").get(crew.url("project-overview")).content.decode()

    assert [(x.name, x.overdue, x.week, x.open) for x in loads] == [("Sina Staff", 2, 1, 3), ("Auditor", 1, 0, 1)]
    assert f"?assignee={crew.staff.pk}&amp;due=overdue" in page
    assert "role=auditor&amp;due=overdue" in page
    assert "due=overdue&amp;step=1.1" in page


def test_overdue_tasks_are_counted_by_age(crew):
    for days in (0, 1, 7, 8, 30, 31, 90, 91, 4000):
        make_task(crew.project, due_on=TODAY - dt.timedelta(days=days))

    assert [age.count for age in selectors.ages_of(crew.project, TODAY)] == [2, 2, 2, 2]


def test_the_next_seven_days_begin_today(crew):
    for days in (-1, 0, 6, 7):
        make_task(crew.project, str(days), due_on=TODAY + dt.timedelta(days=days))

    assert [line.task.title for line in selectors.tasks_of_week(crew.project, TODAY)] == ["0", "6"]
    assert selectors.pressure_on(crew.project, TODAY) == (1, 1, 2, 0)


def test_today_is_the_organizations(crew):
    crew.project.organization.time_zone = "Pacific/Kiritimati"

    with time_machine.travel(dt.datetime(2026, 3, 9, 12, 0, tzinfo=dt.UTC), tick=False):
        assert selectors.today_in(crew.project) == dt.date(2026, 3, 10)


# --- settings ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def standards(crew):
    full_catalogue()
    found = {s.slug: s for s in Standard.objects.all()}
    ProjectStandard.objects.create(project=crew.project, standard=found["iso-9001-2015"])
    return found


def form_of(project: Project, **changes) -> dict:
    return {
        "version": project.version, "name": project.name, "status": "running", "manager": "", "target_on": "",
        "headcount": "100", "working_days": ["0", "1", "2", "3", "4"], "holiday_country": "", "holiday_region": "",
        "standards": list(project.chosen_standards.values_list("standard__slug", flat=True)),
    } | changes  # fmt: skip


def test_settings_are_saved_with_a_journal_line(crew, standards):
    client = crew.client("manager")
    both = ["iso-9001-2015", "iso-27001-2022"]

    response = client.post(
        crew.url("project-settings"),
        form_of(
            crew.project, name="  New   name ", headcount="240", working_days=["0", "5"], manager=str(crew.manager.pk),
            target_on="2027-01-31", holiday_country="CH", holiday_region="ZH", standards=both,
        ),
    )  # fmt: skip

    crew.project.refresh_from_db()
    assert response.status_code == 303
    assert (crew.project.name, crew.project.headcount, crew.project.working_week) == ("New name", 240, "1000010")
    assert (crew.project.manager, crew.project.holiday_region) == (crew.manager, "ZH")
    changed, chosen = JournalEntry.objects.filter(project=crew.project).order_by("seq")
    assert changed.changes["headcount"] == [100, 240]
    assert changed.changes["manager"] == [None, "Mia Manager"]
    assert chosen.changes == {"standards": [["ISO 9001:2015"], ["ISO 9001:2015", "ISO/IEC 27001:2022"]]}
    assert crew.project.history.first().name == "New name"


def test_saving_settings_unchanged_writes_nothing(crew, standards):
    crew.client("manager").post(crew.url("project-settings"), form_of(crew.project))

    crew.project.refresh_from_db()
    assert (crew.project.version, JournalEntry.objects.count()) == (1, 0)


def test_a_superseded_standard_warns_with_the_end_of_its_transition(crew, standards):
    page = crew.client("manager").get(crew.url("project-settings")).content.decode()

    assert "ISO 9001:2015 has been superseded" in page
    assert standards["iso-9001-2015"].transition_text in page


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"standards": []}, "needs at least one standard"),
        ({"working_days": []}, "at least one working day"),
        ({"target_on": "2020-01-01"}, "before the start of the project"),
        ({"target_on": "9999-12-31"}, "a date that a project can reach"),
        ({"target_on": "no date"}, "Enter a valid date"),
        ({"headcount": "0"}, "greater than or equal to 1"),
        ({"headcount": "1e9"}, "Enter a whole number"),
        ({"name": ""}, "This field is required"),
        ({"name": "x" * 201}, "at most 200"),
        ({"name": "a\x00b"}, "Null characters"),
        ({"holiday_country": "CH", "holiday_region": "XX"}, "Select a valid choice"),
        ({"status": "odd"}, "Select a valid choice"),
        ({"standards": ["999999999999999999999"]}, "Select a valid choice"),
    ],
)
def test_wrong_settings_are_refused_by_a_sentence_and_nothing_is_saved(crew, standards, changes, says):
    response = crew.client("manager").post(crew.url("project-settings"), form_of(crew.project, **changes))

    assert response.status_code == 422
    assert says in response.content.decode()
    assert not JournalEntry.objects.exists()


def test_a_person_without_a_role_here_cannot_become_manager(crew, standards):
    response = crew.client("manager").post(
        crew.url("project-settings"), form_of(crew.project, manager=str(crew.stranger.pk))
    )

    assert response.status_code == 422
    crew.project.refresh_from_db()
    assert crew.project.manager is None


def test_of_two_who_save_settings_the_second_sees_both_texts(crew, standards):
    stale = form_of(crew.project, name="Mine", headcount="300")
    settings.change(project=crew.project, by=crew.manager, version=1, values={"name": "Theirs"})

    response = crew.client("manager").post(crew.url("project-settings"), stale)

    page = response.content.decode()
    assert response.status_code == 422
    assert "Somebody else saved this in the meantime" in page
    assert "Mine" in page
    assert "Theirs" in page
    crew.project.refresh_from_db()
    assert crew.project.name == "Theirs"
    again = crew.client("manager").post(crew.url("project-settings"), {**stale, "version": "2"})
    crew.project.refresh_from_db()
    assert (again.status_code, crew.project.name) == (303, "Mine")


@pytest.mark.parametrize(
    ("who", "status"), [("manager", 200), ("owner", 403), ("auditor", 403), ("staff", 403), ("stranger", 404)]
)
def test_settings_are_for_those_who_manage_the_project(crew, standards, who, status):
    client = crew.client(who)

    assert client.get(crew.url("project-settings")).status_code == status
    posted = client.post(crew.url("project-settings"), form_of(crew.project, name="Taken over"))
    crew.project.refresh_from_db()
    assert (posted.status_code, crew.project.name) == (
        (303, "Taken over") if status == 200 else (status, crew.project.name)
    )
    assert status == 200 or crew.project.name != "Taken over"


def test_settings_take_few_queries(crew, standards):
    assert queries_of(crew.client("manager"), crew.url("project-settings")) <= 12


def test_completing_the_last_activity_makes_the_phase_done(crew):
    for activity in PlanActivity.objects.filter(project=crew.project):
        plan.move(activity=activity, name="complete", by=crew.manager)
    crew.project.refresh_from_db()

    outline = outline_of(crew.project, TODAY)

    assert outline.phases[0].is_done
    assert outline.steps[0].state.kind == "done"
    assert outline.current is None
    assert Task.objects.count() == 0


@pytest.mark.parametrize(("role", "leads"), [(Role.CLIENT_ADMIN, True), (Role.CONSULTANT, False)])
def test_a_clients_admin_finds_the_organization_in_the_menu(crew, client, role, leads):
    person = make_user()
    grant(person, role, crew.project.organization)
    client.force_login(person)
    organization = reverse("projects:organization", args=[crew.project.organization.slug])

    page = client.get(crew.url("project-home")).content.decode()

    assert (f'href="{organization}"' in page) is leads
    assert client.get(organization).status_code == 200
