"""The job of a morning: everybody of one time zone and one hour, chunk by chunk, each chunk one commit.

What a run finds out is reckoned outside a transaction; written it is in one, guarded by each person's own state: who was
served for this date in the meantime is left out. So a worker that dies, a second worker, a second beat and a clock set
back change nothing: one reminder for each person, record and local date, and one mail for each person and date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from core import outbox
from core.models import OutgoingMail
from jobs import ledger
from jobs.models import Job
from notifications.models import DigestState, Preference, Reminder
from notifications.models.preference import MORNING_HOUR
from notifications.reminding import paper, rules, selection, wording
from notifications.reminding.branding import brands
from notifications.reminding.paper import Reader
from notifications.selectors import notice as notices
from notifications.services.notice import mark_mailed, remind

KIND = "digest"
PEOPLE_AT_ONCE = 250
LAST_HOUR = 20
"""After this hour no digest begins: what the day named comes the next morning."""


# --- Asking ----------------------------------------------------------------------------------------


def mornings(now: dt.datetime | None = None, *, last_hour: int = LAST_HOUR) -> Iterator[tuple[str, int, dt.date]]:
    """The time zones in which people live, with the hours they chose, whose morning has come: (zone, hour, local date)."""
    now = now or timezone.now()
    for zone, hour in sorted(_zones()):
        local = now.astimezone(clock(zone))
        if hour <= local.hour < last_hour:
            yield zone, hour, local.date()


def _zones() -> set[tuple[str, int]]:
    people = User.objects.filter(is_active=True).order_by()
    chosen = Preference.objects.filter(person__is_active=True).exclude(morning_hour=MORNING_HOUR).order_by()
    return {(zone, MORNING_HOUR) for zone in people.values_list("time_zone", flat=True).distinct()} | set(
        chosen.values_list("person__time_zone", "morning_hour").distinct()
    )


def clock(zone: str) -> dt.tzinfo:
    """The clock of a zone; UTC should it have left the list."""
    try:
        return ZoneInfo(zone)
    except (KeyError, ValueError, OSError):
        return dt.UTC


def ask_due(now: dt.datetime | None = None) -> list[Job]:
    """Asks for the digests of every morning that has come; returns the jobs that are new."""
    asked = [
        ledger.ask(
            kind=KIND, key=key_of(KIND, zone, hour, day), subject=f"{zone} {day}", is_once=True,
            parameters={"zone": zone, "hour": hour, "day": day.isoformat()},
        )
        for zone, hour, day in mornings(now)
    ]  # fmt: skip
    return [job for job in asked if job.is_new]


def key_of(kind: str, zone: str, hour: int, day: dt.date) -> str:
    return f"{kind}:{zone}:{day}" + (f":{hour:02d}" if hour != MORNING_HOUR else "")


# --- Doing -----------------------------------------------------------------------------------------


class Person(NamedTuple):
    pk: int
    name: str
    email: str
    language: str
    wants_mail: bool
    last_on: dt.date | None
    since_on: dt.date | None


def of_zone(zone: str, hour: int) -> QuerySet[User]:
    """The people who live by this clock and want their morning mails from this hour on."""
    chosen = Preference.objects.filter(person=OuterRef("pk"))
    # Who has no row chose nothing: the usual hour is that of everybody who chose no other.
    is_usual = hour == MORNING_HOUR
    its = ~Exists(chosen.exclude(morning_hour=hour)) if is_usual else Exists(chosen.filter(morning_hour=hour))
    return User.objects.filter(its, is_active=True, time_zone=zone)


def waiting(zone: str, hour: int, today: dt.date) -> QuerySet[User]:
    """Those of them who have not been served for this date."""
    return of_zone(zone, hour).filter(Q(digest_state__isnull=True) | before("last_on", today, "digest_state__"))


def before(name: str, day: dt.date, prefix: str = "") -> Q:
    return Q(**{f"{prefix}{name}__isnull": True}) | Q(**{f"{prefix}{name}__lt": day})


def work(run: Any) -> dict[str, Any]:
    """Serves everybody who waits; begun again after a kill it serves the rest."""
    zone, hour = run.parameters["zone"], run.parameters["hour"]
    today = dt.date.fromisoformat(run.parameters["day"])
    total, done, mails, last = waiting(zone, hour, today).count(), 0, 0, 0
    first = selection.first_due() if total else {}
    while people := _next(zone, hour, today, last):
        last = people[-1].pk
        mails += serve(people, today, first)
        done += len(people)
        run.progress(100 * done // max(total, done, 1), f"{done} / {total}")
    return {"people": done, "mails": mails}


def _next(zone: str, hour: int, today: dt.date, after: int) -> list[Person]:
    rows = waiting(zone, hour, today).filter(pk__gt=after).order_by("pk")
    return [
        Person(*row)
        for row in rows.values_list(
            "pk", "name", "email", "language", "mail_digest", "digest_state__last_on", "digest_state__since_on"
        )[:PEOPLE_AT_ONCE]
    ]


def serve(people: list[Person], today: dt.date, first: dict[str, dt.date | None]) -> int:
    """One chunk: what its people are to be reminded of, written in one commit; returns the number of mails."""
    groups: dict[tuple[dt.date, bool], list[Person]] = {}
    for person in people:
        since = person.since_on or today - rules.DAY
        groups.setdefault((since, person.last_on is not None and since < person.last_on), []).append(person)
    return sum(_serve(theirs, today, since, is_lagging, first) for (since, is_lagging), theirs in groups.items())


def _serve(
    people: list[Person], today: dt.date, since: dt.date, is_lagging: bool, first: dict[str, dt.date | None]
) -> int:
    day = selection.of_day([person.pk for person in people], today, since, first_due=first, is_lagging=is_lagging)
    weeks = {person.pk: {selection.week_of(place) for place in day.places_of.get(person.pk, ())} for person in people}
    told = [p.pk for p in people if p.wants_mail and not rules.is_day_off_for_all(weeks[p.pk], today)]
    news = notices.for_digest(told) if told else {}
    caught_up = {person.pk for person in people if rules.is_caught_up(weeks[person.pk], since, today)}
    mails = _mails([person for person in people if person.wants_mail], day, news, today)
    _make_states(people)
    with transaction.atomic():
        free = _free(people, today)
        if not free:
            return 0
        Reminder.objects.bulk_create(_reminders(free, day, today), ignore_conflicts=True, batch_size=2000)
        remind(_lines([person for person in people if person.pk in free], day, today))
        mails = [mail for pk, mail in mails if pk in free]
        outbox.write_many(mails)
        mark_mailed([notice.pk for pk in free for notice in news.get(pk, ())])
        DigestState.objects.filter(person__among=free & caught_up).update(last_on=today, since_on=today)
        if behind := free - caught_up:
            DigestState.objects.filter(person__among=behind).update(last_on=today, since_on=since)
    return len(mails)


def _make_states(people: Collection[Person]) -> None:
    if new := [person.pk for person in people if person.last_on is None]:
        DigestState.objects.bulk_create([DigestState(person_id=pk) for pk in new], ignore_conflicts=True)


def _free(people: Collection[Person], today: dt.date) -> set[int]:
    """Locks the states of these people; those whose state is still as it was read are this worker's to serve."""
    read = {person.pk: person.last_on for person in people}
    locked = (
        DigestState.objects.select_for_update().filter(before("last_on", today), person__among=set(read)).order_by("pk")
    )
    return {pk for pk, last_on in locked.values_list("person_id", "last_on") if read[pk] == last_on}


def _reminders(free: set[int], day: selection.Day, today: dt.date) -> list[Reminder]:
    return [
        Reminder(
            person_id=person, project_id=item.project_id, kind=item.kind, subject_id=item.pk, on=today, due_on=item.due,
            why=item.why,
        )
        for person, items in day.items.items()
        if person in free
        for item in items
    ]  # fmt: skip


def _lines(people: list[Person], day: selection.Day, today: dt.date) -> Iterator[tuple]:
    """One line of the inbox for each person and project: what is due stands in the mail and in my work."""
    path = reverse("portal:my-work")
    for person in people:
        late: dict[int, list[bool]] = {}
        for item in day.items.get(person.pk, ()):
            late.setdefault(item.project_id, []).append(item.due < today)
        for project, marks in late.items():
            title = wording.in_inbox(person.language or settings.LANGUAGE_CODE, len(marks), sum(marks))
            key = f"reminder:{person.pk}:{project}:{today}"
            yield person.pk, day.places[project].organization_id, project, key, title, path


def _mails(
    people: list[Person], day: selection.Day, news: dict[int, list[Any]], today: dt.date
) -> list[tuple[int, OutgoingMail]]:
    """The digests of those who have anything to read, with whose they are; nobody gets an empty one."""
    readers = [person for person in people if day.items.get(person.pk) or news.get(person.pk)]
    if not readers:
        return []
    owners = {
        item.owner_id for person in readers for item in day.items.get(person.pk, ()) if item.owner_id != person.pk
    } - {None}
    names = dict(User.objects.filter(pk__among=owners).order_by().values_list("pk", "name")) if owners else {}
    organizations = {place.organization_id for person in readers for place in day.places_of.get(person.pk, ())}
    sheet = paper.Sheet(today, day.places, names, brands(organizations))
    return [
        (person.pk, paper.digest(Reader(*person[:5]), day.items.get(person.pk, []), news.get(person.pk, ()), sheet))
        for person in readers
    ]
