"""A policy from its model to its second edition: drafted, signed on a phone, read by staff, edited, signed again."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from django.core.management import call_command
from pypdf import PdfReader

from approvals.models import Approval, CertifiedPdf, Signature
from core.models import OutgoingMail
from documents import filling
from documents.models import Acknowledgement, Document, Reading
from jobs import running
from jobs.models import Job
from projects.demo import PASSWORD
from tests.helpers.browser import PHONE, check

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/org/alpenblick/ims/documents/"
MODEL = "acceptable-use-policy"
ADDED = "Private devices do not connect to the production network."


def press(one, name, role="button", **more):
    with one.page.expect_navigation():
        one.page.get_by_role(role, name=name, **more).first.click()


def tap(one, name, role="button"):
    with one.page.expect_navigation():
        one.page.get_by_role(role, name=name).first.tap()


def sign_on_the_phone(visit, served, chrome, document, *, look):
    """From the link in the mail to "signed": three taps and one password."""
    asked = Approval.objects.get(subject_kind="document", subject_id=document.pk, status="open")
    mail = OutgoingMail.objects.filter(
        recipient="management@demo.example", text__contains=asked.get_absolute_url()
    ).latest("pk")
    link = re.search(r"https?://\S+?/approvals/A-\d+/", mail.text)[0]
    boss = visit("management@demo.example", width=PHONE)
    taps = 0
    boss.go(link.removeprefix(served))  # the first tap: the link itself
    taps += 1
    if look:
        boss.look("decision", chrome)
    tap(boss, "Approve and sign")
    taps += 1
    boss.page.fill("input[name=password]", PASSWORD)
    tap(boss, re.compile("^Sign as "))
    taps += 1
    assert taps == 3
    boss.page.get_by_text("You have signed").wait_for()
    if look:
        boss.look("signed", chrome)
    return boss, asked


def fill_what_is_left(one, document):
    """Writes what the project does not know, and says what changes."""
    text = one.page.locator("#id_body").input_value()
    for left in filling.unfilled(text):
        text = text.replace(left.mark, "as the board has said")
    one.page.fill("#id_body", text)
    return text


def test_a_policy_from_its_model_to_its_second_edition(visit, served, chrome):
    writer = visit("consultant@demo.example")
    writer.go(f"{HOME}models/{MODEL}/")
    writer.look("model", chrome)
    press(writer, "Create this document")
    document = Document.objects.latest("pk")
    assert (document.kind, document.project.slug) == ("policy", "ims")

    writer.go(f"{HOME}{document.label}/r1/edit/")
    assert "{{" not in fill_what_is_left(writer, document)
    writer.page.locator("#preview").get_by_role("heading").first.wait_for()
    writer.look("editor", chrome)
    press(writer, "Save", exact=True)
    writer.go(f"{HOME}{document.label}/distribution/?audience=role&role=staff&asks=on&within_days=14")
    press(writer, "Give it out")
    writer.look("distribution", chrome)

    ask_for_the_signature(writer, document)
    writer.go(f"{HOME}{document.label}/")
    writer.look("awaited", chrome)
    boss, first = sign_on_the_phone(visit, served, chrome, document, look=True)
    document.refresh_from_db()
    assert list(document.revisions.values_list("number", "status")) == [(1, "effective")]

    reader = visit("staff@demo.example", width=PHONE)
    reader.go(f"{HOME}published/")
    reader.look("published", chrome)
    with reader.page.expect_navigation():
        reader.page.get_by_role("link", name=re.compile(re.escape(document.title))).first.tap()
    reader.look("reading", chrome)
    tap(reader, "Read and understood")
    assert Acknowledgement.objects.filter(revision__document=document, person__email="staff@demo.example").count() == 1

    press_edit(writer, document)
    writer.look("stale", chrome)
    ask_for_the_signature(writer, document)
    boss2, second = sign_on_the_phone(visit, served, chrome, document, look=False)
    boss2.go(second.get_absolute_url())
    boss2.page.get_by_text("edition 2").first.wait_for()

    first.refresh_from_db(), second.refresh_from_db()
    assert (first.is_in_force, second.is_in_force, second.edition) == (False, True, 2)
    assert sorted(document.revisions.values_list("number", "status")) == [(1, "superseded"), (2, "effective")]
    assert Reading.objects.get(document=document, person__email="staff@demo.example").confirmed is None
    writer.go(f"{HOME}{document.label}/compare/?from=1&to=2")
    writer.page.get_by_text("Private devices").first.wait_for()
    writer.look("compared", chrome)
    the_signed_pdf_is_known_again(visit, second, chrome)
    call_command("verify_signatures")
    assert Signature.objects.filter(approval__in=[first, second]).count() == 2
    check(writer, boss, reader, boss2)


def ask_for_the_signature(one, document):
    one.go(f"/org/alpenblick/ims/approvals/new/document/{document.pk}/")
    people = one.page.get_by_label(re.compile("Claudia Wyss"))
    if people.first.input_value() in ("", "0"):
        people.first.select_option("1")
    press(one, "Ask for the decision")
    assert Approval.objects.filter(subject_kind="document", subject_id=document.pk, status="open").count() == 1


def press_edit(one, document):
    """The next revision with one sentence more; the page then says that the approval is of other words."""
    one.go(f"{HOME}{document.label}/start/")
    press(one, "Start the revision")
    one.go(f"{HOME}{document.label}/r2/edit/")
    one.page.fill("#id_body", one.page.locator("#id_body").input_value() + f"\n\n{ADDED}\n")
    one.page.fill("[name=change_summary]", "Says what private devices may do")
    press(one, "Save", exact=True)
    one.go(f"{HOME}{document.label}/")
    one.page.get_by_text("Differs from what was approved").first.wait_for()
    one.page.get_by_text(re.compile("the working copy differs in")).first.wait_for()


def the_signed_pdf_is_known_again(visit, approval, chrome):
    """The worker seals it; whoever holds the file is told that it is in force."""
    for job in Job.objects.filter(kind="approved-pdf", state="queued"):
        assert running.run(job.pk) == "done", Job.objects.get(pk=job.pk).detail
    kept = CertifiedPdf.objects.get(approval=approval)
    manager = visit("manager@demo.example")
    manager.go(f"{approval.get_absolute_url()}certificate/")
    manager.look("certificate", chrome)
    with manager.page.expect_download() as taken:
        manager.page.get_by_role("link", name="Signed PDF").first.click()
    path = Path(taken.value.path())
    text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(path.read_bytes())).pages)
    assert "Claudia Wyss" in text and "Private devices" in " ".join(text.split())
    assert path.stat().st_size == kept.size_bytes
    guest = visit()
    guest.go("/verify/")
    guest.page.set_input_files(
        "input[type=file]", {"name": "policy.pdf", "mimeType": "application/pdf", "buffer": path.read_bytes()}
    )
    with guest.page.expect_navigation():
        guest.page.locator("main button[type=submit]").first.click()
    guest.page.get_by_text("Approved, and in force").wait_for()
    guest.examine("verified")
    check(manager, guest)
