"""The job of a Monday morning: who answers for projects reads how they stand, from what is stored with them.

Consultants get the projects they are in charge of (or that nobody is), project managers and top management theirs. Each
chunk of people is one commit, guarded like the digests; a Monday slept through is caught up until Wednesday.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import Any

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from approvals.models import Approval
from approvals.models.approval import ApprovalStatus
from core import outbox
from core.models import OutgoingMail
from core.models.mail import Urgency
from core.stencil import Stencil, stencil
from jobs import ledger
from jobs.models import Job
from notifications import unsubscribing
from notifications.models import DigestState
from notifications.reminding import digest, rules, selection, wording
from notifications.reminding.branding import PROGRAM, Brand, brands
from notifications.reminding.paper import Reader, sender, unsubscribe_headers
from notifications.reminding.rules import DEFAULT, Rule
from projects import outline, progress, reminders
from projects.models import Project, Task
from projects.permissions import Role
from projects.selectors.holders import Place

KIND = "weekly"
PEOPLE_AT_ONCE = 100
LAST_WEEKDAY = 2  # Wednesday
MOST_PROJECTS, MOST_MILESTONES, BEHIND_POINTS = 30, 2, 10
READERS = frozenset({Role.CONSULTANT, Role.PROJECT_MANAGER, Role.TOP_MANAGEMENT})


def ask_due(now: dt.datetime | None = None) -> list[Job]:
    """Asks for the summaries of every time zone in which this week's first morning has come; returns the new jobs."""
    asked = []
    for zone, hour, day in digest.mornings(now):
        if day.weekday() > LAST_WEEKDAY:
            continue
        monday = day - dt.timedelta(days=day.weekday())
        asked.append(
            ledger.ask(
                kind=KIND, key=digest.key_of(KIND, zone, hour, monday), subject=f"{zone} {monday}", is_once=True,
                parameters={"zone": zone, "hour": hour, "day": monday.isoformat()},
            )
        )  # fmt: skip
    return [job for job in asked if job.is_new]


def waiting(zone: str, hour: int, monday: dt.date) -> QuerySet[User]:
    return digest.of_zone(zone, hour).filter(
        Q(digest_state__isnull=True) | digest.before("weekly_on", monday, "digest_state__"), mail_weekly=True
    )


def work(run: Any) -> dict[str, Any]:
    zone, hour = run.parameters["zone"], run.parameters["hour"]
    monday = dt.date.fromisoformat(run.parameters["day"])
    total, done, mails, last = waiting(zone, hour, monday).count(), 0, 0, 0
    while rows := list(
        waiting(zone, hour, monday).filter(pk__gt=last).order_by("pk").values_list("pk", "name", "email", "language")[:PEOPLE_AT_ONCE]
    ):  # fmt: skip
        people = [Reader(*row, wants_mail=True) for row in rows]
        last = people[-1].pk
        mails += serve(people, monday)
        done += len(people)
        run.progress(100 * done // max(total, done, 1), f"{done} / {total}")
    return {"people": done, "mails": mails}


def serve(people: list[Reader], monday: dt.date) -> int:
    """One chunk, one commit; returns the number of mails."""
    keys = [person.pk for person in people]
    places, of_person = selection.surroundings(keys)
    theirs = {pk: [place for place in found if _answers_for(pk, place)] for pk, found in of_person.items()}
    lines = standing({place.pk: place for found in theirs.values() for place in found}, monday)
    known = brands({place.organization_id for place in places.values()})
    mails = [
        (person.pk, _mail(person, [lines[place.pk] for place in theirs[person.pk]], monday, known))
        for person in people
        if theirs.get(person.pk)
    ]
    DigestState.objects.bulk_create([DigestState(person_id=pk) for pk in keys], ignore_conflicts=True)
    with transaction.atomic():
        states = DigestState.objects.select_for_update().filter(
            digest.before("weekly_on", monday), person__among=set(keys)
        )
        free = set(states.order_by("pk").values_list("person_id", flat=True))
        mails = [mail for pk, mail in mails if pk in free]
        outbox.write_many(mails)
        DigestState.objects.filter(person__among=free).update(weekly_on=monday)
    return len(mails)


def _answers_for(person: int, place: Place) -> bool:
    """Whether the week of this project is theirs to read; of a firm's consultants only the one in charge, if there is one."""
    held = place.people.get(person, set()) & READERS
    if held == {Role.CONSULTANT} and place.consultant_id in place.people:
        return place.consultant_id == person
    return bool(held)


# --- How a project stands --------------------------------------------------------------------------


@dataclass(slots=True)
class Line:
    """A project's week: percents, counts of records, the next steps of its plan."""

    place: Place
    percent: int
    planned: int
    done: int = 0
    late: int = 0
    to_manager: int = 0
    to_management: int = 0
    awaited: int = 0
    next_steps: tuple[tuple[str, dt.date], ...] = ()

    @property
    def behind(self) -> int:
        return self.planned - self.percent


def standing(places: dict[int, Place], monday: dt.date) -> dict[int, Line]:
    """How each of these projects stands on a Monday; a query for each figure and one for each sort of record."""
    if not places:
        return {}
    lines = {}
    stored = Project.objects.filter(pk__among=set(places)).order_by().values_list("pk", "plan_days", "outline")
    for pk, plan_days, plan in stored:
        place = places[pk]
        lines[pk] = Line(
            place,
            progress.percent(place.effort_minutes_done, place.effort_minutes),
            outline.planned_on((monday - place.start_on).days, plan_days),
            next_steps=_next_steps(plan, place.start_on, monday),
        )
    week_ago = timezone.make_aware(dt.datetime.combine(monday - dt.timedelta(days=7), dt.time.min), dt.UTC)
    done = Task.objects.filter(project__among=set(places), status="done", completed_at__gte=week_ago).order_by()
    for pk, count in done.values_list("project").annotate(count=Count("pk")):
        lines[pk].done = count
    awaited = Approval.objects.filter(project__among=set(places), status=ApprovalStatus.OPEN).order_by()
    for pk, count in awaited.values_list("project").annotate(count=Count("pk")):
        lines[pk].awaited = count
    set_by = selection.rules_of(place.organization_id for place in places.values())
    for source in reminders.every():
        late = source.rows().filter(**{"project__among": set(places), f"{source.due}__lt": monday}).order_by()
        for pk, due, count in late.values_list("project", source.due).annotate(count=Count("pk")):
            rule = set_by.get((places[pk].organization_id, source.kind), DEFAULT)
            _add_late(lines[pk], rule, due, count, monday)
    return lines


def _add_late(line: Line, rule: Rule, due: dt.date, count: int, monday: dt.date) -> None:
    days = selection.week_of(line.place).calendar.between(max(due, monday - dt.timedelta(days=60)) + rules.DAY, monday)
    line.late += count
    if rule.escalate_management_after and days >= rule.escalate_management_after:
        line.to_management += count
    elif rule.escalate_manager_after and days >= rule.escalate_manager_after:
        line.to_manager += count


def _next_steps(plan: dict[str, Any], start_on: dt.date, monday: dt.date) -> tuple[tuple[str, dt.date], ...]:
    coming = [
        (f"{number} {title}", start_on + dt.timedelta(days=day))
        for number, title, day in plan.get("open", ())
        if start_on + dt.timedelta(days=day) >= monday
    ]
    return tuple(coming[:MOST_MILESTONES])


# --- The mail --------------------------------------------------------------------------------------


def _mail(reader: Reader, lines: list[Line], monday: dt.date, known: dict[int, Brand]) -> OutgoingMail:
    language = reader.language
    lines.sort(
        key=lambda line: (-line.to_management, -line.behind, -line.late, line.place.organization, line.place.name)
    )
    stop = outbox.absolute(unsubscribing.link(reader, "weekly"))
    organizations = {line.place.organization_id for line in lines}
    brand = known.get(organizations.pop(), PROGRAM) if len(organizations) == 1 else PROGRAM
    subject = wording.week_subject(language, monday, len(lines), sum(line.late for line in lines))
    hello = wording.greeting(language, reader.name)
    shared = {
        "all": outbox.absolute(reverse("portal:home")), "choices": outbox.absolute(reverse("notifications:preferences")),
        "stop": stop,
    }  # fmt: skip
    more = wording.more_projects(language, len(lines) - MOST_PROJECTS) if len(lines) > MOST_PROJECTS else ""
    paper, page = stencil("weekly.txt", language), stencil("weekly.html", language)
    shown = lines[:MOST_PROJECTS]
    return OutgoingMail(
        key=f"weekly:{reader.pk}:{monday}",
        recipient=reader.email,
        subject=subject,
        text=paper(
            title=subject, greeting=hello, project="".join(_in_text(paper, line, language) for line in shown),
            more=paper.part("more")(words=more) if more else "", **shared,
        ),
        html=page(
            title=escape(subject), greeting=escape(hello),
            project="".join(_in_page(page, line, language) for line in shown),
            more=page.part("more")(words=escape(more), **shared) if more else "", **sender(page, brand), **shared,
        ),
        headers=unsubscribe_headers(stop),
        pictures=list(brand.pictures),
        urgency=Urgency.BULK,
        not_before=timezone.now(),
    )  # fmt: skip


def _facts(line: Line, language: str) -> list[tuple[str, str]]:
    """What is said of a project, each with the part of the sheet that says it."""
    found = [
        (
            "behind" if line.behind >= BEHIND_POINTS else "plain",
            wording.week_progress(language, line.percent, line.planned),
        ),
        ("plain", wording.week_done(language, line.done)),
        ("late" if line.late else "plain", wording.week_late(language, line.late)),
        ("late", wording.week_escalated(language, line.to_manager, line.to_management)),
        ("plain", wording.week_awaited(language, line.awaited)),
        *(("plain", wording.week_next(language, name, day)) for name, day in line.next_steps),
    ]
    return [(kind, words) for kind, words in found if words]


def _in_text(paper: Stencil, line: Line, language: str) -> str:
    part, place = paper.part("project"), line.place
    facts = "".join(part.part("plain")(words=words) for _kind, words in _facts(line, language))
    return part(name=place.name, organization=place.organization, url=_home(place), plain=facts)


def _in_page(page: Stencil, line: Line, language: str) -> str:
    part, place = page.part("project"), line.place
    return part(
        name=escape(place.name), organization=escape(place.organization), url=_home(place),
        bar=part.part("bar")(done=max(line.percent, 1), rest=max(100 - line.percent, 1)),
        behind="".join(part.part(kind)(words=escape(words)) for kind, words in _facts(line, language)), late="", plain="",
    )  # fmt: skip


def _home(place: Place) -> str:
    return outbox.absolute(reverse("projects:project-home", kwargs=place.address))
