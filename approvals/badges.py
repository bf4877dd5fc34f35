"""Who sees "Decisions" in the navigation, and the number on it."""

from __future__ import annotations

from django.http import HttpRequest

from projects.permissions import Perm, perms_of
from projects.selectors import standing

from .selectors import inbox


def decides(request: HttpRequest) -> bool:
    """Whether this person holds a role that decides anywhere."""
    return inbox.decides(_perms(request))


def count(request: HttpRequest) -> int:
    """How many decisions wait for who decides by office; one query, once for each request.

    Who only approves documents now and then finds the page without a number, and hears of each request by the bell: a
    query on every page of everybody who owns a process would cost more than it tells.
    """
    if Perm.DECIDE not in _perms(request):
        return 0
    known = getattr(request, "_decisions_waiting", None)
    if known is None:
        known = request._decisions_waiting = inbox.count(request.user)
    return known


def _perms(request: HttpRequest) -> frozenset[Perm]:
    """Everything this person may do anywhere. The standing is read once for each request."""
    known = getattr(request, "_standing", None)
    if known is None:
        known = request._standing = standing.of(request.user)
    return perms_of(known.roles)
