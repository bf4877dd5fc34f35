"""One project with its people, as the tests of tasks use it."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from projects.models import PlanActivity, Project, Task
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_task, make_user


@dataclass
class Crew:
    """A project, its people by role, somebody else's project, and clients that are signed in."""

    project: Project
    other: Project
    manager: User
    owner: User
    staff: User
    auditor: User
    certifier: User
    stranger: User

    @property
    def activity(self) -> PlanActivity:
        return PlanActivity.objects.filter(project=self.project).earliest("position")

    def task(self, title: str = "", **fields) -> Task:
        return make_task(self.project, title, **fields)

    def url(self, name: str, **kwargs) -> str:
        return reverse(f"projects:{name}", kwargs={**self.project.address, **kwargs})

    def client(self, who: str) -> Client:
        client = Client()
        client.force_login(getattr(self, who))
        return client


@pytest.fixture
def crew(db) -> Crew:
    project, other = make_project(slug="ims"), make_project(slug="ims")
    people = {
        "manager": ("Mia Manager", Role.PROJECT_MANAGER),
        "owner": ("Otto Owner", Role.PROCESS_OWNER),
        "staff": ("Sina Staff", Role.STAFF),
        "auditor": ("Ada Auditor", Role.AUDITOR),
        "certifier": ("Cem Certifier", Role.CERTIFICATION_AUDITOR),
    }
    made = {}
    for key, (name, role) in people.items():
        made[key] = make_user(name=name)
        grant(made[key], role, project)
    stranger = make_user(name="Sten Stranger")
    grant(stranger, Role.PROJECT_MANAGER, other)
    return Crew(project=project, other=other, stranger=stranger, **made)
