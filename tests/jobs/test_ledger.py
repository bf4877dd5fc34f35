"""The ledger: asked once, claimed by one, ended once, never lost."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from core.rules import RuleBroken
from jobs import hooks, ledger, rights, running
from jobs.models import Job, JobState
from projects.permissions import Perm, Role
from tests.factories.projects import grant, make_organization, make_project, make_user

pytestmark = pytest.mark.django_db


def test_asking_twice_at_once_makes_one_job_and_rings_once(a_kind, bells, django_capture_on_commit_callbacks):
    a_kind()

    with django_capture_on_commit_callbacks(execute=True):
        first = ledger.ask(kind="test", key="report:1")
        second = ledger.ask(kind="test", key="report:1")

    assert (first.is_new, second.is_new, second.pk) == (True, False, first.pk)
    assert bells == [first.pk]


def test_a_rolled_back_change_leaves_no_job_and_rings_no_bell(a_kind, bells):
    a_kind()

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        ledger.ask(kind="test", key="k")
        _ = 1 / 0

    assert not Job.objects.exists() and not bells


def test_what_a_person_asked_for_can_be_asked_again_after_its_end_and_the_schedule_cannot(a_kind):
    a_kind()
    asked, scheduled = ledger.ask(kind="test", key="a"), ledger.ask(kind="test", key="b", is_once=True)
    running.run(asked.pk)
    running.run(scheduled.pk)

    assert ledger.ask(kind="test", key="a").pk != asked.pk
    assert ledger.ask(kind="test", key="b", is_once=True).pk == scheduled.pk


def test_one_job_is_claimed_by_one_worker(a_kind):
    a_kind()
    job = ledger.ask(kind="test", key="k")

    assert ledger.claim(job.pk).attempts == 1
    assert ledger.claim(job.pk) is None


def test_the_effect_and_the_end_are_one_commit(a_kind):
    def effect(run, made):
        make_organization(name=made)
        return {"url": "/there/"}

    a_kind(lambda run: "Made", effect=effect)
    job = ledger.ask(kind="test", key="k")

    assert running.run(job.pk) == JobState.DONE
    job.refresh_from_db()
    assert (job.url, job.percent, job.attempts) == ("/there/", 100, 1)


def test_a_worker_that_lost_its_lease_has_no_effect(a_kind):
    taken_over = []

    def work(run):
        if not taken_over:
            taken_over.append(True)
            Job.objects.filter(pk=run.job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
            assert running.run(run.job.pk) == JobState.DONE
        return "x"

    effects = []
    a_kind(work, effect=lambda run, made: effects.append(run.job.attempts))
    job = ledger.ask(kind="test", key="k")

    running.run(job.pk)

    assert effects == [2]
    assert Job.objects.get(pk=job.pk).state == JobState.DONE


def test_a_worker_whose_job_another_has_begun_neither_effects_nor_ends_nor_renews_it(a_kind):
    """Both rows say "running": only the token tells whose it is."""
    said, effects, other = [], [], []

    def work(run):
        Job.objects.filter(pk=run.job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
        other.append(ledger.claim(run.job.pk))
        said.extend([ledger.renew(run.job), ledger.end(run.job, JobState.FAILED)])
        return "x"

    a_kind(work, effect=lambda run, made: effects.append(1))
    job = ledger.ask(kind="test", key="k")

    running.run(job.pk)

    job.refresh_from_db()
    assert (said, effects) == ([None, False], [])
    assert (job.state, job.token) == (JobState.RUNNING, other[0].token)


def test_after_five_attempts_a_job_has_failed_and_can_be_tried_again(a_kind):
    def work(run):
        raise OSError("disk is full")

    a_kind(work)
    job = ledger.ask(kind="test", key="k")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        states = []
        for _attempt in range(5):
            states.append(running.run(job.pk))
            clock.shift(600)
        assert running.run(job.pk) == ""

    assert states == ["queued", "queued", "queued", "queued", "failed"]
    job.refresh_from_db()
    assert "OSError" in job.reason and "disk is full" in job.detail
    ledger.again(job)
    assert (job.state, job.attempts, job.reason) == (JobState.QUEUED, 0, "")


def test_a_broken_rule_is_not_tried_again_and_says_itself(a_kind):
    def work(run):
        raise RuleBroken("The project has no plan. Start one first.")

    a_kind(work)
    job = ledger.ask(kind="test", key="k")

    assert running.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert job.reason == "The project has no plan. Start one first." and job.attempts == 1


def test_rights_count_at_the_moment_of_running(a_kind):
    person, project = make_user(), make_project()
    role = grant(person, Role.CONSULTANT, project)
    a_kind(may=rights.may(Perm.VIEW_PROJECT))
    allowed = ledger.ask(kind="test", key="1", by=person, project=project)
    refused = ledger.ask(kind="test", key="2", by=person, project=project)

    assert running.run(allowed.pk) == JobState.DONE
    role.delete()

    assert running.run(refused.pk) == JobState.FAILED
    refused.refresh_from_db()
    assert "no longer have the right" in refused.reason


def test_a_right_that_ends_during_the_work_stops_the_effect(a_kind):
    person, project = make_user(), make_project()
    role = grant(person, Role.CONSULTANT, project)
    effects = []
    a_kind(lambda run: role.delete(), effect=lambda run, made: effects.append(1), may=rights.may(Perm.VIEW_PROJECT))
    job = ledger.ask(kind="test", key="1", by=person, project=project)

    assert running.run(job.pk) == JobState.FAILED
    assert effects == []


def test_cancel_stops_a_waiting_job_at_once_and_a_running_one_at_its_next_word(a_kind):
    def work(run):
        ledger.cancel(run.job)
        run.progress(50, "half")
        run.progress(60, "more")

    a_kind(work, effect=lambda run, made: pytest.fail("it was cancelled"))
    waiting, begun = ledger.ask(kind="test", key="1"), ledger.ask(kind="test", key="2")

    assert ledger.cancel(waiting) and running.run(waiting.pk) == ""
    assert running.run(begun.pk) == JobState.CANCELLED
    assert not ledger.cancel(begun)


def test_a_cancel_during_the_last_work_wins_over_the_effect(a_kind):
    effects = []
    a_kind(lambda run: ledger.cancel(run.job), effect=lambda run, made: effects.append(1))
    job = ledger.ask(kind="test", key="1")

    assert running.run(job.pk) == JobState.CANCELLED
    assert effects == []


def test_the_sweeper_rings_for_lost_messages_and_lost_workers_and_gives_up_after_five(a_kind, bells):
    a_kind()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        lost_message, lost_worker, hopeless = (ledger.ask(kind="test", key=str(k)) for k in range(3))
        ledger.claim(lost_worker.pk)
        Job.objects.filter(pk=hopeless.pk).update(attempts=4)
        ledger.claim(hopeless.pk)

        assert ledger.sweep() == {"rung": 0, "given_up": 0, "cancelled": 0}
        clock.shift(60)
        assert ledger.sweep() == {"rung": 2, "given_up": 1, "cancelled": 0}

    assert bells == [lost_worker.pk, lost_message.pk]
    hopeless.refresh_from_db()
    assert hopeless.is_failed and "stopped 5 times" in hopeless.reason


def test_whoever_waits_for_the_end_hears_of_it_once(a_kind, monkeypatch):
    heard = []
    monkeypatch.setattr(hooks, "ended", [lambda job: heard.append((job.pk, str(job.state)))])
    a_kind()
    job = ledger.ask(kind="test", key="1")

    running.run(job.pk)
    running.run(job.pk)

    assert heard == [(job.pk, "done")]


def test_an_unknown_kind_fails_in_words(bells):
    job = Job.objects.create(kind="gone", key="g", not_before=timezone.now())

    assert running.run(job.pk) == JobState.FAILED
    job.refresh_from_db()
    assert "does not know the work" in job.reason
