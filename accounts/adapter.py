"""What this installation decides where allauth asks: who may sign in, where links lead, how guesses are counted."""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.core import context
from allauth.core.internal import ratelimit
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from accounts import throttle
from accounts.client import address_of, device_of
from accounts.models import User
from accounts.models.events import AuthEventKind
from accounts.models.user import zone_of
from accounts.services import events
from core import outbox


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and password do not belong together. Check both, or set a new password."
        ),
        "too_many_login_attempts": _(
            "Too many wrong tries. Wait 15 minutes and try again, or set a new password: that works at once."
        ),
        "rate_limited": _("Too many tries in a short time. Wait a few minutes and try again."),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
        "incorrect_code": _("This code is not right, or was used before. Wait for the next one and type that."),
        "invalid_password_reset": _("This link is no longer valid. Ask for a new one."),
    }

    # Who may come in

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody signs up by themselves: people come by invitation."""
        return False

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        if not user.is_active or (user.is_demo and settings.PRODUCTION):
            clear_login(request)
            events.record(kind=AuthEventKind.SIGN_IN_FAILED, user=user, detail="switched off", request=request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        throttle.remember_browser(request, response, user)
        return response

    # Where to go

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("accounts:profile")

    def is_safe_url(self, url: str) -> bool:
        """Only paths of this site, or full addresses under BASE_URL: other allowed hosts are no place to go."""
        return url_has_allowed_host_and_scheme(
            url, allowed_hosts={self.request.get_host(), urlsplit(settings.BASE_URL).netloc}
        )

    # How guesses are counted

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """One guess at an account's password: at most 10 wrong ones in 15 minutes (T38)."""
        self._login_failed_rl_usage = ratelimit.consume(
            request,
            app="allauth.account",
            action="password_guess",
            key=throttle.guess_key(request, credentials.get("email", "")),
        )
        if not self._login_failed_rl_usage:
            raise self.validation_error("too_many_login_attempts")

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        email = User.objects.normalize_email(credentials.get("email"))
        user = User.objects.filter(email=email).first()
        events.record(kind=AuthEventKind.SIGN_IN_FAILED, user=user, email=email, detail="password", request=request)

    def reauthenticate(self, user: User, password: str) -> bool:
        request = context.request
        self.pre_authenticate(request, email=user.email)
        if user.check_password(password):
            self._rollback_login_failed_rl_usage()
            return True
        events.record(kind=AuthEventKind.STEP_UP_FAILED, user=user, detail="password", request=request)
        return False

    def forget_guesses(self, request: HttpRequest, user: User) -> None:
        """After the password was set anew by e-mail: the owner comes in at once, whatever others tried before."""
        for key in {user.email, throttle.guess_key(request, user.email)}:
            ratelimit.clear(
                request,
                app="allauth.account",
                action="password_guess",
                key=key,
                config={"password_guess": settings.ACCOUNT_RATE_LIMITS["password_guess"].rpartition(",")[2]},
            )

    def get_client_ip(self, request: HttpRequest) -> str:
        return address_of(request)

    # Mails

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return outbox.absolute(path.replace("UID-KEY", key))

    def send_mail(self, template_prefix: str, email: str, context: dict) -> None:
        """Writes a mail of `emails/account/`: the worker sends it, so a slow mail server tells nobody who is known."""
        person = User.objects.filter(email=User.objects.normalize_email(email)).first()
        stranger = SimpleNamespace(email=email, language=translation.get_language(), name="")
        template = template_prefix.rpartition("/")[2]
        outbox.write(
            key=f"{template}:{get_random_string(22)}",
            recipient=person or stranger,
            template=f"account/{template}",
            context={key: value for key, value in context.items() if key not in ("request", "user", "signup_url")},
            is_secret=True,
        )

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tells the owner about a change of their sign-in, with the device and address it came from."""
        what = CHANGES.get(template_prefix.rpartition("/")[2])
        if what is not None:
            self.tell_owner(user, what)

    def tell_owner(self, user: User, what: Any) -> None:
        """A mail about the person's own sign-in: what happened, when, on which device and from which address."""
        outbox.write(
            key=f"sign-in-changed:{user.pk}:{get_random_string(22)}",
            recipient=user,
            template="account/sign_in_changed",
            context={
                "what": what,
                "moment": timezone.now().astimezone(zone_of(user)),
                "address": address_of(self.request),
                "device": device_of(self.request.META.get("HTTP_USER_AGENT", "")),
                "sessions_url": outbox.absolute(reverse("accounts:sessions")),
                "reset_url": outbox.absolute(reverse("account_reset_password")),
            },
        )


#: What allauth tells of, in the words of the mail. A notice that is not listed here is not sent.
CHANGES = {
    "password_changed": _("Your password was changed."),
    "password_set": _("A password was set for your account."),
    "password_reset": _("Your password was set anew through a link in an e-mail."),
    "totp_activated": _("An authenticator app was added as second factor."),
    "totp_deactivated": _("The authenticator app was removed as second factor."),
    "webauthn_added": _("A passkey was added."),
    "webauthn_removed": _("A passkey was removed."),
    "recovery_codes_generated": _("New recovery codes were made; the old ones no longer work."),
}


class MFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": AccountAdapter.error_messages["incorrect_code"],
    }

    def get_totp_issuer(self) -> str:
        return settings.MFA_TOTP_ISSUER

    def _get_site_name(self) -> str:
        return settings.MFA_TOTP_ISSUER

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """A passkey belongs to the host of BASE_URL (HTTPS, or localhost on one's own machine)."""
        return {"id": urlsplit(settings.BASE_URL).hostname or "localhost", "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        return device_of(context.request.META.get("HTTP_USER_AGENT", ""))

    def encrypt(self, text: str) -> str:
        """Secrets of second factors lie encrypted in the database: a copy of it alone lets nobody in."""
        return _vault().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _vault().decrypt(encrypted_text.encode()).decode()
        except InvalidToken as error:
            raise InvalidToken(
                "A second factor was stored under another SECRET_KEY. Add the old key to SECRET_KEY_FALLBACKS."
            ) from error


def _vault() -> MultiFernet:
    keys = [settings.SECRET_KEY, *getattr(settings, "SECRET_KEY_FALLBACKS", [])]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"accounts.mfa:{key}".encode()).digest())) for key in keys]
    )
