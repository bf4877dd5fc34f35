"""The log of what happened around signing in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpRequest

from accounts.client import address_of
from accounts.models import AuthEvent

if TYPE_CHECKING:
    from accounts.models import User


def record(
    *, kind: str, user: User | None, email: str = "", detail: str = "", request: HttpRequest | None = None
) -> AuthEvent:
    """Writes one line: who (the person and the address as typed), what, from where. Never a password or a code."""
    return AuthEvent.objects.create(
        kind=kind,
        user=user if user is not None and user.pk else None,
        email=(email or (user.email if user is not None else ""))[:254],
        detail=detail[:200],
        address=address_of(request) if request is not None else None,
    )
