"""Who sees "Decisions" in the navigation, and the number on it."""

from __future__ import annotations

from django.http import HttpRequest

from projects.permissions import perms_of
from projects.selectors import standing

from .selectors import inbox


def decides(request: HttpRequest) -> bool:
    """Whether this person holds a role that decides anywhere. The standing is read once for each request."""
    known = getattr(request, "_standing", None)
    if known is None:
        known = request._standing = standing.of(request.user)
    return inbox.decides(perms_of(known.roles))


def count(request: HttpRequest) -> int:
    """How many decisions wait for this person; one query, once for each request."""
    known = getattr(request, "_decisions_waiting", None)
    if known is None:
        known = request._decisions_waiting = inbox.count(request.user)
    return known
