"""The register: its list, its filters, what can be done with many, a document's page, the form of its line."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import Client
from django.urls import reverse

from core import dates
from documents.models import Document, Reading, Revision
from documents.services import document as documents
from documents.services import reading as readings
from documents.services import revision as revisions
from pdca.models import Clause, MergeGroup
from projects.models import JournalEntry, ProjectStandard
from projects.permissions import Role
from tests.factories.documents import approve, make_document, make_draft, make_effective
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def client_of():
    def of(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return of


@pytest.fixture
def url(here):
    def of(name: str, document: Document | None = None, **parts) -> str:
        more = {"number": document.label} if document is not None else {}
        return reverse(f"documents:document-{name}", kwargs={**here.project.address, **more, **parts})

    return of


def titles(response) -> list[str]:
    return re.findall(r'class="row-title" href="[^"]*">([^<]*)<', response.content.decode())


# ---- the list ---------------------------------------------------------------------------------------------------


def test_the_list_opens(here, client_of, url):
    make_effective(make_document(here.project, here.controller, title="Purchasing"), by=here.controller, decider=here.owner)
    page = client_of(here.auditor).get(url("list"))
    assert page.status_code == 200
    assert titles(page) == ["Purchasing"]
    for name in ("create", "numbering"):
        assert client_of(here.controller).get(url(name)).status_code == 200
    document = Document.objects.get()
    for name in ("detail", "edit", "content", "reviewed", "withdraw"):
        assert client_of(here.controller).get(url(name, document)).status_code == 200, name
    assert client_of(here.controller).get(url("list") + "?view=tree").status_code == 200
