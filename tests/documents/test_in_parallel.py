"""Twenty people approve a document, or start a revision, in the same instant: one revision in effect, nothing doubled."""

from __future__ import annotations

import datetime as dt

import pytest

from approvals.models import Signature
from approvals.services import decision
from approvals.services import request as requests
from documents.models import Document
from documents.services import document as documents
from documents.services import revision as revisions
from projects.models import JournalEntry
from projects.permissions import Role
from tests.approvals.test_in_parallel import together
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.projects import grant, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_twenty_approvers_bring_one_revision_into_effect(here):
    document = make_document(here.project, here.consultant, kind="policy")
    first = make_effective(document, by=here.consultant, decider=here.boss)
    draft = make_draft(document, here.consultant, body="# New")
    deciders = [make_user() for _k in range(20)]
    for decider in deciders:
        grant(decider, Role.TOP_MANAGEMENT, here.project)
    asked = requests.ask(kind="document", project=here.project, pk=document.pk, by=here.consultant,
                         steps=[requests.Planned(deciders)])  # fmt: skip

    def approve(by):
        return decision.decide(
            approval=asked, by=by, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
        )

    results, refusals, faults = together([lambda d=decider: approve(d) for decider in deciders])

    assert (len(results), refusals, faults) == (20, [], [])
    assert Signature.objects.filter(approval=asked).count() == 20
    first.refresh_from_db(), draft.refresh_from_db()
    assert (first.status, draft.status) == ("superseded", "effective")


def test_twenty_writers_start_one_revision_and_codes_are_never_given_twice(here):
    document = make_document(here.project, here.consultant)

    started, refused, faults = together(
        [lambda: revisions.start(document=document, by=here.consultant, values={"body": "# A"}) for _n in range(10)]
    )
    assert (len(started), len(refused), faults) == (1, 9, [])

    made, refused, faults = together(
        [
            lambda: documents.create(
                project=here.project, by=here.consultant, values={"title": "Same", "kind": "policy"}
            )
            for _n in range(10)
        ]
    )
    assert (len(made), refused, faults) == (10, [], [])
    codes = set(Document.objects.filter(kind="policy").values_list("code", flat=True))
    assert codes == {f"POL-{n:03d}" for n in range(1, 11)}


def test_bringing_into_effect_by_hand_and_by_the_schedule_at_once_happens_once(here):

    document = make_document(here.project, here.consultant)
    draft = make_draft(document, here.consultant, planned_on=dt.date(2999, 1, 1))
    asked = requests.ask(kind="document", project=here.project, pk=document.pk, by=here.consultant,
                         steps=[requests.Planned([here.boss])])  # fmt: skip
    decision.decide(approval=asked, by=here.boss, decision="approved", digest=asked.content.digest,
                    proof=decision.Proof("password"))  # fmt: skip

    calls = [lambda: revisions.bring_into_effect(revision=draft, by=here.consultant) for _n in range(8)]
    results, refused, faults = together(calls)

    assert (len(results), len(refused), faults) == (1, 7, [])
    assert JournalEntry.objects.filter(action="document.revision_effective").count() == 1
