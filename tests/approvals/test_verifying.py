"""Signatures stand up years later: one byte moved anywhere is found, and named."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from approvals import verifying
from approvals.models import Approval, Content, Signature
from core import append_only
from projects.models import JournalEntry

from .conftest import sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed(people, ask, settings, tmp_path):
    settings.JOURNAL_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")
    return sign(ask(), people.deciders[0], comment="Go.")


def past_the_triggers(table, statement, *values):
    """What somebody with the database in hand can do."""
    append_only.run(connection, append_only.release_sql(connection.vendor, table))
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
    append_only.run(connection, append_only.protect_sql(connection.vendor, table))


def test_untouched_signatures_hold(signed):
    out = StringIO()
    call_command("verify_signatures", stdout=out)
    assert "All signatures hold: 1." in out.getvalue()


@pytest.mark.parametrize(
    "column",
    ["signer_name", "signer_role", "on_behalf_of", "meaning", "decision", "comment", "digest", "method", "record_hash"],
)
def test_one_changed_letter_of_a_signature_is_found_and_named(signed, column):
    value = getattr(signed, column)
    changed = (chr(ord(value[0]) ^ 1) + value[1:]) if value else "x"
    past_the_triggers(
        "approvals_signature", f"UPDATE approvals_signature SET {column} = %s WHERE id = %s", changed, signed.pk
    )

    with pytest.raises(CommandError) as refused:
        call_command("verify_signatures", stderr=StringIO())
    assert refused.value.returncode == 1
    assert f"signature {signed.pk}" in str(refused.value)


@pytest.mark.parametrize("column", ["snapshot", "document", "digest"])
def test_one_changed_letter_of_the_content_is_found_and_named(signed, column):
    content = Content.objects.get()
    value = getattr(content, column)
    past_the_triggers(
        "approvals_content", f"UPDATE approvals_content SET {column} = %s WHERE id = %s", value[:-1] + "~", content.pk
    )

    assert next(verifying.faults()).record.startswith(f"content {content.pk}")


def test_a_signature_copied_to_another_request_does_not_hold(people, ask, signed):
    text = people.text
    type(text).objects.filter(pk=text.pk).update(description="Other words.")
    text.refresh_from_db()
    other = ask()
    copy = Signature.objects.get(pk=signed.pk)
    copy.pk, copy.approval, copy.approver = None, other, other.steps.get().approvers.get()
    copy.save(force_insert=True)

    assert f"signature {copy.pk}" in next(verifying.faults()).record


def test_a_signature_taken_away_is_missed(signed):
    pk = signed.pk
    past_the_triggers("approvals_signature", "DELETE FROM approvals_signature WHERE id = %s", pk)

    assert any(f"signature {pk}" in fault.record and "gone" in fault.says for fault in verifying.faults())


def test_the_last_entry_of_the_journal_taken_away_is_missed(signed):
    last = JournalEntry.objects.order_by("-seq").first()
    past_the_triggers("projects_journalentry", "DELETE FROM projects_journalentry WHERE id = %s", last.pk)

    assert "taken off" in next(verifying.faults()).says


@pytest.mark.parametrize("table", ["approvals_signature", "approvals_content"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET project_id = project_id", "DELETE FROM {}"])
def test_the_database_refuses_to_change_what_was_signed(signed, table, statement):
    with pytest.raises(Exception, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"edition": 7}, "calls itself edition 7; the journal knows it as edition 1"),
        ({"edition": None, "is_in_force": False, "status": "rejected"}, "The journal says it was approved"),
    ],
)
def test_a_request_made_another_edition_or_no_approval_is_found(signed, changes, says):
    Approval.objects.filter(pk=signed.approval_id).update(**changes)

    assert says in next(verifying.faults()).says


def test_a_request_made_an_approval_without_its_signatures_is_found(people, ask):
    ask()
    Approval.objects.update(edition=1, is_in_force=True, status="approved")

    said = [fault.says for fault in verifying.faults(use_anchors=False)]
    assert "lacks signatures" in said[0] and "knows of no approval" in said[1]
