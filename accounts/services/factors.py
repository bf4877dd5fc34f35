"""Taking a lost second factor away, when its owner cannot do it."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.models.events import AuthEventKind
from accounts.models.user import zone_of
from accounts.services import events, sessions
from core import outbox
from core.rules import RuleBroken


@transaction.atomic
def remove_lost(*, user: User, reason: str) -> int:
    """Removes all second factors of somebody who lost them, ends their sessions and tells them by mail (T40).

    Whoever does this runs the installation and has made sure who is asking: `reason` says how, and is logged.
    Returns how many were removed; raises RuleBroken without a reason, or when there is none to remove.
    """
    if not reason.strip():
        raise RuleBroken(_("Say how you made sure who is asking: it is kept in the log."))
    held = list(Authenticator.objects.select_for_update().filter(user=user))
    if not held:
        raise RuleBroken(_("%(email)s has no second factor.") % {"email": user.email})
    for factor in held:
        events.record(kind=AuthEventKind.FACTOR_REMOVED, user=user, detail=f"{factor.type}: {reason.strip()}")
        factor.delete()
    sessions.sign_out_everywhere(user=user, by=user, reason="second factor removed")
    with override(user.language):
        what = _("Your second factor was removed by the person who runs this installation, because it was lost.")
    outbox.write(
        key=f"sign-in-changed:{user.pk}:{get_random_string(22)}",
        recipient=user,
        template="account/sign_in_changed",
        context={
            "what": what,
            "moment": timezone.now().astimezone(zone_of(user)),
            "sessions_url": outbox.absolute(reverse("accounts:sessions")),
            "reset_url": outbox.absolute(reverse("account_reset_password")),
        },
    )
    return len(held)
