"""The master list of documents on paper: by type, with what was left out, in three languages."""

from __future__ import annotations

import datetime as dt

import pytest

from documents.models import Document
from documents.services import document as documents
from projects.permissions import Role
from reports.forms.documents import DocumentsForm
from reports.selectors import documents as master
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.projects import grant, make_user
from tests.helpers.budget import queries
from tests.reports import worlds
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db
BUDGET = 9


@pytest.fixture
def crew(project):
    people = {"controller": Role.DOCUMENT_CONTROLLER, "boss": Role.TOP_MANAGEMENT, "owner": Role.PROCESS_OWNER}
    found = {name: make_user(name=f"{name.title()} Person") for name in people}
    for name, role in people.items():
        grant(found[name], role, project)
    return found


@pytest.fixture
def register(project, crew):
    """A policy in effect that is due, a draft procedure, a plan that is only a line, and one that is withdrawn."""
    by = crew["controller"]
    policy = make_document(project, by, title="Quality policy", kind="policy", owner=crew["owner"], review_months=12)
    make_effective(policy, by=by, decider=crew["boss"])
    Document.objects.filter(pk=policy.pk).update(next_review_on=worlds.TODAY - dt.timedelta(days=3))
    procedure = make_document(project, by, title="Purchasing", kind="procedure")
    make_draft(procedure, by)
    make_document(project, by, title="Emergency plan", kind="plan")
    old = make_document(project, by, title="Old handbook", kind="manual")
    documents.withdraw(document=old, by=by, reason="Replaced")
    return project


def test_documents_stand_under_their_type_with_what_an_auditor_asks_for(register):
    found = master.select(worlds.asked_for(register))

    assert [(group.title, [row.title for row in group.rows]) for group in found["groups"]] == [
        ("Policy", ["Quality policy"]), ("Procedure", ["Purchasing"]), ("Plan", ["Emergency plan"]),
    ]  # fmt: skip
    policy, procedure, plan = (group.rows[0] for group in found["groups"])
    assert (policy.revision, policy.state, policy.is_overdue, policy.owner) == (1, "In effect", True, "Owner Person")
    assert (procedure.revision, procedure.state) == (None, "r1: Draft")
    assert plan.state == "Missing"


def test_what_is_not_listed_is_said(register):
    assert master.select(worlds.asked_for(register))["left_out"] == ["1 withdrawn document is not listed."]

    found = master.select(worlds.asked_for(register, kind="policy"))

    assert found["total"] == 1
    assert found["left_out"] == [
        "1 withdrawn document is not listed.",
        "2 documents that the chosen type, state or standard leave out are not listed.",
    ]
    assert master.select(worlds.asked_for(register, state="all"))["left_out"] == []


def test_of_a_very_long_register_the_report_says_how_much_it_leaves_to_the_spreadsheet(register, monkeypatch):
    monkeypatch.setattr(master, "MOST_ROWS", 2)

    found = master.select(worlds.asked_for(register))

    assert found["printed"] == 2 and found["left_out"][0] == "Documents: 1 more line is not printed."


@pytest.mark.parametrize("count", [1, 3, 400])
def test_the_price_does_not_grow_with_the_register(project, count):
    Document.objects.bulk_create(
        Document(organization_id=project.organization_id, project=project, number=n, title=f"No {n}", kind="form", code=f"F-{n:05}")
        for n in range(1, count + 1)
    )  # fmt: skip
    asked = worlds.asked_for(project)

    with queries(BUDGET, exactly=True):
        found = master.select(asked)

    assert found["total"] == count


@pytest.mark.parametrize(
    ("language", "title", "words"),
    [
        ("en", "Master list of documents", ["In effect", "Missing", "overdue"]),
        ("de", "Lenkungsliste der Dokumente", ["In Kraft", "Fehlt", "überfällig"]),
        ("fr", "Liste maîtresse des documents", ["En vigueur", "Manquant", "en retard"]),
    ],
)
def test_the_pdf_says_it_in_the_language_that_was_asked_for(register, crew, language, title, words):
    asked = worlds.asked_for(register, crew["controller"], language=language)

    text = " ".join(text_of(worlds.printed_of("documents", asked)).split())

    assert title in text and "Quality policy" in text and "POL-001" in text
    assert [word for word in words if word not in text] == []
    assert "Old handbook" not in text


def test_the_form_offers_the_standards_of_the_project_alone(project):
    form = DocumentsForm(project=project)

    offered = {slug for slug, _code in form.fields["standard"].choices if slug}
    assert offered == set(project.chosen_standards.values_list("standard__slug", flat=True))
    assert not DocumentsForm({"language": "en", "standard": "iso-of-nowhere"}, project=project).is_valid()
