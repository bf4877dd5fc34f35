"""Is it alive, and is it ready? For load balancers and for whoever watches the installation."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from core.access_check import public
from core.models import Heartbeat

SILENT_AFTER = dt.timedelta(seconds=120)


@public("A load balancer asks whether the process answers; the answer holds nothing else.")
@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "alive"})


@public("A load balancer asks which part fails; the answer names the part and never the reason.")
@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every part works, otherwise 503 with the names of the parts that do not."""
    states = {name: "ok" if works(check) else "failing" for name, check in PARTS.items()}
    is_ready = all(state == "ok" for state in states.values())
    return JsonResponse({"status": "ready" if is_ready else "not ready", **states}, status=200 if is_ready else 503)


def works(check: Callable[[], bool]) -> bool:
    try:
        return check()
    except Exception:  # whatever a driver raises means the same here: this part does not work
        return False


def database_answers() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        return cursor.fetchone() == (1,)


def queue_takes_messages() -> bool:
    if not settings.REDIS_URL:
        folder = Path(settings.QUEUE_FOLDER)
        return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK)
    with current_app.connection_for_write() as queue:
        queue.ensure_connection(max_retries=1, interval_start=0, interval_step=0, timeout=3)
        queue.default_channel.client.ping()
        return True


@lru_cache(maxsize=1)
def migrations_of_this_version() -> frozenset[tuple[str, str]]:
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).graph.leaf_nodes())


def migrations_are_applied() -> bool:
    return migrations_of_this_version() <= set(MigrationRecorder(connection).applied_migrations())


def beat_was_heard() -> bool:
    return Heartbeat.objects.filter(name="beat", at__gt=timezone.now() - SILENT_AFTER).exists()


PARTS: dict[str, Callable[[], bool]] = {
    "database": database_answers,
    "queue": queue_takes_messages,
    "migrations": migrations_are_applied,
    "beat": beat_was_heard,
}
