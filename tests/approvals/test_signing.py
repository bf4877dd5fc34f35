"""The page and the ceremony: nothing is signed without the proof, whatever else is right (T35)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.test import Client

from accounts.models import AuthEvent
from accounts.models.events import AuthEventKind
from approvals.models import Approval, Signature
from core.models import OutgoingMail
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.accounts import PASSWORD
from tests.factories.projects import grant, make_user
from tests.helpers.budget import count_queries, queries

from .conftest import change, sign

pytestmark = pytest.mark.django_db

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def quiet():
    cache.clear()


def of(person, **more):
    client = Client(**more)
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def start(client, approval, decision="approved", comment=""):
    """The first POST: from the page to the confirmation."""
    return client.post(f"{approval.get_absolute_url()}decide/", {"decision": decision, "comment": comment})


def finish(client, approval, **more):
    """The second POST, with everything the confirmation carries."""
    page = start(client, approval)
    values = {
        "sign": "1", "decision": "approved", "comment": "", "password": PASSWORD,
        "once": page.context["form"].initial["once"], "digest": approval.content.digest,
    }  # fmt: skip
    return client.post(f"{approval.get_absolute_url()}decide/", values | more)


def failures():
    return list(AuthEvent.objects.filter(kind=AuthEventKind.STEP_UP_FAILED).values_list("detail", flat=True))


def code(moment=None):
    moment = moment or dt.datetime.now(dt.UTC)
    return format_hotp_value(hotp_value(SECRET, int(moment.timestamp()) // 30))


def with_app(person):
    TOTP.activate(person, SECRET)
    return person


def test_three_taps_and_one_password(people, ask):
    approval = ask(note="Please read 5.4.", due_on=dt.date.today() + dt.timedelta(days=9))
    client = of(people.deciders[0])

    page = client.get(approval.get_absolute_url())
    assert b"I approve this text for publication" in page.content and b"We keep promises." in page.content
    assert b"Approve and sign" in page.content and b"Please read 5.4." in page.content
    confirm = start(client, approval, comment="Go.")
    assert confirm.status_code == 200 and b"Go." in confirm.content and not Signature.objects.exists()
    assert approval.content.digest[:16].encode() in confirm.content and b"Sign as Decider 0" in confirm.content
    answer = finish(client, approval, comment="Go.")

    assert (answer.status_code, answer["Location"]) == (303, approval.get_absolute_url())
    signature = Signature.objects.get()
    assert (signature.method, signature.address, signature.comment) == ("password", "127.0.0.1", "Go.")
    assert Approval.objects.get().is_in_force
    assert b"You have signed" in client.get(approval.get_absolute_url()).content


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_never_signs(people, ask, method):
    approval = ask()
    client = of(people.deciders[0])

    asked = getattr(client, method)(
        f"{approval.get_absolute_url()}decide/", {"decision": "approved", "sign": "1", "password": PASSWORD,
        "digest": approval.content.digest},
    )  # fmt: skip

    assert asked.status_code == 303 and not Signature.objects.exists()


def test_a_wrong_password_signs_nothing_is_logged_and_keeps_the_words(people, ask):
    approval = ask()
    client = of(people.deciders[0])

    answer = finish(client, approval, password="guess", comment="Fine, but watch 5.4.", decision="reserved")

    assert answer.status_code == 422 and not Signature.objects.exists()
    assert failures() == ["password"]
    assert b"This is not your password" in answer.content and b"Fine, but watch 5.4." in answer.content
    assert b"guess" not in answer.content
    assert answer.context["form"]["decision"].value() == "reserved"


def test_no_password_is_asked_for_and_counted_as_no_guess(people, ask):
    approval = ask()
    answer = finish(of(people.deciders[0]), approval, password="")
    assert answer.status_code == 422 and b"asked for at every signature" in answer.content
    assert failures() == []


def test_a_fresh_sign_in_does_not_spare_the_password(people, ask):
    approval = ask()
    client = Client()
    client.post("/accounts/login/", {"login": people.deciders[0].email, "password": PASSWORD})

    answer = finish(client, approval, password="")

    assert answer.status_code == 422 and not Signature.objects.exists()


def test_ten_wrong_passwords_close_the_door_for_a_right_one_and_the_owner_hears_of_it(people, ask):
    approval = ask()
    client = of(people.deciders[0])
    for _k in range(10):
        assert finish(client, approval, password="wrong").status_code == 422

    answer = finish(client, approval)

    assert answer.status_code == 422 and b"Too many wrong tries" in answer.content
    assert not Signature.objects.exists()
    assert failures()[0] == "password, too many" and len(failures()) == 11
    mails = OutgoingMail.objects.filter(recipient=people.deciders[0].email, key__startswith="sign-in-changed")
    assert mails.count() == 1 and "sign a decision in your name" in mails.get().text


def test_who_has_an_app_gives_its_code_as_well(people, ask):
    approval = ask()
    client = of(with_app(people.deciders[0]))

    assert finish(client, approval).status_code == 422
    assert b"code that your app shows" in finish(client, approval).content
    assert finish(client, approval, code="000000").status_code == 422
    assert failures() == ["totp"] and not Signature.objects.exists()
    assert finish(client, approval, code=code()).status_code == 303

    assert Signature.objects.get().method == "password, TOTP"


def test_a_code_signs_once(people, ask):
    with time_machine.travel(dt.datetime(2026, 3, 2, 8, tzinfo=dt.UTC), tick=False):
        decider = with_app(people.deciders[0])
        first = ask()
        assert finish(of(decider), first, code=code()).status_code == 303
        change(people.text, people.author, "Other words.")
        second = ask()

        answer = finish(of(decider), second, code=code())

        assert answer.status_code == 422 and b"was used before" in answer.content
    assert Signature.objects.count() == 1


def test_five_wrong_codes_are_the_most(people, ask):
    approval = ask()
    client = of(with_app(people.deciders[0]))
    for _k in range(5):
        finish(client, approval, code="000000")

    assert finish(client, approval, code=code()).status_code == 422
    assert failures()[0] == "totp, too many" and not Signature.objects.exists()


def test_a_recovery_code_does_not_sign(people, ask):
    decider = with_app(people.deciders[0])
    from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes

    codes = RecoveryCodes.activate(decider).get_unused_codes()
    assert finish(of(decider), ask(), code=codes[0]).status_code == 422
    assert not Signature.objects.exists()


def test_who_has_neither_password_nor_passkey_is_told_so(people, ask):
    approval = ask()
    people.deciders[0].set_unusable_password()
    people.deciders[0].save()
    client = of(people.deciders[0])

    assert b"neither a password nor a passkey" in start(client, approval).content
    forced = client.post(
        f"{approval.get_absolute_url()}decide/",
        {"sign": "1", "decision": "approved", "digest": approval.content.digest, "password": PASSWORD},
    )
    assert forced.status_code == 422 and not Signature.objects.exists()


def test_a_forged_passkey_is_refused_counted_and_logged(people, ask):
    approval = ask()
    decider = people.deciders[0]
    Authenticator.objects.create(user=decider, type="webauthn", data={"name": "x", "credential": {}})
    client = of(decider)
    for forged in ("{}", "[]", "no json", '{"id":"AA","rawId":"AA","response":{}}', '{"type":"public-key"}'):
        assert finish(client, approval, password="", credential=forged).status_code == 422
    assert failures() == ["webauthn"] * 5 and not Signature.objects.exists()
    assert finish(client, approval, password="", credential="{}").status_code == 422
    assert failures()[0] == "webauthn, too many"


def test_the_password_alone_does_not_do_for_who_has_a_passkey(people, ask):
    approval = ask()
    Authenticator.objects.create(user=people.deciders[0], type="webauthn", data={"name": "x", "credential": {}})
    answer = finish(of(people.deciders[0]), approval)
    assert answer.status_code == 422 and b"with your passkey as well" in answer.content
    assert not Signature.objects.exists()


def test_a_form_posted_twice_signs_once_and_leads_to_the_same_place(people, ask):
    approval = ask()
    client = of(people.deciders[0])
    once = start(client, approval).context["form"].initial["once"]
    values = {
        "sign": "1", "decision": "approved", "password": PASSWORD, "once": once, "digest": approval.content.digest
    }  # fmt: skip

    answers = [client.post(f"{approval.get_absolute_url()}decide/", values) for _k in range(2)]

    assert [answer["Location"] for answer in answers] == [approval.get_absolute_url()] * 2
    assert Signature.objects.count() == 1 and failures() == []


def test_somebody_elses_used_key_opens_nothing(people, ask):
    approval = ask(people.deciders[:2])
    once = start(of(people.deciders[0]), approval).context["form"].initial["once"]
    finish(of(people.deciders[0]), approval, once=once)

    assert finish(of(people.deciders[1]), approval, once=once, password="wrong").status_code == 422
    assert Signature.objects.count() == 1


def test_another_tabs_digest_is_refused(people, ask):
    first = ask()
    old = first.content.digest
    change(people.text, people.author, "Other words.")
    second = ask()

    answer = finish(of(people.deciders[0]), second, digest=old)

    assert answer.status_code == 422 and b"What you were shown is not what is to be decided" in answer.content
    assert not Signature.objects.exists()


def test_a_post_without_the_token_of_the_site_is_refused(people, ask):
    approval = ask()
    client = of(people.deciders[0], enforce_csrf_checks=True)
    answer = client.post(
        f"{approval.get_absolute_url()}decide/",
        {"sign": "1", "decision": "approved", "digest": approval.content.digest, "password": PASSWORD},
    )
    assert answer.status_code == 403 and not Signature.objects.exists()


@pytest.mark.parametrize(
    ("decision", "says"), [("rejected", b"Say why you send it back"), ("reserved", b"Say what your")]
)
def test_words_are_asked_for_before_the_password_is_used(people, ask, decision, says):
    approval = ask()
    answer = finish(of(people.deciders[0]), approval, decision=decision, password="wrong")
    assert says in answer.content and failures() == []


def test_sending_back_needs_a_reason_and_keeps_it(people, ask):
    approval = ask()
    assert finish(of(people.deciders[0]), approval, decision="rejected", comment="Too vague.").status_code == 303
    assert Approval.objects.get().ended_because == "Too vague."


def test_the_unasked_are_turned_away_and_latecomers_are_told(people, ask):
    approval = ask([people.deciders[0]], [people.deciders[1]])
    assert of(people.deciders[4]).post(f"{approval.get_absolute_url()}decide/", {}).status_code == 403
    assert of(people.manager).post(f"{approval.get_absolute_url()}decide/", {}).status_code == 403
    late = of(people.deciders[1]).post(f"{approval.get_absolute_url()}decide/", {"sign": "1"}, follow=True)
    assert b"It is not your turn now." in late.content
    change(people.text, people.author, "Other words.")
    late = of(people.deciders[0]).post(f"{approval.get_absolute_url()}decide/", {"sign": "1"}, follow=True)
    assert b"nothing to decide any more" in late.content and not Signature.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_no_role_decides_on_what_its_holder_wrote_or_asked_for(people, ask, role):
    """T36: with every role beside top management, and as superuser."""
    approval = ask([people.deciders[0]])
    for barred in (people.author, people.manager):
        grant(barred, Role.TOP_MANAGEMENT, people.project)
        if role not in (Role.TOP_MANAGEMENT, Role.CONSULTANT, Role.PROJECT_MANAGER):
            grant(barred, role, people.project.organization if role == Role.CLIENT_ADMIN else people.project)
        barred.is_superuser = True
        barred.save()
        answer = of(barred).post(
            f"{approval.get_absolute_url()}decide/",
            {"sign": "1", "decision": "approved", "digest": approval.content.digest, "password": PASSWORD},
        )
        assert answer.status_code == 403
    assert not Signature.objects.exists()


def test_after_signing_the_next_one_is_named(people, ask, monkeypatch):
    from tests.factories.projects import make_task

    first = ask()
    other = make_task(people.project, "Scope", created_by=people.author)
    from approvals.services import request

    second = request.ask(
        kind="text", project=people.project, pk=other.pk, by=people.manager,
        steps=[request.Planned([people.deciders[0]])],
    )  # fmt: skip
    client = of(people.deciders[0])
    assert b"1 of 2" in client.get(first.get_absolute_url()).content
    finish(client, first)

    page = client.get(first.get_absolute_url())

    assert b"1 more decision awaits you" in page.content
    assert f'href="{second.get_absolute_url()}"'.encode() in page.content


# ---- the page's six questions ---------------------------------------------------------------------------------------


def test_the_page_is_for_members_who_read_the_project(people, ask):
    approval = ask()
    staff = make_user()
    grant(staff, Role.STAFF, people.project)
    assert of(people.author).get(approval.get_absolute_url()).status_code == 200
    assert b"Approve and sign" not in of(people.author).get(approval.get_absolute_url()).content
    assert of(staff).get(approval.get_absolute_url()).status_code == 403
    assert of(make_user()).get(approval.get_absolute_url()).status_code == 404
    assert Client().get(approval.get_absolute_url()).status_code == 302
    base = approval.get_absolute_url().removesuffix("A-001/")
    for wrong in ("A-002", "A-999999999999", "x"):
        assert of(people.author).get(f"{base}{wrong}/").status_code == 404
    assert of(people.author).post(approval.get_absolute_url()).status_code == 405
    assert of(people.author).delete(f"{approval.get_absolute_url()}decide/").status_code == 405


def test_the_page_costs_the_same_with_one_decider_and_with_five(people, ask):
    one = ask()
    client = of(people.deciders[0])
    client.get(one.get_absolute_url())
    with queries(20):
        client.get(one.get_absolute_url())
    before = count_queries(lambda: client.get(one.get_absolute_url()))
    change(people.text, people.author, "Other words.")
    five = ask(people.deciders[:3], people.deciders[3:])
    assert count_queries(lambda: client.get(five.get_absolute_url())) == before


def test_what_changed_since_the_last_edition_is_marked(people, ask):
    sign(ask(), people.deciders[0])
    change(people.text, people.author, "We keep all promises.")
    page = of(people.deciders[0]).get(ask().get_absolute_url()).content.decode()
    assert "We keep <ins>all </ins>promises." in page
    assert "since edition 1" in page


def test_the_document_is_shown_harmless_and_as_it_was_frozen(people, ask):
    people.text.description = (
        '</p><script>alert(1)</script><img src="https://evil.example/x.png" onerror="alert(2)">'
        '<a href="javascript:alert(3)" id="main">x</a><p style="position:fixed">We keep promises.'
    )
    people.text._change_reason = ""
    people.text.save()
    approval = ask()
    type(people.text).objects.filter(pk=people.text.pk).update(description="Live words.")

    page = of(people.deciders[0]).get(approval.get_absolute_url()).context["document"]

    assert "We keep promises." in page and "Live words." not in page
    for harm in ("script", "alert(", "evil.example", "javascript", "style=", "id="):
        assert harm not in page
    assert "<h3>Policy</h3>" in page


def test_every_signature_is_one_line_of_the_journal(people, ask):
    approval = ask()
    before = JournalEntry.objects.count()
    finish(of(people.deciders[0]), approval)
    actions = JournalEntry.objects.order_by("seq").values_list("action", flat=True)[before:]
    assert list(actions) == ["approval.signed", "approval.approved"]
