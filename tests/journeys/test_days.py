"""Two days at work: a staff member's morning from the digest to done, a consultant's Monday from the portfolio to a report."""

from __future__ import annotations

import datetime as dt
import io
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

from accounts.models import User
from core.models import OutgoingMail
from jobs import running
from jobs.models import Job
from notifications.models import Notice
from notifications.reminding import digest
from projects.models import Project, Task
from reports.models import Report
from tests.helpers.browser import PHONE, check

pytestmark = pytest.mark.django_db(transaction=True)


def next_working_morning(project) -> dt.datetime:
    """Nine o'clock of the next day that is worked in the project, by the clock of its organization."""
    clock = ZoneInfo(project.organization.time_zone)
    day = project.calendar.on_or_after(dt.datetime.now(clock).date() + dt.timedelta(days=1))
    return dt.datetime(day.year, day.month, day.day, 9, tzinfo=clock)


def test_a_staff_member_from_the_digest_to_done(visit, served, chrome):
    """The mail of the morning names the task due that day; its link leads there, through the sign-in, and one tap ends it."""
    task = Task.objects.select_related("project__organization").get(
        title__startswith="Photograph the labelled fire extinguishers"
    )
    morning = next_working_morning(task.project)
    Task.objects.filter(pk=task.pk).update(starts_on=None, due_on=morning.date())
    person = User.objects.get(email="staff@demo.example")
    asked = digest.ask_due(morning)
    for job in asked:
        assert running.run(job.pk) == "done"
    mail = OutgoingMail.objects.get(key__startswith=f"digest:{person.pk}:")
    assert task.title in mail.text and task.title in mail.html

    one = visit(width=PHONE)
    one.page.set_content(mail.html)
    one.picture("digest")
    link = one.page.get_by_role("link", name=re.compile(re.escape(task.title[:30]))).first.get_attribute("href")
    assert link.startswith(served), link
    one.go(link.removeprefix(served))
    one.sign_in("staff@demo.example", "ims2-demo")
    assert one.page.url.endswith(f"/tasks/{task.label}/"), one.page.url
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Done").first.tap()

    task.refresh_from_db()
    assert (task.status, task.completed_by) == ("done", person)
    one.go("/inbox/")
    one.look("inbox", chrome)
    assert Notice.objects.filter(person=person, kind="reminder").exists()
    for job in digest.ask_due(morning):
        running.run(job.pk)
    assert OutgoingMail.objects.filter(key__startswith=f"digest:{person.pk}:").count() == 1
    check(one)


def test_a_consultant_from_the_portfolio_to_a_report(visit, served, chrome):
    """Monday: the list of clients, one of them, its status report asked for, made, taken away as a PDF that says so."""
    project = Project.objects.select_related("organization").get(organization__slug="alpenblick", slug="ims")
    one = visit("consultant@demo.example")
    one.go("/")
    one.page.wait_for_url(re.compile("/portfolio/"))
    one.look("portfolio", chrome)
    with one.page.expect_navigation():
        one.page.get_by_role("link", name=project.organization.name).first.click()
    with one.page.expect_navigation():
        one.page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    one.look("reports", chrome)
    with one.page.expect_navigation():
        one.page.get_by_role("link", name="Project status").first.click()
    with one.page.expect_navigation():
        one.page.get_by_role("button", name="Make the report").click()
    job = Job.objects.get(kind="report")
    one.picture("being-made")

    assert running.run(job.pk) == "done", Job.objects.get(pk=job.pk).detail
    one.page.get_by_role("link", name="Download").first.wait_for()
    one.look("ready", chrome)
    with one.page.expect_download() as taken:
        one.page.get_by_role("link", name="Download").first.click()
    content = Path(taken.value.path()).read_bytes()
    pdf = PdfReader(io.BytesIO(content))
    text = " ".join(page.extract_text() for page in pdf.pages)
    assert project.organization.name in text and len(pdf.pages) >= 3
    report = Report.objects.get()
    assert (report.size_bytes, report.person.email) == (len(content), "consultant@demo.example")
    one.go("/inbox/")
    assert Notice.objects.filter(person=report.person, kind="job", is_read=False).count() == 1
    one.look("inbox", chrome)
    check(one)
