"""The demo's inboxes: what the story told is there; what lies more than a few days back was read, and some of the rest."""

from __future__ import annotations

import datetime as dt

from django.db.models import F
from django.utils import timezone

from notifications.models import Notice
from notifications.models.notice import Way

UNREAD_DAYS = 6


def settle() -> None:
    """Runs when the demo is written: old notices are read, and none waits for a mail that nobody expects."""
    demo = Notice.objects.filter(person__is_demo=True)
    demo.filter(mail=Way.DIGEST).update(mail=Way.NONE)
    before = timezone.now() - dt.timedelta(days=UNREAD_DAYS)
    demo.filter(is_read=False, created_at__lt=before).update(is_read=True, read_at=F("created_at"))
    old = demo.filter(is_read=True, read_at__lt=timezone.now() - dt.timedelta(days=60))
    old.delete()
