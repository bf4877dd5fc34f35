"""A method made to fit: tailored, a baseline taken, an activity slipped, the forecast moved, the record printed."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from accounts.models import Organization, User
from jobs import running
from jobs.models import Job
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects.models import ForecastSnapshot, PlanActivity, PlanStep, StepDependency, StepRound, TailoringDecision
from projects.permissions import Role
from projects.selectors.project import today_in
from projects.services import forecast, start
from tests.factories.projects import grant
from tests.helpers.browser import check

from .test_decisions import press

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/org/seefeld/isms/"
PLAN = f"{HOME}tailoring/"


@pytest.fixture
def isms(served):
    """A project on information security that begins in two weeks, and its manager."""
    organization = Organization.objects.get(slug="seefeld")
    manager = User.objects.get(email="manager@seefeld.example")
    project = start.start(
        organization=organization, by=User.objects.get(email="consultant@seefeld.example"), name="Information security",
        slug="isms", catalogue=catalogues.current(), standards=list(Standard.objects.filter(slug="iso-27001-2022")),
        start_on=dt.date.today() + dt.timedelta(days=14), headcount=420, holiday_country="CH", holiday_region="ZH",
        manager=manager,
    )  # fmt: skip
    grant(manager, Role.PROJECT_MANAGER, project)
    return project, manager


def decide(one, address, why, button):
    """Says why, and why without an approval where the page asks for that; the decision brings back the board."""
    page = one.page
    if page.url != one.base + address:
        one.go(address)
    page.get_by_label("Justification").fill(why)
    skipped = page.get_by_label("Why the plan does without the approval")
    if skipped.count() and skipped.is_visible():
        skipped.fill("It is given with the rest of its step.")
    press(one, button, exact=True)
    page.wait_for_url(re.compile("/tailoring/(#.*)?$"))


def the_tailoring(one, chrome):
    """An activity is left out, two steps are worked as one, and one is put before another of the phase before."""
    page = one.page
    decide(one, f"{PLAN}activities/2.4.3/exclude/", "The works council has channels of its own.", "Exclude")

    one.go(f"{PLAN}steps/2.7/merge/")
    page.get_by_label("Work it together with").select_option("2.3")
    decide(one, f"{PLAN}steps/2.7/merge/", "The same people write and teach.", "Merge into another")

    one.go(f"{PLAN}steps/2.2/place/")
    page.select_option("[name=place]", "1:1.2")
    page.get_by_label("The step behind it waits for it").check()
    page.locator("#means").get_by_text(re.compile("working days? (is|are) (lost|gained)")).first.wait_for()
    one.look("put-before", chrome)
    decide(one, f"{PLAN}steps/2.2/place/", "Papers need a home before the first is written.", "Put elsewhere")

    assert page.get_by_text("with 2.3", exact=True).is_visible()
    one.go(f"{HOME}steps/2.3/")
    page.get_by_text("2.7: All activities done or excluded").first.wait_for()


def a_second_round(one):
    """The first round ends by its gate, with a reason, because its criteria do not hold; then the next one is opened."""
    page, begins = one.page, dt.date.today() + dt.timedelta(days=300)
    one.go(f"{HOME}steps/1.7/gate/")
    press(one, re.compile("^Close without them"), "link")
    page.get_by_label("Approved by").fill("A-001")
    page.get_by_label("Why it is closed without them").fill("The first round was done in the project before.")
    press(one, "Close the gate")
    one.go(f"{PLAN}steps/1.7/round/")
    page.get_by_label("What makes it necessary").fill("The new warehouse")
    page.get_by_label("Starts on").fill(begins.isoformat())
    page.get_by_label("Ends on").fill((begins + dt.timedelta(days=30)).isoformat())
    press(one, "Open the round")
    page.get_by_text("Round 2: The new warehouse").first.wait_for()


def the_slip(one, number, more):
    """The dates page shows what moves; the same button pressed again moves it."""
    page = one.page
    one.go(f"{HOME}schedule/baselines/")
    page.fill("[name=name]", "As agreed at the kick-off")
    press(one, "Take a baseline")
    one.go(f"{HOME}activities/{number}/schedule/")
    days = page.get_by_label("Working days it takes")
    days.fill(str(int(days.input_value()) + more))
    page.fill("[name=reason]", "Half of the people are away.")
    press(one, "Save the dates")
    page.get_by_text(
        re.compile(r"Moves \d+ tasks, .* and the certification by \d+ working days to a later date")
    ).first.wait_for()
    press(one, "Save, and move them")
    page.get_by_text(f"The dates of activity {number} are saved.").first.wait_for()
    one.go(f"{HOME}schedule/baselines/1/")
    page.get_by_text("As agreed at the kick-off").first.wait_for()


def the_record(one, chrome):
    """The record on its page and as a PDF, which says the same."""
    page = one.page
    one.go(f"{PLAN}record/")
    one.look("record", chrome)
    press(one, "As PDF", "link")
    press(one, "Make the report")
    job = Job.objects.get(kind="report")
    assert running.run(job.pk) == "done", Job.objects.get(pk=job.pk).detail
    page.get_by_role("link", name="Download").first.wait_for()
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download").first.click()
    pdf = PdfReader(io.BytesIO(Path(taken.value.path()).read_bytes()))
    return " ".join(" ".join(leaf.extract_text() for leaf in pdf.pages).split())


def test_from_the_method_to_a_plan_of_its_own(visit, isms, chrome):
    project, manager = isms
    today = today_in(project)
    one = visit(manager.email)
    the_tailoring(one, chrome)
    a_second_round(one)
    kinds = list(TailoringDecision.objects.filter(project=project).order_by("number").values_list("kind", flat=True))
    assert kinds == ["exclude", "merge", "place", "round"]
    step = {one.number: one for one in PlanStep.objects.filter(project=project)}
    assert step["2.7"].merged_into == step["2.3"] and step["2.2"].position < step["1.2"].position
    assert StepDependency.objects.filter(step=step["1.2"], predecessor=step["2.2"]).exists()
    first, second = StepRound.objects.filter(step=step["1.7"]).order_by("number")
    assert (first.closed_by, first.approved_as, second.is_closed) == (manager, "A-001", False)
    assert PlanActivity.objects.get(project=project, number="1.7.1-R2").round == second

    before = forecast.keep(project, today - dt.timedelta(days=7))
    the_slip(one, "1.1.1", 30)
    assert forecast.keep_all()["kept"]
    after = ForecastSnapshot.objects.get(project=project, on=today)
    assert after.p50_on > before.p50_on and after.p80_on > before.p80_on
    one.go(f"{HOME}forecast/")
    one.page.locator("#since").get_by_text("working days later").wait_for()
    assert "1.1.1" in one.page.locator("#since").inner_text()
    one.look("forecast", chrome)

    text = the_record(one, chrome)
    for said in (
        "The works council has channels of its own.", "The same people write and teach.",
        "Papers need a home before the first is written.", "TD-001", "TD-004", project.organization.name,
    ):  # fmt: skip
        assert said in text, said
    check(one)
