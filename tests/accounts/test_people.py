"""How somebody becomes a person here: by invitation."""

from __future__ import annotations

import pytest
from allauth.core import context
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.models import AuthEvent, User
from accounts.services import people
from core.rules import RuleBroken
from tests.factories.accounts import PASSWORD, make_person

from .conftest import is_signed_in, mails_to, sign_in


def test_an_invited_person_exists_without_a_way_to_sign_in(client):
    person, is_new = people.find_or_create_invited(email=" New@Example.org ", name="Nora", language="de")

    assert is_new
    assert (person.email, person.name, person.language) == ("new@example.org", "Nora", "de")
    assert people.has_to_set_up(person)
    assert sign_in(client, person.email, "").status_code == 200
    assert not is_signed_in(client)


def test_inviting_somebody_known_changes_nothing_about_them(person):
    found, is_new = people.find_or_create_invited(email="PETRA@example.org", name="Hacked", language="fr")

    assert (found, is_new) == (person, False)
    found.refresh_from_db()
    assert (found.name, found.language) == ("Petra von Aesch", "en")
    assert not people.has_to_set_up(found)


def test_without_a_name_the_address_stands_in():
    person, _ = people.find_or_create_invited(email="jo@example.org")

    assert person.name == "jo"


def test_an_invited_person_sets_up_the_account_and_(rf):
    person, _ = people.find_or_create_invited(email="new@example.org")

    people.set_up_account(user=person, name=" Nora Keller ", password=PASSWORD)

    assert person.name == "Nora Keller"
    assert person.check_password(PASSWORD)
    assert not people.has_to_set_up(person)
    client = Client()
    assert sign_in(client, person.email).status_code == 302
    assert is_signed_in(client)


def test_signing_in_after_the_set_up_goes_through_log_and_session_list(rf):
    person = make_person("new@example.org")
    request = rf.post("/invitation/")
    request.session = Client().session
    request.user = type("Nobody", (), {"is_authenticated": False, "pk": None})()
    request._messages = FallbackStorage(request)
    with context.request_context(request):
        response = people.sign_in_invited(request, user=person, redirect_to="/org/x/")

    assert response["Location"] == "/org/x/"
    assert request.user == person
    assert AuthEvent.objects.get(user=person).detail == "invitation"


def test_an_account_is_set_up_once(person):
    with pytest.raises(RuleBroken, match="set up already"):
        people.set_up_account(user=person, name="Somebody else", password="a completely new password")

    person.refresh_from_db()
    assert person.check_password(PASSWORD)


def test_a_disabled_person_cannot_set_up_the_account():
    person, _ = people.find_or_create_invited(email="new@example.org")
    User.objects.filter(pk=person.pk).update(is_active=False)

    with pytest.raises(RuleBroken, match="switched off"):
        people.set_up_account(user=person, name="Nora", password=PASSWORD)


def test_a_weak_password_sets_up_nothing():
    person, _ = people.find_or_create_invited(email="new@example.org")

    with pytest.raises(ValidationError):
        people.set_up_account(user=person, name="Nora", password="1234567890")

    person.refresh_from_db()
    assert people.has_to_set_up(person)
    assert person.name == "new"


def test_an_invited_person_may_also_come_in_by_asking_for_a_password(client):
    person, _ = people.find_or_create_invited(email="new@example.org")

    client.post("/accounts/password/reset/", {"email": person.email})

    assert "password/reset/key" in mails_to(person.email)[0].text
