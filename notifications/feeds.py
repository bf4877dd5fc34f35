"""Due dates as an iCalendar text (RFC 5545) that every calendar program takes: all-day events, the same text for the same
rows, so that whoever asks again is told "unchanged".

Events and not the standard's to-do entries: Outlook and Google leave those out. Days are not blocked (TRANSP), nothing
rings (no alarm). Little is said: title, project and a link; what a description holds stays in the house.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from django.conf import settings
from icalendar import Calendar, Event

from core import outbox

AGAIN = dt.timedelta(hours=1)
ONE_DAY = dt.timedelta(days=1)
SHAPE = "1"
"""Raised when the text is made another way: what programs keep under the old mark is then read anew."""

_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f\u2028\u2029]")


@dataclass(frozen=True)
class Entry:
    """One day in a calendar. `key` is its name for ever, `version` grows with every change, `place` is "client: project"."""

    key: str
    on: dt.date
    title: str
    place: str
    path: str
    version: int
    changed_at: dt.datetime


def mark(name: str, entries: Iterable[Entry]) -> str:
    """What stands in the ETag: differs as soon as one event does."""
    parts = [SHAPE, settings.BASE_URL, name, *(repr(entry) for entry in entries)]
    return sha256("\n".join(parts).encode()).hexdigest()[:32]


def calendar(name: str, entries: Iterable[Entry]) -> bytes:
    """The calendar `name` with one event for each entry, in their order."""
    host = settings.BASE_URL.split("//", 1)[-1].split("/")[0].split(":")[0]
    made = Calendar()
    made.add("prodid", "-//IMS2//Due dates//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", _clean(name))
    made.add("x-wr-calname", _clean(name))
    made.add("refresh-interval", AGAIN, parameters={"VALUE": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for entry in entries:
        event, link = Event(), outbox.absolute(entry.path)
        event.add("uid", f"{entry.key}@{host}")
        event.add("dtstamp", entry.changed_at.astimezone(dt.UTC).replace(microsecond=0))
        event.add("last-modified", entry.changed_at.astimezone(dt.UTC).replace(microsecond=0))
        event.add("sequence", max(entry.version - 1, 0))
        event.add("dtstart", entry.on)
        event.add("dtend", entry.on + ONE_DAY)
        event.add("summary", _clean(entry.title))
        event.add("description", f"{_clean(entry.place)}\n{link}")
        event.add("url", link)
        event.add("categories", [_clean(entry.place)])
        event.add("status", "CONFIRMED")
        event.add("transp", "TRANSPARENT")
        made.add_component(event)
    return made.to_ical()


def _clean(text: str) -> str:
    """Without characters that no calendar may hold."""
    return _CONTROL.sub(" ", text.replace("\r\n", "\n")).strip()
