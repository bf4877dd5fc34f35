"""The digest of a day: who gets what, once, in their morning, and what the mail says."""

from __future__ import annotations

import datetime as dt

import pytest
import time_machine
from django.urls import reverse

from core.models import OutgoingMail
from jobs import running
from jobs.models import Job, JobState
from notifications.models import DigestState, Notice, Preference, Reminder, ReminderRule, Why
from notifications.reminding import digest
from projects import reminders
from projects.models import ProjectUserGrant
from projects.permissions import Role
from tests.factories.projects import grant, make_organization, make_project, make_task, make_user
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db

MONDAY = dt.date(2026, 3, 16)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def no_bells(monkeypatch):
    from jobs import tasks

    monkeypatch.setattr(tasks.run, "apply_async", lambda *args, **options: None)


@pytest.fixture
def project():
    found = make_project(make_organization("acme", name="Acme & Sons"), "ims", name="ISO <9001>")
    return found


@pytest.fixture
def anna(project):
    return member(project, "anna", Role.PROCESS_OWNER, name="Anna Muster")


def member(project, email, role, **fields):
    person = make_user(f"{email}@example.org", name=fields.pop("name", email.title()), **fields)
    grant(person, role, project)
    return person


def morning(day=MONDAY, *, hour=6, minute=5):
    """Rings the schedule at that moment (UTC) and does what it asked for; the jobs of that ring."""
    with time_machine.travel(dt.datetime.combine(day, dt.time(hour, minute), dt.UTC), tick=False):
        asked = digest.ask_due()
        for job in asked:
            assert running.run(job.pk) == JobState.DONE, Job.objects.get(pk=job.pk).detail
    return asked


def reminded():
    """Everything reminded so far, as (person, record's number, local date, reason)."""
    from projects.models import Task

    numbers = dict(Task.objects.values_list("pk", "title"))
    rows = Reminder.objects.values_list("person__email", "subject_id", "on", "why")
    return sorted((email.split("@")[0], numbers[pk], on, why) for email, pk, on, why in rows)


def test_a_person_is_reminded_once_of_what_is_theirs_and_gets_one_mail(project, anna):
    make_task(project, "Today", assignee=anna, due_on=MONDAY)
    make_task(project, "Next week", assignee=anna, due_on=MONDAY + 7 * DAY)
    make_task(project, "Some day", assignee=anna, due_on=MONDAY + 5 * DAY)

    morning()
    morning(hour=6, minute=20)
    morning(hour=18)

    assert reminded() == [("anna", "Next week", MONDAY, Why.OWN), ("anna", "Today", MONDAY, Why.OWN)]
    (mail,) = OutgoingMail.objects.all()
    assert (mail.recipient, mail.subject) == ("anna@example.org", "Your work: 1 due today, 1 due soon")
    assert DigestState.objects.get(person=anna).last_on == MONDAY


def test_the_inbox_has_one_line_for_each_project_of_a_morning(project, anna):
    make_task(project, "Late", assignee=anna, due_on=MONDAY - 5 * DAY)
    make_task(project, "Today", assignee=anna, due_on=MONDAY)

    morning()
    morning(hour=8)

    lines = Notice.objects.filter(person=anna, kind="reminder").values_list("title", "project", "is_read")
    assert list(lines) == [("2 reminders this morning, 1 late", project.pk, False)]


def test_a_morning_is_the_recipients_own(project):
    for name, zone in (("zoe", "Europe/Zurich"), ("nick", "America/New_York"), ("mana", "Pacific/Apia")):
        make_task(project, name, assignee=member(project, name, Role.STAFF, time_zone=zone), due_on=MONDAY)

    morning(MONDAY - DAY, hour=17)  # 06:00 on Monday in Apia
    assert reminded() == []
    morning(MONDAY - DAY, hour=18)  # 07:00 there
    assert reminded() == [("mana", "mana", MONDAY, Why.OWN)]
    morning(hour=5, minute=55)
    assert len(reminded()) == 1
    morning(hour=6)
    assert [row[0] for row in reminded()] == ["mana", "zoe"]
    morning(hour=11)  # 07:00 in New York, which has changed its clocks already
    assert [row[0] for row in reminded()] == ["mana", "nick", "zoe"]


def test_a_person_may_choose_the_hour(project, anna):
    Preference.objects.create(person=anna, morning_hour=9)
    make_task(project, "Today", assignee=anna, due_on=MONDAY)

    morning()
    assert reminded() == []
    morning(hour=8)
    assert len(reminded()) == 1


def test_in_the_evening_no_digest_begins_and_the_next_morning_catches_up(project, anna):
    make_task(project, "Today", assignee=anna, due_on=MONDAY)
    DigestState.objects.create(person=anna, last_on=MONDAY - DAY, since_on=MONDAY - DAY)

    morning(hour=21)
    assert reminded() == []
    morning(MONDAY + DAY)
    assert reminded() == [("anna", "Today", MONDAY + DAY, Why.OWN)]


def test_nothing_that_is_closed_reassigned_paused_or_out_of_reach_is_reminded(project, anna):
    other = member(project, "other", Role.STAFF)
    gone = member(project, "gone", Role.STAFF)
    ProjectUserGrant.objects.filter(user=gone).delete()
    disabled = member(project, "disabled", Role.STAFF, is_active=False)
    paused, closed = (make_project(project.organization, status=status) for status in ("paused", "closed"))
    inactive = make_project(make_organization(is_active=False))
    for elsewhere in (paused, closed, inactive):
        grant(anna, Role.STAFF, elsewhere)
        make_task(elsewhere, "Elsewhere", assignee=anna, due_on=MONDAY)
    make_task(project, "Done", assignee=anna, due_on=MONDAY, status="done")
    make_task(project, "Cancelled", assignee=anna, due_on=MONDAY, status="cancelled")
    make_task(project, "Reassigned", assignee=other, due_on=MONDAY)
    make_task(project, "Of somebody gone", assignee=gone, due_on=MONDAY)
    make_task(project, "Of somebody disabled", assignee=disabled, due_on=MONDAY)
    make_task(project, "Undated", assignee=anna)

    morning()

    assert reminded() == [("other", "Reassigned", MONDAY, Why.OWN)]
    assert OutgoingMail.objects.count() == 1, "nobody gets an empty mail"


def test_a_role_that_has_expired_is_reminded_of_nothing(project):
    person = make_user()
    grant(person, Role.STAFF, project, expires_at=dt.datetime(2026, 3, 15, tzinfo=dt.UTC))
    make_task(project, "Too late", assignee=person, due_on=MONDAY)

    morning()

    assert reminded() == []


def test_what_nobody_is_named_for_reminds_the_role_and_without_one_the_project_manager(project):
    maria = member(project, "maria", Role.PROJECT_MANAGER)
    member(project, "hanna", Role.HR)
    member(project, "hugo", Role.HR)
    gone = member(project, "gone", Role.STAFF, is_active=False)
    type(project).objects.filter(pk=project.pk).update(manager=maria)
    make_task(project, "For HR", assignee_role=Role.HR, due_on=MONDAY)
    make_task(project, "For nobody", due_on=MONDAY)
    make_task(project, "For a role nobody holds", assignee_role=Role.RISK_OWNER, due_on=MONDAY)
    make_task(project, "Of somebody gone", assignee=gone, due_on=MONDAY)

    morning()

    assert reminded() == [
        ("hanna", "For HR", MONDAY, Why.ROLE),
        ("hugo", "For HR", MONDAY, Why.ROLE),
        ("maria", "For a role nobody holds", MONDAY, Why.LEAD),
        ("maria", "For nobody", MONDAY, Why.LEAD),
        ("maria", "Of somebody gone", MONDAY, Why.LEAD),
    ]
    text = OutgoingMail.objects.get(recipient="maria@example.org").text
    assert "T-004 Of somebody gone\ndue today · assigned to Gone, who has left" in text
    assert "T-002 For nobody\ndue today · nobody does this yet" in text


def test_what_is_late_climbs_once_to_the_manager_and_once_to_top_management(project, anna):
    member(project, "maria", Role.PROJECT_MANAGER)
    member(project, "tom", Role.TOP_MANAGEMENT)
    make_task(project, "Late", assignee=anna, due_on=MONDAY)

    for n in range(1, 31):
        morning(MONDAY + n * DAY)

    assert [row for row in reminded() if row[0] != "anna"] == [
        ("maria", "Late", dt.date(2026, 3, 23), Why.MANAGER),
        ("tom", "Late", dt.date(2026, 4, 6), Why.MANAGEMENT),
    ]
    assert [on for _who, _what, on, _why in reminded() if _who == "anna"] == [
        MONDAY + n * DAY for n in (3, 8, 11, 16, 21, 24, 29)
    ]
    mail = OutgoingMail.objects.get(recipient="tom@example.org")
    assert "15 working days late, was due Monday 16 March · escalated to you, assigned to Anna Muster" in mail.text


def test_who_works_on_a_late_task_of_their_own_project_is_not_told_twice(project):
    maria = member(project, "maria", Role.PROJECT_MANAGER)
    make_task(project, "Late", assignee=maria, due_on=MONDAY - 9 * DAY)  # six working days late on Monday: both at once

    DigestState.objects.create(person=maria, last_on=MONDAY - 5 * DAY, since_on=MONDAY - 5 * DAY)
    morning()

    assert reminded() == [("maria", "Late", MONDAY, Why.OWN)]


def test_an_organization_may_have_its_own_rule(project, anna):
    ReminderRule.objects.create(organization=project.organization, kind="task", before_days=[3], every_working_days=0)
    make_task(project, "In three days", assignee=anna, due_on=MONDAY + 3 * DAY)
    make_task(project, "Today", assignee=anna, due_on=MONDAY)

    morning()

    assert reminded() == [("anna", "In three days", MONDAY, Why.OWN)]


def test_days_on_which_the_server_was_off_are_caught_up_once(project, anna):
    make_task(project, "Tuesday", assignee=anna, due_on=MONDAY + DAY)
    make_task(project, "A week after Wednesday", assignee=anna, due_on=MONDAY + 9 * DAY)
    make_task(project, "Not named", assignee=anna, due_on=MONDAY + 12 * DAY)
    DigestState.objects.create(person=anna, last_on=MONDAY - DAY, since_on=MONDAY - DAY)

    morning(MONDAY + 3 * DAY)

    assert reminded() == [
        ("anna", "A week after Wednesday", MONDAY + 3 * DAY, Why.OWN),
        ("anna", "Tuesday", MONDAY + 3 * DAY, Why.OWN),
    ]
    assert OutgoingMail.objects.count() == 1


def test_a_server_that_comes_back_on_a_day_off_tells_it_on_the_next_working_day(project, anna):
    """One project works Monday to Friday, another on Saturday too: each keeps its own days, nothing is lost or doubled."""
    other = make_project(project.organization, working_week="1111110")
    grant(anna, Role.STAFF, other)
    friday, saturday = MONDAY + 4 * DAY, MONDAY + 5 * DAY
    make_task(project, "Office", assignee=anna, due_on=friday)
    make_task(other, "Shop", assignee=anna, due_on=friday)
    DigestState.objects.create(person=anna, last_on=friday - DAY, since_on=friday - DAY)

    for n in range(3):
        morning(saturday + n * DAY)

    assert reminded() == [
        ("anna", "Office", saturday + 2 * DAY, Why.OWN),
        ("anna", "Shop", saturday, Why.OWN),
    ]
    assert DigestState.objects.get(person=anna).since_on == saturday + 2 * DAY


def test_no_reminder_comes_on_a_day_off(project, anna):
    make_task(project, "Due on Sunday", assignee=anna, due_on=MONDAY + 6 * DAY)

    for n in range(-2, 8):
        morning(MONDAY + n * DAY)

    assert [row[2] for row in reminded()] == [MONDAY + 4 * DAY], "a week and a day ahead lie before or on this Friday"


def test_who_wants_no_mail_is_still_reminded_in_the_app(project, anna):
    type(anna).objects.filter(pk=anna.pk).update(mail_digest=False)
    make_task(project, "Today", assignee=anna, due_on=MONDAY)

    morning()

    assert len(reminded()) == 1
    assert not OutgoingMail.objects.exists()


def test_the_mail_is_grouped_by_project_with_the_most_urgent_first_and_links_to_the_configured_address(project, anna):
    calm = make_project(project.organization, "calm", name="Calm")
    grant(anna, Role.STAFF, calm)
    make_task(calm, "Calm one", assignee=anna, due_on=MONDAY)
    make_task(project, "Soon", assignee=anna, due_on=MONDAY + DAY)
    make_task(project, "Late <b>&", assignee=anna, due_on=MONDAY - 5 * DAY)

    morning()

    mail = OutgoingMail.objects.get()
    at = "http://localhost:8000/org/acme/"
    assert [line for line in mail.text.splitlines() if line] == [
        "Hello Anna Muster,",
        "Monday 16 March: 1 late, 1 due today, 1 due soon",
        "ISO <9001> (Acme & Sons)",
        "T-002 Late <b>&",
        "3 working days late, was due Wednesday 11 March",
        f"{at}ims/tasks/T-002/",
        "T-001 Soon",
        "due tomorrow, Tuesday 17 March",
        f"{at}ims/tasks/T-001/",
        "Calm (Acme & Sons)",
        "T-001 Calm one",
        "due today",
        f"{at}calm/tasks/T-001/",
        "My work: http://localhost:8000/my-work/",
        "This mail comes in the morning when something of yours is due or late.",
        f"Choose what you are told: http://localhost:8000{reverse('notifications:preferences')}",
        f"Stop the daily digest: {mail.headers['List-Unsubscribe'][1:-1]}",
    ]
    assert "T-002 Late &lt;b&gt;&amp;" in mail.html
    assert "ISO &lt;9001&gt;" in mail.html
    assert "Acme &amp; Sons" in mail.html
    assert "qq0" not in mail.html + mail.text + mail.subject
    assert "<!--" not in mail.html
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.headers["List-Unsubscribe"].startswith("<http://localhost:8000/")
    assert mail.urgency == 9


def test_a_long_day_names_the_thirty_most_urgent_and_counts_the_rest(project, anna):
    for n in range(33):
        make_task(project, f"Task number {n}", assignee=anna, due_on=MONDAY)

    morning()

    mail = OutgoingMail.objects.get()
    assert mail.text.count("due today\nhttp") == 30
    assert "and 3 more: my work" in mail.text
    assert "and 3 more: my work" in mail.html
    assert Reminder.objects.count() == 33


def test_the_mail_speaks_the_language_of_its_reader_and_the_worker_stays_in_its_own(project, anna):
    from django.utils import translation

    type(anna).objects.filter(pk=anna.pk).update(language="de")
    make_task(project, "Today", assignee=anna, due_on=MONDAY)

    morning()

    assert '<html lang="de">' in OutgoingMail.objects.get().html
    assert "16. März" in OutgoingMail.objects.get().text or "Montag" in OutgoingMail.objects.get().text
    assert translation.get_language() == "en"


def test_news_for_the_digest_goes_out_with_it_once(project, anna):
    from notifications.models import Notice
    from notifications.models.notice import Way

    notice = Notice.objects.create(
        person=anna, organization=project.organization, project=project, kind="mention", title="Beat mentioned <you>",
        text="Look at this", path="/org/acme/ims/tasks/T-001/", key="k", mail=Way.DIGEST,
    )  # fmt: skip

    morning()
    morning(MONDAY + DAY)

    mail = OutgoingMail.objects.get()
    assert mail.subject == "Your work: 1 piece of news"
    assert "Beat mentioned <you>\nLook at this\nhttp://localhost:8000/org/acme/ims/tasks/T-001/" in mail.text
    assert "Beat mentioned &lt;you&gt;" in mail.html
    notice.refresh_from_db()
    assert notice.mail == Way.DONE


def test_a_worker_that_dies_between_two_chunks_goes_on_where_it_stopped(project, monkeypatch):
    people = [member(project, f"p{n}", Role.STAFF) for n in range(7)]
    for person in people:
        make_task(project, person.name, assignee=person, due_on=MONDAY)
    monkeypatch.setattr(digest, "PEOPLE_AT_ONCE", 3)
    served, real = [], digest.serve

    def dies(chunk, *rest):
        if len(served) == 1:
            served.append(0)
            raise SystemExit
        served.append(len(chunk))
        return real(chunk, *rest)

    monkeypatch.setattr(digest, "serve", dies)
    with time_machine.travel(dt.datetime(2026, 3, 16, 6, 5, tzinfo=dt.UTC), tick=False) as clock:
        (job,) = digest.ask_due()
        with pytest.raises(SystemExit):
            running.run(job.pk)
        assert Reminder.objects.count() == 3
        clock.shift(dt.timedelta(minutes=5))
        assert running.run(job.pk) == JobState.DONE

    assert served == [3, 0, 3, 1]
    assert sorted(row[0] for row in reminded()) == [f"p{n}" for n in range(7)]
    assert OutgoingMail.objects.count() == 7


def test_two_workers_on_one_chunk_remind_once(project, anna):
    """The second read its people before the first wrote: what it found out is thrown away."""
    make_task(project, "Today", assignee=anna, due_on=MONDAY)
    people = digest._next("Europe/Zurich", 7, MONDAY, 0)

    assert digest.serve(people, MONDAY, {}) == 1
    assert digest.serve(people, MONDAY, {}) == 0

    assert len(reminded()) == 1
    assert OutgoingMail.objects.count() == 1


def test_a_person_who_moves_to_another_zone_is_not_reminded_twice_for_a_date(project, anna):
    make_task(project, "Today", assignee=anna, due_on=MONDAY)
    morning()
    type(anna).objects.filter(pk=anna.pk).update(time_zone="America/New_York")

    morning(hour=12)

    assert len(reminded()) == 1


def test_a_chunk_costs_the_same_queries_for_one_person_and_for_many(project, anna, monkeypatch):
    monkeypatch.setattr("projects.reminders._sources", {"task": reminders.of("task")})
    for n in range(12):
        make_task(project, assignee=anna, due_on=MONDAY - n * DAY)
    people = digest._next("Europe/Zurich", 7, MONDAY, 0)
    first = {"task": MONDAY - 30 * DAY}
    with queries(19):
        digest.serve(people, MONDAY, first)

    member(project, "maria", Role.PROJECT_MANAGER)
    for n in range(5):
        person = member(project, f"p{n}", Role.STAFF)
        other = make_project(project.organization)
        grant(person, Role.STAFF, other)
        for k in range(4):
            make_task(project, assignee=person, due_on=MONDAY - k * DAY)
            make_task(other, assignee=person, due_on=MONDAY - k * DAY)
    people = digest._next("Europe/Zurich", 7, MONDAY, 0)
    assert len(people) == 6
    with queries(19):
        digest.serve(people, MONDAY, first)
