"""Reminders as pages need them: an organization's rules with their preview, and what a person was reminded of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.models import Organization
from core import dates
from notifications.models import Reminder, ReminderRule
from notifications.reminding import rules
from notifications.reminding.rules import DEFAULT, MONDAY_TO_FRIDAY, Rule, Week
from projects import reminders
from projects.models import Project
from projects.reminders import Source


@dataclass(frozen=True)
class Ruled:
    """A sort of record with the rule that holds for it; `version` is 0 while nobody set one."""

    source: Source
    rule: Rule
    version: int


def of_organization(organization: Organization) -> list[Ruled]:
    """The rules of every sort of record; one query."""
    rows = {row.kind: row for row in ReminderRule.objects.filter(organization=organization)}
    return [
        Ruled(source, rows[source.kind].rule, rows[source.kind].version)
        if source.kind in rows
        else Ruled(source, DEFAULT, 0)
        for source in reminders.every()
    ]


def week_of(organization: Organization) -> Week:
    """The calendar that the preview reckons with: that of the latest running project, else Monday to Friday."""
    row = (
        Project.objects.filter(organization=organization, status="running")
        .order_by("-pk")
        .values_list("working_week", "holiday_country", "holiday_region")
        .first()
    )
    return Week(*row) if row else MONDAY_TO_FRIDAY


def preview(rule: Rule, week: Week, today: dt.date) -> dict[str, Any]:
    """What the rule means for something due in about three weeks: the days, as the engine would choose them."""
    due = week.calendar.on_or_after(today + dt.timedelta(days=21))
    return {
        "due": due,
        "ahead": rules.reminder_days(rule, week, due),
        **rules.marks(rule, week, due),
        "is_active": rule.is_active,
    }


def today_in(organization: Organization) -> dt.date:
    return dates.today(organization.time_zone)


def of_person(person: Any, since: dt.date) -> QuerySet[Reminder]:
    """What a person was reminded of since a day, the latest first."""
    return (
        Reminder.objects.filter(person=person, on__gte=since)
        .select_related("project__organization")
        .order_by("-on", "due_on")
    )
