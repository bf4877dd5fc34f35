"""A year in eight time zones, with clocks that jump and several beats: one reminder for each record and local date.

IMS2_DAYS=400 runs the whole of T22 and T23; the suite runs a part that has a change to summer time in it.
"""

from __future__ import annotations

import datetime as dt
import os
import random
from zoneinfo import ZoneInfo

import pytest

from notifications.models import Reminder
from notifications.reminding import digest
from projects import reminders
from projects.permissions import Role
from tests.factories.projects import grant, make_project, make_task, make_user

pytestmark = pytest.mark.django_db

ZONES = (
    "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "Africa/Casablanca",
    "America/St_Johns", "Pacific/Kiritimati",
)  # fmt: skip
DAYS = int(os.environ.get("IMS2_DAYS", "60"))
FIRST = dt.date(2026, 2, 20)
DAY = dt.timedelta(days=1)


def expected(week: str, due: dt.date, last: dt.date) -> set[dt.date]:
    """The rule once more, in the plainest words: no table, no memory."""

    def works(day):
        return week[day.weekday()] == "1"

    days = set()
    for before in (14, 7, 1, 0):
        day = due - before * DAY
        while not works(day):
            day -= DAY
        days.add(day)
    late, day = 0, due
    while day < last:
        day += DAY
        if works(day):
            late += 1
            if late % 3 == 0:
                days.add(day)
    return days


def test_a_record_reminds_its_owner_exactly_once_on_each_day_the_rule_names_and_on_no_other(monkeypatch):
    seed = int(os.environ.get("IMS2_SEED", random.randrange(10**6)))  # noqa: S311
    print("seed", seed)
    chance = random.Random(seed)  # noqa: S311
    monkeypatch.setattr("projects.reminders._sources", {"task": reminders.of("task")})
    weeks = ("1111100", "1111001", "1111110")
    projects = {week: make_project(working_week=week) for week in weeks}
    wanted = set()
    last = FIRST + (DAYS - 1) * DAY
    for zone in ZONES:
        person = make_user(time_zone=zone)
        for week, project in projects.items():
            grant(person, Role.STAFF, project)
            due = FIRST + chance.randrange(DAYS) * DAY
            task = make_task(project, assignee=person, due_on=due)
            wanted |= {(person.pk, task.pk, day) for day in expected(week, due, last) if FIRST <= day <= last}
    monkeypatch.setattr(digest, "_zones", lambda: {(zone, 7) for zone in ZONES})
    asked = set()

    def ring(now: dt.datetime) -> None:
        for zone, hour, day in digest.mornings(now):
            if (zone, day) not in asked:  # the ledger's unique key; see tests/jobs
                asked.add((zone, day))
                if FIRST <= day <= last:
                    digest.serve(digest._next(zone, hour, day, 0), day, {})

    now = dt.datetime.combine(FIRST - DAY, dt.time(8), dt.UTC)  # the first morning of the easternmost zone comes after
    end, beats = dt.datetime.combine(last + DAY, dt.time(12), dt.UTC), [dt.timedelta(0)] * 3
    while now < end:
        now += dt.timedelta(minutes=30)
        for number, jump in enumerate(beats):
            if chance.random() < 0.1:
                beats[number] = jump = dt.timedelta(minutes=chance.randrange(-120, 121))
            if number < 2 or chance.random() < 0.5:  # a third beat now and then
                ring(now + jump)

    found = list(Reminder.objects.values_list("person_id", "subject_id", "on"))
    assert len(found) == len(set(found))
    assert set(found) - wanted == set(), "on a wrong date"
    assert wanted - set(found) == set(), "forgotten"
    for zone in ZONES:
        assert {day for of, day in asked if of == zone} >= {FIRST + n * DAY for n in range(DAYS)}, ZoneInfo(zone)
