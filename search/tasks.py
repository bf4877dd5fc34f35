"""What follows later: new projects within seconds, and by night everything. Each may run twice without harm."""

from __future__ import annotations

import logging

from celery import shared_task

from search.services import entries

log = logging.getLogger(__name__)


@shared_task
def catch_up() -> None:
    """Indexes the plans of new projects; rung at their start, and by the schedule should that bell be lost."""
    if done := entries.catch_up():
        log.info("search: the plans of %d new projects can be found", done)


@shared_task
def heal() -> None:
    """Compares every entry with its record and mends what differs; 0 differences expected."""
    mended = {kind: count for kind, count in entries.fill_all().items() if count}
    for kind, count in mended.items():
        log.error("search: %d entries of kind %s differed and were mended", count, kind)
    log.info("search: all entries compared, %d differed", sum(mended.values()))
