"""Ending sessions: the person's own from another device, or all of somebody who must not work here any more."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accounts.models import User
from accounts.models.events import AuthEventKind
from accounts.services import events

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


@transaction.atomic
def sign_out_everywhere(
    *, user: User, by: User, keep: str = "", reason: str = "", request: HttpRequest | None = None
) -> int:
    """Ends every session of `user` but the one whose key is `keep`; returns how many listed sessions ended.

    Works at the next request of each session, listed or not: the epoch that all of them carry is raised. (T37)
    """
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch", "password"])
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=keep):
        session.end()
        ended += 1
    if keep:
        _renew(_store(keep), user, request)
    detail = reason or (f"by {by.email}" if by.pk != user.pk else "")
    events.record(kind=AuthEventKind.SESSIONS_ENDED, user=user, detail=detail, request=request)
    return ended


def end_session(*, user: User, key: int, by: User, request: HttpRequest | None = None) -> bool:
    """Ends one listed session of `user` by the number of its row; False when there is none of theirs."""
    session = UserSession.objects.filter(user=user, pk=key).first()
    if session is None:
        return False
    session.end()
    events.record(kind=AuthEventKind.SESSIONS_ENDED, user=user, detail="one session", request=request)
    return True


def end_others(*, user: User, request: HttpRequest, reason: str) -> int:
    """After a change of password or second factor: only the session in which it was made goes on. (T37)"""
    return sign_out_everywhere(
        user=user, by=user, keep=request.session.session_key or "", reason=reason, request=request
    )


def _store(key: str) -> SessionBase:
    return import_module(settings.SESSION_ENGINE).SessionStore(key)


def _renew(store: SessionBase, user: User, request: HttpRequest | None) -> None:
    """Lets the kept session go on under the new epoch, in the database and in the request that holds it open."""
    if str(store.get(SESSION_KEY)) == str(user.pk):
        store[HASH_SESSION_KEY] = user.get_session_auth_hash()
        store.save()
    if request is not None and request.session.session_key == store.session_key:
        request.session[HASH_SESSION_KEY] = user.get_session_auth_hash()
