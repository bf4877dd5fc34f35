"""What the schedule asks for: the beat only rings, the ledger decides. Two beats, or a restart, do nothing twice.

    scheduled.daily("digest", at=dt.time(5, 0))

A day's work has the key "<kind>:<date>" and is done once for ever under it (RELIABILITY M10, T22). The question is asked
every minute, so a night the machine slept through is caught up when it wakes: once, and only the last one.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.utils import timezone

from projects import tasks as project_tasks

from . import cleaning, ledger
from .models import Job

log = logging.getLogger(__name__)

NIGHTLY = "nightly"
_daily: dict[str, dt.time] = {}
_hourly: list[str] = []


def daily(kind: str, *, at: dt.time) -> None:
    """Has work of this kind asked for every day from `at` on (UTC). The kind must be registered, for nobody in person."""
    _daily[kind] = at


def hourly(kind: str) -> None:
    """Has work of this kind asked for every hour: what follows the day of each organization, wherever it is."""
    if kind not in _hourly:
        _hourly.append(kind)


def ask_due() -> list[Job]:
    """Asks for the latest day's or hour's work of every kind; returns what was not asked for before."""
    now = timezone.now().astimezone(dt.UTC)
    asked = [
        ledger.ask(kind=kind, key=f"{kind}:{now:%Y-%m-%dT%H}", subject=f"{now:%Y-%m-%d %H}:00", is_once=True)
        for kind in _hourly
    ]
    for kind, at in _daily.items():
        day = now.date() if now.time() >= at else now.date() - dt.timedelta(days=1)
        asked.append(ledger.ask(kind=kind, key=f"{kind}:{day}", subject=f"{day:%Y-%m-%d}", is_once=True))
    return [job for job in asked if job.is_new]


def nightly(run: Any) -> dict[str, int]:
    """Anchors the journals, counts every project anew, sweeps what crashes left, forgets old jobs. Twice does no harm."""
    run.progress(1)
    found = project_tasks.nightly()
    run.progress(90)
    found["old_jobs"] = cleaning.forget_old()
    log.info("nightly: %s", ", ".join(f"{name} {count}" for name, count in found.items()))
    return found
