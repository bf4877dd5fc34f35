"""A person's own reports: over all they read, for them alone, and only while every client in it is open to them."""

from __future__ import annotations

import datetime as dt
import os

import pytest
from django.urls import reverse
from django.utils import timezone

from core.rules import RuleBroken
from jobs import running
from jobs.models import Job, JobState
from projects import flow, sweeps
from projects.models import JournalEntry, ProjectUserGrant
from projects.permissions import Perm, Role
from reports import kinds, press
from reports.models import Keeping, Report
from reports.selectors import own as selectors
from reports.selectors import report as reports
from reports.services import own as services
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_user
from tests.helpers.budget import queries
from tests.reports.conftest import reader, text_of
from tests.reports.test_pages import signed_in, words

pytestmark = pytest.mark.django_db


def url(name: str = "own-list", **parts) -> str:
    return reverse(f"reports:{name}", kwargs=parts)


@pytest.fixture
def person(db):
    return make_user(name="Lena Brunner")


def client_of(person, name: str, role: Role = Role.CONSULTANT):
    project = make_project(make_organization(name=name), name=f"System of {name}")
    grant(person, role, project)
    return project


def make(person, kind="portfolio", language="en") -> Report:
    job = services.ask(kind=kinds.of(kind), by=person, language=language)
    assert running.run(job.pk) == JobState.DONE, Job.objects.get(pk=job.pk).detail
    return Report.objects.get(job=job)


def downloaded(client, report) -> bytes:
    answer = client.get(url("own-download", mark=report.mark))
    assert answer.status_code == 200, words(answer)
    return b"".join(answer.streaming_content)


@pytest.fixture
def small(a_report):
    """A personal report of one page, of what its person reads."""
    from projects.selectors import portfolio

    return a_report(
        lambda asked: {"projects": [one.pk for one in portfolio.readable_by(asked.by)]}, slug="small", scope="person"
    )


# --- From asking to the PDF -------------------------------------------------------------------------


def test_a_portfolio_goes_from_the_button_to_a_real_pdf_in_the_chosen_language(person):
    first, second = client_of(person, "Alpenblick"), client_of(person, "Seefeld")
    client = signed_in(person)
    assert url("own-ask", kind="portfolio") in client.get(reverse("portal:portfolio")).content.decode()

    asked = client.post(url("own-ask", kind="portfolio"), {"language": "de"})
    assert (asked.status_code, asked.url) == (303, url() + "#under-way")
    assert "waits for a worker" in words(client.get(url()))
    assert 'hx-trigger="every 2s"' in client.get(url("own-under-way")).content.decode()
    job = Job.objects.get()
    assert running.run(job.pk) == JobState.DONE, Job.objects.get().detail

    report = Report.objects.get()
    assert (report.person, report.is_personal, report.organization, report.project) == (person, True, None, None)
    assert report.shown_projects == {first.pk, second.pk}
    assert "every 2s" not in client.get(url("own-under-way")).content.decode()
    assert report.mark in words(client.get(url()))
    assert Job.objects.get().url == report.get_absolute_url() == url("own-detail", mark=report.mark)
    assert "The kept PDF is whole" in words(client.get(report.get_absolute_url()))
    pdf = downloaded(client, report)
    assert len(reader(pdf).pages) == report.pages
    text = " ".join(text_of(pdf).split())
    assert "Alle Kunden auf einen Blick" in text and "System of Seefeld" in text and report.mark in text


def test_asked_for_twice_at_once_it_is_one_job_and_another_language_is_another(person, small):
    client_of(person, "Alpenblick")
    client = signed_in(person)
    for language in ("en", "en", "fr"):
        client.post(url("own-ask", kind="small"), {"language": language})

    assert sorted(job.parameters["language"] for job in Job.objects.all()) == ["en", "fr"]
    assert "being made already" in words(client.get(url()))


def test_who_reads_no_project_asks_for_nothing(person):
    staff = make_user()
    client_of(staff, "Alpenblick", Role.STAFF)
    for who in (person, staff):
        client = signed_in(who)
        page = client.get(url())
        assert page.status_code == 200 and "Nothing to report yet" in words(page)
        assert client.post(url("own-ask", kind="portfolio"), {"language": "en"}).status_code == 403
        with pytest.raises(flow.NotPermitted):
            services.ask(kind=kinds.of("portfolio"), by=who, language="en")
    assert not Job.objects.exists()


def test_a_report_of_a_project_is_none_of_a_persons_and_the_other_way_round(person):
    project = client_of(person, "Alpenblick", Role.PROJECT_MANAGER)
    client = signed_in(person)

    assert client.get(url("own-ask", kind="plan")).status_code == 404
    asked = reverse("reports:report-ask", kwargs={**project.address, "kind": "portfolio"})
    assert client.get(asked).status_code == 404
    assert client.post(url("own-ask", kind="portfolio"), {"language": "tlh"}).status_code == 422
    assert not Job.objects.exists()


# --- For the person alone ---------------------------------------------------------------------------


def test_another_person_finds_nothing_even_the_admin_of_the_firm_and_an_operator(person, small):
    firm = make_firm("firn")
    join(person, firm)
    client_of(person, "Alpenblick")
    report = make(person, "small")
    colleague, admin = join(make_user(), firm), make_user()
    grant(admin, Role.CLIENT_ADMIN, firm)

    for other in (colleague, admin, make_user(is_staff=True, is_superuser=True)):
        client = signed_in(other)
        assert report.mark not in words(client.get(url()))
        for name in ("own-detail", "own-download", "own-remove"):
            assert client.get(url(name, mark=report.mark)).status_code == 404
        assert client.post(url("own-remove", mark=report.mark)).status_code == 404
        with pytest.raises(flow.NotPermitted):
            services.remove(report=report, by=other)
    assert Report.objects.get().is_kept


def test_after_the_last_role_in_a_client_ended_a_portfolio_that_shows_it_is_not_given_out(person, small):
    client_of(person, "Seefeld")
    alpenblick = client_of(person, "Alpenblick")
    report = make(person, "small")
    client = signed_in(person)
    assert downloaded(client, report)[:5] == b"%PDF-"

    ProjectUserGrant.objects.filter(content_object=alpenblick).delete()

    refused = client.get(url("own-download", mark=report.mark))
    assert refused.status_code == 403
    assert "It shows 1 project that is no longer open to you" in words(refused)
    assert "Alpenblick" not in words(refused)
    listed = client.get(url())
    assert "no longer open" in words(listed) and url("own-download", mark=report.mark) not in listed.content.decode()
    assert url("own-download", mark=report.mark) not in client.get(report.get_absolute_url()).content.decode()
    again = make(person, "small")
    assert downloaded(client, again)[:5] == b"%PDF-"


def test_a_role_that_no_longer_reads_the_project_closes_the_report_too(person, small):
    project = client_of(person, "Alpenblick")
    client_of(person, "Seefeld")
    report = make(person, "small")

    ProjectUserGrant.objects.filter(content_object=project).delete()
    grant(person, Role.STAFF, project)

    assert signed_in(person).get(url("own-download", mark=report.mark)).status_code == 403


def test_who_lost_every_role_while_the_job_waited_gets_no_report(person, small):
    client_of(person, "Alpenblick")
    job = services.ask(kind=small, by=person, language="en")
    ProjectUserGrant.objects.all().delete()

    assert running.run(job.pk) == JobState.FAILED

    assert "no longer have the right" in Job.objects.get().reason and not Report.objects.exists()


def test_who_lost_one_client_while_it_was_printed_gets_no_report(person, small, monkeypatch):
    client_of(person, "Seefeld")
    alpenblick = client_of(person, "Alpenblick")
    job = services.ask(kind=small, by=person, language="en")
    printed = press.printed

    def slow(*args, **options):
        ProjectUserGrant.objects.filter(content_object=alpenblick).delete()
        return printed(*args, **options)

    monkeypatch.setattr(press, "printed", slow)

    assert running.run(job.pk) == JobState.FAILED
    assert "A role of yours ended" in Job.objects.get().reason and not Report.objects.exists()


# --- Kept, removed, swept ---------------------------------------------------------------------------


def test_of_who_belongs_to_a_firm_the_firm_has_the_journal_and_the_retention(person, small):
    firm = make_firm("firn")
    join(person, firm)
    Keeping.objects.create(organization=firm, days=60)

    client_of(person, "Alpenblick")
    report = make(person, "small")

    assert report.organization == firm
    assert report.keep_until - report.made_at == dt.timedelta(days=60)
    line = JournalEntry.objects.get(action="report.made")
    assert (line.organization, line.actor, line.changes["sha256"]) == (firm, person, report.sha256)
    assert "Alpenblick" not in str(line.changes) + line.target_label
    assert signed_in(person).post(url("own-remove", mark=report.mark)).status_code == 303
    assert JournalEntry.objects.get(action="report.removed").actor == person


def test_of_who_belongs_to_two_firms_it_is_nobodys_but_the_persons(person, small):
    for slug in ("firn", "gletscher"):
        join(person, make_firm(slug))
    client_of(person, "Alpenblick")

    report = make(person, "small")

    assert report.organization is None and report.keep_until - report.made_at == dt.timedelta(days=730)


def test_a_removed_one_is_gone_from_the_list_and_its_page_says_so(person, small):
    client_of(person, "Alpenblick")
    report = make(person, "small")
    client = signed_in(person)

    assert client.get(url("own-remove", mark=report.mark)).status_code == 200
    assert client.post(url("own-remove", mark=report.mark)).status_code == 303

    assert url("own-download", mark=report.mark) not in client.get(url()).content.decode()
    assert "You removed it." in words(client.get(report.get_absolute_url()))
    assert client.get(url("own-download", mark=report.mark)).status_code == 410
    with pytest.raises(RuleBroken, match="removed already"):
        services.remove(report=report, by=person)


def test_the_night_removes_what_is_over_then_its_bytes_and_leaves_the_rest_with_its_person(person, small, store):
    client_of(person, "Alpenblick")
    old, kept = make(person, "small"), make(person, "small", "de")
    Report.objects.filter(pk=old.pk).update(keep_until=timezone.now() - dt.timedelta(days=1))
    for path in store.rglob("*"):
        if path.is_file():
            os.utime(path, (0, 0))

    swept = sweeps.sweep()

    assert (swept["reports"], swept["report_files"], swept["own_report_files"]) == (1, 0, 1)
    old.refresh_from_db()
    assert not old.is_kept and reports.is_whole(old) is None and reports.is_whole(kept) is True
    assert [path.parent.parent.name for path in store.rglob("*") if path.is_file()] == [str(person.pk)]


def test_two_people_with_the_same_bytes_have_a_file_each(person, small, monkeypatch, store):
    other = make_user()
    monkeypatch.setattr(press, "printed", lambda *a, **k: press.Printed(b"%PDF same", 1))
    for who in (person, other):
        client_of(who, "Alpenblick")
        make(who, "small")

    assert len([path for path in store.rglob("*") if path.is_file()]) == 2
    assert len(set(Report.objects.values_list("sha256", flat=True))) == 1


def test_a_failed_one_says_why_and_is_tried_again_from_the_page(person, small):
    client_of(person, "Alpenblick")
    job = services.ask(kind=small, by=person, language="en")
    Job.objects.update(state=JobState.FAILED, reason="The printer has no ink.", finished_at=timezone.now())
    client = signed_in(person)
    assert "The printer has no ink." in words(client.get(url()))

    answer = client.post(reverse("jobs:job-again", kwargs={"pk": job.pk}), {"next": url()})

    assert (answer.status_code, answer.url) == (303, url())
    assert Job.objects.get().state == JobState.QUEUED


def test_the_pages_send_as_many_queries_for_one_report_as_for_three(person, small):
    client = signed_in(person)
    client_of(person, "Seefeld")  # with a second project the shell has its switcher, for one query more
    counts = []
    for number in (1, 2, 3):
        client_of(person, f"Client {number}")
        make(person, "small")
        if number == 2:
            continue
        with queries(9) as sent:
            client.get(url())
        counts.append(len(sent))
        with queries(4):
            client.get(url("own-under-way"))
        with queries(8):
            client.get(url("own-detail", mark=Report.objects.first().mark))
    assert counts[0] == counts[1]


def test_only_who_reads_somewhere_may_have_one(person):
    from projects.permissions import MAY

    for role in (Role.AUDITOR, Role.STAFF, Role.TOP_MANAGEMENT):
        who = make_user()
        client_of(who, role.value, role)
        assert selectors.may_have(who, kinds.of("portfolio")) == (Perm.VIEW_PROJECT in MAY[role])


def test_its_moment_is_on_the_clock_of_its_person_wherever_the_worker_is(person):
    from reports import frame

    type(person).objects.filter(pk=person.pk).update(time_zone="Asia/Tokyo")
    person.refresh_from_db()
    asked = kinds.Asked(None, make_firm("firn"), person, {}, dt.date(2026, 6, 15))
    made_at = dt.datetime(2026, 6, 14, 22, 30, tzinfo=dt.UTC)

    html = frame.render(kinds.of("portfolio"), asked, mark="TEST-0000", made_at=made_at).html

    assert "15 June 2026, 07:30 (Asia/Tokyo)" in " ".join(html.split())


def test_the_check_of_all_kept_reports_knows_where_a_persons_own_lie(person, small, store, capsys):
    from django.core.management import CommandError, call_command

    client_of(person, "Alpenblick")
    report = make(person, "small")

    call_command("verify_reports", skip_checks=False)
    assert "1 reports checked, 1 whole." in capsys.readouterr().out

    next(path for path in store.rglob("*") if path.is_file()).unlink()
    with pytest.raises(CommandError):
        call_command("verify_reports", skip_checks=False)
    assert f"{report} (Lena Brunner) is missing" in capsys.readouterr().out
