"""Activities are put elsewhere in their step by pointer and by keyboard; dropping asks why, and changes nothing yet."""

from __future__ import annotations

import pytest

from projects.models import PlanActivity, PlanStep, TailoringDecision
from tests.factories.projects import make_activity
from tests.helpers import browser as helper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def one(chrome, live_server, crew, settings):
    settings.BASE_URL = live_server.url
    settings.CSRF_TRUSTED_ORIGINS = [live_server.url]
    step = PlanStep.objects.get(project=crew.project)
    for _n in range(2):
        make_activity(step)
    visit = helper.Visit(chrome, live_server.url, "tailoring")
    visit.come_in_as(crew.manager)
    visit.go(crew.url("tailor-step", number="1.1"))
    yield visit
    visit.close()


def handle(page, number: str):
    return page.get_by_role("button", name=f"Move {number}", exact=True)


def chosen(page) -> str:
    return page.locator("select[name=place]").input_value()


def test_by_keyboard(one, crew):
    page = one.page
    handle(page, "1.1.3").focus()
    page.keyboard.press("Space")
    page.keyboard.press("m")  # activities are not merged
    for _n in range(4):
        page.keyboard.press("ArrowUp")
    assert "Activity 1" in page.locator("#drag-said").text_content()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert chosen(page) == "1.1:1.1.1"
    assert not TailoringDecision.objects.exists()

    page.get_by_label("Justification").fill("First things first")
    with page.expect_navigation():
        page.get_by_role("button", name="Put elsewhere", exact=True).click()
    order = PlanActivity.objects.filter(project=crew.project).order_by("position").values_list("number", flat=True)
    assert list(order) == ["1.1.3", "1.1.1", "1.1.2", "1.1.4"]
    helper.check(one)


def test_by_pointer(one):
    page = one.page
    start, end = (handle(page, number).bounding_box() for number in ("1.1.1", "1.1.3"))
    page.mouse.move(start["x"] + 8, start["y"] + 8)
    page.mouse.down()
    page.mouse.move(start["x"] + 8, start["y"] + 40, steps=4)
    page.mouse.move(end["x"] + 80, end["y"] + 2, steps=6)
    with page.expect_navigation():
        page.mouse.up()

    assert chosen(page) == "1.1:1.1.3"
    helper.check(one)
