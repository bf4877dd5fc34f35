"""A morning of ten thousand people over a million open tasks: selection against raw SQL, digests against f-strings.

The reference selects the same rows with one handwritten statement for each chunk of people, writes the bodies with
f-strings of the same text and markup, and inserts the same rows in bulk. IMS2_BENCH_TASKS and IMS2_BENCH_PEOPLE make it
smaller.
"""

from __future__ import annotations

import datetime as dt
import gc
import os
import subprocess
import sys
import time
from html import escape
from typing import Any

from django.db import connection, transaction
from django.db.models import Count
from django.utils import timezone

from accounts.models import User
from bench import Report, count, seconds
from core.models import OutgoingMail
from core.models.mail import Urgency
from jobs import ledger, running
from jobs.models import Job, JobState
from notifications import unsubscribing
from notifications.models import DigestState, Reminder
from notifications.reminding import digest, rules, selection
from projects import reminders as sources_of
from projects.models import Project, ProjectUserGrant, Task
from projects.permissions import Role
from projects.services import team
from tests.factories.projects import make_organization, small_catalogue

TASKS = int(os.environ.get("IMS2_BENCH_TASKS", "1000000"))
PEOPLE = int(os.environ.get("IMS2_BENCH_PEOPLE", "10000"))
PEOPLE_A_PROJECT, PROJECTS_AN_ORGANIZATION = 20, 5
DUE = "((n.i * 104729 + p.id * 31) %% 241 - 60)"
"""From sixty days late to half a year ahead, spread evenly."""
ZONE = "Europe/Zurich"
TODAY = dt.date(2026, 3, 18)  # a Wednesday
MORNING = dt.datetime(2026, 3, 18, 6, 5, tzinfo=dt.UTC)
HITS = rules.hits(rules.DEFAULT, rules.MONDAY_TO_FRIDAY, TODAY - rules.DAY, TODAY)
SELECTION, DIGESTS, MEMORY = 1.2, 1.3, 200


def run(report: Report) -> None:
    sources = dict(sources_of._sources)
    sources_of._sources.clear()
    sources_of._sources["task"] = sources["task"]  # the handwritten SQL knows no other
    try:
        _measure(report)
    finally:
        sources_of._sources.update(sources)


def _measure(report: Report) -> None:
    _fill(report)
    first = selection.first_due()
    chunks = _chunks()
    sample = chunks[:: max(1, len(chunks) // 10)]
    named = sorted(due for due, hit in HITS.items() if hit.on is not None and due >= first["task"])
    if _select(chunks[0], first) != len({(row[0], row[2]) for row in _select_raw(chunks[0], named)}):
        raise RuntimeError("The handwritten SQL does not choose the same rows.")
    report.compare(
        "choose what is reminded", lambda: [_select(people, first) for people in sample],
        lambda: [_select_raw(people, named) for people in sample],
        against="the same rows by handwritten SQL", size=TASKS, target=SELECTION, rounds=9,
        queries=count(lambda: _select(sample[0], first)),
    )  # fmt: skip
    _whole_morning(report, chunks, named, first)


def _select(people: list[digest.Person], first: dict[str, Any]) -> int:
    day = selection.of_day([person.pk for person in people], TODAY, TODAY - rules.DAY, first_due=first)
    return sum(len(items) for items in day.items.values())


COLUMNS = "t.due_on, t.number, t.title, p.name, p.slug, o.name, o.slug"
SCOPE = """JOIN projects_project p ON p.id = t.project_id AND p.status = 'running'
JOIN accounts_organization o ON o.id = p.organization_id AND o.is_active"""
IN_FORCE = "(g.expires_at IS NULL OR g.expires_at > {now})"
HELD = f"""FROM projects_projectusergrant g JOIN auth_permission a ON a.id = g.permission_id
JOIN projects_task t ON t.project_id = g.content_object_id AND t.is_open {SCOPE}
WHERE g.user_id IN ({{people}}) AND {IN_FORCE} AND t.due_on IN ({{dates}})"""
OWNED = f"""SELECT t.id, t.project_id, t.assignee_id, {COLUMNS}, 'own' FROM projects_task t {SCOPE}
WHERE t.is_open AND t.assignee_id IN ({{people}}) AND t.due_on IN ({{dates}})
AND EXISTS (SELECT 1 FROM projects_projectusergrant g WHERE g.user_id = t.assignee_id AND g.content_object_id = t.project_id
            AND {IN_FORCE})"""  # noqa: S608
OF_ROLE = f"""SELECT t.id, t.project_id, g.user_id, {COLUMNS}, 'role' {HELD} AND t.assignee_id IS NULL
AND 'as_' || t.assignee_role = a.codename"""
CLIMBED = f"""SELECT t.id, t.project_id, g.user_id, {COLUMNS}, 'manager' {HELD} AND a.codename = {{role}}
AND (t.assignee_id IS NULL OR t.assignee_id <> g.user_id)"""


def _select_raw(people: list[digest.Person], named: list[dt.date]) -> list[tuple]:
    """The same rows by four statements as one would write them for this purpose alone."""
    keys, now = [person.pk for person in people], timezone.now()
    parts = [(OWNED, named, [*keys, *named, now], ""), (OF_ROLE, named, [*keys, now, *named], "")]
    for mark, role in (("to_manager", "as_project_manager"), ("to_management", "as_top_management")):
        passed = [due for due, hit in HITS.items() if getattr(hit, mark)]
        parts.append((CLIMBED, passed, [*keys, now, *passed, role], "%s"))
    found = []
    with connection.cursor() as cursor:
        for sql, dates, params, role in parts:
            cursor.execute(sql.format(people=_marks(keys), dates=_marks(dates), now="%s", role=role), params)
            found += cursor.fetchall()
    return found


def _marks(values: list) -> str:
    return ",".join(["%s"] * len(values))


# --- A whole morning -------------------------------------------------------------------------------


def _whole_morning(report: Report, chunks: list, named: list[dt.date], first: dict[str, Any]) -> None:
    """Both ways in turns, chunk by chunk: select, write the bodies, insert the same rows."""
    ratios = []
    _undo()
    for people in chunks[:2]:  # warm: stencils, sentences, the plan of the statements
        digest.serve(people, TODAY, first)
        _by_hand(people, named, "warm")
    _undo()
    gc.collect()
    mine = theirs = 0.0
    for number, people in enumerate(chunks):
        work = [lambda p=people: digest.serve(p, TODAY, first), lambda p=people: _by_hand(p, named, "bare")]
        if number % 2:
            two, one = seconds(work[1]), seconds(work[0])
        else:
            one, two = seconds(work[0]), seconds(work[1])
        mine, theirs = mine + one, theirs + two
        ratios.append(one / two)
    _empty("bare")  # so that the tables hold the product's rows only
    report.add(
        f"write {PEOPLE:,} digests", ratios, against="raw SQL, f-strings, bulk_create", size=TASKS, target=DIGESTS,
        queries=None,
    )  # fmt: skip
    mails, reminders = OutgoingMail.objects.filter(urgency=Urgency.BULK), Reminder.objects.count()
    report.say(f"  {mails.count():,} mails, {reminders:,} reminders in {mine:.1f} s ({theirs:.1f} s by hand)")
    _second_run(report)
    _killed(report)
    _memory(report)


def _second_run(report: Report) -> None:
    before = (OutgoingMail.objects.count(), Reminder.objects.count())
    import time_machine

    with time_machine.travel(MORNING, tick=True):
        for job in digest.ask_due():
            running.run(job.pk)
    after = (OutgoingMail.objects.count(), Reminder.objects.count())
    if after != before:
        raise RuntimeError(f"A second run the same day wrote {after} over {before}.")
    report.say("  a second run the same day: 0 mails, 0 reminders")


def _killed(report: Report) -> None:
    """The job as the worker does it, stopped three times in the middle; everybody is served once."""
    import time_machine

    wanted = set(Reminder.objects.values_list("person_id", "subject_id", "on"))
    _undo()
    Job.objects.all().delete()
    with time_machine.travel(MORNING, tick=True) as clock:
        (job,) = digest.ask_due()
        real, calls, stops = digest.serve, [0], {2, 9, 30}

        def serve(*args: Any) -> int:
            calls[0] += 1
            if calls[0] in stops:
                raise SystemExit
            return real(*args)

        digest.serve, attempts = serve, 0
        try:
            while Job.objects.get(pk=job.pk).state != JobState.DONE:
                attempts += 1
                try:
                    running.run(job.pk)
                except SystemExit:
                    clock.shift(2 * ledger.LEASE)
        finally:
            digest.serve = real
    found = list(Reminder.objects.values_list("person_id", "subject_id", "on"))
    doubled = OutgoingMail.objects.values("recipient").annotate(n=Count("pk")).filter(n__gt=1).count()
    if set(found) != wanted or len(found) != len(wanted) or doubled:
        raise RuntimeError("A morning that was stopped in the middle is not the same as one that was not.")
    report.say(f"  stopped {attempts - 1} times in the middle: {len(found):,} reminders, each once")


def _by_hand(people: list[digest.Person], named: list[dt.date], key: str) -> None:
    by_person: dict[int, list[tuple]] = {}
    for row in _select_raw(people, named):
        by_person.setdefault(row[2], []).append(row)
    now, base = timezone.now(), "http://localhost:8000"
    reminders, mails = [], []
    for person in people:
        rows = by_person.get(person.pk)
        if not rows:
            continue
        rows.sort(key=lambda row: (row[3], row[4]))
        reminders += [
            Reminder(person_id=person.pk, project_id=row[1], kind=key, subject_id=row[0], on=TODAY, due_on=row[3], why=row[10])
            for row in rows
        ]  # fmt: skip
        stop = base + unsubscribing.link(person, "digest")
        late = sum(row[3] < TODAY for row in rows)
        today = sum(row[3] == TODAY for row in rows)
        subject = f"Your work: {late} late, {today} due today, {len(rows) - late - today} due soon"
        mails.append(
            OutgoingMail(
                key=f"{key}:{person.pk}", recipient=person.email, subject=subject,
                text=_text(person, rows, subject, base, stop), html=_html(person, rows, subject, base, stop),
                headers={"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
                urgency=Urgency.BULK, not_before=now,
            )
        )  # fmt: skip
    with transaction.atomic():
        Reminder.objects.bulk_create(reminders, ignore_conflicts=True, batch_size=2000)
        OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True, batch_size=500)


def _when(due: dt.date) -> str:
    return f"{(TODAY - due).days} days late, was due {due:%A %d %B}" if due < TODAY else f"due {due:%A %d %B}"


def _text(person: Any, rows: list[tuple], subject: str, base: str, stop: str) -> str:
    parts, project = [f"Hello {person.name},\n\n{subject}\n\n"], None
    for row in sorted(rows[:30], key=lambda row: row[1]):
        if row[1] != project:
            project = row[1]
            parts.append(f"{row[6]} ({row[8]})\n\n")
        url = f"{base}/org/{row[9]}/{row[7]}/tasks/T-{row[4]:03d}/"
        parts.append(f"T-{row[4]:03d} {row[5]}\n{_when(row[3])}\n{url}\n\n")
    parts.append(f"My work: {base}/my-work/\n\nThis mail comes in the morning.\nStop the daily digest: {stop}\n")
    return "".join(parts)


def _html(person: Any, rows: list[tuple], subject: str, base: str, stop: str) -> str:
    """The same markup as the product's, cut out of it once."""
    parts, project = [HEAD, f"<h1>{escape(subject)}</h1><p>Hello {escape(person.name)},</p>"], None
    for row in sorted(rows[:30], key=lambda row: row[1]):
        if row[1] != project:
            parts.append("</tbody></table>" if project else "")
            project = row[1]
            parts.append(f'<h2 style="{STYLE}">{escape(row[6])} <span style="{STYLE}">{escape(row[8])}</span></h2>')
            parts.append('<table class="lines" role="presentation"><tbody>')
        url = f"{base}/org/{row[9]}/{row[7]}/tasks/T-{row[4]:03d}/"
        parts.append(
            f'<tr><td class="line late" style="{STYLE}{STYLE}"><a class="name" href="{url}" style="{STYLE}">T-{row[4]:03d} '
            f'{escape(row[5])}</a><br><span class="when-late" style="{STYLE}">{_when(row[3])}</span></td></tr>'
        )
    parts.append(f'</tbody></table><p><a class="go" href="{base}/my-work/">Open my work</a></p>')
    parts.append(f'<div class="foot">This mail comes in the morning. <a href="{stop}">Stop the daily digest</a></div>')
    return "".join(parts)


STYLE = "padding: 9px 0 9px 12px;border-left: 4px solid #d0d5dd;border-bottom: 1px solid #eef1f5;"
HEAD = "<!doctype html><html><head><style>" + " " * 2000 + "</style></head><body>"


# --- The ground ------------------------------------------------------------------------------------


def _fill(report: Report) -> None:
    begun = time.monotonic()
    with transaction.atomic():
        User.objects.bulk_create(
            (
                User(email=f"p{n}@bench.example", name=f"Person {n}", password="!", time_zone=ZONE)  # noqa: S106
                for n in range(PEOPLE)
            ),
            batch_size=1000,
        )
        people = list(User.objects.order_by("pk"))
        organization, projects = None, []
        for number in range(PEOPLE // PEOPLE_A_PROJECT):
            if number % PROJECTS_AN_ORGANIZATION == 0:
                organization = make_organization(f"bench-{number}", name=f"Bench {number}")
            projects.append(
                Project(
                    organization=organization, slug=f"ims-{number}", name=f"Management system {number}",
                    catalogue=small_catalogue(), start_on=TODAY, manager=people[number * PEOPLE_A_PROJECT],
                )
            )  # fmt: skip
        Project.objects.bulk_create(projects, batch_size=500)
        _staff(projects, people)
        _tasks(projects, people)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    report.say(f"  {Task.objects.count():,} tasks of {PEOPLE:,} people in {time.monotonic() - begun:.0f} s")


def _staff(projects: list[Project], people: list[User]) -> None:
    roles = [Role.PROJECT_MANAGER, Role.TOP_MANAGEMENT, Role.HR] + [Role.STAFF] * (PEOPLE_A_PROJECT - 3)
    held = {role: team.permission_of(role, projects[0]) for role in set(roles)}
    ProjectUserGrant.objects.bulk_create(
        (
            ProjectUserGrant(user=people[number * PEOPLE_A_PROJECT + k], permission=held[role], content_object=project)
            for number, project in enumerate(projects)
            for k, role in enumerate(roles)
        ),
        batch_size=500,
    )


def _tasks(projects: list[Project], people: list[User]) -> None:
    """One task by the model, the others from it by the database: of each project so many, one in fifty for a role."""
    first = Task(
        organization_id=projects[0].organization_id, project=projects[0], number=0, title="Check the list of things",
        due_on=TODAY, is_open=False, status="done",
    )  # fmt: skip
    Task.objects.bulk_create([first])
    given = {
        "organization_id": "p.organization_id", "project_id": "p.id", "number": "n.i + 1", "is_open": "TRUE",
        "status": "'open'",
        "assignee_id": f"CASE WHEN n.i %% 50 = 0 THEN NULL ELSE p.manager_id + (n.i * 7919 + p.id) %% {PEOPLE_A_PROJECT} END",
        "assignee_role": "CASE WHEN n.i %% 50 = 0 THEN 'hr' ELSE '' END",
        "due_on": f"date('{TODAY}', {DUE} || ' days')" if connection.vendor == "sqlite" else f"DATE '{TODAY}' + ({DUE})::int",
    }  # fmt: skip
    columns = [field.column for field in Task._meta.concrete_fields if field.column != "id"]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %s) "  # noqa: S608
            f"INSERT INTO projects_task ({', '.join(columns)}) "
            f"SELECT {', '.join(given.get(column, 't.' + column) for column in columns)} "
            f"FROM projects_project p CROSS JOIN n CROSS JOIN projects_task t WHERE t.id = %s AND p.status = 'running'",
            [TASKS // len(projects) - 1, first.pk],
        )


def _chunks() -> list[list[digest.Person]]:
    found, last = [], 0
    while people := digest._next(ZONE, 7, TODAY, last):
        found.append(people)
        last = people[-1].pk
    return found


def _empty(kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_outgoingmail WHERE key LIKE %s", [f"{kind}:%"])
        cursor.execute("DELETE FROM notifications_reminder WHERE kind = %s", [kind])


def _undo() -> None:
    for model in (Reminder, OutgoingMail, DigestState):
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f'DELETE FROM "{table}"')  # noqa: S608


ALONE = """
import datetime, django, resource, sys
django.setup()
from notifications.reminding import digest, selection
from projects import reminders
day, last, first = datetime.date.fromisoformat(sys.argv[1]), 0, selection.first_due()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
while people := digest._next(sys.argv[2], 7, day, last):
    last = people[-1].pk
    digest.serve(people, day, first)
print(before, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def _memory(report: Report) -> None:
    """The whole morning in a process of its own: the most memory it ever held, Django included."""
    _undo()
    made = connection.settings_dict
    address = (
        f"sqlite:///{made['NAME']}"
        if connection.vendor == "sqlite"
        else (f"postgres://{made['USER']}:{made['PASSWORD']}@{made['HOST']}:{made['PORT']}/{made['NAME']}")
    )
    connection.close()
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", ALONE, TODAY.isoformat(), ZONE], env={**os.environ, "DATABASE_URL": address},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    before, most = (int(word) / 1024 for word in done.stdout.split()[-2:])
    report.say(f"  {most:.0f} MiB at most, {most - before:.0f} of them for {OutgoingMail.objects.count():,} mails")
    report.add(
        "memory of a morning, MiB", [most], against="1 MiB, Django included", size=TASKS, target=MEMORY, queries=None
    )
