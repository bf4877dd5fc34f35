"""The rows of the ledger: asked for, claimed, renewed, ended. Every change of state is one conditional update.

    job = ledger.ask(kind="report", key=f"report:{project.pk}:status", by=request.user, project=project, …)

Call `ask` inside the transaction of the change that needs the work: both are committed or neither is.
"""

from __future__ import annotations

import datetime as dt
import logging
import uuid
from functools import partial
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization
from core.queues import LONG, QUEUES, waiting
from core.rules import RuleBroken
from projects.models import Project

from . import hooks, kinds
from .models import Job, JobState
from .models.job import LIVE

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=45)
"""How long a worker owns a job without a sign of life. The sweeper looks every 10 s, so a killed worker costs a minute."""

MOST_ATTEMPTS = 5
RING_AGAIN = dt.timedelta(seconds=10)
MOST_RUNG = 500


def ask(
    *,
    kind: str,
    key: str,
    by: Any = None,
    organization: Organization | None = None,
    project: Project | None = None,
    subject: str = "",
    parameters: dict[str, Any] | None = None,
    not_before: dt.datetime | None = None,
    is_once: bool = False,
) -> Job:
    """The job under `key`: a new one, or the one that is already waiting or running (`is_once`: the one there ever was).

    `job.is_new` says which. The bell is rung when the caller's transaction is committed.
    """
    key = key[:200]
    job = Job(
        key=key, is_once=is_once, kind=kind, subject=subject[:250], actor=by, project=project,
        organization=project.organization if project is not None else organization,
        parameters=parameters or {}, not_before=not_before or timezone.now(),
    )  # fmt: skip
    for _attempt in range(3):
        if known := _standing(key, is_once):
            known.is_new = False
            return known
        try:
            with transaction.atomic():
                job.save(force_insert=True)
        except IntegrityError:  # somebody asked for the same in this instant: theirs is ours
            job.pk = None
            continue
        job.is_new = True
        transaction.on_commit(partial(ring, job))
        return job
    raise RuleBroken(_("The same is being made right now. Try again in a moment."))


def _standing(key: str, is_once: bool) -> Job | None:
    found = Job.objects.filter(key=key)
    return (found if is_once else found.filter(state__in=LIVE)).first()


def ring(job: Job) -> bool:
    """Tells a worker that something is there. A broker that cannot be reached costs seconds, not the job."""
    from .tasks import run

    try:
        run.apply_async((job.pk,), queue=kinds.queue_of(job.kind), retry=False)
    except Exception as error:  # every broker raises its own; the sweeper rings again
        log.warning("The bell for job %s could not be rung: %s", job.pk, type(error).__name__)
        return False
    return True


# --- The worker's side -----------------------------------------------------------------------------


def claim(pk: int) -> Job | None:
    """The job, now this worker's, or None when it waits for its time, runs elsewhere or has ended."""
    now = timezone.now()
    token = uuid.uuid4()
    free = Q(state=JobState.QUEUED, not_before__lte=now) | Q(state=JobState.RUNNING, lease_until__lt=now)
    taken = Job.objects.filter(free, pk=pk, attempts__lt=MOST_ATTEMPTS, is_cancel_asked=False).update(
        state=JobState.RUNNING, token=token, lease_until=now + LEASE, attempts=F("attempts") + 1, started_at=now,
        percent=0, progress="", reason="",
    )  # fmt: skip
    if not taken:
        return None
    job = Job.objects.select_related("actor", "organization", "project__organization").get(pk=pk)
    job.token = token  # if this process slept since its claim, the row may be another's: then nothing of it counts
    return job


def mine(job: Job) -> Any:
    """The row while it is still this worker's: the guard of every write about it."""
    return Job.objects.filter(pk=job.pk, state=JobState.RUNNING, token=job.token)


def renew(job: Job, **progress: Any) -> bool | None:
    """A sign of life, with the progress if any. True to go on, False to stop (cancel was asked), None: no longer ours."""
    if not mine(job).update(lease_until=timezone.now() + LEASE, **progress):
        return None
    return not Job.objects.filter(pk=job.pk, is_cancel_asked=True).exists()


def end(job: Job, state: str, **values: Any) -> bool:
    """Ends a job that is ours; False when it no longer is. Who waits for the end hears of it in the same transaction."""
    return _end(mine(job), job, state, **values)


def _end(rows: Any, job: Job, state: str, **values: Any) -> bool:
    """Ends `job` if it is still among `rows`."""
    values |= {"finished_at": timezone.now(), "lease_until": None}
    if state == JobState.DONE:
        values["percent"] = 100
    with transaction.atomic():
        if not rows.update(state=state, **values):
            return False
        for name, value in {"state": state, **values}.items():
            setattr(job, name, value)
        for told in hooks.ended:
            _tell(told, job)
    return True


def _tell(told: Any, job: Job) -> None:
    """A listener that fails loses its own writes alone: it must neither undo the work nor keep the job from ending."""
    try:
        with transaction.atomic():
            told(job)
    except Exception:
        log.exception("%s failed at the end of job %s", getattr(told, "__qualname__", told), job.pk)


def put_back(job: Job, reason: str, detail: str) -> None:
    """After an error that may pass: again, with a growing pause; after the last attempt the job has failed."""
    if job.attempts >= MOST_ATTEMPTS:
        end(job, JobState.FAILED, reason=reason[:500], detail=detail)
        return
    pause = dt.timedelta(seconds=5 * 2**job.attempts)
    is_back = mine(job).filter(is_cancel_asked=False).update(
        state=JobState.QUEUED, token=None, lease_until=None, not_before=timezone.now() + pause, percent=0,
        progress="", reason=reason[:500], detail=detail,
    )  # fmt: skip
    if not is_back:  # cancelled meanwhile: no further attempt is wanted
        end(job, JobState.CANCELLED, reason=_("Cancelled as asked."), detail=detail)


# --- The sweeper -----------------------------------------------------------------------------------


def sweep() -> dict[str, int]:
    """Ends what no worker will end and rings for what waits or was left lying. Safe to run at the same time twice."""
    now = timezone.now()
    left = Q(state=JobState.RUNNING, lease_until__lt=now)
    found = {"rung": 0, "given_up": 0, "cancelled": 0}
    for job in Job.objects.filter(left, attempts__gte=MOST_ATTEMPTS, is_cancel_asked=False):
        reason = _("The worker stopped %(most)s times in the middle of this work. Try again, or ask who runs IMS2.")
        rows = Job.objects.filter(left, pk=job.pk)
        found["given_up"] += _end(
            rows, job, JobState.FAILED, reason=reason % {"most": MOST_ATTEMPTS}, detail="lease expired"
        )
    for job in Job.objects.filter(left | Q(state=JobState.QUEUED), is_cancel_asked=True):
        found["cancelled"] += _end_cancelled(job)
    for queue in QUEUES:
        found["rung"] += _ring_for(queue, now)
    return found


def _ring_for(queue: str, now: dt.datetime) -> int:
    """Rings in one queue: always for what a worker left lying, for what waits only while messages are missing."""
    others = [kind.name for kind in kinds.every() if kind.queue != queue]
    of_queue = Job.objects.filter(attempts__lt=MOST_ATTEMPTS, is_cancel_asked=False).exclude(kind__in=others)
    if queue != LONG:  # what no app knows any more waits with the long ones, to fail there in words
        of_queue = of_queue.filter(kind__in=[kind.name for kind in kinds.every()])
    lying = list(of_queue.filter(state=JobState.RUNNING, lease_until__lt=now).order_by("lease_until", "pk")[:MOST_RUNG])
    due = of_queue.filter(state=JobState.QUEUED, not_before__lte=now - RING_AGAIN)
    # As many messages as jobs: the workers are busy and nothing was lost. Ringing all the same would fill the queue.
    if (count := due.count()) and (waiting(queue) or 0) < count:
        lying += due.order_by("not_before", "pk")[:MOST_RUNG]
    rung = 0
    for job in lying:
        if not ring(job):
            break  # the broker is away: the next sweep tries again
        rung += 1
    return rung


# --- The person's side -----------------------------------------------------------------------------


def cancel(job: Job) -> bool:
    """Stops a job: at once while no worker has it, at its next sign of progress while it runs. False when it has ended."""
    if not Job.objects.filter(pk=job.pk, state__in=LIVE).update(is_cancel_asked=True):
        return False
    _end_cancelled(job)
    return True


def _end_cancelled(job: Job) -> bool:
    """Ends a job whose cancel was asked, unless a living worker has it: that one ends it itself."""
    left = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=timezone.now())
    rows = Job.objects.filter(left, pk=job.pk, is_cancel_asked=True)
    return _end(rows, job, JobState.CANCELLED, reason=_("Cancelled as asked."))


def again(job: Job) -> Job:
    """Puts a failed or cancelled job back to the queue. Raises RuleBroken when it is waiting, running or done."""
    ended = Job.objects.filter(pk=job.pk, state__in=(JobState.FAILED, JobState.CANCELLED))
    try:
        with transaction.atomic():
            changed = ended.update(
                state=JobState.QUEUED, attempts=0, not_before=timezone.now(), lease_until=None, token=None,
                is_cancel_asked=False, percent=0, progress="", reason="", detail="", started_at=None, finished_at=None,
            )  # fmt: skip
    except IntegrityError:
        raise RuleBroken(_("The same is already being made. Look at the list of jobs.")) from None
    if not changed:
        raise RuleBroken(_("Only work that failed or was cancelled can be tried again."))
    job.refresh_from_db()
    transaction.on_commit(partial(ring, job))
    return job
