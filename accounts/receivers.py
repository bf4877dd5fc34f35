"""Hears what allauth and Django say about signing in: writes the log and ends sessions that must not go on."""

from __future__ import annotations

from typing import Any

from allauth.account import signals as account_signals
from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.mfa import signals as mfa_signals
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.auth import signals as auth_signals
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import User
from accounts.models.events import AuthEventKind
from accounts.services import events, sessions

STARTED, SEEN, FACTOR = "started_at", "seen_at", "has_second_factor"


@receiver(auth_signals.user_logged_in, dispatch_uid="accounts.session_begins")
def session_begins(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """From here idle time and the longest life of the session are counted (T37)."""
    now = int(timezone.now().timestamp())
    request.session[STARTED] = request.session[SEEN] = now
    request.session.pop(FACTOR, None)


@receiver(account_signals.user_logged_in, dispatch_uid="accounts.signed_in")
def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    ways = [entry.get("type", entry["method"]) for entry in get_authentication_records(request, user)]
    events.record(kind=AuthEventKind.SIGNED_IN, user=user, detail=" + ".join(ways), request=request)


@receiver(auth_signals.user_logged_out, dispatch_uid="accounts.signed_out")
def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        UserSession.objects.filter(session_key=request.session.session_key or "").delete()
        events.record(kind=AuthEventKind.SIGNED_OUT, user=user, request=request)


@receiver(account_signals.password_changed, dispatch_uid="accounts.password_changed")
@receiver(account_signals.password_set, dispatch_uid="accounts.password_set")
def password_changed(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    events.record(kind=AuthEventKind.PASSWORD_CHANGED, user=user, request=request)
    sessions.end_others(user=user, request=request, reason="password changed")


@receiver(account_signals.password_reset, dispatch_uid="accounts.password_reset")
def password_reset(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    events.record(kind=AuthEventKind.PASSWORD_RESET, user=user, request=request)
    sessions.sign_out_everywhere(user=user, by=user, reason="password reset", request=request)
    get_adapter(request).forget_guesses(request, user)


@receiver(mfa_signals.authenticator_added, dispatch_uid="accounts.factor_added")
@receiver(mfa_signals.authenticator_reset, dispatch_uid="accounts.factor_reset")
def factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    events.record(kind=AuthEventKind.FACTOR_ADDED, user=user, detail=authenticator.type, request=request)
    request.session.pop(FACTOR, None)
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        sessions.end_others(user=user, request=request, reason="second factor added")


@receiver(mfa_signals.authenticator_removed, dispatch_uid="accounts.factor_removed")
def factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **kwargs: Any) -> None:
    events.record(kind=AuthEventKind.FACTOR_REMOVED, user=user, detail=authenticator.type, request=request)
    request.session.pop(FACTOR, None)
    if authenticator.type != Authenticator.Type.RECOVERY_CODES:
        sessions.end_others(user=user, request=request, reason="second factor removed")


@receiver(mfa_signals.authentication_failed, dispatch_uid="accounts.factor_failed")
def factor_failed(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, reauthentication: bool, **kwargs: Any
) -> None:
    kind = AuthEventKind.STEP_UP_FAILED if reauthentication else AuthEventKind.SIGN_IN_FAILED
    events.record(kind=kind, user=user, detail=authenticator.type, request=request)


@receiver(account_signals.authentication_step_completed, dispatch_uid="accounts.new_key_on_step_up")
def new_key_on_step_up(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    """Whoever proves again who they are goes on under a new session key (T37)."""
    if kwargs.get("reauthenticated") and request.session.session_key:
        old = request.session.session_key
        request.session.cycle_key()
        UserSession.objects.filter(session_key=old).update(session_key=request.session.session_key)
