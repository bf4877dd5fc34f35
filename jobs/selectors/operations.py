"""What whoever runs the installation wants to know at a glance. Figures and numbers, no words of a tenant."""

from __future__ import annotations

import datetime as dt
import os
import platform
import re
import shutil
import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count, Min, Q
from django.utils import timezone

from core import outbox, queues
from core.models import Heartbeat
from core.models.mail import MailState, OutgoingMail
from jobs import kinds
from jobs.models import Job, JobState
from jobs.models.job import LIVE

FAILURE_DAYS = 7
MOST_FAILURES = 25
SILENT_AFTER = dt.timedelta(seconds=120)
MOST_FILES = 200_000


@dataclass
class Queue:
    """One queue as the ledger has it; `messages` is what waits in the broker (None where it does not answer)."""

    name: str
    waiting: int = 0
    later: int = 0
    running: int = 0
    oldest: dt.datetime | None = None
    messages: int | None = None
    heard_at: dt.datetime | None = None
    is_heard: bool = False


@dataclass
class Mail:
    waiting: int = 0
    failed: int = 0
    unknown: int = 0
    oldest: dt.datetime | None = None
    unsent: list[OutgoingMail] = field(default_factory=list)


def state_of_queues() -> list[Queue]:
    now = timezone.now()
    found = {name: Queue(name, messages=queues.waiting(name)) for name in queues.QUEUES}
    rows = (
        Job.objects.filter(state__in=LIVE)
        .order_by()
        .values("kind")
        .annotate(
            waiting=Count("pk", filter=Q(state=JobState.QUEUED, not_before__lte=now)),
            later=Count("pk", filter=Q(state=JobState.QUEUED, not_before__gt=now)),
            running=Count("pk", filter=Q(state=JobState.RUNNING)),
            oldest=Min("not_before", filter=Q(state=JobState.QUEUED, not_before__lte=now)),
        )
    )
    for row in rows:
        queue = found[kinds.queue_of(row["kind"])]
        queue.waiting += row["waiting"]
        queue.later += row["later"]
        queue.running += row["running"]
        queue.oldest = min(filter(None, (queue.oldest, row["oldest"])), default=None)
    heard = dict(Heartbeat.objects.values_list("name", "at"))
    for name, beat in ((queues.QUICK, "beat"), (queues.LONG, "jobs")):
        queue = found[name]
        queue.heard_at = heard.get(beat)
        queue.is_heard = queue.heard_at is not None and queue.heard_at > now - SILENT_AFTER
    # While all long workers are busy none of them hears the tick: a lease renewed lately is a sign of life too.
    found[queues.LONG].is_heard |= Job.objects.filter(state=JobState.RUNNING, lease_until__gt=now).exists()
    return [*found.values()]


def running() -> list[Job]:
    return list(Job.objects.filter(state=JobState.RUNNING).order_by("started_at", "pk")[:MOST_FAILURES])


def failures() -> tuple[list[Job], int]:
    """The latest failures of the last days, and how many there are."""
    since = timezone.now() - dt.timedelta(days=FAILURE_DAYS)
    failed = Job.objects.filter(state=JobState.FAILED, finished_at__gte=since).order_by("-finished_at", "-pk")
    found = list(failed[:MOST_FAILURES])
    return found, len(found) if len(found) < MOST_FAILURES else failed.count()


def mail() -> Mail:
    unsent = list(outbox.unsent()[:MOST_FAILURES])
    counts: Counter[str] = Counter()
    oldest = None
    for row in (
        OutgoingMail.objects.filter(state__in=[MailState.WAITING, MailState.FAILED, MailState.UNKNOWN])
        .order_by()
        .values("state")
        .annotate(count=Count("pk"), first=Min("written_at"))
    ):
        counts[row["state"]] = row["count"]
        if row["state"] == MailState.WAITING:
            oldest = row["first"]
    for one in unsent:
        one.error = without_names(one.error)
    return Mail(counts[MailState.WAITING], counts[MailState.FAILED], counts[MailState.UNKNOWN], oldest, unsent)


def without_names(text: str) -> str:
    """What a mail server said, with the host of an address but not the person."""
    return re.sub(r"[\w.+-]+@", "…@", text)


@dataclass(frozen=True)
class Sizes:
    database: int
    files: int
    file_count: int
    is_more: bool
    free: int
    total: int

    @property
    def is_scarce(self) -> bool:
        return self.free < max(1_000_000_000, self.total // 20)


def sizes() -> Sizes:
    """Bytes; files are counted anew every five minutes."""
    files, count, is_more = cache.get_or_set("operations.files", _size_of_files, 300)
    disk = shutil.disk_usage(settings.VAR)
    return Sizes(_size_of_database(), files, count, is_more, disk.free, disk.total)


def _size_of_database() -> int:
    if connection.vendor == "sqlite":
        path = Path(str(connection.settings_dict["NAME"]))
        return path.stat().st_size if path.is_file() else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        return cursor.fetchone()[0]


def _size_of_files() -> tuple[int, int, bool]:
    size = count = 0
    for folder, _folders, names in os.walk(settings.MEDIA_ROOT):
        for name in names:
            count += 1
            if count > MOST_FILES:
                return size, count, True
            try:
                size += os.lstat(os.path.join(folder, name)).st_size
            except FileNotFoundError:
                continue
    return size, count, False


def versions() -> list[tuple[str, str]]:
    if connection.vendor == "sqlite":
        database = f"SQLite {sqlite3.sqlite_version}, {settings.SQLITE_JOURNAL_MODE}"
    else:
        connection.ensure_connection()
        number = connection.pg_version
        database = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    return [
        ("Python", platform.python_version()),
        ("Django", metadata.version("django")),
        ("Celery", metadata.version("celery")),
        ("WeasyPrint", metadata.version("weasyprint")),
        (str(connection.display_name), database),
        ("Queue", "Redis" if settings.REDIS_URL else "files"),
    ]


def figures() -> dict[str, Any]:
    """What changes from minute to minute: the live part of the page."""
    failed, failed_count = failures()
    return {
        "queues": state_of_queues(),
        "running": running(),
        "failures": failed,
        "failure_count": failed_count,
        "failure_days": FAILURE_DAYS,
        "mail": mail(),
        "now": timezone.now(),
    }
