"""An audit from its plan to its end: every move with its rule; who carries it, and what stays once the report is issued."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from audits.flows import AUDIT, AuditStatus
from audits.models import Audit, AuditMember, Covered
from audits.services import agenda, team
from audits.services import audit as services
from core.rules import RuleBroken, StaleRecord
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.audits import (
    Cast,
    bring_to,
    clause,
    fresh,
    make_audit,
    make_checklist_line,
    make_line,
    make_place,
    make_programme,
)
from tests.factories.projects import grant, make_user

pytestmark = pytest.mark.django_db
BEFORE = {
    "plan": "draft", "start": "planned", "report": "in_progress", "resume": "reported", "close": "issued",
    "redraft": "planned", "cancel": "planned",
}  # fmt: skip
ANY_TIME = {"draft", "planned", "in_progress"}


@pytest.fixture
def cast(db):
    return Cast()


def hand_of(cast, name):
    return cast.manager if AUDIT[name].needs == "manage_audit_programme" else cast.lead


@pytest.mark.parametrize("name", BEFORE)
def test_each_move_is_made_from_its_state(cast, name):
    audit = cast.audit(BEFORE[name])

    moved = services.move(audit=audit, name=name, by=hand_of(cast, name), reason="So")

    assert moved.status == AUDIT[name].target
    assert moved.is_open == (moved.status not in ("closed", "cancelled"))
    told = JournalEntry.objects.filter(action=f"audit.{name}").latest("seq")
    assert told.changes["status"] == [BEFORE[name], moved.status]


def test_each_move_is_refused_from_every_other_state(cast):
    made = {status: cast.audit(status) for status in AuditStatus.values if status != "cancelled"}
    made["cancelled"] = services.move(audit=cast.audit(), name="cancel", by=cast.manager, reason="No")
    refused = set()
    for step in AUDIT.moves:
        for status, audit in made.items():
            if status in step.sources:
                continue
            with pytest.raises(RuleBroken, match="no longer possible"):
                services.move(audit=audit, name=step.name, by=hand_of(cast, step.name), reason="So")
            refused.add((step.name, status))
    assert len(refused) == sum(len(AuditStatus.values) - len(step.sources) for step in AUDIT.moves)
    assert {one.status for one in Audit.objects.all()} == set(AuditStatus.values), "nothing has moved"


def test_each_move_needs_its_permission(cast):
    for name, status in BEFORE.items():
        audit = cast.audit(status)
        for person in (cast.owner, cast.staff, cast.management, cast.certifier):
            with pytest.raises(NotPermitted):
                services.move(audit=audit, name=name, by=person, reason="So")
        assert fresh(audit).status == status


@pytest.mark.parametrize("name", ["resume", "redraft", "cancel"])
def test_what_goes_back_or_ends_says_why(cast, name):
    with pytest.raises(RuleBroken, match="needs a reason"):
        services.move(audit=cast.audit(BEFORE[name]), name=name, by=hand_of(cast, name))


@pytest.mark.parametrize(
    "values, says",
    [
        ({"objectives": ""}, "no objectives"),
        ({"standards": []}, "criteria first"),
        ({"starts_on": None, "ends_on": None}, "from when to when"),
    ],
)
def test_a_plan_that_is_not_whole_is_not_settled(cast, values, says):
    with pytest.raises(RuleBroken, match=says):
        services.move(audit=cast.audit(**values), name="plan", by=cast.manager)


def test_an_audit_without_a_lead_is_not_settled(cast):
    audit = make_audit(cast.project, cast.manager, standards=[cast.standard])
    with pytest.raises(RuleBroken, match="lead auditor first"):
        services.move(audit=audit, name="plan", by=cast.manager)


@pytest.mark.parametrize("name", ["start", "report", "resume", "close"])
def test_only_the_team_carries_an_audit_a_superuser_included(cast, name):
    audit = cast.audit(BEFORE[name])
    chief = make_user(name="Chief", is_superuser=True)
    grant(chief, Role.AUDITOR, cast.project)

    for stranger in (cast.auditor, chief):
        with pytest.raises(RuleBroken, match="Only the audit team"):
            services.move(audit=audit, name=name, by=stranger, reason="So")

    team.add_member(audit=audit, by=cast.manager, role="observer", person=cast.auditor) if name != "close" else None
    with pytest.raises(RuleBroken, match="Only the audit team"):
        services.move(audit=audit, name=name, by=cast.auditor, reason="So")


def test_a_superuser_without_a_role_moves_nothing(cast):
    with pytest.raises(NotPermitted):
        services.move(audit=cast.audit(), name="plan", by=make_user(is_superuser=True))


def test_who_audits_their_own_work_does_not_begin_a_superuser_included(cast):
    from tests.factories.documents import make_document

    chief = make_user(name="Chief", is_superuser=True)
    grant(chief, Role.AUDITOR, cast.project)
    audit = make_audit(cast.project, cast.manager, lead=chief, standards=[cast.standard])
    audit = services.move(audit=audit, name="plan", by=cast.manager)
    make_document(cast.project, cast.manager, owner=chief, clauses=[clause(cast.standard, "7.5")])

    with pytest.raises(RuleBroken, match="Chief would audit their own work"):
        services.move(audit=audit, name="start", by=chief)

    team.justify(member=audit.members.get(), by=cast.manager, justification="Nobody else knows the process.")
    assert services.move(audit=audit, name="start", by=chief).status == "in_progress"


def test_the_work_is_done_when_every_line_has_a_result(cast):
    audit = cast.audit("in_progress")
    line = make_checklist_line(audit, [clause(cast.standard, "4.1")])
    with pytest.raises(RuleBroken, match="1 line of the checklist has no result"):
        services.move(audit=audit, name="report", by=cast.lead)

    line.result, line.answered_by, line.answered_at = "conform", cast.lead, fresh(audit).started_at
    line._change_reason = ""
    line.save()
    assert services.move(audit=audit, name="report", by=cast.lead).reported_at is not None


def test_what_the_audit_covered_is_kept_and_taken_back(cast):
    place = make_place(cast.project)
    programme = make_programme(cast.project, cast.manager)
    line = make_line(programme, cast.manager, [cast.standard], item=place, first_on=dt.date(2026, 6, 30))
    audit = services.create_from_line(
        line=line, by=cast.manager, lead=cast.lead,
        values={"objectives": "See", "starts_on": dt.date(2026, 3, 2), "ends_on": dt.date(2026, 3, 3)},
    )  # fmt: skip
    audit = bring_to(audit, "in_progress", by=cast.manager, lead=cast.lead)
    for ref, result in (("4.1", "conform"), ("8.4", "not_sampled")):
        make_checklist_line(
            audit, [clause(cast.standard, ref)], result=result, answered_by=cast.lead, answered_at=audit.started_at,
            not_sampled_because="No time" if result == "not_sampled" else "",
        )  # fmt: skip

    services.move(audit=audit, name="report", by=cast.lead)
    assert list(Covered.objects.values_list("clause__ref", "item", "day")) == [("4.1", place.pk, dt.date(2026, 3, 3))]
    line.refresh_from_db()
    assert (line.last_on, line.next_on) == (dt.date(2026, 3, 3), None), "the next one lies after the programme"

    services.move(audit=fresh(audit), name="resume", by=cast.lead, reason="One more interview")
    line.refresh_from_db()
    assert not Covered.objects.exists() and (line.last_on, line.next_on) == (None, dt.date(2026, 6, 30))


def test_nothing_changes_once_the_report_is_issued(cast):
    audit = cast.audit("issued")
    member, says = audit.members.get(), "what it says stays"
    changes = [
        lambda: services.change(audit=audit, by=cast.manager, version=audit.version, values={"title": "Other"}),
        lambda: team.add_member(audit=audit, by=cast.manager, role="auditor", person=cast.auditor),
        lambda: team.change_member(member=member, by=cast.manager, role="observer"),
        lambda: team.add_auditee(audit=audit, by=cast.manager, name="Somebody"),
        lambda: agenda.add(audit=audit, by=cast.manager, values={}),
    ]
    for change in changes:
        with pytest.raises(RuleBroken, match=says):
            change()


def test_the_report_is_issued_only_after_the_work_on_site(cast):
    from projects import journal

    audit = cast.audit("in_progress")
    with pytest.raises(RuleBroken, match="when the work on site is done"), journal.change(cast.project, by=cast.lead) as log:  # fmt: skip
        services.issue(audit=audit, by=cast.lead, log=log)
    assert fresh(audit).status == "in_progress"


# ---- plan, team, agenda -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values, says",
    [
        ({"title": " "}, "title"),
        ({"kind": "secret"}, "kind of audit"),
        ({"method": "by post"}, "how it is conducted"),
        ({"ends_on": dt.date(2026, 3, 1)}, "before it begins"),
        ({"report_due_on": dt.date(2026, 3, 1)}, "later day"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_with_a_sentence(cast, values, says):
    with pytest.raises(RuleBroken, match=says):
        make_audit(cast.project, cast.manager, standards=[cast.standard], **values)


def test_a_plan_names_only_what_belongs_to_the_project(cast):
    other = Cast()
    from tests.factories.audits import make_standard

    strange = make_standard("iso-strange")
    for more, says in (
        ({"standards": [strange]}, "standards of this project"),
        ({"standards": [cast.standard], "clauses": [clause(strange, "4.1")]}, "clauses of the chosen"),
        ({"items": [make_place(other.project)]}, "this project's scope"),
        ({"lead": other.lead}, "does not belong"),
    ):
        with pytest.raises(RuleBroken, match=says):
            make_audit(cast.project, cast.manager, **more)
    assert not Audit.objects.exists()


def test_a_newer_save_is_shown_and_not_overwritten(cast):
    audit = cast.audit()
    services.change(audit=audit, by=cast.manager, version=1, values={"scope": "Hall 1"})
    with pytest.raises(StaleRecord) as stale:
        services.change(audit=audit, by=cast.auditor, version=1, values={"scope": "Hall 2"})
    assert stale.value.current.scope == "Hall 1"
    told = JournalEntry.objects.filter(action="audit.changed").get()
    assert told.changes["scope"] == ["", "Hall 1"]


def test_a_team_has_one_lead_and_nobody_twice_nor_on_both_sides(cast):
    audit = cast.audit()
    with pytest.raises(RuleBroken, match="has a lead auditor already"):
        team.add_member(audit=audit, by=cast.manager, role="lead", person=cast.auditor)
    with pytest.raises(RuleBroken, match="in the team already"):
        team.add_member(audit=audit, by=cast.manager, role="observer", person=cast.lead)
    with pytest.raises(RuleBroken, match="audits here"):
        team.add_auditee(audit=audit, by=cast.manager, person=cast.lead)
    team.add_auditee(audit=audit, by=cast.manager, person=cast.owner)
    with pytest.raises(RuleBroken, match="is audited here"):
        team.add_member(audit=audit, by=cast.manager, role="auditor", person=cast.owner)

    other = team.add_member(audit=audit, by=cast.manager, role="auditor", person=cast.auditor)
    team.change_member(member=other, by=cast.manager, role="lead")
    assert dict(audit.members.values_list("name", "role")) == {"Lead": "auditor", "Auditor": "lead"}
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditMember.objects.bulk_create(
            [AuditMember(organization=audit.organization, project=audit.project, audit=audit, role="lead", name="X")]
        )


def test_only_who_manages_the_programme_names_the_team(cast):
    with pytest.raises(NotPermitted):
        team.add_member(audit=cast.audit(), by=cast.owner, role="auditor", person=cast.auditor)


def session_of(cast, audit, **more):
    values = {
        "title": "Purchasing", "day": dt.date(2026, 3, 2), "starts_at": dt.time(9), "ends_at": dt.time(10), "place": "Room 2",
    }  # fmt: skip
    people = {name: more.pop(name) for name in ("auditors", "auditees", "clauses") if name in more}
    return agenda.add(audit=audit, by=cast.manager, values=values | more, **people)


def test_the_journal_tells_two_people_as_two_and_not_as_a_change(cast):
    audit = cast.audit()
    asked = [team.add_auditee(audit=audit, by=cast.manager, name=name).pk for name in ("Ada", "Bea")]
    session_of(cast, audit, auditees=asked)
    told = JournalEntry.objects.get(action="audit.session_added").changes
    assert told == {
        "session": "Purchasing",
        "when": "2026-03-02 09:00–10:00",
        "place": "Room 2",
        "auditees": "Ada, Bea",
    }


def test_nobody_sits_in_two_sessions_at_once(cast):
    audit = cast.audit()
    lead = audit.members.get()
    first = session_of(cast, audit, auditors=[lead.pk])
    with pytest.raises(RuleBroken, match="Lead sits in “Purchasing” at that time"):
        session_of(cast, audit, title="Sales", starts_at=dt.time(9, 30), ends_at=dt.time(11), auditors=[lead.pk])
    session_of(cast, audit, title="Sales", starts_at=dt.time(10), ends_at=dt.time(11), auditors=[lead.pk])

    agenda.change(
        session=first, by=cast.manager, version=1, values={"place": "Room 3"}, auditors=[lead.pk],
        clauses=[clause(cast.standard, "8.4")],
    )  # fmt: skip
    told = JournalEntry.objects.filter(action="audit.session_changed").get().changes
    assert told["place"] == ["Room 2", "Room 3"] and told["clauses"] == ["", "ISO TEST 1 8.4"]
    with pytest.raises(StaleRecord):
        agenda.change(session=first, by=cast.manager, version=1, values={"place": "Room 4"})


@pytest.mark.parametrize(
    "values, says",
    [
        ({"title": ""}, "what the session is about"),
        ({"day": dt.date(2026, 4, 1)}, "a day of the audit"),
        ({"ends_at": dt.time(9)}, "ends after it begins"),
        ({"kind": "party"}, "what kind"),
    ],
)
def test_a_session_that_cannot_be_is_refused_with_a_sentence(cast, values, says):
    with pytest.raises(RuleBroken, match=says):
        session_of(cast, cast.audit(), **values)
