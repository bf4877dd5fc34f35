"""How often somebody may guess (RELIABILITY T38)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.test import Client

from accounts.models import AuthEvent
from tests.factories.accounts import PASSWORD, make_person

from .conftest import is_signed_in, sign_in, signed_in_client

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)


def guess(email: str, times: int, address: str = "203.0.113.7") -> Client:
    client = Client(REMOTE_ADDR=address)
    for _ in range(times):
        sign_in(client, email, "wrong password")
    return client


def test_the_eleventh_guess_is_refused_even_with_the_right_password_until_the_window_is_over(person):
    with time_machine.travel(START, tick=False) as clock:
        client = guess(person.email, 10)
        refused = sign_in(client, person.email)
        assert b"Too many wrong tries" in refused.content
        assert not is_signed_in(client)

        clock.shift(dt.timedelta(minutes=14, seconds=50))
        assert b"Too many wrong tries" in sign_in(client, person.email).content

        clock.shift(dt.timedelta(seconds=20))
        assert sign_in(client, person.email).status_code == 302
        assert is_signed_in(client)


def test_guesses_from_many_addresses_count_together(person):
    for number in range(40):
        guess(person.email, 1, address=f"203.0.113.{number + 1}")

    assert AuthEvent.objects.filter(email=person.email).count() == 10


@pytest.fixture
def few_per_address(settings):
    """Twenty guesses for one network address in place of a hundred: the same rule, told sooner."""
    account = settings.ACCOUNT_RATE_LIMITS["password_guess"].rpartition(",")[2]
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"password_guess": f"20/15m/ip,{account}"}


def test_many_accounts_from_one_address_are_stopped_too(few_per_address):
    for number in range(25):
        guess(f"nobody{number}@example.org", 1)

    assert AuthEvent.objects.count() == 20


def test_an_unknown_address_is_throttled_like_a_known_one(person):
    known, unknown = guess(person.email, 11), guess("nobody@example.org", 11, "203.0.113.8")

    assert b"Too many wrong tries" in sign_in(known, person.email, "x").content
    assert b"Too many wrong tries" in sign_in(unknown, "nobody@example.org", "x").content


def test_the_owner_comes_in_by_a_browser_used_before_while_somebody_else_guesses(person):
    own = signed_in_client(person)
    own.post("/accounts/logout/")
    guess(person.email, 12)

    assert b"Too many" in sign_in(Client(), person.email).content
    assert sign_in(own, person.email).status_code == 302


def test_a_known_browser_may_not_guess_without_end_either(person):
    own = signed_in_client(person)
    own.post("/accounts/logout/")
    for _ in range(10):
        sign_in(own, person.email, "wrong password")

    assert b"Too many" in sign_in(own, person.email).content


def test_a_made_up_or_foreign_mark_of_a_browser_opens_no_second_count(person):
    other = make_person("other@example.org")
    foreign = signed_in_client(other)
    foreign.post("/accounts/logout/")
    guess(person.email, 10)

    assert b"Too many" in sign_in(foreign, person.email).content
    foreign.cookies["known_browser"] = "forged:1:x"
    assert b"Too many" in sign_in(foreign, person.email).content


def test_a_successful_sign_in_uses_up_no_guess(person):
    for _ in range(15):
        assert sign_in(Client(), person.email).status_code == 302


def test_a_success_in_between_gives_a_guesser_no_new_guesses(person):
    guess(person.email, 9)
    assert sign_in(Client(), person.email).status_code == 302
    guess(person.email, 1)

    assert b"Too many" in sign_in(Client(), person.email, PASSWORD).content


def test_a_forged_header_does_not_make_a_new_address(few_per_address):
    client = Client(REMOTE_ADDR="203.0.113.7")
    for number in range(25):
        forged = f"198.51.100.{number}"
        client.post(
            "/accounts/login/",
            {"login": f"n{number}@example.org", "password": "x"},
            HTTP_X_FORWARDED_FOR=forged,
            HTTP_X_REAL_IP=forged,
            HTTP_FORWARDED=f"for={forged}",
        )

    assert AuthEvent.objects.count() == 20
    assert set(AuthEvent.objects.values_list("address", flat=True)) == {"203.0.113.7"}


def test_confirming_by_password_counts_as_a_guess(person):
    client = signed_in_client(person)
    for _ in range(10):
        client.post("/accounts/reauthenticate/", {"password": "wrong"})

    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD})

    assert b"Too many" in answer.content
