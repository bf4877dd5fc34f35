"""A record that says itself who decides: nobody chooses others, whatever a form or a call sends."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from approvals import subjects
from approvals.models import Approval
from approvals.services import request
from core.rules import RuleBroken
from projects.models.grants import ProjectUserGrant
from projects.permissions import Perm, Role
from tests.factories.projects import grant, make_user

from .conftest import sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def planned(people):
    """The text is decided on by its owner, then by one of two deciders."""
    owner = make_user(name="Owner")
    grant(owner, Role.RISK_OWNER, people.project)
    subjects.register(
        replace(
            subjects.of("text"),
            planned=lambda task, by: [
                request.Planned([owner], label="Owner"), request.Planned(people.deciders[:2], needed=1, label="Top"),
            ],
            decided_in=lambda task, position: Perm.ACCEPT_RISKS if position == 1 else Perm.DECIDE,
        )
    )  # fmt: skip
    people.owner = owner
    return people


def test_the_steps_are_those_of_the_record_in_their_order(planned, ask):
    approval = ask(planned.deciders[4:], is_in_sequence=False)

    found = [(s.label, s.needed, [a.person for a in s.approvers.order_by("pk")]) for s in approval.steps.all()]
    assert found == [("Owner", 1, [planned.owner]), ("Top", 1, planned.deciders[:2])]
    with pytest.raises(RuleBroken, match="not your turn"):
        sign(approval, planned.deciders[0])
    sign(approval, planned.owner)
    sign(approval, planned.deciders[1])
    assert Approval.objects.get(pk=approval.pk).status == "approved"


def test_each_step_asks_its_own_permission_when_it_is_asked_for_and_when_it_is_signed(planned, ask):
    approval = ask()
    sign(approval, planned.owner)
    ProjectUserGrant.objects.filter(user=planned.deciders[0]).delete()
    grant(planned.deciders[0], Role.RISK_OWNER, planned.project)
    with pytest.raises(RuleBroken, match="no longer hold a role"):
        sign(approval, planned.deciders[0])
    request.withdraw(approval=approval, by=planned.manager, reason="Again")
    with pytest.raises(RuleBroken, match="holds no role that decides on this"):
        ask()


def test_the_page_names_them_and_lets_nobody_choose(planned):
    client = Client()
    client.force_login(planned.manager)
    address = reverse(
        "approvals:approval-ask", kwargs={**planned.project.address, "kind": "text", "pk": planned.text.pk}
    )
    text = client.get(address).content.decode()
    assert "The record itself says who decides" in text and "Owner" in text and 'name="person_' not in text

    answer = client.post(address, {f"person_{planned.deciders[4].pk}": "1", "is_in_sequence": "no"})

    approval = Approval.objects.get()
    assert answer.status_code == 303
    assert [a.person for s in approval.steps.all() for a in s.approvers.order_by("pk")] == [
        planned.owner, *planned.deciders[:2],
    ]  # fmt: skip
    assert approval.is_in_sequence
