"""Every job ends: whatever its worker, its listeners, the broker or the person does meanwhile."""

from __future__ import annotations

import datetime as dt
import threading
import time

import pytest
import time_machine
from celery.exceptions import SoftTimeLimitExceeded
from django.db import OperationalError, connection
from django.utils import timezone

from core.queues import LONG
from jobs import hooks, kinds, ledger, running, tasks
from jobs.models import Job, JobState

pytestmark = pytest.mark.django_db


def abandoned(a_kind, key="k") -> Job:
    """A job whose worker was killed long ago."""
    job = ledger.ask(kind=a_kind(), key=key)
    ledger.claim(job.pk)
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    return job


def test_cancel_of_a_job_whose_worker_is_dead_ends_it_at_once(a_kind, monkeypatch):
    heard = []
    monkeypatch.setattr(hooks, "ended", [lambda job: heard.append(str(job.state))])
    job = abandoned(a_kind)

    assert ledger.cancel(job)

    job.refresh_from_db()
    assert (job.state, job.reason, heard) == (JobState.CANCELLED, "Cancelled as asked.", ["cancelled"])
    assert running.run(job.pk) == ""


def test_the_sweeper_ends_a_cancelled_job_whose_worker_dies_afterwards(a_kind):
    job = ledger.ask(kind=a_kind(), key="k")
    ledger.claim(job.pk)
    assert ledger.cancel(job)
    job.refresh_from_db()
    assert job.state == JobState.RUNNING

    with time_machine.travel(timezone.now() + ledger.LEASE * 2):
        assert ledger.claim(job.pk) is None
        assert ledger.sweep() == {"rung": 0, "given_up": 0, "cancelled": 1}

    job.refresh_from_db()
    assert job.state == JobState.CANCELLED and job.finished_at


def test_whoever_waits_hears_of_a_cancel_in_the_queue(a_kind, monkeypatch):
    heard = []
    monkeypatch.setattr(hooks, "ended", [lambda job: heard.append(str(job.state))])
    ledger.cancel(ledger.ask(kind=a_kind(), key="k"))

    assert heard == ["cancelled"]


def test_an_error_after_a_cancel_is_no_reason_to_try_again(a_kind):
    def work(run):
        ledger.cancel(run.job)
        raise OSError("too late")

    job = ledger.ask(kind=a_kind(work), key="k")

    assert running.run(job.pk) == JobState.CANCELLED


def test_a_listener_that_fails_neither_undoes_the_work_nor_stops_the_sweeper(a_kind, monkeypatch, caplog):
    heard = []

    def broken(job):
        Job.objects.filter(pk=job.pk).update(subject="half a notice")
        raise ZeroDivisionError

    monkeypatch.setattr(hooks, "ended", [broken, lambda job: heard.append(job.pk)])
    done, hopeless = ledger.ask(kind=a_kind(), key="1"), abandoned(a_kind, "2")
    Job.objects.filter(pk=hopeless.pk).update(attempts=ledger.MOST_ATTEMPTS)

    assert running.run(done.pk) == JobState.DONE
    assert ledger.sweep()["given_up"] == 1

    assert heard == [done.pk, hopeless.pk]
    assert not Job.objects.filter(subject="half a notice").exists()
    assert "broken failed at the end of job" in caplog.text


def test_the_sweeper_does_not_give_up_a_worker_that_renewed_its_lease_meanwhile(a_kind, monkeypatch):
    job = abandoned(a_kind)
    Job.objects.filter(pk=job.pk).update(attempts=ledger.MOST_ATTEMPTS)
    end = ledger._end

    def renewed_first(rows, found, state, **values):
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() + ledger.LEASE)
        return end(rows, found, state, **values)

    monkeypatch.setattr(ledger, "_end", renewed_first)

    assert ledger.sweep()["given_up"] == 0
    job.refresh_from_db()
    assert job.state == JobState.RUNNING


def test_work_that_never_says_a_word_is_stopped_when_its_time_is_over(a_kind):
    def work(run):
        run.until = time.monotonic() - 1
        run.check()

    job = ledger.ask(kind=a_kind(work), key="k")

    assert running.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert "took too long" in job.reason and job.attempts == 1


def test_a_time_limit_of_the_worker_is_not_tried_five_times(a_kind):
    def work(run):
        raise SoftTimeLimitExceeded

    job = ledger.ask(kind=a_kind(work), key="k")

    assert running.run(job.pk) == JobState.FAILED


@pytest.mark.django_db(transaction=True)
def test_work_that_hangs_is_ended_by_its_pulse_and_has_no_effect_later(a_kind, monkeypatch):
    monkeypatch.setattr(ledger, "LEASE", dt.timedelta(seconds=0.8))
    given_up, effects, end = threading.Event(), [], running.give_up

    def give_up(job):
        end(job)
        given_up.set()

    monkeypatch.setattr(running, "give_up", give_up)
    kind = a_kind(lambda run: given_up.wait(20), effect=lambda run, made: effects.append(1), most_seconds=0)
    job = ledger.ask(kind=kind, key="k")

    assert running.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert "took too long" in job.reason and effects == []


@pytest.mark.django_db(transaction=True)
def test_the_pulse_keeps_the_lease_while_the_work_says_nothing(a_kind, monkeypatch):
    monkeypatch.setattr(ledger, "LEASE", dt.timedelta(seconds=2))
    leases, renewed, renew = [], threading.Event(), ledger.renew

    def noted(job, **progress):
        verdict = renew(job, **progress)
        leases.append(Job.objects.get(pk=job.pk).lease_until)
        if len(leases) > 1:
            renewed.set()
        return verdict

    monkeypatch.setattr(ledger, "renew", noted)
    job = ledger.ask(kind=a_kind(lambda run: renewed.wait(20) and {}), key="k")

    assert running.run(job.pk) == JobState.DONE
    assert leases[0] < leases[1]


def test_the_sweeper_rings_only_where_messages_are_missing(a_kind, bells, monkeypatch):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        jobs = [ledger.ask(kind=a_kind(), key=str(n)) for n in range(3)]
        clock.shift(30)
        monkeypatch.setattr(ledger, "waiting", lambda queue: 3)
        assert ledger.sweep()["rung"] == 0

        monkeypatch.setattr(ledger, "waiting", lambda queue: 2)
        assert ledger.sweep()["rung"] == 3

    assert bells == [job.pk for job in jobs]


def test_a_broker_that_is_away_costs_the_sweeper_one_bell_and_not_five_hundred(a_kind, monkeypatch):
    tried = []

    def away(args, **options):
        tried.append(args[0])
        raise ConnectionError

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for n in range(5):
            ledger.ask(kind=a_kind(), key=str(n))
        clock.shift(30)
        monkeypatch.setattr(ledger, "waiting", lambda queue: None)
        monkeypatch.setattr(tasks.run, "apply_async", away)

        assert ledger.sweep()["rung"] == 0

    assert len(tried) == 1


def test_work_that_no_app_knows_is_rung_for_and_fails_in_words(bells):
    job = Job.objects.create(kind="gone", key="g", not_before=timezone.now() - dt.timedelta(minutes=1))

    assert kinds.queue_of("gone") == LONG
    assert ledger.sweep()["rung"] == 1 and bells == [job.pk]
    assert running.run(job.pk) == JobState.FAILED


def test_each_kind_is_rung_for_in_its_own_queue(a_kind, monkeypatch):
    rung = []
    monkeypatch.setattr(tasks.run, "apply_async", lambda args, queue, **more: rung.append((args[0], queue)))
    with time_machine.travel(timezone.now(), tick=False) as clock:
        quick = ledger.ask(kind=a_kind(name="quick", queue="celery"), key="1")
        long = ledger.ask(kind=a_kind(name="long"), key="2")
        clock.shift(30)
        ledger.sweep()

    assert sorted(rung) == [(quick.pk, "celery"), (long.pk, "jobs")]


@pytest.mark.django_db(transaction=True)
def test_of_eight_workers_that_are_rung_for_one_job_one_has_it(a_kind):
    job, won, ready = ledger.ask(kind=a_kind(), key="k"), [], threading.Barrier(8)

    def worker():
        ready.wait(20)
        try:
            won.append(ledger.claim(job.pk) is not None)
        except OperationalError:  # SQLite in memory: threads meet one lock of the table
            won.append(False)
        finally:
            connection.close()

    workers = [threading.Thread(target=worker) for _n in range(8)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(60)

    assert sum(won) <= 1 and len(won) == 8
    if connection.vendor == "postgresql":
        assert sum(won) == 1
    job.refresh_from_db()
    assert job.attempts == sum(won)
