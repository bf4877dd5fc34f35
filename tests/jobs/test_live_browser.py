"""A job in a real browser: it moves by itself, keeps the focus, says its end once, and stops asking."""

from __future__ import annotations

import pytest
from django.utils import timezone

from jobs import ledger
from jobs.models import Job
from tests.factories.projects import make_user
from tests.helpers import browser as helper

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_page_follows_the_work_keeps_the_focus_and_stops_at_the_end(live_server, settings, a_kind, chrome):
    settings.BASE_URL = live_server.url
    person = make_user()
    job = ledger.ask(kind=a_kind(), key="k", by=person, subject="Status of Alpenblick")

    def now(**values):
        Job.objects.filter(pk=job.pk).update(created_at=timezone.now(), **values)

    now(state="running", percent=40, progress="Page 12 of 30", lease_until=timezone.now() + ledger.LEASE * 20)
    visit = helper.Visit(chrome, live_server.url, "job")
    try:
        visit.come_in_as(person)
        page, asked = visit.page, []
        page.on("request", lambda request: "/state/" in request.url and asked.append(request.url))
        page.goto(live_server.url + job.get_absolute_url())
        page.focus(f"#job-{job.pk}-act")
        assert "40 %" in page.inner_text(f"#job-{job.pk}")

        now(percent=70, progress="Page 21 of 30")
        page.wait_for_selector("text=Page 21 of 30")
        assert page.evaluate("document.activeElement.id") == f"job-{job.pk}-act"
        assert page.inner_text(f"#job-{job.pk}-said") == ""

        now(state="done", percent=100, result={"url": "/jobs/"}, finished_at=timezone.now())
        page.wait_for_selector("text=Open the result")
        page.wait_for_timeout(300)
        assert page.evaluate("document.activeElement.id") == f"job-{job.pk}-act"
        assert page.inner_text(f"#job-{job.pk}-said") == "Status of Alpenblick: Done."

        count = len(asked)
        page.wait_for_timeout(4500)
        assert len(asked) == count >= 2
        assert visit.faults == []
    finally:
        visit.context.close()
