"""The chart of the schedule in a browser: bars moved and stretched by mouse, finger and keys, refused, rows opened, 700 rows."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import contextmanager

import pytest

from accounts.models import Organization, User
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects.models import JournalEntry, PlanActivity, PlanMilestone, Task
from projects.permissions import Role
from projects.services import gate, milestone, start
from tests.factories.projects import grant
from tests.factories.schedule import make_long_plan
from tests.helpers.browser import PHONE, check

pytestmark = pytest.mark.django_db(transaction=True)
CHART = "/org/seefeld/isms/schedule/?level=activities&zoom=weeks"
DAY = 14  # core.svg.gantt.DAY_WIDTHS["weeks"]


@pytest.fixture
def isms(served):
    """A project that begins on a Monday of weeks without a holiday, and its manager."""
    organization = Organization.objects.get(slug="seefeld")
    manager = User.objects.get(email="manager@seefeld.example")
    soon = dt.date.today() + dt.timedelta(days=7)
    begins = min(
        day for year in (soon.year, soon.year + 1) for day in (dt.date(year, 1, 10), dt.date(year, 9, 1)) if day > soon
    )
    project = start.start(
        organization=organization, by=User.objects.get(email="consultant@seefeld.example"), name="Information security",
        slug="isms", catalogue=catalogues.current(), standards=list(Standard.objects.filter(slug="iso-27001-2022")),
        start_on=begins + dt.timedelta(days=-begins.weekday() % 7), headcount=420, holiday_country="CH",
        holiday_region="ZH", manager=manager,
    )  # fmt: skip
    grant(manager, Role.PROJECT_MANAGER, project)
    return project, manager


def activity(project, number="1.1.2"):
    return PlanActivity.objects.select_related("project__organization", "step").get(project=project, number=number)


def bar(one, number="1.1.2"):
    return one.page.locator(f'.g-bar[data-key="{number}"]')


def drag(one, days, *, number="1.1.2", at_end=False, drop=True):
    """So many days by mouse."""
    soft = bar(one, number).locator(".g-soft")
    soft.scroll_into_view_if_needed()
    box = soft.bounding_box()
    x, y = box["x"] + (box["width"] - 1 if at_end else 4), box["y"] + 6
    mouse = one.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x + days * DAY, y, steps=6)
    if drop:
        mouse.up()


def lies_where_it_lay(one, number="1.1.2"):
    moved = bar(one, number).get_attribute("transform") not in (None, "translate(0 0)")
    return not moved and not one.page.locator(".g-bar.is-moved").count() and one.page.locator(".gantt-tip").is_hidden()


def dialog(one):
    found = one.page.locator("dialog:has(.redate)")
    found.wait_for()
    return found


def gone(one):
    one.page.locator("dialog:has(.redate)").wait_for(state="detached")


@contextmanager
def drawn_anew(one):
    """Waits until the chart that is there has given way to another."""
    one.page.evaluate("document.querySelector('.g-bar').dataset.before = ''")
    yield
    one.page.locator(".g-bar[data-before]").wait_for(state="detached")


def saved(one, found, why=""):
    """Presses save; the chart is drawn anew with the bar where it was dropped."""
    if why:
        found.get_by_label("Why").fill(why)
    with drawn_anew(one):
        found.get_by_role("button", name=re.compile("^Save")).click()
    gone(one)


def working(project, day, n):
    """The working day `n` working days after `day`."""
    return project.calendar.add(day, n)


def test_a_bar_is_moved_stretched_and_let_go_by_mouse_and_the_consequence_is_seen_first(isms, visit, chrome):
    project, manager = isms
    one = visit(manager.email)
    one.go(CHART)
    before = activity(project)
    follower = activity(project, "1.1.3")

    drag(one, 7, drop=False)
    days = project.calendar.between(before.starts_on, before.ends_on)
    tip = one.page.locator(".gantt-tip").inner_text()
    assert f"{days} working day" in tip and str((before.starts_on + dt.timedelta(days=7)).day) in tip
    one.picture("dragged")
    one.page.keyboard.press("Escape")
    one.page.mouse.up()
    assert lies_where_it_lay(one)

    drag(one, 7)
    found = dialog(one)
    assert re.search(r"Moves \d+ tasks?, \d+ activities, and the certification by 5 working days", found.inner_text())
    one.examine("consequence")
    found.get_by_role("link", name="Cancel").click()
    gone(one)
    assert lies_where_it_lay(one) and activity(project).version == before.version

    drag(one, 7)
    saved(one, dialog(one), "The sponsor is away")
    moved = activity(project)
    assert moved.starts_on == before.starts_on + dt.timedelta(days=7) and moved.dates_are_manual
    assert moved.duration_days == days
    assert activity(project, "1.1.3").starts_on == working(project, follower.starts_on, 5)
    assert JournalEntry.objects.filter(
        project=project, action="activity.scheduled", reason="The sponsor is away"
    ).exists()
    one.page.get_by_text("The dates of activity 1.1.2 are saved.").wait_for()
    assert one.page.evaluate("document.activeElement.dataset.key") == "1.1.2"

    drag(one, 7, at_end=True)
    saved(one, dialog(one))
    longer = activity(project)
    assert (longer.starts_on, longer.duration_days) == (moved.starts_on, days + 5)

    one.go(CHART.replace("activities", "tasks"))
    task = Task.objects.filter(project=project, activity__number="1.2.1").earliest("number")
    drag(one, 7, number=task.label)
    saved(one, dialog(one))
    later = Task.objects.get(pk=task.pk)
    assert (later.due_on, later.dates_are_manual) == (task.due_on + dt.timedelta(days=7), True)
    check(one)


def test_a_bar_is_moved_by_keyboard_and_screen_readers_hear_where_it_lies(isms, visit, chrome):
    project, manager = isms
    one = visit(manager.email)
    one.go(CHART)
    before = activity(project)
    page, said = one.page, one.page.locator("[data-gantt-said]")
    link = page.locator(".g-bar[data-key='1.1.2']")
    assert re.search(r"^1\.1\.2 .+: \d+ \w+ .*– \d+ \w+.*, 0 % done", link.locator("title").text_content())
    link.focus()

    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    page.locator(".g-bar[data-key='1.1.2']:focus").wait_for(state="attached")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    days = project.calendar.between(before.starts_on, before.ends_on)
    start = working(project, before.starts_on, 2)
    assert f"{start.day} {start:%b}" in said.inner_text() and f"{days + 1} working days" in said.inner_text()
    page.keyboard.press("Escape")
    assert said.inner_text() == "1.1.2 stays where it is."

    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    found = dialog(one)
    page.keyboard.press("Escape")
    gone(one)
    page.locator(".g-bar[data-key='1.1.2']:focus").wait_for(state="attached")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    saved(one, found)
    assert activity(project).starts_on == working(project, before.starts_on, 1)

    page.locator(".g-bar[data-key='1.1.2']").focus()
    page.keyboard.press("Enter")  # nothing was moved: the link leads to the form
    page.wait_for_url(re.compile("/activities/1.1.2/schedule/"))
    check(one)


def test_a_step_and_a_milestone_are_moved_as_a_whole_by_mouse_and_by_keyboard_and_never_stretched(isms, visit, chrome):
    project, manager = isms
    last = PlanActivity.objects.filter(project=project).latest("ends_on")
    mark = milestone.add(
        project=project, by=manager, kind="own", title="Shown to the board", activity=activity(project), lag_days=3
    )
    one = visit(manager.email)
    one.go(CHART)
    page, said = one.page, one.page.locator("[data-gantt-said]")
    before, follower = activity(project, "1.1.1"), activity(project, "1.2.1")
    bar(one, "1.1.2").locator(".g-grip").wait_for(state="attached")  # the script has made its grips
    assert bar(one, "1.1").locator(".g-grip").count() == 0

    drag(one, 7, number="1.1")
    found = dialog(one)
    assert re.search(r"Moves \d+ tasks?, \d+ activities, .*and the certification by 5 working days", found.inner_text())
    assert "open activities move and are then set by hand" in found.inner_text()
    one.examine("a-step")
    found.get_by_role("link", name="Cancel").click()
    gone(one)
    assert lies_where_it_lay(one, "1.1") and activity(project, "1.1.1").version == before.version

    drag(one, 7, number="1.1", at_end=True)  # its end moves it too
    saved(one, dialog(one), "The sponsor is away")
    assert activity(project, "1.1.1").starts_on == before.starts_on + dt.timedelta(days=7)
    assert activity(project, "1.2.1").starts_on == working(project, follower.starts_on, 5)
    lines = JournalEntry.objects.filter(project=project, reason="The sponsor is away").exclude(action="schedule.moved")
    assert [line.action for line in lines] == ["step.moved"]
    page.get_by_text("The dates of step 1.1 are saved.").wait_for()
    page.locator(".g-bar[data-key='1.1']:focus").wait_for(state="attached")

    page.keyboard.press("Shift+ArrowRight")
    assert lies_where_it_lay(one, "1.1")
    page.keyboard.press("ArrowLeft")
    assert "1.1: " in said.inner_text() and "working days" in said.inner_text()
    page.keyboard.press("Escape")
    assert said.inner_text() == "1.1 stays where it is."
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    saved(one, dialog(one))
    assert activity(project, "1.1.1").starts_on == working(project, before.starts_on, 4)
    page.locator(".g-bar[data-key='1.1']").focus()
    page.keyboard.press("Enter")  # nothing was moved: the link leads to the form
    page.wait_for_url(re.compile("/steps/1.1/schedule/move/"))

    one.go(CHART.replace("activities", "phases"))
    mark.refresh_from_db()
    link = page.locator(f".g-bar[data-key='{mark.label}']")
    link.scroll_into_view_if_needed()
    link.focus()
    page.keyboard.press("ArrowRight")
    assert re.fullmatch(rf"{mark.label}: \w+ \d+ \w+ \d+", said.inner_text().replace(",", ""))
    one.picture("a-milestone")
    page.keyboard.press("Enter")
    assert "The date is then agreed" in dialog(one).inner_text()
    saved(one, dialog(one))
    moved = PlanMilestone.objects.get(pk=mark.pk)
    assert (moved.on, moved.is_fixed) == (working(project, mark.on, 1), True)

    box = link.locator(".g-hit").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 8)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2 + 7 * DAY, box["y"] + 8, steps=6)
    page.mouse.up()
    saved(one, dialog(one))
    assert PlanMilestone.objects.get(pk=mark.pk).on == moved.on + dt.timedelta(days=7)
    assert PlanActivity.objects.get(pk=last.pk).ends_on >= last.ends_on
    check(one)


def test_a_refused_move_says_why_and_the_bar_goes_back(isms, visit, served):
    project, manager = isms
    one = visit(manager.email)
    one.go(CHART)
    step = activity(project).step
    step.project = project
    gate.close(step=step, by=manager, reason="Done in the project before", approved_as="A-001")

    drag(one, 7)
    assert "the gate of step 1.1 is closed" in dialog(one).inner_text().replace("\u2019", "'")
    one.picture("refused")
    dialog(one).get_by_role("link", name="Close").click()
    gone(one)
    assert lies_where_it_lay(one)

    gate.reopen(step=step, by=manager, reason="Look again")
    PlanActivity.objects.filter(pk=activity(project).pk).update(
        ends_on=activity(project).ends_on + dt.timedelta(days=7)
    )
    one.expect("409 ")
    one.expect("422 ")
    drag(one, 7)
    assert "was changed by somebody else meanwhile" in dialog(one).inner_text()
    with drawn_anew(one):
        dialog(one).get_by_role("link", name="Close").click()
    assert bar(one).get_attribute("data-last") == str(activity(project).ends_on)

    reader = visit("auditor@seefeld.example")
    grant(User.objects.get(email="auditor@seefeld.example"), Role.AUDITOR, project)
    reader.go(CHART)
    assert reader.page.locator(".g-bar").count() > 10 and reader.page.locator("[data-key]").count() == 0
    one.faults = [fault for fault in one.faults if not fault.startswith(("422", "409"))]
    check(one, reader)


def test_phases_steps_and_activities_open_and_close_in_place_and_by_link(isms, visit, chrome):
    _project, manager = isms
    one = visit(manager.email)
    page = one.page
    one.go(CHART)
    page.locator(".gantt-names a:has-text('1.2.1 ')").first.wait_for()

    page.get_by_role("link", name="Hide the parts of 1.1 ").click()
    page.locator(".gantt-names a:has-text('1.1.1 ')").wait_for(state="detached")
    assert "shut=1.1" in page.url and page.evaluate("document.activeElement.dataset.row") == "1.1"
    assert page.locator(".gantt-names a:has-text('1.2.1 ')").count() == 1
    page.keyboard.press("Enter")
    page.locator(".gantt-names a:has-text('1.1.1 ')").wait_for()
    page.get_by_role("link", name="Hide the parts of 1 Plan").click()
    page.locator(".gantt-names a[href$='/steps/1.2/']").wait_for(state="detached")
    page.reload()
    assert page.locator(".gantt-names a[href$='/steps/1.2/']").count() == 0
    assert page.get_by_role("link", name="Show the parts of 1 Plan").get_attribute("aria-expanded") == "false"
    one.look("a-phase-is-shut", chrome)
    check(one)


def test_one_scroll_goes_through_700_rows_and_only_what_is_seen_is_sent(served, visit):
    project, manager = make_long_plan(120, 700), User.objects.get(email="manager@seefeld.example")
    grant(manager, Role.PROJECT_MANAGER, project)
    one = visit(manager.email)
    page = one.page
    asked = []
    page.on("request", lambda r: asked.append(r.url) if "page=" in r.url else None)
    one.go(f"/org/{project.organization.slug}/{project.slug}/schedule/?level=tasks")
    page.wait_for_load_state("networkidle")
    places = page.locator(".gantt-page")
    assert places.count() == 29 and page.locator(".gantt-page.is-waiting").count() >= 25

    page.evaluate("document.querySelector('[data-gantt]').scrollTop = 1e6")
    page.locator(".gantt-names a:has-text('T-600 ')").wait_for()
    page.wait_for_load_state("networkidle")
    assert len(asked) <= 8 and page.locator(".gantt-page.is-waiting").count() >= 20
    assert page.locator("table tbody[data-page='29'] tr").count() > 0

    page.evaluate("document.querySelector('[data-gantt]').scrollTop = 0")
    page.mouse.move(800, 600)
    page.locator("[data-gantt]").scroll_into_view_if_needed()
    page.locator("[data-gantt]").hover()
    for _turn in range(40):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(60)
    page.wait_for_function("() => !document.querySelector('.gantt-page.is-waiting')")
    assert page.locator(".gantt-names text").count() == 842 and len(asked) == len(set(asked)) == 28
    one.picture("scrolled")
    check(one)


def test_a_finger_holds_a_bar_first_and_a_swipe_scrolls(isms, visit, chrome):
    project, manager = isms
    one = visit(manager.email, width=PHONE, theme="dark")
    one.go(CHART)
    page = one.page
    soft = bar(one).locator(".g-soft")
    soft.scroll_into_view_if_needed()
    page.wait_for_timeout(300)
    box = soft.bounding_box()
    x, y = box["x"] + 5, box["y"] + 6
    touch = one.context.new_cdp_session(page)

    def send(kind, *points):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": a, "y": b} for a, b in points]})

    left = page.evaluate("document.querySelector('[data-gantt]').scrollLeft")
    send("touchStart", (x, y))
    for k in range(1, 7):
        send("touchMove", (x - 15 * k, y))
    send("touchEnd")
    page.wait_for_timeout(500)
    assert page.evaluate("document.querySelector('[data-gantt]').scrollLeft") > left
    assert page.locator("dialog:has(.redate)").count() == 0
    page.evaluate(f"document.querySelector('[data-gantt]').scrollLeft = {left}")

    send("touchStart", (x, y))
    page.wait_for_timeout(500)
    for k in range(1, 8):
        send("touchMove", (x + DAY * k, y))
    send("touchEnd")
    found = dialog(one)
    one.examine("by-finger")
    before = activity(project)
    saved(one, found)
    assert activity(project).starts_on == before.starts_on + dt.timedelta(days=7)
    check(one)
