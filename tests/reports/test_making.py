"""Reports as jobs: made once, with the rights of that moment, kept under their SHA-256, removed when their time is over."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from core import files
from core.rules import RuleBroken
from jobs import ledger, running
from jobs.models import Job, JobState
from projects import flow, sweeps
from projects.models import JournalEntry
from projects.permissions import Perm, Role
from reports import kinds, press
from reports.models import Keeping, Report
from reports.selectors import report as selectors
from reports.services import report as services
from tests.factories.projects import grant, make_full_project, make_project, make_user
from tests.reports.conftest import reader, text_of

pytestmark = pytest.mark.django_db


def ask(project, by, kind="small", language="en", **parameters) -> Job:
    return services.ask(kind=kinds.of(kind), by=by, project=project, language=language, parameters=parameters)


def make(project, by, kind="small", **parameters) -> Report:
    job = ask(project, by, kind, **parameters)
    assert running.run(job.pk) == JobState.DONE, Job.objects.get(pk=job.pk).reason
    return Report.objects.get(job=job)


def bytes_of(report: Report) -> bytes:
    with files.opened(organization_id=report.organization_id, sha256=report.sha256, folder="reports") as stored:
        return stored.read()


def test_a_report_is_printed_kept_and_written_down(a_report, project, manager):
    a_report()

    report = make(project, manager)

    pdf = bytes_of(report)
    assert hashlib.sha256(pdf).hexdigest() == report.sha256 and len(pdf) == report.size_bytes
    assert len(reader(pdf).pages) == report.pages
    assert (report.organization, report.project, report.person) == (project.organization, project, manager)
    assert report.keep_until - report.made_at == dt.timedelta(days=730)
    line = JournalEntry.objects.get(action="report.made")
    assert (line.actor, line.changes["sha256"], line.project) == (manager, report.sha256, project)
    job = Job.objects.get(report=report)
    assert job.result == {"url": report.get_absolute_url(), "mark": report.mark}
    assert report.mark in text_of(pdf)


def test_asked_for_twice_at_once_it_is_one_job_and_another_language_or_person_is_another(a_report, project, manager):
    a_report()
    other = make_user()
    grant(other, Role.PROJECT_MANAGER, project)

    first, again = ask(project, manager), ask(project, manager)

    assert first.pk == again.pk and first.is_new and not again.is_new
    assert len({first.pk, ask(project, manager, language="de").pk, ask(project, other).pk}) == 3


def test_who_lost_the_right_while_the_job_waited_gets_no_report(a_report, project):
    a_report(perm=Perm.VIEW_JOURNAL)
    person = make_user()
    held = grant(person, Role.AUDITOR, project)
    job = ask(project, person)
    held.delete()

    assert running.run(job.pk) == JobState.FAILED

    job.refresh_from_db()
    assert "no longer have the right" in job.reason and not Report.objects.exists()


def test_who_lost_the_right_while_it_was_printed_gets_no_report(a_report, project, monkeypatch):
    a_report(perm=Perm.VIEW_JOURNAL)
    person = make_user()
    held = grant(person, Role.AUDITOR, project)
    job = ask(project, person)
    printed = press.printed

    def slow(*args, **options):
        held.delete()
        return printed(*args, **options)

    monkeypatch.setattr(press, "printed", slow)

    assert running.run(job.pk) == JobState.FAILED
    assert not Report.objects.exists()


def test_nobody_asks_for_what_they_may_not_read(a_report, project):
    a_report(perm=Perm.VIEW_JOURNAL)
    staff = make_user()
    grant(staff, Role.STAFF, project)

    with pytest.raises(flow.NotPermitted):
        ask(project, staff)
    assert not Job.objects.exists()


def test_the_twenty_first_unfinished_report_of_an_organization_is_refused_in_words(a_report, project, manager):
    a_report()
    for number in range(20):
        ask(project, manager, language=f"x{number}")

    with pytest.raises(RuleBroken, match=r"20 reports of this organization are being made already"):
        ask(project, manager)

    assert Job.objects.count() == 20
    other = make_project(slug="other")
    grant(manager, Role.PROJECT_MANAGER, other)
    assert ask(other, manager).is_new
    assert not ask(project, manager, language="x3").is_new, "what is being made already can still be found"


def test_too_large_a_report_fails_with_a_sentence_and_is_not_tried_again(a_report, project, manager, monkeypatch):
    a_report()
    monkeypatch.setattr(press, "printed", lambda *a, **k: (_ for _ in ()).throw(press._too_large()))
    job = ask(project, manager)

    assert running.run(job.pk) == JobState.FAILED

    job.refresh_from_db()
    assert "too large for one PDF. Choose a shorter period" in job.reason and job.attempts == 1


def test_a_cancelled_report_stops_and_leaves_no_row(a_report, project, manager):
    a_report(select=lambda asked: (ledger.cancel(Job.objects.get()) and {}) or {})
    job = ask(project, manager)

    assert running.run(job.pk) == JobState.CANCELLED
    assert not Report.objects.exists()


def url_of_database() -> str:
    known = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{known['NAME']}"
    return f"postgres://{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}/{known['NAME']}"


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_the_middle_is_followed_by_one_that_finishes_it_once(catalogue, manager, tmp_path):
    project = make_full_project()
    grant(manager, Role.PROJECT_MANAGER, project)
    job = ask(project, manager, "plan")
    script = "import django; django.setup()\nfrom jobs import running\nimport sys; running.run(int(sys.argv[1]))"
    environment = {
        **os.environ, "DJANGO_SETTINGS_MODULE": "ims2.settings", "DATABASE_URL": url_of_database(),
        "IMS2_VAR": str(tmp_path / "var"), "PYTHONPATH": str(settings.ROOT),
    }  # fmt: skip
    worker = subprocess.Popen([sys.executable, "-c", script, str(job.pk)], env=environment, cwd=settings.ROOT)
    over = time.monotonic() + 60
    while not Job.objects.filter(pk=job.pk, percent__gte=25).exists():
        assert time.monotonic() < over and worker.poll() is None, "the worker did not come to the printing"
        time.sleep(0.1)

    worker.send_signal(signal.SIGKILL)
    worker.wait()
    assert Job.objects.get(pk=job.pk).state == JobState.RUNNING and not Report.objects.exists()
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert running.run(job.pk) == JobState.DONE
    assert running.run(job.pk) == ""

    report = Report.objects.get()
    assert (report.job_id, Job.objects.get(pk=job.pk).attempts) == (job.pk, 2)
    assert JournalEntry.objects.filter(action="report.made").count() == 1
    assert selectors.is_whole(report)


@pytest.mark.django_db(transaction=True)
def test_eight_people_asking_at_the_same_instant_get_one_job(a_report, project, manager):
    a_report()
    found, faults, begin = [], [], threading.Barrier(8)

    def one():
        try:
            begin.wait()
            found.append(ask(project, manager).pk)
        except Exception as fault:
            faults.append(repr(fault))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults and len(found) == 8 and len(set(found)) == 1


# --- Kept, removed, recognized ----------------------------------------------------------------------


def test_a_report_is_removed_by_its_maker_or_the_manager_with_a_reason(a_report, project, manager):
    a_report()
    reader_, maker = make_user(), make_user()
    grant(reader_, Role.AUDITOR, project)
    grant(maker, Role.AUDITOR, project)
    report = make(project, maker)

    with pytest.raises(flow.NotPermitted):
        services.remove(report=report, by=reader_, reason="x")
    with pytest.raises(RuleBroken, match="Say why"):
        services.remove(report=report, by=maker, reason=" ")
    services.remove(report=report, by=maker, reason="Wrong period")

    line = JournalEntry.objects.get(action="report.removed")
    assert (line.reason, line.changes["sha256"]) == ("Wrong period", report.sha256)
    assert not report.is_kept


def test_a_report_removed_by_two_at_once_is_removed_once(a_report, project, manager):
    a_report()
    report = make(project, manager)
    stale = Report.objects.select_related("project", "organization").get(pk=report.pk)
    services.remove(report=report, by=manager, reason="First")

    with pytest.raises(RuleBroken, match="removed already"):
        services.remove(report=stale, by=manager, reason="Second")
    assert JournalEntry.objects.filter(action="report.removed").count() == 1


def test_the_night_removes_what_is_over_and_then_its_bytes_and_nothing_else(a_report, project, manager, store):
    a_report(select=lambda asked: {"title": asked.parameters["language"]})
    old, kept = make(project, manager), make(project, manager, language="de")
    Report.objects.filter(pk=old.pk).update(keep_until=timezone.now() - dt.timedelta(days=1))
    for path in store.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))

    swept = sweeps.sweep()

    assert (swept["reports"], swept["report_files"]) == (1, 1)
    old.refresh_from_db()
    assert not old.is_kept and old.removed_by is None and selectors.is_whole(old) is None
    assert selectors.is_whole(kept) is True
    line = JournalEntry.objects.get(action="report.expired")
    assert (line.actor, line.target_id) == (None, old.pk)


def test_an_organization_says_how_long_reports_are_kept(a_report, project, manager):
    a_report()
    admin = make_user()
    grant(admin, Role.CLIENT_ADMIN, project.organization)

    services.keep_for(organization=project.organization, days=90, by=admin)

    report = make(project, manager)
    assert report.keep_until - report.made_at == dt.timedelta(days=90)
    assert JournalEntry.objects.get(action="organization.changed").changes == {"keep_reports_days": [730, 90]}
    for days in (29, 3651):
        with pytest.raises(RuleBroken, match="at least 30 and at most 3650 days"):
            services.keep_for(organization=project.organization, days=days, by=admin)
    with pytest.raises(flow.NotPermitted):
        services.keep_for(organization=project.organization, days=60, by=manager)
    assert Keeping.objects.get().days == 90


def test_a_changed_byte_in_the_store_is_noticed(a_report, project, manager, store):
    a_report()
    report = make(project, manager)
    path = next(path for path in store.rglob("*") if path.is_file())
    data = path.read_bytes()
    path.write_bytes(data[:-5] + b"x" + data[-4:])

    assert selectors.is_whole(report) is False


def test_a_choice_that_is_gone_when_the_job_runs_is_refused_in_words(a_report, project, manager):
    a_report()
    job = ask(project, manager, language="tlh")

    assert running.run(job.pk) == JobState.FAILED

    job.refresh_from_db()
    assert "cannot be made as it was asked for" in job.reason and "Ask for it again." in job.reason
