"""Who may decide, in which order, and what a decision does."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from approvals.models import Approval, Approver, Delegation, Signature
from approvals.services import request
from core.rules import RuleBroken
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_task, make_user

from .conftest import change, sign

pytestmark = pytest.mark.django_db


def test_a_signature_keeps_who_what_when_and_over_which_content(people, ask):
    approval = ask()

    signature = sign(approval, people.deciders[0], comment="Go.")

    approval.refresh_from_db()
    assert (approval.status, approval.edition, approval.is_in_force) == ("approved", 1, True)
    assert people.heard == [("approved", 1)]
    assert (signature.signer_name, signature.signer_role) == ("Decider 0", "Top management")
    assert signature.meaning == "I approve this text for publication on behalf of top management."
    assert signature.digest == approval.content.digest and signature.method == "password"
    entry = JournalEntry.objects.get(action="approval.signed")
    assert entry.changes["signature"] == signature.record_hash and entry.reason == "Go."


def test_the_author_the_asker_and_a_superuser_who_wrote_it_never_decide(people, ask):
    for barred in (people.author, people.manager):
        grant(barred, Role.TOP_MANAGEMENT, people.project)
        with pytest.raises(RuleBroken, match="somebody else has to decide"):
            ask([barred])
    people.author.is_superuser = True
    people.author.save()
    with pytest.raises(RuleBroken, match="somebody else"):
        ask([people.author])


def test_who_became_the_last_editor_after_the_request_cannot_decide(people, ask, monkeypatch):
    from approvals import subjects

    approval = ask(people.deciders[:2])
    kind = subjects.of("text")
    monkeypatch.setitem(
        subjects._subjects, "text", type(kind)(**{**vars(kind), "authors": lambda task: {people.deciders[0].pk}})
    )

    with pytest.raises(RuleBroken, match="somebody else"):
        sign(approval, people.deciders[0])
    assert not Signature.objects.exists()


def test_steps_in_sequence_wait_for_each_other(people, ask):
    first, second = people.deciders[:2]
    approval = ask([first], [second])

    with pytest.raises(RuleBroken, match="not your turn"):
        sign(approval, second)
    sign(approval, first)
    sign(approval, second)

    approval.refresh_from_db()
    assert approval.status == "approved"


def test_steps_side_by_side_wait_for_nobody(people, ask):
    first, second = people.deciders[:2]
    approval = ask([first], [second], is_in_sequence=False)

    sign(approval, second)

    assert Approval.objects.get().status == "open"
    sign(approval, first)
    assert Approval.objects.get().status == "approved"


def test_two_of_three_are_enough_and_two_refusals_of_three_end_it(people, ask):
    a, b, c = people.deciders[:3]
    approval = ask([a, b, c], needed=2)
    sign(approval, a, "rejected", "Too vague.")
    assert Approval.objects.get().status == "open"
    sign(approval, b, "reserved", "Name the sites next year.")
    sign(approval, c)
    assert Approval.objects.get().status == "approved"

    again = ask([a, b, c], needed=2)
    sign(again, a, "rejected", "No.")
    sign(again, b, "rejected", "Neither.")

    again.refresh_from_db()
    assert (again.status, again.ended_because, again.edition) == ("rejected", "Neither.", None)
    assert people.heard == [("approved", 1), ("rejected", "Neither.")]
    with pytest.raises(RuleBroken, match="nothing to decide any more"):
        sign(again, c)


@pytest.mark.parametrize("what", ["reserved", "rejected"])
def test_reservations_and_refusals_need_words(people, ask, what):
    with pytest.raises(RuleBroken, match="Say"):
        sign(ask(), people.deciders[0], what, "  ")
    assert not Signature.objects.exists()


def test_nobody_decides_twice_or_uninvited(people, ask):
    approval = ask(people.deciders[:2])
    sign(approval, people.deciders[0])

    with pytest.raises(RuleBroken, match="decided on this already"):
        sign(approval, people.deciders[0])
    with pytest.raises(NotPermitted, match="not among those"):
        sign(approval, people.deciders[4])


def test_another_content_than_the_one_shown_is_not_signed(people, ask):
    with pytest.raises(RuleBroken, match="What you were shown"):
        sign(ask(), people.deciders[0], digest="0" * 64)


def test_a_change_after_the_request_makes_it_void_and_says_by_whom(people, ask):
    approval = ask()

    change(people.text, people.author, "We keep some promises.")

    approval.refresh_from_db()
    assert approval.status == "void" and str(people.author) in approval.ended_because
    with pytest.raises(RuleBroken, match="nothing to decide"):
        sign(approval, people.deciders[0])


def test_saving_the_same_words_voids_nothing(people, ask):
    approval = ask()

    assert change(people.text, people.author, people.text.description) is None
    approval.refresh_from_db()
    assert approval.is_open


def test_a_change_nobody_told_of_is_noticed_at_the_signature(people, ask):
    approval = ask()
    type(people.text).objects.filter(pk=people.text.pk).update(description="Slipped in.")

    with pytest.raises(RuleBroken, match="changed since"):
        sign(approval, people.deciders[0])


def test_who_lost_the_role_or_the_account_cannot_decide(people, ask):
    from projects.models import ProjectUserGrant

    approval = ask(people.deciders[:2])
    ProjectUserGrant.objects.filter(user=people.deciders[0]).delete()
    people.deciders[1].is_active = False
    people.deciders[1].save()

    for gone in people.deciders[:2]:
        with pytest.raises(NotPermitted, match="no longer hold a role"):
            sign(approval, gone)


def test_a_delegate_decides_in_the_period_only_and_on_behalf(people, ask):
    giver, delegate = people.deciders[:2]
    approval = ask([giver])
    today = timezone.localdate()
    held = Delegation.objects.create(
        organization=people.project.organization, person=giver, delegate=delegate, reason="Holidays",
        starts_on=today + dt.timedelta(days=1), ends_on=today + dt.timedelta(days=9),
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        sign(approval, delegate)

    Delegation.objects.filter(pk=held.pk).update(starts_on=today)

    assert sign(approval, delegate).on_behalf_of == str(giver)
    assert Approval.objects.get().status == "approved"


def test_a_new_edition_replaces_the_one_in_force(people, ask):
    first = ask()
    sign(first, people.deciders[0])
    change(people.text, people.author, "Better.")
    second = ask()

    assert Approval.objects.get(is_in_force=True) == first
    sign(second, people.deciders[0])

    assert list(Approval.objects.order_by("pk").values_list("edition", "is_in_force")) == [(1, False), (2, True)]


def test_one_question_at_a_time(people, ask):
    ask()
    with pytest.raises(RuleBroken, match="awaited already"):
        ask()


def test_withdrawing_needs_a_reason_and_the_right(people, ask):
    approval = ask()
    with pytest.raises(RuleBroken, match="Say why"):
        request.withdraw(approval=approval, by=people.manager, reason=" ")
    with pytest.raises(NotPermitted):
        request.withdraw(approval=approval, by=people.deciders[0], reason="No")

    request.withdraw(approval=approval, by=people.manager, reason="Wrong text")

    approval.refresh_from_db()
    assert (approval.status, approval.ended_because) == ("withdrawn", "Wrong text")


@pytest.mark.parametrize(
    ("steps", "needed", "says"),
    [
        ([[]], 0, "at least one"),
        ([[0, 0]], 0, "named twice"),
        ([[0]], 2, "cannot need more"),
        ([[0]] * 11, 0, "at most"),
    ],
)
def test_a_way_that_leads_nowhere_is_refused(people, ask, steps, needed, says):
    with pytest.raises(RuleBroken, match=says):
        ask(*[[people.deciders[k] for k in step] for step in steps], needed=needed)


def test_strangers_neither_ask_nor_decide(people, ask):
    stranger = make_user()
    with pytest.raises(NotPermitted):
        ask(by=stranger)
    with pytest.raises(RuleBroken, match="holds no role"):
        ask([stranger])
    other = make_task(make_project(), "Foreign")
    with pytest.raises(RuleBroken, match="not part of the project"):
        request.ask(
            kind="text", project=people.project, pk=other.pk, by=people.manager,
            steps=[request.Planned(people.deciders[:1])],
        )  # fmt: skip


def delegate_to(giver, delegate, project, days=1):
    today = timezone.localdate()
    return Delegation.objects.create(
        organization=project.organization, person=giver, delegate=delegate, reason="Holidays",
        starts_on=today, ends_on=today + dt.timedelta(days=days),
    )  # fmt: skip


def test_who_decides_and_stands_in_for_another_signs_once_and_for_themselves(people, ask):
    giver, delegate = people.deciders[:2]
    delegate_to(giver, delegate, people.project)
    approval = ask([giver, delegate])

    assert sign(approval, delegate).on_behalf_of == ""
    with pytest.raises(RuleBroken, match="decided on this already"):
        sign(approval, delegate)
    assert Approval.objects.get().status == "open"


def test_a_delegate_is_told_after_the_other_that_the_decision_was_made(people, ask):
    giver, other, delegate = people.deciders[:3]
    delegate_to(giver, delegate, people.project)
    approval = ask([giver, other])
    sign(approval, giver)

    with pytest.raises(RuleBroken, match="made already"):
        sign(approval, delegate)


def test_the_role_signed_in_is_one_that_decides(people, ask):
    from projects.models import ProjectUserGrant

    decider = people.deciders[0]
    approval = ask([decider])
    ProjectUserGrant.objects.filter(user=decider).delete()
    grant(decider, Role.CONSULTANT, people.project)
    with pytest.raises(NotPermitted):
        sign(approval, decider)
    grant(decider, Role.TOP_MANAGEMENT, people.project.organization)

    assert sign(approval, decider).signer_role == "Top management"


def test_an_address_is_hashed_as_the_database_gives_it_back(people, ask):
    from approvals import verifying
    from approvals.services import decision

    approval = ask()
    decision.decide(
        approval=approval, by=people.deciders[0], decision="approved", digest=approval.content.digest,
        proof=decision.Proof("password", "::ffff:192.0.2.7"),
    )  # fmt: skip

    assert list(verifying.faults(use_anchors=False)) == []


def waiting():
    return set(Approver.objects.filter(awaited_since__isnull=False).values_list("name", flat=True))


def test_whose_turn_it_is_is_kept_with_the_approvers(people, ask):
    a, b, c = people.deciders[:3]
    approval = ask([a, b], [c], needed=1)
    assert waiting() == {"Decider 0", "Decider 1"}

    sign(approval, b)
    assert waiting() == {"Decider 2"}
    sign(approval, c)
    assert waiting() == set()

    withdrawn = ask([a], [b], is_in_sequence=False)
    assert waiting() == {"Decider 0", "Decider 1"}
    request.withdraw(approval=withdrawn, by=people.manager, reason="Wrong")
    assert waiting() == set()
