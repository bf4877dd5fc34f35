"""Every address of signing in is declared, opens for whom it says, and every page of it renders."""

from __future__ import annotations

import pytest
from django.urls import NoReverseMatch, reverse

from accounts.addresses import ADDRESSES
from core.access_check import addresses

from .conftest import signed_in_client

KWARGS = {
    "account_reset_password_from_key": {"uidb36": "1", "key": "x-y"},
    "mfa_remove_webauthn": {"pk": 1},
    "mfa_edit_webauthn": {"pk": 1},
}


def ours():
    return [found for found in addresses() if found.pattern.startswith("accounts/")]


def test_every_address_is_declared_and_every_declaration_is_in_use():
    names = {found.name for found in ours()}

    assert all(found.declares for found in ours())
    assert set(ADDRESSES) <= names


@pytest.mark.parametrize("name", sorted(name for name, (kind, _) in ADDRESSES.items() if kind == "signed_in"))
def test_pages_for_people_signed_in_send_everybody_else_to_the_door(client, name):
    address = reverse(name, kwargs=KWARGS.get(name))

    for answer in (client.get(address), client.post(address)):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("name", sorted(name for name, (kind, _) in ADDRESSES.items() if kind == "public"))
def test_public_pages_never_fail(client, name):
    address = reverse(name, kwargs=KWARGS.get(name))

    for answer in (client.get(address), client.post(address, {"x": "\0"})):
        assert answer.status_code in (200, 302, 405)


@pytest.mark.parametrize(
    "gone", ["account_email", "account_signup_by_passkey", "account_request_login_code", "account_change_phone"]
)
def test_pages_that_have_no_place_here_do_not_exist(gone):
    with pytest.raises(NoReverseMatch):
        reverse(gone)


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/profile/",
        "/accounts/sessions/",
        "/accounts/password/change/",
        "/accounts/2fa/",
        "/accounts/2fa/webauthn/",
        "/accounts/logout/",
        "/accounts/reauthenticate/",
    ],
)
def test_pages_carry_no_inline_script_or_style(person, address):
    page = signed_in_client(person).get(address).content.decode()

    assert " style=" not in page
    assert "<style" not in page
    assert " onclick=" not in page
    assert "<script>" not in page


@pytest.mark.parametrize("name", ["mfa_remove_webauthn", "mfa_edit_webauthn"])
def test_a_passkey_of_somebody_else_does_not_exist(person, name):
    from allauth.mfa.models import Authenticator

    from tests.factories.accounts import PASSWORD, make_person

    other = make_person("other@example.org")
    key = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Phone", "credential": {}})
    client = signed_in_client(person)
    client.post("/accounts/reauthenticate/?next=/accounts/2fa/", {"password": PASSWORD})

    assert client.get(reverse(name, kwargs={"pk": key.pk})).status_code == 404
    assert client.post(reverse(name, kwargs={"pk": key.pk}), {"name": "Mine"}).status_code == 404
    assert Authenticator.objects.filter(pk=key.pk).exists()
