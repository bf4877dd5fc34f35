"""One click in a mail stops that sort of mail, without signing in (RFC 8058).

    link(person, "digest")   ->  "/unsubscribe/<token>/"

The token is signed and names the person and the sort of mail, nothing else: it can only ever stop this one thing, and
that can be switched on again on the page of preferences. It does not expire: mails are kept for years.
"""

from __future__ import annotations

from typing import Any

from django.core import signing
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User

SALT = "notifications.unsubscribe"
LONGEST = 300

WHAT = {
    "digest": ("mail_digest", _("the daily digest")),
    "weekly": ("mail_weekly", _("the weekly summary")),
    "assignment": ("mail_on_assignment", _("e-mails about tasks assigned to you")),
    "mention": ("mail_on_mention", _("e-mails about mentions of you")),
}
"""What can be stopped: the person's switch, and its name in a sentence."""


def token(person: Any, what: str) -> str:
    if what not in WHAT:
        raise ValueError(f"There is nothing to unsubscribe from called {what!r}.")
    return signing.Signer(salt=SALT).sign_object([person.pk, what])


def link(person: Any, what: str) -> str:
    """The path of the address that stops `what` for a person: digest, weekly, assignment or mention."""
    return reverse("notifications:unsubscribe", kwargs={"token": token(person, what)})


def read(text: str) -> tuple[User, str] | None:
    """Whom and what a token names; None when it was not made here, or the account is no longer in use."""
    try:
        pk, what = signing.Signer(salt=SALT).unsign_object(text[:LONGEST])
    except (signing.BadSignature, ValueError, TypeError):
        return None
    person = User.objects.filter(pk=pk, is_active=True).first() if what in WHAT else None
    return (person, what) if person else None


def stop(person: User, what: str) -> None:
    """Switches that sort of mail off; done twice, it stays off."""
    User.objects.filter(pk=person.pk).update(**{WHAT[what][0]: False})
