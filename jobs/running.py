"""One attempt at one job, from the claim to its end."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils import translation
from django.utils.translation import gettext as _

from core.rules import RuleBroken

from . import kinds, ledger
from .models import Job, JobState

log = logging.getLogger(__name__)

TELL_SECONDS = 0.5


class Cancelled(Exception):
    """Somebody asked to stop."""


class Lost(Exception):
    """The job is another worker's by now: nothing of this attempt may take effect."""


class TookTooLong(Exception):
    """The attempt used up the time of its kind; a second one would do the same."""


class Run:
    """What a kind's `work` and `effect` get: the job, its people and project, and a way to tell how far it is."""

    def __init__(self, job: Job, most_seconds: float = 600) -> None:
        self.job = job
        self.until = time.monotonic() + most_seconds
        self.by, self.project, self.organization = job.actor, job.project, job.organization
        self.parameters = job.parameters
        self._told = 0.0
        self._verdict: bool | None = True

    def progress(self, percent: int, text: str = "") -> None:
        """Says how far the work is, at most twice a second. Raises Cancelled, Lost or TookTooLong: then stop."""
        self.check()
        if time.monotonic() - self._told < TELL_SECONDS:
            return
        self._told = time.monotonic()
        self._verdict = ledger.renew(self.job, percent=max(0, min(99, int(percent))), progress=str(text)[:200])
        self.check()

    def check(self) -> None:
        """Raises Cancelled, Lost or TookTooLong when the work is no longer wanted here; no query."""
        if self._verdict is None:
            raise Lost
        if self._verdict is False:
            raise Cancelled
        if self.is_late:
            raise TookTooLong

    @property
    def is_late(self) -> bool:
        return time.monotonic() > self.until

    def renew(self) -> None:
        self._verdict = ledger.renew(self.job)


class Pulse(threading.Thread):
    """Renews the lease while the work goes on without a word; ends with it.

    Work that hangs is ended from here when its time is over: otherwise its lease would be renewed for ever.
    """

    def __init__(self, run: Run) -> None:
        super().__init__(daemon=True, name=f"pulse-{run.job.pk}")
        self.of, self.over = run, threading.Event()

    def run(self) -> None:
        try:
            while not self.over.wait(ledger.LEASE.total_seconds() / 4):
                try:
                    if self.of.is_late:
                        return give_up(self.of.job)
                    self.of.renew()
                except Exception:  # the database may be away for a moment: the next beat tries again
                    log.exception("The lease of job %s could not be renewed.", self.of.job.pk)
        finally:
            connection.close()

    def __enter__(self) -> Pulse:
        self.start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.over.set()


def run(pk: int) -> str:
    """Claims and does one job; returns its state afterwards, "" when there was nothing to claim. Never raises its error."""
    job = ledger.claim(pk)
    if job is None:
        return ""
    language = getattr(job.actor, "language", "") or getattr(job.organization, "language", "") or settings.LANGUAGE_CODE
    began = time.monotonic()
    with translation.override(language):
        _attempt(job)
    job.refresh_from_db(fields=["state"])
    log.info("job %s %s: %s in %.1f s", job.pk, job.kind, job.state, time.monotonic() - began)
    return job.state


def _attempt(job: Job) -> None:
    try:
        kind = kinds.of(job.kind)
        run = Run(job, kind.most_seconds)
        _permit(kind, job)
        with Pulse(run):
            made = kind.work(run)
        run.check()
        with transaction.atomic():
            _take_effect(kind, run, made)
    except Cancelled:
        ledger.end(job, JobState.CANCELLED, reason=_("Cancelled as asked."))
    except (TookTooLong, SoftTimeLimitExceeded):
        give_up(job)
    except Lost:
        log.warning("Job %s was taken over by another worker; this attempt is dropped.", job.pk)
    except RuleBroken as refusal:
        ledger.end(job, JobState.FAILED, reason=refusal.as_text[:500], detail="")
    except Exception as error:  # whatever a kind raises: the row keeps it, and another attempt may do better
        log.exception("Job %s (%s) failed, attempt %s", job.pk, job.kind, job.attempts)
        ledger.put_back(job, _what_went_wrong(job, error), "".join(traceback.format_exception(error))[-8000:])


def _what_went_wrong(job: Job, error: Exception) -> str:
    if job.attempts < ledger.MOST_ATTEMPTS:
        text = _("Something went wrong while this was made (%(what)s). It is tried again by itself.")
    else:
        text = _("Something went wrong while this was made (%(what)s), %(most)s times. Try again later; if it fails again, "
                 "tell who runs IMS2 the number of this job: %(number)s.")  # fmt: skip
    return text % {"what": type(error).__name__, "most": ledger.MOST_ATTEMPTS, "number": job.pk}


def give_up(job: Job) -> None:
    reason = _(
        "This took too long and was stopped. Ask for less at once, or tell who runs IMS2 the number of this job."
    )
    ledger.end(job, JobState.FAILED, reason=reason, detail=f"stopped in attempt {job.attempts}: out of time")


def _permit(kind: kinds.Kind, job: Job) -> None:
    if not kind.may(job):
        raise RuleBroken(_("You no longer have the right to what this job was to make. Ask the project manager."))


def _take_effect(kind: kinds.Kind, run: Run, made: Any) -> None:
    """In one transaction: still ours, still permitted, the effect, the end."""
    job = run.job
    # The lock on the row keeps every other worker out until the commit; a cancel that came first wins.
    if not ledger.mine(job).filter(is_cancel_asked=False).update(progress=""):
        raise Cancelled if ledger.mine(job).exists() else Lost
    actor = job.actor
    if actor is not None:
        actor.refresh_from_db()
        actor._roles_held = {}
    _permit(kind, job)
    result = kind.effect(run, made) if kind.effect else made
    if not ledger.end(job, JobState.DONE, result=result or {}, reason=""):
        raise Lost
