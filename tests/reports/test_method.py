"""The organization's own method: what differs from the edition, who decided it and why."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from projects.models import PlanActivity, PlanStep
from projects.permissions import Perm, Role
from projects.services import plan as plans
from reports.selectors import method
from tests.factories.projects import grant, make_full_project, make_organization, make_user
from tests.helpers.budget import queries
from tests.reports import worlds

pytestmark = pytest.mark.django_db
BUDGET = 11


@pytest.fixture
def project(catalogue):
    return make_full_project(make_organization(name="Alpenblick"), name="System 2027", with_tasks=False)


@pytest.fixture
def manager(project):
    person = make_user(name="Mia Manager")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def activity(project, number):
    return PlanActivity.objects.get(project=project, number=number)


def row_of(found, number):
    return next(row for part in found["parts"] for row in part.rows if row.number == number)


def test_an_untouched_plan_is_the_method_as_published(project):
    found = method.select(worlds.asked_for(project))

    assert found["totals"] == {"unchanged": 101, "moved": 0, "changed": 0, "excluded": 0, "added": 0}
    assert found["differing"] == []
    assert len(found["same"]) == 20
    assert "nothing was changed" in worlds.html_of("method", worlds.asked_for(project)).html


def test_an_exclusion_names_who_when_and_why(project, manager):
    plans.move(activity=activity(project, "2.4.3"), name="exclude", by=manager, reason="Not in the scope.")

    found = method.select(worlds.asked_for(project))

    row = row_of(found, "2.4.3")
    assert (row.kind, row.justification) == ("excluded", "Not in the scope.")
    assert (row.decided.who, row.decided.why) == ("Mia Manager", "Not in the scope.")
    assert found["totals"]["excluded"] == 1
    assert [part.number for part in found["differing"] if part.told] == ["2.4"]
    assert all(one.kind == "moved" for part in found["differing"] if not part.told for one in part.moved)


def test_an_added_activity_stands_with_its_reason(project, manager):
    step = PlanStep.objects.get(project=project, number="2.3")
    plans.add_activity(
        step=step, by=manager, title="Align with ISO 13485", justification="The manual stays in force.",
        responsible=Role.DOCUMENT_CONTROLLER, effort_days=Decimal(4), starts_on=step.starts_on, ends_on=step.ends_on,
    )  # fmt: skip

    row = row_of(method.select(worlds.asked_for(project)), "2.3.6")

    assert (row.kind, row.title, row.justification) == ("added", "Align with ISO 13485", "The manual stays in force.")
    assert row.details.startswith("Document controller, 4 person-days, ")
    assert row.decided.who == "Mia Manager"


def test_words_role_and_effort_are_held_against_the_catalogue_and_dates_against_the_first_plan(project, manager):
    one, two = activity(project, "1.1.1"), activity(project, "1.1.2")
    plans.edit(
        activity=one, by=manager, version=one.version, reason="The board asked for it.",
        values={"title": "Clarify why", "responsible": "top_management", "effort_days": Decimal("2.5")},
    )  # fmt: skip
    later = two.ends_on + dt.timedelta(days=14)
    plans.edit(activity=two, by=manager, version=two.version, reason="Holidays.", values={"ends_on": later})

    found = method.select(worlds.asked_for(project))

    changed, moved = row_of(found, "1.1.1"), row_of(found, "1.1.2")
    said = {one.label: (one.before, one.after) for one in changed.differences}
    assert said["Title"] == ("Clarify the motives and intended outcomes", "Clarify why")
    assert said["Responsible role"] == ("Consultant", "Top management")
    assert said["Effort in person-days"] == ("1", "2.5")
    assert changed.published == "Clarify the motives and intended outcomes"
    assert changed.decided.why == "The board asked for it."
    assert moved.kind == "moved"
    assert moved.differences[0].label == "Dates"
    assert moved.decided.why == "Holidays."
    # What waits for 1.1.2 moves along.
    assert found["totals"] == {"unchanged": 79, "moved": 21, "changed": 1, "excluded": 0, "added": 0}


def test_who_may_not_read_the_journal_is_not_told_who_decided(project, manager):
    plans.move(activity=activity(project, "2.4.3"), name="exclude", by=manager, reason="Not in the scope.")

    asked = worlds.asked_for(project, perms={Perm.VIEW_PROJECT})

    assert row_of(method.select(asked), "2.4.3").decided is None
    html = worlds.html_of("method", asked).html
    assert "Mia Manager" not in html
    assert "Not in the scope." in html


@pytest.mark.parametrize("excluded", [1, 3])
def test_the_price_does_not_depend_on_what_differs(project, manager, excluded):
    for number in ("1.2.1", "1.2.2", "1.2.3")[:excluded]:
        plans.move(activity=activity(project, number), name="exclude", by=manager, reason="Done already.")
    asked = worlds.asked_for(project)

    with queries(BUDGET, exactly=True):
        found = method.select(asked)

    assert found["totals"]["excluded"] == excluded


def test_in_german_the_methods_words_are_german(project, manager):
    plans.move(activity=activity(project, "2.4.3"), name="exclude", by=manager, reason="Nicht im Anwendungsbereich.")

    html = worlds.html_of("method", worlds.asked_for(project, language="de")).html

    assert "Beteiligungs- und Meldewege öffnen" in html
    assert "100 der 101 Aktivitäten von IMS2 1.0" in html
