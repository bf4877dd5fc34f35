"""The portfolio on paper: what its reader may see, first what needs attention, for a constant number of queries."""

from __future__ import annotations

import datetime as dt

import pytest

from projects import awaiting
from projects.models import Task
from projects.permissions import Role
from reports import kinds
from reports.kinds import Asked
from reports.selectors import portfolio
from tests.factories.projects import grant, make_user
from tests.helpers.budget import queries
from tests.reports import worlds
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db
BUDGET = 5


@pytest.fixture(autouse=True)
def nobody_decides(monkeypatch):
    monkeypatch.setattr(awaiting, "_answers", [])


@pytest.fixture
def consultant(db):
    return make_user(name="Lena Brunner")


def asked(person, language="en"):
    return Asked(None, None, person, {}, worlds.TODAY, frozenset(), language)


def client_of(person, name, tasks=12, **fields):
    project = worlds.small(tasks, name=f"System of {name}"[:200], organization=name, **fields)
    grant(person, Role.CONSULTANT, project.organization)
    return project


def test_it_lists_all_that_its_reader_may_see_and_nothing_else(consultant):
    client_of(consultant, "Alpenblick")
    client_of(consultant, "Seefeld")
    worlds.small(9, name="CANARY", organization="CANARY-ORG", title="CANARY-TASK")

    html = worlds.html_of("portfolio", asked(consultant)).html

    assert "Alpenblick" in html and "System of Seefeld" in html
    assert "CANARY" not in html


def test_a_client_that_needs_attention_gets_a_page_that_says_why(consultant):
    late = client_of(consultant, "Alpenblick")
    calm = client_of(consultant, "Seefeld", tasks=0, start_on=worlds.TODAY + dt.timedelta(days=30))

    found = portfolio.select(asked(consultant))

    (sheet,) = found["sheets"]
    assert sheet.line.project.pk == late.pk
    assert any("points behind" in reason for reason in sheet.reasons)
    assert any("Overdue for more than three weeks" in reason for reason in sheet.reasons)
    oldest = Task.objects.filter(project=late, is_open=True, due_on__lt=worlds.TODAY).order_by("due_on", "number")
    assert [one.number for one in sheet.late] == [task.label for task in oldest[: portfolio.LATEST]]
    assert {line.project.pk for line in found["lines"]} == {late.pk, calm.pk}


@pytest.mark.parametrize("clients", [1, 3])
def test_the_price_does_not_depend_on_the_number_of_clients(consultant, clients):
    for n in range(clients):
        client_of(consultant, f"Client {n}", tasks=20)
    request = asked(consultant)

    with queries(BUDGET, exactly=True):
        found = portfolio.select(request)

    assert len(found["sheets"]) == clients


def test_more_clients_than_pages_are_said_to_be_left_out(consultant, monkeypatch):
    monkeypatch.setattr(portfolio, "MOST_PAGES", 1)
    client_of(consultant, "Alpenblick")
    client_of(consultant, "Seefeld")

    found = portfolio.select(asked(consultant))

    assert len(found["sheets"]) == 1
    assert found["left_out"] == ["Pages of clients: 1 more line is not printed."]


def test_the_pdf_is_a_persons_and_in_their_language(consultant):
    client_of(consultant, "Alpenblick")

    text = " ".join(text_of(worlds.printed_of("portfolio", asked(consultant, "de"))).split())

    assert "Alle Kunden auf einen Blick" in text
    assert "System of Alpenblick" in text
    assert kinds.of("portfolio").scope == "person"


def test_its_pages_are_laid_out_without_a_fault(consultant):
    from tests.reports.test_layout import faults_of

    client_of(consultant, worlds.LONG, title=worlds.LONG)
    client_of(consultant, "Seefeld")

    assert faults_of(worlds.laid_out(worlds.html_of("portfolio", asked(consultant, "de")))) == []
