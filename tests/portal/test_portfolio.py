"""All projects a person reads, compared with their plans."""

from __future__ import annotations

import datetime as dt

import pytest

from core import dates
from projects import progress
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
