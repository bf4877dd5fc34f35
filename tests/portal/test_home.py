"""Where a person begins."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from projects.permissions import Role
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user

pytestmark = pytest.mark.django_db


def home_of(client, person) -> str:
    client.force_login(person)
    answer = client.get("/")
    return answer.get("Location", "") if answer.status_code == 302 else str(answer.status_code)


def test_a_stranger_is_sent_to_the_sign_in_page(client):
    assert client.get("/")["Location"] == "/accounts/login/"
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("role", [r for r in Role if r not in (Role.STAFF, Role.CLIENT_ADMIN)])
def test_who_reads_one_project_begins_on_its_home(client, role):
    person = make_user()
    grant(person, role, make_project(make_organization("acme"), "ims"))

    assert home_of(client, person) == "/org/acme/ims/"


def test_staff_begin_with_their_work(client):
    person = make_user()
    for _ in range(2):
        grant(person, Role.STAFF, make_project())

    assert home_of(client, person) == "/my-work/"


def test_who_reads_several_projects_begins_with_the_portfolio(client):
    person = make_user()
    for _ in range(2):
        grant(person, Role.AUDITOR, make_project())

    assert home_of(client, person) == "/portfolio/"


def test_consultants_and_client_admins_begin_with_the_portfolio_even_when_it_is_empty(client):
    consultant = join(make_user(), make_firm())
    admin = make_user()
    grant(admin, Role.CLIENT_ADMIN, make_project().organization)

    assert home_of(client, consultant) == home_of(client, admin) == "/portfolio/"
    assert "/start/" in client.get("/portfolio/").content.decode()


def test_top_management_of_an_organization_with_one_project_begins_there(client):
    person = make_user()
    project = make_project(make_organization("acme"), "ims")
    grant(person, Role.TOP_MANAGEMENT, project.organization)

    assert home_of(client, person) == "/org/acme/ims/"


def test_without_any_role_a_page_says_what_to_do(client):
    person = make_user("nina@example.org")
    grant(person, Role.AUDITOR, make_project(), expires_at=timezone.now() - dt.timedelta(days=1))
    grant(person, Role.AUDITOR, make_project(make_organization(is_active=False)))

    assert home_of(client, person) == "200"
    html = client.get("/").content.decode()
    assert "nina@example.org works, but nobody has given it a role" in html


def test_the_navigation_offers_what_the_roles_open(client):
    staff, consultant = make_user(), join(make_user(), make_firm())
    grant(staff, Role.STAFF, make_project())
    client.force_login(staff)
    html = client.get("/my-work/").content.decode()
    assert 'href="/portfolio/"' not in html and 'href="/start/"' not in html
    client.force_login(consultant)
    html = client.get("/my-work/").content.decode()
    assert 'href="/portfolio/"' in html and 'href="/start/"' in html


def test_the_switcher_holds_the_own_projects_and_is_there_for_who_reads_several(client):
    firm = make_firm()
    consultant, reader = join(make_user(), firm), make_user()
    mine = make_project(make_organization("acme", name="Acme"), "ims")
    grant(firm.team, Role.CONSULTANT, mine.organization)
    grant(reader, Role.AUDITOR, mine)
    make_project(make_organization("canary", name="Canary"))
    client.force_login(consultant)
    html = client.get("/my-work/").content.decode()
    assert 'href="/org/acme/ims/"' in html and "Canary" not in html
    client.force_login(reader)
    assert 'href="/org/acme/ims/"' not in client.get("/my-work/").content.decode()
