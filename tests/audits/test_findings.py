"""A finding from the line it is noted at to its end: every move with its rule, and the nonconformity that comes of it."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits.flows import FINDING, AuditStatus, FindingStatus
from audits.models import Finding
from audits.selectors import finding as selectors
from audits.services import finding as services
from audits.services import follow_up
from core.rules import RuleBroken, StaleRecord
from improvement.models import Nonconformity
from notifications.models import Notice
from pdca.models import Clause
from projects import access
from projects.flow import NotPermitted
from projects.models import Evidence, JournalEntry
from projects.services import evidence
from tests.factories.audits import WorkingCast, make_working_audit
from tests.factories.projects import make_user

pytestmark = pytest.mark.django_db
WAY = {
    "open": "noted", "keep": "noted", "answer": "open", "accept": "answered", "return": "answered", "close": "accepted",
    "reopen": "closed", "withdraw": "open",
}  # fmt: skip


@pytest.fixture
def cast(db):
    return WorkingCast()


def fresh(finding) -> Finding:
    return Finding.objects.select_related("project__organization", "audit").get(pk=finding.pk)


def mover(cast, name):
    return cast.auditee if name == "answer" else cast.lead


def move(cast, finding, name, by=None, reason="Because"):
    return services.move(finding=fresh(finding), name=name, by=by or mover(cast, name), reason=reason)


def answered(cast, finding):
    finding = move(cast, finding, "open")
    finding = services.respond(finding=finding, by=cast.auditee, version=finding.version, response="Found and filed.")
    return move(cast, finding, "answer")


def bring_to(cast, status, **values):
    """A finding as far as `status`; an observation, so that no nonconformity is waited for."""
    finding = cast.finding(grade="observation", **values)
    if status == "noted":
        return finding
    if status == "open":
        finding = move(cast, finding, "open")
        return services.respond(finding=finding, by=cast.auditee, version=finding.version, response="Filed.")
    finding = answered(cast, finding)
    for name in {"answered": [], "accepted": ["accept"], "closed": ["accept", "close"]}[status]:
        finding = move(cast, finding, name)
    return finding


# ---- noting ------------------------------------------------------------------------------------------------------


def test_a_finding_at_a_line_carries_its_clauses_and_is_its_result(cast):
    line = cast.generate()[1]
    clauses = [link.clause for link in line.clause_links.all()]

    finding = cast.finding(line=line, clauses=clauses)

    line.refresh_from_db()
    assert (finding.label, finding.status, finding.line) == ("F-001", "noted", line)
    assert services.clauses_said(finding) == ["X Quality:2026 4.2", "X Safety:2026 4.2"]
    assert (line.result, line.evidence, line.answered_by) == ("nc_minor", "Records of May", cast.lead)
    entry = JournalEntry.objects.get(action="finding.noted")
    assert entry.changes == {"audit": "AU-001", "grade": "Minor nonconformity", "line": "4.2 Interested parties"}


def test_what_cannot_be_a_finding_is_refused_with_a_sentence(cast):
    for values, field in (
        ({"statement": " "}, "statement"), ({"grade": "awful"}, "grade"), ({"statement": "x" * 1001}, "statement"),
        ({"respondent": make_user(name="Stranger")}, "respondent"), ({"respondent": cast.second}, "respondent"),
    ):  # fmt: skip
        with pytest.raises(RuleBroken) as refusal:
            cast.finding(**values)
        assert refusal.value.field == field
    foreign = Clause.objects.get(standard__slug="harmonized-structure", ref="4.1")
    with pytest.raises(RuleBroken, match="Choose clauses of the criteria"):
        cast.finding(clauses=[foreign])
    for person in (cast.outsider, cast.manager):
        with pytest.raises(NotPermitted):
            services.note(audit=cast.audit, by=person, values={"grade": "ofi", "statement": "x"})
    type(cast.audit).objects.update(status=AuditStatus.PLANNED)
    with pytest.raises(RuleBroken, match="while it is at work"):
        cast.finding()
    assert not Finding.objects.exists()


def test_it_is_changed_until_it_is_answered_and_never_over_a_newer_text(cast):
    finding = cast.finding()
    changed = services.change(
        finding=finding, by=cast.second, version=1, values={"statement": "Four of ten."}, clauses=[]
    )
    assert (changed.statement, changed.version) == ("Four of ten.", 2)
    with pytest.raises(StaleRecord):
        services.change(finding=finding, by=cast.lead, version=1, values={"statement": "Five."})
    done = bring_to(cast, "answered")
    with pytest.raises(RuleBroken, match="keeps its words"):
        services.change(finding=done, by=cast.lead, version=done.version, values={"statement": "Other"})
    handed = bring_to(cast, "open")
    with pytest.raises(RuleBroken, match="without evidence is an opinion"):
        services.change(finding=handed, by=cast.lead, version=handed.version, values={"evidence": ""})
    type(cast.audit).objects.update(status=AuditStatus.ISSUED)
    with pytest.raises(RuleBroken, match="is issued: what it says stays"):
        services.change(finding=changed, by=cast.lead, version=2, values={"statement": "Late"})


# ---- the flow ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [one for one in WAY if one != "keep"])
def test_each_move_is_made_from_its_state_and_only_by_whom_it_is_for(cast, name):
    finding = bring_to(cast, WAY[name])
    wrong = bring_to(cast, "closed" if name != "reopen" else "open")
    others = [cast.staff, cast.manager] if name != "answer" else [cast.staff, cast.lead]
    for person in [*others, cast.outsider, make_user(is_superuser=True)]:
        with pytest.raises(NotPermitted):
            move(cast, finding, name, by=person)
    with pytest.raises(RuleBroken, match="no longer possible"):
        move(cast, wrong, name)
    if FINDING[name].asks_reason:
        with pytest.raises(RuleBroken, match="Say why"):
            move(cast, finding, name, reason=" ")

    moved = move(cast, finding, name)

    assert moved.status == FINDING[name].target
    assert moved.is_open == (moved.status not in ("closed", "withdrawn"))
    assert JournalEntry.objects.filter(action=f"finding.{name}", target_id=finding.pk).count() == 1


GUARDS = [
    ("open", {"evidence": ""}, "without evidence is an opinion"),
    ("open", {"respondent": None}, "Name who answers it"),
    ("open", {"grade": "nc_major", "clauses": []}, "Name the clause that is not met"),
    ("keep", {}, "it needs an answer"),
    ("keep", {"grade": "strength", "evidence": ""}, "without evidence is an opinion"),
]


@pytest.mark.parametrize("name, values, says", GUARDS)
def test_a_guard_refuses_whoever_asks(cast, name, values, says):
    finding = cast.finding(**values)
    cast.lead.is_superuser = True
    cast.lead.save(update_fields=["is_superuser"])
    with pytest.raises(RuleBroken, match=says):
        move(cast, finding, name)
    assert fresh(finding).status == "noted"


def test_who_answered_does_not_judge_the_answer_and_an_empty_one_is_none(cast):
    finding = move(cast, cast.finding(grade="observation"), "open")
    with pytest.raises(RuleBroken, match="Write the response first"):
        move(cast, finding, "answer")
    finding = bring_to(cast, "answered")
    # Somebody who answers and has come into the team since.
    cast.audit.members.filter(person=cast.second).update(person=cast.auditee)
    from projects.permissions import Role
    from tests.factories.projects import grant

    grant(cast.auditee, Role.AUDITOR, cast.project)
    for name in ("accept", "return"):
        with pytest.raises(RuleBroken, match="does not judge the answer"):
            move(cast, finding, name, by=cast.auditee)
    assert move(cast, finding, "accept").accepted_by == cast.lead


def test_who_has_to_do_something_hears_of_it(cast):
    answered(cast, cast.finding(due_on=dt.date(2026, 6, 1)))
    told = {(notice.person, notice.title, notice.text) for notice in Notice.objects.all()}
    judge = "F-001 of AU-001 is answered: judge the response"
    assert told == {
        (cast.auditee, "F-001 of AU-001 is yours to answer", "Respond until 1 June 2026."),
        (cast.lead, judge, ""), (cast.second, judge, ""),
    }  # fmt: skip


def test_a_strength_is_put_on_record_and_needs_no_answer(cast):
    kept = move(cast, cast.finding(grade="strength", respondent=None, clauses=[]), "keep")
    assert (kept.status, kept.is_open) == ("closed", False)


def test_a_response_is_its_addressees_and_kept_before_it_is_sent(cast):
    finding = move(cast, cast.finding(), "open")
    for person in (cast.staff, cast.lead, cast.outsider):
        with pytest.raises(NotPermitted):
            services.respond(finding=finding, by=person, version=finding.version, response="x")
    kept = services.respond(finding=finding, by=cast.auditee, version=finding.version, response=" Filed\r\nnow. ")
    assert (kept.response, kept.status, kept.responded_by) == ("Filed\nnow.", "open", cast.auditee)
    with pytest.raises(StaleRecord):
        services.respond(finding=finding, by=cast.manager, version=finding.version, response="Other")
    with pytest.raises(RuleBroken) as refusal:
        services.respond(finding=kept, by=cast.auditee, version=kept.version, response="  ")
    assert refusal.value.field == "response"
    noted = cast.finding()
    with pytest.raises(RuleBroken, match="waits for no answer"):
        services.respond(finding=noted, by=cast.auditee, version=1, response="x")


# ---- the nonconformity -------------------------------------------------------------------------------------------


def test_a_nonconformity_is_raised_once_with_everything_carried_over(cast):
    finding = cast.finding(grade="nc_major", subject="Hall 2", statement="Records are missing. " * 20)
    evidence.add_link(record=finding, link="https://photos.example/12", by=cast.lead, title="Photo of the shelf")
    with pytest.raises(RuleBroken, match="no nonconformity"):
        services.raise_nonconformity(finding=cast.finding(grade="ofi"), by=cast.lead)
    with pytest.raises(NotPermitted):
        services.raise_nonconformity(finding=finding, by=cast.manager)

    raised = services.raise_nonconformity(finding=finding, by=cast.second)

    said = Nonconformity.objects.get(pk=raised.pk)
    assert (said.source, said.grade, said.owner, said.place) == ("internal_audit", "major", cast.auditee, "Hall 2")
    assert (said.evidence, said.requirement) == ("Records of May", "Records are kept.")
    assert len(said.title) == 200 and said.description == finding.statement
    assert [str(link.clause) for link in said.clause_links.all()] == ["4.1 quality 4.1"]
    (piece,) = Evidence.objects.filter(target_kind="improvement.nonconformity", target_id=said.pk)
    assert (piece.title, piece.link, said.evidence_count) == ("Photo of the shelf", "https://photos.example/12", 1)
    entry = JournalEntry.objects.get(action="nonconformity.reported")
    assert entry.changes["origin"] == "F-001 (AU-001)"
    with pytest.raises(RuleBroken, match="NC-001 was raised from F-001 already"):
        services.raise_nonconformity(finding=fresh(finding), by=cast.lead)
    assert Nonconformity.objects.count() == 1


def test_its_later_life_is_read_and_the_finding_closes_after_it(cast):
    finding = answered(cast, cast.finding())
    finding = move(cast, finding, "accept")
    with pytest.raises(RuleBroken, match="Raise the nonconformity first"):
        move(cast, finding, "close")
    raised = services.raise_nonconformity(finding=finding, by=cast.lead)
    with pytest.raises(RuleBroken, match="NC-001 is “Reported”"):
        move(cast, finding, "close")
    Nonconformity.objects.filter(pk=raised.pk).update(status="refused", is_open=False)
    later = selectors.later_of(fresh(finding), cast.lead, access.perms_in(cast.lead, cast.project))
    assert (later.nonconformity.get_status_display(), later.is_visible) == ("Refused", True)
    assert move(cast, finding, "close").status == "closed"
    withdrawn = cast.finding()
    services.raise_nonconformity(finding=withdrawn, by=cast.lead)
    with pytest.raises(RuleBroken, match="deal with that one"):
        move(cast, withdrawn, "withdraw")


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*WAY, "respond", "raise"]), min_size=3, max_size=12))
def test_no_sequence_of_moves_closes_a_nonconformity_before_its_work_or_raises_two(cast, names):
    finding = cast.finding()
    before = Nonconformity.objects.count()
    for name in names:
        try:
            if name == "respond":
                now = fresh(finding)
                services.respond(finding=now, by=cast.auditee, version=now.version, response="Filed.")
            elif name == "raise":
                services.raise_nonconformity(finding=fresh(finding), by=cast.lead)
            else:
                move(cast, finding, name)
        except RuleBroken:
            pass
    now = fresh(finding)
    assert now.status != FindingStatus.CLOSED
    assert Nonconformity.objects.count() - before == (now.nonconformity_id is not None)
    moves = [
        entry.action.removeprefix("finding.")
        for entry in JournalEntry.objects.filter(target_kind="audits.finding", target_id=now.pk).order_by("seq")
    ]
    status = "noted"
    for name in (one for one in moves if one in FINDING):
        assert status in FINDING[name].sources
        status = FINDING[name].target
    assert status == now.status


# ---- who sees what -----------------------------------------------------------------------------------------------


def test_a_finding_is_seen_by_its_auditors_then_by_whom_it_is_for_then_by_readers(cast):
    def seen_by(*people):
        return [
            selectors.visible(cast.project, one, access.perms_in(one, cast.project)).filter(pk=finding.pk).exists()
            for one in people
        ]

    finding = cast.finding()
    people = (cast.lead, cast.outsider, cast.auditee, cast.manager, cast.staff)
    assert seen_by(*people) == [True, True, False, False, False]
    move(cast, finding, "open")
    assert seen_by(*people) == [True, True, True, True, False]
    cast.audit.members.all()
    reader = make_user(name="Reader")
    from projects.permissions import Role
    from tests.factories.projects import grant

    grant(reader, Role.HR, cast.project)
    assert seen_by(reader) == [False]
    type(cast.audit).objects.update(status=AuditStatus.ISSUED)
    assert seen_by(reader, cast.staff) == [True, False]


def test_findings_of_earlier_audits_are_offered_to_the_next_one(cast):
    still_open = bring_to(cast, "open")
    closed = bring_to(cast, "closed")
    elsewhere = bring_to(cast, "closed", clauses=[])
    noted = cast.finding()
    nxt = make_working_audit(cast.project, cast.lead)
    nxt.standard_links.create(standard=cast.standards["quality"])
    nxt.project = cast.project

    offered = selectors.earlier_of(nxt)
    assert {one.finding for one in offered} == {still_open, closed}
    assert elsewhere not in [one.finding for one in offered] and noted not in [one.finding for one in offered]

    seen = follow_up.note(audit=nxt, finding=closed, by=cast.lead, result="effective", note="Ten of ten are filed.")
    assert [one.follow_up for one in selectors.earlier_of(nxt) if one.finding == closed] == [seen]
    with pytest.raises(StaleRecord):
        follow_up.note(audit=nxt, finding=closed, by=cast.lead, result="not_effective", note="x")
    with pytest.raises(RuleBroken, match="the evidence belongs here"):
        follow_up.note(audit=nxt, finding=still_open, by=cast.lead, result="effective")
    with pytest.raises(NotPermitted):
        follow_up.note(audit=nxt, finding=still_open, by=cast.second, result="not_checked")
    with pytest.raises(RuleBroken, match="earlier audits"):
        follow_up.note(audit=cast.audit, finding=closed, by=cast.lead, result="not_checked")


def test_the_register_finds_what_is_late_and_what_was_not_raised(cast):
    today = dt.date(2026, 6, 1)
    late = bring_to(cast, "open", due_on=dt.date(2026, 5, 20))
    bare = cast.finding(grade="nc_major", evidence="Torque wrench 12")
    rows = selectors.of(cast.project)

    def found(**wanted):
        return list(selectors.narrowed(rows, wanted, today=today, user=cast.auditee))

    assert found(state="late") == [late]
    assert found(state="unraised") == found(grade="nc") == found(q="wrench") == found(q="F-002") == [bare]
    assert found(standard="safety") == [] and found(respondent="none") == []
    assert set(found(respondent="me", q="4.1")) == {late, bare}
    assert list(selectors.in_order(rows, "grade")) == [bare, late]
    assert selectors.figures(rows, today) == {"open": 2, "late": 1, "answered": 0, "unraised": 1}
