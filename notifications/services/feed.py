"""Secret links to calendars: made, shown again, renewed, revoked, found by their secret.

The secret is derived from the installation's key and the row's nonce, so its person can look it up again for a second
device, while the database holds only its digest. After a change of SECRET_KEY the calendars go on working, but a link
made before can no longer be shown: renew it.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from core.rules import RuleBroken
from notifications.models import Feed
from projects import access
from projects.models import Project
from projects.permissions import Perm

SALT = "notifications.feed"
NOTED_EVERY = dt.timedelta(hours=1)


def digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()


def _derived(person_id: int, project_id: int | None, nonce: str, key: str | None = None) -> str:
    made = salted_hmac(SALT, f"{person_id}:{project_id or 0}:{nonce}", secret=key, algorithm="sha256")
    return base64.urlsafe_b64encode(made.digest()).decode().rstrip("=")


def secret_of(feed: Feed) -> str:
    """The secret of a link, to be shown to its person; "" when it was made under a key that is no longer known."""
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        secret = _derived(feed.person_id, feed.project_id, feed.nonce, key)
        if secrets.compare_digest(digest(secret), feed.token_sha256):
            return secret
    return ""


def renew(*, person: Any, project: Project | None, by: Any) -> Feed:
    """Makes the link for a person's own work or for a project; one that was there before opens nothing from now on.

    Raises RuleBroken for a project that the person may not read.
    """
    if project is not None and not access.can(person, Perm.VIEW_PROJECT, project):
        raise RuleBroken(_("You may not read this project, so it cannot stand in your calendar."))
    nonce = secrets.token_urlsafe(24)
    made = digest(_derived(person.pk, getattr(project, "pk", None), nonce))
    try:
        with transaction.atomic():
            revoke(person=person, project=project, by=by)
            return Feed.objects.create(person=person, project=project, nonce=nonce, token_sha256=made)
    except IntegrityError:  # renewed twice in the same moment: one of the two links is the link
        return Feed.objects.get(person=person, project=project, revoked_at__isnull=True)


def revoke(*, person: Any, project: Project | None, by: Any) -> bool:
    """Ends the link; False when there was none."""
    now = timezone.now()
    return bool(Feed.objects.filter(person=person, project=project, revoked_at__isnull=True).update(revoked_at=now))


def find(secret: str, *, is_work: bool) -> Feed | None:
    """The link in force with this secret, whose person may still sign in."""
    feeds = Feed.objects.select_related("person", "project__organization")
    return feeds.filter(
        token_sha256=digest(secret[:200]), revoked_at__isnull=True, project__isnull=is_work, person__is_active=True
    ).first()


def note_reading(feed: Feed) -> None:
    """Keeps when a calendar program last asked, to the hour: a person sees which link is in use."""
    now = timezone.now()
    if feed.last_read_at is None or now - feed.last_read_at > NOTED_EVERY:
        Feed.objects.filter(pk=feed.pk).update(last_read_at=now)
