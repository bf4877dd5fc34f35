"""Calendar links: what they show to whom, that programs take them, and that they can be ended."""

from __future__ import annotations

import datetime as dt
import warnings

import icalendar
import pytest
import time_machine
import vobject
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from accounts.models import User
from notifications.models import Feed
from notifications.selectors import feed as selectors
from notifications.services import feed as services
from projects import milestones, reminders
from projects.models import PlanStep, Project, ProjectUserGrant, Task
from projects.permissions import Role
from projects.services import task as tasks
from tests.factories.projects import grant, make_project, make_step, make_task
from tests.helpers.budget import count_queries, queries
from tests.notifications.test_notices import at_once

pytestmark = pytest.mark.django_db
PAGE = "/calendar/links/"
D = dt.date


@pytest.fixture(autouse=True)
def nothing_asked_before():
    cache.clear()


def link_of(person, project=None) -> str:
    feed = services.renew(person=person, project=project, by=person)
    return f"/calendar/{services.secret_of(feed)}/{'project' if project else 'my-work'}.ics"


def read(link, **headers):
    return Client().get(link, headers=headers)


def events(answer) -> list[icalendar.Event]:
    """The events, read back as strictly as the library can: no warning, no part with an error, nothing missing."""
    assert answer.status_code == 200, answer.status_code
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calendar = icalendar.Calendar.from_ical(answer.content)
    assert not calendar.errors and not any(part.errors for part in calendar.walk())
    assert answer.content == calendar.to_ical(), "what the library reads is what it would write"
    return calendar.walk("VEVENT")


def titles(answer) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(answer)]


# ---- what stands there ------------------------------------------------------------------------------------------


def test_a_due_date_is_one_whole_day(crew, settings):
    settings.BASE_URL = "https://ims.example"
    task = crew.task("Write; the, policy\\ \n“now” Ünïcode " + "long " * 20, assignee=crew.staff, due_on=D(2026, 3, 31))
    Task.objects.filter(pk=task.pk).update(version=4, updated_at=dt.datetime(2026, 2, 3, 4, 5, 6, 789, tzinfo=dt.UTC))

    answer = read(link_of(crew.staff))

    (event,) = events(answer)
    project = crew.project
    link = f"https://ims.example{task.get_absolute_url()}"
    assert str(event["UID"]) == f"task-{task.pk}@ims.example"
    assert (event["DTSTART"].dt, event["DTEND"].dt) == (D(2026, 3, 31), D(2026, 4, 1))
    assert event["DTSTART"].params["VALUE"] == "DATE"
    assert event["DTSTAMP"].dt == event["LAST-MODIFIED"].dt == dt.datetime(2026, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
    assert event["SEQUENCE"] == 3
    assert str(event["SUMMARY"]) == f"{task.label} {task.title.strip()}"
    assert str(event["DESCRIPTION"]) == f"{project.organization.name}: {project.name}\n{link}"
    assert str(event["URL"]) == link
    assert [str(one) for one in event["CATEGORIES"].cats] == [f"{project.organization.name}: {project.name}"]
    assert (str(event["STATUS"]), str(event["TRANSP"])) == ("CONFIRMED", "TRANSPARENT")
    assert not event.walk("VALARM")


def test_the_text_is_as_the_standard_wants_it(crew):
    crew.task("Ü" * 100, assignee=crew.staff, due_on=D(2026, 3, 31))

    answer = read(link_of(crew.staff))

    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "no-store" in answer["Cache-Control"]
    body = answer.content
    assert body.startswith(b"BEGIN:VCALENDAR\r\n") and body.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in body.replace(b"\r\n", b"")
    assert max(len(line) for line in body.split(b"\r\n")) <= 75
    for line in (
        b"VERSION:2.0",
        b"X-WR-CALNAME:IMS2: my work",
        b"REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        b"METHOD:PUBLISH",
    ):
        assert line + b"\r\n" in body


def test_another_program_reads_the_same(crew):
    for k in range(3):
        crew.task(f"Task; {k}, “ü”", assignee=crew.staff, due_on=D(2026, 3, 10 + k))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        calendar = vobject.readOne(read(link_of(crew.staff)).content.decode())

    assert [one.summary.value for one in calendar.vevent_list] == [f"T-00{k + 1} Task; {k}, “ü”" for k in range(3)]
    assert [one.dtstart.value for one in calendar.vevent_list] == [D(2026, 3, 10 + k) for k in range(3)]
    assert [one.dtend.value for one in calendar.vevent_list] == [D(2026, 3, 11 + k) for k in range(3)]
    assert calendar.validate(raiseException=True)


def test_characters_that_no_calendar_may_hold_are_left_out(crew):
    task = crew.task("x", assignee=crew.staff, due_on=D(2026, 3, 10))
    Task.objects.filter(pk=task.pk).update(title="Bell\x07 tab\t line\r\nbreak\u2028end\x1b[31m")

    answer = read(link_of(crew.staff))

    assert titles(answer) == [f"{task.label} Bell  tab  line\nbreak end [31m"]
    assert not {7, 9, 27} & set(answer.content)


def test_only_what_is_mine_unfinished_and_dated_stands_there(crew):
    when = {"due_on": D(2026, 3, 10)}
    mine = crew.task("Mine", assignee=crew.staff, **when)
    crew.task("Theirs", assignee=crew.owner, **when)
    crew.task("Of my role", assignee_role=Role.STAFF, **when)
    crew.task("Done", assignee=crew.staff, status="done", completed_at=timezone.now(), **when)
    crew.task("Undated", assignee=crew.staff)
    closed = make_project(status="closed")
    grant(crew.staff, Role.STAFF, closed)
    make_task(closed, "Closed", assignee=crew.staff, **when)

    assert titles(read(link_of(crew.staff))) == [f"{mine.label} Mine"]


def test_the_milestones_of_a_project(crew):
    project = crew.project
    first = PlanStep.objects.get(project=project)
    make_step(project, title="Second", starts_on=D(2026, 3, 16), ends_on=D(2026, 4, 3))
    make_step(project, title="Out", ends_on=D(2026, 9, 9), is_applicable=False, justification="Not here")
    make_step(project, title="Merged", ends_on=D(2026, 9, 9), merged_into=first)
    Project.objects.filter(pk=project.pk).update(target_on=D(2026, 12, 1))

    found = {str(e["SUMMARY"]): e["DTSTART"].dt for e in events(read(link_of(crew.auditor, project)))}

    assert found == {
        "Start of phase 1: Plan": first.starts_on,
        "Start of step 1.1: Step 1": first.starts_on,
        "End of step 1.1: Step 1": D(2026, 9, 9),  # with the step that was merged into it
        "Start of step 1.2: Second": D(2026, 3, 16),
        "End of step 1.2: Second": D(2026, 4, 3),
        "End of phase 1: Plan": D(2026, 9, 9),
        "Certification audit planned": D(2026, 12, 1),
    }


@pytest.mark.parametrize("source", reminders.every(), ids=lambda source: source.kind)
def test_every_sort_of_record_has_the_columns_it_names(source):
    columns = (
        source.owner,
        source.due,
        source.number,
        source.title,
        source.version,
        source.changed,
        source.role or "pk",
    )

    assert list(source.rows().values_list(*columns, "project", "organization")) == []


def test_an_app_above_hangs_its_dates_in(crew, monkeypatch):
    monkeypatch.setattr(milestones, "_hung", [])
    one = milestones.Milestone("audit-1", D(2026, 1, 1), "First audit", "/a/", 1, timezone.now())
    milestones.hang(lambda project: [one] if project == crew.project else [])

    assert milestones.of(crew.project)[0] == one
    assert one not in milestones.of(crew.other)


def test_a_number_only_grows_when_a_step_leaves_the_phase(crew):
    """Programs drop an event whose SEQUENCE is smaller than the one they know."""
    project = crew.project
    second = make_step(project, ends_on=D(2026, 6, 6), version=5)

    def phase_end():
        return next(one for one in milestones.of(project) if one.key.startswith("phase") and one.key.endswith("end"))

    before = phase_end()
    second.is_applicable, second.justification, second.version = False, "Not here", 6
    second._change_reason = ""
    second.save()

    assert phase_end().on < before.on and phase_end().version > before.version


def test_the_words_are_in_the_language_of_the_person(crew):
    crew.staff.language = "de"
    crew.staff.save(update_fields=["language"])

    assert read(link_of(crew.staff))["Content-Language"] in ("de", "en")


# ---- asked again --------------------------------------------------------------------------------------------------


def test_the_same_rows_make_the_same_text_and_who_knows_it_is_told_so(crew):
    for k in range(4):
        crew.task(f"Same day {k}", assignee=crew.staff, due_on=D(2026, 3, 10))
    link = link_of(crew.staff)

    first = read(link)
    with time_machine.travel(timezone.now() + dt.timedelta(days=2)):
        second = read(link)
    unchanged = read(link, If_None_Match=first["ETag"])

    assert (first.content, first["ETag"]) == (second.content, second["ETag"])
    assert (unchanged.status_code, unchanged.content) == (304, b"")


def test_a_change_of_a_task_is_a_new_text_with_a_larger_number(crew):
    task = crew.task("Old", assignee=crew.staff, due_on=D(2026, 3, 10))
    link = link_of(crew.staff)
    before = read(link)

    tasks.edit(task=task, by=crew.manager, version=task.version, values={"due_on": D(2026, 3, 12)})

    after = read(link, If_None_Match=before["ETag"])
    (old,), (new,) = events(before), events(after)
    assert new["UID"] == old["UID"] and new["SEQUENCE"] > old["SEQUENCE"] and new["DTSTART"].dt == D(2026, 3, 12)


def test_when_it_was_read_is_kept_to_the_hour(crew):
    link = link_of(crew.staff)
    start = timezone.now()

    with time_machine.travel(start, tick=False):
        read(link)
    with time_machine.travel(start + dt.timedelta(minutes=30), tick=False):
        read(link)
        assert Feed.objects.get().last_read_at == start
    with time_machine.travel(start + dt.timedelta(minutes=61), tick=False):
        read(link)
    assert Feed.objects.get().last_read_at == start + dt.timedelta(minutes=61)


# ---- rights -----------------------------------------------------------------------------------------------------


def test_an_ended_role_empties_the_calendar_at_once(crew):
    crew.task("Quillfeather", assignee=crew.auditor, due_on=D(2026, 3, 10))
    mine, plan = link_of(crew.auditor), link_of(crew.auditor, crew.project)
    assert len(events(read(mine))) == 1 and events(read(plan))

    ProjectUserGrant.objects.filter(user=crew.auditor).update(expires_at=timezone.now())

    assert events(read(mine)) == [] and b"Quillfeather" not in read(mine).content
    assert read(plan).status_code == 404


def test_a_closed_account_and_a_closed_organization_open_nothing(crew):
    crew.task(assignee=crew.auditor, due_on=D(2026, 3, 10))
    mine, plan = link_of(crew.auditor), link_of(crew.auditor, crew.project)
    organization = crew.project.organization
    organization.is_active = False
    organization.save()
    assert events(read(mine)) == [] and read(plan).status_code == 404

    User.objects.filter(pk=crew.auditor.pk).update(is_active=False)
    assert read(mine).status_code == read(plan).status_code == 404


def test_who_may_not_read_the_plan_gets_no_link_to_it(crew):
    client = crew.client("staff")

    assert client.post(PAGE, {"project": crew.project.pk}).status_code == 404
    assert not Feed.objects.exists()
    # And who could once, can no more: the right is asked at every reading.
    link = link_of(crew.auditor, crew.project)
    ProjectUserGrant.objects.filter(user=crew.auditor).delete()
    grant(crew.auditor, Role.STAFF, crew.project)
    assert read(link).status_code == 404


def test_a_secret_opens_its_own_calendar_only(crew):
    mine, plan = link_of(crew.auditor), link_of(crew.auditor, crew.project)

    assert read(mine.replace("my-work", "project")).status_code == 404
    assert read(plan.replace("project", "my-work")).status_code == 404
    for secret in ("x", "0" * 43, "%00", "ü", "a" * 3000):
        assert read(f"/calendar/{secret}/my-work.ics").status_code == 404
    assert Client().post(mine).status_code == 405


def test_the_database_holds_no_secret(crew):
    link = link_of(crew.staff)
    secret = link.split("/")[2]

    row = Feed.objects.values().get()
    assert secret not in str(row) and len(secret) == 43
    assert services.digest(secret) == row["token_sha256"]


def test_another_key_of_the_installation_leaves_links_working_but_unshown(crew, settings):
    link = link_of(crew.staff)
    before, settings.SECRET_KEY = settings.SECRET_KEY, "another key, made later"
    feed = Feed.objects.get()

    assert read(link).status_code == 200
    assert services.secret_of(feed) == ""
    client = Client()
    client.force_login(crew.staff, backend="accounts.backends.Backend")
    assert "can no longer be shown" in client.get(PAGE).content.decode()
    settings.SECRET_KEY_FALLBACKS = [before]
    assert services.secret_of(feed) in link


def test_who_asks_too_often_waits(crew):
    link = link_of(crew.staff)
    codes = [read(link).status_code for _k in range(31)]

    assert (codes.count(200), codes[-1]) == (30, 429)
    assert read(link)["Retry-After"] == "600"
    assert read(link_of(crew.owner)).status_code == 200


def test_guessing_is_slowed_down():
    codes = [read(f"/calendar/guess{k}/my-work.ics").status_code for k in range(61)]

    assert (codes.count(404), codes[-1]) == (60, 429)


# ---- the page ---------------------------------------------------------------------------------------------------


def test_a_link_is_made_shown_again_renewed_and_ended(crew):
    client = crew.client("auditor")
    assert b"Make the link" in client.get(PAGE).content

    client.post(PAGE, {"project": ""})
    first = client.get(PAGE).context["work"].link
    assert first == client.get(PAGE).context["work"].link and read(first).status_code == 200
    client.post(PAGE, {"project": ""})
    second = client.get(PAGE).context["work"].link
    assert second != first and read(first).status_code == 404 and read(second).status_code == 200
    client.post(PAGE, {"end": client.get(PAGE).context["work"].pk})
    assert client.get(PAGE).context["work"] is None and read(second).status_code == 404
    assert Feed.objects.filter(revoked_at__isnull=True).count() == 0


def test_each_project_has_a_link_of_its_own(crew):
    second = make_project(crew.project.organization, name="Second")
    grant(crew.auditor, Role.AUDITOR, second)
    client = crew.client("auditor")

    client.post(PAGE, {"project": second.pk})

    context = client.get(PAGE, {"project": crew.project.pk}).context
    assert [(one, feed.project) for one, feed in context["linked"]] == [(second, second)]
    assert (context["others"], context["chosen"]) == ([crew.project], crew.project.pk)
    client.post(PAGE, {"end": context["linked"][0][1].pk})
    assert not client.get(PAGE).context["linked"]


def test_the_link_of_a_project_that_was_closed_to_its_person_can_be_ended_and_names_nothing(crew):
    Project.objects.filter(pk=crew.project.pk).update(name="Quillfeather")
    link_of(crew.auditor, Project.objects.get(pk=crew.project.pk))
    ProjectUserGrant.objects.filter(user=crew.auditor).delete()
    client = crew.client("auditor")

    page = client.get(PAGE)
    (feed,) = page.context["gone"]
    assert "Quillfeather" not in page.content.decode()
    assert client.post(PAGE, {"end": feed.pk}).status_code == 303
    assert not client.get(PAGE).context["gone"]


@pytest.mark.parametrize("wrong", ["0", "x", "9" * 30, "\0"])
def test_a_project_that_is_not_there_gets_no_link(crew, wrong):
    client = crew.client("auditor")

    assert client.post(PAGE, {"project": wrong}).status_code == 404
    assert client.post(PAGE, {"project": crew.other.pk}).status_code == 404
    assert client.get(PAGE, {"project": wrong}).status_code == 200
    assert not Feed.objects.exists()


def test_links_of_others_are_not_touched(crew):
    link = link_of(crew.owner, crew.project)

    for wrong in (str(Feed.objects.get().pk), "x", "9" * 30):
        assert crew.client("auditor").post(PAGE, {"end": wrong}).status_code == 404

    assert read(link).status_code == 200


def test_the_page_is_found_from_my_work_and_from_the_projects_home(crew):
    assert f'href="{PAGE}"' in crew.client("staff").get("/my-work/").content.decode()
    home = crew.client("auditor").get(crew.url("project-home")).content.decode()
    assert f'href="{PAGE}?project={crew.project.pk}"' in home


def test_the_page_takes_seven_queries_for_one_link_and_for_three(crew):
    client = crew.client("auditor")
    for k in range(3):
        project = make_project(crew.project.organization)
        grant(crew.auditor, Role.AUDITOR, project)
        link_of(crew.auditor, project)
        client.get(PAGE)
        with queries(7):
            assert len(client.get(PAGE).context["linked"]) == k + 1


# ---- many ---------------------------------------------------------------------------------------------------------


def test_five_thousand_tasks_take_no_more_queries_than_three(crew):
    link = link_of(crew.staff)
    place = {"organization_id": crew.project.organization_id, "project": crew.project}

    def add(first: int, last: int) -> None:
        Task.objects.bulk_create(
            Task(**place, number=k, title=f"Task {k}", assignee=crew.staff, due_on=D(2026, 1, 1) + dt.timedelta(days=k % 300))
            for k in range(first, last)
        )  # fmt: skip

    add(1, 4)
    read(link)
    few = count_queries(lambda: read(link))
    add(4, 5001)
    many = count_queries(lambda: read(link))

    # One for each sort of record with a date; ten of the others count how often the link was asked, in the cache table.
    assert few == many <= 13 + len(reminders.every())
    assert len(events(read(link))) == 5000 == selectors.MOST


@pytest.mark.django_db(transaction=True)
def test_two_who_renew_at_once_leave_one_link(crew):
    made = []

    def renew():
        made.append(services.renew(person=crew.staff, project=None, by=crew.staff).pk)

    at_once(renew, renew, renew)

    (left,) = Feed.objects.filter(revoked_at__isnull=True)
    assert left.pk in made
