"""From draft to effective: one on its way, one in effect, nothing approved ever changed."""

import datetime as dt
import zipfile
from io import BytesIO

import pytest
import time_machine
from django.db import IntegrityError, transaction

from approvals.models import Approval
from approvals.selectors.approval import standing_of
from approvals.services import decision
from approvals.services import request as requests
from core import files
from core.rules import RuleBroken, StaleRecord
from documents.models import Revision
from documents.selectors import document as selectors
from documents.services import revision as services
from projects.flow import NotPermitted
from tests.factories.documents import approve, make_document, make_draft, make_effective

TODAY = dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)


@pytest.fixture
def policy(here):
    return make_document(here.project, here.consultant, kind="policy", title="Information security policy")


def fresh(document):
    return selectors.load(document.project, document.pk)


def test_the_last_approval_brings_it_into_effect_and_the_next_supersedes_it(here, policy):
    first = make_effective(policy, by=here.consultant, decider=here.boss)
    second = make_effective(policy, by=here.consultant, decider=here.boss, body="# New")

    first.refresh_from_db()
    assert (first.status, second.status, second.number) == ("superseded", "effective", 2)
    assert standing_of("document", fresh(policy)).is_approved
    assert list(Approval.objects.filter(is_in_force=True).values_list("edition", flat=True)) == [2]


def test_an_edited_policy_shows_stale_and_in_how_many_places(here, policy):
    make_effective(policy, by=here.consultant, decider=here.boss)
    draft = make_draft(policy, here.consultant, body="# Purpose\n\nWe keep most promises.")

    standing = standing_of("document", fresh(policy))

    assert standing.is_stale and standing.in_force.edition == 1
    assert {change.label for change in standing.differences.changes} == {"Revision", "Text"}
    assert draft.number == 2


def test_a_later_day_waits_and_the_schedule_brings_it(here, policy):
    with time_machine.travel(TODAY):
        first = make_effective(policy, by=here.consultant, decider=here.boss)
        second = make_draft(policy, here.consultant, planned_on=dt.date(2026, 5, 11))
        approval = approve(policy, by=here.consultant, decider=here.boss)
        second.refresh_from_db()
        assert (second.status, approval.is_ahead) == ("approved", True)
        assert standing_of("document", fresh(policy)).ahead == approval
        assert not standing_of("document", fresh(policy)).is_stale
        assert services.bring_due_into_effect() == 0
    with time_machine.travel(TODAY + dt.timedelta(days=7)):
        assert services.bring_due_into_effect() == 1
        assert services.bring_due_into_effect() == 0
    for row in (first, second, approval):
        row.refresh_from_db()
    assert (first.status, second.status, second.effective_on) == ("superseded", "effective", dt.date(2026, 5, 11))
    assert approval.is_in_force and Approval.objects.filter(is_in_force=True).count() == 1


def test_rejected_content_goes_back_to_draft_with_the_reason_on_top(here, policy):
    draft = make_draft(policy, here.consultant)
    asked = requests.ask(kind="document", project=here.project, pk=policy.pk, by=here.consultant,
                         steps=[requests.Planned([here.boss])])  # fmt: skip
    draft.refresh_from_db()
    assert draft.status == "in_review"
    with pytest.raises(RuleBroken):
        services.save(revision=draft, by=here.consultant, version=draft.version, values={"body": "Sneaked in"})

    decision.decide(approval=asked, by=here.boss, decision="rejected", digest=asked.content.digest,
                    proof=decision.Proof("password"), comment="Name the risks.")  # fmt: skip
    draft.refresh_from_db()
    assert (draft.status, draft.returned_because) == ("draft", "Name the risks.")
    # Who refused it did not write it, so the same person decides on the next attempt.
    saved = services.save(revision=draft, by=here.consultant, version=draft.version, values={"body": "# Risks"})
    assert saved.returned_because == "" and approve(policy, by=here.consultant, decider=here.boss).edition == 1


def test_everybody_who_ever_saved_the_draft_is_barred_from_approving_it(here):
    document = make_document(here.project, here.controller, owner=here.owner)
    draft = make_draft(document, here.owner)
    services.save(revision=draft, by=here.controller, version=1, values={"body": "# Mine"})

    for author in (here.owner, here.controller):
        with pytest.raises(RuleBroken):
            approve(document, by=here.consultant, decider=author)
    with pytest.raises(NotPermitted):
        requests.ask(kind="document", project=here.project, pk=document.pk, by=here.auditor,
                     steps=[requests.Planned([here.boss])])  # fmt: skip


def test_a_policy_is_approved_by_top_management_alone(here, policy):
    make_draft(policy, here.consultant)

    with pytest.raises(RuleBroken):
        approve(policy, by=here.consultant, decider=here.owner)
    assert approve(policy, by=here.consultant, decider=here.boss).is_in_force


def test_one_draft_at_a_time_and_one_effective_promised_by_the_database(here, policy):
    first = make_effective(policy, by=here.consultant, decider=here.boss)
    make_draft(policy, here.consultant)
    with pytest.raises(RuleBroken):
        make_draft(policy, here.consultant)

    twin = {"organization": policy.organization, "project": policy.project, "document": policy}
    for status, number in (("draft", 8), ("effective", 9)):
        copy = Revision(**twin, number=number, status=status, effective_on=first.effective_on)
        copy._change_reason = ""
        with pytest.raises(IntegrityError), transaction.atomic():
            copy.save()


def test_an_empty_draft_or_an_unexplained_change_is_not_put_to_a_decision(here, policy):
    services.start(document=policy, by=here.consultant)
    with pytest.raises(RuleBroken, match="empty"):
        approve(policy, by=here.consultant, decider=here.boss)


def test_the_second_saver_gets_both_texts(here, policy):
    draft = make_draft(policy, here.consultant)
    services.save(revision=draft, by=here.controller, version=1, values={"body": "Theirs"})

    with pytest.raises(StaleRecord) as told:
        services.save(revision=draft, by=here.consultant, version=1, values={"body": "Mine"})
    assert told.value.current.body == "Theirs"


def docx():
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(
            "[Content_Types].xml",
            '<Types><Override PartName="/word/document.xml" ContentType='
            '"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>',
        )
        archive.writestr("word/document.xml", "<w:document/>")
    return files.of_bytes(packed.getvalue(), "Procedure.docx")


def test_an_uploaded_file_is_the_content_and_is_named_for_ever(here, policy):
    from documents.hanging import is_named

    draft = services.start(document=policy, by=here.consultant, source="file")
    saved = services.put_file(revision=draft, upload=docx(), by=here.consultant)

    assert (saved.file_name, saved.has_content, len(saved.sha256)) == ("Procedure.docx", True, 64)
    assert is_named(policy.organization_id, saved.sha256) and not is_named(policy.organization_id, "0" * 64)
    assert approve(policy, by=here.consultant, decider=here.boss).content.snapshot.count(saved.sha256) == 1


def test_a_refused_file_leaves_the_draft_as_it_was(here, policy):
    draft = make_draft(policy, here.consultant)

    with pytest.raises(files.Refused):
        services.put_file(revision=draft, upload=files.of_bytes(b"<html><script>", "x.pdf"), by=here.consultant)
    draft.refresh_from_db()
    assert (draft.source, draft.sha256) == ("authored", "")


def test_a_record_is_registered_without_an_approval_and_a_procedure_is_not(here):
    record = make_document(here.project, here.controller, kind="record")
    procedure = make_document(here.project, here.controller)

    assert services.register(revision=make_draft(record, here.controller), by=here.controller).is_effective
    with pytest.raises(RuleBroken):
        services.register(revision=make_draft(procedure, here.controller), by=here.controller)


def test_a_change_of_the_line_voids_the_request(here, policy):
    from documents.services import document as documents

    make_draft(policy, here.consultant)
    asked = requests.ask(kind="document", project=here.project, pk=policy.pk, by=here.consultant,
                         steps=[requests.Planned([here.boss])])  # fmt: skip
    documents.change(document=policy, by=here.controller, version=1, values={"title": "Another policy"})

    asked.refresh_from_db()
    assert asked.status == "void" and policy.revisions.get().status == "draft"
