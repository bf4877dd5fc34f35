"""The editor in a real browser: preview, marks by keyboard, a picture, what is kept without a connection, two people."""

from __future__ import annotations

import io

import pytest
from django.urls import reverse
from PIL import Image

from documents.models import Picture, Revision
from documents.services import revision as services
from tests.factories.documents import make_document, make_draft
from tests.helpers import browser as helper

pytestmark = pytest.mark.django_db(transaction=True)
BODY = (
    "# Purpose\n\nWe keep promises.\n\n# Roles\n\nThe owner decides.\n\n| Who | What |\n|---|---|\n| Owner | decides |"
)


@pytest.fixture
def draft(here, settings, tmp_path, live_server):
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    document = make_document(here.project, here.controller, title="Incident response", owner=here.owner)
    return make_draft(document, here.controller, body=BODY)


@pytest.fixture
def visit(chrome, live_server, draft):
    opened = []

    def open_as(person, **screen):
        one = helper.Visit(chrome, live_server.url, "editor", **screen)
        opened.append(one)
        one.come_in_as(person)
        one.page.goto(live_server.url + address("revision-edit", draft))
        return one

    yield open_as
    for one in opened:
        one.close()


def address(name, draft):
    parts = {**draft.project.address, "number": draft.document.label, "revision": draft.number}
    return reverse(f"documents:{name}", kwargs=parts)


def test_what_is_typed_is_shown_and_marked_by_keyboard_and_pictures_come_where_the_cursor_is(
    visit, here, draft, tmp_path
):
    one = visit(here.owner)
    page = one.page
    page.fill("#id_body", "# Scope\n\nAll sites.")
    page.wait_for_selector('#preview h2:has-text("Scope")')
    assert page.inner_text("#preview h2 .number") == "1"

    page.evaluate("document.getElementById('id_body').setSelectionRange(9, 18)")
    page.focus("#id_body")
    page.keyboard.press("Control+b")
    page.wait_for_selector("#preview strong:has-text('All sites')")
    assert page.input_value("#id_body") == "# Scope\n\n**All sites**."
    page.keyboard.press("Control+z")
    assert page.input_value("#id_body") == "# Scope\n\nAll sites."

    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.closest('[data-toolbar]') !== null")
    page.keyboard.press("ArrowRight")
    assert page.evaluate("document.activeElement.dataset.mark") in ("bold", "heading")

    out = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(out, "PNG")
    (tmp_path / "map.png").write_bytes(out.getvalue())
    page.evaluate("document.getElementById('id_body').setSelectionRange(7, 7)")
    page.set_input_files("#id_picture", tmp_path / "map.png")
    page.click("text=Add the picture")
    page.wait_for_selector("#preview img")
    wanted = f"![map](picture:{Picture.objects.get().pk})"
    assert page.input_value("#id_body").startswith(f"# Scope\n\n{wanted}")
    page.wait_for_function("document.querySelector('#preview img').naturalWidth === 30")

    page.click("button:has-text('Save') >> nth=1")
    page.wait_for_url("**/r1/")
    assert wanted in Revision.objects.get().body
    helper.check(one)


def test_nothing_typed_is_lost_without_a_connection_or_when_the_session_ends(visit, here, draft, settings):
    one = visit(here.owner)
    page = one.page
    one.expect("")
    one.context.set_offline(True)
    page.fill("#id_body", "# Kept\n\nTyped on a train.")
    page.wait_for_selector("[data-offline]:not([hidden])")
    one.context.set_offline(False)
    page.wait_for_selector('#preview h2:has-text("Kept")')
    one.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    page.click("button:has-text('Save and go on')")
    page.wait_for_url("**/accounts/login/**")
    services.save(revision=draft, by=here.controller, version=1, values={"body": BODY + "\n\n# Records\n\nFive years."})

    one.come_in_as(here.owner)
    page.goto(one.base + address("revision-edit", draft))
    page.wait_for_selector(".draft-note")
    assert page.input_value("#id_body") == "# Kept\n\nTyped on a train."
    page.wait_for_selector('#preview h2:has-text("Kept")')

    page.click("button:has-text('Save and go on')")
    page.wait_for_selector(".two-texts")  # the text began with an older version: nothing of the other is overwritten
    assert "Five years." in Revision.objects.get().body
    assert page.input_value("#text-mine") == "# Kept\n\nTyped on a train."
    assert "Five years." in page.input_value("#text-theirs")


def test_two_people_write_at_once_and_both_texts_end_in_the_draft(visit, here, draft, chrome):
    first, second = visit(here.owner), visit(here.controller)
    first.page.fill("#id_body", BODY.replace("keep promises", "keep every promise"))
    second.page.fill("#id_body", BODY.replace("The owner decides", "The head of IT decides"))
    first.page.click("button:has-text('Save and go on')")
    first.page.wait_for_selector("text=The draft is saved")

    second.expect("422 ")
    second.page.click("button:has-text('Save and go on')")
    second.page.wait_for_selector(".two-texts")
    second.examine("conflict")
    left, right = (second.page.inner_text(f".two-columns > div:nth-child({n})") for n in (1, 2))
    assert "head of IT" in left and "every" in right and "Owner" in second.page.inner_text(".two-texts")
    merged = second.page.input_value("#id_body")
    assert "keep every promise" in merged and "The head of IT decides" in merged

    second.page.click("[data-take=text-theirs]")
    assert "head of IT" not in second.page.input_value("#id_body")
    second.page.click("[data-take=text-both]")
    assert second.page.input_value("#id_body") == merged
    second.page.click("button:has-text('Save and go on')")
    second.page.wait_for_selector("text=The draft is saved")

    assert Revision.objects.get().body == merged
    helper.check(first, second)


def test_the_pages_of_a_revision_are_whole_on_every_screen(visit, here, draft, chrome):
    one = visit(here.owner)
    one.look("editor", chrome)
    one.page.goto(one.base + address("revision-detail", draft))
    one.look("revision", chrome)
    helper.check(one)
