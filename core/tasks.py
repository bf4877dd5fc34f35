"""Jobs of the schedule that belong to no app in particular. Each may run twice without harm."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from core import outbox
from core.models import Heartbeat

log = logging.getLogger(__name__)


@shared_task
def tick() -> None:
    """Writes down that beat, queue and worker are alive; /readyz reads it."""
    Heartbeat.objects.update_or_create(name="beat", defaults={"at": timezone.now()})


@shared_task
def send_mail_queue() -> None:
    """Sends the mails that are due."""
    outcome = outbox.send_due()
    if any(outcome.values()):
        log.info("mail: %s", ", ".join(f"{count} {word}" for word, count in outcome.items() if count))


@shared_task
def answer(name: str) -> None:
    """Writes down that a message arrived: the doctor waits for it."""
    Heartbeat.objects.update_or_create(name=name[:40], defaults={"at": timezone.now()})
