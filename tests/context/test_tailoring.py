"""The record of tailoring: what it says, who signs it off, and what makes the signature stale."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from approvals.selectors import approval as approvals
from approvals.services import decision, request
from core.rules import RuleBroken
from projects.models import PlanStep, TailoringKind
from projects.permissions import Role
from projects.selectors import tailoring_record as records
from projects.services import own_step, plan, tailor, untailor
from reports.selectors import tailoring as report
from tests.factories.projects import grant, make_full_project, make_organization, make_user
from tests.helpers.budget import queries
from tests.reports import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(catalogue):
    return make_full_project(
        make_organization(name="Alpenblick"), name="System", with_tasks=False, start_on=dt.date(2035, 1, 1)
    )


@pytest.fixture
def people(project):
    made = {}
    for name, role in (("consultant", Role.CONSULTANT), ("manager", Role.PROJECT_MANAGER), ("auditor", Role.AUDITOR)):
        made[name] = make_user(name=name.title())
        grant(made[name], role, project)
    return made


def step(project, number):
    return PlanStep.objects.select_related("project__organization").get(project=project, number=number)


def tailored(project, by):
    """2.7 merged into 2.3, 2.2 before 1.2, 2.4 renamed and back, 1.6.2 excluded, a step added."""

    def decide(number, kind, values, why):
        return tailor.decide(
            project=project, by=by, kind=kind, item=step(project, number), values=values, justification=why,
            skipped_because="The board decides on both in March",
        )  # fmt: skip

    decide("2.7", TailoringKind.MERGE, {"merged_into": "2.3"}, "The same people in the same weeks")
    decide("2.2", TailoringKind.PLACE, {"phase": 1, "before": "1.2"}, "Papers first")
    renamed = decide("2.4", TailoringKind.CHANGE, {"title": "Talking"}, "Clearer")
    untailor.undo_last(project=project, by=by, number=renamed.number, reason="Not clearer")
    activity = project.planactivitys.select_related("project__organization").get(number="1.6.2")
    plan.move(
        activity=activity, name="exclude", by=by, reason="One policy for all", skipped_because="Signed with 1.6.4"
    )
    own_step.add(project=project, by=by, title="Suppliers", justification="Customers ask", phase=2)


def test_the_record_says_what_differs_and_why_and_keeps_what_was_undone(project, people):
    assert records.record_of(project).parts == []

    tailored(project, people["consultant"])
    with queries(7):
        record = records.record_of(project)
        lines = {line.item.number: line for line in record.lines}

    assert sorted(lines) == ["1.6.2", "2.2", "2.7", "2.8"]
    assert lines["2.7"].in_short == "Merged"
    assert [(one.label, one.after) for one in lines["2.7"].differences] == [("Worked together with", "2.3")]
    assert lines["2.2"].justification == "Papers first"
    assert (lines["1.6.2"].in_short, lines["2.8"].in_short) == ("Excluded", "Added")
    assert [one.decision.label for one in record.in_force] == ["TD-001", "TD-002", "TD-005", "TD-006"]
    assert len(record.told) == 6
    page = worlds.html_of("tailoring", worlds.asked_for(project)).html
    assert "The same people in the same weeks" in page
    assert "undoes TD-003" in page
    assert report.select(worlds.asked_for(project))["stands"] == "Not signed off yet."


def test_the_project_manager_signs_it_off_and_a_further_decision_makes_it_stale(
    project, people, django_capture_on_commit_callbacks
):
    with pytest.raises(RuleBroken, match="nothing to sign off"):
        request.ask(kind="tailoring", project=project, pk=project.pk, steps=[], by=people["consultant"])
    tailored(project, people["consultant"])
    steps = [request.Planned([people["manager"]])]

    asked = request.ask(kind="tailoring", project=project, pk=project.pk, steps=steps, by=people["consultant"])
    decision.decide(
        approval=asked, by=people["manager"], decision="approved", digest=asked.content.digest,
        proof=decision.Proof("password"),
    )  # fmt: skip

    standing = approvals.standing_of("tailoring", records.record_of(project))
    assert standing.is_approved
    assert "signed off on" in report.select(worlds.asked_for(project))["stands"]
    client = Client()
    client.force_login(people["auditor"])
    address = reverse("context:tailoring-record", kwargs=project.address)
    assert "The same people in the same weeks" in client.get(address).content.decode()
    again = request.ask(kind="tailoring", project=project, pk=project.pk, steps=steps, by=people["consultant"])
    with django_capture_on_commit_callbacks(execute=True):
        untailor.revert(item=step(project, "2.7"), by=people["consultant"], justification="Two teams after all")
    again.refresh_from_db()
    assert (again.status, standing_after(project)) == ("void", (False, True))


def standing_after(project):
    standing = approvals.standing_of("tailoring", records.record_of(project))
    return standing.is_approved, standing.is_stale


def test_who_took_the_decisions_does_not_sign_them_off(project, people):
    tailored(project, people["manager"])

    with pytest.raises(RuleBroken, match="wrote"):
        request.ask(
            kind="tailoring", project=project, pk=project.pk, by=people["consultant"],
            steps=[request.Planned([people["manager"]])],
        )  # fmt: skip
