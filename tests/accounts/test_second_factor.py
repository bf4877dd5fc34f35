"""Codes of an app, recovery codes, and who has to have a second factor (RELIABILITY T40)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from cryptography.fernet import InvalidToken
from django.core.management import CommandError, call_command
from django.test import Client

from accounts import hooks
from accounts.adapter import MFAAdapter
from accounts.models import AuthEvent
from accounts.models.events import AuthEventKind
from tests.factories.accounts import PASSWORD, make_person

from .conftest import is_signed_in, mails_to, sign_in, signed_in_client

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


def code_at(secret: str, moment: dt.datetime) -> str:
    return format_hotp_value(hotp_value(secret, int(moment.timestamp()) // 30))


@pytest.fixture
def clock():
    with time_machine.travel(START, tick=False) as traveller:
        yield traveller


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def enrol(client: Client) -> str:
    """Sets up the app as a person does, in the browser they are signed in with; returns the key."""
    client.post("/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    answer = client.post("/accounts/2fa/totp/activate/", {"code": code_at(secret, now())})
    assert answer["Location"] == "/accounts/2fa/recovery-codes/"
    return secret


def recovery_codes(client: Client) -> list[str]:
    return client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]


def test_the_app_is_set_up_after_a_confirmation_and_then_asked_for(person, clock, django_capture_on_commit_callbacks):
    client = signed_in_client(person)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    with django_capture_on_commit_callbacks(execute=True):
        secret = enrol(client)
    assert b"data:image/svg+xml" not in client.get("/accounts/2fa/").content
    assert AuthEvent.objects.filter(user=person, kind=AuthEventKind.FACTOR_ADDED, detail="totp").exists()
    assert "authenticator app was added" in mails_to(person.email)[0].text

    clock.shift(dt.timedelta(minutes=5))
    elsewhere = Client()
    assert sign_in(elsewhere, person.email)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(elsewhere)
    assert elsewhere.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_signed_in(elsewhere)
    done = elsewhere.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now())})

    assert done["Location"] == "/accounts/profile/"
    assert is_signed_in(elsewhere)
    kinds = list(AuthEvent.objects.filter(user=person).order_by("pk").values_list("kind", "detail"))
    assert (AuthEventKind.SIGN_IN_FAILED, "totp") in kinds
    assert kinds[-1] == (AuthEventKind.SIGNED_IN, "password + totp")


def test_the_picture_for_the_app_is_an_image_the_policy_allows(person, clock):
    client = signed_in_client(person)
    client.post("/accounts/reauthenticate/?next=/accounts/2fa/totp/activate/", {"password": PASSWORD})

    page = client.get("/accounts/2fa/totp/activate/")

    assert b'src="data:image/svg+xml;base64,' in page.content
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    assert page.context["totp_url"].startswith("otpauth://totp/petra%40example.org?")
    assert "issuer=IMS2" in page.context["totp_url"]


def test_a_code_counts_once_in_all_the_time_it_would_be_accepted(person, clock):
    secret = enrol(signed_in_client(person))
    clock.shift(dt.timedelta(minutes=5))
    code = code_at(secret, now())
    first = Client()
    sign_in(first, person.email)
    first.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(first)

    for seconds in (0, 29, 31, 45):
        clock.move_to(START + dt.timedelta(minutes=5, seconds=seconds))
        again = Client()
        sign_in(again, person.email)
        answer = again.post("/accounts/2fa/authenticate/", {"code": f"{code[:3]} {code[3:]}"})
        assert b"was used before" in answer.content
        assert not is_signed_in(again)


def test_the_code_that_set_the_app_up_does_not_sign_in(person, clock):
    secret = enrol(signed_in_client(person))
    client = Client()
    sign_in(client, person.email)

    client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now())})

    assert not is_signed_in(client)


@pytest.mark.parametrize(("drift", "accepted"), [(-30, True), (30, True), (-90, False), (90, False)])
def test_a_clock_half_a_minute_off_is_forgiven_and_not_more(person, clock, drift, accepted):
    secret = enrol(signed_in_client(person))
    clock.shift(dt.timedelta(minutes=10))
    client = Client()
    sign_in(client, person.email)

    client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now() + dt.timedelta(seconds=drift))})

    assert is_signed_in(client) is accepted


def test_five_wrong_codes_and_no_sixth(person, clock):
    secret = enrol(signed_in_client(person))
    clock.shift(dt.timedelta(minutes=10))
    for number in range(5):
        client = Client(REMOTE_ADDR=f"203.0.113.{number + 1}")
        sign_in(client, person.email)
        client.post("/accounts/2fa/authenticate/", {"code": f"00000{number}"})

    refused = client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now())})
    assert b"Too many wrong tries" in refused.content

    clock.shift(dt.timedelta(minutes=15, seconds=1))
    sign_in(client, person.email)
    assert client.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now())}).status_code == 302
    assert is_signed_in(client)


def test_a_code_seen_by_somebody_else_buys_no_new_tries(person, clock):
    secret = enrol(signed_in_client(person))
    clock.shift(dt.timedelta(minutes=10))
    used = code_at(secret, now())
    owner = Client()
    sign_in(owner, person.email)
    owner.post("/accounts/2fa/authenticate/", {"code": used})
    clock.shift(dt.timedelta(seconds=35))
    thief = Client()
    sign_in(thief, person.email)

    for code in ("000001", "000002", "000003", "000004", used, "000005"):
        thief.post("/accounts/2fa/authenticate/", {"code": code})

    assert b"Too many" in thief.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now())}).content


def test_a_recovery_code_opens_once(person, clock):
    inside = signed_in_client(person)
    enrol(inside)
    code = recovery_codes(inside)[0]
    client = Client()
    sign_in(client, person.email)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(client)

    again = Client()
    sign_in(again, person.email)
    again.post("/accounts/2fa/authenticate/", {"code": code})

    assert not is_signed_in(again)
    assert len(recovery_codes(inside)) == 9


def test_recovery_codes_can_be_saved_as_a_file_by_their_owner_only(person, clock):
    inside = signed_in_client(person)
    enrol(inside)

    saved = inside.get("/accounts/2fa/recovery-codes/download/")

    assert saved["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert all(code in saved.content.decode() for code in recovery_codes(inside))
    assert Client().get("/accounts/2fa/recovery-codes/download/").status_code == 302
    clock.shift(dt.timedelta(minutes=6))
    assert "reauthenticate" in inside.get("/accounts/2fa/recovery-codes/download/")["Location"]


def test_removing_the_factor_needs_a_fresh_confirmation_and_ends_other_sessions(person, clock):
    inside = signed_in_client(person)
    secret = enrol(inside)
    clock.shift(dt.timedelta(minutes=6))
    elsewhere = Client()
    sign_in(elsewhere, person.email)
    elsewhere.post("/accounts/2fa/authenticate/", {"code": code_at(secret, now())})
    assert is_signed_in(elsewhere)

    assert "reauthenticate" in inside.post("/accounts/2fa/totp/deactivate/")["Location"]
    assert Authenticator.objects.filter(user=person).exists()
    inside.post("/accounts/reauthenticate/?next=/accounts/2fa/", {"password": PASSWORD})
    inside.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.filter(user=person).exists()
    assert not is_signed_in(elsewhere)
    assert is_signed_in(inside)
    assert AuthEvent.objects.filter(user=person, kind=AuthEventKind.FACTOR_REMOVED, detail="totp").exists()


def test_secrets_of_factors_lie_encrypted_and_survive_a_change_of_the_key(person, clock, settings):
    secret = enrol(signed_in_client(person))
    stored = Authenticator.objects.get(user=person, type="totp")
    assert secret not in str(stored.data)
    seed = Authenticator.objects.get(user=person, type="recovery_codes").data["seed"]
    assert len(seed) > 80 and MFAAdapter().decrypt(seed) != seed

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "a new key", [settings.SECRET_KEY]
    assert MFAAdapter().decrypt(stored.data["secret"]) == secret
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(InvalidToken, match="SECRET_KEY_FALLBACKS"):
        TOTP(stored).validate_code("123456")


# Who must have one


def test_by_default_nobody_is_forced(person):
    client = signed_in_client(person)

    assert is_signed_in(client)


def test_everybody_is_led_to_set_one_up_and_then_to_where_they_wanted(person, settings, clock):
    settings.MFA_REQUIRED = "everybody"
    client = signed_in_client(person)

    sent = client.get("/accounts/sessions/?wanted=1")
    assert (sent.status_code, sent["Location"]) == (302, "/accounts/2fa/")
    page = client.get("/accounts/2fa/")
    assert b"Set up a second factor to go on" in page.content
    assert b"asks it of everybody" in page.content
    assert client.post("/accounts/sessions/").status_code == 303
    assert client.get("/accounts/sessions/", HTTP_HX_REQUEST="true")["HX-Redirect"] == "/accounts/2fa/"

    enrol(client)

    assert b"/accounts/sessions/" in client.get("/accounts/2fa/recovery-codes/").content
    assert client.get("/accounts/sessions/").status_code == 200


def test_those_who_sign_are_forced_and_others_are_not(settings, monkeypatch, clock):
    settings.MFA_REQUIRED = "signers"
    signer, reader = make_person("ceo@example.org"), make_person("reader@example.org")
    monkeypatch.setattr(hooks, "signs", [lambda user: False, lambda user: user.pk == signer.pk])

    bound, free = signed_in_client(signer), signed_in_client(reader)

    assert bound.get("/accounts/profile/")["Location"] == "/accounts/2fa/"
    assert b"You hold a role that signs" in bound.get("/accounts/2fa/").content
    assert is_signed_in(free)
    enrol(bound)
    assert is_signed_in(bound)


def test_somebody_forced_may_still_leave(person, settings):
    settings.MFA_REQUIRED = "everybody"
    client = signed_in_client(person)

    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"


def test_who_removes_the_factor_is_forced_again(person, settings, clock):
    settings.MFA_REQUIRED = "everybody"
    client = signed_in_client(person)
    enrol(client)
    assert is_signed_in(client)

    client.post("/accounts/2fa/totp/deactivate/")

    assert not Authenticator.objects.filter(user=person).exists()
    assert client.get("/accounts/profile/")["Location"] == "/accounts/2fa/"


def test_who_has_a_factor_is_asked_about_once_for_the_whole_session(person, settings, clock, django_assert_num_queries):
    settings.MFA_REQUIRED = "everybody"
    client = signed_in_client(person)
    enrol(client)
    is_signed_in(client)

    with django_assert_num_queries(2):  # session and person, on a page that asks nothing else
        client.get("/accounts/logout/")


# Lost


def test_a_lost_factor_is_removed_by_who_runs_the_installation_and_the_owner_is_told(person, clock, capsys):
    inside = signed_in_client(person)
    enrol(inside)

    call_command("remove_second_factor", "Petra@example.org", reason="known in person, came to the office")

    assert "Removed 2" in capsys.readouterr().out
    assert not Authenticator.objects.filter(user=person).exists()
    assert not is_signed_in(inside)
    assert "because it was lost" in mails_to(person.email)[-1].text
    logged = AuthEvent.objects.filter(user=person, kind=AuthEventKind.FACTOR_REMOVED)
    assert all("came to the office" in event.detail for event in logged) and logged.count() == 2
    assert sign_in(Client(), person.email)["Location"] == "/accounts/profile/"


@pytest.mark.parametrize(
    ("email", "reason", "why"),
    [
        ("nobody@example.org", "x", "Nobody here"),
        ("petra@example.org", " ", "made sure"),
        ("petra@example.org", "x", "no second"),
    ],
)
def test_removing_a_factor_says_why_it_cannot(person, email, reason, why):
    with pytest.raises(CommandError, match=why):
        call_command("remove_second_factor", email, reason=reason)
