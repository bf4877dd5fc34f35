"""How somebody becomes a person here: by invitation."""

from __future__ import annotations

import pytest
from django.contrib.messages.storage.fallback import FallbackStorage
from django.core.exceptions import ValidationError
from django.test import Client

from accounts.forms.profile import SetUpForm
from accounts.models import AuthEvent, User
from accounts.services import people
from core.rules import RuleBroken
from tests.factories.accounts import PASSWORD, make_person

from .conftest import is_signed_in, sign_in


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


def test_an_invited_person_sets_up_the_account_and_is_signed_in(rf):
    person, _ = people.find_or_create_invited(email="new@example.org")
    form = SetUpForm({"name": "Nora  Keller", "password1": PASSWORD, "password2": PASSWORD}, user=person)
    assert form.is_valid(), form.errors

    people.set_up_account(user=person, name=form.cleaned_data["name"], password=form.cleaned_data["password1"])

    assert person.name == "Nora Keller"
    assert person.check_password(PASSWORD)
    assert not people.has_to_set_up(person)
    client = Client()
    assert sign_in(client, person.email).status_code == 302
    assert is_signed_in(client)


def test_signing_in_after_the_set_up_goes_through_log_and_session_list(rf, settings):
    from allauth.core import context

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


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"name": "", "password1": PASSWORD, "password2": PASSWORD}, "name"),
        ({"name": "x" * 121, "password1": PASSWORD, "password2": PASSWORD}, "name"),
        ({"name": "Nora", "password1": PASSWORD, "password2": "other"}, "password2"),
        ({"name": "Nora", "password1": "password123", "password2": "password123"}, "password1"),
        ({"name": "Nora Kellermann", "password1": "Nora Kellermann", "password2": "Nora Kellermann"}, "password1"),
        ({"name": "Nora", "password1": "\0" * 12, "password2": "\0" * 12}, "password1"),
    ],
)
def test_the_form_says_what_is_wrong_where_it_is_wrong(data, field):
    person, _ = people.find_or_create_invited(email="new@example.org")
    form = SetUpForm(data, user=person)

    assert not form.is_valid()
    assert field in form.errors


def test_an_invited_person_may_also_come_in_by_asking_for_a_password(client):
    person, _ = people.find_or_create_invited(email="new@example.org")

    client.post("/accounts/password/reset/", {"email": person.email})

    from .conftest import mails_to

    assert "password/reset/key" in mails_to(person.email)[0].text
