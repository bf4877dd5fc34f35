"""Who would audit their own work: the rule itself, the facts behind it, and the written justification."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits import independence
from audits.independence import About, Fact, Judge
from audits.selectors import independence as selectors
from audits.services import agenda, team
from core.rules import RuleBroken
from improvement.services import nonconformity as nonconformities
from pdca.models import Clause
from projects.models import JournalEntry
from projects.permissions import Role
from risks.models import SoaEntry
from tests.factories.audits import Cast, clause, make_audit, make_place, make_standard
from tests.factories.documents import make_document
from tests.factories.improvement import make_nonconformity
from tests.factories.projects import grant, make_task, make_user
from tests.factories.risks import make_asset, make_control_set, make_risk, make_soa
from tests.helpers.budget import count_queries

KEYS = st.frozensets(st.sampled_from(["hs:7", "hs:7.5", "hs:7.5.3", "hs:8.1", "iso:8.4"]), max_size=3)
PLACES = st.frozensets(st.sampled_from(["purchasing", "sales"]), max_size=2)


@given(KEYS, PLACES, KEYS, PLACES)
def test_a_fact_meets_a_session_in_a_place_or_in_a_clause(own, where, asked, there):
    found = independence.meets(Fact(1, "k", "s", own, where), About(1, "t", asked, there))
    if where and there:
        assert found == bool(where & there)
    else:
        related = any(a == b or a.startswith(f"{b}.") or b.startswith(f"{a}.") for a in own for b in asked)
        assert found == related


@given(st.lists(st.tuples(st.integers(1, 3), KEYS, PLACES), max_size=5), KEYS, st.frozensets(st.sampled_from("abcde")))
def test_a_justification_covers_what_it_names_and_nothing_else(ties, asked, covered):
    facts = [Fact(person, "abcde"[n], f"reason {n}", keys, places) for n, (person, keys, places) in enumerate(ties)]
    judges = [Judge(10, 1, "One"), Judge(20, 2, "Two")]
    found = independence.conflicts(judges, [About(None, "all", asked)], facts, {10: covered})
    for conflict in found:
        person = 1 if conflict.member == 10 else 2
        assert set(conflict.reasons) <= {one.key for one in facts if one.person == person}
        assert set(conflict.open_reasons) == set(conflict.reasons) - (covered if conflict.member == 10 else set())
        assert conflict.is_settled == (not conflict.open_reasons)


def test_who_sits_elsewhere_judges_nothing_here():
    fact = Fact(1, "k", "owns it", frozenset({"hs:7.5"}))
    about = About(5, "Documents", frozenset({"hs:7.5.3"}))
    assert independence.conflicts([Judge(1, 1, "One", frozenset({5}))], [about], [fact])
    assert not independence.conflicts([Judge(1, 1, "One", frozenset({6}))], [about], [fact])


@pytest.fixture
def cast(db):
    return Cast()


def reasons_of(audit, member=0):
    team_ = list(audit.members.order_by("pk"))
    found = {}
    for conflict in selectors.of_audit(audit).of_member(team_[member].pk):
        found |= conflict.reasons
    return sorted(found.values())


def document_of(cast, **ties):
    return make_document(cast.project, cast.manager, title="Rules", clauses=[clause(cast.standard, "7.5")], **ties)


def test_owning_a_document_of_an_audited_clause_is_named(cast):
    audit = cast.audit(clauses=[clause(cast.standard, "7.5")])
    assert reasons_of(audit) == []
    document = document_of(cast, owner=cast.lead)
    assert reasons_of(audit) == [f"owns {document.code} Rules"]
    other = cast.audit(clauses=[clause(cast.standard, "8.4")])
    assert reasons_of(other) == [], "nothing of it is audited there"


def test_writing_and_approving_a_document_is_named(cast):
    from tests.factories.documents import make_effective

    grant(cast.lead, Role.DOCUMENT_CONTROLLER, cast.project)
    document = document_of(cast, owner=cast.manager)
    make_effective(document, by=cast.lead, decider=cast.owner)
    audit = cast.audit()
    team.add_member(audit=audit, by=cast.manager, role="auditor", person=cast.owner)
    assert any("wrote" in one for one in reasons_of(audit, 0))
    assert any("approved" in one for one in reasons_of(audit, 1))


def test_the_same_row_of_the_structure_is_the_same_work_whichever_standard_asks(cast):
    other = make_standard("iso-test-2", cast.project)
    document = document_of(cast, owner=cast.lead)
    audit = cast.audit(standards=[other], clauses=[clause(other, "7.5")])
    assert reasons_of(audit) == [f"owns {document.code} Rules"]
    assert reasons_of(cast.audit(standards=[other], clauses=[clause(other, "8.4")])) == []


def test_owning_a_risk_or_an_asset_of_the_audited_process_is_named(cast):
    purchasing, sales = make_place(cast.project), make_place(cast.project, "Sales")
    asset = make_asset(cast.project, cast.manager, kind="process", name="Purchasing", owner=cast.lead)
    risk = make_risk(cast.project, cast.manager, owner=cast.lead, title="One source only", assets=[asset])
    audit = cast.audit(items=[purchasing])
    assert reasons_of(audit) == [f"owns {asset}", f"owns {risk}"]
    assert reasons_of(cast.audit(items=[sales])) == []


def test_owning_controls_is_named_once_for_all_of_a_standard(cast):
    standard = make_standard("iso-planned", cast.project)
    catalogue = make_control_set()
    catalogue.requirements = standard
    catalogue.save()
    soa = make_soa(cast.project, cast.manager, catalogue)
    entries = list(soa.entries.all())
    SoaEntry.objects.filter(pk__in=[one.pk for one in entries[:2]]).update(owner=cast.lead)
    (fact,) = (one for one in selectors.facts(cast.project, [cast.lead.pk]) if one.key.startswith("soa:"))
    assert fact.says == f"owns the controls {entries[0].ref}, {entries[1].ref}"
    assert (fact.key, fact.clauses) == (f"soa:{standard.slug}:owner", frozenset({"hs:6.1"})), (
        "a standard without 6.1.3 and 8.3 of its own has them planned where all have risks"
    )

    for ref in ("6.1.3", "8.3"):
        Clause.objects.create(
            standard=standard, ref=ref, title=ref, is_leaf=True, intent="Do it.", position=90, match="specific"
        )

    (fact,) = (one for one in selectors.facts(cast.project, [cast.lead.pk]) if one.key.startswith("soa:"))
    assert fact.clauses == {f"{standard.slug}:6.1.3", f"{standard.slug}:8.3"}


def test_a_statement_somebody_signed_is_no_control_they_own(cast):
    soa = make_soa(cast.project, cast.manager, make_control_set())
    SoaEntry.objects.filter(soa=soa).update(owner=cast.owner)
    tie = {"number": 0, "place": "", "code": "", "standard": "", "ref": "", "hs": "", "match": "", "title": "SoA 1"}
    signed = selectors.Tie("soa", "approver", cast.lead.pk, 7, **tie)

    assert [one.key for one in selectors._signatures([signed])] == ["soa:7:approver"]
    assert [*selectors._controls([signed])] == []


def test_nonconformities_and_tasks_are_named(cast):
    place = make_place(cast.project)
    wrong = make_nonconformity(cast.project, cast.manager, process="Purchasing")
    nonconformities.change(
        record=wrong, by=cast.manager, version=wrong.version, values={"owner": cast.lead, "grade": "minor"}
    )
    activity = cast.project.planactivitys.first()
    type(activity).objects.filter(pk=activity.pk).update(hs_clauses=["7.5"])
    make_task(cast.project, activity=activity, assignee=cast.lead)
    said = reasons_of(cast.audit(items=[place]))
    assert said == [f"does T-001 of activity {activity.number} {activity.title}", f"owns {wrong}"]


def test_who_alone_holds_a_role_answers_for_its_activities(cast):
    activity = cast.project.planactivitys.first()
    type(activity).objects.filter(pk=activity.pk).update(hs_clauses=["7.5"], responsible="process_owner")
    audit = make_audit(cast.project, cast.manager, lead=cast.owner, standards=[cast.standard])
    assert reasons_of(audit) == [
        f"is responsible as Process owner for activity {activity.number} {activity.title}"
    ]  # fmt: skip
    grant(make_user(), Role.PROCESS_OWNER, cast.project)
    assert reasons_of(audit) == [], "one of several does not answer for it alone"


def test_the_agenda_says_where_an_auditor_judges(cast):
    document_of(cast, owner=cast.lead)
    audit = cast.audit()
    lead = audit.members.get()
    when = {"day": audit.starts_on, "starts_at": dt.time(9), "ends_at": dt.time(10)}
    agenda.add(
        audit=audit, by=cast.manager, values=when | {"title": "Documents"}, clauses=[clause(cast.standard, "7.5")]
    )
    assert [one.title for one in selectors.of_audit(audit).conflicts] == ["Documents"], (
        "nobody is named: everybody sits"
    )
    other = team.add_member(audit=audit, by=cast.manager, role="auditor", person=cast.auditor)
    session = audit.sessions.get()
    agenda.change(
        session=session, by=cast.manager, version=session.version, values={}, auditors=[other.pk],
        clauses=[clause(cast.standard, "7.5")],
    )  # fmt: skip
    assert selectors.of_audit(audit).is_settled
    team.change_member(member=lead, by=cast.manager, role="observer")
    assert selectors.of_audit(audit).is_settled


def test_a_justification_is_written_by_somebody_else_and_kept_word_for_word(cast):
    grant(cast.lead, Role.PROJECT_MANAGER, cast.project)
    document = document_of(cast, owner=cast.lead)
    audit = cast.audit()
    member = audit.members.get()
    with pytest.raises(RuleBroken, match="justifies their own"):
        team.justify(member=member, by=cast.lead, justification="I am fair.")
    with pytest.raises(RuleBroken, match="at most"):
        team.justify(member=member, by=cast.manager, justification="  ")

    team.justify(member=member, by=cast.manager, justification="Nobody else reads German.")
    override = audit.overrides.get()
    assert (override.who, override.justification) == ("Lead", "Nobody else reads German.")
    assert list(override.reasons.values()) == [f"owns {document.code} Rules"]
    assert JournalEntry.objects.filter(action="audit.independence_justified").count() == 1
    assert selectors.of_audit(audit).is_settled
    with pytest.raises(RuleBroken, match="nothing to justify"):
        team.justify(member=member, by=cast.manager, justification="Again")

    make_document(cast.project, cast.manager, owner=cast.lead, title="More", clauses=[clause(cast.standard, "4.1")])
    (conflict,) = selectors.of_audit(audit).unsettled
    assert len(conflict.open_reasons) == 1, "a tie that came later asks again"


def test_independence_takes_the_same_number_of_queries_whatever_there_is(cast):
    place = make_place(cast.project)
    audit = cast.audit(items=[place])

    def ties(n):
        for _k in range(n):
            asset = make_asset(cast.project, cast.manager, name=f"Purchasing {_k} {n}", owner=cast.lead)
            make_risk(cast.project, cast.manager, owner=cast.lead, assets=[asset])
            document_of(cast, owner=cast.lead)
            make_task(cast.project, activity=cast.project.planactivitys.first(), assignee=cast.lead)

    ties(1)
    first = count_queries(lambda: selectors.of_audit(audit))
    ties(3)
    assert count_queries(lambda: selectors.of_audit(audit)) == first == 8
