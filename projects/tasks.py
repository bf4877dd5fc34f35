"""What has to be done every night; `jobs.scheduled` has it done once. It may run twice without harm."""

from __future__ import annotations

import logging

from projects import journal_check, sweeps
from projects.models import Project
from projects.services import counters

log = logging.getLogger(__name__)


def nightly() -> dict[str, int]:
    """Anchors the ends of all journals outside the database, counts every project anew (0 differences
    expected), and sweeps what crashes left behind. Returns how many of each."""
    anchored = journal_check.write_anchors()
    checked, differences = counters.recount_all(Project.objects.select_related("organization").order_by("pk"))
    for line in differences:
        log.error("recount: %s", line)
    return {"anchors": anchored, "projects": checked, "differences": len(differences), **sweeps.sweep()}
