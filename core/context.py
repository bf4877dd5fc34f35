"""What the frame of every page needs, asked only when a template asks for it."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from core.nav import address, navigation

THEMES = ("auto", "light", "dark")


def theme_of(request: HttpRequest, *, may_ask: bool = True) -> str:
    """The theme of this page: the person's own choice, or the cookie of this browser, or "auto".

    With `may_ask=False` the person is looked at only if already loaded: error pages must not need the database.
    A cookie goes before a stored "auto": it is the choice made last in this browser.
    """
    chosen = request.COOKIES.get("theme", "")
    user = getattr(request, "user", None) if may_ask else getattr(request, "_cached_user", None)
    stored = getattr(user, "theme", "") if user is not None and user.is_authenticated else ""
    if chosen not in THEMES:
        chosen = ""
    return chosen or (stored if stored in THEMES else "") or "auto"


def _links() -> dict[str, str]:
    return {
        "home": address("portal:home") or "/",
        "profile": address("accounts:profile"),
        "sessions": address("accounts:sessions"),
        "jobs": address("jobs:job-list"),
        "sign_out": address("account_logout"),
        "search": address("search:search"),
        "theme": address("accounts:theme"),
        "inbox": address("notifications:inbox"),
        "inbox_count": address("notifications:count"),
        "notices": address("notifications:preferences"),
        "calendar": address("notifications:feeds"),
    }


def _words() -> dict[str, str]:
    """What the scripts say, in the reader's language."""
    return {
        "lost": _("The server could not be reached. What you typed is kept; try again."),
        "failed": _("That did not work. What you typed is kept; try again, or reload the page."),
        "forbidden": _("You may not do that here."),
        "gone": _("That no longer exists. Reload the page."),
        "restored": _("What you typed before was kept and is filled in again."),
        "discard": _("Discard it"),
        "close": _("Close this message"),
        "copied": _("Copied"),
        "close-dialog": _("Close"),
        "cancel": _("Cancel"),
        "confirm": _("Yes, go on"),
    }


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of base.html: `nav`, `links`, `theme`, `shortcuts`, `words`; `plain_theme` for base_plain.html."""
    return {
        "nav": SimpleLazyObject(lambda: navigation(request)),
        "links": SimpleLazyObject(_links),
        "theme": lambda: theme_of(request),
        "words": _words,
        "plain_theme": lambda: theme_of(request, may_ask=False),
        "shortcuts": lambda: getattr(getattr(request, "user", None), "shortcuts_enabled", True),
        "perms_here": getattr(request, "perms_here", frozenset()),
    }
