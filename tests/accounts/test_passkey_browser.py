"""A passkey in a real browser, with a virtual authenticator: added, signing in alone, proving who one is (T40, T43)."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator

from accounts.models import AuthEvent
from accounts.models.events import AuthEventKind
from tests.factories.accounts import PASSWORD, make_person

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def site(live_server, settings):
    """The address of the running site; passkeys need "localhost", a number will not do."""
    settings.BASE_URL = f"http://localhost:{urlsplit(live_server.url).port}"
    settings.LOGIN_REDIRECT_URL = "accounts:profile"
    return settings.BASE_URL


@pytest.fixture
def page(site, chrome):
    context = chrome.new_context(base_url=site)
    page = context.new_page()
    page.problems = []
    page.on("console", lambda line: line.type == "error" and page.problems.append(line.text))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    yield page
    context.close()


def put_in_a_key(page, **options) -> None:
    wire = page.context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    key = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    page.wire, page.key = (
        wire,
        wire.send("WebAuthn.addVirtualAuthenticator", {"options": key | options})["authenticatorId"],
    )


def arrives(page, path: str) -> None:
    """Waits until the browser shows a page whose path ends so; what stands behind a question mark does not count."""
    page.wait_for_url(lambda url: urlsplit(url).path.endswith(path))


def sign_in(page, email: str, wanted: str = "") -> None:
    page.goto(f"/accounts/login/?next={wanted}")
    page.get_by_label("E-mail address").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_passkey(page, name: str = "Petra's phone") -> None:
    page.goto("/accounts/2fa/webauthn/add/")
    if "reauthenticate" in page.url:
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Confirm").click()
        arrives(page, "/webauthn/add/")
    page.get_by_label("Name of this passkey").fill(name)
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_added_signs_in_alone_and_confirms_who_one_is(page):
    person = make_person("petra@example.org")
    put_in_a_key(page)
    sign_in(page, person.email)
    arrives(page, "/accounts/profile/")
    add_passkey(page)
    arrives(page, "/recovery-codes/")
    assert Authenticator.objects.get(user=person, type="webauthn").wrap().name == "Petra's phone"

    page.context.clear_cookies()
    page.goto("/accounts/login/?next=/accounts/sessions/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    arrives(page, "/accounts/sessions/")
    latest = AuthEvent.objects.filter(user=person).first()
    assert (latest.kind, latest.detail) == (AuthEventKind.SIGNED_IN, "webauthn")

    page.goto("/accounts/2fa/webauthn/reauthenticate/?next=/accounts/password/change/")
    page.get_by_role("button", name="Use a passkey").click()
    arrives(page, "/accounts/password/change/")
    assert page.problems == []


def test_a_passkey_is_the_second_factor_after_the_password(page):
    person = make_person("petra@example.org")
    put_in_a_key(page)
    sign_in(page, person.email)
    arrives(page, "/accounts/profile/")
    add_passkey(page)
    arrives(page, "/recovery-codes/")

    page.context.clear_cookies()
    sign_in(page, person.email)
    arrives(page, "/2fa/authenticate/")
    page.get_by_role("button", name="Use a passkey").click()
    arrives(page, "/accounts/profile/")

    assert AuthEvent.objects.filter(user=person).first().detail == "password + webauthn"
    assert page.problems == []


def test_a_device_without_a_passkey_is_told_so_in_a_sentence(page):
    put_in_a_key(page, isUserVerified=False)
    page.goto("/accounts/login/")

    page.get_by_role("button", name="Sign in with a passkey").click()

    page.get_by_role("alert").get_by_text("No passkey was used").wait_for()
    assert page.problems == []


def test_the_passkey_of_somebody_switched_off_does_not_open(page):
    person = make_person("petra@example.org")
    put_in_a_key(page)
    sign_in(page, person.email)
    arrives(page, "/accounts/profile/")
    add_passkey(page)
    arrives(page, "/recovery-codes/")
    person.is_active = False
    person.save()

    page.context.clear_cookies()
    page.goto("/accounts/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()

    arrives(page, "/accounts/inactive/")
    page.goto("/accounts/profile/")
    assert "/accounts/login/" in page.url
