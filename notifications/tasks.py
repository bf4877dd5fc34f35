"""What the schedule rings: it asks the ledger, and any number of beats may ring."""

from __future__ import annotations

import logging

from celery import shared_task

from .reminding import digest, weekly

log = logging.getLogger(__name__)


@shared_task
def ask_mornings() -> None:
    """Asks for the digests, and on Monday the summaries, of every time zone whose morning has come."""
    for job in [*digest.ask_due(), *weekly.ask_due()]:
        log.info("asked for %s", job.key)
