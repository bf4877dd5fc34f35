"""The bell and the sweeper. Each may ring twice without harm."""

from __future__ import annotations

import logging

from celery import shared_task
from django.utils import timezone

from core.models import Heartbeat

from . import ledger, running, scheduled

log = logging.getLogger(__name__)


@shared_task
def run(pk: int) -> None:
    """Does one job, if it is still there to be done."""
    running.run(pk)


@shared_task
def sweep() -> None:
    """Rings for jobs whose message or worker was lost."""
    found = ledger.sweep()
    if any(found.values()):
        log.info("jobs: %(rung)d rung for again, %(given_up)d given up, %(cancelled)d cancelled", found)


@shared_task
def ask_due() -> None:
    """Asks the ledger for the day's work of the schedule; any number of beats may ring."""
    for job in scheduled.ask_due():
        log.info("asked for %s", job.key)


@shared_task
def tick() -> None:
    """Writes down that long jobs have a worker that is free to listen."""
    Heartbeat.objects.update_or_create(name="jobs", defaults={"at": timezone.now()})
