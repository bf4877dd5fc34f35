"""A document in effect as evidence of a task: found, cited by its words of that day, and kept while it is cited."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from core.rules import RuleBroken
from documents import citing
from documents.models import Document
from documents.services import document as documents
from documents.services import reading, retention
from documents.services import revision as revisions
from projects.models import Evidence
from projects.services import evidence
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.projects import make_task

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(here):
    document = make_document(here.project, here.consultant, kind="policy", title="Information security policy")
    make_effective(document, by=here.consultant, decider=here.boss)
    return document


def test_only_what_is_in_effect_and_open_to_the_person_is_found(here, policy):
    other = make_document(here.project, here.consultant, title="Draft of security")
    make_draft(other, here.consultant)

    assert [str(row) for row in citing.find(here.project, here.consultant, "secur")] == ["POL-001 r1"]
    assert list(citing.find(here.project, here.staff, "secur")) == []
    reading.give(document=policy, by=here.controller, audience="everybody")
    assert len(citing.find(here.project, here.staff, "pol-001")) == 1


def test_a_task_cites_the_words_of_that_day_for_ever(here, policy):
    task = make_task(here.project, "Write the policy", assignee=here.consultant)
    revision = policy.revisions.get()
    evidence.cite(record=task, kind=citing.KIND, pk=revision.pk, by=here.consultant)

    make_effective(policy, by=here.consultant, decider=here.boss, body="# New")
    documents.change(document=policy, by=here.consultant, version=1, values={"title": "Renamed"})
    assert Evidence.objects.get().cited_as == "POL-001 Information security policy, revision 1"
    known = citing.load(here.project, here.consultant, [revision.pk])[revision.pk]
    assert citing.STATES[known.status][1] == "Superseded"
    with pytest.raises(RuleBroken, match="not in effect"):
        evidence.cite(record=task, kind=citing.KIND, pk=revision.pk, by=here.consultant)


def test_what_is_cited_is_not_destroyed(here):
    with time_machine.travel(dt.datetime(2020, 1, 1, tzinfo=dt.UTC)):
        record = make_document(here.project, here.controller, kind="record", retention_years=1)
        draft = revisions.start(
            document=record, by=here.controller, source="link", values={"link": "https://x.example/"}
        )
        revisions.register(revision=draft, by=here.controller)
        task = make_task(here.project, "Prove it", assignee=here.consultant)
        evidence.cite(record=task, kind=citing.KIND, pk=draft.pk, by=here.consultant)
    fresh = Document.objects.get(pk=record.pk)
    with pytest.raises(RuleBroken, match="cited as evidence"):
        retention.decide(
            document=fresh, by=here.controller, version=fresh.version, outcome="destroyed", reason="Rule 7"
        )
