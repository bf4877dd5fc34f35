"""The pages of jobs: one's own, a project's, one job as it goes on, and the operators'."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from core.models import Heartbeat
from core.models.mail import OutgoingMail
from jobs import ledger
from jobs.models import Job, JobState
from jobs.selectors import operations
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make_project()


@pytest.fixture
def person(project):
    found = make_user()
    grant(found, Role.AUDITOR, project)
    return found


def asked(a_kind, person, project=None, key="k", **fields) -> Job:
    job = ledger.ask(kind=a_kind(), key=key, by=person, project=project, subject="Status of Alpenblick")
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job


def failed(**more) -> dict:
    detail = "Traceback\nOSError: disk is full"
    return {"state": "failed", "reason": "No room left.", "detail": detail, "finished_at": timezone.now(), **more}


def text(answer) -> str:
    return answer.content.decode()


# My jobs


def test_my_jobs_are_mine_alone(client, a_kind, person, project):
    asked(a_kind, person, project)
    client.force_login(make_user())
    assert "Nothing was asked for yet" in text(client.get("/jobs/"))

    client.force_login(person)
    page = text(client.get("/jobs/"))
    assert "Status of Alpenblick" in page and project.name in page


def test_the_list_is_filtered_by_state_and_counts_each(client, a_kind, person, project):
    asked(a_kind, person, project, "1")
    asked(a_kind, person, project, "2", **failed())
    client.force_login(person)

    page = text(client.get("/jobs/?state=failed"))

    assert "No room left." in page and page.count('class="row-title"') == 1
    assert 'aria-current="true">Failed <span class="num">1</span>' in page
    assert "None in this state" in text(client.get("/jobs/?state=done"))
    assert client.get("/jobs/?state=nonsense&page=x").status_code == 200


@pytest.mark.parametrize("count", [1, 3])
def test_my_jobs_cost_the_same_for_one_and_for_three(client, a_kind, person, project, count):
    for n in range(count):
        asked(a_kind, person, project, str(n))
    client.force_login(person)
    client.get("/jobs/")

    with queries(10):
        client.get("/jobs/")


# One job


def test_a_running_job_shows_percent_and_words_and_asks_again(client, a_kind, person, project):
    job = asked(a_kind, person, project, state="running", percent=40, progress="12 of 30 pages",
                lease_until=timezone.now() + ledger.LEASE)  # fmt: skip
    client.force_login(person)

    page = text(client.get(job.get_absolute_url()))
    part = text(client.get(reverse("jobs:job-state", args=[job.pk])))

    for shown in (page, part):
        assert "40 %" in shown and "12 of 30 pages" in shown and 'hx-trigger="every 2s"' in shown
    assert "<html" in page and "<html" not in part


def test_an_open_page_asks_less_often_after_a_minute_and_no_more_at_the_end(client, a_kind, person):
    job = asked(a_kind, person, created_at=timezone.now() - dt.timedelta(seconds=70))
    client.force_login(person)
    address = reverse("jobs:job-state", args=[job.pk])
    assert 'hx-trigger="every 10s"' in text(client.get(address))

    Job.objects.filter(pk=job.pk).update(state="done", result={"url": "/there/"}, finished_at=timezone.now())
    part = text(client.get(address))

    assert "hx-trigger" not in part and "hx-get" not in part
    assert 'href="/there/"' in part and f'id="job-{job.pk}-act"' in part
    assert f'id="job-{job.pk}-said" hx-swap-oob="innerHTML">Status of Alpenblick: Done.' in part
    page = text(client.get(job.get_absolute_url()))
    assert "hx-swap-oob" not in page, "what was over before the page was opened is not announced"


def test_asking_for_the_state_keeps_no_session_alive():
    from core.htmx import is_asked_by_itself
    from jobs.views import job, operations

    assert is_asked_by_itself(job.state) and is_asked_by_itself(operations.figures)


def test_a_failed_job_says_why_and_is_tried_again(client, a_kind, person, bells, django_capture_on_commit_callbacks):
    job = asked(a_kind, person, **failed(attempts=5))
    client.force_login(person)
    page = text(client.get(job.get_absolute_url()))
    assert "No room left." in page and "OSError" not in page

    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("jobs:job-again", args=[job.pk]))

    assert (answer.status_code, answer["Location"]) == (303, job.get_absolute_url())
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.QUEUED, 0) and job.pk in bells
    assert "Only work that failed" in text(client.post(reverse("jobs:job-again", args=[job.pk]), follow=True))


def test_cancel_stops_what_waits_and_goes_back_where_it_was_asked(client, a_kind, person):
    job = asked(a_kind, person)
    client.force_login(person)

    answer = client.post(reverse("jobs:job-cancel", args=[job.pk]), {"next": "/jobs/"})

    assert (answer.status_code, answer["Location"]) == (303, "/jobs/")
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    elsewhere = client.post(reverse("jobs:job-cancel", args=[job.pk]), {"next": "https://evil.example/"})
    assert elsewhere["Location"] == job.get_absolute_url()


def test_a_get_changes_nothing(client, a_kind, person):
    job = asked(a_kind, person)
    client.force_login(person)

    assert client.get(reverse("jobs:job-cancel", args=[job.pk])).status_code == 405
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.PROJECT_MANAGER, 200), (Role.AUDITOR, 404), (Role.TOP_MANAGEMENT, 404), (Role.STAFF, 404)],
)
def test_a_job_is_seen_by_the_manager_of_its_project_and_by_no_other_member(
    client, a_kind, person, project, role, status
):
    job = asked(a_kind, person, project, **failed())
    other = make_user()
    grant(other, role, project)
    client.force_login(other)

    for name, method in (("job-detail", client.get), ("job-state", client.get), ("job-again", client.post)):
        assert method(reverse(f"jobs:{name}", args=[job.pk])).status_code == (
            303 if (name, status) == ("job-again", 200) else status
        )


def test_the_managers_of_other_projects_and_strangers_get_404(client, a_kind, person, project):
    job = asked(a_kind, person, project)
    other = make_user()
    grant(other, Role.PROJECT_MANAGER, make_project())
    client.force_login(other)

    assert client.get(job.get_absolute_url()).status_code == 404
    assert client.get("/jobs/99999999999999999999999/").status_code == 404


def test_a_job_of_the_schedule_is_nobodys_but_the_operators(client, a_kind):
    job = asked(a_kind, None)
    client.force_login(make_user())
    assert client.get(job.get_absolute_url()).status_code == 404

    client.force_login(make_user(is_staff=True))
    assert client.get(job.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("manages", [True, False])
def test_one_job_costs_a_few_queries(client, a_kind, person, project, manages):
    job = asked(a_kind, person, project)
    viewer = make_user() if manages else person
    if manages:
        grant(viewer, Role.PROJECT_MANAGER, project)
    client.force_login(viewer)
    client.get(reverse("jobs:job-state", args=[job.pk]))

    with queries(6):
        client.get(reverse("jobs:job-state", args=[job.pk]))


# A project's jobs


def test_the_manager_sees_who_asked_for_what_in_the_project(client, a_kind, person, project):
    asked(a_kind, person, project, "1", **failed())
    asked(a_kind, person, make_project(), "2")
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    client.force_login(manager)
    address = reverse("jobs:project-jobs", kwargs={"org": project.organization.slug, "project": project.slug})

    page = text(client.get(address))

    assert page.count('class="row-title"') == 1 and person.name in page and "No room left." in page
    client.force_login(person)
    assert client.get(address).status_code == 403


@pytest.mark.parametrize("count", [1, 3])
def test_the_projects_jobs_cost_the_same_for_one_and_for_three(client, a_kind, person, project, count):
    for n in range(count):
        asked(a_kind, person, project, str(n))
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    client.force_login(manager)
    address = reverse("jobs:project-jobs", kwargs={"org": project.organization.slug, "project": project.slug})
    client.get(address)

    with queries(12):
        client.get(address)


# Operations


@pytest.fixture
def operator(client):
    found = make_user(is_staff=True)
    client.force_login(found)
    return found


def test_operators_see_figures_and_no_words_of_a_tenant(client, a_kind, person, project, operator):
    job = asked(a_kind, person, project, **failed())
    OutgoingMail.objects.create(
        key="m", recipient="anna@client.example", subject="Secret subject", text="t", state="failed", attempts=5,
        error="SMTPRecipientsRefused: {'anna@client.example': (550, b'no such user')}", not_before=timezone.now(),
    )  # fmt: skip

    for address in (
        "/operations/",
        "/operations/state/",
        job.get_absolute_url(),
        reverse("jobs:job-state", args=[job.pk]),
    ):
        page = text(client.get(address))
        for word in ("Alpenblick", project.name, person.email, "No room left", "anna@", "Secret subject"):
            assert word not in page, (address, word)
    page = text(client.get("/operations/"))
    assert "OSError: disk is full" in page and "…@client.example" in page
    assert "disk is full" in text(client.get(job.get_absolute_url()))


def test_operations_do_not_exist_for_others(client, person):
    client.force_login(person)
    assert client.get("/operations/").status_code == 404
    assert "/operations/" not in text(client.get("/jobs/"))


def test_an_operator_tries_a_failure_again_from_the_list(client, a_kind, person, operator):
    job = asked(a_kind, person, **failed())

    answer = client.post(reverse("jobs:job-again", args=[job.pk]), {"next": "/operations/"})

    assert (answer.status_code, answer["Location"]) == (303, "/operations/")
    job.refresh_from_db()
    assert job.state == JobState.QUEUED


def test_the_queues_are_counted_by_what_the_ledger_holds(a_kind, monkeypatch):
    monkeypatch.setattr(operations.queues, "waiting", lambda queue: None)
    now = timezone.now()
    hour_ago = now - dt.timedelta(hours=1)
    for n, fields in enumerate(
        [
            {"not_before": hour_ago},
            {},
            {"not_before": now + dt.timedelta(hours=1)},
            {"state": "running", "lease_until": now},
        ]
    ):
        Job.objects.filter(pk=ledger.ask(kind=a_kind(), key=str(n)).pk).update(**fields)
    ledger.ask(kind=a_kind(name="quick", queue="celery"), key="q")
    Job.objects.create(kind="gone", key="g", not_before=now)
    Heartbeat.objects.create(name="beat", at=now)

    quick, long = operations.state_of_queues()

    assert (quick.waiting, quick.running, quick.messages, quick.is_heard) == (1, 0, None, True)
    assert (long.waiting, long.later, long.running, long.oldest, long.is_heard) == (3, 1, 1, hour_ago, False)


def test_a_busy_worker_is_alive_though_it_hears_no_tick(a_kind):
    job = ledger.ask(kind=a_kind(), key="k")
    ledger.claim(job.pk)

    assert operations.state_of_queues()[1].is_heard


@pytest.mark.parametrize("count", [1, 3])
def test_operations_cost_the_same_for_one_and_for_three(client, a_kind, operator, count):
    for n in range(count):
        asked(a_kind, None, None, f"f{n}", **failed())
        asked(a_kind, None, None, f"r{n}", state="running", lease_until=timezone.now())
    client.get("/operations/")

    with queries(16):
        client.get("/operations/")


def test_an_operator_is_made_and_unmade_by_a_command(client, person):
    call_command("operator", person.email.upper(), verbosity=0)
    client.force_login(person)
    assert client.get("/operations/").status_code == 200

    call_command("operator", person.email, "--end", verbosity=0)
    assert client.get("/operations/").status_code == 404
    with pytest.raises(CommandError, match="Nobody signs in as"):
        call_command("operator", "nobody@nowhere.example")
