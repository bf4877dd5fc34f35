"""What holds for the person behind every request: their language and time zone, the life of their session, and the
second factor where it is required."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts import hooks
from accounts.client import address_of
from accounts.models import User
from accounts.models.user import zone_of
from accounts.receivers import FACTOR, SEEN, STARTED
from core.htmx import is_asked_by_itself

#: What somebody who still has to set up a second factor may open: setting it up, proving who they are, leaving.
OPEN_WITHOUT_FACTOR = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_list_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "mfa_generate_recovery_codes",
        "account_reauthenticate",
        "account_set_password",
        "account_change_password",
        "account_logout",
        "accounts:language",
        "accounts:theme",
        "health:alive",
        "health:ready",
    }
)

#: How exactly "last seen" is kept. A request within this time writes nothing.
SEEN_EVERY_SECONDS = 60

#: htmx stops asking again when it gets this status.
STOP_ASKING = 286

WANTED = "wanted_before_second_factor"


def second_factor_required(user: User) -> bool:
    """By the setting MFA_REQUIRED: nobody, those who sign, or everybody."""
    required = settings.MFA_REQUIRED
    return required == "everybody" or (required == "signers" and hooks.person_signs(user))


def has_second_factor(user: User) -> bool:
    return Authenticator.objects.filter(
        user=user, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    ).exists()


class PersonMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and self._is_over(request):
            if is_asked_by_itself(_view_of(request)):
                # The page stays as it is, with what is typed in it; the next click of a person leads to the sign-in.
                return HttpResponse(status=STOP_ASKING)
            where = request.get_full_path() if request.method == "GET" else request.META.get("HTTP_REFERER", "/")
            logout(request)
            messages.info(request, _("You were signed out because nothing happened for a while. Sign in to go on."))
            return _go(request, redirect_to_login(_path_of(where, request)).url)
        if not user.is_authenticated:
            timezone.deactivate()
            return self.get_response(request)

        translation.activate(user.language)
        request.LANGUAGE_CODE = user.language
        timezone.activate(zone_of(user))
        try:
            response = self.get_response(request)
        finally:
            timezone.deactivate()
        if not is_asked_by_itself(getattr(request.resolver_match, "func", None)):
            self._note(request)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """Asks for the second factor once the address is known."""
        user = request.user
        if settings.MFA_REQUIRED == "off" or not user.is_authenticated or request.session.get(FACTOR):
            return None
        if not second_factor_required(user):
            return None
        if has_second_factor(user):
            request.session[FACTOR] = True
            return None
        request.must_add_factor, request.factor_reason = True, settings.MFA_REQUIRED
        if request.resolver_match.view_name in OPEN_WITHOUT_FACTOR:
            return None
        if request.method == "GET":
            request.session[WANTED] = request.get_full_path()
        return _go(request, reverse("mfa_index"))

    def _is_over(self, request: HttpRequest) -> bool:
        """Says that the session has lived too long, idle or altogether (T37)."""
        now = int(timezone.now().timestamp())
        seen, started = request.session.get(SEEN, 0), request.session.get(STARTED, 0)
        if not seen:  # a session from before these marks existed: counted from now on
            request.session[SEEN] = request.session[STARTED] = now
            return False
        return now - seen > settings.SESSION_IDLE_MINUTES * 60 or now - started > settings.SESSION_HOURS * 3600

    def _note(self, request: HttpRequest) -> None:
        """Notes that somebody was here, once a minute; not for somebody who just left."""
        if not request.user.is_authenticated:
            return
        now = int(timezone.now().timestamp())
        if now - request.session.get(SEEN, 0) >= SEEN_EVERY_SECONDS:
            request.session[SEEN] = now
            UserSession.objects.filter(session_key=request.session.session_key).update(
                last_seen_at=timezone.now(), ip=address_of(request)
            )


def _view_of(request: HttpRequest) -> Any:
    try:
        return resolve(request.path_info).func
    except Resolver404:
        return None


def _path_of(where: str, request: HttpRequest) -> str:
    """The path part of a referring page, so that signing in leads back to where somebody was typing."""
    own = f"{request.scheme}://{request.get_host()}"
    return where.removeprefix(own) if where.startswith((own + "/", "/")) else "/"


def _go(request: HttpRequest, address: str) -> HttpResponse:
    """To another page; a fragment asked for by htmx makes the whole page go there."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    response = HttpResponseRedirect(address)
    response.status_code = 302 if request.method == "GET" else 303
    return response
