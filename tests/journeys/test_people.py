"""What people of the demo do in a browser, from the first click to the last."""

from __future__ import annotations

import re
import time

import pytest

from accounts.models import User
from projects.models import JournalEntry, Project, Task
from tests.helpers.browser import PHONE, check

pytestmark = pytest.mark.django_db(transaction=True)


def words(visit) -> str:
    return visit.page.inner_text("body")


def test_a_newcomer_finds_the_way_in_the_first_minutes(visit, served, chrome):
    """The front page names the sign-ins; each of the main pages is one click away and says what it is."""
    one = visit()
    one.go("/")
    one.page.wait_for_url(re.compile("/accounts/login/"))
    assert "Lena Brunner" in words(one)
    one.look("sign-in", chrome)
    one.sign_in("manager@demo.example", "ims2-demo")
    one.look("start", chrome)
    one.go("/org/alpenblick/ims/")
    assert one.page.locator("svg.wheel, .wheel svg, svg[role=img]").count() >= 1
    one.look("project-home", chrome)
    for name, path in (
        ("overview", "/org/alpenblick/ims/overview/"),
        ("steps", "/org/alpenblick/ims/steps/"),
        ("step", "/org/alpenblick/ims/steps/1.7/"),
        ("activity", "/org/alpenblick/ims/activities/2.3.4/"),
        ("tasks", "/org/alpenblick/ims/tasks/"),
        ("board", "/org/alpenblick/ims/tasks/board/"),
        ("calendar", "/org/alpenblick/ims/tasks/calendar/"),
        ("journal", "/org/alpenblick/ims/journal/"),
        ("team", "/org/alpenblick/ims/team/"),
        ("my-work", "/my-work/"),
        ("method", "/method/"),
        ("crosswalk", "/crosswalk/?s=iso-9001-2026&s=iso-27001-2022"),
    ):
        answer = one.go(path)
        assert answer.status == 200, f"{path} answers {answer.status}"
        one.look(name, chrome)
    check(one)


def test_a_consultant_starts_a_project_and_has_it_running(visit, served, chrome):
    one = visit("consultant@demo.example")
    one.go("/start/")
    begun = time.monotonic()
    one.look("start-empty", chrome)
    looked = time.monotonic() - begun
    page = one.page
    page.fill("[name=client_name]", "Rheintal Präzision AG")
    for slug in ("iso-9001-2026", "iso-27001-2022"):
        page.locator(f"input[name=standards][value='{slug}']").check()
    if page.locator("[name=name]").input_value() == "":
        page.fill("[name=name]", "Integrated management system")
    one.examine("start-filled")
    with page.expect_navigation():
        page.get_by_role("button", name="Start the project").click()
    took = time.monotonic() - begun - looked
    assert "/org/" in page.url, words(one)[:800]
    one.look("running", chrome)
    project = Project.objects.latest("pk")
    assert (project.organization.name, project.activity_count, project.task_count) == (
        "Rheintal Präzision AG",
        101,
        328,
    )
    print(f"\nA project was running {took:.1f} s after the page was open (a browser types faster than people).")
    assert took < 300
    check(one)


def test_a_staff_member_comes_from_a_mail_and_is_done_in_two_taps(visit, served, chrome):
    """The link asks for the sign-in, opens the task, and one tap completes it; the second closes nothing else."""
    task = Task.objects.get(title__startswith="Photograph the labelled fire extinguishers")
    Task.objects.filter(pk=task.pk).update(is_open=True)
    one = visit(width=PHONE)
    one.go(f"/org/alpenblick/ims/tasks/{task.label}/")
    one.sign_in("staff@demo.example", "ims2-demo")
    assert one.page.url.endswith(f"/tasks/{task.label}/"), one.page.url
    one.look("task", chrome)
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Done").first.tap()
    task.refresh_from_db()
    assert task.status == "done"
    assert task.completed_by.email == "staff@demo.example"
    one.examine("done")
    assert JournalEntry.objects.filter(action="task.complete", target_id=task.pk, actor=task.completed_by).count() == 1
    check(one)


def test_two_people_edit_one_task_and_nothing_is_lost(visit, served):
    task = Task.objects.get(title__startswith="Map the procedures to the ISO 13485")
    path = f"/org/alpenblick/ims/tasks/{task.label}/edit/"
    one, two = visit("manager@demo.example"), visit("consultant@demo.example")
    for screen in (one, two):
        screen.expect(r"^(409|422) ")
        screen.go(path)
    one.page.fill("[name=title]", "Map the procedures, said the manager")
    with one.page.expect_navigation():
        one.page.locator("main form button[type=submit]").first.click()
    two.page.fill("[name=title]", "Map the procedures, said the consultant")
    two.page.locator("main form button[type=submit]").first.click()
    two.page.wait_for_load_state()
    two.examine("conflict")
    shown = two.page.content()
    assert "said the manager" in shown
    assert "said the consultant" in shown
    task.refresh_from_db()
    assert task.title == "Map the procedures, said the manager"
    check(one, two)


def test_an_expired_session_while_typing_loses_nothing(visit, served):
    """The words are there again after signing in."""
    task = Task.objects.get(title__startswith="Map the procedures to the ISO 13485")
    path = f"/org/alpenblick/ims/tasks/{task.label}/edit/"
    one = visit("manager@demo.example")
    one.expect(r"^(401|403|409) ")
    one.go(path)
    text = "Typed for ten minutes while the session ran out."
    one.page.fill("[name=description]", text)
    one.page.wait_for_timeout(1500)
    User.objects.filter(email="manager@demo.example").update(session_epoch=99)
    one.page.locator("main form button[type=submit]").first.click()
    one.page.wait_for_load_state()
    if "/login/" not in one.page.url:
        one.go(path)
    one.sign_in("manager@demo.example", "ims2-demo")
    if not one.page.url.endswith("/edit/"):
        one.go(path)
    one.page.wait_for_timeout(500)
    one.picture("back")
    there = one.page.locator("[name=description]").input_value() + words(one)
    task.refresh_from_db()
    assert text in there or task.description == text
    check(one)


def test_a_task_is_completed_with_the_keyboard_alone(visit, served):
    task = Task.objects.get(title__startswith="Photograph the labelled fire extinguishers")
    one = visit()
    one.go("/accounts/login/")
    page = one.page
    page.locator("input[name=login]").focus()
    page.keyboard.type("staff@demo.example")
    page.keyboard.press("Tab")
    for _k in range(4):
        if page.evaluate("document.activeElement.name") == "password":
            break
        page.keyboard.press("Tab")
    page.keyboard.type("ims2-demo")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    one.go(f"/org/alpenblick/ims/tasks/{task.label}/")
    for _k in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("(document.activeElement.innerText || '').trim()") == "Done":
            break
    else:
        raise AssertionError("The button Done is not reached with Tab.")
    outline = page.evaluate(
        "(() => { const s = getComputedStyle(document.activeElement); return s.outlineStyle + s.boxShadow })()"
    )
    assert outline != "nonenone", "The focus is not seen."
    with page.expect_navigation():
        page.keyboard.press("Enter")
    task.refresh_from_db()
    assert task.status == "done"
    assert f"{task.label} is done" in page.evaluate("document.activeElement.innerText"), "The focus is lost."
    check(one)
