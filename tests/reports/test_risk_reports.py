"""The risk assessment and the treatment plan on paper: what is in them, what is left out, in three languages."""

from __future__ import annotations

import datetime as dt

import pytest

from core.rules import RuleBroken
from projects.permissions import Perm, Role
from reports import kinds
from reports.selectors import risks as reports
from risks.models import Risk, Treatment
from risks.services import risk as risks
from tests.factories.projects import grant, make_user
from tests.factories.risks import make_asset, make_edition, make_risk, rate
from tests.helpers.budget import queries
from tests.reports import worlds
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def register(project, manager):
    """Three open risks of two disciplines, rated; an unrated one; a closed one; one treatment done, one late, one cancelled."""
    boss, owner = make_user(name="Bea Boss"), make_user(name="Olga Owner")
    grant(boss, Role.TOP_MANAGEMENT, project)
    grant(owner, Role.RISK_OWNER, project)
    project.edition = make_edition(project, manager, boss)
    hall = make_asset(project, manager, name="Hall")
    fire = make_risk(project, manager, title="Fire in the hall", cause="Old wires", owner=owner, assets=[hall], discipline="ohs",
                     facts={"hazard": "Heat"})  # fmt: skip
    rate(fire, manager, 5, 5, kind="inherent", reason="Nothing is there")
    rate(fire, manager, 4, 5, reason="Sprinklers are old")
    rate(fire, manager, 2, 2, kind="expected")
    theft, leak = (make_risk(project, manager, title=title, owner=owner) for title in ("Theft", "Leak"))
    rate(theft, manager, 5, 5)
    rate(leak, manager, 1, 1)
    make_risk(project, manager, title="Not thought about")
    gone = make_risk(project, manager, title="Old site", owner=owner)
    risks.move(risk=gone, name="close", by=manager, reason="Sold")
    Risk.objects.filter(pk=leak.pk).update(review_on=worlds.TODAY - dt.timedelta(days=3))
    owned = {
        "organization_id": project.organization_id,
        "project": project,
        "risk": fire,
        "owner": owner,
        "created_by": manager,
    }
    Treatment.objects.bulk_create([
        Treatment(**owned, number=1, option="modify", title="New sprinklers", cost=12000, effort_days=4, status="done"),
        Treatment(**owned, number=2, option="share", title="Insurance", cost=800, due_on=worlds.TODAY - dt.timedelta(days=1)),
        Treatment(**owned, number=3, option="avoid", title="Close the hall", cost=99, status="cancelled"),
    ])  # fmt: skip
    return project


def test_the_register_stands_by_level_the_worst_first(register):
    found = reports.assessment(worlds.asked_for(register))

    names = [one.name for one in register.edition.criteria.levels]
    assert [(group.title, [row.title for row in group.rows]) for group in found["groups"]] == [
        (names[-1], ["Fire in the hall", "Theft"]), (names[0], ["Leak"]), ("Not rated yet", ["Not thought about"]),
    ]  # fmt: skip
    assert (found["total"], found["above"], found["unrated"]) == (4, 2, 1)
    assert [str(label) for label, _n, _map in found["maps"]] == ["Inherent", "Current", "Expected residual"]
    assert [n for _label, n, _map in found["maps"]] == [1, 3, 1]
    assert all("<svg" in drawing for _label, _n, drawing in found["maps"])
    assert found["left_out"] == ["1 closed risk is not listed."]


def test_opportunities_stand_apart_on_the_scale_of_what_is_wished_for(register, manager):
    """A great opportunity is no great risk: not among the risks, not above a threshold, in other colours."""
    market = make_risk(register, manager, title="New market", discipline="opportunity", owner=boss_of(register))
    rate(market, manager, 5, 5)
    for found in (
        reports.assessment(worlds.asked_for(register)),
        reports.assessment(worlds.asked_for(register, discipline="opportunity")),
    ):
        assert [row.title for row in found["gain_rows"]] == ["New market"] and found["gain_rows"][0].current.is_gain
        assert [n for _label, n, _map in found["gain_maps"]] == [0, 1, 0]
        assert "New market" not in str(found["groups"]) + str(found["top"])
    assert (found["threats"], found["gains"], found["above"], found["maps"]) == (0, 1, 0, [])
    html = worlds.html_of("risk-assessment", worlds.asked_for(register)).html
    assert html.count('class="risk-level gain-tone-5"') == 1 and "open opportunities" in html


def test_the_highest_are_told_with_their_reasons_and_what_is_done(register):
    fire = next(
        one for one in reports.assessment(worlds.asked_for(register))["top"] if one.row.title == "Fire in the hall"
    )

    assert [(told.kind, told.mark.marks, told.reason) for told in fire.ratings] == [
        ("Inherent", "5 × 5", "Nothing is there"), ("Current", "4 × 5", "Sprinklers are old"), ("Expected residual", "2 × 2", ""),
    ]  # fmt: skip
    assert ("Hazard", "Heat") in fire.parts and fire.assets == "AS-001 Hall"
    assert [one.split(",")[0] for one in fire.treatments] == ["TR-001 New sprinklers", "TR-002 Insurance"]


def test_what_asks_for_a_new_look_says_why(register):
    looks = reports.assessment(worlds.asked_for(register))["looks"]
    assert [(look.row.title, look.why.split(" on ")[0]) for look in looks] == [("Leak", "Its review was due")]
    boss = make_user()
    grant(boss, Role.TOP_MANAGEMENT, register)
    make_edition(register, boss_of(register), boss, threshold=1)
    assert {look.why for look in reports.assessment(worlds.asked_for(register))["looks"]} == {
        "It was rated by an older edition of the criteria."
    }


def boss_of(project):
    return Risk.objects.filter(project=project).first().created_by


def test_one_discipline_says_what_it_leaves_out(register):
    found = reports.assessment(worlds.asked_for(register, discipline="ohs"))
    assert found["total"] == 1
    assert found["left_out"] == ["1 closed risk is not listed.", "3 risks of other disciplines are not listed."]


def test_of_a_long_register_the_report_says_how_much_it_leaves_to_the_spreadsheet(register, monkeypatch):
    monkeypatch.setattr(reports, "MOST_ROWS", 2)
    found = reports.assessment(worlds.asked_for(register))
    assert sum(len(group.rows) for group in found["groups"]) == 2
    assert (found["total"], found["above"], found["unrated"]) == (4, 2, 1), "figures count what is not printed too"
    assert found["left_out"][0] == "Risks: 2 more lines are not printed."


def test_without_approved_criteria_there_is_nothing_to_print(project):
    with pytest.raises(RuleBroken, match="not approved"):
        reports.assessment(worlds.asked_for(project))


def test_the_plan_stands_by_risk_with_its_sums(register):
    found = reports.treatment_plan(worlds.asked_for(register))

    (fire,) = found["treated"]
    assert (fire.title, fire.owner, fire.current.marks, fire.expected.marks, fire.acceptance) == (
        "Fire in the hall", "Olga Owner", "4 × 5", "2 × 2", "not accepted yet",
    )  # fmt: skip
    assert [(line.title, line.option, line.cost, line.status, line.is_late) for line in fire.lines] == [
        ("New sprinklers", "Modify", 12000, "Done", False), ("Insurance", "Share", 800, "Planned", True),
    ]  # fmt: skip
    assert (found["totals"].cost, found["totals"].effort_days, found["totals"].late) == (12800, 4, 1)
    assert [row.title for row in found["undecided"]] == ["Theft"]
    assert found["left_out"] == ["1 cancelled treatment is not listed."]


@pytest.mark.parametrize("count", [1, 60])
def test_the_price_does_not_grow_with_the_register(project, manager, count):
    boss = make_user()
    grant(boss, Role.TOP_MANAGEMENT, project)
    edition = make_edition(project, manager, boss)
    Risk.objects.bulk_create(
        Risk(
            organization_id=project.organization_id, project=project, number=n, title=f"No {n}", current_likelihood=3,
            current_consequence=3, current_level=edition.criteria.matrix[2][2], edition=edition, owner=manager, status="assessed",
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    asked = worlds.asked_for(project)
    with queries(13):
        reports.assessment(asked)
    with queries(13):
        reports.treatment_plan(asked)


@pytest.mark.parametrize("slug", ["risk-assessment", "treatment-plan"])
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"risk-assessment": ["The risks in figures", "Register by level"], "treatment-plan": ["The plan in figures"]}),
        ("de", {"risk-assessment": ["Die Risiken in Zahlen", "Register nach Stufe"], "treatment-plan": ["Der Plan in Zahlen"]}),
        ("fr", {"risk-assessment": ["Les risques en chiffres", "Registre par niveau"], "treatment-plan": ["Le plan en chiffres"]}),
    ],
)  # fmt: skip
def test_the_pdf_says_it_in_the_language_that_was_asked_for(register, manager, slug, language, words):
    text = text_of(worlds.printed_of(slug, worlds.asked_for(register, manager, language=language)))
    for word in words[slug]:
        assert word in text
    assert "Fire in the hall" in text


def test_only_who_sees_risks_is_offered_them():
    offered = {kind.slug for kind in kinds.for_perms({Perm.VIEW_PROJECT})}
    assert not offered & {"risk-assessment", "treatment-plan"}
    assert {"risk-assessment", "treatment-plan"} <= {kind.slug for kind in kinds.for_perms({Perm.VIEW_RISKS})}
