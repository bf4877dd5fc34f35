"""What people say about themselves, and that it takes effect."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone, translation

from accounts.forms.profile import zones
from accounts.middleware import PersonMiddleware
from accounts.models import User
from tests.factories.accounts import make_person

from .conftest import signed_in_client

FORM = {
    "name": "Petra von Aesch",
    "language": "de",
    "time_zone": "Asia/Kathmandu",
    "theme": "dark",
}


def save(client: Client, **changes):
    return client.post("/accounts/profile/", FORM | changes)


def test_the_profile_is_saved(person):
    client = signed_in_client(person)

    answer = save(client)

    assert answer.status_code == 303
    person.refresh_from_db()
    assert (person.language, person.time_zone, person.theme) == ("de", "Asia/Kathmandu", "dark")
    assert person.mail_on_assignment and person.mail_digest, "e-mails are chosen on a page of their own"
    assert person.shortcuts_enabled is False
    assert (answer.cookies["theme"].value, answer.cookies["django_language"].value) == ("dark", "de")


def test_pages_speak_the_language_of_the_person(person):
    client = signed_in_client(person, HTTP_ACCEPT_LANGUAGE="fr")
    save(client)

    page = client.get("/accounts/profile/")

    assert page["Content-Language"] == "de"
    assert b'<html lang="de" data-bs-theme="dark">' in page.content


def test_times_are_shown_by_the_clock_of_the_person_and_of_nobody_else(person):
    seen = []

    def page(request):
        seen.append((timezone.get_current_timezone_name(), translation.get_language()))
        return HttpResponse()

    middleware = PersonMiddleware(page)
    for user in (make_person(time_zone="Asia/Kathmandu", language="de"), make_person(time_zone="Pacific/Apia")):
        request = RequestFactory().get("/")
        request.user, request.session = user, Client().session
        request.htmx = False
        middleware(request)

    assert seen == [("Asia/Kathmandu", "de"), ("Pacific/Apia", "en")]
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_zone_that_left_the_list_does_not_break_the_page(person):
    User.objects.filter(pk=person.pk).update(time_zone="Mars/Olympus")

    page = signed_in_client(person).get("/accounts/profile/")

    assert page.status_code == 200
    assert b"Mars/Olympus" in page.content


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "x" * 10_000, "at most 120 characters"),
        ("name", "Petra\0von", "Null characters are not allowed"),
        ("name", "   ", "This field is required"),
        ("time_zone", "Europe/Atlantis", "is no time zone we know"),
        ("time_zone", "../../etc/passwd", "is no time zone we know"),
        ("time_zone", "", "This field is required"),
        ("language", "xx", "Select a valid choice"),
        ("theme", "<script>", "Select a valid choice"),
    ],
)
def test_what_cannot_be_saved_is_refused_by_a_sentence_and_kept_in_the_form(person, field, value, sentence):
    client = signed_in_client(person)

    answer = save(client, **{field: value, "language": "en" if field != "language" else value})

    assert answer.status_code == 200
    assert sentence in answer.content.decode()
    assert b"<script>alert" not in answer.content
    person.refresh_from_db()
    assert (person.name, person.time_zone, person.theme) == ("Petra von Aesch", "Europe/Zurich", "auto")


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "שלום עולם",
        "👩‍🏭 Petra 🦺",
        "=HYPERLINK(1)",
        "{{ 7*7 }}",
    ],
)
def test_hostile_names_are_stored_as_typed_and_shown_escaped(person, name):
    client = signed_in_client(person)

    assert save(client, name=name, language="en").status_code == 303

    person.refresh_from_db()
    assert person.name == name
    page = client.get("/accounts/profile/").content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert ">49<" not in page


def test_a_name_is_one_line(person):
    save(signed_in_client(person), name="  Petra\r\n Bcc: x\tvon  Aesch ")

    person.refresh_from_db()
    assert person.name == "Petra Bcc: x von Aesch"


@pytest.mark.parametrize(
    "field", ["email", "is_staff", "is_superuser", "is_active", "is_demo", "password", "session_epoch"]
)
def test_no_other_field_can_be_set_from_the_form(person, field):
    before = User.objects.values(field).get(pk=person.pk)

    save(signed_in_client(person), **{field: "1"})

    assert User.objects.values(field).get(pk=person.pk)[field] == before[field]


def test_somebody_else_cannot_be_edited(person):
    other = make_person("other@example.org", name="Other")

    save(signed_in_client(person), pk=other.pk, id=other.pk, name="Changed")

    other.refresh_from_db()
    assert other.name == "Other"


def test_the_profile_is_for_people_signed_in(client):
    assert client.get("/accounts/profile/")["Location"] == "/accounts/login/?next=/accounts/profile/"
    assert client.post("/accounts/profile/", FORM).status_code == 302


def test_the_language_can_be_chosen_before_signing_in(client):
    answer = client.post("/accounts/language/", {"language": "fr", "next": "/accounts/login/"})

    assert (answer.status_code, answer["Location"]) == (303, "/accounts/login/")
    assert client.get("/accounts/login/")["Content-Language"] == "fr"


@pytest.mark.parametrize("address", ["/accounts/language/", "/accounts/theme/"])
def test_switches_need_a_post_and_lead_nowhere_else(client, address):
    assert client.get(address).status_code == 405
    assert client.post(address, {"language": "xx", "theme": "x", "next": "https://evil.example/"})["Location"] == "/"


def test_switches_are_kept_in_the_profile(person):
    client = signed_in_client(person)

    client.post("/accounts/theme/", {"theme": "dark"})
    client.post("/accounts/language/", {"language": "fr"})

    person.refresh_from_db()
    assert (person.theme, person.language) == ("dark", "fr")


def test_there_is_a_zone_for_every_offset_people_live_by():
    places = {zone for _area, group in zones() for zone, _place in group}
    offsets = {dt.datetime(2026, 1, 1, tzinfo=ZoneInfo(zone)).utcoffset() for zone in places}

    assert {"Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC"} <= places
    assert len(offsets) >= 37
