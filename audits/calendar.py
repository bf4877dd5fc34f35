"""The agenda of an audit as an iCalendar text (RFC 5545): one event for each session, with its place and its people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from icalendar import Calendar, Event

from audits.models import Audit
from audits.selectors.audit import Day
from core import outbox


def agenda(audit: Audit, days: Iterable[Day]) -> bytes:
    """The sessions in the organization's time; whoever takes the file again replaces what they took before."""
    host = settings.BASE_URL.split("//", 1)[-1].split("/")[0].split(":")[0]
    zone = ZoneInfo(audit.project.organization.time_zone)
    link = outbox.absolute(reverse("audits:audit-agenda", kwargs={**audit.project.address, "number": audit.label}))
    made = Calendar()
    made.add("prodid", "-//IMS2//Audit agenda//EN")
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", f"{audit.label} {audit.title}")
    for day in days:
        for session in day.sessions:
            made.add_component(_event(audit, session, zone, host, link))
    made.add_missing_timezones()
    return made.to_ical()


def _event(audit: Audit, session: Any, zone: ZoneInfo, host: str, link: str) -> Event:
    event = Event()
    event.add("uid", f"audit-session-{session.pk}@{host}")
    event.add("dtstamp", session.updated_at.astimezone(dt.UTC).replace(microsecond=0))
    event.add("sequence", max(session.version - 1, 0))
    event.add("dtstart", dt.datetime.combine(session.day, session.starts_at, zone))
    event.add("dtend", dt.datetime.combine(session.day, session.ends_at, zone))
    event.add("summary", f"{audit.label}: {session.title}")
    if session.place:
        event.add("location", session.place)
    people = [", ".join(names) for names in (session.who, session.asked) if names]
    event.add("description", "\n".join([*people, *session.criteria, link]))
    event.add("url", link)
    event.add("status", "CONFIRMED")
    return event
