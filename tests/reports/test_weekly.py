"""The portfolio of the week: on Monday morning, once, to whoever looks after several projects, as a link."""

from __future__ import annotations

import datetime as dt
import re
import threading

import pypdf
import pytest
import time_machine
from django.conf import settings
from django.core import mail as mailing
from django.db import connections
from django.test import Client

from core import files, outbox
from core.models import OutgoingMail
from jobs import running
from jobs.models import Job, JobState
from notifications.models import Notice
from projects.models import Project, ProjectUserGrant
from projects.permissions import Role
from reports import weekly
from reports.models import Report
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user
from tests.helpers.budget import count_queries
from tests.reports.conftest import text_of

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 3, 16)
DAY = dt.timedelta(days=1)
HOUR = 6  # 07:00 in Zurich


def person_with(clients: int, name: str = "lena", role: Role = Role.CONSULTANT, **fields):
    person = make_user(f"{name}@example.org", name=name.title(), **fields)
    for number in range(clients):
        project = make_project(make_organization(name=f"{name} client {number}"), name=f"System {number} of {name}")
        grant(person, role, project, expires_at=None)
    return person


def ring(day=MONDAY, hour=HOUR):
    """One beat, and then workers until nothing is left to do."""
    with time_machine.travel(dt.datetime.combine(day, dt.time(hour, 5), dt.UTC), tick=False) as clock:
        rounds = weekly.ask_due()
        for job in rounds:
            assert running.run(job.pk) == JobState.DONE, Job.objects.get(pk=job.pk).detail
        clock.shift(1800)
        for job in Job.objects.filter(kind=weekly.WEEKLY, state=JobState.QUEUED).order_by("pk"):
            assert running.run(job.pk) == JobState.DONE, Job.objects.get(pk=job.pk).detail
        return rounds


@pytest.fixture
def quick(monkeypatch):
    """The press is not what these tests are about."""
    from reports import press

    monkeypatch.setattr(press, "printed", lambda *a, **k: press.Printed(b"%PDF quick", 1))


def recipients():
    return sorted(mail.recipient.split("@")[0] for mail in OutgoingMail.objects.all())


def test_on_monday_morning_a_consultant_gets_a_link_to_the_pdf_and_reads_it_signed_in():
    person = person_with(2, language="fr")

    ring()

    mail, report, notice = OutgoingMail.objects.get(), Report.objects.get(), Notice.objects.get()
    link = settings.BASE_URL + report.get_absolute_url()
    assert mail.subject == "Votre portefeuille de la semaine : 2 projets"
    assert link in mail.text and link in mail.html
    assert "System" not in mail.text + mail.html + mail.subject + notice.title, "no client is named in a mail"
    assert mail.pictures == [] and b"%PDF" not in mail.html.encode()
    assert (notice.person, notice.path, notice.organization) == (person, report.get_absolute_url(), None)
    assert Client().get(report.get_absolute_url()).status_code == 302, "sign in first"
    client = Client()
    client.force_login(person)
    answer = client.get(report.get_absolute_url() + "download/")
    pdf = b"".join(answer.streaming_content)
    assert "System 1 of lena" in " ".join(text_of(pdf).split())
    assert "Tous les clients" in " ".join(text_of(pdf).split())
    with files.opened(sha256=report.sha256, **report.place) as stored:
        assert pypdf.PdfReader(stored).metadata is not None


def test_the_mail_goes_out_with_one_click_to_stop_it_and_that_stops_the_next(quick, client):
    person = person_with(2)
    ring()

    assert outbox.send_due()["sent"] == 1
    sent = mailing.outbox[0]
    stop = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert not sent.attachments
    assert client.post(stop.removeprefix(settings.BASE_URL)).status_code == 200
    person.refresh_from_db()
    assert not person.mail_weekly

    ring(MONDAY + 7 * DAY)
    assert Report.objects.count() == OutgoingMail.objects.count() == 1


def test_two_beats_a_restart_and_every_hour_of_the_week_make_one_and_next_week_another(quick):
    person_with(2)

    for day in range(7):
        for hour in (4, 5, 6, 12, 17, 22):
            ring(MONDAY + day * DAY, hour)
            ring(MONDAY + day * DAY, hour)
    assert (Report.objects.count(), OutgoingMail.objects.count(), Notice.objects.count()) == (1, 1, 1)
    assert Job.objects.get(kind=weekly.WEEKLY).key.endswith(":2026-W12")

    ring(MONDAY + 7 * DAY)
    assert (Report.objects.count(), OutgoingMail.objects.count()) == (2, 2)


def test_a_worker_that_dies_after_the_printing_is_followed_by_one_that_tells_it_once(quick, monkeypatch):
    person_with(2)
    real, calls = weekly.telling.tell, []

    def dies(*events):
        calls.append(events)
        if len(calls) == 1:
            raise OSError("killed")
        return real(*events)

    monkeypatch.setattr(weekly.telling, "tell", dies)
    with time_machine.travel(dt.datetime(2026, 3, 16, 6, 5, tzinfo=dt.UTC), tick=False) as clock:
        (round_,) = weekly.ask_due()
        running.run(round_.pk)
        job = Job.objects.get(kind=weekly.WEEKLY)
        assert running.run(job.pk) == JobState.QUEUED
        assert not Report.objects.exists() and not OutgoingMail.objects.exists()
        clock.shift(60)
        assert running.run(job.pk) == JobState.DONE
        assert running.run(job.pk) == ""

    assert (Report.objects.count(), OutgoingMail.objects.count(), len(calls)) == (1, 1, 2)


def test_a_round_that_is_done_twice_asks_for_nobody_twice(quick):
    person_with(2)
    (round_,) = ring()
    Job.objects.filter(pk=round_.pk).update(state=JobState.QUEUED, attempts=0)

    with time_machine.travel(dt.datetime(2026, 3, 16, 9, tzinfo=dt.UTC), tick=False):
        assert running.run(round_.pk) == JobState.DONE

    assert Job.objects.filter(kind=weekly.WEEKLY).count() == 1


def test_who_moves_to_another_zone_in_the_morning_gets_one(quick):
    person = person_with(2)
    ring()
    type(person).objects.filter(pk=person.pk).update(time_zone="America/New_York")

    ring(hour=12)

    assert Job.objects.filter(kind=weekly.ROUND).count() == 2
    assert Report.objects.count() == 1


def test_it_is_asked_in_the_morning_of_the_persons_own_zone():
    person_with(2, time_zone="Asia/Tokyo")
    person_with(2, "anna", time_zone="America/New_York")

    def at(*when):
        return [job.parameters["zone"] for job in weekly.ask_due(dt.datetime(2026, 3, *when, tzinfo=dt.UTC))]

    assert at(15, 20, 59) == []
    assert at(15, 21, 0) == ["Asia/Tokyo"]
    assert at(16, 9, 59) == []
    assert at(16, 10, 0) == ["America/New_York"]
    assert at(19, 14, 0) == [], "a Monday slept through is caught up until Wednesday"
    assert {job.parameters["week"] for job in Job.objects.all()} == {"2026-W12"}


def test_only_who_looks_after_several_projects_and_wants_it_gets_one(quick):
    person_with(2, "many", Role.AUDITOR)
    person_with(1, "one", Role.PROJECT_MANAGER)
    person_with(2, "staff", Role.STAFF)
    person_with(0, "nobody")
    person_with(2, "quiet", mail_weekly=False)
    person_with(2, "gone", is_active=False)
    closed = person_with(2, "closed", Role.AUDITOR)
    Project.objects.filter(pk__in=ProjectUserGrant.objects.filter(user=closed).values("content_object")).update(
        status="closed"
    )
    firm = make_firm("firn")
    join(make_user("idle@example.org", name="Idle"), make_firm("idle"))
    join(make_user("founder@example.org", name="Founder"), firm)
    grant(firm.team, Role.CONSULTANT, make_project().organization)

    ring()

    assert recipients() == ["founder", "many"]
    assert Report.objects.get(person__email="founder@example.org").organization == firm


def test_who_lost_the_clients_or_switched_it_off_after_the_asking_gets_none_and_no_failure(quick):
    lost, off = person_with(2, "lost"), person_with(2, "off")
    with time_machine.travel(dt.datetime(2026, 3, 16, 6, 5, tzinfo=dt.UTC), tick=False) as clock:
        (round_,) = weekly.ask_due()
        running.run(round_.pk)
        ProjectUserGrant.objects.filter(user=lost).delete()
        type(off).objects.filter(pk=off.pk).update(mail_weekly=False)
        clock.shift(60)
        jobs = Job.objects.filter(kind=weekly.WEEKLY)
        assert [running.run(job.pk) for job in jobs] == [JobState.DONE] * 2

    assert not Report.objects.exists() and not OutgoingMail.objects.exists() and not Notice.objects.exists()


def test_a_portfolio_of_sixty_clients_is_printed():
    person_with(60)

    ring()

    report = Report.objects.get()
    assert len(report.shown_projects) == 60
    assert "60 projects" in OutgoingMail.objects.get().subject
    with files.opened(sha256=report.sha256, **report.place) as stored:
        text = " ".join(text_of(stored.read()).split())
    assert all(re.search(rf"System {n} of lena", text) for n in range(60))


def test_the_round_asks_with_the_same_queries_for_each_whatever_their_projects():
    person_with(2)
    few = count_queries(lambda: _round())
    Job.objects.all().delete()
    for project in range(20):
        grant(
            Job._meta.get_field("actor").related_model.objects.get(), Role.AUDITOR, make_project(slug=f"more-{project}")
        )

    assert count_queries(lambda: _round()) == few


def _round():
    with time_machine.travel(dt.datetime(2026, 3, 16, 6, 5, tzinfo=dt.UTC), tick=False):
        (job,) = weekly.ask_due()
        running.run(job.pk)


@pytest.mark.django_db(transaction=True)
def test_eight_beats_at_the_same_instant_ask_once(quick):
    person_with(2)
    now, found, faults, begin = dt.datetime(2026, 3, 16, 6, 5, tzinfo=dt.UTC), [], [], threading.Barrier(8)

    def one():
        try:
            begin.wait()
            found.extend(job.pk for job in weekly.ask_due(now))
        except Exception as fault:
            faults.append(repr(fault))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _k in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not faults and len(found) == 1
    assert Job.objects.filter(kind=weekly.ROUND).count() == 1
