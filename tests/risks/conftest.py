"""A project with the people who write, own and read risks, and its criteria approved."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_edition


@pytest.fixture
def here(db):
    project = make_project()
    people = {
        "manager": Role.PROJECT_MANAGER, "boss": Role.TOP_MANAGEMENT, "owner": Role.RISK_OWNER, "staff": Role.STAFF,
        "auditor": Role.AUDITOR,
    }  # fmt: skip
    found = {}
    for name, role in people.items():
        found[name] = make_user(name=name.title())
        grant(found[name], role, project)
    stranger = make_user(name="Sten Stranger")
    stranger.home = make_project(slug="elsewhere")
    grant(stranger, Role.PROJECT_MANAGER, stranger.home)
    return SimpleNamespace(project=project, stranger=stranger, **found)


@pytest.fixture
def edition(here):
    return make_edition(here.project, here.manager, here.boss)


@pytest.fixture
def client_of():
    def of(person) -> Client:
        client = Client()
        client.force_login(person)
        return client

    return of


@pytest.fixture
def url(here):
    def of(name: str, record=None, **parts) -> str:
        more = {"number": record.label} if record is not None else {}
        return reverse(f"risks:{name}", kwargs={**here.project.address, **more, **parts})

    return of
