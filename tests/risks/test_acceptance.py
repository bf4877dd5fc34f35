"""What is left of a risk is accepted by its owner, above the threshold by top management too, and only as long as it is true."""

from __future__ import annotations

import datetime as dt
import json

import pytest
import time_machine
from django.utils import timezone, translation

from approvals.models import Approval, Approver
from approvals.services import request as requests
from core.rules import RuleBroken, StaleRecord
from jobs import kinds
from projects import gates, reminders
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.models.grants import ProjectUserGrant
from projects.permissions import Role
from projects.services import task as tasks
from risks import acceptance_subject, following, treatment_panels
from risks.models import Acceptance, Risk
from risks.selectors import acceptance as selectors
from risks.services import acceptance as services
from risks.services import rating as ratings
from risks.services import risk as risks
from risks.services import treatment as treatments
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_risk, rate
from tests.helpers.risk_stories import ask, drawn_up, here, make_rated, make_treatment, sign, signed

pytestmark = pytest.mark.django_db
__all__ = ["here"]


def again(risk):
    return Risk.objects.get(pk=risk.pk)


def test_a_low_risk_is_accepted_by_its_owner_alone(here):
    low = make_rated(here, 1, 1)
    acceptance = drawn_up(here, [low], note="Looked at in May")
    approval = ask(here, acceptance)
    assert (again(low).acceptance_state, [s.approvers.count() for s in approval.steps.all()]) == ("asked", [1])

    sign(approval, here.owner)

    low, acceptance = again(low), Acceptance.objects.get()
    assert (low.acceptance_state, low.status, low.accepted_until) == ("accepted", "accepted", acceptance.accepted_until)
    assert acceptance.accepted_at is not None and acceptance.rows.get().is_holding
    told = JournalEntry.objects.filter(action="risk.accepted").get()
    assert told.changes["acceptance"] == "RA-001"


def test_above_the_threshold_both_sign_in_their_order(here):
    acceptance = drawn_up(here, [here.risk, make_rated(here, 1, 1)])
    approval = ask(here, acceptance)
    assert [s.label for s in approval.steps.all()] == ["Risk owner", "Top management"]
    with pytest.raises(RuleBroken, match="not your turn"):
        sign(approval, here.boss)

    sign(approval, here.owner)
    assert again(here.risk).acceptance_state == "asked"
    sign(approval, here.boss)

    assert again(here.risk).acceptance_state == "accepted"
    assert set(Risk.objects.values_list("acceptance_state", flat=True)) == {"accepted"}


def test_a_refusal_of_top_management_accepts_nothing(here):
    approval = ask(here, drawn_up(here, [here.risk]))
    sign(approval, here.owner)
    sign(approval, here.boss, "rejected", "Reduce it first")
    assert (again(here.risk).acceptance_state, again(here.risk).status) == ("", "assessed")
    assert ask(here, Acceptance.objects.get()).is_open, "it can be put to them again"


def test_nobody_accepts_what_the_criteria_give_to_nobody(here):
    worst = make_rated(here, 5, 5)
    acceptance = drawn_up(here, [worst, here.risk])

    with pytest.raises(
        RuleBroken, match=f"{worst.label} is “{here.edition.criteria.levels[-1].name}”: nobody may accept"
    ):
        ask(here, acceptance)

    found = acceptance_subject.obstacles(acceptance)
    assert [(str(one)[:5], one.url) for one in found] == [(worst.label, worst.get_absolute_url())]
    treated = make_treatment(worst, here.manager, expected=treatments.Expected(1, 1))
    assert ask(here, acceptance).is_open, "with a treatment that leaves less it can be accepted"
    assert treated.risk == worst


def test_the_residual_is_what_a_treatment_that_stands_leaves(here):
    made = make_treatment(here.risk, here.owner, expected=treatments.Expected(1, 1))
    row = selectors.rows_for([again(here.risk)])[0]
    assert (row.marks, row.is_expected, row.is_above) == ("1 × 1", True, False)
    treatments.cancel(treatment=made, by=here.owner, reason="No")
    row = selectors.rows_for([again(here.risk)])[0]
    assert (row.marks, row.is_expected, row.is_above) == ("4 × 3", False, True)


def test_who_draws_it_up_does_not_sign(here):
    grant(here.owner, Role.PROJECT_MANAGER, here.project)
    with pytest.raises(RuleBroken, match="somebody else has to draw it up"):
        drawn_up(here, [here.risk], by=here.owner)
    acceptance = drawn_up(here, [here.risk])
    with pytest.raises(RuleBroken, match="somebody else has to change it"):
        services.change(acceptance=acceptance, by=here.owner, version=1, numbers=[here.risk.number],
                        accepted_until=acceptance.accepted_until)  # fmt: skip
    with pytest.raises(RuleBroken, match="somebody else has to decide"):
        ask(here, acceptance, by=here.owner)
    for stranger in (here.other, here.boss, here.auditor, here.staff):
        with pytest.raises(NotPermitted):
            drawn_up(here, [here.risk], by=stranger)


def test_the_consultant_asks_and_cannot_sign(here):
    acceptance = drawn_up(here, [here.risk], by=here.consultant)
    approval = ask(here, acceptance, by=here.consultant)
    with pytest.raises(NotPermitted):
        sign(approval, here.consultant)
    own = make_rated(here, 1, 1, owner=here.consultant)
    refused = drawn_up(here, [own], owner=here.consultant)
    with pytest.raises(RuleBroken, match="holds no role that accepts risks"):
        ask(here, refused)


def test_no_form_chooses_other_deciders(here):
    acceptance = drawn_up(here, [here.risk])
    approval = requests.ask(
        kind=services.KIND, project=here.project, pk=acceptance.pk, by=here.manager, is_in_sequence=False,
        steps=[requests.Planned([here.other])],
    )  # fmt: skip
    assert list(Approver.objects.order_by("step__position").values_list("person", flat=True))[-2:] == [
        here.owner.pk, here.boss.pk,
    ]  # fmt: skip
    assert approval.is_in_sequence


def test_a_boss_who_lost_the_role_signs_nothing_although_still_a_risk_owner(here):
    approval = ask(here, drawn_up(here, [here.risk]))
    sign(approval, here.owner)
    ProjectUserGrant.objects.filter(user=here.boss).delete()
    grant(here.boss, Role.RISK_OWNER, here.project)
    with pytest.raises(NotPermitted, match="no longer hold a role"):
        sign(approval, here.boss)
    assert again(here.risk).acceptance_state == "asked"


def test_an_owner_who_is_top_management_signs_once_where_nobody_else_is(here):
    mine = make_rated(here, 4, 3, owner=here.boss)
    signed(here, [mine], owner=here.boss)
    assert again(mine).acceptance_state == "accepted"
    second = make_user()
    grant(second, Role.TOP_MANAGEMENT, here.project)
    other = make_rated(here, 4, 3, owner=here.boss)
    assert [s.label for s in ask(here, drawn_up(here, [other], owner=here.boss)).steps.all()] == [
        "Risk owner", "Top management",
    ]  # fmt: skip


@pytest.mark.parametrize("what", ["rating", "title", "treatment", "close", "acceptance"])
def test_a_change_of_what_is_frozen_voids_the_request(here, what):
    acceptance = drawn_up(here, [here.risk])
    approval = ask(here, acceptance)
    risk = again(here.risk)
    match what:
        case "rating":
            rate(risk, here.owner, 2, 2)
        case "title":
            risks.change(risk=risk, by=here.owner, version=risk.version, values={"title": "Other"})
        case "treatment":
            make_treatment(risk, here.owner)
        case "close":
            risks.move(risk=risk, name="close", by=here.owner, reason="Sold")
        case "acceptance":
            services.change(acceptance=acceptance, by=here.manager, version=1, numbers=[risk.number],
                            accepted_until=acceptance.accepted_until, note="New")  # fmt: skip
    assert (Approval.objects.get(pk=approval.pk).status, again(risk).acceptance_state) == ("void", "")
    with pytest.raises(RuleBroken, match="nothing to decide any more"):
        sign(approval, here.owner)


def test_another_title_of_an_action_voids_the_request(here, django_capture_on_commit_callbacks):
    made = make_treatment(here.risk, here.owner)
    task = treatments.add_task(treatment=made, by=here.owner, title="One")
    approval = ask(here, drawn_up(here, [here.risk]))
    with django_capture_on_commit_callbacks(execute=True):
        tasks.edit(task=task, by=here.manager, version=task.version, values={"title": "Another"})
    assert Approval.objects.get(pk=approval.pk).status == "void"


def test_a_rerating_ends_the_acceptance_of_that_risk_only(here):
    low = make_rated(here, 1, 1)
    acceptance = signed(here, [here.risk, low])
    rate(again(here.risk), here.owner, 5, 4, reason="It happened next door")

    risk = again(here.risk)
    assert (risk.acceptance_state, risk.status, again(low).acceptance_state) == ("stale", "assessed", "accepted")
    assert risk.stale_because.startswith("It was rated again on ")
    acceptance.refresh_from_db()
    assert acceptance.ended_at is None
    rate(again(low), here.owner, 2, 2)
    acceptance.refresh_from_db()
    assert acceptance.ended_at is not None
    assert not Approval.objects.filter(subject_kind=services.KIND, is_in_force=True).exists()


def test_an_acceptance_ends_on_the_day_after(here):
    acceptance = signed(here, [here.risk], days=30)
    assert [row.pk for row in reminders.of("acceptance").rows()] == [acceptance.pk]
    with time_machine.travel(timezone.now() + dt.timedelta(days=30), tick=False):
        assert services.expire() == 0
    with time_machine.travel(timezone.now() + dt.timedelta(days=31, hours=1), tick=False):
        assert kinds.of(following.HOURLY).work(Run()) == {"expired": 1, "moved": 0}
        assert services.expire() == 0
    risk = again(here.risk)
    day = acceptance.accepted_until.isoformat()
    assert (risk.acceptance_state, risk.stale_because) == ("stale", f"It was accepted until {day}.")
    assert list(reminders.of("acceptance").rows()) == []


class Run:
    def check(self):
        pass


@pytest.mark.parametrize("who", ["owner", "boss"])
def test_taking_it_back_reopens_the_treatment(here, who):
    made = make_treatment(here.risk, here.owner)
    treatments.add_task(treatment=made, by=here.owner, title="One")
    acceptance = signed(here, [here.risk])
    for stranger in (here.manager, here.consultant, here.other, here.auditor):
        with pytest.raises(NotPermitted):
            services.revoke(acceptance=acceptance, by=stranger, reason="No")
    with pytest.raises(RuleBroken, match="why"):
        services.revoke(acceptance=acceptance, by=here.owner, reason=" ")

    services.revoke(acceptance=acceptance, by=getattr(here, who), reason="The supplier failed")

    risk = again(here.risk)
    assert (risk.acceptance_state, risk.status) == ("stale", "treating")
    assert risk.stale_because.endswith("took the acceptance back: The supplier failed")
    with pytest.raises(RuleBroken, match="nothing to take back"):
        services.revoke(acceptance=acceptance, by=here.owner, reason="Twice")


def test_what_was_signed_is_read_for_ever(here):
    made = make_treatment(here.risk, here.owner, title="Two-factor sign-in")
    treatments.add_task(treatment=made, by=here.owner, title="Buy the keys")
    signed(here, [here.risk])
    treatments.cancel(treatment=made, by=here.owner, reason="No")
    rate(again(here.risk), here.owner, 1, 1)

    content = Approval.objects.get(subject_kind=services.KIND).content

    for words in ("Two-factor sign-in", "Buy the keys", here.risk.title, "RA-001", str(here.owner)):
        assert words in content.document, words
    row = json.loads(content.snapshot)["risks"][0]
    assert (row["likelihood"][0], row["consequence"][0], row["edition"]) == ("4", "3", here.edition.number)


def test_a_snapshot_says_the_same_in_every_language(here):
    make_treatment(here.risk, here.owner, option="share", due_on=here.today)
    acceptance = drawn_up(here, [here.risk])
    with translation.override("de"):
        german = selectors.snapshot(acceptance)
        approval = ask(here, acceptance)
    assert german == selectors.snapshot(acceptance)
    with translation.override("fr"):
        sign(approval, here.owner)


def test_a_renewal_takes_the_place_of_the_acceptance_before(here):
    low = make_rated(here, 1, 1)
    first = signed(here, [low], days=20)
    second = signed(here, [low], days=300)
    first.refresh_from_db()
    assert (first.ended_because, again(low).accepted_until) == ("RA-002 took its place.", second.accepted_until)
    assert list(again(low).acceptances.filter(is_holding=True).values_list("acceptance__number", flat=True)) == [2]
    with pytest.raises(RuleBroken, match="cannot be accepted by"):
        drawn_up(here, [low])


def test_only_open_rated_risks_of_that_owner_are_put_to_a_decision(here):
    unrated = make_risk(here.project, here.manager, owner=here.owner)
    theirs = make_rated(here, 1, 1, owner=here.other)
    gain = make_rated(here, 1, 1, discipline="opportunity")
    foreign = make_project()
    grant(here.manager, Role.PROJECT_MANAGER, foreign)
    for risk in (unrated, theirs, gain):
        with pytest.raises(RuleBroken, match=f"{risk.label} cannot be accepted"):
            drawn_up(here, [here.risk, risk])
    with pytest.raises(RuleBroken, match="Tick the risks"):
        drawn_up(here, [])
    with pytest.raises(RuleBroken, match="day to come"):
        drawn_up(here, [here.risk], days=0)
    with pytest.raises(RuleBroken, match="does not belong"):
        services.draw_up(project=foreign, by=here.manager, owner=here.owner, numbers=[1],
                         accepted_until=here.today + dt.timedelta(days=5))  # fmt: skip


def test_an_owner_who_changed_or_a_request_elsewhere_stands_in_the_way(here):
    first, second = drawn_up(here, [here.risk]), drawn_up(here, [here.risk])
    ask(here, first)
    with pytest.raises(RuleBroken, match="in another request"):
        ask(here, second)
    other = make_rated(here, 1, 1)
    third = drawn_up(here, [other])
    risks.change(risk=other, by=here.manager, version=again(other).version, values={"owner": here.other})
    with pytest.raises(RuleBroken, match=f"{other.label} belongs to {here.other} now"):
        ask(here, third)


def test_changing_and_giving_up_what_is_not_signed(here):
    low = make_rated(here, 1, 1)
    acceptance = drawn_up(here, [here.risk, low])
    found = services.change(acceptance=acceptance, by=here.consultant, version=1, numbers=[low.number],
                            accepted_until=acceptance.accepted_until, note="Only this")  # fmt: skip
    assert [row.risk for row in found.rows.all()] == [low]
    with pytest.raises(StaleRecord):
        services.change(acceptance=acceptance, by=here.manager, version=1, numbers=[here.risk.number],
                        accepted_until=acceptance.accepted_until)  # fmt: skip
    services.give_up(acceptance=found, by=here.manager, reason="Too early")
    with pytest.raises(RuleBroken, match="was given up"):
        services.give_up(acceptance=found, by=here.manager, reason="Twice")
    done = signed(here, [low])
    with pytest.raises(RuleBroken, match="was signed"):
        services.change(acceptance=done, by=here.consultant, version=done.version, numbers=[low.number],
                        accepted_until=done.accepted_until)  # fmt: skip


def test_the_day_proposed_is_the_review_of_the_highest_level(here):
    low = make_rated(here, 1, 1)
    rows = selectors.rows_for([low, again(here.risk)])
    months = here.edition.criteria.levels[again(here.risk).current_level].review_months
    assert services.valid_until(rows, here.today) == ratings.months_later(here.today, months)
    assert services.valid_until([], here.today) == ratings.months_later(here.today, 12)


def test_the_gate_says_what_is_missing(here):
    def said(check):
        return [(one.is_met, one.reason) for one in check(Step(here.project))]

    assert said(treatment_panels.treated) == [(False, f"1 risk has none: {here.risk.label}")]
    assert said(treatment_panels.accepted) == [(False, "1 of 1 risk is not accepted")]
    make_treatment(here.risk, here.owner)
    assert said(treatment_panels.treated) == [(True, "")]
    ask(here, drawn_up(here, [here.risk]))
    assert said(treatment_panels.accepted) == [(False, "1 of 1 risk is not accepted, 1 awaiting a decision")]
    empty = Step(make_project())
    assert [one.is_met for one in (*treatment_panels.treated(empty), *treatment_panels.accepted(empty))] == [False] * 2
    assert treatment_panels.treated in gates._checks["risk-assessment"]


class Step:
    def __init__(self, project):
        self.project = project
