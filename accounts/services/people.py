"""How somebody becomes a person of this installation: by invitation only."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib.auth.password_validation import validate_password
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts import hooks
from accounts.models import User
from core.rules import RuleBroken


def find_or_create_invited(*, email: str, name: str = "", language: str = "", time_zone: str = "") -> tuple[User, bool]:
    """The person with this address, made without a password when there is none; the second value says "made now".

    Who exists keeps name, language and zone: an invitation changes nothing about somebody else's account.
    """
    address = User.objects.normalize_email(email)
    known = User.objects.filter(email=address).first()
    if known:
        return known, False
    fields = {"name": name.strip() or address.partition("@")[0]}
    fields |= {"language": language} if language else {}
    fields |= {"time_zone": time_zone} if time_zone else {}
    try:
        with transaction.atomic():
            person = User.objects.create_user(address, **fields)
            transaction.on_commit(lambda: hooks.tell_changed(person))
            return person, True
    except IntegrityError:  # invited twice in the same moment: the other one made the account
        return User.objects.get(email=address), False


def has_to_set_up(user: User) -> bool:
    """True for somebody who was invited and never chose a password: the invitation's page asks for name and password.

    Everybody else must sign in as that address to accept.
    """
    return not user.has_usable_password()


@transaction.atomic
def set_up_account(*, user: User, name: str, password: str) -> User:
    """Gives an invited person the name and password they chose. Raises RuleBroken when the account is set up already
    or switched off, ValidationError when the password is too weak."""
    person = User.objects.select_for_update().get(pk=user.pk)
    if not has_to_set_up(person):
        raise RuleBroken(_("This account is set up already. Sign in with your password to accept the invitation."))
    if not person.is_active:
        raise RuleBroken(_("This account is switched off. Ask the person who invited you."))
    person.name = name.strip()
    validate_password(password, person)
    person.set_password(password)
    person.full_clean(exclude=["password", "last_login"])
    person.save(update_fields=["name", "password"])
    transaction.on_commit(lambda: hooks.tell_changed(person))
    user.refresh_from_db()
    return person


def sign_in_invited(request: HttpRequest, *, user: User, redirect_to: str) -> HttpResponse:
    """Signs in somebody who has just set up their account; the answer leads to `redirect_to` (an address of ours).

    The one way for other apps to sign anybody in: session list, log and second factor are taken care of.
    """
    record_authentication(request, user, method="invitation", email=user.email)
    return perform_login(request, Login(user=user, redirect_url=redirect_to))
