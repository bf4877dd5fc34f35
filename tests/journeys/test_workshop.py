"""A risk workshop in a browser: ten risks by keyboard, a connection that drops, two people on one grid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from risks.models import Rating, Risk
from tests.helpers.browser import PHONE, check

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/org/alpenblick/ims/risks/workshop/"
HEAT = "/org/alpenblick/ims/risks/heat/"
TEN = [
    ("Forklift hits a visitor", "Visitors take the short way through the hall", "34"),
    ("Stock room floods", "The stream behind the plant rises", "25"),
    ("Only one person knows the recipe", "She retires next year", "44"),
    ("Labels are mixed up", "Two orders on one table", "23"),
    ("Payroll data leaves by mail", "A wrong address is chosen", "33"),
    ("The welder burns his eyes", "The screen is not used for short seams", "42"),
    ("A supplier of valves goes bankrupt", "Nobody watches its figures", "24"),
    ("Customs hold a delivery", "The papers are not complete", "32"),
    ("Solvent vapours reach the office", "The door stays open in summer", "22"),
    ("Backup cannot be read", "It was never tried", "35"),
]


def begin(visit, email: str, **screen):
    one = visit(email, **screen)
    one.go(HOME)
    one.page.locator("[data-workshop]").wait_for()
    return one


def type_row(one, title: str, event: str, marks: str) -> None:
    """Title, Tab, cause and event, Tabs over discipline, category and owner, two digits, Enter."""
    keys = one.page.keyboard
    keys.type(title)
    keys.press("Tab")
    keys.type(event)
    for _n in range(4):
        keys.press("Tab")
    keys.type(marks)
    keys.press("Enter")


def line(one, title: str):
    """The row with this title in its cell."""
    at = one.page.evaluate(
        "title => [...document.querySelectorAll('tr[data-row]')].findIndex(row => row.ws.mine.title === title)", title
    )
    assert at >= 0, f"{title} is not in the grid"
    return one.page.locator("tr[data-row]").nth(at)


def appears(one, title: str) -> None:
    one.page.wait_for_function(
        "title => [...document.querySelectorAll('tr[data-row]')].some(row => row.ws.mine.title === title)", arg=title
    )


def saved(one, count: int) -> None:
    """Waits until so many rows of this grid were saved since it was opened."""
    expect(one.page.locator("tr[data-row].is-saved")).to_have_count(count, timeout=60_000)


def waiting(one) -> int:
    return one.page.evaluate("Object.keys(localStorage).filter(name => name.includes(':workshop:')).length")


def test_ten_risks_by_keyboard_alone_and_a_connection_that_drops(visit, chrome):
    before = set(Risk.objects.values_list("pk", flat=True))
    one = begin(visit, "manager@demo.example")
    expect(one.page.locator("tr.is-new [data-field=title]")).to_be_focused()

    for row in TEN[:5]:
        type_row(one, *row)
    saved(one, 5)
    one.context.set_offline(True)
    for row in TEN[5:7]:
        type_row(one, *row)
    expect(one.page.locator("tr.is-kept")).to_have_count(2)
    one.page.get_by_text("2 not saved yet, kept in this browser; saving goes on by itself.").wait_for()
    assert waiting(one) == 2 and Risk.objects.exclude(pk__in=before).count() == 5
    one.page.evaluate("scrollTo(0, 0)")  # else the bar on top covers half a line
    one.examine("dropped")
    one.context.set_offline(False)
    saved(one, 7)
    for row in TEN[7:]:
        type_row(one, *row)
    saved(one, 10)

    made = list(Risk.objects.exclude(pk__in=before).order_by("number"))
    told = [(risk.title, risk.event, f"{risk.current_likelihood}{risk.current_consequence}") for risk in made]
    assert told == TEN
    assert Rating.objects.filter(risk__in=made).count() == 10 and waiting(one) == 0
    numbers = [risk.number for risk in made]
    assert numbers == list(range(numbers[0], numbers[0] + 10))
    one.faults = [fault for fault in one.faults if not fault.startswith(("failed:", "console: Failed"))]  # as intended
    one.page.evaluate("scrollTo(0, 0)")
    one.look("ten", chrome)
    one.page.keyboard.press("Control+ArrowUp")
    assert one.page.evaluate("document.activeElement.value") == TEN[-1][0]

    one.go(HEAT)
    one.page.get_by_role("heading", name="Heat map of risks").wait_for()
    one.page.locator("input[name=risk]").first.check()
    one.page.locator("#movement-picture .ht-arrow").first.wait_for(state="attached")
    one.look("heat", chrome)
    one.go(f"{HEAT}trend/")
    one.look("trend", chrome)
    check(one)


def test_two_people_on_one_grid_see_each_other_and_lose_nothing(visit, chrome):
    one, two = begin(visit, "manager@demo.example"), begin(visit, "consultant@demo.example")
    for person in (one, two):
        person.expect(r"409 .*/workshop/row/")

    type_row(one, *TEN[0])
    type_row(two, *TEN[1])
    appears(two, TEN[0][0])
    appears(one, TEN[1][0])
    expect(line(two, TEN[0][0])).to_contain_text("by Reto Ammann")

    # Different cells of one row: both stay, nobody is asked.
    cells = [line(person, TEN[0][0]) for person in (one, two)]
    cells[0].locator("[data-field=category]").fill("Logistics")
    cells[1].locator("[data-field=event]").fill("Nobody guides visitors")
    cells[1].locator("[data-field=event]").press("Enter")
    cells[0].locator("[data-field=category]").press("Enter")
    for person in (one, two):
        person.page.wait_for_function("() => !Object.keys(localStorage).some(name => name.includes(':workshop:'))")
    risk = Risk.objects.get(title=TEN[0][0])
    assert (risk.category, risk.event) == ("Logistics", "Nobody guides visitors")

    # The same cell: the second sees both texts and chooses.
    first, second = line(one, TEN[0][0]), line(two, TEN[0][0])
    second.locator("[data-field=title]").fill("Visitors are hit by a forklift")
    # Another change of the first person comes by in the meantime: what the second is still typing is not sent with it.
    first.locator("[data-field=category]").fill("Hall")
    first.locator("[data-field=category]").press("Enter")
    expect(second.locator("[data-field=category]")).to_have_value("Hall", timeout=30_000)
    assert Risk.objects.get(pk=risk.pk).title == TEN[0][0]
    first.locator("[data-field=title]").fill("A forklift injures a visitor")
    first.locator("[data-field=title]").press("Enter")
    expect(first).to_have_class(re.compile("is-saved"))
    second.locator("[data-field=title]").press("Enter")
    note = two.page.locator(".ws-note")
    expect(note).to_contain_text("Visitors are hit by a forklift")
    expect(note).to_contain_text("A forklift injures a visitor")
    assert Risk.objects.get(pk=risk.pk).title == "A forklift injures a visitor"
    two.examine("both")
    note.get_by_role("button", name=re.compile("Keep mine")).click()
    expect(note).to_have_count(0)
    appears(one, "Visitors are hit by a forklift")
    assert Risk.objects.get(pk=risk.pk).title == "Visitors are hit by a forklift"

    # What was typed when the page went away is there again, and saved once.
    one.page.locator("tr.is-new [data-field=title]").last.fill("Half a thought")
    one.page.reload()
    one.page.get_by_text("1 not saved before; filled in again from this browser.").wait_for()
    saved(one, 1)
    assert Risk.objects.filter(title="Half a thought").count() == 1 and waiting(one) == 0
    check(one, two)


def test_on_a_phone_a_row_is_a_card_and_a_refused_one_keeps_its_text(visit, chrome):
    one = begin(visit, "riskowner@demo.example", width=PHONE)
    one.expect(r"422 .*/workshop/row/")
    one.page.get_by_role("button", name="New line").tap()
    row = one.page.locator("tr.is-new")
    row.locator("[data-field=event]").fill("Text without a title")
    one.page.locator("tr[data-row] [data-field=event]").nth(-2).press("Enter")
    note = one.page.locator(".ws-note")
    expect(note).to_contain_text("Name the risk in a few words.")
    one.examine("refused")
    refused = one.page.locator("tr.is-refused")
    refused.locator("[data-field=title]").fill("Named at last")
    one.page.locator("tr.is-typing [data-field=title]").press("Enter")
    saved(one, 1)
    made = Risk.objects.get(title="Named at last")
    assert (made.event, made.owner.email) == ("Text without a title", "riskowner@demo.example")
    check(one)
