"""The schedule asks the ledger: any number of beats, each effect once. (RELIABILITY M10, T22)"""

from __future__ import annotations

import datetime as dt
import random
import threading
from types import SimpleNamespace

import pytest
import time_machine
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.utils import timezone

from core.models.mail import OutgoingMail
from jobs import cleaning, ledger, running, scheduled, tasks
from jobs.models import Job, JobState
from tests.factories.projects import make_user

pytestmark = pytest.mark.django_db
UTC = dt.UTC


@pytest.fixture
def one_daily(a_kind, monkeypatch):
    """A daily kind at 01:30 and nothing else on the schedule; yields the list of its effects."""
    effects: list[str] = []
    name = a_kind(effect=lambda run, made: effects.append(run.job.subject))
    monkeypatch.setattr(scheduled, "_daily", {name: dt.time(1, 30)})
    monkeypatch.setattr(scheduled, "_hourly", [])
    return effects


@pytest.mark.parametrize("beats", [2, 3])
def test_several_beats_over_seven_days_do_each_days_work_once(
    one_daily, bells, beats, django_capture_on_commit_callbacks
):
    seed = random.randrange(10**6)  # noqa: S311
    print(f"seed {seed}")
    chance = random.Random(seed)  # noqa: S311
    begin = dt.datetime(2026, 3, 26, 12, 0, tzinfo=UTC)
    with time_machine.travel(begin, tick=False) as clock:
        for hour in range(1, 7 * 24 + 1):
            with django_capture_on_commit_callbacks(execute=True):
                for _beat in range(beats):
                    tasks.ask_due()
                    clock.shift(chance.uniform(0, 2))
            for pk in [*bells, *bells[-2:]]:  # a bell may arrive twice
                running.run(pk)
            if chance.random() < 0.5:
                bells.clear()  # and another one late, at a later hour once more
            clock.move_to(begin + dt.timedelta(hours=hour))

    assert one_daily == [f"2026-03-{day:02d}" for day in range(26, 32)] + ["2026-04-01", "2026-04-02"]
    assert Job.objects.count() == 8


def test_a_night_slept_through_is_caught_up_once_and_only_the_last_one(one_daily, bells):
    with time_machine.travel(dt.datetime(2026, 5, 4, 3, 0, tzinfo=UTC), tick=False) as clock:
        tasks.ask_due()
        clock.move_to(dt.datetime(2026, 5, 9, 0, 40, tzinfo=UTC))  # five days off, back before half past one
        tasks.ask_due()
        tasks.ask_due()
        for job in Job.objects.order_by("pk"):
            running.run(job.pk)

    assert one_daily == ["2026-05-04", "2026-05-08"]


def test_hourly_work_is_done_once_an_hour_by_any_number_of_beats(one_daily, a_kind, monkeypatch):
    effects: list[str] = []
    name = a_kind(name="hourly", effect=lambda run, made: effects.append(run.job.subject))
    monkeypatch.setattr(scheduled, "_daily", {})
    scheduled.hourly(name)
    scheduled.hourly(name)
    with time_machine.travel(dt.datetime(2026, 5, 4, 22, 30, tzinfo=UTC), tick=False) as clock:
        for _quarter in range(8):
            scheduled.ask_due()
            scheduled.ask_due()
            clock.shift(900)
        for job in Job.objects.order_by("pk"):
            running.run(job.pk)

    assert effects == ["2026-05-04 22:00", "2026-05-04 23:00", "2026-05-05 00:00"]


def test_what_failed_on_the_schedule_is_not_asked_for_anew_but_can_be_tried_again(a_kind, monkeypatch):
    name = a_kind(lambda run: 1 / 0)
    monkeypatch.setattr(scheduled, "_daily", {name: dt.time(0, 0)})
    monkeypatch.setattr(scheduled, "_hourly", [])
    (job,) = scheduled.ask_due()
    Job.objects.filter(pk=job.pk).update(attempts=ledger.MOST_ATTEMPTS - 1)

    assert running.run(job.pk) == JobState.FAILED
    assert scheduled.ask_due() == []
    job.refresh_from_db()
    ledger.again(job)
    assert job.state == JobState.QUEUED


@pytest.mark.django_db(transaction=True)
def test_beats_that_ask_in_the_same_instant_make_one_job(one_daily):
    faults, made, ready = [], [], threading.Barrier(6)

    def beat():
        try:
            ready.wait(10)
            made.extend(scheduled.ask_due())
        except Exception as error:
            faults.append(error)
        finally:
            connection.close()

    beats = [threading.Thread(target=beat) for _n in range(6)]
    for one in beats:
        one.start()
    for one in beats:
        one.join(30)

    assert not faults or "locked" in str(faults)  # SQLite in memory shares one table lock among threads
    assert Job.objects.count() == 1 and len(made) <= 1


def test_the_nightly_care_is_a_job_that_counts_what_it_did(monkeypatch):
    (job,) = (one for one in scheduled.ask_due() if one.key.startswith("nightly:"))

    assert running.run(job.pk) == JobState.DONE
    job.refresh_from_db()
    assert {"anchors", "projects", "differences", "files", "form_keys", "old_jobs"} <= set(job.result)


def test_nobody_can_ask_for_the_nightly_care_in_person():
    job = ledger.ask(kind="nightly", key="mine", by=make_user())

    assert running.run(job.pk) == JobState.FAILED


def test_the_beat_knows_only_tasks_that_exist():
    from ims2.celery import app

    app.loader.import_default_modules()
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= set(app.tasks)


# Cleaning


def ended(state: str, days_ago: int, **fields) -> Job:
    at = timezone.now() - dt.timedelta(days=days_ago)
    return Job.objects.create(
        kind="test", key=f"{state}{days_ago}{fields}", state=state, finished_at=at, not_before=at, **fields
    )


def test_old_jobs_are_forgotten_and_failures_last(a_kind):
    person = make_user()
    kept = [
        ended("done", 29), ended("failed", 179), ended("done", 179, actor=person), ended("cancelled", 31, actor=person),
        ended("failed", 31), ended("failed", 170, actor=person),
        Job.objects.create(kind="test", key="waiting", not_before=timezone.now() - dt.timedelta(days=400)),
    ]  # fmt: skip
    for gone in (("done", 31, None), ("cancelled", 31, None), ("failed", 181, None), ("done", 181, person)):
        ended(*gone[:2], actor=gone[2])

    assert cleaning.forget_old() == 4
    assert set(Job.objects.all()) == set(kept)


def test_a_job_that_a_record_points_to_stays(monkeypatch):
    named, free = ended("done", 400), ended("done", 401)
    # A number of another table stands for the key of a job that a report keeps.
    link = SimpleNamespace(related_model=OutgoingMail, field=SimpleNamespace(name="attempts", attname="attempts"))
    monkeypatch.setattr(cleaning, "links", lambda: [link])
    OutgoingMail.objects.create(key="k", recipient="a@b.example", attempts=named.pk, not_before=timezone.now())

    assert list(cleaning.old()) == [free]


def test_every_table_that_points_to_jobs_is_asked():
    assert {link.field.model for link in cleaning.links()} == {
        model
        for model in apps.get_models()
        for field in model._meta.fields
        if field.is_relation and field.related_model is Job
    }
