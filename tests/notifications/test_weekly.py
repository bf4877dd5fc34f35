"""The weekly summary: how projects stand, on Monday morning, for those who answer for them."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine

from core.models import OutgoingMail
from jobs import running
from jobs.models import Job, JobState
from notifications.reminding import weekly
from projects.models import Project
from projects.permissions import Role
from tests.factories.projects import grant, join, make_firm, make_organization, make_project, make_task, make_user
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 3, 16)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def no_bells(monkeypatch):
    from jobs import tasks

    monkeypatch.setattr(tasks.run, "apply_async", lambda *args, **options: None)


@pytest.fixture
def project():
    found = make_project(make_organization("acme", name="Acme"), "ims", name="ISO 9001", start_on=MONDAY - 14 * DAY)
    plan = {
        "phases": [],
        "open": [["1.2", "Scope", 16], ["1.1", "Mandate", 5], ["1.3", "Policy", 30], ["1.4", "Risks", 40]],
    }
    Project.objects.filter(pk=found.pk).update(
        effort_minutes=1000, effort_minutes_done=250, plan_days=[*range(40)], outline=plan
    )
    return Project.objects.get(pk=found.pk)


def member(project, name, role, **fields):
    person = make_user(f"{name}@example.org", name=name.title(), **fields)
    grant(person, role, project)
    return person


def morning(day=MONDAY, hour=6):
    with time_machine.travel(dt.datetime.combine(day, dt.time(hour, 5), dt.UTC), tick=False):
        for job in weekly.ask_due():
            assert running.run(job.pk) == JobState.DONE, Job.objects.get(pk=job.pk).detail


def recipients():
    return sorted(mail.recipient.split("@")[0] for mail in OutgoingMail.objects.all())


def test_who_answers_for_a_project_reads_once_a_week_how_it_stands(project):
    anna = member(project, "anna", Role.STAFF)
    for name, role in (("maria", Role.PROJECT_MANAGER), ("tom", Role.TOP_MANAGEMENT), ("cora", Role.CONSULTANT)):
        member(project, name, role)
    member(project, "quiet", Role.TOP_MANAGEMENT, mail_weekly=False)
    for late in (1, 8, 9, 40):
        make_task(project, assignee=anna, due_on=MONDAY - late * DAY)
    make_task(project, status="done", completed_at=dt.datetime(2026, 3, 12, tzinfo=dt.UTC))
    make_task(project, status="done", completed_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))

    morning()
    morning()
    morning(MONDAY + DAY)

    assert recipients() == ["cora", "maria", "tom"]
    mail = OutgoingMail.objects.get(recipient="tom@example.org")
    assert mail.subject == "The week from 16 March: 1 project, 4 late"
    assert [line for line in mail.text.splitlines() if line][2:10] == [
        "ISO 9001 (Acme)",
        "- 25 % done, 15 % planned: 10 points ahead",
        "- 1 task done last week",
        "- 4 overdue",
        "- Escalated: 2 with the project manager, 1 with top management",
        "- Next: 1.2 Scope, until Wednesday 18 March",
        "- Next: 1.3 Policy, until Wednesday 1 April",
        "http://localhost:8000/org/acme/ims/",
    ]
    assert "qq0" not in mail.html + mail.text
    assert "<!--" not in mail.html
    assert 'width="25%"' in mail.html
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_monday_slept_through_is_caught_up_until_wednesday(project):
    member(project, "maria", Role.PROJECT_MANAGER)

    morning(MONDAY + 3 * DAY)
    assert recipients() == []
    morning(MONDAY + 8 * DAY)
    assert OutgoingMail.objects.get().key.endswith(str(MONDAY + 7 * DAY))


def test_of_a_firms_consultants_the_one_in_charge_reads_it(project):
    firm = make_firm("firn")
    first, second = (join(make_user(f"{name}@example.org", name=name), firm) for name in ("first", "second"))
    grant(firm.team, Role.CONSULTANT, project.organization)
    Project.objects.filter(pk=project.pk).update(consultant=second)

    morning()
    assert recipients() == ["second"]

    Project.objects.filter(pk=project.pk).update(consultant=None)
    morning(MONDAY + 7 * DAY)
    assert recipients() == ["first", "second", "second"]
    assert first.pk != second.pk


def test_paused_projects_and_people_without_one_get_nothing(project):
    member(project, "maria", Role.PROJECT_MANAGER)
    Project.objects.filter(pk=project.pk).update(status="paused")

    morning()

    assert recipients() == []


def test_the_number_of_queries_does_not_grow_with_projects_and_people(project):
    member(project, "maria", Role.PROJECT_MANAGER)
    few = count_queries(lambda: weekly.serve(_people(), MONDAY))
    for n in range(5):
        other = make_project(project.organization)
        member(other, f"p{n}", Role.TOP_MANAGEMENT)
        make_task(other, due_on=MONDAY - n * DAY)

    assert (
        count_queries(lambda: weekly.serve(_people(), MONDAY + 7 * DAY)) == few <= 33
    )  # two for each sort of record with a date


def _people():
    from notifications.reminding.paper import Reader

    rows = (
        weekly.waiting("Europe/Zurich", 7, MONDAY + 30 * DAY)
        .order_by("pk")
        .values_list("pk", "name", "email", "language")
    )
    return [Reader(*row, wants_mail=True) for row in rows]
