"""A person's own work over all projects, and nobody else's."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.utils import timezone

from core import dates
from portal.selectors import work
from projects.models import JournalEntry, Project, ProjectUserGrant, Task, TaskComment
from projects.permissions import Role
from projects.services import task as tasks
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_task, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project(make_organization("acme", name="Acme"), "ims")


@pytest.fixture
def staff(project, client):
    person = make_user(name="Stu Staff")
    grant(person, Role.STAFF, project)
    client.force_login(person)
    return person


@pytest.fixture
def today(staff):
    return dates.today(staff.time_zone)


def groups_of(page) -> dict[str, list[str]]:
    return {group.title: [task.title for task in group.tasks] for group in page.context["work"].groups}


def test_work_is_grouped_by_when_it_is_due(client, project, staff, today):
    for title, days, more in [
        ("late", -1, {}),
        ("now", 0, {}),
        ("six days", 6, {}),
        ("seven days", 7, {}),
        ("stuck", -3, {"status": "blocked", "blocked_reason": "Waits for steel"}),
        ("done", -2, {"status": "done", "completed_at": timezone.now()}),
    ]:
        make_task(project, title, assignee=staff, due_on=today + dt.timedelta(days=days), **more)
    make_task(project, "some day", assignee=staff)

    page = client.get("/my-work/")

    assert groups_of(page) == {
        "Overdue": ["late"],
        "Today": ["now"],
        "Next seven days": ["six days"],
        "Later": ["seven days"],
        "Without a date": ["some day"],
        "Blocked: waiting for something": ["stuck"],
    }
    assert "Waits for steel" in page.content.decode()


def test_nobody_elses_work_is_shown(client, project, staff):
    other, foreign = make_user(), make_project()
    grant(other, Role.STAFF, project)
    make_task(project, "Canary of a colleague", assignee=other)
    make_task(project, "Canary of another role", assignee_role=Role.HR)
    make_task(foreign, "Canary of another tenant", assignee=staff)  # without a role there any more
    make_task(foreign, "Canary role of another tenant", assignee_role=Role.STAFF)
    closed = make_project(status="closed")
    grant(staff, Role.STAFF, closed)
    make_task(closed, "Canary of a closed project", assignee=staff)

    for address in ("/my-work/", "/my-work/?tab=role", "/my-work/?tab=mentions"):
        assert "Canary" not in client.get(address).content.decode()


def test_an_ended_role_takes_the_work_away_at_the_next_request(client, project, staff):
    make_task(project, "Weigh the steel", assignee=staff)
    assert "Weigh the steel" in client.get("/my-work/").content.decode()
    ProjectUserGrant.objects.filter(user=staff).delete()

    assert "Weigh the steel" not in client.get("/my-work/").content.decode()


def test_a_task_is_completed_with_one_press_and_one_is_back(client, project, staff):
    task = tasks.create(project=project, by=make_user(), title="Weigh the steel", assignee=staff)
    html = client.get("/my-work/").content.decode()
    address = f"/org/acme/ims/tasks/{task.label}/move/complete/"
    assert f'action="{address}"' in html and "Done<span" in html

    answer = client.post(address, {"next": "/my-work/"})

    assert (answer.status_code, answer["Location"]) == (303, "/my-work/")
    task.refresh_from_db()
    assert task.status == "done"
    assert "All done" in client.get("/my-work/").content.decode()


def test_work_of_a_role_is_taken_by_who_is_first(client, project, staff):
    task = make_task(project, "Count the valves", assignee_role=Role.STAFF)
    colleague = make_user(name="Cleo Colleague")
    grant(colleague, Role.STAFF, project)
    page = client.get("/my-work/?tab=role")
    assert "Count the valves" in page.content.decode() and page.context["role_count"] == 1
    address = f"/org/acme/ims/tasks/{task.label}/take/"

    answer = client.post(address, {"next": "/my-work/?tab=role"})
    assert (answer.status_code, answer["Location"]) == (303, "/my-work/?tab=role")
    task.refresh_from_db()
    assert task.assignee == staff
    assert JournalEntry.objects.get(action="task.changed").changes == {"assignee": [None, "Stu Staff"]}

    client.force_login(colleague)
    said = client.post(address, {"next": "/my-work/"}, follow=True)
    assert "Stu Staff has taken" in said.content.decode()
    task.refresh_from_db()
    assert task.assignee == staff


def test_taking_asks_for_the_role_the_project_and_a_post(client, project, staff):
    task = make_task(project, "For HR", assignee_role=Role.HR)
    address = f"/org/acme/ims/tasks/{task.label}/take/"
    assert client.post(address).status_code == 404
    assert client.get(address).status_code == 405
    assert client.post("/org/acme/ims/tasks/T-999/take/").status_code == 404
    assert client.post("/org/acme/ims/tasks/nonsense/take/").status_code == 404
    reader = make_user()
    grant(reader, Role.AUDITOR, project)
    client.force_login(reader)
    assert client.post(address).status_code == 403
    client.force_login(make_user())
    assert client.post(address).status_code == 404
    client.force_login(staff)
    mine = make_task(project, assignee_role=Role.STAFF)
    answer = client.post(f"/org/acme/ims/tasks/{mine.label}/take/", {"next": "https://evil.example/"})
    assert answer["Location"] == f"/org/acme/ims/tasks/{mine.label}/"
    task.refresh_from_db()
    assert task.assignee is None


def test_mentions_are_listed_where_the_task_may_be_opened(client, project):
    reader, author = make_user(name="Rita Reader"), make_user()
    grant(reader, Role.AUDITOR, project)
    for where in (project, make_project()):
        comment = TaskComment.objects.create(
            organization=where.organization, project=where, task=make_task(where, f"In {where.slug}"), author=author,
            text="@Rita Reader <b>look</b>",
        )  # fmt: skip
        comment.mentions.add(reader)
    client.force_login(reader)

    html = client.get("/my-work/?tab=mentions").content.decode()

    assert "In ims" in html and "&lt;b&gt;look" in html
    assert html.count("@Rita Reader") == 1


@pytest.mark.parametrize("query", ["?tab=<script>", "?page=99", "?page=x", "?tab=role&page=-1", "?tab=%00"])
def test_a_strange_query_shows_a_page(client, staff, project, query):
    make_task(project, assignee=staff)
    assert client.get(f"/my-work/{query}").status_code == 200


def test_fifty_stand_on_a_page_and_the_headings_count_all(client, project, staff, today):
    first = make_task(project, assignee=staff, due_on=today)
    Task.objects.bulk_create(
        [
            Task(organization_id=first.organization_id, project=project, number=n, title=f"Task {n}", assignee=staff,
                 due_on=today)
            for n in range(2, 61)
        ]
    )  # fmt: skip
    page = client.get("/my-work/")
    assert [(group.title, group.total, len(group.tasks)) for group in page.context["work"].groups] == [
        ("Today", 60, 50)
    ]
    assert [len(g.tasks) for g in client.get("/my-work/?page=2").context["work"].groups] == [10]


def test_the_page_costs_the_same_for_one_task_and_for_many_and_no_more_for_staff(client, project, staff, today):
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    counts = []
    for size in (1, 40):
        for _ in range(size):
            make_task(project, assignee=staff, due_on=today)
            make_task(project, assignee=manager, due_on=today)
            make_task(project, assignee_role=Role.STAFF, due_on=today)
        for person in (staff, manager):
            client.force_login(person)
            client.get("/my-work/")
            with queries(10) as asked:
                client.get("/my-work/")
            counts.append(len(asked))
    # Staff are led from here to what is published to them: one query more, and within the same ten.
    assert counts[:2] == counts[2:] and counts[0] <= counts[1] + 1
    assert Project.objects.count() == 1


def test_the_bottom_bar_of_who_only_has_tasks_holds_their_work_and_what_they_are_told(client, project, staff):
    assert [entry.key for entry in client.get("/my-work/").context["nav"].phone] == ["my-work", "inbox"]
    reader = make_user()
    grant(reader, Role.AUDITOR, project)
    client.force_login(reader)
    bar = [entry.key for entry in client.get("/my-work/").context["nav"].phone]
    # Decisions come first: an auditor signs the reports they lead.
    assert bar[:2] == ["decisions", "my-work"] and "method" in bar


def test_a_consultants_work_of_the_role_comes_from_every_client_and_ends_with_the_project(client, today):
    firm = make_firm("firn")
    person = join(make_user(), firm)
    client.force_login(person)
    for n in range(3):
        client_project = make_project(make_organization(f"client-{n}"), status="closed" if n == 2 else "running")
        grant(firm.team, Role.CONSULTANT, client_project.organization)
        make_task(client_project, f"Of client {n}", assignee_role=Role.CONSULTANT, due_on=today - dt.timedelta(days=n))
        make_task(client_project, f"Staff {n}", assignee_role=Role.STAFF)
    page = client.get("/my-work/?tab=role")
    assert groups_of(page) == {"Overdue": ["Of client 1"], "Today": ["Of client 0"]}


def test_a_tab_counts_no_further_than_a_hundred(client, project, staff):
    first = make_task(project, assignee_role=Role.STAFF)
    Task.objects.bulk_create(
        Task(organization_id=first.organization_id, project=project, number=n, title=f"T {n}", assignee_role=Role.STAFF)
        for n in range(2, 120)
    )
    page = client.get("/my-work/")
    assert page.context["role_count"] == 100 and "100+" in page.content.decode()
    assert client.get("/my-work/?tab=role").context["role_count"] == 119


def test_tasks_of_a_role_are_found_by_the_index_of_the_role_alone(staff, project):
    """In thousands of tasks without a person SQLite and PostgreSQL must not read each one."""
    first = make_task(project, assignee_role=Role.STAFF)
    Task.objects.bulk_create(
        Task(organization_id=first.organization_id, project=project, number=n, title="T", assignee_role=Role.HR)
        for n in range(2, 3000)
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    rows = work.by_role(work.Reach(staff, {Role.STAFF: list(range(project.pk, project.pk + 200))}))
    plan = rows.order_by().values_list("pk").explain()
    assert "task_of_role" in plan or connection.vendor == "postgresql", plan
    assert "task_assigned" not in plan and "task_mine" not in plan, plan
