"""Who comes in, where they get to, and what a refusal gives away."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from accounts.models import AuthEvent, User
from accounts.models.events import AuthEventKind
from tests.factories.accounts import PASSWORD, make_person

from .conftest import is_signed_in, sign_in, signed_in_client


def without_tokens(html: bytes, *addresses: str) -> str:
    text = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html.decode())
    text = re.sub(r'value="[^"]*@[^"]*"', "", text)
    return text


def test_right_password_signs_in_whatever_the_capitals(client, person):
    response = sign_in(client, "Petra@Example.ORG")

    assert response.status_code == 302
    assert response["Location"] == "/accounts/profile/"
    assert is_signed_in(client)
    event = AuthEvent.objects.get(user=person)
    assert (event.kind, event.detail, event.address) == (AuthEventKind.SIGNED_IN, "password", "127.0.0.1")


def test_signing_in_starts_a_new_session(client, person):
    client.get("/accounts/login/")
    session = client.session
    session["planted"] = "yes"
    session.save()
    before = session.session_key
    client.cookies["ims2_session"] = before

    sign_in(client, person.email)

    assert client.session.session_key != before
    assert not Client().session.exists(before)


def test_wrong_password_and_unknown_address_get_the_same_answer(client, person):
    wrong = sign_in(client, person.email, "not the password")
    unknown = sign_in(Client(), "nobody@example.org", "not the password")

    assert wrong.status_code == unknown.status_code == 200
    assert without_tokens(wrong.content) == without_tokens(unknown.content)
    assert b"do not belong together" in wrong.content
    assert not is_signed_in(client)


def test_a_refused_sign_in_is_logged_without_what_was_typed_as_password(client, person):
    sign_in(client, person.email, "hunter2 hunter2")
    sign_in(client, "nobody@example.org", "hunter2 hunter2")

    known, unknown = AuthEvent.objects.filter(kind=AuthEventKind.SIGN_IN_FAILED).order_by("pk")
    assert (known.user, known.email) == (person, person.email)
    assert (unknown.user, unknown.email) == (None, "nobody@example.org")
    assert not AuthEvent.objects.filter(detail__contains="hunter2").exists()


def test_sign_in_leads_to_the_page_that_was_asked_for(client, person):
    response = sign_in(client, person.email, next="/accounts/sessions/?x=1")

    assert response["Location"] == "/accounts/sessions/?x=1"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/x", "http:///evil.example", "javascript:alert(1)", "\\\\evil.example"],
)
def test_sign_in_never_leads_off_the_site(client, person, elsewhere):
    response = sign_in(client, person.email, next=elsewhere)

    assert response["Location"] == "/accounts/profile/"


def test_another_allowed_host_is_no_place_to_go_after_signing_in(client, person, settings):
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "other.example"]

    assert sign_in(client, person.email, next="http://other.example/x")["Location"] == "/accounts/profile/"


def test_signing_out_needs_a_post_and_ends_the_session(client, person):
    sign_in(client, person.email)
    key = client.session.session_key

    asked = client.get("/accounts/logout/")
    assert asked.status_code == 200
    assert is_signed_in(client)

    left = client.post("/accounts/logout/")
    assert left.status_code == 302
    assert not is_signed_in(client)
    assert not Client().session.exists(key)
    assert AuthEvent.objects.filter(user=person, kind=AuthEventKind.SIGNED_OUT).count() == 1


def test_a_disabled_person_is_refused_at_the_next_request(client, person):
    sign_in(client, person.email)
    assert is_signed_in(client)

    User.objects.filter(pk=person.pk).update(is_active=False)

    assert client.get("/accounts/profile/")["Location"].startswith("/accounts/login/")


def test_a_disabled_person_with_the_right_password_learns_that_it_is_switched_off(client, person):
    User.objects.filter(pk=person.pk).update(is_active=False)

    right = sign_in(client, person.email)
    assert right["Location"] == "/accounts/inactive/"
    assert SESSION_KEY not in client.session
    assert b"switched off" in client.get("/accounts/inactive/").content

    wrong = sign_in(Client(), person.email, "not the password")
    assert b"switched off" not in wrong.content


def test_nobody_signs_up_alone(client):
    page = client.get("/accounts/signup/")
    client.post("/accounts/signup/", {"email": "new@example.org", "password1": PASSWORD, "password2": PASSWORD})

    assert b"People come by invitation" in page.content
    assert not User.objects.filter(email="new@example.org").exists()


def test_demo_people_sign_in_where_the_demo_is_allowed(client, settings):
    make_person("consultant@demo.example", name="Claire Bonnet", is_demo=True)

    page = client.get("/accounts/login/?email=consultant@demo.example")
    assert b"Consultant" in page.content
    assert b'value="consultant@demo.example"' in page.content
    assert sign_in(client, "consultant@demo.example")["Location"] == "/accounts/profile/"
    assert is_signed_in(client)


def test_demo_people_are_refused_and_not_shown_in_production(client, settings):
    demo = make_person("consultant@demo.example", name="Claire Bonnet", is_demo=True)
    inside = signed_in_client(demo)
    assert is_signed_in(inside)

    settings.PRODUCTION = True

    assert not is_signed_in(inside)
    assert b"demo.example" not in client.get("/accounts/login/").content
    assert sign_in(client, "consultant@demo.example")["Location"] == "/accounts/inactive/"
    assert SESSION_KEY not in client.session


def test_the_prefilled_address_is_shown_escaped_and_only_if_it_is_one(client):
    page = client.get("/accounts/login/?email=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")

    assert b"<script>alert" not in page.content


@pytest.mark.parametrize(
    "typed", ["\0", "x" * 10_000 + "@example.org", "<script>@example.org", "petra@example.org\n", "💥@💥.example", "‮@x"]
)
def test_hostile_addresses_get_a_sentence(client, person, typed):
    response = sign_in(client, typed, "x\0y" if typed == "\0" else "some password")

    assert response.status_code == 200
    assert b"errorlist" in response.content
    assert b"<script>@" not in response.content


def test_the_list_of_demo_people_costs_one_query(client, django_assert_num_queries):
    for who in ("staff", "consultant", "somebody"):
        make_person(f"{who}@demo.example", is_demo=True)
    make_person("consultant@seefeld.example", is_demo=True)

    with django_assert_num_queries(1):
        groups = client.get("/accounts/login/").context["demo_groups"]

    assert {domain: [one.email for one in people] for domain, people in groups.items()} == {
        "demo.example": ["consultant@demo.example", "staff@demo.example"],
        "seefeld.example": ["consultant@seefeld.example"],
    }
