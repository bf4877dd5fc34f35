"""Showing once more who one is, for one act: a signature. Asked every time; what was shown a minute ago does not count.

Somebody with a password gives it, and the code of their app or their passkey where they have set one up; a passkey that
asked for fingerprint, face or PIN is both at once and stands alone. Guesses are counted with those of signing in (T38),
and every failure is a line of the log; the owner hears of the third within a quarter of an hour (T35).
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as webauthn
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.client import address_of
from accounts.models import AuthEvent, User
from accounts.models.events import AuthEventKind
from accounts.services import codes, events

LONGEST = 20_000  # characters of a passkey's answer
WINDOW, TOLD_AT = dt.timedelta(minutes=15), 3


@dataclass(frozen=True)
class Ways:
    """What a person has to show: what exists of it is asked for."""

    password: bool
    code: bool
    passkey: bool

    @property
    def is_able(self) -> bool:
        return self.password or self.passkey

    @property
    def needs_second(self) -> bool:
        """Whether the password alone is too little."""
        return self.code or self.passkey


@dataclass(frozen=True)
class Confirmed:
    """What was shown, in the words of the record, and from which address."""

    method: str
    address: str


class NotConfirmed(Exception):
    """Nothing was proved: `field` is the part that was wrong (or "" for all of it), `message` the sentence."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field, self.message = field, message


def ways_of(user: User) -> Ways:
    """One query."""
    held = set(Authenticator.objects.filter(user=user).values_list("type", flat=True))
    return Ways(
        password=user.has_usable_password(),
        code=Authenticator.Type.TOTP in held,
        passkey=Authenticator.Type.WEBAUTHN in held,
    )


def begin_passkey(request: HttpRequest) -> dict[str, Any]:
    """The question the browser puts to the passkey; its answer is good once, in this session."""
    return webauthn.begin_authentication(request.user)


def confirm(request: HttpRequest, *, password: str = "", code: str = "", passkey: str = "") -> Confirmed:
    """Checks what was typed or touched. Raises NotConfirmed; a wrong one is counted and logged.

    Not to be called inside a transaction: the lines of the log must stay when the act is not carried out.
    """
    user: User = request.user
    ways = ways_of(user)
    if not ways.is_able:
        raise NotConfirmed("", unable())
    shown: list[str] = []
    if passkey and ways.passkey:
        is_both = _passkey(request, user, passkey)
        shown.append("passkey" if is_both else "security key")
        if is_both or not ways.password:
            return Confirmed(shown[0], address_of(request))
    if not ways.password:
        raise NotConfirmed("", _("Confirm it with your passkey."))
    if not password:
        raise NotConfirmed("password", _("Type your password: it is asked for at every signature."))
    if not shown and ways.needs_second and not code:
        raise NotConfirmed(
            "code" if ways.code else "",
            _("Type the code that your app shows.") if ways.code else _("Confirm it with your passkey as well."),
        )
    _password(request, user, password)
    if not shown and ways.needs_second:
        _code(request, user, code)
        shown.append("TOTP")
    return Confirmed(", ".join(["password", *shown]), address_of(request))


def unable() -> str:
    return _(
        "You have neither a password nor a passkey here, so nothing shows that it is you who signs. Set a password "
        "in your profile first."
    )


def _password(request: HttpRequest, user: User, password: str) -> None:
    try:
        is_right = get_adapter(request).reauthenticate(user, password)
    except ValidationError as refusal:
        _failed(request, user, "password, too many", is_told=True)
        raise NotConfirmed("password", refusal.messages[0]) from None
    if not is_right:
        _tell_owner(request, user)
        raise NotConfirmed("password", _("This is not your password. Nothing was signed."))


def _code(request: HttpRequest, user: User, code: str) -> None:
    clear = _counted(request, user, "code", "totp")
    app = Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
    if (
        app is None
        or codes.was_used(user, code)
        or not app.wrap().validate_code(code)
        or not codes.note_used(user, code)
    ):
        _failed(request, user, "totp")
        raise NotConfirmed(
            "code", _("This code is not right, or was used before. Wait for the next one. Nothing was signed.")
        )
    clear()
    app.record_usage()


def _passkey(request: HttpRequest, user: User, answer: str) -> bool:
    """Whether the key made sure who touched it (fingerprint, face, PIN). Raises NotConfirmed."""
    clear = _counted(request, user, "", "webauthn")
    try:
        credential = json.loads(answer[:LONGEST])
        if not isinstance(credential, dict):
            raise ValueError("no object")
        said = webauthn.parse_authentication_response(credential)
        key = webauthn.complete_authentication(user, credential)
    except (ValueError, KeyError, TypeError, AttributeError, ValidationError):
        _failed(request, user, "webauthn")
        raise NotConfirmed("", _("The passkey was not accepted. Try it once more. Nothing was signed.")) from None
    clear()
    key.record_usage()
    return said.response.authenticator_data.is_user_verified()


def _counted(request: HttpRequest, user: User, field: str, what: str) -> Any:
    """Uses up one guess at the second factor; returns what gives it back."""
    try:
        return check_rate_limit(user)
    except ValidationError as refusal:
        _failed(request, user, f"{what}, too many", is_told=True)
        raise NotConfirmed(field, refusal.messages[0]) from None


def _failed(request: HttpRequest, user: User, detail: str, *, is_told: bool = False) -> None:
    events.record(kind=AuthEventKind.STEP_UP_FAILED, user=user, detail=detail, request=request)
    if not is_told:
        _tell_owner(request, user)


def _tell_owner(request: HttpRequest, user: User) -> None:
    """A mail at the third failure within a quarter of an hour: one slip of the finger is nobody's alarm."""
    since = timezone.now() - WINDOW
    count = AuthEvent.objects.filter(user=user, kind=AuthEventKind.STEP_UP_FAILED, at__gt=since).count()
    if count == TOLD_AT:
        with translation.override(user.language):
            what = _("Somebody tried three times to sign a decision in your name and could not confirm to be you.")
        get_adapter(request).tell_owner(user, what)
