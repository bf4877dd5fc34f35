"""An organization's own page as a consultant opens it."""

from __future__ import annotations

import pytest

from projects.permissions import Role
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


def test_the_page_costs_a_consultant_the_same_for_one_project_and_for_many(client):
    firm, organization = make_firm("firn"), make_organization("acme")
    person = join(make_user(), firm)
    grant(firm.team, Role.CONSULTANT, organization)
    client.force_login(person)
    counts = []
    for size in (1, 9):
        for n in range(size):
            project = make_project(organization, f"ims-{size}-{n}")
            grant(make_user(), Role.STAFF, project)
        client.get("/org/acme/")
        with queries(19) as asked:
            page = client.get("/org/acme/")
        counts.append(len(asked))
    assert counts[0] == counts[1]
    assert len(page.context["lines"]) == 10
