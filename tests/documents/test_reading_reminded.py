"""What somebody has to read stands in the digest, the calendar, the inbox and in "my work", and stops when it is done."""

from __future__ import annotations

import datetime as dt

import icalendar
import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from core.models import OutgoingMail
from documents.models import Reading
from documents.selectors import reading as selectors
from documents.services import document as documents
from documents.services import reading as services
from jobs import running
from jobs.models import JobState
from notifications.models import Notice, Reminder
from notifications.reminding import digest
from notifications.services import feed as feeds
from projects.models import Project, ProjectUserGrant
from projects.permissions import Role
from projects.services import team
from tests.factories.documents import make_document, make_effective
from tests.factories.projects import grant, make_project, make_task, make_user

from .test_published import of, url

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 3, 16)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    from jobs import tasks

    cache.clear()
    monkeypatch.setattr(tasks.run, "apply_async", lambda *args, **options: None)


@pytest.fixture
def policy(here):
    return make_document(here.project, here.consultant, kind="policy", title="Policy")


@pytest.fixture
def given(here, policy):
    with time_machine.travel(dt.datetime(2026, 3, 11, 9, tzinfo=dt.UTC), tick=False):
        effective = make_effective(policy, by=here.consultant, decider=here.boss)
        services.give(document=policy, by=here.controller, audience="role", role="staff", within_days=5)
    assert Reading.objects.get().due_on == MONDAY
    return effective


def morning(day=MONDAY):
    with time_machine.travel(dt.datetime.combine(day, dt.time(6, 5), dt.UTC), tick=False):
        for job in digest.ask_due():
            assert running.run(job.pk) == JobState.DONE


def reminded():
    return list(Reminder.objects.filter(kind="reading").values_list("person__name", "on"))


def test_the_digest_names_the_document_and_leads_to_the_page_on_which_it_is_read(here, policy, given):
    morning()

    assert reminded() == [("Staff", MONDAY)]
    mail = OutgoingMail.objects.get(recipient=here.staff.email)
    link = url("published-detail", policy)
    assert link.endswith("/documents/published/D-001/")
    assert "D-001 Policy" in mail.text and f"http://localhost:8000{link}\n" in mail.text
    assert of(here.staff).get(link).status_code == 200


def test_the_calendar_has_the_day_and_leads_there_too(here, policy, given):
    secret = feeds.secret_of(feeds.renew(person=here.staff, project=None, by=here.staff))

    with time_machine.travel(dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC), tick=False):
        answer = Client().get(f"/calendar/{secret}/my-work.ics")

    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert (str(event["SUMMARY"]), event["DTSTART"].dt) == ("D-001 Policy", MONDAY)
    assert str(event["URL"]).endswith(url("published-detail", policy))


def test_what_is_confirmed_reminds_nobody_any_more(here, policy, given):
    services.acknowledge(revision=given, by=here.staff)

    morning()

    assert reminded() == []
    secret = feeds.secret_of(feeds.renew(person=here.staff, project=None, by=here.staff))
    assert b"VEVENT" not in Client().get(f"/calendar/{secret}/my-work.ics").content


def test_what_is_withdrawn_or_taken_back_reminds_nobody_any_more(here, policy, given):
    second = make_document(here.project, here.consultant, title="Second")
    make_effective(second, by=here.consultant, decider=here.boss)
    away = services.give(document=second, by=here.controller, audience="role", role="staff")
    Reading.objects.update(due_on=MONDAY)
    services.take_back(distribution=away, by=here.controller)
    documents.withdraw(document=policy, by=here.controller, reason="Old")

    morning()

    assert reminded() == [] and not Reading.objects.exists()


def test_who_has_left_is_reminded_no_more_and_nobody_in_their_place(
    here, policy, given, django_capture_on_commit_callbacks
):
    manager = make_user(name="Manager")
    grant(manager, Role.PROJECT_MANAGER, here.project)
    Project.objects.filter(pk=here.project.pk).update(manager=manager)
    held = ProjectUserGrant.objects.get(user=here.staff)
    with django_capture_on_commit_callbacks(execute=True):
        team.end(grant=held, by=manager, reason="Left")

    morning()

    assert reminded() == []


def test_whose_role_has_run_out_is_not_reminded(here, policy, given):
    ProjectUserGrant.objects.filter(user=here.staff).update(expires_at=timezone.now() - dt.timedelta(days=3650))

    morning()

    assert [name for name, _on in reminded() if name == "Staff"] == []
    assert services.keep_project(here.project) == 1 and not Reading.objects.exists()


def test_the_inbox_says_it_once_for_each_revision_and_leads_to_the_document(here, policy, given):
    services.keep_project(here.project)

    def told():
        return list(Notice.objects.filter(person=here.staff, kind="reading").values_list("title", "path"))

    assert told() == [(f"To read and confirm: {policy.code} Policy", url("published-detail", policy))]
    assert not OutgoingMail.objects.filter(recipient=here.staff.email).exists()
    make_effective(policy, by=here.consultant, decider=here.boss, body="# Two", is_material=False)
    assert len(told()) == 1  # an editorial change asks nobody
    make_effective(policy, by=here.consultant, decider=here.boss, body="# Three")
    assert len(told()) == 2


# ---- my work ---------------------------------------------------------------------------------------------------------


def test_my_work_shows_what_i_have_to_read_in_all_projects_the_most_urgent_first(here, policy, given):
    client = of(here.staff)
    other = make_project()
    boss, author = make_user(), make_user()
    grant(boss, Role.TOP_MANAGEMENT, other)
    grant(author, Role.PROJECT_MANAGER, other)
    grant(here.staff, Role.STAFF, other)
    second = make_document(other, author, kind="policy", title="Elsewhere")
    make_effective(second, by=author, decider=boss)
    services.give(document=second, by=author, audience="everybody", within_days=30)

    page = client.get("/my-work/")

    assert [row.document.title for row in page.context["to_read"].rows] == ["Policy", "Elsewhere"]
    text = page.content.decode()
    assert url("published-detail", policy) in text and "All done" not in text and "Nothing is late" not in text
    assert url("published-list", here.project) in text and url("published-list", other) in text
    services.acknowledge(revision=given, by=here.staff)
    assert [row.document.title for row in client.get("/my-work/?tab=reading").context["to_read"].rows] == ["Elsewhere"]
    Project.objects.filter(pk=other.pk).update(status="closed")
    assert not selectors.to_read(here.staff).exists()
    done = client.get("/my-work/").content.decode()
    assert "All done" in done and "To read and confirm" not in done


def test_many_to_read_are_folded_and_leave_the_tasks_in_sight(here, policy, given):
    from .test_published import many

    many(here, 60)
    make_task(here.project, "A task", assignee=here.staff)
    client = of(here.staff)

    page = client.get("/my-work/")

    assert len(page.context["to_read"].rows) == 5 and "56 more to read" in page.content.decode()
    assert "A task" in page.content.decode()
    assert len(client.get("/my-work/?tab=reading").context["to_read"].rows) == 50
    assert len(client.get("/my-work/?tab=reading&page=2").context["to_read"].rows) == 11


def test_who_reads_the_plan_finds_published_documents_in_the_menu_and_not_in_my_work(here, given):
    assert of(here.auditor).get("/my-work/").context["published"] == []
