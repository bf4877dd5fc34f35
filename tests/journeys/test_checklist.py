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
from projects.models import Evidence, Project
from projects.services import evidence
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
    seen = page.get_by_label("What was seen")
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
    seen.fill("4 of 11 needs are not marked")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#wk-heading")).to_contain_text(lines[2].title)
    page.get_by_role("radio", name=re.compile("Not sampled")).check(force=True)
    expect(page.get_by_label("Why was it not sampled?")).to_be_focused()
    page.keyboard.type("The site was closed")
    page.get_by_role("button", name="Next").click()
    seen.fill("Half a sentence")
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
    seen = page.get_by_label("What was seen")
    seen.fill("4 of 11 needs are not marked, two of them of neighbours")
    line = fresh(lines[1])
    line.project = lines[1].project
    answering.answer(line=line, by=second, version=line.version, values={"evidence": "5 of 11, see the photo"})
    seen.blur()
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


def waiting_files(one) -> list[str]:
    """What the browser keeps of files, over all persons."""
    return one.page.evaluate(
        """async () => {
          const found = [];
          for (const { name } of await indexedDB.databases()) {
            const names = await new Promise((resolve) => {
              const opening = indexedDB.open(name);
              opening.onsuccess = () => {
                const database = opening.result;
                if (!database.objectStoreNames.contains("files")) return resolve([]);
                const all = database.transaction("files").objectStore("files").getAll();
                all.onsuccess = () => { database.close(); resolve(all.result.map((file) => file.name)); };
              };
            });
            found.push(...names);
          }
          return found.sort();
        }"""
    )


def pieces_of(line) -> list[str]:
    return sorted(
        Evidence.objects.filter(target_id=line.pk, target_kind="audits.checklistline").values_list(
            "file_name", flat=True
        )
    )


def choose(page, name: str, data: bytes = PHOTO) -> None:
    page.locator("[data-choose]").set_input_files({"name": name, "mimeType": "image/png", "buffer": data})


def as_intended(one) -> None:
    """Requests that failed because the connection was cut are no faults."""
    one.faults = [fault for fault in one.faults if not fault.startswith(("failed:", "console: Failed"))]
    check(one)


def test_a_photo_chosen_without_a_connection_waits_in_the_browser_and_is_sent_when_it_is_back(visit, chrome, lines):
    home = f"/org/alpenblick/ims/audits/{lines[0].audit.label}/checklist/"
    one = visit("auditor@demo.example", width=TABLET["width"])
    one.page.set_viewport_size(TABLET)
    one.expect(r"422 .*/evidence/audits.checklistline/\d+/add/")
    one.go(f"{home}?line={lines[0].pk}")
    page, files = one.page, one.page.locator("[data-files] li")
    expect(page.locator(".wk-choose")).to_be_visible()

    one.context.set_offline(True)
    choose(page, "valve.png")
    expect(files).to_have_text([re.compile("valve.png.*Waiting for the network")])
    choose(page, "empty.png", b"no picture")
    page.get_by_role("button", name="Next").click()
    expect(page.locator("#wk-heading")).to_contain_text(lines[1].title)
    expect(files).to_have_count(0)
    choose(page, "label.png")
    choose(page, "by mistake.png")
    page.get_by_role("button", name="Remove: by mistake.png").click()
    expect(files).to_have_text([re.compile("label.png.*Waiting for the network")])
    expect(page.locator(f"[data-line='{lines[0].pk}']")).to_have_class(re.compile("is-unsaved"))
    page.get_by_text("3 not saved yet, kept in this browser; saving goes on by itself.").wait_for()
    assert (
        waiting_files(one) == ["empty.png", "label.png", "valve.png"]
        and not Evidence.objects.filter(target_kind="audits.checklistline").exists()
    )
    one.examine("waiting")

    page.close()  # the tablet was put away; it comes back with the connection
    page = one.page = one.context.new_page()
    page.set_viewport_size(TABLET)
    one.context.set_offline(False)
    one.go(f"{home}?line={lines[0].pk}")
    files = page.locator("[data-files] li")
    expect(files.filter(has_text="valve.png")).to_contain_text("Sent")
    expect(page.locator("#evidence").get_by_role("link", name=re.compile("^valve.png"))).to_be_visible()
    refused = files.filter(has_text="empty.png")
    expect(refused).to_contain_text("Refused: ")
    page.wait_for_function("() => !document.querySelector('.is-waiting, .is-sending')")
    one.look("refused", chrome)
    assert (pieces_of(lines[0]), pieces_of(lines[1]), waiting_files(one)) == (
        ["valve.png"],
        ["label.png"],
        ["empty.png"],
    )
    refused.get_by_role("button", name="Try again").click()
    expect(refused).to_contain_text("Refused: ")
    refused.get_by_role("button", name="Remove").click()
    expect(refused).to_have_count(0)
    assert waiting_files(one) == []
    as_intended(one)


def test_a_photo_whose_answer_was_lost_is_not_there_twice(visit, lines):
    one = visit("auditor@demo.example", width=TABLET["width"])
    one.go(f"/org/alpenblick/ims/audits/{lines[0].audit.label}/checklist/?line={lines[0].pk}")
    keys = []

    def lose(route) -> None:
        keys.append(re.search(rb'name="once"\r\n\r\n([^\r]+)', route.request.post_data_buffer)[1])
        answer = route.fetch()
        if len(keys) < 3:
            route.abort()
        else:
            route.fulfill(response=answer)

    one.page.route(re.compile("/evidence/audits.checklistline/"), lose)
    choose(one.page, "valve.png")
    expect(one.page.locator("[data-files] li")).to_have_text([re.compile("valve.png.*Sent")])
    expect(one.page.locator("#evidence").get_by_role("link", name=re.compile("^valve.png"))).to_have_count(1)

    assert len(keys) == 3 and len(set(keys)) == 1
    assert pieces_of(lines[0]) == ["valve.png"] and waiting_files(one) == []
    as_intended(one)


def test_signing_out_removes_the_files_that_wait(visit, lines):
    one = visit("auditor@demo.example")
    one.go(f"/org/alpenblick/ims/audits/{lines[0].audit.label}/checklist/?line={lines[0].pk}")
    page = one.page
    page.route(re.compile("/evidence/audits.checklistline/"), lambda route: route.abort())
    choose(page, "valve.png")
    expect(page.locator("[data-files] li")).to_have_text([re.compile("valve.png.*Waiting")])
    assert waiting_files(one) == ["valve.png"]

    page.evaluate("() => document.querySelector('form[data-sign-out]').requestSubmit()")
    expect(page.get_by_role("dialog")).to_contain_text("Signing out removes it from this browser")
    with page.expect_navigation():
        page.get_by_role("dialog").locator("button[value=confirm]").click()
    page.wait_for_load_state()

    assert page.evaluate("async () => (await indexedDB.databases()).map((one) => one.name)") == []
    assert pieces_of(lines[0]) == []
    as_intended(one)


def test_what_a_colleague_attaches_appears_at_the_open_line_and_a_half_filled_form_stays(visit, lines):
    line = lines[0]
    home = f"/org/alpenblick/ims/audits/{line.audit.label}/checklist/?line={line.pk}"
    one, other = visit("auditor@demo.example"), visit("consultant@demo.example")
    one.go(home)
    panel = one.page.locator("#evidence")
    panel.get_by_text("Add evidence").first.click()
    title = panel.get_by_label("What it shows")
    title.fill("Half a ti")

    other.go(home)
    choose(other.page, "valve.png")
    expect(other.page.locator("#evidence").get_by_role("link", name=re.compile("^valve.png"))).to_be_visible()

    expect(panel.get_by_role("link", name=re.compile("^valve.png"))).to_be_visible()
    expect(panel.locator("header .sub")).to_have_text("1")
    expect(title).to_have_value("Half a ti")
    expect(title).to_be_focused()
    piece = Evidence.objects.get(target_kind="audits.checklistline")
    piece.project = line.project
    evidence.withdraw(evidence=piece, reason="The wrong valve", by=piece.added_by)
    expect(panel).to_contain_text("1 piece withdrawn")
    check(one, other)
