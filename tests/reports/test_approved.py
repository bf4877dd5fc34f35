"""The signed document: made by a worker, sealed, known again by anybody who holds it."""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pypdf import PdfReader, PdfWriter

from approvals.models import CertifiedPdf
from jobs import running
from jobs.models import Job
from projects.models import JournalEntry
from reports import approved, pdf_seal
from tests.approvals.conftest import a_subject, ask, people, sign  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_key(settings, tmp_path):
    cache.clear()
    settings.PDF_SEAL_FILE, settings.PDF_SEAL_PASSPHRASE = "", ""
    settings.PDF_SEAL_OWN_FILE = tmp_path / "seal.p12"


@pytest.fixture
def made(people, ask):  # noqa: F811
    approval = ask()
    sign(approval, people.deciders[0], comment="Go.")
    job = Job.objects.get(kind=approved.JOB)
    running.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.reason
    return CertifiedPdf.objects.get()


def text_of(data):
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).split())


def test_the_last_signature_asks_for_the_document_and_a_worker_makes_it(people, made):  # noqa: F811
    client = Client()
    client.force_login(people.author, backend="accounts.backends.Backend")
    answer = client.get(f"{made.approval.get_absolute_url()}document/")
    data = b"".join(answer.streaming_content)

    said = text_of(data)
    signature = made.approval.signatures.get()
    for wanted in (
        "We keep promises.", "Decider 0", "Top management", signature.meaning, "Go.", signature.digest[:20],
        f"{signature.signed_at:%Y-%m-%d %H:%M:%S}", "verify/",
    ):  # fmt: skip
        assert wanted in said, wanted
    assert answer["Content-Disposition"].startswith("attachment") and len(data) == made.size_bytes
    assert JournalEntry.objects.filter(action="approval.certified").count() == 1
    found = Client().post("/verify/", {"file": SimpleUploadedFile("x.pdf", data)})
    assert b"Approved, and in force" in found.content


def test_the_seal_covers_the_whole_file_and_one_changed_byte_breaks_it(people, made):  # noqa: F811
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    from approvals.services import certified
    from core import files

    with files.opened(organization_id=made.organization_id, sha256=made.sha256, folder=certified.FOLDER) as stored:
        data = stored.read()

    def status(pdf):
        (seal,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        trusted = ValidationContext(trust_roots=[seal.signer_cert], allow_fetching=False)
        with ThreadPoolExecutor(max_workers=1) as own:  # as in pdf_seal: the browser's tests leave a loop running here
            return own.submit(validate_pdf_signature, seal, trusted).result()

    good = status(data)
    assert good.intact and good.valid and good.coverage.name == "ENTIRE_FILE"
    at = data.index(b"/Producer") if b"/Producer" in data else 200
    assert not status(data[: at + 14] + bytes([data[at + 14] ^ 1]) + data[at + 15 :]).intact


def test_it_seals_under_a_running_event_loop_too():
    page = PdfWriter()
    page.add_blank_page(100, 100)
    page.write(plain := io.BytesIO())

    async def under_a_loop():
        return pdf_seal.sealed(plain.getvalue(), reason="Policy")

    with ThreadPoolExecutor(max_workers=1) as own:
        assert b"/ByteRange" in own.submit(asyncio.run, under_a_loop()).result()


def test_the_own_certificate_is_made_once(settings):
    first = pdf_seal._own_file().read_bytes()
    assert pdf_seal._own_file().read_bytes() == first
    assert settings.PDF_SEAL_OWN_FILE.stat().st_mode & 0o077 == 0
