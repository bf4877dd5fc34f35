"""How people want to be told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from notifications.models import Preference
from notifications.models.preference import MORNING_HOUR


def of(person: Any) -> Preference:
    """What a person chose; the defaults, unsaved, for who chose nothing yet."""
    return Preference.objects.filter(person=person).first() or Preference(person=person)


def morning_hours(person_ids: Iterable[int]) -> dict[int, int]:
    """The local hour from which each of these people gets their morning mails. One query."""
    people = list(person_ids)
    chosen = dict(Preference.objects.filter(person__in=people).values_list("person_id", "morning_hour"))
    return {person: chosen.get(person, MORNING_HOUR) for person in people}
