"""The register: identified, changed, moved, rated; every rating a row that stays."""

from __future__ import annotations

import copy

import pytest
from django.db import DatabaseError, transaction

from core.rules import RuleBroken, StaleRecord
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from risks.models import Rating, Risk
from risks.selectors import criteria as criteria_of
from risks.selectors import risk as selectors
from risks.services import asset as assets
from risks.services import rating as ratings
from risks.services import risk as services
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_asset, make_edition, make_risk, make_soa, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project()


def made(project, role):
    person = make_user()
    grant(person, role, project)
    return person


@pytest.fixture
def manager(project):
    return made(project, Role.PROJECT_MANAGER)


@pytest.fixture
def owner(project):
    return made(project, Role.RISK_OWNER)


@pytest.fixture
def edition(project, manager):
    return make_edition(project, manager, made(project, Role.TOP_MANAGEMENT))


def test_a_risk_without_an_owner_is_a_draft_and_an_owner_takes_it_into_the_register(project, manager, owner):
    risk = make_risk(project, manager, title="Fire in the server room")
    assert (risk.label, risk.status) == ("R-001", "draft")
    with pytest.raises(RuleBroken, match="needs an owner"):
        services.move(risk=risk, name="identify", by=manager)

    risk = services.change(risk=risk, by=manager, version=risk.version, values={"owner": owner})

    assert risk.status == "identified"
    with pytest.raises(RuleBroken, match="keeps an owner"):
        services.change(risk=risk, by=manager, version=risk.version, values={"owner": None})
    with pytest.raises(DatabaseError), transaction.atomic():
        Risk.objects.filter(pk=risk.pk).update(owner=None)


def test_nothing_is_rated_before_the_criteria_are_approved(project, manager, owner):
    risk = make_risk(project, manager, owner=owner)
    with pytest.raises(RuleBroken, match="approved the risk criteria"):
        rate(risk, owner, 3, 4)
    assert not Rating.objects.exists()


def test_a_rating_names_its_edition_and_is_never_overwritten(project, manager, owner, edition):
    risk = make_risk(project, manager, owner=owner)
    first = rate(risk, owner, 5, 5, reason="As in 2019")
    assert risk.status == "assessed" and risk.review_on is not None
    level = edition.criteria.matrix[4][4]
    assert (first.level, risk.current_level, risk.edition) == (level, level, edition)

    second = rate(risk, owner, 1, 1, reason="The new alarm")

    assert [one.pk for one in selectors.ratings_of(risk)] == [second.pk, first.pk]
    assert (risk.current_likelihood, risk.current_level) == (1, edition.criteria.matrix[0][0])
    for change in (lambda: Rating.objects.update(level=0), lambda: first.delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert rate(risk, owner, 1, 1).pk == second.pk, "the same rating, without a reason, is not written twice"
    told = JournalEntry.objects.filter(action="risk.rated").latest("seq")
    assert told.changes["current"][1].startswith("1 × 1")


def test_the_worst_dimension_rates(project, manager, owner, edition):
    risk = make_risk(project, manager, owner=owner)
    keys = [one.key for one in edition.criteria.dimensions][:2]
    rating = ratings.rate(risk=risk, by=owner, kind="inherent", likelihood=2, marks={keys[0]: 1, keys[1]: 4})
    assert (rating.consequence, rating.marks) == (4, {keys[0]: 1, keys[1]: 4})


@pytest.mark.parametrize("likelihood, consequence", [(0, 3), (6, 3), (3, 0), (3, 6)])
def test_marks_outside_the_scales_are_refused(project, manager, owner, edition, likelihood, consequence):
    risk = make_risk(project, manager, owner=owner)
    with pytest.raises(RuleBroken, match="lies between 1 and 5"):
        rate(risk, owner, likelihood, consequence)
    risk.refresh_from_db()
    assert risk.current_level is None and not Rating.objects.exists()


def test_who_saved_second_sees_the_first(project, manager, owner):
    risk = make_risk(project, manager, owner=owner)
    services.change(risk=risk, by=owner, version=1, values={"cause": "An old fuse"})
    with pytest.raises(StaleRecord) as refused:
        services.change(risk=risk, by=manager, version=1, values={"cause": "A new fuse"})
    assert refused.value.current.cause == "An old fuse"


def test_an_owner_writes_their_own_risks_only(project, manager, owner):
    theirs, mine = make_risk(project, manager, owner=manager), make_risk(project, manager, owner=owner)
    services.change(risk=mine, by=owner, version=1, values={"event": "It burns"})
    for refused in (
        lambda: services.change(risk=theirs, by=owner, version=1, values={"event": "It burns"}),
        lambda: services.move(risk=theirs, name="close", by=owner, reason="No"),
        lambda: services.reviewed(risk=theirs, by=owner, note="Looked", next_on=None),
        lambda: services.change_many(project=project, by=owner, numbers=[1], values={"category": "x"}),
    ):
        with pytest.raises(NotPermitted):
            refused()
    assert make_risk(project, owner, owner=manager).owner == owner, "who adds one without managing risks owns it"


def test_a_newer_edition_rates_nothing_and_shows_what_it_would_change(project, manager, owner, edition):
    risk, other = (make_risk(project, manager, owner=owner) for _ in range(2))
    rate(risk, owner, 1, 1)
    rate(risk, owner, 5, 5, kind="inherent")
    rate(other, owner, 3, 3)
    content = copy.deepcopy(edition.content)
    content["matrix"][0][0] = edition.criteria.matrix[4][4]
    boss = made(project, Role.TOP_MANAGEMENT)
    newer = make_edition(project, manager, boss, matrix=content["matrix"])

    risk.refresh_from_db()
    assert risk.edition == edition and Rating.objects.count() == 3
    shown = selectors.outdated(project, newer)
    assert [(one.risk, one.kind, one.is_other) for one in shown] == [
        (risk, "current", True), (risk, "inherent", False), (other, "current", False),
    ]  # fmt: skip
    assert set(selectors.of(project).filter(selectors.to_look_at(newer))) == {risk, other}

    assert ratings.rerate(project=project, by=manager, numbers=[risk.number], reason="Edition 2") == 1
    risk.refresh_from_db()
    assert (risk.edition, risk.current_level) == (newer, edition.criteria.matrix[4][4])
    assert [one.risk for one in selectors.outdated(project, newer)] == [other]
    assert criteria_of.in_force(project) == newer


def test_a_changed_asset_asks_for_a_new_look_until_the_risk_is_rated(project, manager, owner, edition):
    asset = make_asset(project, manager, owner=owner)
    risk, apart = make_risk(project, manager, owner=owner, assets=[asset]), make_risk(project, manager, owner=owner)
    for one in (risk, apart):
        rate(one, owner, 2, 2)

    assets.change(asset=asset, by=owner, version=1, values={"availability": 4})

    found = selectors.of(project).filter(selectors.to_look_at(edition))
    assert list(found) == [risk]
    assert selectors.why_to_look_at(found[0], edition) == "links" and str(asset.name) in found[0].links_changed_by
    rate(risk, owner, 2, 2)
    assert not selectors.of(project).filter(selectors.to_look_at(edition)).exists()


def test_other_assets_ask_for_a_new_look(project, manager, owner, edition):
    risk = make_risk(project, manager, owner=owner)
    change = {"risk": risk, "by": manager, "values": {}}
    services.change(**change, version=1, assets=[make_asset(project, manager)])
    assert selectors.one(project, "R-001").links_changed_at is None, "nothing was rated yet"
    rate(risk, owner, 2, 2)

    services.change(**change, version=risk.version, assets=[make_asset(project, manager, name="Second")])

    found = selectors.one(project, "R-001")
    assert (selectors.why_to_look_at(found, edition), found.links_changed_by) == ("links", "Its assets were changed")


def test_many_are_changed_at_once_or_none(project, manager, owner):
    one, two = make_risk(project, manager, owner=owner), make_risk(project, manager)
    assert services.change_many(project=project, by=manager, numbers=[1, 2], values={"category": "IT"}) == 2
    with pytest.raises(RuleBroken, match="R-001"):
        services.change_many(project=project, by=manager, numbers=[1, 2], values={"owner": None, "category": "HR"})
    assert set(Risk.objects.values_list("category", flat=True)) == {"IT"}
    stranger = make_user()
    with pytest.raises(RuleBroken, match="does not belong"):
        services.change_many(project=project, by=manager, numbers=[one.number, two.number], values={"owner": stranger})


def test_a_closed_risk_comes_back_with_a_reason(project, manager, owner, edition):
    risk = make_risk(project, manager, owner=owner)
    with pytest.raises(RuleBroken, match="needs a reason"):
        services.move(risk=risk, name="close", by=owner)
    risk = services.move(risk=risk, name="close", by=owner, reason="The site was sold")
    assert (risk.status, risk.is_open) == ("closed", False) and risk.closed_at
    with pytest.raises(RuleBroken, match="reopen it"):
        rate(risk, owner, 1, 1)
    risk = services.move(risk=risk, name="reopen", by=owner, reason="Bought again")
    assert (risk.status, risk.is_open, risk.closed_at) == ("identified", True, None)


@pytest.mark.parametrize(
    "discipline, facts, kept",
    [
        ("ohs", {"hazard": " Height ", "hierarchy": ["ppe", "elimination"]},
         {"hazard": "Height", "hierarchy": ["elimination", "ppe"]}),
        ("continuity", {"rto_hours": "4", "mtpd_hours": 24}, {"mtpd_hours": 24, "rto_hours": 4}),
        ("general", {"hazard": "Height"}, {}),
    ],
)  # fmt: skip
def test_a_profile_keeps_its_own_facts(project, manager, discipline, facts, kept):
    assert make_risk(project, manager, discipline=discipline, facts=facts).facts == kept


@pytest.mark.parametrize(
    "discipline, facts, says",
    [
        ("continuity", {"rto_hours": 30, "mtpd_hours": 24}, "cannot be longer"),
        ("continuity", {"rto_hours": "soon"}, "whole number of hours"),
        ("environment", {"condition": "always"}, "no choice"),
        ("ohs", {"hazard": "x" * 1001}, "at most 1000"),
    ],
)
def test_facts_that_cannot_be_are_refused_by_name(project, manager, discipline, facts, says):
    with pytest.raises(RuleBroken, match=says):
        make_risk(project, manager, discipline=discipline, facts=facts)


def test_a_statement_begins_with_a_row_for_each_control(project, manager):
    soa = make_soa(project, manager)
    rows = list(soa.entries.values_list("ref", "theme", "is_applicable"))
    assert [ref for ref, _theme, _answer in rows] == [f"C.{n}" for n in range(1, 7)]
    assert {answer for *_, answer in rows} == {None}
    with pytest.raises(RuleBroken, match="already"):
        make_soa(project, manager, soa.standard)
