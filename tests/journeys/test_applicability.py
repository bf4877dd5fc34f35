"""Steps 1.7 and 1.8: from the risk criteria over a workshop of ten risks to the signed Statement of Applicability."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.models import Organization, User
from approvals.models import Approval
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects import gates
from projects.models import PlanStep, Project
from projects.permissions import Role
from projects.services import start
from risks.models import Acceptance, Edition, Rating, Risk, Soa, Treatment
from tests.factories.projects import grant
from tests.helpers.browser import PHONE, check

from .test_decisions import press
from .test_workshop import saved

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/org/seefeld/isms/"
ANNEX = "iso-27001-2022-annex-a"
RISKS = [
    ("Stolen laptop with customer data", "Left in a train, disk not encrypted", 3, 4),
    ("Phishing takes over a mailbox", "A well made mail on a busy Monday", 4, 4),
    ("Ransomware stops the dispatch", "An old server opens a macro", 3, 5),
    ("Fire in the server room", "Overheated power supply", 1, 5),
    ("Supplier loses our order data", "No agreement on deletion", 2, 3),
    ("Leaver keeps access", "Nobody tells the IT desk", 4, 3),
    ("Backup cannot be restored", "Never tried", 2, 5),
    ("Wrong address on a shipping list", "Copied by hand", 5, 2),
    ("Visitor walks through the office", "The door stands open", 3, 2),
    ("One person knows the interface", "No second one trained", 3, 3),
]


@pytest.fixture
def isms(served):
    """A project on information security that has just begun, with the people of Seefeld."""
    organization = Organization.objects.get(slug="seefeld")
    people = {
        name: User.objects.get(email=f"{name}@seefeld.example")
        for name in ("consultant", "manager", "management", "processowner")
    }
    project = start.start(
        organization=organization, by=people["consultant"], name="Information security", slug="isms",
        catalogue=catalogues.current(), standards=list(Standard.objects.filter(slug="iso-27001-2022")),
        start_on=Project.objects.get(organization=organization, slug="ims").start_on, headcount=420,
        holiday_country="CH", holiday_region="ZH", manager=people["manager"],
    )  # fmt: skip
    grant(people["manager"], Role.PROJECT_MANAGER, project)
    grant(people["management"], Role.TOP_MANAGEMENT, project)
    grant(people["processowner"], Role.RISK_OWNER, project)
    return project, people


def sign(visit, people, name, approval, *, width=None):
    """One person approves with their password."""
    one = visit(people[name].email, **({"width": width} if width else {}))
    one.go(approval.get_absolute_url())
    press(one, "Approve and sign")
    one.page.fill("input[name=password]", "ims2-demo")
    press(one, re.compile("^Sign as "))
    one.page.get_by_text("You have signed").wait_for()
    return one


def ask(one, kind, record, decider):
    """Asks the named person for the decision by the form, and returns the request."""
    one.go(f"{HOME}approvals/new/{kind}/{record.pk}/")
    choice = one.page.get_by_label(re.compile(re.escape(str(decider))))
    if choice.first.input_value() in ("", "0"):
        choice.first.select_option("1")
    press(one, "Ask for the decision")
    return Approval.objects.get(subject_kind=kind, subject_id=record.pk, status="open")


def the_criteria(one, visit, people, project, chrome):
    one.go(f"{HOME}risks/criteria/")
    with one.page.expect_navigation():
        one.page.locator("form:has([value='5x5']) button").click()
    asked = ask(one, "risk_criteria", project.risk_criteria, people["management"])
    boss = sign(visit, people, "management", asked, width=PHONE)
    assert Edition.objects.get(project=project).number == 1
    one.go(f"{HOME}risks/criteria/")
    one.look("criteria", chrome)
    return boss


def the_workshop(one, owner, chrome):
    """Ten risks by the keyboard alone."""
    one.go(f"{HOME}risks/workshop/")
    keys = one.page.keyboard
    expect(one.page.locator("tr.is-new [data-field=title]")).to_be_focused()
    keys = one.page.keyboard
    for what, event, likelihood, consequence in RISKS:
        keys.type(what)
        keys.press("Tab")
        keys.type(event)
        for _cell in ("discipline", "category", "owner"):
            keys.press("Tab")
        keys.type(owner.name[:8])
        keys.press("Tab")
        keys.type(f"{likelihood}{consequence}")
        keys.press("Enter")
    saved(one, len(RISKS))
    assert sorted(Risk.objects.filter(project__slug="isms").values_list("title", flat=True)) == sorted(
        row[0] for row in RISKS
    )
    marks = Rating.objects.filter(project__slug="isms", kind="current").values_list(
        "risk__title", "likelihood", "consequence"
    )
    assert set(marks) == {(what, one, two) for what, _event, one, two in RISKS}
    assert set(Risk.objects.filter(project__slug="isms").values_list("owner", "status")) == {(owner.pk, "assessed")}
    one.look("workshop", chrome)


def the_treatment(one, chrome):
    """The worst risk is treated with a control of Annex A and an expected level."""
    worst = Risk.objects.filter(project__slug="isms").order_by("-current_level", "-current_consequence", "number")[0]
    one.go(f"{HOME}risks/{worst.label}/treat/")
    page = one.page
    page.get_by_label(re.compile("^Modify")).check()
    page.fill("[name=title]", "Encrypted backups away from the network, restored every quarter")
    page.select_option("[name=likelihood]", "1")
    page.select_option("[name=consequence]", "3")
    page.locator("details:has-text('Technological') summary").first.click()
    page.get_by_label(re.compile("^A.8.13 ")).check()
    one.look("treatment-form", chrome)
    press(one, "Decide on this treatment")
    treatment = Treatment.objects.get(project__slug="isms")
    worst.refresh_from_db()
    assert (treatment.risk, worst.status, worst.expected_likelihood) == (worst, "treating", 1)
    one.go(treatment.get_absolute_url())
    one.look("treatment", chrome)


def the_acceptance(one, visit, people, chrome):
    """The risk owner accepts what is left, and top management what lies above the threshold."""
    one.go(f"{HOME}risks/acceptances/new/")
    with one.page.expect_navigation():
        one.page.get_by_role("link", name=re.compile("^Choose")).first.click()
    for box in one.page.locator("input[name=risks]").all():
        box.set_checked(not box.evaluate("box => box.closest('tr').classList.contains('is-barred')"))
    one.look("acceptance-form", chrome)
    press(one, "Draw up")
    acceptance = Acceptance.objects.get(project__slug="isms")
    one.go(acceptance.get_absolute_url())
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="Ask for approval").first.click()
    press(one, re.compile("^Ask for"))
    asked = Approval.objects.get(subject_kind="risk_acceptance", status="open", project__slug="isms")
    sign(visit, people, "processowner", asked)
    sign(visit, people, "management", asked)
    acceptance.refresh_from_db()
    assert acceptance.accepted_at is not None
    assert not Risk.objects.filter(project__slug="isms", acceptances__acceptance=acceptance).exclude(
        status="accepted", acceptance_state="accepted"
    ).exists()  # fmt: skip
    one.go(acceptance.get_absolute_url())
    one.look("accepted", chrome)


def the_statement(one, visit, people, chrome):
    """Only what differs is typed; a finding stops the request; then it is signed."""
    soa = Soa.objects.get(project__slug="isms")
    home = f"{HOME}soa/{soa.slug}/"
    one.go(f"{home}row/A.7.1/")
    one.page.locator("[name=is_applicable][value=no]").first.check()
    press(one, re.compile("^Save"))
    one.go(f"{home}bulk/")
    one.page.select_option("[name=theme]", label="all that are not answered yet")
    one.page.select_option("[name=is_applicable]", "yes")
    one.page.get_by_label("Business or best practice").check()
    press(one, "Answer them")
    assert soa.entries.filter(is_applicable=True).count() == 92
    one.go(home)
    one.page.get_by_text(re.compile("justification", re.IGNORECASE)).first.wait_for()
    one.go(f"{HOME}approvals/new/soa/{soa.pk}/")
    assert one.page.get_by_role("button", name="Ask for the decision").count() == 0, "a finding stops the request"
    one.go(f"{home}row/A.7.1/")
    one.page.locator("[name=justification]").first.fill(
        "The company owns no building; the landlord's contract says who enters."
    )
    press(one, re.compile("^Save"))
    one.go(home)
    one.look("statement", chrome)
    asked = ask(one, "soa", soa, people["management"])
    boss = sign(visit, people, "management", asked, width=PHONE)
    boss.go(asked.get_absolute_url())
    boss.look("signed", chrome)
    one.go(f"{home}picture/")
    one.look("picture", chrome)
    step = PlanStep.objects.select_related("project__organization").get(project__slug="isms", number="1.8")
    criteria = {str(one.label): one.is_met for one in gates.criteria_of(step)}
    # The work of the step and the places of its deliverables are said by people; the approval is what was walked here.
    said = ("All activities done or excluded", "All deliverables present")
    approved = {label: met for label, met in criteria.items() if label not in said}
    assert approved and all(approved.values()), criteria
    return boss


def test_from_criteria_to_the_signed_statement(visit, isms, chrome):
    project, people = isms
    one = visit("consultant@seefeld.example")
    boss = the_criteria(one, visit, people, project, chrome)
    the_workshop(one, people["processowner"], chrome)
    one.go(f"{HOME}soa/begin/")
    with one.page.expect_navigation():
        one.page.locator(f"form:has([value='{ANNEX}']) button").click()
    the_treatment(one, chrome)
    one.go(f"{HOME}risks/heat/?risk=R-003")
    one.look("heat", chrome)
    one.go(f"{HOME}risks/")
    one.look("register", chrome)
    the_acceptance(one, visit, people, chrome)
    signer = the_statement(one, visit, people, chrome)
    one.go(f"{HOME}steps/1.8/")
    one.look("step", chrome)
    call_command("verify_signatures")
    check(one, boss, signer)
