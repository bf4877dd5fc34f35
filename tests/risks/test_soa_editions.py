"""Editions of a statement: kept as they were signed, compared row by row, and how the working copy differs."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse

from approvals.models import Content
from approvals.selectors.approval import standing_of
from approvals.services import decision
from approvals.services import request as requests
from projects.permissions import Role
from risks.selectors import soa as selectors
from risks.selectors import soa_page as pages
from risks.services import soa as services
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_soa
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
EVERY = [f"C.{n}" for n in range(1, 7)]


@pytest.fixture
def project(db):
    return make_project()


def made(project, role, **values):
    person = make_user(**values)
    grant(person, role, project)
    return person


@pytest.fixture
def manager(project):
    return made(project, Role.PROJECT_MANAGER, name="Mia Manager")


@pytest.fixture
def boss(project):
    return made(project, Role.TOP_MANAGEMENT, name="Bea Boss")


@pytest.fixture
def soa(project, manager):
    soa = make_soa(project, manager)
    services.answer_many(soa=soa, by=manager, refs=EVERY, values={"is_applicable": True, "reasons": ["baseline"]})
    return soa


def answer(soa, by, ref, **values):
    entry = selectors.entry(soa, ref)
    services.answer(entry=entry, by=by, version=entry.version, values=values)


def approve(soa, manager, boss):
    asked = requests.ask(kind="soa", project=soa.project, pk=soa.pk, by=manager, steps=[requests.Planned([boss])])
    decision.decide(
        approval=asked, by=boss, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )


@pytest.fixture
def two(soa, manager, boss):
    """Two editions, and a change since."""
    approve(soa, manager, boss)
    answer(soa, manager, "C.2", is_applicable=False, justification="Sold")
    answer(soa, manager, "C.3", status="planned")
    approve(soa, manager, boss)
    answer(soa, manager, "C.3", status="implemented")
    return soa


def at(soa, name):
    return reverse(f"risks:soa-{name}", kwargs={**soa.project.address, "slug": soa.slug})


def browser(person):
    client = Client()
    client.force_login(person)
    return client


def test_an_edition_reads_as_it_was_signed_whatever_happens_since(two):
    first, second = (selectors.edition(two, n).statement for n in (1, 2))
    now = selectors.computed(two)

    assert [row.applicable for row in first.rows] == [True] * 6 and first.totals.whole.excluded == 0
    assert (second.rows[1].applicable, second.rows[1].justification, second.rows[2].status) == (
        False,
        "Sold",
        "planned",
    )
    assert now.rows[2].status == "implemented"
    assert selectors.edition(two).number == 2 and selectors.edition(two, 3) is None
    assert "Sold" in Content.objects.get(approval__edition=2, approval__subject_kind="soa").document


def test_any_two_editions_and_the_working_copy_are_compared_row_by_row(two, manager):
    client = browser(manager)
    page = client.get(at(two, "compare"), {"before": "1", "after": "2"}).content.decode()
    assert "2 rows differ, of 6" in page and "<ins>Sold</ins>" in page and "<del>Not started</del>" in page

    page = client.get(at(two, "compare")).content.decode()
    assert "1 row differs, of 6" in page and "<ins>Implemented</ins>" in page and "Sold" not in page
    back = client.get(at(two, "compare"), {"before": "2", "after": "1"}).content.decode()
    assert "<del>Sold</del>" in back
    assert "one and the same" in client.get(at(two, "compare"), {"before": "1", "after": "1"}).content.decode()
    assert client.get(at(two, "compare"), {"before": "9", "after": "x"}).status_code == 200


def test_the_working_copy_says_how_it_differs_from_the_edition_in_force(two, manager):
    page = browser(manager).get(at(two, "detail")).content.decode()
    assert "differs from edition 2 in 1 row." in page and "before=2&amp;after=working" in page
    assert standing_of("soa", two).differs == 1
    answer(two, manager, "C.3", status="planned")
    assert "is edition 2, unchanged" in browser(manager).get(at(two, "detail")).content.decode()


def test_the_list_of_editions_says_who_signed_and_what_changed(two, manager):
    lines = pages.edition_lines(two)
    assert [(line.approval.edition, line.changed, line.totals.whole.excluded) for line in lines] == [
        (2, 2, 1),
        (1, 0, 0),
    ]
    client = browser(manager)
    client.get(at(two, "editions"))
    with queries(14):
        page = client.get(at(two, "editions")).content.decode()
    assert "Bea Boss" in page and page.count("In force") == 1
    link = unescape(re.search(r'href="([^"]+edition=1)">PDF', page)[1])
    assert '<option value="1" selected>Edition 1</option>' in client.get(link).content.decode()


def test_an_edition_is_downloaded_as_it_was_signed(two, manager):
    client = browser(manager)
    assert client.get(at(two, "xlsx"), {"edition": "1"}).status_code == 200
    assert [client.get(at(two, "xlsx"), {"edition": wrong}).status_code for wrong in ("7", "x", "²")] == [404] * 3
