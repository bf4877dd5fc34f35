"""A nonconformity from its report to its end: every move with its rule, rounds that stay, and who may judge."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import DatabaseError, transaction

from core import dates
from core.rules import RuleBroken, StaleRecord
from improvement.flows import NONCONFORMITY, Status
from improvement.models import Nonconformity
from improvement.selectors import nonconformity as selectors
from improvement.services import nonconformity as services
from projects import access
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.improvement import bring_to, finish, fresh, let_time_pass, make_nonconformity, prepare
from tests.factories.projects import grant, make_project, make_user

pytestmark = pytest.mark.django_db
BEFORE = {
    "accept": "reported", "refuse": "reported", "contain": "accepted", "analyse": "contained", "plan": "analysed",
    "implement": "planned", "verify": "implemented", "close": "verifying", "reopen": "closed",
}  # fmt: skip
ANSWERS = dict.fromkeys(services.CONSEQUENCES, "none")


class Cast:
    def __init__(self, project):
        self.project = project
        for name, role in (
            ("manager", Role.PROJECT_MANAGER), ("owner", Role.PROCESS_OWNER), ("doer", Role.STAFF),
            ("verifier", Role.AUDITOR), ("other", Role.HR),
        ):  # fmt: skip
            person = make_user(name=name.title())
            grant(person, role, project)
            setattr(self, name, person)

    @property
    def hands(self):
        return {"by": self.manager, "owner": self.owner, "doer": self.doer, "verifier": self.verifier}

    def at(self, status):
        record = make_nonconformity(self.project, self.doer)
        return record if status == "reported" else bring_to(record, status, **self.hands)


@pytest.fixture
def cast(db):
    return Cast(make_project())


def test_anybody_reports_and_follows_what_they_reported(cast):
    record = make_nonconformity(cast.project, cast.doer, title="  The scale   is out ", place="Hall 2")
    assert (record.label, record.title, record.status) == ("NC-001", "The scale is out", "reported")
    mine = selectors.visible(cast.project, cast.doer, access.perms_in(cast.doer, cast.project))
    make_nonconformity(cast.project, cast.other)
    assert list(mine) == [record]


@pytest.mark.parametrize(
    "values, says",
    [
        ({"title": "  "}, "what happened"),
        ({"title": "x" * 201}, "at most 200"),
        ({"title": "x", "source": "rumour"}, "where it comes from"),
        ({"title": "x", "detected_on": dates.today() + dt.timedelta(days=3)}, "in the future"),
    ],
)
def test_a_report_that_cannot_be_is_refused_with_a_sentence(cast, values, says):
    with pytest.raises(RuleBroken, match=says):
        services.report(project=cast.project, by=cast.doer, values=values)


@pytest.mark.parametrize("name", BEFORE)
def test_each_move_is_made_from_its_state(cast, name):
    record = cast.at(BEFORE[name])
    prepare(record, name, **cast.hands)
    moved = services.move(record=fresh(record), name=name, by=cast.manager, reason="So", consequences=ANSWERS)
    assert moved.status == NONCONFORMITY[name].target
    told = JournalEntry.objects.filter(action=f"nonconformity.{name}").latest("seq")
    assert told.changes["status"] == [BEFORE[name], moved.status]


@pytest.mark.parametrize("name", BEFORE)
def test_each_move_is_refused_from_every_other_state(cast, name):
    for status in Status.values:
        if status in NONCONFORMITY[name].sources:
            continue
        record = make_nonconformity(cast.project, cast.doer, title=f"In {status}")
        Nonconformity.objects.filter(pk=record.pk).update(
            status=status, owner=cast.owner, grade="minor", is_open=status not in ("closed", "refused")
        )
        with pytest.raises(RuleBroken, match="no longer possible"):
            services.move(record=fresh(record), name=name, by=cast.manager, reason="So", consequences=ANSWERS)


@pytest.mark.parametrize("name", [name for name in BEFORE if name not in ("refuse", "verify", "reopen")])
@pytest.mark.parametrize("is_super", [False, True])
def test_each_guard_holds_for_everybody_superusers_too(cast, name, is_super):
    record = cast.at(BEFORE[name])
    if is_super:
        type(cast.manager).objects.filter(pk=cast.manager.pk).update(is_superuser=True)
        cast.manager.refresh_from_db()
    with pytest.raises(RuleBroken):
        services.move(record=record, name=name, by=cast.manager, consequences=ANSWERS)
    assert fresh(record).status == BEFORE[name]


@pytest.mark.parametrize("name", BEFORE)
def test_nobody_moves_what_is_not_theirs(cast, name):
    record = cast.at(BEFORE[name])
    prepare(record, name, **cast.hands)
    stranger = make_user(is_superuser=True)
    for person in (cast.other, cast.doer, cast.verifier, stranger):
        with pytest.raises(NotPermitted):
            services.move(record=fresh(record), name=name, by=person, reason="So", consequences=ANSWERS)


def test_the_owner_works_on_it_and_does_not_grade_or_close(cast):
    record = cast.at("verifying")
    prepare(record, "close", **cast.hands)
    with pytest.raises(NotPermitted):
        services.move(record=fresh(record), name="close", by=cast.owner, consequences=ANSWERS)
    record = fresh(record)
    services.change(record=record, by=cast.owner, version=record.version, values={"grade": "major", "place": "Hall 3"})
    assert (fresh(record).grade, fresh(record).place) == ("minor", "Hall 3")


@pytest.mark.parametrize("who", ["owner", "doer"])
def test_neither_owner_nor_doer_verifies(cast, who):
    record = cast.at("analysed")
    services.add_action(record=record, by=cast.owner, values={"title": "Tell them", "assignee": cast.doer})
    current = fresh(record).round
    with pytest.raises(RuleBroken, match="does not verify"):
        services.work(record=record, by=cast.owner, version=current.version, values={"verifier": getattr(cast, who)})


def test_a_verifier_who_then_did_an_action_cannot_judge(cast):
    record = cast.at("verifying")
    record.round.actions.get().task.__class__.objects.filter(corrects__round=record.round).update(
        completed_by=cast.verifier
    )
    with pytest.raises(RuleBroken, match="does not verify"):
        services.judge(record=record, by=cast.verifier, verdict="effective", note="Fine")
    assert fresh(record).round.verdict == ""


def test_only_the_named_verifier_judges_once_and_in_time(cast):
    record = cast.at("verifying")
    for person in (cast.manager, cast.owner, cast.doer):
        with pytest.raises(NotPermitted):
            services.judge(record=record, by=person, verdict="effective", note="Fine")
    with pytest.raises(RuleBroken, match="by what you judge"):
        services.judge(record=record, by=cast.verifier, verdict="effective", note=" ")
    current = record.round
    later = dates.today() + dt.timedelta(days=9)
    services.work(record=record, by=cast.owner, version=current.version, values={"check_on": later})
    with pytest.raises(RuleBroken, match="planned for"):
        services.judge(record=record, by=cast.verifier, verdict="effective", note="Fine")
    current = fresh(record).round
    services.work(record=record, by=cast.owner, version=current.version, values={"check_on": dates.today()})
    services.judge(record=record, by=cast.verifier, verdict="effective", note="Fine")
    with pytest.raises(RuleBroken, match="judged already"):
        services.judge(record=record, by=cast.verifier, verdict="not_effective", note="No")
    with pytest.raises(RuleBroken, match="stays as it was"):
        services.add_cause(record=fresh(record), by=cast.owner, text="Late thought")
    with pytest.raises(RuleBroken, match="another verifier"):
        found = fresh(record)
        services.change(record=found, by=cast.manager, version=found.version, values={"owner": cast.verifier})


def test_what_was_not_effective_begins_a_round_and_keeps_the_old_one(cast):
    record = cast.at("verifying")
    old = record.round

    record = services.judge(record=record, by=cast.verifier, verdict="not_effective", note="Two more in May")

    assert (record.status, fresh(record).round.number) == ("accepted", 2)
    old.refresh_from_db()
    assert (old.correction, old.verdict, old.verdict_note) == (
        "The batch is set apart",
        "not_effective",
        "Two more in May",
    )
    assert old.causes.filter(is_root=True).exists() and old.actions.exists()
    assert fresh(record).round.correction == "" and not fresh(record).round.actions.exists()
    with pytest.raises(RuleBroken, match="contain"):
        services.move(record=fresh(record), name="contain", by=cast.owner)
    for move in ("contain", "analyse", "plan", "implement", "verify", "close"):
        prepare(record, move, **cast.hands)
        services.move(record=fresh(record), name=move, by=cast.manager, consequences=ANSWERS)
        if move == "implement":
            let_time_pass(record)
    assert fresh(record).status == "closed"


def test_closing_asks_what_has_to_change(cast):
    record = cast.at("verifying")
    prepare(record, "close", **cast.hands)
    with pytest.raises(RuleBroken, match="risks, documents or the plan"):
        services.move(record=fresh(record), name="close", by=cast.manager, consequences={"risks": "R-003 rated again"})
    answers = {"risks": "R-003 rated again", "documents": "none", "plan": "none"}
    record = services.move(record=fresh(record), name="close", by=cast.manager, consequences=answers)
    assert record.consequences == answers and record.closed_at and not record.is_open


def test_the_check_comes_after_the_last_action(cast):
    record = cast.at("analysed")
    due = dates.today() + dt.timedelta(days=10)
    services.add_action(record=record, by=cast.owner, values={"title": "Later", "due_on": due, "assignee": cast.doer})
    current = fresh(record).round
    for day in (due, due - dt.timedelta(days=1)):
        with pytest.raises(RuleBroken, match="after the last"):
            services.work(record=record, by=cast.owner, version=current.version, values={"check_on": day})
    services.work(
        record=record, by=cast.owner, version=current.version, values={"check_on": due + dt.timedelta(days=1)}
    )
    with pytest.raises(RuleBroken, match="before the check"):
        services.add_action(
            record=record, by=cast.owner, values={"title": "Too late", "due_on": due + dt.timedelta(days=1)}
        )


def test_the_second_writer_sees_the_first(cast):
    record = cast.at("accepted")
    version = record.round.version
    services.work(record=record, by=cast.owner, version=version, values={"correction": "Set apart"})
    with pytest.raises(StaleRecord) as refused:
        services.work(record=record, by=cast.manager, version=version, values={"correction": "Sent back"})
    assert refused.value.current.correction == "Set apart"


def test_five_whys_are_a_tree(cast):
    record = cast.at("contained")
    above = None
    for n in range(8):
        above = services.add_cause(
            record=record, by=cast.owner, text=f"Because {n}", parent=above and above.pk, category="" if above else "method"
        )  # fmt: skip
    assert above.category == "method"
    with pytest.raises(RuleBroken, match="eight times"):
        services.add_cause(record=record, by=cast.owner, text="Because", parent=above.pk)
    with pytest.raises(RuleBroken, match="answers below"):
        services.remove_cause(record=record, by=cast.owner, pk=above.parent_id)
    services.remove_cause(record=record, by=cast.owner, pk=above.pk)
    foreign = services.add_cause(record=make_and_accept(cast), by=cast.owner, text="Elsewhere")
    with pytest.raises(RuleBroken, match="in the meantime"):
        services.mark_root(record=record, by=cast.owner, pk=foreign.pk, is_root=True)


def make_and_accept(cast):
    return bring_to(make_nonconformity(cast.project, cast.doer), "accepted", **cast.hands)


def test_similar_ones_are_proposed_and_confidential_ones_are_not(cast):
    record = make_nonconformity(cast.project, cast.doer, title="Calibration label missing on scale", process="Weighing")
    close = make_nonconformity(cast.project, cast.doer, title="Scale without calibration label")
    near = make_nonconformity(cast.project, cast.doer, title="Wrong batch", process="weighing")
    make_nonconformity(cast.project, cast.doer, title="Door open at night")
    hidden = make_nonconformity(cast.project, cast.doer, title="Calibration label forged")
    services.change(record=hidden, by=cast.manager, version=1, values={"is_confidential": True})
    everything = selectors.of(cast.project)
    found = selectors.alike(fresh(record), everything)
    assert [one.record for one in found] == [close, near]
    assert found[1].shared == ["same process"] and "calibration" in found[0].shared[0]
    assert [one.record.title for one in selectors.alike(fresh(record), everything, "night")] == ["Door open at night"]
    assert selectors.alike(fresh(record), everything.none()) == []
    seen = selectors.visible(cast.project, cast.other, access.perms_in(cast.other, cast.project))
    assert hidden not in seen and close in seen
    assert hidden in selectors.visible(cast.project, cast.manager, access.perms_in(cast.manager, cast.project))


def test_the_database_refuses_what_the_services_would(cast):
    record = make_nonconformity(cast.project, cast.doer)
    rows = Nonconformity.objects.filter(pk=record.pk)
    for wrong in ({"status": "accepted"}, {"status": "closed"}, {"title": ""}, {"recurrence_of": record.pk}):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(DatabaseError), transaction.atomic():
        Nonconformity.history.update(title="Another")


def test_finishing_needs_every_action(cast):
    record = cast.at("planned")
    services.add_action(
        record=record, by=cast.owner,
        values={"title": "One more", "assignee": cast.doer, "due_on": dates.today() - dt.timedelta(days=3)},
    )  # fmt: skip
    with pytest.raises(RuleBroken, match="is not done yet"):
        services.move(record=fresh(record), name="implement", by=cast.owner)
    finish(record, cast.doer)
    assert services.move(record=fresh(record), name="implement", by=cast.owner).status == "implemented"


def test_what_was_judged_elsewhere_is_carried_over_whole(cast):
    from improvement import origins

    values = {
        "title": "No calibration", "grade": "major", "owner": cast.owner, "source": "internal_audit",
        "evidence": "Scales W-07 and W-09, 3 of 11", "requirement": "Scales are calibrated yearly", "process": "Weighing",
        "status": "closed",
    }  # fmt: skip
    record = services.raise_from(project=cast.project, by=cast.verifier, values=values, origin="F-012 of A-003")
    found = fresh(record)
    assert (found.status, found.grade, found.owner, found.evidence) == (
        "reported", "major", cast.owner, "Scales W-07 and W-09, 3 of 11",
    )  # fmt: skip
    told = JournalEntry.objects.get(action="nonconformity.reported")
    assert told.changes["origin"] == "F-012 of A-003"
    tell = lambda one, user, perms: origins.Origin("F-012", "/there/") if one.pk == record.pk else None  # noqa: E731
    origins.tellers.append(tell)
    try:
        assert origins.of(record, cast.owner, ()) == [origins.Origin("F-012", "/there/")]
    finally:
        origins.tellers.remove(tell)
    with pytest.raises(RuleBroken, match="scale"):
        services.raise_from(project=cast.project, by=cast.verifier, values={"title": "x", "grade": "huge"}, origin="F")
    reported = services.report(project=cast.project, by=cast.doer, values={"title": "x", "grade": "major"})
    assert reported.grade == "", "who only reports grades nothing"
    lives = selectors.lives(
        cast.project, cast.verifier, access.perms_in(cast.verifier, cast.project), [record.pk, reported.pk]
    )
    assert lives[record.pk].label == "NC-001" and lives[record.pk].owner == cast.owner
