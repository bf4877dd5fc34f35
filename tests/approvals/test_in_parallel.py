"""Twenty people decide in the same instant: each decision counts once, one edition comes into force (T13, T14)."""

from __future__ import annotations

import threading

import pytest
from django.db import connections

from approvals.models import Approval, Signature
from core.rules import RuleBroken
from projects.permissions import Role
from tests.factories.projects import grant, make_user

from .conftest import change, sign

pytestmark = pytest.mark.django_db(transaction=True)


def together(calls):
    """Runs all calls at once; returns (results, refusals, faults)."""
    results, refusals, faults = [], [], []
    gate = threading.Barrier(len(calls))

    def one(call):
        try:
            gate.wait(10)
            results.append(call())
        except RuleBroken as refusal:
            refusals.append(refusal.as_text)
        except Exception as fault:
            faults.append(repr(fault))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results, refusals, faults


def test_twenty_deciders_in_one_instant(people, ask):
    deciders = [make_user() for _k in range(20)]
    for decider in deciders:
        grant(decider, Role.TOP_MANAGEMENT, people.project)
    approval = ask(deciders)

    results, refusals, faults = together([lambda d=decider: sign(approval, d) for decider in deciders])

    assert (faults, refusals) == ([], [])
    assert len(results) == Signature.objects.count() == 20
    assert list(Approval.objects.values_list("status", "edition", "is_in_force")) == [("approved", 1, True)]


def test_one_person_signing_twenty_times_signs_once(people, ask):
    approval = ask()

    results, refusals, faults = together([lambda: sign(approval, people.deciders[0])] * 20)

    assert faults == []
    assert (len(results), len(refusals), Signature.objects.count()) == (1, 19, 1)


def test_signing_beside_an_edit_never_signs_other_words(people, ask):
    for round_ in range(6):
        approval = ask(people.deciders[:2], needed=1)
        words = f"Edited in round {round_}."

        together(
            [
                lambda a=approval: sign(a, people.deciders[0]),
                lambda w=words: change(type(people.text).objects.get(pk=people.text.pk), people.author, w),
                lambda a=approval: sign(a, people.deciders[1]),
            ]
        )

        approval.refresh_from_db()
        assert approval.status in ("approved", "void")
        for signature in approval.signatures.all():
            assert words not in approval.content.snapshot and signature.digest == approval.content.digest
    assert Approval.objects.filter(is_in_force=True).count() <= 1


def post_together(approval, pairs):
    """Everybody sends their confirmed decision in one instant, by the page; returns the status codes."""
    from django.test import Client

    from tests.factories.accounts import PASSWORD

    def send(person, once):
        client = Client(raise_request_exception=False)
        client.force_login(person, backend="accounts.backends.Backend")
        return client, {
            "sign": "1", "decision": "approved", "password": PASSWORD, "once": once, "digest": approval.content.digest,
        }  # fmt: skip

    ready = [send(*pair) for pair in pairs]
    address = f"{approval.get_absolute_url()}decide/"
    results, refusals, faults = together([lambda c=c, v=v: c.post(address, v).status_code for c, v in ready])
    assert (refusals, faults) == ([], [])
    return results


def test_everybody_signing_by_the_page_in_one_instant_signs(people, ask):
    approval = ask(people.deciders)

    codes = post_together(approval, [(decider, f"key-{decider.pk}") for decider in people.deciders])

    assert codes == [303] * 5
    assert Signature.objects.count() == 5
    assert list(Approval.objects.values_list("status", "edition", "is_in_force")) == [("approved", 1, True)]


def test_one_form_sent_eight_times_at_once_signs_once_and_never_fails(people, ask):
    approval = ask()

    codes = post_together(approval, [(people.deciders[0], "the-same-key")] * 8)

    assert set(codes) <= {303, 422} and 303 in codes
    assert Signature.objects.count() == 1
    assert list(Approval.objects.values_list("status", "edition", "is_in_force")) == [("approved", 1, True)]
