"""Writing, reading and forgetting notices. A notice is written in the transaction of the change it tells of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation

from core import outbox
from jobs import kinds as jobs
from jobs.models import Job, JobState
from notifications import notices, unsubscribing
from notifications.models import Notice, Preference
from notifications.models.notice import Way
from notifications.models.preference import When
from projects.telling import Event

KEPT_DAYS = 180
OLD_NOTICES = "old-notices"
BATCH = 500


def tell(*events: Event) -> list[Notice]:
    """Puts what happened into the inbox of everybody it concerns, and writes the mails that go at once.

    By the table `notices.py` and the person's own preference. The same event told again changes nothing. Nobody is told
    of what they did themselves. Two queries and the mails, whatever the number of people.
    """
    asked = [
        (event, person)
        for event in events
        for person in event.people
        if person.is_active and (event.by is None or person.pk != event.by.pk)
    ]
    if not asked:
        return []
    chosen = _preferences({person.pk for event, person in asked if notices.of(event.kind).choice})
    now = timezone.now()
    rows = [_row(event, person, way_for(event.kind, person, chosen.get(person.pk)), now) for event, person in asked]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    for (event, person), row in zip(asked, rows, strict=True):
        if row.mail == Way.AT_ONCE:
            _mail(event, person, row.key)
    return rows


def hear(events: Sequence[Event]) -> None:
    """What hangs in `projects.telling`."""
    tell(*events)


def _preferences(people: set[int]) -> dict[int, Preference]:
    return {row.person_id: row for row in Preference.objects.filter(person__in=people)} if people else {}


def way_for(kind: str, person: Any, chosen: Preference | None) -> str:
    """How a kind of notice leaves the house for a person; `chosen` is their Preference, if they have one.

    Who put it into the digest and then stopped the digest gets what has a switch no longer, and what always comes at once.
    """
    entry = notices.of(kind)
    if not entry.template or (entry.switch and not getattr(person, entry.switch)):
        return Way.NONE
    if not entry.choice or chosen is None or getattr(chosen, entry.choice) == When.AT_ONCE:
        return Way.AT_ONCE
    if person.mail_digest:
        return Way.DIGEST
    return Way.NONE if entry.switch else Way.AT_ONCE


def _row(event: Event, person: Any, way: str, now: dt.datetime) -> Notice:
    entry = notices.of(event.kind)
    with translation.override(person.language or settings.LANGUAGE_CODE):
        words = entry.words(event, person)
    organization = (
        event.project.organization_id if event.project is not None else getattr(event.organization, "pk", None)
    )
    return Notice(
        person_id=person.pk,
        organization_id=organization,
        project_id=getattr(event.project, "pk", None),
        kind=event.kind,
        needs=words.needs,
        title=outbox.one_line(words.title)[:250],
        text=words.text,
        path=words.path[:500],
        key=f"{event.kind}:{event.key}:{person.pk}",
        is_urgent=entry.is_urgent,
        mail=way,
        created_at=now,
        mailed_at=now if way == Way.AT_ONCE else None,
    )


def _mail(event: Event, person: Any, key: str) -> None:
    entry = notices.of(event.kind)
    context = {
        "by": event.by,
        "project": event.project,
        "organization": event.project.organization if event.project is not None else event.organization,
        "choices": outbox.absolute(reverse("notifications:preferences")),
        **entry.context(event),
    }
    headers = {}
    if entry.switch:  # what has no switch always comes, and offers nothing to stop
        context["stop"] = outbox.absolute(unsubscribing.link(person, entry.stops))
        headers = {
            "List-Unsubscribe": f"<{context['stop']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    outbox.write(key=key, recipient=person, template=entry.template, context=context, headers=headers)


def job_ended(job: Job) -> None:
    """Tells the person who asked for a job that it is ready, or why it failed; in the transaction of its end."""
    if job.actor is None or job.state not in (JobState.DONE, JobState.FAILED) or not _announces(job.kind):
        return
    tell(
        Event(
            "job", people=[job.actor], by=None, subject=job, project=job.project, organization=job.organization,
            key=f"{job.pk}:{job.finished_at:%Y%m%d%H%M%S%f}",
        )
    )  # fmt: skip


def _announces(kind: str) -> bool:
    try:
        return jobs.of(kind).announces
    except jobs.UnknownKind:
        return False


def remind(rows: Iterable[tuple[int, int, int | None, str, str, str]]) -> None:
    """In-app reminders in bulk: (person_id, organization_id, project_id, key, title, path) each.

    A key that stands already is left as it is. Joins the caller's transaction. They never go out as mails of their own:
    the digest says what is due from the records themselves.
    """
    now = timezone.now()
    batch: list[Notice] = []

    def write() -> None:
        Notice.objects.bulk_create(batch, ignore_conflicts=True)
        batch.clear()

    for person, organization, project, key, title, path in rows:
        batch.append(
            Notice(
                person_id=person, organization_id=organization, project_id=project, kind="reminder",
                key=key[:200], title=outbox.one_line(title)[:250], path=path[:500], created_at=now,
            )
        )  # fmt: skip
        if len(batch) >= BATCH:
            write()
    if batch:
        write()


def mark_mailed(notice_ids: Iterable[int]) -> int:
    """Notes that these went out in a digest; one that did so already is left alone."""
    ids = list(notice_ids)
    waiting = Notice.objects.filter(mail=Way.DIGEST)
    return sum(
        waiting.filter(pk__in=ids[first : first + BATCH]).update(mail=Way.DONE, mailed_at=timezone.now())
        for first in range(0, len(ids), BATCH)
    )


def mark_read(*, person: Any, ids: Sequence[int]) -> int:
    """Marks a person's own notices as read; those of others, and those read before, stay as they are."""
    return Notice.objects.filter(person=person, pk__in=ids, is_read=False).update(is_read=True, read_at=timezone.now())


def mark_all_read(*, person: Any, until: int) -> int:
    """The same for all up to the notice `until`: what came in while the person was reading stays unread."""
    mine = Notice.objects.filter(person=person, pk__lte=until, is_read=False)
    return mine.update(is_read=True, read_at=timezone.now())


def forget_old(*, now: dt.datetime | None = None) -> int:
    """Removes notices that were read more than 180 days ago, in small bites; the nightly job calls it."""
    before = (now or timezone.now()) - dt.timedelta(days=KEPT_DAYS)
    removed = 0
    while ids := list(
        Notice.objects.filter(is_read=True, read_at__lt=before).order_by("read_at").values_list("pk", flat=True)[:BATCH]
    ):
        removed += Notice.objects.filter(pk__in=ids).delete()[0]
    return removed


def sweep(run: Any) -> dict[str, int]:
    """The nightly job: forgets what was read long ago. Twice does no harm."""
    return {"notices": forget_old()}
