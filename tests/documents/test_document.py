"""The line of the master list: registered, changed, withdrawn."""

import datetime as dt

import pytest
import time_machine

from core.rules import RuleBroken, StaleRecord
from documents.models import Document
from documents.services import document as services
from pdca.models import Clause, MergeGroup
from projects.flow import NotPermitted
from projects.models import JournalEntry
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.projects import full_catalogue, make_project


def test_a_document_gets_number_and_code_and_a_line_in_the_journal(here):
    first = make_document(here.project, here.consultant, kind="policy", tags="Crisis, it; IT")
    second = make_document(here.project, here.consultant, kind="policy")

    assert (first.label, first.code, second.label, second.code) == ("D-001", "POL-001", "D-002", "POL-002")
    assert first.tag_list == ["crisis", "it"]
    entry = JournalEntry.objects.filter(action="document.created").latest("seq")
    assert (entry.target_id, entry.changes["code"]) == (second.pk, "POL-002")


@pytest.mark.parametrize(
    "values",
    [
        {"title": "  "}, {"kind": "novel"}, {"code": "<b>"}, {"code": "pol-001"}, {"classification": "x"},
        {"disposal": "burn"}, {"tags": ",".join(f"t{n}" for n in range(13))},
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_and_nothing_is_written(here, values):
    make_document(here.project, here.consultant, kind="policy")

    with pytest.raises(RuleBroken):
        make_document(here.project, here.consultant, **({"kind": "policy", "title": "Second"} | values))
    assert Document.objects.count() == 1


def test_only_who_writes_documents_registers_them_and_an_owner_only_their_own(here):
    with pytest.raises(NotPermitted):
        make_document(here.project, here.staff)
    own = make_document(here.project, here.owner, owner=here.boss)

    assert own.owner == here.owner


def test_the_second_saver_is_told_and_nothing_is_lost(here):
    document = make_document(here.project, here.consultant, title="Old")
    services.change(document=document, by=here.controller, version=1, values={"title": "Newer"})

    with pytest.raises(StaleRecord) as told:
        services.change(document=document, by=here.consultant, version=1, values={"title": "Mine"})
    assert told.value.current.title == "Newer"


def test_a_document_cannot_lie_below_itself(here):
    top = make_document(here.project, here.consultant)
    low = make_document(here.project, here.consultant, parent=top)

    with pytest.raises(RuleBroken):
        services.change(document=top, by=here.consultant, version=1, values={"parent": low})


def test_clauses_are_those_of_the_projects_standards_and_foreign_parents_are_refused(here):
    full_catalogue()
    clause = Clause.objects.filter(standard__code__startswith="ISO 9001").first()

    with pytest.raises(RuleBroken):
        make_document(here.project, here.consultant, clauses=[clause])
    here.project.standards.add(clause.standard)
    document = make_document(here.project, here.consultant, clauses=[clause], groups=MergeGroup.objects.all()[:2])
    assert document.served.get().clause == clause and document.answers.count() == 2
    with pytest.raises(RuleBroken):
        make_document(make_project(here.project.organization), here.consultant, parent=document)


def test_withdrawal_needs_a_reason_and_leaves_nothing_in_effect(here):
    document = make_document(here.project, here.consultant)
    make_effective(document, by=here.consultant, decider=here.owner)

    with pytest.raises(RuleBroken):
        services.withdraw(document=document, by=here.consultant, reason=" ")
    gone = services.withdraw(document=document, by=here.consultant, reason="Replaced by the manual")

    assert gone.is_withdrawn and list(gone.revisions.values_list("status", flat=True)) == ["withdrawn"]
    with pytest.raises(RuleBroken):
        make_draft(gone, here.consultant)


@time_machine.travel(dt.datetime(2026, 1, 31, 12, tzinfo=dt.UTC))
def test_a_review_sets_the_next_one_on_the_last_day_of_a_shorter_month(here):
    document = make_document(here.project, here.consultant, review_months=1, owner=here.owner)
    make_effective(document, by=here.consultant, decider=here.boss)
    document.refresh_from_db()
    assert document.next_review_on == dt.date(2026, 2, 28)

    assert services.reviewed(document=document, by=here.owner).next_review_on == dt.date(2026, 2, 28)
