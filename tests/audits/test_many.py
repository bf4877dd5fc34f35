"""Every page of programmes, audits, checklists and findings costs as many queries with 300 audits as with thirty."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from projects.permissions import Role
from tests.factories.audits import make_standard
from tests.factories.many import make_audits
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import counted

pytestmark = pytest.mark.django_db
FEW, MANY = 30, 300
BUDGET = {
    "programme-list": 8,
    "programme-detail": 12,
    "programme-edit": 8,
    "line-add": 14,
    "coverage": 18,
    "coverage?standard=iso-test-1": 18,
    "audit-list": 13,
    "audit-list?state=all": 13,
    "audit-list?state=all&sort=title&page=2": 13,
    "audit-export?state=all": 10,
    "audit-create": 12,
    "audit-detail": 20,
    "audit-edit": 20,
    "audit-team": 31,  # with the same eighteen
    "audit-agenda": 10,
    "session-add": 16,
    "audit-access": 10,
    "audit-evidence": 20,
    "checklist": 15,
    "checklist-prepare": 15,
    "earlier": 12,
    # The team's independence is worked out anew from eighteen registers, its facts and its page from as many rows.
    "report": 48,
    "report-edit": 48,
    "finding-new": 15,
    "finding-list": 12,
    "finding-list?state=all&sort=grade": 12,
    "finding-export?state=all": 9,
    "finding-detail": 15,
    "finding-edit": 15,
    "import-begin": 8,
}
FREE = (
    "programme-list",
    "coverage",
    "audit-list",
    "audit-export",
    "audit-create",
    "finding-list",
    "finding-export",
    "import-begin",
)


def places_of(project, count: int) -> dict[str, int]:
    """What the pages of a project with so many audits cost its lead auditor."""
    person, lead = make_user(name="Mia Manager"), make_user(name="Leo Lead")
    grant(person, Role.PROJECT_MANAGER, project)
    grant(lead, Role.AUDITOR, project)
    audits, programme = make_audits(project, person, lead, [make_standard("iso-test-1", project)], count)
    found = {}
    for asked in BUDGET:
        name, mark, query = asked.partition("?")
        label = audits[-2 if name.startswith("report") else -1].label
        if name.startswith(("programme-", "line-")):
            label = programme.label
        if name in ("finding-detail", "finding-edit"):
            label = audits[-1].findings.get().label
        number = {} if name in FREE else {"number": label}
        found[asked] = reverse(f"audits:{name}", kwargs={**project.address, **number}) + mark + query
    client = Client()
    client.force_login(lead, backend="accounts.backends.Backend")
    return counted(client, found)


def test_every_page_takes_as_many_queries_for_three_hundred_audits_as_for_thirty():
    few = places_of(make_project(), FEW)
    many = places_of(make_project(), MANY)

    assert many == few
    assert {name: count for name, count in many.items() if count > BUDGET[name]} == {}
