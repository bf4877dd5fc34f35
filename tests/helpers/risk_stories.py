"""Risks in the middle of their life: a project with everybody around a rated risk, treated, asked about, accepted."""

from __future__ import annotations

import datetime as dt
import itertools
from types import SimpleNamespace
from typing import Any

import pytest

from approvals.models import Approval
from approvals.services import decision
from approvals.services import request as requests
from core import dates
from projects.permissions import Role
from risks.models import Acceptance, Risk, Treatment
from risks.services import acceptance as acceptances
from risks.services import treatment as treatments
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_edition, make_risk, rate

_number = itertools.count(1)
PEOPLE = {
    "manager": Role.PROJECT_MANAGER, "consultant": Role.CONSULTANT, "boss": Role.TOP_MANAGEMENT, "owner": Role.RISK_OWNER,
    "other": Role.RISK_OWNER, "auditor": Role.AUDITOR, "staff": Role.STAFF,
}  # fmt: skip


@pytest.fixture
def here(db):
    """A project, its people, an edition of the criteria, and a risk of `owner` rated 4 × 3: above the threshold."""
    return story()


def story() -> SimpleNamespace:
    project = make_project()
    people = {}
    for name, role in PEOPLE.items():
        people[name] = make_user(name=name.title())
        grant(people[name], role, project)
    edition = make_edition(project, people["manager"], people["boss"])
    found = SimpleNamespace(
        project=project, edition=edition, today=dates.today(project.organization.time_zone), **people
    )
    found.risk = make_rated(found, 4, 3)
    return found


def make_rated(here: Any, likelihood: int, consequence: int, **values: Any) -> Risk:
    risk = make_risk(here.project, here.manager, **({"owner": here.owner} | values))
    rate(risk, here.manager, likelihood, consequence)
    return risk


def make_treatment(risk: Risk, by: Any, *, expected: Any = None, controls: Any = (), **values: Any) -> Treatment:
    values = {"option": "modify", "title": f"Treatment {next(_number)}"} | values
    return treatments.create(risk=risk, by=by, values=values, controls=controls, expected=expected)


def drawn_up(here: Any, risks: list[Risk], *, days: int = 200, by: Any = None, **more: Any) -> Acceptance:
    return acceptances.draw_up(
        project=here.project, by=by or here.manager, owner=more.pop("owner", here.owner),
        numbers=[risk.number for risk in risks], accepted_until=here.today + dt.timedelta(days=days), **more,
    )  # fmt: skip


def ask(here: Any, acceptance: Acceptance, by: Any = None) -> Approval:
    return requests.ask(
        kind=acceptances.KIND, project=here.project, pk=acceptance.pk, by=by or here.manager, steps=[]
    )  # fmt: skip


def sign(approval: Approval, by: Any, what: str = "approved", comment: str = "") -> Any:
    return decision.decide(
        approval=approval, by=by, decision=what, digest=approval.content.digest, proof=decision.Proof("password"),
        comment=comment,
    )  # fmt: skip


def signed(here: Any, risks: list[Risk], **more: Any) -> Acceptance:
    """An acceptance with all the signatures it needs."""
    acceptance = drawn_up(here, risks, **more)
    approval = ask(here, acceptance)
    sign(approval, acceptance.owner)
    if Approval.objects.get(pk=approval.pk).is_open:
        sign(approval, here.boss)
    acceptance.refresh_from_db()
    return acceptance
