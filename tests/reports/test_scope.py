"""The scope as a PDF: marked as a draft on every page until it is exactly what was approved."""

from __future__ import annotations

import pytest

from approvals.services import decision, request
from context.selectors import scope as scopes
from context.services import scope
from core.rules import RuleBroken
from projects.permissions import Role
from reports.selectors import scope as report
from tests.factories.projects import grant, make_organization, make_project, make_user
from tests.reports import worlds
from tests.reports.conftest import reader
from tests.reports.test_layout import faults_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project(make_organization(name="Alpenblick"), name="System 2027", slug="ims")


@pytest.fixture
def manager(project):
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


@pytest.fixture
def put(project, manager):
    def add(kind, name, **values):
        return scope.add_item(project=project, by=manager, kind=kind, values={"name": name, **values})

    return add


def approve(project, manager):
    boss = make_user(name="Boss")
    grant(boss, Role.TOP_MANAGEMENT, project)
    approval = request.ask(
        kind="scope", project=project, pk=scopes.of_project(project).pk, by=manager, steps=[request.Planned([boss])]
    )
    decision.decide(
        approval=approval, by=boss, decision="approved", digest=approval.content.digest, comment="",
        proof=decision.Proof("password", "192.0.2.7"),
    )  # fmt: skip


def pages(project, language="en"):
    pdf = worlds.printed_of("scope", worlds.asked_for(project, language=language))
    return [page.extract_text() for page in reader(pdf).pages]


@pytest.mark.parametrize(("language", "mark"), [("en", "DRAFT"), ("de", "ENTWURF"), ("fr", "PROJET")])
def test_every_page_of_a_draft_says_so_in_the_readers_language(project, put, language, mark):
    put("site", "Zug", description="Head office")
    put("site", "Shop", is_included=False, justification="Let to others.")

    found = pages(project, language)

    assert len(found) >= 3 and all(mark in page for page in found)
    assert any("Let to others." in page for page in found)


def test_the_approved_scope_is_no_draft_and_a_changed_one_is_again(project, manager, put):
    put("site", "Zug")
    approve(project, manager)

    found = pages(project)
    assert not any("DRAFT" in page for page in found) and any("Edition 1, approved on" in page for page in found)

    put("site", "Baar")
    found = pages(project)
    assert all("DRAFT" in page for page in found)
    assert any("differs in 2 places from edition 1" in " ".join(page.split()) for page in found)


def test_an_awaited_decision_is_named(project, manager, put):
    put("site", "Zug")
    boss = make_user()
    grant(boss, Role.TOP_MANAGEMENT, project)
    request.ask(
        kind="scope", project=project, pk=scopes.of_project(project).pk, by=manager, steps=[request.Planned([boss])]
    )

    assert "a decision on it is awaited (A-001)" in report.select(worlds.asked_for(project))["stands"]


def test_there_is_nothing_to_print_before_anybody_began(project):
    with pytest.raises(RuleBroken, match="no scope to print yet"):
        report.select(worlds.asked_for(project))


def test_long_words_and_many_items_are_laid_out_without_a_fault(project, put):
    for n in range(12):
        put(
            ("unit", "site", "interface")[n % 3],
            f"{n} {worlds.LONG}"[:200],
            description="Betriebsunterbrechungsfall " * 40,
        )
    put("site", "Shop", is_included=False, justification="W" * 400)

    sheets = worlds.laid_out(
        worlds.html_of("scope", worlds.asked_for(project)), more_css=".watermark { display: none }"
    )

    assert faults_of(sheets) == []
