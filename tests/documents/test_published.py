"""The reader's pages: the list, a document as it is in effect, read and understood."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from approvals.models import Approval
from core import files
from documents.models import Acknowledgement, Document, Reading, Revision
from documents.services import document as documents
from documents.services import reading as services
from documents.services import revision as revisions
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.documents import approve, make_document, make_draft, make_effective
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db


def of(person) -> Client:
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def url(name, document=None, **more):
    document = document or more.pop("project")
    where = getattr(document, "project", document).address
    number = {"number": document.label} if isinstance(document, Document) else {}
    return reverse(f"documents:{name}", kwargs={**where, **number, **more})


def listed(page):
    return [row.document.title for row in page.context["page"].object_list]


@pytest.fixture
def policy(here):
    return make_document(here.project, here.consultant, kind="policy", title="Policy", owner=here.owner)


@pytest.fixture
def effective(here, policy):
    return make_effective(
        policy, by=here.consultant, decider=here.boss, body="# Purpose\n\nWe keep promises.\n\n## Who\n\nAll."
    )


@pytest.fixture
def given(here, policy, effective):
    services.give(document=policy, by=here.controller, audience="everybody", within_days=5)
    return effective


# ---- the list --------------------------------------------------------------------------------------------------------


def test_what_awaits_me_stands_on_top_and_everything_published_to_me_below(here, given):
    other = make_document(here.project, here.consultant, kind="procedure", title="To know")
    make_effective(other, by=here.consultant, decider=here.boss)
    services.give(document=other, by=here.controller, audience="role", role="staff", asks=False)
    hidden = make_document(here.project, here.consultant, title="Board only")
    make_effective(hidden, by=here.consultant, decider=here.boss)
    make_draft(make_document(here.project, here.consultant, title="Draft only"), here.consultant)

    page = of(here.staff).get(url("published-list", here.project))

    assert [one.document.title for one in page.context["awaited"]] == ["Policy"]
    assert listed(page) == ["Policy", "To know"]
    assert "To confirm" in page.content.decode()
    assert listed(of(here.auditor).get(url("published-list", here.project))) == ["Policy", "To know", "Board only"]


def test_it_is_searched_and_filtered_by_type(here, given):
    other = make_document(here.project, here.consultant, kind="procedure", title="Crisis plan", tags="night, IT")
    make_effective(other, by=here.consultant, decider=here.boss)
    services.give(document=other, by=here.controller, audience="everybody", asks=False)
    client, home = of(here.staff), url("published-list", here.project)

    assert listed(client.get(f"{home}?q=crisis")) == ["Crisis plan"]
    assert listed(client.get(f"{home}?q=night")) == ["Crisis plan"]
    assert listed(client.get(f"{home}?q={other.code}")) == ["Crisis plan"]
    assert listed(client.get(f"{home}?kind=policy")) == ["Policy"]
    assert listed(client.get(f"{home}?kind=nonsense&page=x")) == ["Policy", "Crisis plan"]
    nothing = client.get(f"{home}?q=zebra").content.decode()
    assert "No document matches" in nothing and "Everything published to you" in nothing


def test_the_empty_list_says_what_it_is_for(here):
    assert "Nothing is published to you yet" in of(here.staff).get(url("published-list", here.project)).content.decode()


def test_the_list_costs_the_same_with_three_thousand_documents(here, given):
    client, home = of(here.staff), url("published-list", here.project)
    client.get(home)
    with queries(10) as few:
        client.get(home)

    many(here, 3_000)

    with queries(len(few), exactly=True):
        page = client.get(home)
    assert page.context["total"] == 3_001 and len(page.context["page"].object_list) == 50
    assert len(page.context["awaited"]) == 50 and page.context["has_more_awaited"]


def many(here, count, *, person=None):
    """Documents in effect as rows, each to be read by one person."""
    from documents.models import Distribution

    person, project = person or here.staff, here.project
    owned = {"organization_id": project.organization_id, "project": project}
    rows = Document.objects.bulk_create(
        Document(**owned, number=1_000 + k, code=f"X-{k:05d}", title=f"Bulk {k}", kind="procedure")
        for k in range(count)
    )
    effective = Revision.objects.bulk_create(
        Revision(**owned, document=row, number=1, status="effective", effective_on="2026-01-05", body="# One")
        for row in rows
    )
    Distribution.objects.bulk_create(
        Distribution(**owned, document=row, audience="everybody", given_by=here.controller) for row in rows
    )
    Reading.objects.bulk_create(
        Reading(**owned, document=one.document, revision=one, person=person, due_on="2026-02-01") for one in effective
    )
    return rows


# ---- one document ----------------------------------------------------------------------------------------------------


def test_a_document_is_read_as_it_is_in_effect_and_not_as_it_was_or_will_be(here, policy, given):
    make_effective(policy, by=here.consultant, decider=here.boss, body="# Second\n\nNew words.")
    make_draft(policy, here.consultant, body="# Third\n\nSecret plans.")

    text = of(here.staff).get(url("published-detail", policy)).content.decode()

    assert "New words." in text and "We keep promises" not in text and "Secret plans" not in text
    assert "Revision 2" in text and '<span class="number">1</span> Second' in text
    assert 'lang="en"' in text and str(here.owner) in text


def test_long_texts_have_contents(here, policy):
    make_effective(policy, by=here.consultant, decider=here.boss, body="# One\n\n## Deeper\n\n# Two\n\nEnd.")

    text = of(here.auditor).get(url("published-detail", policy)).content.decode()

    assert '<a href="#s-1-1"><span class="number">1.1</span> Deeper</a>' in text and 'id="s-1-1"' in text


def test_read_and_understood_is_one_tap_and_shows_when_afterwards(here, policy, given):
    client = of(here.staff)
    page = client.get(url("published-detail", policy)).content.decode()
    assert f"I have read {policy.code} in revision 1" in page

    answer = client.post(url("published-confirm", policy), {"revision": "1"})

    assert (answer.status_code, answer["Location"]) == (303, url("published-detail", policy) + "#confirm")
    one = Acknowledgement.objects.get()
    assert (one.person, one.revision, one.role) == (here.staff, given, "Staff")
    after = client.get(url("published-detail", policy)).content.decode()
    assert "You confirmed revision 1" in after and f'datetime="{one.acknowledged_at.isoformat()}"' in after
    assert "published-confirm" not in after and 'name="revision"' not in after
    assert JournalEntry.objects.filter(action="document.acknowledged", actor=here.staff).count() == 1


def test_the_next_one_to_read_is_offered_after_confirming(here, policy, given):
    second = make_document(here.project, here.consultant, title="Second one")
    make_effective(second, by=here.consultant, decider=here.boss)
    services.give(document=second, by=here.controller, audience="everybody")
    client = of(here.staff)

    page = client.post(url("published-confirm", policy), {"revision": "1"}, follow=True).content.decode()

    assert url("published-detail", second) in page and "Next:" in page


def test_a_revision_that_was_replaced_meanwhile_is_not_confirmed(here, policy, given):
    make_effective(policy, by=here.consultant, decider=here.boss, body="# Second")

    page = of(here.staff).post(url("published-confirm", policy), {"revision": "1"}, follow=True).content.decode()

    assert "A newer revision is in effect. Read that one and confirm it." in page
    assert not Acknowledgement.objects.exists() and "To the end" in page


@pytest.mark.parametrize("sent", [{}, {"revision": "x"}, {"revision": "9" * 30}, {"revision": "77"}, {"revision": "²"}])
def test_nonsense_confirms_nothing(here, policy, given, sent):
    assert of(here.staff).post(url("published-confirm", policy), sent).status_code == 303
    assert not Acknowledgement.objects.exists()


def test_after_an_editorial_change_the_page_says_that_nothing_is_to_be_confirmed(here, policy, given):
    services.acknowledge(revision=given, by=here.staff)
    make_effective(policy, by=here.consultant, decider=here.boss, body="# Typo", is_material=False)

    page = of(here.staff).get(url("published-detail", policy)).content.decode()

    assert "You confirmed revision 1" in page and "nothing to confirm again" in page


def test_who_is_not_asked_sees_no_button(here, policy, given):
    certifier = make_user()
    grant(certifier, Role.CERTIFICATION_AUDITOR, here.project)

    assert b"Read and understood" not in of(certifier).get(url("published-detail", policy)).content


def test_who_may_open_what(here, policy, given):
    other = make_document(here.project, here.consultant, title="Board only")
    make_effective(other, by=here.consultant, decider=here.boss)
    stranger = make_user()
    grant(stranger, Role.PROJECT_MANAGER, make_project())

    assert of(here.staff).get(url("published-detail", other)).status_code == 404
    assert of(here.staff).post(url("published-confirm", other), {"revision": "1"}).status_code == 404
    assert of(here.auditor).get(url("published-detail", other)).status_code == 200
    assert of(stranger).get(url("published-detail", policy)).status_code == 404
    assert of(here.staff).get(url("published-list", here.project) + "D-999/").status_code == 404
    assert of(here.staff).get(url("published-confirm", policy)).status_code == 405
    assert of(here.staff).post(url("published-detail", policy)).status_code == 405


def test_a_file_is_downloaded_as_it_was_handed_in_and_never_run(here):
    document = make_document(here.project, here.consultant, kind="record", title="Minutes")
    draft = revisions.start(document=document, by=here.consultant, source="file")
    data = b"Minutes of the meeting.\n"
    draft = revisions.put_file(revision=draft, upload=files.of_bytes(data, "minutes.txt"), by=here.consultant)
    revisions.register(revision=draft, by=here.consultant)
    client = of(here.staff)
    assert client.get(url("published-file", document)).status_code == 404  # given to nobody yet
    services.give(document=document, by=here.controller, audience="everybody")

    page = client.get(url("published-detail", document)).content.decode()
    answer = client.get(url("published-file", document))

    assert "minutes.txt" in page and url("published-file", document) in page and "Read and understood" in page
    assert b"".join(answer.streaming_content) == data
    assert answer["Content-Disposition"] == 'attachment; filename="minutes.txt"'
    assert answer["X-Content-Type-Options"] == "nosniff" and "sandbox" in answer["Content-Security-Policy"]
    assert client.get(url("published-file", make_document(here.project, here.consultant))).status_code == 404


def test_what_is_kept_elsewhere_is_a_link(here):
    document = make_document(here.project, here.consultant, kind="external", title="Ordinance")
    draft = revisions.start(
        document=document, by=here.consultant, source="link", values={"link": "https://law.example/1"}
    )
    revisions.register(revision=draft, by=here.consultant)
    services.give(document=document, by=here.controller, audience="everybody")

    page = of(here.staff).get(url("published-detail", document)).content.decode()

    assert 'href="https://law.example/1" rel="noopener noreferrer nofollow"' in page


def test_pictures_of_the_text_in_effect_are_for_readers_and_no_others(here, policy):
    png = io.BytesIO()
    Image.new("RGB", (3, 3), "red").save(png, "PNG")
    shown, unused = (
        revisions.add_picture(document=policy, upload=files.of_bytes(png.getvalue(), name), by=here.consultant)
        for name in ("shown.png", "unused.png")
    )
    make_effective(policy, by=here.consultant, decider=here.boss, body=f"# Plan\n\n![The plan](picture:{shown.pk})")
    services.give(document=policy, by=here.controller, audience="everybody")
    client = of(here.staff)
    address = url("published-picture", policy, pk=shown.pk)

    assert f'src="{address}"' in client.get(url("published-detail", policy)).content.decode()
    answer = client.get(address)
    assert b"".join(answer.streaming_content) == png.getvalue() and answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert client.get(url("published-picture", policy, pk=unused.pk)).status_code == 404
    stranger = make_user()
    grant(stranger, Role.STAFF, make_project())
    assert of(stranger).get(address).status_code == 404


def test_a_withdrawn_document_is_gone(here, policy, given):
    documents.withdraw(document=policy, by=here.controller, reason="Replaced by the handbook")

    assert of(here.staff).get(url("published-detail", policy)).status_code == 404
    assert listed(of(here.staff).get(url("published-list", here.project))) == []


def test_reading_a_document_costs_the_same_with_one_heading_and_with_many_readers(here, policy, given):
    client, page = of(here.staff), url("published-detail", policy)
    client.get(page)
    with queries(10) as few:
        client.get(page)
    for _k in range(3):
        grant(make_user(), Role.STAFF, here.project)
    services.keep_project(here.project)
    many(here, 20)

    assert count_queries(lambda: client.get(page)) == len(few)


# ---- before a decision -----------------------------------------------------------------------------------------------


def test_the_page_that_asks_for_a_decision_says_how_many_acknowledgements_lapse(here, policy, given):
    client = of(here.consultant)
    ask = reverse("approvals:approval-ask", kwargs={**here.project.address, "kind": "document", "pk": policy.pk})
    services.acknowledge(revision=given, by=here.staff)
    draft = make_draft(policy, here.consultant, body="# New")

    assert "A material change: 1 acknowledgement lapses" in client.get(ask).content.decode()
    services.acknowledge(revision=given, by=here.auditor)
    assert "A material change: 2 acknowledgements lapse" in client.get(ask).content.decode()
    revisions.save(revision=draft, by=here.consultant, version=draft.version, values={"is_material": False})
    assert "An editorial change: whoever confirmed" in client.get(ask).content.decode()
    approve(policy, by=here.consultant, decider=here.boss)
    assert Reading.objects.filter(document=policy, confirmed__isnull=False).count() == 2


def test_a_decision_leads_to_its_document_only_who_may_open_the_register(here, policy, given):
    certifier = make_user()
    grant(certifier, Role.CERTIFICATION_AUDITOR, here.project)
    (approval,) = Approval.objects.filter(subject_kind="document", subject_id=policy.pk)

    for person, is_led in ((here.auditor, True), (certifier, False)):
        page = of(person).get(approval.get_absolute_url())
        assert page.status_code == 200 and (policy.get_absolute_url() in page.content.decode()) == is_led


def test_a_first_revision_lapses_nothing(here, policy):
    make_draft(policy, here.consultant)
    ask = reverse("approvals:approval-ask", kwargs={**here.project.address, "kind": "document", "pk": policy.pk})

    page = of(here.consultant).get(ask).content.decode()

    assert "Who decides" in page and "lapse" not in page and "editorial change" not in page


# ---- the way there ---------------------------------------------------------------------------------------------------


def test_published_documents_are_in_the_menu_of_everybody_who_reads_them(here, given):
    def keys(person):
        nav = of(person).get(url("published-list", here.project)).context["nav"]
        return [entry.key for _section, entries in nav.project for entry in entries], [one.key for one in nav.phone]

    menu, phone = keys(here.staff)
    assert menu == ["published-only", "nonconformities", "improvements"] and phone[0] == "published-only"
    menu, phone = keys(here.auditor)
    assert "published" in menu and "published-only" not in menu and "published" not in phone
