"""Jobs of the schedule. Each may run twice without harm and logs what it did."""

from __future__ import annotations

import logging

from celery import shared_task

from projects import journal_check, sweeps
from projects.models import Project
from projects.services import counters

log = logging.getLogger(__name__)


@shared_task
def nightly() -> None:
    """Anchors the ends of all journals outside the database, counts every project anew (0 differences
    expected), and sweeps what crashes left behind."""
    anchored = journal_check.write_anchors()
    checked, differences = counters.recount_all(Project.objects.select_related("organization").order_by("pk"))
    for line in differences:
        log.error("recount: %s", line)
    sweeps.sweep()
    log.info("nightly: %d anchors, %d projects counted anew, %d differences", anchored, checked, len(differences))
