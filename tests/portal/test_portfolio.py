"""All projects a person reads, compared with their plans."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from core import dates
from projects import progress
from projects.addresses import address
from projects.models import PlanActivity, Project
from projects.permissions import Role
from projects.selectors import organization as side_by_side
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_task, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
TODAY = dates.today("Europe/Zurich")


@pytest.fixture
def firm():
    return make_firm("firn")


@pytest.fixture
def consultant(firm, client):
    person = join(make_user(), firm)
    client.force_login(person)
    return person


def add_client(firm, name: str, *, days: int = 30, **fields) -> Project:
    """A client whose ten-day project started `days` ago."""
    project = make_project(make_organization(name.lower(), name=name), "ims", start_on=TODAY - dt.timedelta(days=days))
    Project.objects.filter(pk=project.pk).update(**fields)
    grant(firm.team, Role.CONSULTANT, project.organization)
    return project


def names(page) -> list[str]:
    return [line.project.organization.name for line in page.context["portfolio"].lines]


def test_each_client_stands_with_progress_plan_and_what_is_late(client, firm, consultant):
    late = add_client(firm, "Late", effort_minutes_done=96)
    add_client(firm, "Fresh", days=-1)
    make_task(late, due_on=TODAY - dt.timedelta(days=1))
    make_task(late, due_on=TODAY - dt.timedelta(days=1), status="done")
    make_task(late, due_on=TODAY)

    page = client.get("/portfolio/")

    lines = {line.project.organization.name: line for line in page.context["portfolio"].lines}
    assert names(page) == ["Late", "Fresh"]
    assert (lines["Late"].percent, lines["Late"].planned, lines["Late"].overdue) == (10, 100, 1)
    assert (lines["Late"].kind, lines["Late"].words) == ("late", "90 points behind plan")
    assert (lines["Fresh"].percent, lines["Fresh"].planned, lines["Fresh"].words) == (0, 0, "On plan")
    assert lines["Fresh"].next_step.number == "1.1"
    figures = page.context["portfolio"].figures
    assert (figures.projects, figures.behind, figures.overdue) == (2, 1, 1)


def test_the_planned_share_is_the_same_as_on_the_projects_own_pages(client, firm, consultant):
    for days in range(-2, 15):
        project = add_client(firm, f"Day-{days}", days=days)
        PlanActivity.objects.filter(project=project, number="1.1.2").update(effort_minutes=77)
        rows = PlanActivity.objects.filter(project=project).values_list("starts_on", "ends_on", "effort_minutes")
        total = sum(minutes for _starts, _ends, minutes in rows)
        Project.objects.filter(pk=project.pk).update(effort_minutes=total, effort_minutes_done=total // 3)
        project.refresh_from_db()

        found = side_by_side.planned_percents([project], TODAY)

        assert found == {project.pk: progress.planned_percent(rows, TODAY)}
        outline = client.get(project.get_absolute_url()).context["outline"]
        (line,) = client.get("/portfolio/", {"q": f"day-{days}", "sort": "client"}).context["portfolio"].lines[:1]
        assert (line.percent, line.planned) == (outline.project.progress_percent, outline.planned)


def test_other_tenants_and_tasks_only_roles_stay_out(client, firm, consultant):
    add_client(firm, "Mine")
    make_project(make_organization("canary", name="Canary"))
    only_staff = make_project(make_organization("canary-two", name="Canary two"))
    grant(consultant, Role.STAFF, only_staff)

    page = client.get("/portfolio/")

    assert names(page) == ["Mine"]
    assert "Canary" not in page.content.decode()


def test_filters_and_order_live_in_the_address(client, firm, consultant):
    add_client(firm, "Alpha", effort_minutes_done=960)
    beta = add_client(firm, "Beta")
    add_client(firm, "Gamma", days=-5, status="closed")
    make_task(beta, due_on=TODAY - dt.timedelta(days=3))

    assert names(client.get("/portfolio/?sort=client")) == ["Alpha", "Beta"]
    assert names(client.get("/portfolio/?sort=-client")) == ["Beta", "Alpha"]
    assert names(client.get("/portfolio/?sort=-progress")) == ["Alpha", "Beta"]
    assert names(client.get("/portfolio/?state=overdue")) == ["Beta"]
    assert names(client.get("/portfolio/?state=behind")) == ["Beta"]
    assert names(client.get("/portfolio/?state=closed")) == ["Gamma"]
    assert names(client.get("/portfolio/?q=ALPH")) == ["Alpha"]
    assert "No project fits" in client.get("/portfolio/?q=nothing").content.decode()
    for strange in ("?q=%00", "?sort=password", "?page=x", "?state='", "?q=<script>alert(1)</script>"):
        answer = client.get(f"/portfolio/{strange}")
        assert answer.status_code == 200 and "<script>alert" not in answer.content.decode()
    assert client.post("/portfolio/").status_code == 405


def test_without_a_project_it_offers_the_first_step(client, consultant):
    assert 'href="/start/"' in client.get("/portfolio/").content.decode()
    person = make_user()
    grant(person, Role.STAFF, make_project())
    client.force_login(person)
    html = client.get("/portfolio/").content.decode()
    assert "No project yet" in html and 'href="/start/"' not in html


def test_the_page_costs_the_same_for_one_project_and_for_many(client, firm, consultant):
    counts = []
    add_client(firm, "First")
    for size in (0, 12):
        for n in range(size):
            project = add_client(firm, f"More-{n}")
            make_task(project, due_on=TODAY - dt.timedelta(days=1))
        client.get("/portfolio/")
        with queries(8) as asked:
            client.get("/portfolio/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def rows_of(answer) -> list[tuple]:
    sheet = openpyxl.load_workbook(BytesIO(answer.content)).active
    assert not [cell for row in sheet for cell in row if cell.data_type == "f"], "no formula"
    return list(sheet.values)[1:]


def test_the_workbook_holds_what_the_filters_leave_and_no_formula(client, firm, consultant):
    late = add_client(firm, "Alpha", effort_minutes_done=96)
    Project.objects.filter(pk=late.pk).update(name='=HYPERLINK("http://evil.example","x")', target_on=TODAY)
    make_task(late, due_on=TODAY - dt.timedelta(days=1))
    add_client(firm, "Beta")
    make_project(make_organization("canary", name="Canary"))
    page = client.get("/portfolio/?q=alpha&sort=client")
    assert 'href="/portfolio/export.xlsx?q=alpha&amp;sort=client"' in page.content.decode()

    answer = client.get("/portfolio/export.xlsx?q=alpha&sort=client")

    assert answer["Content-Disposition"] == f'attachment; filename="portfolio-{TODAY:%Y-%m-%d}.xlsx"'
    ((name, project, _state, done, planned, behind, overdue, step, _ends, audit, *_last),) = rows_of(answer)
    assert (name, project) == ("Alpha", '=HYPERLINK("http://evil.example","x")')
    assert (done, planned, behind, overdue, audit.date()) == (0.1, 1, 90, 1, TODAY)
    assert step.startswith("1.1 ")
    assert [row[0] for row in rows_of(client.get("/portfolio/export.xlsx?sort=-client"))] == ["Beta", "Alpha"]
    assert client.post("/portfolio/export.xlsx").status_code == 405
    client.logout()
    assert client.get("/portfolio/export.xlsx").status_code == 302


def test_the_workbook_costs_the_same_for_one_project_and_for_many(client, firm, consultant):
    add_client(firm, "First")
    counts = []
    for size in (0, 12):
        for n in range(size):
            add_client(firm, f"More-{n}")
        with queries(9) as asked:
            client.get("/portfolio/export.xlsx")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_addresses_made_by_the_hundred_are_those_of_the_urlconf():
    where = {"org": "acme-2", "project": "ims"}
    assert address("projects:project-home", **where) == reverse("projects:project-home", kwargs=where)
    task = {**where, "number": "T-012", "move": "complete"}
    assert address("projects:task-move", **task) == reverse("projects:task-move", kwargs=task)
