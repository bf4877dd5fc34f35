"""A code of the authenticator app counts once in all the time it would be accepted, clock drift included (T40)."""

from __future__ import annotations

from allauth.mfa import app_settings as mfa_settings
from django.core.cache import cache

from accounts.models import User


def _key(user: User, code: str) -> str:
    return f"accounts.totp.used:{user.pk}:{''.join(code.split())}"


def was_used(user: User, code: str) -> bool:
    return bool(cache.get(_key(user, code)))


def note_used(user: User, code: str) -> bool:
    """True for the first who uses it."""
    lasts = mfa_settings.TOTP_PERIOD * (2 * mfa_settings.TOTP_TOLERANCE + 1)
    return cache.add(_key(user, code), True, timeout=lasts)
