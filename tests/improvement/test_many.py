"""Every page of nonconformities and proposals costs as many queries with 2,000 of them as with a few dozen."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from improvement.models import Nonconformity
from projects.permissions import Role
from tests.factories.audits import make_standard
from tests.factories.many import make_nonconformities, make_proposals
from tests.factories.projects import grant, make_project, make_task, make_user
from tests.helpers.budget import counted

pytestmark = pytest.mark.django_db
FEW, MANY = 60, 2_000
BUDGET = {
    "nonconformity-list": 11,
    "nonconformity-list?asks=overdue": 11,
    "nonconformity-list?state=all&sort=due": 11,
    "nonconformity-list?state=closed&sort=-process&page=2": 12,
    "nonconformity-list?q=department&owner=me&clause=x": 12,
    "statistics": 15,
    "statistics?source=complaint": 15,
    "grades": 8,
    "nonconformity-report": 8,
    "export?grade=major&source=incident": 16,
    "nonconformity-detail": 20,
    "nonconformity-detail?like=records": 20,
    "nonconformity-edit": 13,
    "import-begin": 6,
    "proposal-list": 10,
    "proposal-list?state=all&sort=title": 10,
    "proposal-detail": 12,
    "proposal-edit": 10,
    "proposal-export?state=all": 10,
}


def places_of(project, count: int) -> dict[str, int]:
    """What the pages of a project with so many of them cost its manager."""
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    make_standard("iso-test-1", project)
    for _n in range(3):
        make_task(project)
    make_nonconformities(project, person, count)
    make_proposals(project, person, count // 5)
    newest = Nonconformity.objects.filter(project=project, status="planned").order_by("-number").first()
    found = {}
    for asked in BUDGET:
        name, mark, query = asked.partition("?")
        number = (
            {"number": newest.label} if name.startswith("nonconformity-") and name.endswith(("detail", "edit")) else {}
        )
        if name in ("proposal-detail", "proposal-edit"):
            number = {"number": "IP-001"}
        found[asked] = reverse(f"improvement:{name}", kwargs={**project.address, **number}) + mark + query
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return counted(client, found)


def test_every_page_takes_as_many_queries_for_two_thousand_as_for_sixty():
    few = places_of(make_project(), FEW)
    many = places_of(make_project(), MANY)

    assert many == few
    assert {name: count for name, count in many.items() if count > BUDGET[name]} == {}
