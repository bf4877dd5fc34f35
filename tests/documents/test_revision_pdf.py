"""The PDF of a revision: whole in every state, made again when anything printed changed, and a failure that says why."""

from __future__ import annotations

import datetime as dt
import io
import re

import pypdf
import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from core import files
from core.rules import RuleBroken
from documents.flows import RevisionStatus
from documents.models import Revision, RevisionPdf
from documents.selectors import document as documents
from documents.selectors import revision as selectors
from documents.services import document as lines
from documents.services import pdf as services
from documents.services import revision as revisions
from jobs import ledger, running
from jobs.models import Job
from projects.permissions import Role
from reports import press, revision_pdf
from reports.sweeps import sweep
from tests.factories.documents import approve, make_document, make_draft, make_effective
from tests.factories.projects import grant, make_project, make_user

pytestmark = pytest.mark.django_db
BODY = "# Purpose\n\nWe keep promises.\n\n## Scope\n\nAll of us.\n\n# Roles\n\n| Who | Does |\n|---|---|\n| Owner | decides |\n\n# End"


@pytest.fixture(autouse=True)
def store(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture(autouse=True)
def bells(monkeypatch):
    from jobs import tasks

    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **options: None)


@pytest.fixture
def policy(here):
    return make_document(here.project, here.controller, title="Incident response", owner=here.owner)


def client_of(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(revision) -> str:
    document = revision.document
    parts = {**document.project.address, "number": document.label, "revision": revision.number}
    return reverse("documents:revision-pdf", kwargs=parts)


def fresh(revision) -> Revision:
    return documents.revision(documents.one(revision.project, revision.document.label), revision.number)


def make(revision, by) -> Job:
    """Asks and works, as a worker would."""
    job = services.ask(revision=fresh(revision), by=by)
    running.run(job.pk)
    job.refresh_from_db()
    return job


def pages_of(data: bytes) -> list[str]:
    return [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(data)).pages]


def laid_out(revision) -> list[str]:
    """The pages of a revision as they are now, without the ledger."""
    sheet = revision_pdf.sheet(fresh(revision))
    made = press.printed(sheet.html, css=sheet.css, images=sheet.images)
    assert made.refused == ()
    return pages_of(made.pdf)


# ---- made, given out, made again -----------------------------------------------------------------------------------


def test_a_worker_makes_it_and_it_is_given_out_privately(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)
    client = client_of(here.auditor)
    page = client.get(address(draft)).content.decode()
    assert "Make the PDF" in page

    assert client.post(address(draft)).status_code == 303
    job = Job.objects.get(kind=selectors.JOB)
    assert job.actor == here.auditor and "hx-get" in client.get(address(draft)).content.decode()
    running.run(job.pk)

    answer = client.get(address(draft))
    data = b"".join(answer.streaming_content)
    assert answer["Content-Type"] == "application/pdf" and answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff" and "no-store" in answer["Cache-Control"]
    made = RevisionPdf.objects.get()
    assert (made.size_bytes, made.pages) == (len(data), 2)
    job.refresh_from_db()
    assert job.url == address(draft)
    first, second = pages_of(data)
    for said in (str(here.project.organization), policy.code, "Incident response", "Revision 1", "Internal", "Page 1 of 2",
                 "History of this document", "First words", "Controller", "Contents", "1.1 Scope", "Owner"):  # fmt: skip
        assert said in first, said
    assert "1 Purpose" in second and "Owner decides" in second and "Page 2 of 2" in second


def test_one_made_as_a_draft_is_not_given_out_for_a_later_state(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)
    make(draft, here.controller)
    client = client_of(here.controller)
    assert client.get(address(draft))["Content-Type"] == "application/pdf"

    approve(policy, by=here.controller, decider=here.boss)
    answer = client.get(address(draft))

    assert "text/html" in answer["Content-Type"] and "shows an older state" in answer.content.decode()
    make(draft, here.controller)
    text = " ".join(pages_of(b"".join(client.get(address(draft)).streaming_content)))
    assert "In effect since" in text and "DRAFT" not in text and "Boss" in text


@pytest.mark.parametrize("what", ["text", "summary", "title", "picture", "classification", "state", "day"])
def test_whatever_is_printed_and_changes_makes_another_key(here, policy, what):
    draft = make_draft(policy, here.controller, body="# A\n\n![x](picture:1)")
    before = selectors.printed_key(fresh(draft))

    if what in ("text", "summary"):
        values = {"body": "# B"} if what == "text" else {"change_summary": "Other"}
        revisions.save(revision=draft, by=here.controller, version=1, values=values)
    elif what in ("state", "day"):
        values = {"status": "in_review"} if what == "state" else {"planned_on": dt.date(2026, 6, 1)}
        Revision.objects.filter(pk=draft.pk).update(**values)
    elif what == "picture":
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, "PNG")
        picture = revisions.add_picture(
            document=policy, upload=SimpleUploadedFile("a.png", out.getvalue()), by=here.owner
        )
        Revision.objects.filter(pk=draft.pk).update(body=f"# A\n\n![x](picture:{picture.pk})")
        before = selectors.printed_key(fresh(draft))
        type(picture).objects.filter(pk=picture.pk).update(sha256="0" * 64)
    else:
        values = {"title": "Other"} if what == "title" else {"classification": "secret"}
        lines.change(document=policy, by=here.controller, version=policy.version, values=values)

    assert selectors.printed_key(fresh(draft)) != before


def test_reading_it_again_makes_the_same_key(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)

    assert selectors.printed_key(fresh(draft)) == selectors.printed_key(fresh(draft))


def test_asking_twice_is_one_job(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)

    first, second = (services.ask(revision=fresh(draft), by=here.controller) for _ in range(2))

    assert first.pk == second.pk


def test_a_file_or_a_link_is_not_printed(here, policy):
    draft = revisions.start(document=policy, by=here.controller, source="link", values={"link": "https://x.example/"})

    with pytest.raises(RuleBroken, match="written here"):
        services.ask(revision=draft, by=here.controller)
    assert client_of(here.controller).get(address(draft)).status_code == 404


def test_readers_have_the_pdf_of_what_is_published_to_them_and_of_nothing_else(here, policy):
    from documents.services import reading

    effective = make_effective(policy, by=here.controller, decider=here.boss, body=BODY)
    draft = make_draft(policy, here.controller, body=BODY)
    reader, published = (
        client_of(here.staff),
        reverse("documents:published-pdf", kwargs={**policy.project.address, "number": policy.label}),
    )
    assert reader.get(published).status_code == 404
    reading.give(document=policy, by=here.controller, audience="person", person=here.staff)

    assert reader.get(published)["Location"] == address(effective)
    assert reader.get(address(draft)).status_code == 404
    reader.post(address(effective))
    running.run(Job.objects.get(kind=selectors.JOB, actor=here.staff).pk)
    assert reader.get(address(effective))["Content-Type"] == "application/pdf"
    stranger = make_user()
    grant(stranger, Role.DOCUMENT_CONTROLLER, make_project())
    assert client_of(stranger).get(address(effective)).status_code == 404


def test_a_right_that_ended_meanwhile_ends_the_job(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)
    job = services.ask(revision=fresh(draft), by=here.staff)  # staff reads no drafts

    running.run(job.pk)

    job.refresh_from_db()
    assert job.is_failed and "no longer have the right" in job.reason and not RevisionPdf.objects.exists()


# ---- every state ---------------------------------------------------------------------------------------------------

MARKS = {
    "draft": ("DRAFT", "Draft of"),
    "in_review": ("IN REVIEW", "In review, not approved yet"),
    "approved": ("NOT YET IN EFFECT", "Approved, takes effect on"),
    "effective": ("", "In effect since 4 May 2026"),
    "superseded": ("SUPERSEDED", "Superseded on 10 May 2026"),
    "withdrawn": ("WITHDRAWN", "Withdrawn on 10 May 2026"),
}


@pytest.mark.parametrize("status", list(RevisionStatus))
def test_every_state_is_printed_on_every_page(here, policy, status):
    draft = make_draft(policy, here.controller, body=BODY)
    moment = dt.datetime(2026, 5, 10, 12, tzinfo=dt.UTC)
    Revision.objects.filter(pk=draft.pk).update(
        status=status, effective_on=dt.date(2026, 5, 4), planned_on=dt.date(2026, 6, 1), ended_at=moment
    )

    pages = laid_out(draft)

    mark, state = MARKS[status]
    for page in pages:
        assert state in page
        for other in {word for word, _state in MARKS.values()} - {"", mark}:
            assert other not in page
        assert not mark or mark in page


@pytest.mark.parametrize(
    ("language", "words"),
    [("de", ("Seite 1 von", "Inhalt", "ENTWURF", "Geschichte dieses Dokuments")),
     ("fr", ("Page 1 de", "Sommaire", "PROJET", "Historique de ce document"))],
)  # fmt: skip
def test_the_fixed_words_are_in_the_language_of_the_document(here, language, words):
    document = make_document(here.project, here.controller, language=language)
    draft = make_draft(document, here.controller, body=BODY)

    text = " ".join(laid_out(draft))

    for word in words:
        assert word in text, word


def test_the_history_names_every_revision_that_was_approved_and_who_did(here, policy):
    with time_machine.travel(dt.datetime(2026, 5, 4, 12, tzinfo=dt.UTC)):
        make_effective(policy, by=here.controller, decider=here.boss, body=BODY, change_summary="The first")
    second = make_effective(policy, by=here.owner, decider=here.boss,
                            body=BODY, change_summary="Roles made clear")  # fmt: skip
    dropped = make_draft(policy, here.controller, change_summary="Given up")
    revisions.drop(revision=dropped, by=here.controller, reason="No.")
    third = make_draft(policy, here.controller, body=BODY, change_summary="Not yet")

    past = selectors.history(fresh(third))

    assert [(one.revision.number, one.author, one.approved_by) for one in past] == [
        (4, "Controller", ""), (2, "Owner", "Boss"), (1, "Controller", "Boss"),
    ]  # fmt: skip
    first = laid_out(second)[0]
    assert re.search(r"2 \S+ Roles made clear Owner Boss", first) and "1 2026-05-04 The first Controller Boss" in first
    assert "Not yet" not in first


def test_pictures_are_printed(here, policy):
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "PNG")
    picture = revisions.add_picture(document=policy, upload=SimpleUploadedFile("a.png", out.getvalue()), by=here.owner)
    draft = make_draft(policy, here.controller, body=f"# Map\n\n![Map](picture:{picture.pk})")

    sheet = revision_pdf.sheet(fresh(draft))
    made = press.printed(sheet.html, css=sheet.css, images=sheet.images)

    assert made.refused == ()
    found = [image for page in pypdf.PdfReader(io.BytesIO(made.pdf)).pages for image in page.images]
    assert len(found) == 1 and found[0].image.size == (40, 20)


# ---- long, and wrong -----------------------------------------------------------------------------------------------


def test_sixty_pages_are_made_with_progress(here, policy, monkeypatch):
    chapter = "\n\n".join(["The quick brown fox jumps over the lazy dog. " * 24] * 6)
    draft = make_draft(policy, here.controller, body="\n\n".join(f"# Chapter {n}\n\n{chapter}" for n in range(1, 41)))
    told: list[tuple[int, str]] = []
    monkeypatch.setattr(running, "TELL_SECONDS", 0)
    renew = ledger.renew
    monkeypatch.setattr(
        ledger,
        "renew",
        lambda job, **values: (
            told.append((values.get("percent", 0), values.get("progress", ""))) or renew(job, **values)
        ),
    )

    job = make(draft, here.controller)

    assert job.is_done, job.reason
    assert RevisionPdf.objects.get().pages >= 60
    percents = [percent for percent, text in told if text]
    assert percents == sorted(percents) and len(set(percents)) > 5
    assert any("page" in text for _percent, text in told) and told[-1][0] >= 90


def test_a_document_that_is_too_large_says_so_and_can_be_tried_again(here, policy, monkeypatch):
    draft = make_draft(policy, here.controller, body=BODY)
    printed = press.printed
    monkeypatch.setattr(
        press, "printed", lambda html, **options: printed(html, **{**options, "memory_bytes": 60_000_000})
    )

    job = make(draft, here.controller)
    page = client_of(here.controller).get(address(draft)).content.decode()

    # Where the memory ends decides which of the two sentences it is: both say what happened and that it can be repeated.
    said = ("The document is too large for one PDF.", "The PDF could not be made;")
    assert job.is_failed and job.reason.startswith(said)
    assert job.reason in page and "Try again" in page and not RevisionPdf.objects.exists()
    monkeypatch.undo()
    from jobs import tasks

    monkeypatch.setattr(tasks.run, "apply_async", lambda args, **options: None)
    ledger.again(job)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.is_done and RevisionPdf.objects.count() == 1


def test_a_lost_pdf_is_said_and_the_sweep_keeps_only_the_one_that_counts(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)
    make(draft, here.controller)
    old = RevisionPdf.objects.get().sha256
    approve(policy, by=here.controller, decider=here.boss)
    make(draft, here.controller)
    new = RevisionPdf.objects.get().sha256
    where = {"organization_id": policy.organization_id, "folder": selectors.FOLDER}
    assert old != new
    files.opened(sha256=old, **where).close()

    with time_machine.travel(dt.datetime.now(dt.UTC) + dt.timedelta(days=2)):
        assert sweep()["revision_pdf_files"] == 1

    with pytest.raises(FileNotFoundError):
        files.opened(sha256=old, **where)
    files.opened(sha256=new, **where).close()


# ---- what is signed ------------------------------------------------------------------------------------------------


def test_the_signed_document_carries_its_text_its_picture_and_the_language_of_the_document(here, settings, tmp_path):
    from approvals.models import CertifiedPdf
    from reports import approved

    settings.PDF_SEAL_FILE, settings.PDF_SEAL_PASSPHRASE = "", ""
    settings.PDF_SEAL_OWN_FILE = tmp_path / "seal.p12"
    document = make_document(here.project, here.controller, language="de", title="Weisung")
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(out, "PNG")
    picture = revisions.add_picture(
        document=document, upload=SimpleUploadedFile("a.png", out.getvalue()), by=here.controller
    )
    make_effective(document, by=here.controller, decider=here.boss, body=f"# Zweck\n\n![Plan](picture:{picture.pk})")

    running.run(Job.objects.get(kind=approved.JOB).pk)

    made = CertifiedPdf.objects.get()
    with files.opened(organization_id=made.organization_id, sha256=made.sha256, folder="approved") as stored:
        reader = pypdf.PdfReader(io.BytesIO(stored.read()))
    text = " ".join(page.extract_text() for page in reader.pages)
    assert "Weisung" in text and "1 Zweck" in text and "Klassifizierung" in text
    assert {image.image.size for page in reader.pages for image in page.images} == {(40, 20)}


def test_one_that_was_begun_earlier_does_not_replace_what_is_true_now(here, policy):
    draft = make_draft(policy, here.controller, body=BODY)
    make(draft, here.controller)
    known = RevisionPdf.objects.get()

    services.keep(revision=fresh(draft), key="0" * 64, sha256="1" * 64, size_bytes=1, pages=1, made_at=known.made_at)

    known.refresh_from_db()
    assert known.key == selectors.printed_key(fresh(draft)) and known.size_bytes > 1
