"""The audit programme and the plan of an audit on paper: what is in them, and what of a team's independence they say."""

from __future__ import annotations

import datetime as dt

import pytest

from audits.services import agenda, team
from core.rules import RuleBroken
from projects.permissions import Role
from reports import kinds
from reports.selectors import audits as reports
from tests.factories.audits import Cast, approve, clause, make_line, make_place, make_programme
from tests.factories.documents import make_document
from tests.helpers.budget import count_queries
from tests.reports import worlds
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast()


def test_the_programme_says_how_it_stands_and_what_is_covered(cast):
    programme = make_programme(cast.project, cast.manager, title="Two years of audits")
    make_line(programme, cast.manager, [cast.standard], item=make_place(cast.project), reason="High risks")
    assert reports.programme(worlds.asked_for(cast.project))["stands"] == "Draft; not approved yet."
    approve(programme, by=cast.lead, decider=cast.management)
    cast.audit(title="Audit of the year", lines=[programme.lines.get()])

    asked = worlds.asked_for(cast.project, cast.manager, programme=programme.label)
    found = reports.programme(asked)
    assert found["stands"].startswith("Edition 1, approved by top management")
    assert [one.title for one in found["audits"]] == ["Audit of the year"]
    text = text_of(worlds.printed_of("audit-programme", asked))
    for words in ("Two years of audits", "High risks", "Purchasing", "Audit of the year", "Coverage"):
        assert words in text


def test_the_plan_prints_the_agenda_and_who_is_not_independent_with_the_justification(cast):
    make_document(cast.project, cast.manager, owner=cast.lead, title="Rules", clauses=[clause(cast.standard, "7.5")])
    audit = cast.audit(title="Purchasing in spring")
    asked = worlds.asked_for(cast.project, cast.manager, audit=audit.label)
    assert reports.plan(asked)["statement"].startswith("1 person of the team would audit their own work")
    team.justify(member=audit.members.get(), by=cast.manager, justification="Nobody else reads German.")
    values = {
        "title": "Opening",
        "day": audit.starts_on,
        "starts_at": dt.time(9),
        "ends_at": dt.time(9, 30),
        "place": "Room 7",
    }
    agenda.add(audit=audit, by=cast.manager, values=values | {"kind": "opening"}, auditors=[audit.members.get().pk])

    text = " ".join(text_of(worlds.printed_of("audit-plan", asked)).split())
    for words in (
        "Purchasing in spring",
        "09:00–09:30",
        "Room 7",
        "Nobody else reads German.",
        "Rules",
        "justified below",
    ):
        assert words in text


def test_a_project_without_programme_or_audit_says_so(cast):
    for select in (reports.programme, reports.plan):
        with pytest.raises(RuleBroken, match="to print yet"):
            select(worlds.asked_for(cast.project))


def test_another_project_or_a_stranger_to_audits_prints_nothing(cast):
    audit = cast.audit()
    other = Cast()
    with pytest.raises(RuleBroken):
        reports.plan(worlds.asked_for(other.project, other.manager, audit=audit.label))
    with pytest.raises(RuleBroken):
        reports.plan(worlds.asked_for(cast.project, cast.staff, audit=audit.label))
    for slug in ("audit-programme", "audit-plan"):
        assert {role for role in Role if kinds.of(slug).perm in kinds_of(role)} == set(Role) - {
            Role.STAFF, Role.CERTIFICATION_AUDITOR,
        }  # fmt: skip


def kinds_of(role):
    from projects.permissions import MAY

    return MAY[role]


def test_the_reports_take_the_same_number_of_queries_for_one_line_and_for_three(cast):
    programme = make_programme(cast.project, cast.manager)
    asked = worlds.asked_for(cast.project, cast.manager)

    def fill(n):
        line = make_line(programme, cast.manager, [cast.standard], item=make_place(cast.project, f"Place {n}"))
        cast.audit(lines=[line], items=[line.item])

    def counted():
        return [count_queries(lambda: reports.programme(asked)), count_queries(lambda: reports.plan(asked))]

    fill(0)
    first = counted()
    fill(1), fill(2)
    assert counted() == first == [20, 20]
