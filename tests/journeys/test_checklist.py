"""A checklist in a browser: worked on a tablet while the connection drops, and beside a colleague who writes too."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import expect

from accounts.models import User
from audits.models import ChecklistLine, Finding
from audits.services import answering
from audits.services import checklist as checklists
from projects.models import Project
from tests.factories.audits import make_working_audit
from tests.helpers.browser import check

pytestmark = pytest.mark.django_db(transaction=True)
TABLET = {"width": 1024, "height": 768}
PHOTO = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def lines(served):
    """The checklist of an audit at work in the demo; its lead and a colleague write in it."""
    project = Project.objects.select_related("organization").get(organization__slug="alpenblick", slug="ims")
    lead, second = (User.objects.get(email=f"{name}@demo.example") for name in ("auditor", "consultant"))
    audit = make_working_audit(project, lead, second)
    for chosen in project.chosen_standards.all():
        audit.standard_links.create(standard=chosen.standard)
    checklists.generate(audit=audit, by=lead)
    return list(audit.lines.select_related("audit", "project__organization").order_by("position", "pk"))


def waiting(one) -> int:
    return one.page.evaluate("Object.keys(localStorage).filter(name => name.includes(':checklist:')).length")


def fresh(line) -> ChecklistLine:
    return ChecklistLine.objects.get(pk=line.pk)


def test_a_checklist_on_a_tablet_while_the_connection_drops_and_a_colleague_writes(visit, chrome, lines):
    audit = lines[0].audit
    one = visit("auditor@demo.example", width=TABLET["width"])
    one.page.set_viewport_size(TABLET)
    one.expect(r"409 .*/checklist/\d+/")
    one.go(f"/org/alpenblick/ims/audits/{audit.label}/checklist/")
    state, page = one.page.locator("[data-state]"), one.page
    evidence = page.get_by_label("What was seen")
    expect(page.locator("[data-help]")).to_be_attached()
    sizes = page.locator(".wk-result > span, .wk-list a, .wk-foot .btn:visible").evaluate_all(
        "all => Math.min(...all.map(one => one.getBoundingClientRect().height))"
    )
    assert sizes >= 48, "a target is too small for a finger"

    # By keyboard: a result, what was seen, the next line.
    page.keyboard.press("1")
    expect(state).to_contain_text("Saved")
    page.keyboard.press("e")
    page.keyboard.type("Minutes of the review in May")
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#wk-heading")).to_contain_text(lines[1].title)
    page.wait_for_function("() => !Object.keys(localStorage).some(name => name.includes(':checklist:'))")
    assert (fresh(lines[0]).result, fresh(lines[0]).evidence) == ("conform", "Minutes of the review in May")

    # The connection is cut for a while: three lines go on.
    one.context.set_offline(True)
    page.get_by_role("radio", name=re.compile("Minor nonconformity")).check(force=True)
    evidence.fill("4 of 11 needs are not marked")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#wk-heading")).to_contain_text(lines[2].title)
    page.get_by_role("radio", name=re.compile("Not sampled")).check(force=True)
    expect(page.get_by_label("Why was it not sampled?")).to_be_focused()
    page.keyboard.type("The site was closed")
    page.get_by_role("button", name="Next").click()
    evidence.fill("Half a sentence")
    page.get_by_text("not saved yet, kept in this browser; saving goes on by itself.").wait_for()
    assert waiting(one) == 3 and not fresh(lines[1]).result
    one.examine("dropped")
    page.close()
    page = one.page = one.context.new_page()  # the tablet was put away; it comes back with the connection
    page.set_viewport_size(TABLET)
    one.context.set_offline(False)
    one.go(f"/org/alpenblick/ims/audits/{audit.label}/checklist/?line={lines[1].pk}")
    page.wait_for_function(
        "() => !Object.keys(localStorage).some(name => name.includes(':checklist:'))", timeout=60_000
    )
    assert (fresh(lines[1]).result, fresh(lines[1]).evidence) == ("nc_minor", "4 of 11 needs are not marked")
    assert (fresh(lines[2]).result, fresh(lines[2]).not_sampled_because) == ("not_sampled", "The site was closed")
    assert fresh(lines[3]).evidence == "Half a sentence"
    expect(page.locator("[data-done]")).to_have_text("3")

    # A colleague writes about the same line: asked, both texts kept.
    second = User.objects.get(email="consultant@demo.example")
    evidence = page.get_by_label("What was seen")
    evidence.fill("4 of 11 needs are not marked, two of them of neighbours")
    line = fresh(lines[1])
    line.project = lines[1].project
    answering.answer(line=line, by=second, version=line.version, values={"evidence": "5 of 11, see the photo"})
    evidence.blur()
    note = page.locator("[data-note]")
    expect(note).to_contain_text("5 of 11, see the photo")
    expect(note).to_contain_text("two of them of neighbours")
    assert fresh(lines[1]).evidence == "5 of 11, see the photo"
    one.examine("both")
    note.get_by_role("button", name=re.compile("Keep mine")).click()
    page.wait_for_function("() => !Object.keys(localStorage).some(name => name.includes(':checklist:'))")
    assert fresh(lines[1]).evidence.endswith("two of them of neighbours")

    # The finding opens with what the line says.
    page.get_by_role("link", name="Finding", exact=True).click()
    page.get_by_label("Statement").fill("The register does not say which needs were adopted.")
    expect(page.get_by_label("Evidence")).to_have_value(re.compile("neighbours"))
    one.look("finding", chrome)
    page.get_by_role("button", name="Note the finding").click()
    page.get_by_role("heading", name=re.compile(r"^F-\d+")).wait_for()
    finding = Finding.objects.latest("pk")
    assert (finding.grade, finding.line_id) == ("nc_minor", lines[1].pk)
    assert finding.clause_links.count() == lines[1].clause_links.count()
    one.look("noted", chrome)
    one.go(f"/org/alpenblick/ims/audits/{audit.label}/checklist/?line={lines[1].pk}")
    one.look("checklist", chrome)

    # A photo is taken at the line; the panel goes with the line, and the next finding has it too.
    panel = page.locator("#evidence")
    panel.get_by_text("Add evidence").first.click()
    panel.get_by_label("File", exact=True).set_input_files(
        {"name": "register.png", "mimeType": "image/png", "buffer": PHOTO}
    )
    panel.get_by_role("button", name="Add evidence").click()
    expect(panel.get_by_role("link", name=re.compile("^register.png"))).to_be_visible()
    page.get_by_role("button", name="Next").click()
    expect(panel).to_contain_text("What will show an auditor")
    page.get_by_role("button", name="Back").click()
    expect(panel.get_by_role("link", name=re.compile("^register.png"))).to_be_visible()
    one.look("photo", chrome)
    page.get_by_role("link", name="Finding", exact=True).click()
    page.get_by_label("Statement").fill("The photo shows the register.")
    page.get_by_role("button", name="Note the finding").click()
    expect(page.locator("#evidence").get_by_role("link", name=re.compile("^register.png"))).to_be_visible()
    one.faults = [fault for fault in one.faults if not fault.startswith(("failed:", "console: Failed"))]  # as intended
    check(one)
