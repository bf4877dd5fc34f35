"""Twenty people confirm in the same instant; a new revision takes effect in the same instant: nothing is lost or invented."""

from __future__ import annotations

import pytest

from approvals.models import Approval
from approvals.services import decision
from approvals.services import request as requests
from documents.models import Acknowledgement, Reading, Revision
from documents.services import reading as services
from projects import journal_check
from projects.models import JournalEntry
from projects.permissions import Role
from tests.approvals.test_in_parallel import together
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.projects import grant, make_user

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def crowd(here):
    people = [make_user(name=f"Reader {k:02d}") for k in range(20)]
    for person in people:
        grant(person, Role.STAFF, here.project)
    return people


@pytest.fixture
def policy(here):
    return make_document(here.project, here.consultant, kind="policy", title="Policy")


def give(here, policy):
    effective = make_effective(policy, by=here.consultant, decider=here.boss)
    services.give(document=policy, by=here.controller, audience="role", role="staff")
    return effective


def test_twenty_people_confirm_in_one_instant(here, crowd, policy):
    effective = give(here, policy)

    results, refusals, faults = together(
        [lambda p=person: services.acknowledge(revision=effective, by=p) for person in crowd]
    )

    assert (refusals, faults, len(results)) == ([], [], 20)
    assert Acknowledgement.objects.filter(person__in=crowd).count() == 20
    assert Reading.objects.filter(person__in=crowd, confirmed__revision=effective).count() == 20
    assert JournalEntry.objects.filter(action="document.acknowledged").count() == 20
    assert all(verdict.holds for verdict in journal_check.check_all(here.project.organization, use_anchors=False))


def test_one_person_confirming_twenty_times_confirms_once(here, crowd, policy):
    effective = give(here, policy)

    results, refusals, faults = together([lambda: services.acknowledge(revision=effective, by=crowd[0])] * 20)

    assert (refusals, faults) == ([], []) and len({one.pk for one in results}) == 1
    assert Acknowledgement.objects.filter(person=crowd[0]).count() == 1
    assert JournalEntry.objects.filter(action="document.acknowledged").count() == 1


def test_confirming_beside_a_new_revision_confirms_what_was_in_effect_then(here, crowd, policy):
    effective = give(here, policy)
    make_draft(policy, here.consultant, body="# All new", is_material=True)
    asked = requests.ask(
        kind="document", project=here.project, pk=policy.pk, by=here.consultant, steps=[requests.Planned([here.boss])]
    )

    def sign():
        return decision.decide(
            approval=Approval.objects.get(pk=asked.pk), by=here.boss, decision="approved", digest=asked.content.digest,
            proof=decision.Proof("password"),
        )  # fmt: skip

    half = [lambda p=person: services.acknowledge(revision=effective, by=p) for person in crowd]
    results, refusals, faults = together([*half[:10], sign, *half[10:]])

    assert faults == []
    second = Revision.objects.get(document=policy, status="effective")
    assert second.number == 2 and Revision.objects.get(pk=effective.pk).status == "superseded"
    # Who was quick confirmed the first revision; whoever came too late was told so. Both have the second one to read.
    assert (
        Acknowledgement.objects.filter(revision=effective).count() + len(refusals)
        == 20
        == len(results) - 1 + len(refusals)
    )
    assert not Acknowledgement.objects.filter(revision=second).exists()
    assert all("A newer revision is in effect" in refusal for refusal in refusals)
    rows = Reading.objects.filter(person__in=crowd)
    assert rows.count() == 20 == rows.filter(revision=second, confirmed__isnull=True).count()
