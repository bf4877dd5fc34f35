"""Who is to be reminded of what today: set by set, for some hundred people at once.

For each source a handful of queries over the due dates that the rules name, whatever the number of people, projects and
records: what is theirs, what is nobody's by name, what lost its owner, what is escalated. A record reminds a person once
a day; where there are several reasons, the nearest one stands.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.db.models import Q, QuerySet

from core import among  # noqa: F401  makes the lookup known
from notifications.models import Reminder, ReminderRule, Why
from notifications.reminding import rules
from notifications.reminding.rules import DEFAULT, Hit, Rule, Week
from projects import reminders
from projects.permissions import Role
from projects.reminders import Source
from projects.selectors import holders
from projects.selectors.holders import Place

Hits = dict[dt.date, Hit]


class Item(NamedTuple):
    """One line of one person's day."""

    kind: str
    pk: int
    project_id: int
    number: int
    title: str
    due: dt.date
    late: int
    why: str
    owner_id: int | None


class Day(NamedTuple):
    """What a run found for its people: their items, and what they work in."""

    items: dict[int, list[Item]]
    places: dict[int, Place]
    places_of: dict[int, list[Place]]


def week_of(place: Place) -> Week:
    return Week(place.working_week, place.holiday_country, place.holiday_region)


def surroundings(people: Collection[int]) -> tuple[dict[int, Place], dict[int, list[Place]]]:
    """The projects of these people, and of each person theirs; three queries."""
    places = holders.around(people)
    wanted, of_person = set(people), {}
    for place in places.values():
        for person in place.people.keys() & wanted:
            of_person.setdefault(person, []).append(place)
    return places, of_person


def rules_of(organizations: Iterable[int]) -> dict[tuple[int, str], Rule]:
    """The rules that organizations set for themselves, by (organization, kind); DEFAULT holds for all others."""
    rows = ReminderRule.objects.filter(organization__among=set(organizations))
    return {(row.organization_id, row.kind): row.rule for row in rows}


def of_day(
    people: Collection[int], today: dt.date, since: dt.date, *, first_due: dict[str, dt.date | None] | None = None,
    is_lagging: bool = False,
) -> Day:  # fmt: skip
    """What these people are to be reminded of on `today`, nothing of the days up to and including `since`.

    `first_due`: the oldest open date of each kind, when the caller knows it: dates before it need not be asked for.
    `is_lagging`: some of the days since were served already (DigestState); then what they named is left out.
    """
    places, of_person = surroundings(people)
    found = Day({}, places, of_person)
    if not places:
        return found
    set_by = rules_of(place.organization_id for place in places.values())
    named = _Named(people, found, _served(people, since, today) if is_lagging else {})
    for source in reminders.every():
        first = (first_due or {}).get(source.kind) or (today - dt.timedelta(days=rules.HORIZON_DAYS))
        hits = {
            pk: rules.hits(set_by.get((place.organization_id, source.kind), DEFAULT), week_of(place), since, today)
            for pk, place in places.items()
        }
        _of_source(source, named, hits, first)
    return found


def first_due() -> dict[str, dt.date | None]:
    """The oldest date of each kind that is still open: one look at an index each."""
    return {
        source.kind: source.rows().filter(**{f"{source.due}__isnull": False}).order_by(source.due)
        .values_list(source.due, flat=True).first()
        for source in reminders.every()
    }  # fmt: skip


class _Named:
    """Collects items: once for each record and person, the first reason wins."""

    def __init__(self, people: Collection[int], found: Day, served: dict[tuple[int, str, int], dt.date]) -> None:
        self.people, self.found, self.served = frozenset(people), found, served
        self._known: set[tuple[int, str, int]] = set()

    def add_own(self, owner: int, item: Item, on: dt.date) -> None:
        """What is assigned comes to its owner by no other way: nothing to compare with."""
        if self.served and self._was_served((owner, item.kind, item.pk), on):
            return
        self.found.items.setdefault(owner, []).append(item)

    def add(self, person: int, item: Item, on: dt.date | None) -> None:
        key = (person, item.kind, item.pk)
        if key in self._known or (self.served and self._was_served(key, on)):
            return
        self._known.add(key)
        self.found.items.setdefault(person, []).append(item)

    def _was_served(self, key: tuple[int, str, int], on: dt.date | None) -> bool:
        """Whether a run since then has brought it already: on that day or later; an escalation (`on` None) on any day."""
        last = self.served.get(key)
        return last is not None and (on is None or last >= on)


def _of_source(source: Source, named: _Named, hits: dict[int, Hits], first: dt.date) -> None:
    distinct = {id(one): one for one in hits.values()}.values()
    dates = {due for one in distinct for due, hit in one.items() if hit.on is not None and due >= first}
    marks = {due for one in distinct for due in rules.escalations(one) if due >= first}
    places = named.found.places
    led = {pk for pk, place in places.items() if place.lead & named.people}
    if dates:
        _owned(source, named, hits, dates)
        _nobodys(source, named, hits, dates)
        _orphaned(source, named, hits, dates, led)
    if marks:
        led |= {pk for pk, place in places.items() if place.by_role.get(Role.TOP_MANAGEMENT, set()) & named.people}
        _escalated(source, named, hits, marks, led)


def _rows(source: Source, condition: Q, dates: set[dt.date], *, with_role: bool = True) -> QuerySet:
    columns = ["pk", "project_id", source.owner, source.due, source.number, source.title]
    return (
        source.rows()
        .filter(condition, **{f"{source.due}__among": dates})
        .order_by()
        .values_list(*columns, *([source.role] if source.role and with_role else []))
    )


def _owned(source: Source, named: _Named, hits: dict[int, Hits], dates: set[dt.date]) -> None:
    """What is assigned to these people, where they still hold a role. The bulk of all reminders goes through here."""
    places, kind, own, add = named.found.places, source.kind, str(Why.OWN), named.add_own
    condition = Q(**{f"{source.owner}__among": named.people})
    rows = _rows(source, condition, dates, with_role=False)
    for pk, project, owner, due, number, title in rows.iterator(chunk_size=2000):
        place = places.get(project)
        if place is None or owner not in place.people:
            continue
        hit = hits[project].get(due)
        if hit is not None and hit.on is not None:
            add(owner, Item(kind, pk, project, number, title, due, hit.late, own, owner), hit.on)


def _nobodys(source: Source, named: _Named, hits: dict[int, Hits], dates: set[dt.date]) -> None:
    """What has no name on it: the holders of its role hear of it; without any, who leads the project."""
    places = named.found.places
    condition = Q(**{"project__among": set(places), f"{source.owner}__isnull": True})
    for pk, project, _owner, due, number, title, *role in _rows(source, condition, dates):
        hit = hits[project].get(due)
        if hit is None or hit.on is None:
            continue
        place = places[project]
        people = place.by_role.get(role[0]) if role and role[0] else None
        why = Why.ROLE if people else Why.LEAD
        for person in (people or place.lead) & named.people:
            named.add(person, Item(source.kind, pk, project, number, title, due, hit.late, why, None), hit.on)


def _orphaned(source: Source, named: _Named, hits: dict[int, Hits], dates: set[dt.date], led: set[int]) -> None:
    """What is assigned to somebody who has left: who leads the project hears of it, or nobody would."""
    places = named.found.places
    if not led:
        return
    there = {person for pk in led for person in places[pk].people}
    condition = Q(**{"project__among": led, f"{source.owner}__isnull": False}) & ~Q(**{f"{source.owner}__among": there})
    for pk, project, owner, due, number, title, *_role in _rows(source, condition, dates):
        hit = hits[project].get(due)
        if hit is not None and hit.on is not None:
            for person in places[project].lead & named.people:
                item = Item(source.kind, pk, project, number, title, due, hit.late, Why.LEAD, owner)
                named.add(person, item, hit.on)


def _escalated(source: Source, named: _Named, hits: dict[int, Hits], marks: set[dt.date], led: set[int]) -> None:
    """What passed a mark: once to who leads the project, once to top management; never to the owner."""
    places = named.found.places
    for pk, project, owner, due, number, title, *_role in _rows(source, Q(project__among=led), marks):
        hit = hits[project].get(due)
        if hit is None:
            continue
        place = places[project]
        told = [(Why.MANAGER, place.lead)] if hit.to_manager else []
        if hit.to_management:
            told.append((Why.MANAGEMENT, place.by_role.get(Role.TOP_MANAGEMENT, set())))
        for why, people in told:
            for person in (people & named.people) - {owner}:
                named.add(person, Item(source.kind, pk, project, number, title, due, hit.late, why, owner), None)


def _served(people: Collection[int], since: dt.date, today: dt.date) -> dict[tuple[int, str, int], dt.date]:
    """The last day after `since` on which each record was brought to each person's mind."""
    rows = Reminder.objects.filter(person__among=set(people), on__gt=since, on__lt=today).order_by("on")
    return {
        (person, kind, subject): on
        for person, kind, subject, on in rows.values_list("person_id", "kind", "subject_id", "on")
    }
