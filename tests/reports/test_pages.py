"""The pages of reports, as each person sees them."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from core import files
from jobs import running
from jobs.models import Job, JobState
from projects.models import JournalEntry, Project
from projects.permissions import Perm, Role
from reports.models import Report
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


def url(project: Project, name: str = "report-list", **parts) -> str:
    return reverse(f"reports:{name}", kwargs={**project.address, **parts})


def signed_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def with_role(project, role: Role):
    person = make_user()
    grant(person, role, project)
    return person


def add(project, person, number: int = 1, *, kind: str = "status", data: bytes = b"") -> Report:
    data = data or f"%PDF report {number} of {project.pk}".encode()
    return Report.objects.create(
        organization=project.organization, project=project, person=person, kind=kind, title=f"Title {number}",
        mark=f"AB{project.pk:02}-{number:04}", language="en", parameters_in_words=[["From", "1 May 2026"]],
        sha256=files.store(data, organization_id=project.organization_id, folder="reports"), size_bytes=len(data),
        pages=3, made_at=timezone.now(), keep_until=timezone.now() + timezone.timedelta(days=1),
    )  # fmt: skip


def words(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_a_report_goes_from_the_card_to_the_download(project, manager, bells):
    client = signed_in(manager)
    page = client.get(url(project))
    assert url(project, "report-ask", kind="status") in page.content.decode()
    assert "No report was made yet" in words(page)

    asked = client.post(url(project, "report-ask", kind="status"), {"language": "en"})
    assert (asked.status_code, asked.url) == (303, url(project) + "#under-way")
    job = Job.objects.get()
    assert "waits for a worker" in words(client.get(url(project, "report-under-way")))
    assert running.run(job.pk) == JobState.DONE

    report = Report.objects.get()
    assert report.mark in words(client.get(url(project, "report-under-way")))
    assert report.short_sha in words(client.get(url(project)))
    answer = client.get(url(project, "report-download", mark=report.mark))
    assert b"".join(answer.streaming_content)[:5] == b"%PDF-"
    assert answer["Content-Type"] == "application/pdf" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment") and report.mark in answer["Content-Disposition"]
    assert "sandbox" in answer["Content-Security-Policy"] and answer["Cache-Control"] == "private, no-store"


def test_asking_again_leads_to_the_one_that_is_being_made(project, manager):
    client = signed_in(manager)
    for _k in range(2):
        client.post(url(project, "report-ask", kind="plan"), {"language": "de"})

    assert Job.objects.count() == 1
    assert "being made already" in words(client.get(url(project)))


def test_a_wrong_parameter_keeps_the_form_and_asks_for_nothing(project, manager):
    answer = signed_in(manager).post(url(project, "report-ask", kind="plan"), {"language": "tlh"})

    assert answer.status_code == 422 and not Job.objects.exists()


def test_the_journal_extract_is_shown_and_given_only_to_who_reads_the_journal(project, manager):
    owner, auditor = with_role(project, Role.PROCESS_OWNER), with_role(project, Role.AUDITOR)
    extract = add(project, manager, kind="journal")

    page = signed_in(owner).get(url(project))
    assert "Journal extract" not in words(page) and extract.mark not in words(page)
    assert signed_in(owner).get(url(project, "report-ask", kind="journal")).status_code == 403
    for name in ("report-detail", "report-download", "report-remove"):
        assert signed_in(owner).get(url(project, name, mark=extract.mark)).status_code == 404
    assert extract.mark in words(signed_in(auditor).get(url(project)))
    assert signed_in(auditor).get(url(project, "report-download", mark=extract.mark)).status_code == 200


def test_staff_see_no_reports_and_strangers_learn_nothing(project, manager):
    report = add(project, manager)
    staff, stranger = with_role(project, Role.STAFF), with_role(make_project(slug="ims"), Role.PROJECT_MANAGER)

    for name, parts in (
        ("report-list", {}),
        ("report-detail", {"mark": report.mark}),
        ("report-download", {"mark": report.mark}),
    ):
        assert signed_in(staff).get(url(project, name, **parts)).status_code == 403
        assert signed_in(stranger).get(url(project, name, **parts)).status_code == 404


def test_a_report_of_another_project_is_not_found_under_this_one(project, manager):
    other = make_project(project.organization, slug="other")
    grant(manager, Role.PROJECT_MANAGER, other)
    report = add(other, manager)

    assert signed_in(manager).get(url(project, "report-download", mark=report.mark)).status_code == 404


def test_who_lost_the_role_downloads_nothing_any_more(project, manager):
    person = make_user()
    held = grant(person, Role.AUDITOR, project)
    report = add(project, person)
    client = signed_in(person)
    assert client.get(url(project, "report-download", mark=report.mark)).status_code == 200

    held.delete()

    assert client.get(url(project, "report-download", mark=report.mark)).status_code == 404


def test_a_removed_report_is_gone_from_the_list_and_its_page_says_so(project, manager):
    report = add(project, manager)
    client = signed_in(manager)

    refused = client.post(url(project, "report-remove", mark=report.mark), {"reason": ""})
    assert refused.status_code == 422 and Report.objects.get().is_kept
    answer = client.post(url(project, "report-remove", mark=report.mark), {"reason": "Wrong period"})

    assert answer.status_code == 303
    assert report.mark not in words(client.get(url(project)))
    assert "The copy kept here was removed" in words(client.get(url(project, "report-detail", mark=report.mark)))
    assert client.get(url(project, "report-download", mark=report.mark)).status_code == 410
    assert JournalEntry.objects.get(action="report.removed").reason == "Wrong period"


def test_a_report_whose_bytes_are_lost_says_so(project, manager, store):
    report = add(project, manager)
    for path in store.rglob("*"):
        if path.is_file():
            path.unlink()

    answer = signed_in(manager).get(url(project, "report-download", mark=report.mark))

    assert answer.status_code == 410 and "The kept PDF is missing" in words(answer)


def test_a_pdf_is_recognized_by_its_content_and_only_by_who_may_read_it(project, manager):
    owner = with_role(project, Role.PROCESS_OWNER)
    report = add(project, manager, kind="journal", data=b"%PDF extract")
    here = url(project, "report-verify")

    def check(person, data):
        return words(signed_in(person).post(here, {"file": SimpleUploadedFile("any name.pdf", data)}))

    assert f"Title 1 {report.mark}" in check(manager, b"%PDF extract")
    assert "No report of this project has this content" in check(manager, b"%PDF extract.")
    assert "No report of this project has this content" in check(owner, b"%PDF extract")
    Report.objects.update(removed_at=timezone.now())
    assert f"Title 1 {report.mark}" in check(manager, b"%PDF extract"), "a removed one is recognized too"
    assert signed_in(manager).post(here, {}).status_code == 422


def test_a_failed_report_says_why_and_is_tried_again_by_its_person(project, manager, bells):
    owner = with_role(project, Role.PROCESS_OWNER)
    client = signed_in(manager)
    client.post(url(project, "report-ask", kind="plan"), {"language": "en"})
    job = Job.objects.get()
    Job.objects.update(state=JobState.FAILED, reason="The printer has no ink.", finished_at=timezone.now())
    assert "The printer has no ink." in words(client.get(url(project)))
    assert "The printer has no ink." not in words(signed_in(owner).get(url(project)))

    assert signed_in(owner).post(url(project, "report-again", pk=job.pk)).status_code == 403
    assert client.post(url(project, "report-again", pk=job.pk)).status_code == 303
    assert Job.objects.get().state == JobState.QUEUED
    assert client.post(url(project, "report-cancel", pk=job.pk)).status_code == 303
    assert Job.objects.get().state == JobState.CANCELLED


def test_the_list_is_filtered_by_report_and_person_and_paged(project, manager):
    auditor = with_role(project, Role.AUDITOR)
    for number in range(1, 28):
        add(project, manager, number)
    add(project, auditor, 50, kind="plan")
    client = signed_in(manager)

    assert "1 to 25 of 28" in words(client.get(url(project)))
    assert "26 to 28 of 28" in words(client.get(url(project) + "?page=2"))
    assert "Title 50" in words(client.get(f"{url(project)}?kind=plan"))
    assert "Title 1 " not in words(client.get(f"{url(project)}?kind=plan"))
    mine = words(client.get(f"{url(project)}?person={auditor.pk}"))
    assert "Title 50" in mine and "Title 27" not in mine
    assert "No report fits" in words(client.get(f"{url(project)}?person={manager.pk}&kind=method"))
    for odd in ("?kind=nothing", "?person=x", "?person=99999999999999999999", "?page=zz", "?kind=%00"):
        assert client.get(url(project) + odd).status_code == 200


def test_the_pages_send_as_many_queries_for_one_report_as_for_three(project, manager):
    client = signed_in(manager)
    counts = []
    for number in (1, 2, 3):
        add(project, manager, number)
        Job.objects.create(
            key=f"k{number}", kind="report", project=project, organization=project.organization, actor=manager,
            not_before=timezone.now(), parameters={"kind": "status"},
        )  # fmt: skip
        if number == 2:
            continue
        with queries(24) as sent:
            client.get(url(project))
        counts.append(len(sent))
        print("QUERIES", len(sent))
        with queries(8):
            client.get(url(project, "report-under-way"))
    assert counts[0] == counts[1]


def test_only_perms_of_the_table_decide(project):
    """Every role with VIEW_PROJECT sees the page; the link in the navigation stands there for the same."""
    from projects.permissions import MAY

    for role in (Role.AUDITOR, Role.STAFF, Role.CERTIFICATION_AUDITOR, Role.TOP_MANAGEMENT):
        answer = signed_in(with_role(project, role)).get(url(project))
        assert (answer.status_code == 200) == (Perm.VIEW_PROJECT in MAY[role])
