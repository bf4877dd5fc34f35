"""A project with the people who report, own, do, verify and manage, and who only look."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def here(db):
    project = make_project()
    people = {
        "manager": Role.PROJECT_MANAGER, "owner": Role.PROCESS_OWNER, "doer": Role.STAFF, "verifier": Role.AUDITOR,
        "reader": Role.TOP_MANAGEMENT,
    }  # fmt: skip
    found = {}
    for name, role in people.items():
        found[name] = make_user(name=name.title())
        grant(found[name], role, project)
    stranger = make_user(name="Sten Stranger")
    grant(stranger, Role.PROJECT_MANAGER, make_project(slug="elsewhere"))
    return SimpleNamespace(project=project, stranger=stranger, **found)


@pytest.fixture
def hands(here):
    """Whose hands bring a nonconformity along (tests.factories.improvement.bring_to)."""
    return {"by": here.manager, "owner": here.owner, "doer": here.doer, "verifier": here.verifier}


@pytest.fixture
def client_of():
    def of(person) -> Client:
        client = Client()
        client.force_login(person, backend="accounts.backends.Backend")
        return client

    return of


@pytest.fixture
def url(here):
    def of(name: str, record=None, **parts) -> str:
        more = {"number": record.label} if record is not None else {}
        return reverse(f"improvement:{name}", kwargs={**here.project.address, **more, **parts})

    return of
