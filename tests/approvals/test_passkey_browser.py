"""Signing with a passkey in a real browser, with a virtual authenticator: no password is typed, and the record says how."""

from __future__ import annotations

import pytest

from approvals.models import Signature
from tests.accounts.test_passkey_browser import (  # noqa: F401
    add_passkey,
    arrives,
    page,
    put_in_a_key,
    sign_in,
    site,
)

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_passkey_signs_without_a_password(people, ask, page):  # noqa: F811
    approval = ask()
    put_in_a_key(page)
    sign_in(page, people.deciders[0].email)
    arrives(page, "/accounts/profile/")
    add_passkey(page)
    arrives(page, "/recovery-codes/")

    page.goto(approval.get_absolute_url())
    page.get_by_role("textbox", name="Comment").fill("Go.")
    page.get_by_role("button", name="Approve and sign").click()
    arrives(page, "/decide/")
    page.get_by_role("button", name="Sign with a passkey").click()
    arrives(page, approval.get_absolute_url())

    page.get_by_text("You have signed").wait_for()
    signature = Signature.objects.get()
    assert (signature.method, signature.comment) == ("passkey", "Go.")
    assert page.problems == []
