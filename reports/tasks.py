"""What the schedule rings: it asks the ledger, and any number of beats may ring."""

from __future__ import annotations

import logging

from celery import shared_task

from . import weekly

log = logging.getLogger(__name__)


@shared_task
def ask_weekly() -> None:
    """Asks for the week's portfolios of every time zone whose Monday morning has come."""
    for job in weekly.ask_due():
        log.info("asked for %s", job.key)
