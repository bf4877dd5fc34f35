"""What happens is told once, to whom it concerns, by the way they chose, and read only by who still may."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from django.test import Client
from django.utils import timezone, translation

from core.models import OutgoingMail
from jobs import hooks as job_hooks
from jobs.models import Job, JobState
from notifications.models import Notice, Preference
from notifications.models.notice import Way
from notifications.models.preference import When
from notifications.selectors import notice as selectors
from notifications.services import notice as services
from projects import telling
from projects.models import OrganizationUserGrant, ProjectUserGrant
from projects.permissions import Perm, Role
from projects.services import task as tasks
from tests.factories.projects import grant, make_organization, make_project, make_user
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db


def mails() -> set[tuple[str, str]]:
    return set(OutgoingMail.objects.values_list("recipient", "subject"))


def notices_of(person) -> list[str]:
    return list(Notice.objects.filter(person=person).order_by("pk").values_list("title", flat=True))


def make_notice(person, project=None, title="Told", **fields) -> Notice:
    number = Notice.objects.count() + 1
    if fields.get("is_read"):
        fields.setdefault("read_at", timezone.now())
    return Notice.objects.create(
        person=person, project=project, organization_id=project and project.organization_id,
        kind=fields.pop("kind", "assigned"), title=title, key=fields.pop("key", f"made-{number}"), **fields,
    )  # fmt: skip


def give(crew, person, title="Write the policy"):
    return tasks.create(project=crew.project, by=crew.manager, title=title, assignee=person)


# ---- written ----------------------------------------------------------------------------------------------------


def test_an_assignment_stands_in_the_inbox_and_goes_out_at_once(crew):
    task = give(crew, crew.staff)

    notice = Notice.objects.get()
    assert (notice.person, notice.project, notice.organization) == (crew.staff, crew.project, crew.project.organization)
    assert notice.title == f"{task.label} is yours: Write the policy"
    assert notice.text == "Given to you by Mia Manager."
    assert (notice.path, notice.needs, notice.mail) == (task.get_absolute_url(), Perm.VIEW_OWN_WORK, Way.AT_ONCE)
    assert notice.is_urgent and not notice.is_read and notice.mailed_at
    assert mails() == {(crew.staff.email, f"{task.label} is yours: Write the policy")}


def test_several_tasks_given_at_once_are_one_notice_for_each_person(crew):
    rows = [{"title": f"Task {k}", "assignee": crew.staff if k < 3 else crew.owner} for k in range(4)]

    made = tasks.create_many(project=crew.project, by=crew.manager, rows=rows)

    assert notices_of(crew.staff) == ["3 tasks are yours"]
    assert notices_of(crew.owner) == [f"{made[3].label} is yours: Task 3"]
    named = Notice.objects.get(person=crew.staff).text
    assert all(task.label in named for task in made[:3]) and made[3].label not in named


def test_a_mention_stands_in_the_inbox_of_who_was_mentioned_and_of_nobody_else(crew):
    task = crew.task("Scope")

    said = tasks.comment(task=task, by=crew.manager, text="@Otto Owner please look, @Mia Manager too")

    assert list(Notice.objects.values_list("person", "title", "text", "needs")) == [
        (crew.owner.pk, f"Mia Manager mentioned you: {task.label} Scope", said.text, Perm.VIEW_PROJECT)
    ]
    assert OutgoingMail.objects.get().key == f"mentioned:{said.pk}:{crew.owner.pk}"


def test_nobody_is_told_of_what_they_did_themselves(crew):
    give(crew, crew.manager)

    assert not Notice.objects.exists() and not OutgoingMail.objects.exists()


def test_a_notice_speaks_the_language_of_its_person(crew):
    crew.staff.language = "de"
    crew.staff.save(update_fields=["language"])

    with translation.override("fr"):
        give(crew, crew.staff)
        assert translation.get_language() == "fr"

    # While no translation is there the words are English; what counts is that the person's own language was asked for.
    assert Notice.objects.get().title.endswith("Write the policy")


def test_a_change_that_is_taken_back_leaves_no_notice(crew):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        give(crew, crew.staff)
        _ = 1 / 0

    assert not Notice.objects.exists() and not OutgoingMail.objects.exists()


def test_the_same_event_told_twice_stands_once_and_goes_out_once(crew):
    task = crew.task(assignee=crew.staff)
    event = telling.Event("assigned", [crew.staff], crew.manager, [task], "7", project=crew.project)

    services.tell(event)
    services.tell(event)

    assert Notice.objects.count() == OutgoingMail.objects.count() == 1


def test_who_may_not_sign_in_is_not_told(crew):
    crew.staff.is_active = False
    task = crew.task(assignee=crew.staff)

    services.tell(telling.Event("assigned", [crew.staff], crew.manager, [task], "7", project=crew.project))

    assert not Notice.objects.exists()


def test_telling_thirty_people_takes_no_more_queries_than_telling_three(crew):
    def told(number: int) -> int:
        people = [make_user(mail_on_assignment=False) for _k in range(number)]
        task = crew.task()
        events = [
            telling.Event("assigned", [one], crew.manager, [task], f"{number}", project=crew.project) for one in people
        ]
        return count_queries(lambda: services.tell(*events))

    told(1)
    assert told(3) == told(30) == 2


# ---- by what way ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("switches", "chosen", "way"),
    [
        ({}, None, Way.AT_ONCE),
        ({}, When.AT_ONCE, Way.AT_ONCE),
        ({}, When.DIGEST, Way.DIGEST),
        ({"mail_on_assignment": False}, None, Way.NONE),
        ({"mail_on_assignment": False}, When.DIGEST, Way.NONE),
        ({"mail_digest": False}, When.DIGEST, Way.NONE),
        ({"mail_digest": False}, When.AT_ONCE, Way.AT_ONCE),
    ],
)
def test_an_assignment_goes_out_as_its_person_chose(crew, switches, chosen, way):
    for name, value in switches.items():
        setattr(crew.staff, name, value)
    crew.staff.save()
    if chosen:
        Preference.objects.create(person=crew.staff, assignment=chosen)

    give(crew, crew.staff)

    assert Notice.objects.get().mail == way
    assert OutgoingMail.objects.count() == (way == Way.AT_ONCE)


def test_a_decision_always_comes_by_mail(crew):
    chosen = Preference(person=crew.owner, decision=When.DIGEST)

    assert services.way_for("decision", crew.owner, None) == Way.AT_ONCE
    assert services.way_for("decision", crew.owner, chosen) == Way.DIGEST
    crew.owner.mail_digest = crew.owner.mail_on_assignment = crew.owner.mail_on_mention = False
    assert services.way_for("decision", crew.owner, chosen) == Way.AT_ONCE


def test_a_mail_at_once_can_be_stopped_with_one_click(crew):
    give(crew, crew.staff)

    mail = OutgoingMail.objects.get()
    stop = mail.headers["List-Unsubscribe"].strip("<>")
    assert mail.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert stop.startswith(settings.BASE_URL) and stop in mail.text and stop in mail.html
    Client(enforce_csrf_checks=True).post(stop.removeprefix(settings.BASE_URL))
    crew.staff.refresh_from_db()
    assert not crew.staff.mail_on_assignment and crew.staff.mail_on_mention


# ---- jobs -------------------------------------------------------------------------------------------------------


@pytest.fixture
def report(crew, monkeypatch):
    """A job of the manager, just ended as asked for; its kind announces its end."""
    from jobs import kinds

    monkeypatch.setitem(kinds._kinds, "loud", kinds.Kind("loud", "Report", work=print, may=print, announces=True))
    monkeypatch.setitem(kinds._kinds, "quiet", kinds.Kind("quiet", "Count", work=print, may=print))

    def ended(kind="loud", state=JobState.DONE, **fields) -> Job:
        job = Job.objects.create(
            key="k", kind=kind, subject="Project status", actor=fields.pop("actor", crew.manager), project=crew.project,
            organization=crew.project.organization, state=state, not_before=timezone.now(),
            finished_at=timezone.now(), **fields,
        )  # fmt: skip
        for told in job_hooks.ended:
            told(job)
        return job

    return ended


def test_who_asked_for_a_report_is_told_that_it_is_ready(crew, report):
    report(result={"url": "/reports/1/"})

    notice = Notice.objects.get()
    assert (notice.person, notice.title, notice.path) == (crew.manager, "Ready: Project status", "/reports/1/")
    assert notice.mail == Way.NONE


def test_who_asked_for_a_report_is_told_why_it_failed(crew, report):
    job = report(state=JobState.FAILED, reason="The disk is full.")

    notice = Notice.objects.get()
    assert (notice.title, notice.text) == ("Could not be made: Project status", "The disk is full.")
    assert notice.path == job.get_absolute_url()


def test_work_that_announces_nothing_and_work_of_the_schedule_tell_nobody(crew, report):
    report(kind="quiet")
    report(kind="of an older version")
    report(actor=None)
    report(state=JobState.CANCELLED)

    assert not Notice.objects.exists()


# ---- read only by who still may ---------------------------------------------------------------------------------


def test_a_notice_is_gone_when_the_role_has_ended_and_back_when_it_returns(crew):
    give(crew, crew.owner)
    assert selectors.unread_count(crew.owner) == 1

    held = ProjectUserGrant.objects.filter(user=crew.owner)
    held.update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert selectors.unread_count(crew.owner) == 0 and not selectors.inbox(crew.owner).days

    held.update(expires_at=None)
    assert selectors.unread_count(crew.owner) == 1


def test_who_only_keeps_own_work_no_longer_reads_a_mention_of_the_plan(crew):
    tasks.comment(task=crew.task(), by=crew.manager, text="@Otto Owner look")
    give(crew, crew.owner)

    ProjectUserGrant.objects.filter(user=crew.owner).delete()
    grant(crew.owner, Role.STAFF, crew.project)

    assert [one.kind for one in selectors.visible(crew.owner)] == ["assigned"]


def test_notices_without_a_project_follow_the_organization(crew):
    organization = make_organization()
    own = make_notice(crew.owner, title="Own")
    make_notice(crew.owner, title="Of an organization")
    Notice.objects.filter(title="Of an organization").update(organization=organization)

    assert list(selectors.visible(crew.owner)) == [own]
    grant(crew.owner, Role.CLIENT_ADMIN, organization)
    assert selectors.visible(crew.owner).count() == 2
    OrganizationUserGrant.objects.filter(user=crew.owner).delete()
    grant(crew.owner, Role.STAFF, make_project(organization))
    assert selectors.visible(crew.owner).count() == 2


def test_a_closed_organization_tells_nothing(crew):
    give(crew, crew.owner)
    organization = crew.project.organization
    organization.is_active = False
    organization.save()

    assert selectors.unread_count(crew.owner) == 0


def test_every_need_in_the_table_of_notices_is_one_the_inbox_asks_for(crew):
    from notifications import notices

    give(crew, crew.staff)
    tasks.comment(task=crew.task(), by=crew.manager, text="@Otto Owner look")

    assert set(Notice.objects.exclude(needs="").values_list("needs", flat=True)) <= set(notices.NEEDS)


def test_the_count_is_one_query_and_stops_at_a_hundred(crew):
    place = {"project": crew.project, "organization": crew.project.organization}
    Notice.objects.bulk_create(
        Notice(person=crew.owner, kind="reminder", title=f"{k}", key=f"k{k}", **place) for k in range(150)
    )

    with queries(1, exactly=True):
        assert selectors.unread_count(crew.owner) == 100


# ---- digest, reminders, read, forgotten -------------------------------------------------------------------------


def digest_notice(person, project, title, **fields):
    return make_notice(person, project, title, mail=Way.DIGEST, **fields)


def test_the_digest_gets_what_is_unread_wanted_there_and_not_mailed_yet(crew):
    now = timezone.now()
    late = digest_notice(crew.staff, crew.project, "Late", created_at=now - dt.timedelta(hours=1))
    early = digest_notice(crew.staff, crew.project, "Early", created_at=now - dt.timedelta(hours=2))
    urgent = digest_notice(crew.staff, crew.project, "Urgent", is_urgent=True)
    digest_notice(crew.staff, crew.project, "Read", is_read=True)
    make_notice(crew.staff, crew.project, "At once", mail=Way.AT_ONCE)
    of_owner = digest_notice(crew.owner, crew.project, "Other")
    digest_notice(crew.auditor, crew.project, "Not asked for")

    found = selectors.for_digest([crew.staff.pk, crew.owner.pk])

    assert found == {crew.staff.pk: [urgent, early, late], crew.owner.pk: [of_owner]}
    assert services.mark_mailed([one.pk for one in found[crew.staff.pk]]) == 3
    assert services.mark_mailed([urgent.pk]) == 0
    assert selectors.for_digest([crew.staff.pk, crew.owner.pk]) == {crew.owner.pk: [of_owner]}


def test_the_digest_says_nothing_of_what_its_person_may_no_longer_see(crew):
    digest_notice(crew.stranger, crew.project, "Strange")
    digest_notice(crew.staff, crew.project, "Of the plan", needs=Perm.VIEW_PROJECT)
    mine = digest_notice(crew.staff, crew.project, "Mine", needs=Perm.VIEW_OWN_WORK)

    assert selectors.for_digest([crew.stranger.pk, crew.staff.pk]) == {crew.staff.pk: [mine]}


def test_the_digest_and_the_inbox_agree_on_what_may_be_read(crew):
    """The two ways to ask (one person in SQL, many people at once) give the same answer."""
    firm_like = make_user()
    grant(firm_like, Role.CONSULTANT, crew.project.organization)
    people = [crew.manager, crew.owner, crew.staff, crew.auditor, crew.certifier, crew.stranger, firm_like]
    for person in people:
        for project in (crew.project, crew.other, None):
            for need in ("", Perm.VIEW_OWN_WORK, Perm.VIEW_PROJECT, Perm.DECIDE):
                digest_notice(person, project, f"{person} {project} {need}", needs=need if project else "")
        Notice.objects.filter(pk=digest_notice(person, None, "org").pk).update(organization=crew.project.organization)

    at_once = selectors.for_digest([person.pk for person in people])

    for person in people:
        alone = set(selectors.visible(person).filter(mail=Way.DIGEST))
        assert set(at_once.get(person.pk, ())) == alone and alone, person


def test_the_digest_takes_two_queries_for_any_number_of_people(crew):
    people = [crew.manager, crew.owner, crew.staff]
    for person in people:
        for k in range(3):
            digest_notice(person, crew.project, f"{k}")

    with queries(2, exactly=True):
        for found in selectors.for_digest([one.pk for one in people]).values():
            assert [one.project.organization.name for one in found]


def test_reminders_in_bulk_are_written_once_by_their_key(crew):
    row = (
        crew.staff.pk,
        crew.project.organization_id,
        crew.project.pk,
        "due:1:2026-03-02",
        "3 tasks are due",
        "/my-work/",
    )

    services.remind([row])
    services.remind([row, (*row[:3], "due:1:2026-03-03", "1 task\nis due", "/my-work/")])

    assert notices_of(crew.staff) == ["3 tasks are due", "1 task is due"]
    assert set(Notice.objects.values_list("kind", "mail")) == {("reminder", Way.NONE)}
    with queries(21):  # SQLite takes 999 values at a time; PostgreSQL needs three
        services.remind((*row[:3], f"many:{k}", "Due", "/") for k in range(1200))


def test_people_mark_only_their_own_as_read(crew):
    mine, theirs = make_notice(crew.staff, crew.project), make_notice(crew.owner, crew.project)

    assert services.mark_read(person=crew.staff, ids=[mine.pk, theirs.pk]) == 1
    mine.refresh_from_db()
    theirs.refresh_from_db()
    assert mine.is_read and mine.read_at and not theirs.is_read
    assert services.mark_read(person=crew.staff, ids=[mine.pk]) == 0


def test_what_comes_in_while_somebody_reads_stays_unread(crew):
    seen, later = make_notice(crew.staff, crew.project), make_notice(crew.staff, crew.project)

    assert services.mark_all_read(person=crew.staff, until=seen.pk) == 1
    later.refresh_from_db()
    assert not later.is_read


def test_what_was_read_half_a_year_ago_is_removed_and_nothing_unread_ever(crew):
    now = timezone.now()
    old = now - dt.timedelta(days=181)
    make_notice(crew.staff, title="Read long ago", is_read=True, read_at=old, created_at=old)
    make_notice(crew.staff, title="Read lately", is_read=True, read_at=now - dt.timedelta(days=179), created_at=old)
    make_notice(crew.staff, title="Never read", created_at=old)

    assert services.forget_old() == 1
    assert set(notices_of(crew.staff)) == {"Read lately", "Never read"}


def test_the_demo_leaves_read_what_is_old_and_nothing_to_be_mailed(crew):
    from notifications import demo

    crew.staff.is_demo = True
    crew.staff.save()
    now = timezone.now()
    make_notice(crew.staff, title="Old", created_at=now - dt.timedelta(days=20))
    make_notice(crew.staff, title="Ancient", created_at=now - dt.timedelta(days=90))
    digest_notice(crew.staff, crew.project, "New")
    make_notice(crew.owner, title="Nobody's business", created_at=now - dt.timedelta(days=20))

    demo.settle()

    state = dict(Notice.objects.values_list("title", "is_read"))
    assert state == {"Old": True, "New": False, "Nobody's business": False}
    assert not Notice.objects.filter(mail=Way.DIGEST).exists()


# ---- at the same moment -----------------------------------------------------------------------------------------


def at_once(*works) -> None:
    """Runs each piece of work in a thread of its own, all beginning together; raises what one of them raised."""
    gate, errors = threading.Barrier(len(works)), []

    def run(work):
        try:
            gate.wait()
            work()
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors, errors


@pytest.mark.django_db(transaction=True)
def test_an_event_told_by_two_at_once_stands_once(crew):
    task = crew.task(assignee=crew.staff)
    event = telling.Event("assigned", [crew.staff], crew.manager, [task], "7", project=crew.project)

    def tell():
        with transaction.atomic():
            services.tell(event)

    at_once(tell, tell, tell)

    assert Notice.objects.count() == OutgoingMail.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_reading_twice_at_once_counts_once(crew):
    notice = make_notice(crew.staff, crew.project)
    counts = []

    def read():
        counts.append(services.mark_read(person=crew.staff, ids=[notice.pk]))

    at_once(read, read, read)

    assert sorted(counts) == [0, 0, 1]
    notice.refresh_from_db()
    assert notice.is_read


@pytest.mark.django_db(transaction=True)
def test_a_digest_marked_by_two_at_once_is_marked_by_one(crew):
    notice = digest_notice(crew.staff, crew.project, "New")
    counts = []
    at_once(*[lambda: counts.append(services.mark_mailed([notice.pk]))] * 3)

    assert sorted(counts) == [0, 0, 1]


def test_the_bell_is_counted_from_the_index_of_the_unread(crew):
    """A hundred thousand notices change nothing about it: the plan never walks the table."""
    Notice.objects.bulk_create(
        Notice(person=crew.owner, kind="reminder", title=f"{k}", key=f"k{k}", is_read=True, read_at=timezone.now())
        for k in range(2000)
    )
    asked = selectors.visible(crew.owner).filter(is_read=False).order_by()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE notifications_notice")
    plan = asked.explain()
    assert "notice_unread" in plan or "notice_inbox" in plan, plan
