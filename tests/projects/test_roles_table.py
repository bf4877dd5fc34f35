"""The page that says what each role may do: the table itself, not a copy of it."""

from __future__ import annotations

import pytest

from projects.permissions import MAY, Perm, Role
from projects.selectors.team import role_table
from tests.factories.projects import grant, make_organization, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_every_member_reads_the_table_with_the_own_role_marked(client, role):
    project = make_project(make_organization("acme"), "ims")
    person = make_user()
    grant(person, role, project.organization if role == Role.CLIENT_ADMIN else project)
    client.force_login(person)

    page = client.get("/org/acme/ims/roles/")

    assert page.status_code == 200
    assert [marked for marked, is_mine in page.context["roles"] if is_mine] == [role]
    html = page.content.decode()
    for perm in Perm:
        assert str(perm.label).replace("'", "&#x27;") in html


def test_the_table_is_the_one_that_decides():
    shown = {(row.perm, role) for row in role_table() for role, may in row.cells if may}

    assert shown == {(perm, role) for role, perms in MAY.items() for perm in perms}


def test_the_table_costs_few_queries(client):
    project = make_project(make_organization("acme"), "ims")
    person = make_user()
    grant(person, Role.STAFF, project)
    client.force_login(person)
    client.get("/org/acme/ims/roles/")
    with queries(8):
        client.get("/org/acme/ims/roles/")
