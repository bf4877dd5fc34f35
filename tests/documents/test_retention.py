"""Kept as long as the rule says, then decided about, with proof."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import files
from core.rules import RuleBroken, StaleRecord
from documents import hanging
from documents.models import Disposition, Document
from documents.services import document as documents
from documents.services import retention as services
from documents.services import revision as revisions
from projects import reminders, sweeps
from projects.flow import NotPermitted
from projects.models import JournalEntry
from tests.factories.documents import make_document, make_effective
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
BEGIN = dt.datetime(2020, 3, 2, 12, tzinfo=dt.UTC)
OVER = dt.datetime(2025, 3, 3, 12, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def a_record(here, text="Calibration of 2019", **values):
    """A record with a file, registered in March 2020 and kept for five years."""
    with time_machine.travel(BEGIN):
        values = {"kind": "record", "retention_years": 5, "disposal": "destroy", "owner": here.controller} | values
        document = make_document(here.project, here.controller, **values)
        draft = revisions.start(document=document, by=here.controller, source="file")
        upload = files.of_bytes(text.encode(), "calibration.txt")
        filed = revisions.put_file(revision=draft, upload=upload, by=here.controller)
        revisions.register(revision=filed, by=here.controller)
    return Document.objects.get(pk=document.pk)


def decide(document, by, outcome="destroyed", **more):
    document = Document.objects.get(pk=document.pk)
    values = {"version": document.version, "reason": "Rule 7"} | more
    return services.decide(document=document, by=by, outcome=outcome, **values)


def is_stored(document):
    sha256 = document.revisions.latest("number").sha256
    try:
        files.opened(organization_id=document.organization_id, sha256=sha256).close()
    except FileNotFoundError:
        return False
    return True


def test_the_time_of_a_record_runs_from_its_registration_and_of_others_from_withdrawal(here):
    assert a_record(here).dispose_on == dt.date(2025, 3, 2)
    with time_machine.travel(BEGIN):
        procedure = make_document(here.project, here.consultant, retention_years=1)
        make_effective(procedure, by=here.consultant, decider=here.boss)
        assert Document.objects.get(pk=procedure.pk).dispose_on is None
        gone = documents.withdraw(document=procedure, by=here.consultant, reason="Replaced")
        assert gone.dispose_on == dt.date(2021, 3, 2)
        longer = documents.change(
            document=gone, by=here.consultant, version=gone.version, values={"retention_years": 3}
        )
    assert longer.dispose_on == dt.date(2023, 3, 2)


def test_nothing_is_destroyed_before_its_time_without_a_reason_or_the_right(here):
    document = a_record(here)
    with time_machine.travel(OVER - dt.timedelta(days=2)), pytest.raises(RuleBroken, match="2025-03-02"):
        decide(document, here.controller)
    with time_machine.travel(OVER):
        for more in ({"reason": " "}, {"outcome": "burnt"}, {"outcome": "archived"}, {"outcome": "extended"},
                     {"outcome": "extended", "keep_until": dt.date(2025, 3, 2)}):  # fmt: skip
            with pytest.raises(RuleBroken):
                decide(document, here.controller, **more)
        with pytest.raises(NotPermitted):
            decide(document, here.owner)
        with pytest.raises(StaleRecord):
            decide(document, here.controller, version=99)
    assert Disposition.objects.count() == 0 and is_stored(document)


def test_destroying_takes_the_file_and_leaves_the_proof(here, django_capture_on_commit_callbacks):
    document = a_record(here)
    sha256 = document.revisions.get().sha256
    with time_machine.travel(OVER), django_capture_on_commit_callbacks(execute=True):
        found = decide(document, here.controller)

    assert not is_stored(document)
    assert found.proof == [{"revision": 1, "file": "calibration.txt", "sha256": sha256, "size_bytes": 19}]
    document.refresh_from_db()
    assert (document.disposed_as, document.dispose_on, document.is_withdrawn) == ("destroyed", None, True)
    entry = JournalEntry.objects.get(action="document.destroyed")
    assert (entry.reason, entry.changes["files"][0]["sha256"]) == ("Rule 7", sha256)
    with time_machine.travel(OVER), pytest.raises(RuleBroken, match="decided already"):
        decide(document, here.controller)


def test_a_file_that_another_record_names_stays(here, django_capture_on_commit_callbacks):
    document, twin = a_record(here), a_record(here)
    assert document.revisions.get().sha256 == twin.revisions.get().sha256
    with time_machine.travel(OVER), django_capture_on_commit_callbacks(execute=True):
        decide(document, here.controller)

    assert is_stored(twin)
    with time_machine.travel(OVER), django_capture_on_commit_callbacks(execute=True):
        decide(twin, here.controller)
    assert not is_stored(twin)


def test_what_a_crash_cut_short_is_finished_within_the_hour(here):
    document = a_record(here)
    with time_machine.travel(OVER):
        decide(document, here.controller)  # committed in the test only: nothing was erased
        assert is_stored(document) and not sweeps.is_named(document.organization_id, document.revisions.get().sha256)
        assert services.erase_left(timezone.now() - dt.timedelta(days=2)) == 1
        assert services.erase_left(timezone.now() - dt.timedelta(days=2)) == 0
    assert not is_stored(document)


def test_what_was_written_here_is_handed_over_but_never_destroyed(here):
    with time_machine.travel(BEGIN):
        procedure = make_document(here.project, here.consultant, retention_years=1)
        make_effective(procedure, by=here.consultant, decider=here.boss)
        documents.withdraw(document=procedure, by=here.consultant, reason="Replaced")
    with time_machine.travel(OVER):
        with pytest.raises(RuleBroken, match="signed history"):
            decide(procedure, here.consultant)
        assert decide(procedure, here.consultant, "archived", place="Cellar, box 12").place == "Cellar, box 12"


def test_keeping_longer_moves_the_day_and_the_reminder(here):
    document = a_record(here)
    source = reminders.of("disposal")
    assert [row.pk for row in source.rows()] == [document.pk]
    with time_machine.travel(OVER):
        decide(document, here.controller, "extended", keep_until=dt.date(2027, 1, 1))
    document.refresh_from_db()
    assert document.dispose_on == dt.date(2027, 1, 1) == services.due_of(document)
    with time_machine.travel(OVER + dt.timedelta(days=700)):
        decide(document, here.controller, "archived", place="Cellar")
    assert list(hanging.disposals_due()) == []


def test_a_decision_is_written_once(here):
    with time_machine.travel(OVER):
        decide(a_record(here), here.controller)
    for statement in ("UPDATE documents_disposition SET reason = 'x'", "DELETE FROM documents_disposition"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# ---- pages -------------------------------------------------------------------------------------------------------


def of(person):
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def at(here, name="retention-list", **more):
    return reverse(f"documents:{name}", kwargs={**here.project.address, **more})


def test_the_list_shows_what_is_due_and_what_was_decided(here):
    over, later = a_record(here), a_record(here, text="Later", retention_years=50)
    client = of(here.auditor)

    page = client.get(at(here)).content.decode()
    assert over.code in page and later.code not in page and "dispose/" not in page
    assert later.code in client.get(at(here), {"show": "all"}).content.decode()
    decide(over, here.controller, "archived", place="Cellar, box 12")
    assert "Cellar, box 12" in client.get(at(here), {"show": "decided"}).content.decode()
    assert over.code not in client.get(at(here)).content.decode()
    assert of(here.staff).get(at(here)).status_code == 403


def test_the_list_costs_the_same_for_one_and_for_many(here):
    a_record(here)
    client = of(here.controller)
    client.get(at(here))
    with queries(10):
        client.get(at(here))
    for n in range(5):
        a_record(here, text=f"Record {n}", owner=here.owner)
    with queries(10):
        client.get(at(here))


def test_the_decision_is_made_on_a_page_that_keeps_what_was_typed(here):
    document = a_record(here)
    address = at(here, "document-dispose", number=document.label)
    assert of(here.owner).get(address).status_code == 403
    client = of(here.controller)
    assert "calibration.txt" in client.get(address).content.decode()

    sent = {"version": document.version, "outcome": "archived", "reason": "Rule 7 of the handbook", "place": ""}
    refused = client.post(address, sent)
    assert refused.status_code == 422 and "Rule 7 of the handbook" in refused.content.decode()
    assert client.post(address, sent | {"place": "Cellar"}).status_code == 303
    assert Disposition.objects.get().place == "Cellar"
    assert client.get(at(here, "document-dispose", number="D-999")).status_code == 404
