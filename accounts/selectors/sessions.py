"""A person's open sessions, for the list in which they find a device that is not theirs."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from allauth.usersessions.models import UserSession

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


def latest_events(user: User, count: int = 15) -> list[AuthEvent]:
    """What happened around this person's signing in, newest first."""
    return list(AuthEvent.objects.filter(user=user)[:count])
