"""How often somebody may guess (T38), without letting a stranger lock the owner out.

Guesses are counted per account and per network address. A browser in which the owner has signed in before carries a
signed cookie and counts by itself: whoever hammers at an account from elsewhere uses up only the strangers' guesses.
"""

from __future__ import annotations

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import get_random_string

from accounts.models import User

COOKIE = "known_browser"
SALT = "accounts.known-browser"
A_YEAR = 365 * 24 * 3600


def guess_key(request: HttpRequest, email: str) -> str:
    """Under which name a guess at this account is counted: the account, or the account in this known browser."""
    address = User.objects.normalize_email(email)
    for known, mark in _known(request):
        if known == address:
            return f"{address}:{mark}"
    return address


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Marks this browser as one in which `user` has signed in; up to four people may share a browser."""
    others = [entry for entry in _known(request) if entry[0] != user.email]
    mine = next((entry for entry in _known(request) if entry[0] == user.email), (user.email, get_random_string(12)))
    response.set_cookie(
        cookie_name(),
        signing.dumps([mine, *others[:3]], salt=SALT),
        max_age=A_YEAR,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def cookie_name() -> str:
    return f"__Host-{COOKIE}" if settings.SESSION_COOKIE_SECURE else COOKIE


def _known(request: HttpRequest) -> list[tuple[str, str]]:
    try:
        entries = signing.loads(request.COOKIES.get(cookie_name(), ""), salt=SALT, max_age=A_YEAR)
        return [(str(email), str(mark)) for email, mark in entries]
    except (signing.BadSignature, TypeError, ValueError):
        return []


def may(request: HttpRequest, what: str, *, most: int, within_seconds: int) -> bool:
    """Counts one try at something that is open to everybody, by network address; False when there were too many."""
    rate = {what: f"{most}/{within_seconds}s/ip"}
    return bool(ratelimit.consume(request, app="accounts", action=what, config=rate))
