from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from django.core.cache import cache
from django.test import Client

from core.models import OutgoingMail
from tests.factories.accounts import PASSWORD, make_person


@pytest.fixture(autouse=True)
def a_quiet_start(db, settings):
    """No guess of another test is remembered, and signing in leads to a page of this app."""
    cache.clear()
    settings.LOGIN_REDIRECT_URL = "accounts:profile"


@pytest.fixture
def person():
    return make_person("petra@example.org", name="Petra von Aesch")


def sign_in(client: Client, email: str, password: str = PASSWORD, **extra):
    """Posts the sign-in form as a browser does."""
    return client.post("/accounts/login/", {"login": email, "password": password, **extra})


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/profile/").status_code == 200


def signed_in_client(person, **meta) -> Client:
    client = Client(**meta)
    assert sign_in(client, person.email).status_code == 302
    return client


def mails_to(address: str) -> list[OutgoingMail]:
    return list(OutgoingMail.objects.filter(recipient=address).order_by("pk"))


def link_in(text: str) -> str:
    """The first link of a mail that leads further than the start page."""
    return next(found for found in re.findall(r"https?://\S+", text) if len(urlsplit(found).path) > 1)
