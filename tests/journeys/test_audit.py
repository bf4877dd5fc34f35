"""An audit from the signed programme to the proof: worked on a tablet, reported, corrected, verified, closed, covered."""

from __future__ import annotations

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from playwright.sync_api import expect

from accounts.models import User
from approvals.models import Approval
from approvals.services import request as approvals
from audits.models import Audit, Every, Finding
from audits.selectors.frequency import places_of
from audits.services import checklist as checklists
from audits.services import programme as programmes
from core import dates
from improvement.models import Nonconformity
from pdca.models import Clause, Standard
from projects.models import Project, Task
from tests.factories.improvement import let_time_pass
from tests.helpers.browser import PHONE, check

from .test_applicability import sign
from .test_checklist import TABLET
from .test_decisions import press

pytestmark = pytest.mark.django_db(transaction=True)
HOME = "/org/alpenblick/ims/"
REFS = ("8.2.1", "8.2.2", "8.2.3")
SAVED = "() => !Object.keys(localStorage).some(name => name.includes(':checklist:'))"


@pytest.fixture
def here(served):
    """A programme of one line that waits for top management; an audit of it has three questions."""
    project = Project.objects.select_related("organization").get(organization__slug="alpenblick", slug="ims")
    names = ("manager", "management", "auditor", "processowner", "staff", "hr")
    people = {name: User.objects.get(email=f"{name}@demo.example") for name in names}
    standard, today = Standard.objects.get(slug="iso-9001-2026"), dates.today(project.organization.time_zone)
    programme = programmes.create(
        project=project, by=people["manager"],
        values={
            "title": "Audits of the second year", "starts_on": today - dt.timedelta(days=1),
            "ends_on": dates.plus_months(today, 12), "objectives": "See every requirement at work.",
        },
    )  # fmt: skip
    line = programmes.add_line(
        programme=programme, by=people["manager"], standards=[standard],
        clauses=Clause.objects.filter(standard=standard, ref__in=REFS),
        values={
            "item": next(one for one in places_of(project) if one.name == "Complaints and returns"), "first_on": today,
            "every_months": Every.YEAR, "reason": "Medium risk: once a year.",
        },
    )  # fmt: skip
    return SimpleNamespace(project=project, people=people, programme=programme, line=line, today=today)


def day(when: dt.date) -> str:
    return when.isoformat()


def approve_the_programme(here, visit):
    asked = approvals.ask(
        kind=programmes.KIND, project=here.project, pk=here.programme.pk, by=here.people["manager"],
        steps=[approvals.Planned([here.people["management"]])],
    )  # fmt: skip
    boss = sign(visit, here.people, "management", asked, width=PHONE)
    here.programme.refresh_from_db()
    assert here.programme.status == "approved"
    return boss


def plan_it_from_its_line(here, visit):
    """Five fields; what is audited against what comes from the line."""
    planner = visit(here.people["manager"].email)
    planner.go(here.programme.get_absolute_url())
    page = planner.page
    page.locator("summary", has_text="Line: Complaints and returns").click()
    press(planner, "Plan an audit", "link")
    page.fill("[name=title]", "Complaints from the call to the answer")
    page.fill("[name=starts_on]", day(here.today))
    page.select_option("[name=lead]", str(here.people["auditor"].pk))
    press(planner, "Plan it")
    audit = Audit.objects.select_related("project__organization").latest("number")
    assert sorted(link.clause.ref for link in audit.clause_links.select_related("clause")) == list(REFS)
    press(planner, "The plan is settled")
    return planner, audit


def work_on_the_checklist(here, visit, chrome, audit):
    """On a tablet; the connection goes in the middle of it, and comes back."""
    lead = visit(here.people["auditor"].email, width=TABLET["width"])
    lead.page.set_viewport_size(TABLET)
    lead.go(audit.get_absolute_url())
    press(lead, "Begin the audit")
    checklists.generate(audit=audit, by=here.people["auditor"])
    lines = list(audit.lines.order_by("position", "pk"))
    assert len(lines) == len(REFS)
    lead.go(f"{HOME}audits/{audit.label}/checklist/")
    page, evidence = lead.page, lead.page.get_by_label("What was seen")
    expect(page.locator("[data-help]")).to_be_attached()
    lead.context.set_offline(True)
    page.get_by_role("radio", name=re.compile("Major nonconformity")).check(force=True)
    evidence.fill("7 of 9 complaints of May were never answered")
    page.get_by_role("button", name="Next").click()
    page.get_by_role("radio", name=re.compile("^Conform")).check(force=True)
    page.get_by_text("not saved yet, kept in this browser; saving goes on by itself.").wait_for()
    assert not audit.lines.exclude(result="").exists()
    lead.context.set_offline(False)
    page.wait_for_function(SAVED, timeout=60_000)
    page.get_by_role("button", name="Next").click()
    page.get_by_role("radio", name=re.compile("^Conform")).check(force=True)
    page.wait_for_function(SAVED, timeout=60_000)
    assert list(audit.lines.order_by("position", "pk").values_list("result", flat=True)) == [
        "nc_major", "conform", "conform",
    ]  # fmt: skip
    lead.faults = [one for one in lead.faults if not one.startswith(("failed:", "console: Failed"))]  # as intended
    lead.go(f"{HOME}audits/{audit.label}/checklist/?line={lines[0].pk}")
    lead.look("checklist", chrome)
    return lead


def raise_what_was_found(here, lead):
    with lead.page.expect_navigation():
        lead.page.get_by_role("link", name="Finding", exact=True).click()
    page = lead.page
    page.fill("[name=statement]", "Complaints stay unanswered: nobody is told that one has come in.")
    expect(page.get_by_label("Evidence")).to_have_value("7 of 9 complaints of May were never answered")
    page.select_option("[name=respondent]", str(here.people["processowner"].pk))
    press(lead, "Note the finding")
    press(lead, "Hand to the auditee")
    press(lead, "Raise the nonconformity")
    finding = Finding.objects.select_related("nonconformity", "project__organization").latest("pk")
    raised = finding.nonconformity
    assert (raised.owner, raised.evidence) == (here.people["processowner"], finding.evidence)
    assert [one.clause.ref for one in raised.clause_links.select_related("clause")] == [REFS[0]]
    return finding


def report_and_sign(here, lead, audit, chrome):
    lead.go(audit.get_absolute_url())
    press(lead, "The work on site is done")
    lead.go(f"{HOME}audits/{audit.label}/report/edit/")
    lead.page.fill("[name=summary]", "Complaints are known, but most are not answered.")
    lead.page.fill("[name=distribution]", "Top management, head of production")
    standard = audit.standard_links.get().standard_id
    lead.page.select_option(f"[name=conclusion_{standard}]", "does_not")
    press(lead, "Save")
    press(lead, "Ask for approval", "link")
    press(lead, "Ask for the decision")
    asked = Approval.objects.get(subject_kind="audit_report", subject_id=audit.pk, status="open")
    lead.go(asked.get_absolute_url())
    press(lead, "Approve and sign")
    lead.page.fill("input[name=password]", "ims2-demo")
    press(lead, re.compile("^Sign as "))
    lead.page.get_by_text("You have signed").wait_for()
    audit.refresh_from_db()
    assert audit.status == "issued"
    lead.go(f"{HOME}audits/{audit.label}/report/")
    lead.page.get_by_text("most are not answered").first.wait_for()


def answer_and_correct(here, visit, finding):
    """The auditee answers, contains, finds the cause and plans; staff do the action on their own page."""
    raised, due = finding.nonconformity, day(here.today)
    owner = visit(here.people["processowner"].email)
    owner.go(finding.get_absolute_url())
    owner.page.fill("[name=response]", "It is so. The shared mailbox is read by nobody on Fridays.")
    press(owner, "Send the response")
    planner = visit(here.people["manager"].email)
    planner.go(raised.get_absolute_url())
    press(planner, "Accept")
    owner.go(raised.get_absolute_url())
    page = owner.page
    page.fill("#work [name=correction]", "All nine were answered by telephone")
    press(owner, "Save")
    press(owner, "It is contained")
    page.fill("#work [name=extent]", "Returns were looked at: answered in time")
    press(owner, "Save")
    page.fill("#causes [name=text]", "No deputy reads the mailbox")
    page.get_by_label("This is a root cause").check()
    press(owner, "Add a cause")
    press(owner, "The cause is known")
    page.fill("#actions [name=title]", "Name a deputy for the mailbox")
    page.select_option("#actions [name=assignee]", str(here.people["staff"].pk))
    page.fill("#actions [name=due_on]", due)
    press(owner, "Add a corrective action")
    page.fill("#work [name=criterion]", "None unanswered after five days")
    page.fill("#work [name=check_on]", day(here.today + dt.timedelta(days=30)))
    page.select_option("#work [name=verifier]", str(here.people["auditor"].pk))
    press(owner, "Save")
    press(owner, "The action is planned")
    doer = visit(here.people["staff"].email, width=PHONE)
    doer.go(Task.objects.get(corrects__round__nonconformity=raised).get_absolute_url())
    press(doer, "Done", exact=True)
    owner.go(raised.get_absolute_url())
    press(owner, "The action is implemented")
    press(owner, "Put to the check of effectiveness")
    return owner, planner, doer


def verify_and_close(lead, planner, finding, audit, chrome):
    """Somebody else judges after the day of the check; then nonconformity, finding and audit are closed."""
    raised = Nonconformity.objects.select_related("project__organization").get(pk=finding.nonconformity_id)
    let_time_pass(raised)
    lead.go(raised.get_absolute_url())
    lead.page.check("#verdict [value=effective]")
    lead.page.fill("#verdict [name=note]", "31 of 31 complaints answered within three days")
    press(lead, "Record the verdict")
    planner.go(raised.get_absolute_url())
    press(planner, re.compile("^Close"), "link")
    for name in ("risks", "documents", "plan"):
        planner.page.fill(f"[name={name}]", "No")
    press(planner, re.compile("^Close"))
    lead.go(finding.get_absolute_url())
    press(lead, "Accept the response")
    press(lead, "Close")
    lead.look("finding", chrome)
    lead.go(audit.get_absolute_url())
    press(lead, "Close")
    for one in (raised, finding, audit):
        one.refresh_from_db()
        assert one.status == "closed"


def test_from_the_signed_programme_to_the_closed_audit(visit, here, chrome):
    boss = approve_the_programme(here, visit)
    planner, audit = plan_it_from_its_line(here, visit)
    lead = work_on_the_checklist(here, visit, chrome, audit)
    finding = raise_what_was_found(here, lead)
    report_and_sign(here, lead, audit, chrome)
    owner, manager, doer = answer_and_correct(here, visit, finding)
    verify_and_close(lead, manager, finding, audit, chrome)
    planner.go(here.programme.get_absolute_url() + "?tab=coverage")
    row = planner.page.locator(".coverage-table tr", has_text=re.compile(r"^\s*8\.2\.1\b")).first
    expect(row).to_contain_text("Audited")
    planner.look("programme", chrome)
    call_command("verify_signatures")
    check(boss, planner, lead, owner, manager, doer)
