"""How long the ledger remembers. What failed is kept longest: somebody may still want to know why, or try again."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from .models import Job, JobState

SCHEDULE_KEPT = dt.timedelta(days=30)
PERSONS_KEPT = dt.timedelta(days=180)
AT_ONCE = 500


def old() -> QuerySet[Job]:
    """Ended jobs nobody needs any more; never one that another record still points to."""
    now = timezone.now()
    over = (JobState.DONE, JobState.CANCELLED)
    found = Job.objects.filter(
        Q(actor=None, state__in=over, finished_at__lt=now - SCHEDULE_KEPT)
        | Q(state__in=(*over, JobState.FAILED), finished_at__lt=now - PERSONS_KEPT)
    )
    for link in links():
        named = link.related_model._default_manager.exclude(**{link.field.name: None})
        found = found.exclude(pk__in=named.values(link.field.attname))
    return found.order_by("pk")


def links() -> list[Any]:
    """The foreign keys of other tables that lead to jobs."""
    return [*Job._meta.related_objects]


def forget_old() -> int:
    """Removes old jobs a few hundred at a time, so that nobody waits for the table; returns how many."""
    gone = 0
    while keys := list(old().values_list("pk", flat=True)[:AT_ONCE]):
        gone += Job.objects.filter(pk__in=keys).delete()[0]
    return gone
