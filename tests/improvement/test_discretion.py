"""What the journal, and every page that reads it, says of a confidential nonconformity: nothing, to who may not see it."""

from __future__ import annotations

import io
import json
from itertools import pairwise

import openpyxl
import pytest
from django.urls import reverse

from improvement.models import Nonconformity
from improvement.services import nonconformity as services
from projects.models import JournalEntry
from projects.permissions import Role
from projects.services import evidence
from reports.selectors import journal as extract
from tests.factories.improvement import make_nonconformity
from tests.factories.projects import grant, make_user

pytestmark = pytest.mark.django_db
WORDS = "Moonshine"


@pytest.fixture
def secret(here):
    """Confidential from its second change on: what was said of it before is in the journal for ever."""
    record = make_nonconformity(here.project, here.doer, title=f"{WORDS} in the office")
    evidence.add_link(record=record, link=f"https://example.org/{WORDS}", title=f"{WORDS} on a photo", by=here.manager)
    services.change(record=record, by=here.manager, version=1, values={"is_confidential": True})
    return record


def pages(project):
    slugs = project.address
    yield reverse("projects:changes", kwargs=slugs)
    yield reverse("projects:project-home", kwargs=slugs)
    journal = reverse("projects:journal", kwargs=slugs)
    yield from (journal, f"{journal}?target={WORDS}", f"{journal}?action=nonconformity")


def told_to(client, url) -> str:
    answer = client.get(url)
    assert answer.status_code == 200
    text = answer.content.decode()
    return text.replace(f'value="{WORDS}"', "").replace(f"target={WORDS}", "").replace(f"<bdi>{WORDS}</bdi>", "")


@pytest.mark.parametrize("role", ["reader", "verifier"])
def test_who_may_not_see_the_record_reads_no_line_about_it(here, secret, client_of, role):
    client = client_of(getattr(here, role))

    for page in pages(here.project):
        text = told_to(client, page)
        assert secret.label not in text and f"{WORDS} in" not in text and f"{WORDS} on" not in text, page
    assert client.get(secret.get_absolute_url()).status_code == 404


def test_who_may_see_it_reads_all_of_it(here, secret, client_of):
    client = client_of(here.manager)
    journal = reverse("projects:journal", kwargs=here.project.address)

    assert f"{WORDS} on a photo" in told_to(client, journal)
    assert secret.label in told_to(client, f"{journal}?action=nonconformity")
    assert "Left out are entries" not in told_to(client, journal)


def test_the_reader_is_told_that_something_is_left_out(here, secret, client_of):
    journal = reverse("projects:journal", kwargs=here.project.address)

    assert "Left out are entries" in told_to(client_of(here.reader), journal)


def test_a_reader_of_the_whole_organization_reads_no_line_about_it_either(here, secret, client_of):
    admin = make_user()
    grant(admin, Role.CLIENT_ADMIN, here.project.organization)
    journal = reverse("projects:journal", kwargs=here.project.address)

    text = told_to(client_of(admin), f"{journal}?scope=organization")

    assert secret.label not in text and WORDS not in text


def test_the_workbook_and_the_chain_keep_it_too_and_the_chain_stays_whole(here, secret, client_of):
    slugs, client = here.project.address, client_of(here.reader)

    book = openpyxl.load_workbook(io.BytesIO(client.get(reverse("projects:journal-workbook", kwargs=slugs)).content))
    chain = b"".join(client.get(reverse("projects:journal-export", kwargs=slugs)).streaming_content).decode()

    assert WORDS not in str([*book.active.iter_rows(values_only=True)])
    lines = [json.loads(line) for line in chain.splitlines()][1:]
    about = set(JournalEntry.objects.filter(target_kind="improvement.nonconformity").values_list("seq", flat=True))
    assert WORDS not in chain and len(about) == 3
    assert {line["seq"] for line in lines if len(line) == 3} == about
    assert all(line["previous_hash"] == before["hash"] for before, line in pairwise(lines))
    own = b"".join(client_of(here.manager).get(reverse("projects:journal-export", kwargs=slugs)).streaming_content)
    assert f"{WORDS} on a photo" in own.decode()


def test_evidence_of_a_confidential_one_is_written_without_its_words(here, secret):
    piece = evidence.add_link(record=secret, link="https://example.org/later", title="Names a person", by=here.manager)
    evidence.withdraw(evidence=piece, reason="Wrong one", by=here.manager)

    added, withdrawn = JournalEntry.objects.order_by("-seq")[:2][::-1]
    assert added.action == "nonconformity.evidence_added" and withdrawn.action == "nonconformity.evidence_withdrawn"
    assert added.changes == withdrawn.changes == {"title": "confidential", "link": "confidential"}


def test_the_printed_extract_tells_what_every_reader_may_know(here, secret):
    from types import SimpleNamespace

    from core import dates

    asked = SimpleNamespace(
        project=here.project, parameters={}, today=dates.today(here.project.organization.time_zone), by=here.manager
    )
    found = extract.select(asked)

    assert WORDS not in str([line.told for line in found["lines"]])
    assert found["left_out"] == ["3 entries about records that not every reader of the journal may see."]
    assert found["checked"].holds


def test_what_happened_before_is_named_to_who_may_open_it_alone(here, client_of):
    earlier = make_nonconformity(here.project, here.doer, title=f"{WORDS} in the office", is_confidential=True)
    again = make_nonconformity(here.project, here.manager, title="In the office again")
    own = make_nonconformity(here.project, here.manager, title="Reported by staff")
    Nonconformity.objects.filter(pk=again.pk).update(recurrence_of=earlier)
    Nonconformity.objects.filter(pk=own.pk).update(recurrence_of=again)
    address = again.get_absolute_url()

    shown = client_of(here.manager).get(address).content.decode()
    assert shown.count(f'<a href="../{earlier.label}/">{earlier.label}</a>') == 2
    told = client_of(here.reader).get(address).content.decode()
    assert "In the office again" in told and told.count("one that you may not see") == 2
    assert earlier.label not in told and WORDS not in told

    reporter = make_user()
    grant(reporter, Role.STAFF, here.project)
    Nonconformity.objects.filter(pk=own.pk).update(created_by=reporter)
    told = client_of(reporter).get(own.get_absolute_url()).content.decode()
    assert "Reported by staff" in told and "In the office again" not in told, "an open one they do not see either"
