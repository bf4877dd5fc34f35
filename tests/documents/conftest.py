"""A project with the people who write, approve and read documents."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def here(db):
    project = make_project()
    people = {
        "consultant": Role.CONSULTANT, "controller": Role.DOCUMENT_CONTROLLER, "boss": Role.TOP_MANAGEMENT,
        "owner": Role.PROCESS_OWNER, "staff": Role.STAFF, "auditor": Role.AUDITOR,
    }  # fmt: skip
    found = {}
    for name, role in people.items():
        found[name] = make_user(name=name.title())
        grant(found[name], role, project)
    return SimpleNamespace(project=project, **found)
