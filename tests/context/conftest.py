"""A project with a written mandate, its people by role, and somebody else's project."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from approvals.services import decision, request
from context.services import mandate, scope
from pdca.models import Standard
from projects.models import ProjectStandard
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user

PROOF = decision.Proof("password", "192.0.2.7")
TEXTS = {"motives": "Customers ask for it.", "benefits": "Fewer audits.", "resources": "A room.", "risks": "Time."}
BUDGET = [{"what": "Consulting", "amount": "40000"}, {"what": "Audit", "amount": "12500.50"}]
TEAM = [
    {"name": "Mia Manager", "role": "Lead", "share": 60, "person": None},
    {"name": "Otto", "role": "", "share": 25, "person": None},
]
WHOLE = {**TEXTS, "currency": "CHF", "budget": BUDGET, "team": TEAM}


@pytest.fixture
def crew(db):
    project, other = make_project(slug="ims"), make_project(slug="ims")
    roles = {
        "manager": Role.PROJECT_MANAGER, "consultant": Role.CONSULTANT, "boss": Role.TOP_MANAGEMENT,
        "second": Role.TOP_MANAGEMENT, "auditor": Role.AUDITOR, "certifier": Role.CERTIFICATION_AUDITOR,
        "staff": Role.STAFF,
    }  # fmt: skip
    people = {}
    for key, role in roles.items():
        people[key] = make_user(name=f"{key.title()} Person")
        grant(people[key], role, project)
    people["stranger"] = make_user(name="Sten Stranger")
    grant(people["stranger"], Role.PROJECT_MANAGER, other)

    def client(who: str) -> Client:
        found = Client()
        found.force_login(people[who])
        return found

    def url(name: str = "mandate", **kwargs) -> str:
        return reverse(f"context:{name}", kwargs={**project.address, **kwargs})

    return SimpleNamespace(project=project, other=other, client=client, url=url, **people)


@pytest.fixture
def write(crew):
    """`write(motives="…")`: saves the mandate as it stands with these values, by the manager."""

    def save(*, by=None, version=None, **values):
        from context.selectors.mandate import of_project

        now = of_project(crew.project)
        if version is None:
            version = now.version if now else 0
        return mandate.write(project=crew.project, by=by or crew.manager, version=version, values=values or WHOLE)

    return save


@pytest.fixture
def ask(crew):
    def make(record, *, by=None, to=None):
        return request.ask(
            kind="mandate", project=crew.project, pk=record.pk, by=by or crew.manager,
            steps=[request.Planned([to or crew.boss])],
        )  # fmt: skip

    return make


def sign(approval, by, what="approved", comment=""):
    return decision.decide(
        approval=approval, by=by, decision=what, digest=approval.content.digest, proof=PROOF, comment=comment
    )


def make_standard(slug: str, code: str) -> Standard:
    return Standard.objects.get_or_create(
        slug=slug, defaults={"code": code, "title": code, "edition": "1", "kind": "requirements", "discipline": "any",
                             "uses_hs": True, "is_certifiable": True},
    )[0]  # fmt: skip


@pytest.fixture
def standards(crew):
    """The project works towards ISO 9001 and ISO/IEC 27001."""
    for slug, code in (("iso-9001-2026", "ISO 9001:2026"), ("iso-27001-2022", "ISO/IEC 27001:2022")):
        ProjectStandard.objects.create(project=crew.project, standard=make_standard(slug, code))


@pytest.fixture
def put(crew):
    def add(kind, name, *, by=None, **values):
        return scope.add_item(project=crew.project, by=by or crew.manager, kind=kind, values={"name": name, **values})

    return add
