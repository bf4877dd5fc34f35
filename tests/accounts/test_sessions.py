"""Sessions: their list, their end (RELIABILITY T37)."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.test import Client
from django.urls import resolve

from accounts.models import AuthEvent
from accounts.models.events import AuthEventKind
from accounts.services import sessions
from tests.factories.accounts import PASSWORD, make_person

from .conftest import is_signed_in, signed_in_client

START = dt.datetime(2026, 3, 2, 8, 0, tzinfo=dt.UTC)
PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 Version/19.0 Mobile/15E148 Safari/604.1"
DESK = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_the_list_shows_device_address_and_when(person):
    signed_in_client(person, HTTP_USER_AGENT=PHONE, REMOTE_ADDR="198.51.100.4")
    client = signed_in_client(person, HTTP_USER_AGENT=DESK)

    page = client.get("/accounts/sessions/")

    here, other = page.context["open_sessions"]
    assert (here.device, here.is_this) == ("Firefox 140 on Linux", True)
    assert (other.device, other.address, other.is_phone, other.is_this) == (
        "Safari 19 on iPhone",
        "198.51.100.4",
        True,
        False,
    )


def test_the_list_shows_nothing_of_anybody_else(person):
    other = make_person("other@example.org")
    signed_in_client(other, REMOTE_ADDR="198.51.100.9")

    page = signed_in_client(person).get("/accounts/sessions/")

    assert b"198.51.100.9" not in page.content
    assert len(page.context["open_sessions"]) == 1


def test_signing_out_everywhere_ends_every_other_session_at_its_next_request(person):
    client, elsewhere = signed_in_client(person), signed_in_client(person)

    answer = client.post("/accounts/sessions/")

    assert answer.status_code == 303
    assert not is_signed_in(elsewhere)
    assert is_signed_in(client)
    assert len(client.get("/accounts/sessions/").context["open_sessions"]) == 1
    assert AuthEvent.objects.filter(user=person, kind=AuthEventKind.SESSIONS_ENDED).count() == 1


def test_it_reaches_sessions_that_no_list_knows_of(person):
    client, hidden = signed_in_client(person), Client()
    hidden.force_login(person)
    assert is_signed_in(hidden)
    assert UserSession.objects.filter(user=person).count() == 1

    client.post("/accounts/sessions/")

    assert not is_signed_in(hidden)
    assert is_signed_in(client)


def test_an_administrator_ends_all_sessions_of_somebody(person):
    admin = make_person("admin@example.org")
    at_work = signed_in_client(person)
    of_admin = signed_in_client(admin)

    ended = sessions.sign_out_everywhere(user=person, by=admin)

    assert ended == 1
    assert not is_signed_in(at_work)
    assert is_signed_in(of_admin)
    assert AuthEvent.objects.get(kind=AuthEventKind.SESSIONS_ENDED).detail == "by admin@example.org"


def test_one_session_can_be_ended_by_its_owner_and_by_nobody_else(person):
    other = make_person("other@example.org")
    client, elsewhere, stranger = signed_in_client(person), signed_in_client(person), signed_in_client(other)
    row = UserSession.objects.get(session_key=elsewhere.session.session_key)

    stranger.post("/accounts/sessions/", {"session": row.pk})
    assert is_signed_in(elsewhere)

    client.post("/accounts/sessions/", {"session": row.pk})
    assert not is_signed_in(elsewhere)
    assert is_signed_in(client)


@pytest.mark.parametrize("which", ["x", "-1", "9" * 40, "1; drop", "\0"])
def test_an_impossible_session_is_answered_by_a_sentence(person, which):
    client = signed_in_client(person)

    assert client.post("/accounts/sessions/", {"session": which}).status_code == 303
    assert b"ended already" in client.get("/accounts/sessions/").content


def test_an_idle_session_ends(person, settings):
    settings.SESSION_IDLE_MINUTES = 30
    with time_machine.travel(START, tick=False) as clock:
        client = signed_in_client(person)
        clock.shift(dt.timedelta(minutes=29))
        assert is_signed_in(client)
        clock.shift(dt.timedelta(minutes=29))
        assert is_signed_in(client)
        clock.shift(dt.timedelta(minutes=31, seconds=1))
        key = client.session.session_key

        sent = client.get("/accounts/sessions/?x=1")

        assert sent["Location"] == "/accounts/login/?next=/accounts/sessions/%3Fx%3D1"
        assert not Client().session.exists(key)
        assert b"nothing happened for a while" in client.get(sent["Location"]).content


def test_what_an_open_page_asks_by_itself_keeps_no_session_alive(person, settings, monkeypatch):
    """A tab left open asks for news all night; thirty minutes after the last click the session is over all the same,
    and the page is not torn from somebody who is typing."""
    settings.SESSION_IDLE_MINUTES = 30
    view = resolve("/accounts/profile/").func
    with time_machine.travel(START, tick=False) as clock:
        client = signed_in_client(person)
        monkeypatch.setattr(view, "asks_by_itself", True, raising=False)
        for _ in range(6):
            clock.shift(dt.timedelta(minutes=5))
            assert client.get("/accounts/profile/").status_code == 200
        clock.shift(dt.timedelta(minutes=1))

        asked = client.get("/accounts/profile/", headers={"HX-Request": "true"})

        assert (asked.status_code, asked.content, asked.get("HX-Redirect")) == (286, b"", None)
        assert client.get("/accounts/sessions/")["Location"].startswith("/accounts/login/")


def test_no_session_outlives_its_longest_time_however_busy(person, settings):
    settings.SESSION_IDLE_MINUTES, settings.SESSION_HOURS = 60, 12
    with time_machine.travel(START, tick=False) as clock:
        client = signed_in_client(person)
        for _ in range(12):
            clock.shift(dt.timedelta(minutes=60))
            last = is_signed_in(client)
        assert last
        clock.shift(dt.timedelta(minutes=1))

        assert not is_signed_in(client)


def test_being_seen_is_written_once_a_minute_and_not_at_every_request(person, django_assert_num_queries):
    with time_machine.travel(START, tick=False) as clock:
        client = signed_in_client(person)
        is_signed_in(client)
        clock.shift(dt.timedelta(seconds=50))
        with django_assert_num_queries(2):  # session and person, on a page that asks nothing else
            client.get("/accounts/logout/")
        clock.shift(dt.timedelta(seconds=11))
        is_signed_in(client)

        seen = UserSession.objects.get(user=person).last_seen_at
        assert seen == START + dt.timedelta(seconds=61)


def test_confirming_who_one_is_changes_the_key_and_keeps_the_session(person):
    client = signed_in_client(person)
    before = client.session.session_key

    client.post("/accounts/reauthenticate/?next=/accounts/sessions/", {"password": PASSWORD})

    assert client.session.session_key != before
    assert not Client().session.exists(before)
    assert is_signed_in(client)
    assert [row.is_this for row in client.get("/accounts/sessions/").context["open_sessions"]] == [True]


def test_the_page_says_what_happened_lately(person):
    client = signed_in_client(person)
    Client().post("/accounts/login/", {"login": person.email, "password": "wrong"})

    page = client.get("/accounts/sessions/")

    assert [event.kind for event in page.context["events"]] == ["sign_in_failed", "signed_in"]
    assert "Sign-in failed" in page.content.decode()
