"""All projects a person reads, compared with their plans."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

import openpyxl
import pytest
from django.urls import reverse

from accounts.models import User
from core import dates
from projects import awaiting, progress
from projects.addresses import address
from projects.models import PlanActivity, Project
from projects.permissions import Role
from projects.selectors import organization as side_by_side
from projects.services import plan
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


def heads_of(answer) -> list[str]:
    return next(openpyxl.load_workbook(BytesIO(answer.content)).active.values)


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
    (row,) = rows_of(answer)
    told = dict(zip(heads_of(answer), row, strict=True))
    assert (told["Client"], told["Project"]) == ("Alpha", '=HYPERLINK("http://evil.example","x")')
    assert (told["Done"], told["Planned"], told["Points behind plan"], told["Audit"].date()) == (0.1, 1, 90, TODAY)
    assert [told[name] for name in told if "days" in name or name == "Overdue tasks"] == [1, 1, 0, 0]
    assert told["Next to finish"].startswith("1.1 ")
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


# --- the Monday's columns ---------------------------------------------------------------------------------------------


def line_of(page, name: str):
    return next(line for line in page.context["portfolio"].lines if line.project.organization.name == name)


def test_what_is_overdue_stands_by_age_in_calendar_days(client, firm, consultant):
    project = add_client(firm, "Late")
    for days in (0, 1, 7, 8, 21, 22, 400):
        make_task(project, due_on=TODAY - dt.timedelta(days=days))
    make_task(project, due_on=TODAY - dt.timedelta(days=9), status="done")
    make_task(project)

    page = client.get("/portfolio/")

    line = line_of(page, "Late")
    assert (tuple(line.ages), line.overdue) == ((2, 2, 2), 6)
    assert (page.context["portfolio"].figures.overdue, page.context["portfolio"].figures.longest) == (6, 2)
    assert "2 · 2 · 2" in page.content.decode()


def test_the_forecast_stands_beside_the_audit_and_filters(client, firm, consultant):
    add_client(firm, "Slow", days=27, effort_minutes_done=480, target_on=TODAY - dt.timedelta(days=15))
    add_client(firm, "Quick", days=1, effort_minutes_done=480, target_on=TODAY + dt.timedelta(days=60))
    add_client(firm, "Stuck", days=60, target_on=TODAY + dt.timedelta(days=5))
    add_client(firm, "Done", days=60, effort_minutes_done=960, target_on=TODAY - dt.timedelta(days=5))
    add_client(firm, "Open end", days=20, effort_minutes_done=480)

    page = client.get("/portfolio/")

    assert (line_of(page, "Slow").forecast.words, line_of(page, "Slow").forecast.kind) == ("3 weeks late", "late")
    assert (line_of(page, "Quick").forecast.words, line_of(page, "Quick").forecast.kind) == ("in time", "done")
    assert (line_of(page, "Stuck").forecast.ends_on, line_of(page, "Stuck").forecast.words) == (None, "no end in sight")
    assert line_of(page, "Done").forecast is None
    assert line_of(page, "Open end").forecast.words == ""
    assert page.context["portfolio"].figures.late == 2
    assert sorted(names(client.get("/portfolio/?state=late"))) == ["Slow", "Stuck"]
    assert names(client.get("/portfolio/?sort=-forecast"))[:2] == ["Stuck", "Slow"]


def test_it_filters_and_groups_by_the_consultant_in_charge(client, firm, consultant):
    other = join(make_user(name="Zoe Other"), firm)
    User.objects.filter(pk=consultant.pk).update(name="Anna First")
    add_client(firm, "Alpha", consultant=other)
    add_client(firm, "Beta", consultant=consultant)
    add_client(firm, "Gamma")

    page = client.get("/portfolio/?group=consultant&sort=client")

    assert names(page) == ["Beta", "Alpha", "Gamma"]
    assert [who.name if who else None for who, _lines in page.context["portfolio"].groups] == [
        "Anna First",
        "Zoe Other",
        None,
    ]
    assert names(client.get(f"/portfolio/?consultant={other.pk}")) == ["Alpha"]
    assert names(client.get("/portfolio/?consultant=none")) == ["Gamma"]
    assert names(client.get(f"/portfolio/?consultant={10**18}")) == []
    for strange in ("consultant=x", "consultant=²", "group=x", "sort=--client"):
        assert len(names(client.get(f"/portfolio/?{strange}"))) == 3, strange


def test_days_are_for_those_who_manage_the_project(client, firm, consultant):
    project = add_client(firm, "Alpha", days_sold=40, days_used="42.50")
    auditor = make_user()
    grant(auditor, Role.AUDITOR, project)
    grant(auditor, Role.AUDITOR, make_project(make_organization("second")))

    page = client.get("/portfolio/")
    days = line_of(page, "Alpha").days
    assert (days.words, days.percent, days.is_over) == ("42.5 of 40", 106, True)
    assert "42.5 of 40" in page.content.decode()

    client.force_login(auditor)
    page = client.get("/portfolio/")
    assert line_of(page, "Alpha").days is None
    assert "42.5" not in page.content.decode() and "Days used" not in page.content.decode()
    told = rows_of(client.get("/portfolio/export.xlsx"))
    assert not [cell for row in told for cell in row if cell in (40, 42.5)]


def test_decisions_awaited_have_a_column_once_an_app_knows_of_them(client, firm, consultant, monkeypatch):
    project = add_client(firm, "Alpha")
    add_client(firm, "Beta")
    asked = []
    monkeypatch.setattr(awaiting, "_answers", [])
    assert "Decisions awaited" not in client.get("/portfolio/").content.decode()

    def answer(projects):
        asked.append(sorted(projects))
        wait = awaiting.Awaited("Information security policy", "Claudia Wyss", "/org/alpha/", TODAY)
        return {project.pk: [wait]}

    awaiting.hang(answer)
    text = client.get("/portfolio/").content.decode()

    assert "Decisions awaited" in text and "Information security policy" in text and "Claudia Wyss" in text
    assert len(asked) == 1 and len(asked[0]) == 2
    heads = heads_of(client.get("/portfolio/export.xlsx"))
    assert "Decisions awaited" in heads


def test_the_wheel_in_small_says_its_phases_in_words(client, firm, consultant):
    project = add_client(firm, "Alpha")
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    plan.move(activity=project.planactivitys.order_by("number")[0], name="complete", by=manager)

    text = client.get("/portfolio/").content.decode()

    assert 'aria-label="Plan 50 %"' in text


def test_the_print_has_every_row_and_no_stranger(client, firm, consultant):
    for n in range(53):
        add_client(firm, f"Client-{n:02d}")
    make_project(make_organization("canary", name="Canary"))

    text = client.get("/portfolio/print/?sort=client").content.decode()

    assert text.count('<th scope="row">') == 53 and "Canary" not in text
    assert len(names(client.get("/portfolio/"))) == 50
    assert client.post("/portfolio/print/").status_code == 405
