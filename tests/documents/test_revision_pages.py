"""The pages of a revision: six questions each, what is kept of what was typed, files, pictures, comparing, budgets."""

from __future__ import annotations

import io
import re
from html import unescape

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from documents.models import Picture, Revision
from documents.services import revision as services
from projects.models import JournalEntry
from projects.permissions import Role
from tests.documents.test_revision import docx
from tests.factories.documents import approve, make_document, make_draft, make_effective
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.bad_files import BAD_FILES, BadFile
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def policy(here):
    return make_document(here.project, here.controller, kind="procedure", title="Incidents", owner=here.owner)


@pytest.fixture
def draft(here, policy):
    return make_draft(policy, here.controller)


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def url(name: str, document, revision=None, **more) -> str:
    parts = {**document.project.address, "number": document.label, **more}
    if revision is not None:
        parts["revision"] = getattr(revision, "number", revision)
    return reverse(f"documents:{name}", kwargs=parts)


def posted(revision, **values):
    return {
        "version": revision.version, "source": revision.source, "body": "# Purpose\n\nNew words.",
        "change_summary": "New words", "is_material": "material", "planned_on": "", **values,
    }  # fmt: skip


def png(color="red", size=(8, 8)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "PNG")
    return out.getvalue()


# ---- six questions -----------------------------------------------------------------------------------------------

WRITING = ("revision-edit", "revision-drop")


@pytest.mark.parametrize(
    ("who", "read", "write"),
    [("controller", 200, 200), ("consultant", 200, 200), ("owner", 200, 200), ("boss", 200, 403), ("auditor", 200, 403),
     ("staff", 403, 403)],
)  # fmt: skip
def test_who_reads_and_who_writes(here, policy, draft, who, read, write):
    client = client_of(getattr(here, who))

    assert client.get(url("revision-detail", policy, draft)).status_code == read
    assert client.get(url("document-compare", policy)).status_code == read
    for name in WRITING:
        assert client.get(url(name, policy, draft)).status_code == write
    if write == 403:
        for name, parts in (
            ("revision-edit", posted(draft)),
            ("revision-preview", {"body": "x"}),
            ("revision-register", {}),
        ):
            assert client.post(url(name, policy, draft), parts).status_code == 403
        assert client.post(url("document-start", policy), {}).status_code == 403
        assert (
            client.post(url("document-pictures", policy), {"picture": SimpleUploadedFile("a.png", png())}).status_code
            == 403
        )
    draft.refresh_from_db()
    assert "New words" not in draft.body and not Picture.objects.exists()


def test_strangers_and_wrong_numbers_find_nothing(here, policy, draft):
    stranger = make_user()
    grant(stranger, Role.DOCUMENT_CONTROLLER, make_project())
    for person, document, revision in ((stranger, policy, 1), (here.controller, policy, 9)):
        for name in ("revision-detail", "revision-edit", "revision-file", "revision-pdf", "revision-drop"):
            assert client_of(person).get(url(name, document, revision)).status_code == 404
    assert client_of(here.controller).get(url("document-picture", policy, pk=999)).status_code == 404


def test_an_owner_writes_only_what_is_theirs(here):
    other = make_document(here.project, here.controller, title="Not mine", owner=here.controller)
    draft = make_draft(other, here.controller)

    answer = client_of(here.owner).post(url("revision-edit", other, draft), posted(draft))

    assert answer.status_code == 403 and Revision.objects.get(pk=draft.pk).body == draft.body


def test_wrong_methods_are_refused(here, policy, draft):
    client = client_of(here.controller)

    assert client.post(url("revision-detail", policy, draft)).status_code == 405
    assert client.get(url("revision-preview", policy, draft)).status_code == 405
    assert client.get(url("revision-effect", policy, draft)).status_code == 405
    assert client.get(url("revision-register", policy, draft)).status_code == 405
    assert client.get(url("document-pictures", policy)).status_code == 405
    assert client.put(url("revision-edit", policy, draft)).status_code == 405


# ---- beginning and writing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", ["authored", "file", "link"])
def test_a_revision_begins_with_the_content_it_is_asked_for_and_opens_for_writing(here, policy, source):
    answer = client_of(here.owner).post(url("document-start", policy), {"source": source})

    revision = policy.revisions.get()
    assert (answer.status_code, answer["Location"]) == (303, url("revision-edit", policy, revision))
    assert revision.source == source
    page = client_of(here.owner).get(answer["Location"]).content.decode()
    assert {"authored": 'name="body"', "file": 'name="file"', "link": 'name="link"'}[source] in page


def test_the_second_start_says_that_one_is_on_its_way(here, policy, draft):
    answer = client_of(here.controller).post(url("document-start", policy), {})

    assert answer.status_code == 422 and policy.revisions.count() == 1
    assert "Revision 1 is on its way already" in answer.content.decode()


def test_saving_keeps_the_words_and_tells_the_journal(here, policy, draft):
    answer = client_of(here.owner).post(url("revision-edit", policy, draft), posted(draft, is_material="editorial"))

    draft.refresh_from_db()
    assert answer["Location"] == url("revision-detail", policy, draft)
    assert (draft.body, draft.is_material, draft.edited_by) == ("# Purpose\n\nNew words.", False, here.owner)
    entry = JournalEntry.objects.filter(action="document.revision_saved").latest("seq")
    assert set(entry.changes) >= {"body", "change_summary", "is_material"}


def test_going_on_writing_stays_in_the_editor(here, policy, draft):
    answer = client_of(here.owner).post(url("revision-edit", policy, draft), posted(draft, do="on"))

    assert answer["Location"] == url("revision-edit", policy, draft)


def test_without_a_script_the_preview_shows_what_was_typed_and_saves_nothing(here, policy, draft):
    answer = client_of(here.owner).post(
        url("revision-edit", policy, draft), posted(draft, do="preview", body="# Typed")
    )

    assert answer.status_code == 200 and '<span class="number">1</span> Typed' in answer.content.decode()
    draft.refresh_from_db()
    assert "promises" in draft.body


def test_the_preview_numbers_headings_and_lets_nothing_run(here, policy, draft):
    text = "# One\n\n## Two\n\n<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://elsewhere.example/x.png)"
    page = client_of(here.owner).post(url("revision-preview", policy, draft), {"body": text}).content.decode()

    assert '<span class="number">1.1</span> Two' in page and "2 headings" in page
    for bad in ("<script", 'href="javascript', "<img"):
        assert bad not in page
    draft.refresh_from_db()
    assert "One" not in draft.body


def test_the_editor_says_how_many_confirmations_would_lapse(here, policy):
    from documents.services import reading

    make_effective(policy, by=here.controller, decider=here.boss)
    reading.give(document=policy, by=here.controller, audience="person", person=here.staff)
    reading.give(document=policy, by=here.controller, audience="person", person=here.auditor)
    for person in (here.staff, here.auditor):
        reading.acknowledge(revision=policy.revisions.get(), by=person)
    draft = make_draft(policy, here.controller)

    page = client_of(here.controller).get(url("revision-edit", policy, draft)).content.decode()

    assert "2 people have confirmed the revision in effect" in page


def test_the_reason_of_a_rejection_stands_on_top(here, policy, draft):
    Revision.objects.filter(pk=draft.pk).update(returned_because="Name the risks.")
    client = client_of(here.owner)

    for name in ("revision-edit", "revision-detail"):
        page = client.get(url(name, policy, draft)).content.decode()
        assert "Sent back" in page and "Name the risks." in page


def test_a_draft_that_went_to_review_meanwhile_keeps_what_was_typed(here, policy, draft):
    Revision.objects.filter(pk=draft.pk).update(status="in_review")
    client = client_of(here.owner)

    opened = client.get(url("revision-edit", policy, draft)).content.decode()
    answer = client.post(url("revision-edit", policy, draft), posted(draft))

    assert "can no longer be changed" in opened
    assert answer.status_code == 422 and "New words." in answer.content.decode()


# ---- two people ----------------------------------------------------------------------------------------------------


def test_over_somebody_elses_save_both_texts_stand_there_and_the_form_holds_both(here, policy, draft):
    theirs = "# Purpose\n\nWe keep promises.\n\n# Records\n\nFive years."
    services.save(revision=draft, by=here.controller, version=1, values={"body": theirs, "change_summary": "Records"})
    mine = "# Purpose\n\nWe keep **every** promise."

    answer = client_of(here.owner).post(url("revision-edit", policy, draft), posted(draft, body=mine))
    page = unescape(answer.content.decode())

    assert answer.status_code == 422
    draft.refresh_from_db()
    assert draft.body == theirs
    areas = dict(re.findall(r'<textarea id="([\w-]+)"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL))
    assert areas["text-mine"] == mine and areas["text-theirs"] == theirs
    assert areas["id_body"] == f"{mine}\n\n# Records\n\nFive years."
    assert "Controller" in page and "changed different places" in page
    assert "<ins>" in page
    assert '<input type="number" name="version" value="2" hidden' in page
    again = client_of(here.owner).post(
        url("revision-edit", policy, draft), posted(draft, version=2, body=areas["id_body"])
    )
    assert again.status_code == 303
    draft.refresh_from_db()
    assert "every" in draft.body and "Five years" in draft.body


def test_marks_of_a_merge_are_not_saved(here, policy, draft):
    services.save(revision=draft, by=here.controller, version=1, values={"body": "# Purpose\n\nTheirs."})
    client = client_of(here.owner)
    answer = client.post(url("revision-edit", policy, draft), posted(draft, body="# Purpose\n\nMine."))
    page = unescape(answer.content.decode())
    both = re.search(r'<textarea id="id_body"[^>]*>\n?(.*?)</textarea>', page, re.DOTALL)[1]
    assert "⟦ Your words ⟧\nMine.\n⟦ Words of Controller ⟧\nTheirs.\n⟦ End ⟧" in both

    refused = client.post(url("revision-edit", policy, draft), posted(draft, version=2, body=both))

    assert refused.status_code == 422 and "hold the words of both" in refused.content.decode()
    draft.refresh_from_db()
    assert draft.body == "# Purpose\n\nTheirs."


# ---- files and links -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_a_bad_upload_is_refused_in_words_and_nothing_is_stored(here, policy, settings, bad: BadFile):
    bad.prepare(settings)
    draft = services.start(document=policy, by=here.controller, source="file")
    fields = {name: str(value) for name, value in posted(draft, source="file").items() if name != "body"}

    answer = bad.post(client_of(here.controller), url("revision-edit", policy, draft), "file", **fields)

    page = unescape(answer.content.decode())
    assert (answer.status_code, bad.sentence in page) == (422, True), page[page.find("form-errors") :][:600]
    assert 'value="New words"' in page
    draft.refresh_from_db()
    assert (draft.sha256, draft.version, draft.change_summary) == ("", 1, "")
    assert not default_storage.exists("evidence")


def test_a_file_is_put_in_with_its_words_replaced_and_given_out_privately(here, policy):
    draft = services.start(document=policy, by=here.controller, source="file")
    client, address = client_of(here.controller), url("revision-edit", policy, draft)
    client.post(address, posted(draft, source="file", file=docx()))
    draft.refresh_from_db()
    first = draft.sha256
    assert (draft.file_name, draft.change_summary, draft.version) == ("Procedure.docx", "New words", 2)

    client.post(address, posted(draft, source="file", file=SimpleUploadedFile("whatever.pdf", PDF)))
    draft.refresh_from_db()
    answer = client.get(url("revision-file", policy, draft))

    assert draft.file_type == "application/pdf" and draft.sha256 != first
    assert b"".join(answer.streaming_content) == PDF
    assert answer["Content-Disposition"] == 'attachment; filename="whatever.pdf"'
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    assert "sandbox" in answer["Content-Security-Policy"]
    page = client.get(url("revision-detail", policy, draft)).content.decode()
    assert draft.sha256 in page
    assert client_of(here.staff).get(url("revision-file", policy, draft)).status_code == 403


def test_a_file_over_somebody_elses_save_is_not_put_in(here, policy):
    draft = services.start(document=policy, by=here.controller, source="file")
    services.save(revision=draft, by=here.owner, version=1, values={"change_summary": "Theirs"})

    answer = client_of(here.controller).post(
        url("revision-edit", policy, draft), posted(draft, source="file", file=docx())
    )

    assert answer.status_code == 422 and "Theirs" in answer.content.decode()
    assert Revision.objects.get(pk=draft.pk).sha256 == ""


def test_a_lost_file_is_said_in_words(here, policy):
    draft = services.start(document=policy, by=here.controller, source="file")
    draft = services.put_file(revision=draft, upload=docx(), by=here.controller)
    default_storage.delete(f"evidence/{draft.organization_id}/{draft.sha256[:2]}/{draft.sha256}")

    answer = client_of(here.controller).get(url("revision-file", policy, draft))

    assert answer.status_code == 410 and "The storage has lost “Procedure.docx”" in answer.content.decode()


def test_a_link_is_checked_and_shown_as_one(here, policy):
    draft = services.start(document=policy, by=here.controller, source="link")
    client, address = client_of(here.controller), url("revision-edit", policy, draft)

    refused = client.post(address, posted(draft, source="link", link="javascript:alert(1)"))
    client.post(address, posted(draft, source="link", link="https://wiki.example/incidents"))

    assert refused.status_code == 422 and "no web address" in refused.content.decode()
    page = client.get(url("revision-detail", policy, draft)).content.decode()
    assert 'href="https://wiki.example/incidents" rel="noopener noreferrer"' in page


def test_another_sort_of_content_takes_the_place_and_the_text_stays_in_the_history(here, policy, draft):
    client = client_of(here.controller)
    opened = client.get(url("revision-edit", policy, draft) + "?as=link").content.decode()
    client.post(url("revision-edit", policy, draft), posted(draft, source="link", link="https://wiki.example/"))

    before = draft.body
    draft.refresh_from_db()
    assert "So far the content is: Written here" in opened
    assert (draft.source, draft.body, draft.link) == ("link", "", "https://wiki.example/")
    assert draft.history.filter(body=before).exists()


# ---- pictures ------------------------------------------------------------------------------------------------------


def test_a_picture_is_kept_and_the_browser_told_what_to_write(here, policy, draft):
    client = client_of(here.owner)
    answer = client.post(url("document-pictures", policy), {"picture": SimpleUploadedFile("My [map].png", png())})

    picture = Picture.objects.get()
    assert f'"![My (map)](picture:{picture.pk})"' in answer["HX-Trigger-After-Swap"]
    shown = client.get(url("document-picture", policy, pk=picture.pk))
    assert b"".join(shown.streaming_content) == png()
    assert (shown["Content-Type"], shown["X-Content-Type-Options"]) == ("image/png", "nosniff")
    page = client.post(
        url("revision-preview", policy, draft), {"body": f"![Map](picture:{picture.pk})"}
    ).content.decode()
    assert f'<img src="{url("document-picture", policy, pk=picture.pk)}" alt="Map">' in page


def test_a_picture_of_another_document_is_not_shown(here, policy, draft):
    other = make_document(here.project, here.controller)
    picture = services.add_picture(document=other, upload=SimpleUploadedFile("a.png", png()), by=here.controller)

    page = client_of(here.owner).post(url("revision-preview", policy, draft), {"body": f"![Map](picture:{picture.pk})"})

    assert "<img" not in page.content.decode()
    assert client_of(here.owner).get(url("document-picture", policy, pk=picture.pk)).status_code == 404


@pytest.mark.parametrize(("name", "data"), [("a.svg", b"<svg/>"), ("a.png", b"<html>"), ("a.pdf", PDF), ("a.png", b"")])
def test_what_is_no_picture_is_refused_with_a_sentence(here, policy, name, data):
    answer = client_of(here.owner).post(url("document-pictures", policy), {"picture": SimpleUploadedFile(name, data)})

    page = answer.content.decode()
    assert "errorlist" in page and "HX-Trigger-After-Swap" not in answer and not Picture.objects.exists()


def test_without_a_script_the_picture_is_written_at_the_end_of_what_was_typed(here, policy, draft):
    parts = posted(draft, do="picture", body="# Typed", picture=SimpleUploadedFile("map.png", png()))
    answer = client_of(here.owner).post(url("revision-edit", policy, draft), parts)

    assert f"# Typed\n\n![map](picture:{Picture.objects.get().pk})" in answer.content.decode()
    draft.refresh_from_db()
    assert "Typed" not in draft.body


# ---- what comes next -----------------------------------------------------------------------------------------------


def test_giving_up_asks_for_a_reason_and_keeps_the_draft_for_the_record(here, policy, draft):
    client = client_of(here.owner)

    assert client.post(url("revision-drop", policy, draft), {"reason": " "}).status_code == 422
    answer = client.post(url("revision-drop", policy, draft), {"reason": "Nobody needs it."})

    draft.refresh_from_db()
    assert answer.status_code == 303 and draft.status == "withdrawn"
    assert JournalEntry.objects.get(action="document.revision_given_up").reason == "Nobody needs it."


def test_an_approved_revision_is_brought_into_effect_by_who_manages_documents(here, policy):
    import datetime as dt

    from core import dates

    draft = make_draft(policy, here.controller, planned_on=dates.today() + dt.timedelta(days=30))
    approve(policy, by=here.controller, decider=here.boss)
    page = client_of(here.controller).get(url("revision-detail", policy, draft)).content.decode()
    assert "Bring into effect now" in page and "takes effect by itself on" in page
    assert (
        "Bring into effect now" not in client_of(here.owner).get(url("revision-detail", policy, draft)).content.decode()
    )

    assert client_of(here.owner).post(url("revision-effect", policy, draft)).status_code in (303, 403)
    draft.refresh_from_db()
    state = draft.status
    client_of(here.controller).post(url("revision-effect", policy, draft))

    draft.refresh_from_db()
    assert draft.status == "effective" and state in ("approved", "effective")


def test_a_record_is_registered_from_its_page_and_a_procedure_is_not(here, policy, draft):
    record = make_document(here.project, here.controller, kind="record")
    written = make_draft(record, here.controller)
    client = client_of(here.controller)

    assert "Register it" in client.get(url("revision-detail", record, written)).content.decode()
    assert "Register it" not in client.get(url("revision-detail", policy, draft)).content.decode()
    client.post(url("revision-register", record, written))
    client.post(url("revision-register", policy, draft))

    written.refresh_from_db()
    draft.refresh_from_db()
    assert (written.status, draft.status) == ("effective", "draft")


def test_asking_for_approval_leads_to_the_document(here, policy, draft):
    page = client_of(here.owner).get(url("revision-detail", policy, draft)).content.decode()

    asked = reverse("approvals:approval-ask", kwargs={**policy.project.address, "kind": "document", "pk": policy.pk})
    assert (
        asked in page
        and asked not in client_of(here.auditor).get(url("revision-detail", policy, draft)).content.decode()
    )


# ---- comparing -----------------------------------------------------------------------------------------------------


def test_two_revisions_are_compared_word_by_word(here, policy):
    make_effective(policy, by=here.controller, decider=here.boss, body="# Purpose\n\nWe keep promises.")
    make_draft(policy, here.controller, body="# Purpose\n\nWe keep every promise.")

    page = client_of(here.auditor).get(url("document-compare", policy)).content.decode()

    assert "<del>promises</del><ins>every promise</ins>" in page
    backwards = client_of(here.auditor).get(url("document-compare", policy) + "?from=2&to=1").content.decode()
    assert "<del>every promise</del><ins>promises</ins>" in backwards


@pytest.mark.parametrize("query", ["?from=1&to=1", "?from=x&to=99999999999999999999", "?from=0&to=-1", "?to=1"])
def test_strange_numbers_compare_something_or_say_so(here, policy, query):
    make_effective(policy, by=here.controller, decider=here.boss)
    make_draft(policy, here.controller)

    answer = client_of(here.auditor).get(url("document-compare", policy) + query)

    assert answer.status_code == 200


def test_files_are_compared_by_name_size_and_digest(here, policy):
    first = services.start(document=policy, by=here.controller, source="file")
    first = services.put_file(revision=first, upload=docx(), by=here.controller)
    approve(policy, by=here.controller, decider=here.boss)
    second = services.start(document=policy, by=here.controller, source="file")
    second = services.put_file(revision=second, upload=SimpleUploadedFile("Procedure.pdf", PDF), by=here.controller)

    page = client_of(here.auditor).get(url("document-compare", policy)).content.decode()

    for said in (first.sha256, second.sha256, "SHA-256", "Size", "File"):
        assert said in page


# ---- budgets -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "budget"), [("revision-detail", 24), ("revision-edit", 14), ("document-compare", 13), ("revision-pdf", 16)]
)
def test_each_page_keeps_its_budget_with_one_revision_and_with_three(here, policy, name, budget):
    make_effective(policy, by=here.controller, decider=here.boss, body="![x](picture:1)")
    client = client_of(here.controller)
    counts = []
    for _round in range(3):
        last = make_draft(policy, here.controller, body="![x](picture:1)")
        revision = None if name == "document-compare" else last
        with queries(budget):
            assert client.get(url(name, policy, revision)).status_code == 200
        address = url(name, policy, revision)
        counts.append(count_queries(lambda at=address: client.get(at)))
        approve(policy, by=here.controller, decider=here.boss)
    assert len(set(counts)) == 1, counts


def test_the_preview_costs_the_same_for_many_pictures(here, policy, draft):
    made = [
        services.add_picture(document=policy, upload=SimpleUploadedFile(f"{n}.png", png()), by=here.owner)
        for n in range(3)
    ]
    client = client_of(here.owner)
    text = "\n\n".join(one.as_text for one in made)

    with queries(9):
        client.post(url("revision-preview", policy, draft), {"body": text})
    one = count_queries(lambda: client.post(url("revision-preview", policy, draft), {"body": made[0].as_text}))
    three = count_queries(lambda: client.post(url("revision-preview", policy, draft), {"body": text}))
    assert one == three
