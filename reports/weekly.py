"""The portfolio of the week: made on Monday morning for everybody who looks after several projects, and told by mail.

Two steps in the ledger, each once for ever under its key: a round for each time zone whose Monday morning has come asks
for one report for each of its people. The PDF, its row and the telling of it are one commit, so that whatever restarts,
nobody gets two in a week. A Monday slept through is caught up until Wednesday.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy

from accounts.models import User
from jobs import kinds as jobs
from jobs import ledger, rights
from jobs.models import Job
from jobs.running import Run
from projects import access, telling
from projects.permissions import Perm, roles_with

from . import kinds, making
from .models import Report
from .selectors import own
from .selectors.own import WEEKLY

ROUND = "weekly-portfolios"
REPORT = "portfolio"
FIRST_HOUR, LAST_HOUR = 6, 20
LAST_WEEKDAY = 2  # Wednesday
SPACING = dt.timedelta(seconds=3)
"""Between the reports of a round: whoever asks for one by hand meanwhile does not stand behind all of them."""


# --- Asking ----------------------------------------------------------------------------------------


def ask_due(now: dt.datetime | None = None) -> list[Job]:
    """Asks for the round of every time zone in which this week's first morning has come; returns the new jobs."""
    now = now or timezone.now()
    asked = []
    for zone in _zones():
        local = now.astimezone(_clock(zone))
        if local.weekday() > LAST_WEEKDAY or not FIRST_HOUR <= local.hour < LAST_HOUR:
            continue
        monday = local.date() - dt.timedelta(days=local.weekday())
        asked.append(
            ledger.ask(
                kind=ROUND, key=f"{ROUND}:{zone}:{monday}", subject=f"{zone} {monday}", is_once=True,
                parameters={"zone": zone, "week": week_of(monday)},
            )
        )  # fmt: skip
    return [job for job in asked if job.is_new]


def week_of(day: dt.date) -> str:
    """The ISO week, as 2026-W48."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def _zones() -> list[str]:
    return sorted(_wanting().order_by().values_list("time_zone", flat=True).distinct())


def _clock(zone: str) -> dt.tzinfo:
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # it has left the list of zones
        return dt.UTC


def _wanting() -> QuerySet[User]:
    return User.objects.filter(is_active=True, mail_weekly=True)


def candidates(zone: str) -> QuerySet[User]:
    """Who lives by this clock, wants weekly mails, and holds a role that reads projects somewhere."""
    reads = access.holders_of(roles_with(Perm.VIEW_PROJECT))
    return _wanting().filter(reads, time_zone=zone).order_by("pk")


def go_round(run: Run) -> dict[str, Any]:
    """Asks for the report of each person of the zone; begun again after a kill it finds those that stand already."""
    week, begin = run.parameters["week"], timezone.now()
    people = candidates(run.parameters["zone"])
    total, asked = people.count(), 0
    for done, person in enumerate(people.iterator(chunk_size=500), start=1):
        if own.gets_weekly(person):
            ask_for(person, week, begin + asked * SPACING)
            asked += 1
        run.progress(100 * done // max(total, 1), f"{done} / {total}")
    return {"people": asked}


def ask_for(person: User, week: str, not_before: dt.datetime) -> Job:
    with translation.override(person.language):
        subject = str(kinds.of(REPORT).title)
    return ledger.ask(
        kind=WEEKLY, key=f"{WEEKLY}:{person.pk}:{week}", by=person, subject=subject, is_once=True, not_before=not_before,
        parameters={"kind": REPORT, "language": person.language, "parameters": {}, "week": week},
    )  # fmt: skip


# --- Making ----------------------------------------------------------------------------------------


def work(run: Run) -> making.Made | None:
    """The PDF; None for who wants no weekly mail by now, or has nothing left to look after."""
    if not (run.by.mail_weekly and own.gets_weekly(run.by)):
        return None
    return making.work(run)


def effect(run: Run, made: making.Made | None) -> dict[str, Any]:
    """The report and the telling of it, in the transaction that ends the job."""
    if made is None:
        return {}
    result = making.effect(run, made)
    report = Report.objects.select_related("organization").get(job=run.job)
    telling.tell(telling.Event("portfolio", people=[run.by], by=None, subject=report, key=run.parameters["week"]))
    return result


ROUND_KIND = jobs.Kind(
    ROUND, gettext_lazy("Weekly portfolios"), work=go_round, may=rights.is_scheduled, queue="celery",
    icon="layout-grid",
)  # fmt: skip
KIND = jobs.Kind(
    WEEKLY, gettext_lazy("Weekly portfolio"), work=work, effect=effect, may=rights.is_active, icon="layout-grid"
)
