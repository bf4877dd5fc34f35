"""A person's open sessions, for the list in which they find a device that is not theirs."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from allauth.usersessions.models import UserSession
from django.utils.translation import gettext as _

from accounts.client import device_of, is_phone
from accounts.models import AuthEvent, User


class OpenSession(NamedTuple):
    pk: int
    device: str
    is_phone: bool
    address: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def of(user: User, *, current_key: str) -> list[OpenSession]:
    """The sessions that are still good: this one first, then the latest seen. Rows of ended ones are forgotten."""
    rows = [
        OpenSession(
            session.pk,
            device_of(session.user_agent),
            is_phone(session.user_agent),
            session.ip,
            session.created_at,
            session.last_seen_at,
            session.session_key == current_key,
        )
        for session in UserSession.objects.purge_and_list(user)
    ]
    return sorted(rows, key=lambda row: (not row.is_this, -row.seen_at.timestamp()))


class LatestEvent(NamedTuple):
    at: datetime
    kind: str
    what: str
    how: str
    address: str


def latest_events(user: User, count: int = 15) -> list[LatestEvent]:
    """What happened around this person's signing in, newest first, in their language."""
    return [
        LatestEvent(event.at, event.kind, event.get_kind_display(), how(event.detail), event.address or "")
        for event in AuthEvent.objects.filter(user=user)[:count]
    ]


def how(detail: str) -> str:
    """The detail of an event in words: "password + totp" is "password and code of the app"."""
    words = {
        "password": _("password"),
        "totp": _("code of the app"),
        "webauthn": _("passkey"),
        "recovery_codes": _("recovery code"),
        "invitation": _("invitation"),
        "switched off": _("switched off"),
        "one session": _("one session"),
        "password changed": _("password changed"),
        "password reset": _("password reset"),
        "second factor added": _("second factor added"),
        "second factor removed": _("second factor removed"),
    }
    return _(" and ").join(words.get(part, part) for part in detail.split(" + ")) if detail else ""
