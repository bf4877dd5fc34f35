"""Risk criteria: begun from a starter, written, approved, kept in editions."""

from __future__ import annotations

import copy

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from approvals.models import Approval
from approvals.selectors.approval import standing_of
from approvals.services import decision
from approvals.services import request as requests
from core.rules import RuleBroken, StaleRecord
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from risks import starters
from risks.forms.criteria import CriteriaForm
from risks.models import Edition, RiskCriteria
from risks.selectors import criteria as selectors
from risks.services import criteria as services
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def manager(project):
    return made(project, Role.PROJECT_MANAGER)


@pytest.fixture
def boss(project):
    return made(project, Role.TOP_MANAGEMENT)


def made(project, role):
    person = make_user()
    grant(person, role, project)
    return person


@pytest.fixture
def record(project, manager):
    services.begin(project=project, by=manager, starter="5x5")
    return selectors.of_project(project)


def approve(record, by, boss):
    asked = requests.ask(
        kind="risk_criteria", project=record.project, pk=record.pk, by=by, steps=[requests.Planned([boss])]
    )
    decision.decide(
        approval=asked, by=boss, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    return Approval.objects.get(pk=asked.pk)


def changed(record, **content):
    return {"method": record.method, "content": {**copy.deepcopy(record.content), **content}}


@pytest.mark.parametrize("language", ["en", "de", "fr", "xx"])
def test_every_starter_is_sound_in_every_language(language):
    found = starters.every(language)

    assert [one.slug for one in found] == ["3x3", "4x4", "5x5"]
    for one in found:
        assert one.method and one.title
        assert selectors.levels.dents(one.content["matrix"]) == []
        assert len(one.content["likelihood"]) == int(one.slug[0])
    assert (found[2].content["likelihood"][0]["name"] == "Selten") == (language == "de")


def test_approval_keeps_an_edition_that_ratings_can_refer_to(record, manager, boss):
    approve(record, manager, boss)

    edition = selectors.in_force(record.project)
    assert (edition.number, edition.content) == (1, record.content)
    assert standing_of("risk_criteria", record).is_approved
    services.write(project=record.project, by=manager, version=1, **changed(record, threshold=2))
    fresh = selectors.of_project(record.project)
    standing = standing_of("risk_criteria", fresh)
    assert standing.is_stale and [c.label for c in standing.differences.changes] == ["Acceptable up to"]
    assert approve(fresh, manager, boss).edition == 2
    assert [one.number for one in Edition.objects.all()] == [2, 1]
    assert Edition.objects.get(number=1).content["threshold"] == 1


def test_an_edition_is_written_once(record, manager, boss):
    approve(record, manager, boss)
    for statement in ("UPDATE risks_edition SET number = 7", "DELETE FROM risks_edition"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_change_after_the_request_voids_it(record, manager, boss):
    asked = requests.ask(
        kind="risk_criteria", project=record.project, pk=record.pk, by=manager, steps=[requests.Planned([boss])]
    )
    services.write(project=record.project, by=manager, version=1, **changed(record, threshold=0))

    asked.refresh_from_db()
    assert asked.status == "void"


def test_the_second_saver_is_told_and_the_first_is_kept(record, manager):
    services.write(project=record.project, by=manager, version=1, **changed(record, threshold=0))
    with pytest.raises(StaleRecord):
        services.write(project=record.project, by=manager, version=1, **changed(record, threshold=2))
    assert selectors.of_project(record.project).content["threshold"] == 0


def test_wrong_criteria_strangers_and_twice_the_same_change_nothing(record, manager, boss):
    with pytest.raises(RuleBroken):
        services.write(project=record.project, by=manager, version=1, **changed(record, matrix=[[0]]))
    with pytest.raises(NotPermitted):
        services.write(project=record.project, by=boss, version=1, **changed(record, threshold=0))
    before = JournalEntry.objects.count()
    services.write(project=record.project, by=manager, version=1, **changed(record))
    assert (selectors.of_project(record.project).version, JournalEntry.objects.count()) == (1, before)
    with pytest.raises(RuleBroken):
        services.begin(project=record.project, by=manager, starter="9x9")


def test_what_an_auditor_would_ask_is_said(record):
    content = copy.deepcopy(record.content)
    content["matrix"][4][4] = 0
    content["levels"][3]["accepted_by"] = "owner"
    said = " ".join(selectors.warnings(selectors.levels.parsed(content)))

    assert "“Almost certain” × “Severe” counts less" in said
    assert "by the risk owner alone" in said


def posted(record, **changes):
    form = CriteriaForm(record=record)
    return {name: field.initial for name, field in form.fields.items()} | form.initial | changes


def of(person):
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def address(project, name="criteria"):
    return reverse(f"risks:{name}", kwargs=project.address)


def test_the_form_saves_what_it_shows(record, manager):
    answer = of(manager).post(
        address(record.project, "criteria-edit"), posted(record, **{"cell-1-1": 2, "level-1-name": "Tiny"})
    )

    assert answer.status_code == 303
    fresh = selectors.of_project(record.project)
    assert fresh.content["matrix"][0][0] == 2 and fresh.content["levels"][0]["name"] == "Tiny"
    assert {**fresh.content, "matrix": 0, "levels": 0} == {**record.content, "matrix": 0, "levels": 0}


def test_another_size_comes_back_with_everything_typed_and_saves_nothing(record, manager):
    sent = posted(record, likelihoods=6, steps=3, resize="1", **{"likelihood-1-name": "Never"})
    answer = of(manager).post(address(record.project, "criteria-edit"), sent)

    page = answer.content.decode()
    assert answer.status_code == 200 and 'value="Never"' in page
    assert 'name="likelihood-6-name"' in page and 'name="cell-6-5"' in page and 'name="level-4-name"' not in page
    assert selectors.of_project(record.project).version == 1


def test_a_wrong_field_is_named_and_the_rest_is_kept(record, manager):
    answer = of(manager).post(
        address(record.project, "criteria-edit"), posted(record, **{"level-2-review": 99, "method": "Kept"})
    )

    assert answer.status_code == 422
    assert "Level 2, review in months" in answer.content.decode() and "Kept" in answer.content.decode()


def test_a_conflict_shows_both_and_the_next_save_goes_on_top(record, manager):
    services.write(project=record.project, by=manager, version=1, method="Theirs", content=record.content)
    answer = of(manager).post(address(record.project, "criteria-edit"), posted(record, method="Mine"))

    page = answer.content.decode()
    assert answer.status_code == 422 and "Theirs" in page and "Mine" in page and 'name="version" value="2"' in page


def test_who_may_only_read_sees_the_criteria_and_no_form(record, boss):
    reader = of(boss)
    page = reader.get(address(record.project)).content.decode()

    assert "Almost certain" in page and "criteria/edit" not in page
    assert reader.get(address(record.project, "criteria-edit")).status_code == 403
    assert reader.post(address(record.project, "criteria-begin"), {"starter": "3x3"}).status_code == 403
    assert of(make_user()).get(address(record.project)).status_code == 404


def test_the_first_page_offers_what_to_begin_with(project, manager, boss):
    assert of(manager).get(address(project)).content.decode().count('name="starter"') == 3
    assert b'name="starter"' not in of(boss).get(address(project)).content
    assert of(manager).get(address(project, "criteria-edit")).status_code == 302

    of(manager).post(address(project, "criteria-begin"), {"starter": "3x3"})
    of(manager).post(address(project, "criteria-begin"), {"starter": "5x5"})
    assert len(RiskCriteria.objects.get().content["matrix"]) == 3


def test_the_page_costs_fourteen_queries(record, manager, boss):
    approve(record, manager, boss)
    client = of(manager)
    client.get(address(record.project))
    with queries(14):
        client.get(address(record.project))
