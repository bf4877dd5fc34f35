"""When a record with a date is reminded, and who hears of it: pure rules, no queries.

Before its date a record is reminded the chosen numbers of days ahead and on the day itself; where that day is a day off,
on the working day before, so that nobody learns on Monday what was due on Sunday. Once late, every so many working days.
A record that has been late for long enough is escalated, once for each level, on the day it passes the mark.

All is reckoned in working days of the project's calendar and in local dates, never in hours: neither a change to summer
time nor a jump of the clock moves a reminder. What was missed while nothing ran is the union over the days missed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from core.dates import WorkingCalendar

DAY = dt.timedelta(days=1)
HORIZON_DAYS = 1100
"""What has been late for more than three years is no longer reminded day by day; the weekly summary still counts it."""
FURTHEST_DAYS = 90
"""No reminder comes earlier than this many days before the date."""


@dataclass(frozen=True)
class Rule:
    """The numbers an organization can set; 0 working days turns that part off."""

    before_days: tuple[int, ...] = (14, 7, 1, 0)
    every_working_days: int = 3
    escalate_manager_after: int = 5
    escalate_management_after: int = 15
    is_active: bool = True


DEFAULT = Rule()


class Week(NamedTuple):
    """What makes two projects' calendars the same."""

    working_week: str
    country: str
    region: str

    @property
    def calendar(self) -> WorkingCalendar:
        return _calendar(self)


@lru_cache(maxsize=4096)
def _calendar(week: Week) -> WorkingCalendar:
    return WorkingCalendar(*week)


MONDAY_TO_FRIDAY = Week("1111100", "", "")


class Hit(NamedTuple):
    """A due date that is to be reminded now: the last day the rule named, and how late that is in working days.

    `late` is 0 until the date has passed; `to_manager`, `to_management` say that a mark was passed just now. `on` is None
    when only a mark was passed: then the owner hears nothing.
    """

    on: dt.date | None
    late: int
    to_manager: bool = False
    to_management: bool = False


def hits(rule: Rule, week: Week, after: dt.date, until: dt.date) -> dict[dt.date, Hit]:
    """Due dates that are to be reminded on `until`, with what the days since `after` (not counted) would have said.

    {} when `until` is a day off, or the rule is switched off. The same question has the same answer and is kept.
    """
    return _hits(rule, week, max(after, until - dt.timedelta(days=HORIZON_DAYS)), until)


@lru_cache(maxsize=2048)
def _hits(rule: Rule, week: Week, after: dt.date, until: dt.date) -> dict[dt.date, Hit]:
    calendar = week.calendar
    if not rule.is_active or after >= until or not calendar.is_working(until):
        return {}
    found = _late(rule, calendar, after, until)
    day = after + DAY
    while day <= until:
        if calendar.is_working(day):
            for target in _with_days_off_after(calendar, day):
                for before in rule.before_days:
                    due = target + before * DAY
                    if due >= until:  # what fell due meanwhile is no longer announced, it is late
                        found[due] = Hit(day, 0)
                    elif (known := found.get(due)) is None or known.on is None or known.on < day:
                        # Its last reminders were missed altogether: it is told once, as late as it is.
                        late = known or Hit(None, calendar.between(due + DAY, until))
                        found[due] = late._replace(on=day)
        day += DAY
    return found


def _with_days_off_after(calendar: WorkingCalendar, day: dt.date) -> Iterable[dt.date]:
    """The working day itself and the days off that follow: reminders of all of them come on this day."""
    yield day
    day += DAY
    while not calendar.is_working(day):
        yield day
        day += DAY


def _late(rule: Rule, calendar: WorkingCalendar, after: dt.date, until: dt.date) -> dict[dt.date, Hit]:
    """Due dates before `until` whose rhythm or marks fell into the days after `after`."""
    found: dict[dt.date, Hit] = {}
    worked: list[dt.date] = []  # the working days after the due date in question, latest first
    passed = 0  # of these, those after `after`
    due = until - DAY
    for _day in range(HORIZON_DAYS):
        if calendar.is_working(due + DAY):
            worked.append(due + DAY)
            passed += due + DAY > after
        late, before = len(worked), len(worked) - passed
        step = rule.every_working_days
        told = step > 0 and late // step > before // step
        # The last day of the rhythm: as many working days back as the count has gone past a multiple.
        on = worked[late % step] if told else None
        to_manager = before < rule.escalate_manager_after <= late
        to_management = before < rule.escalate_management_after <= late
        if told or to_manager or to_management:
            found[due] = Hit(on, late, to_manager, to_management)
        due -= DAY
    return found


def escalations(found: dict[dt.date, Hit]) -> set[dt.date]:
    return {due for due, hit in found.items() if hit.to_manager or hit.to_management}


def is_day_off_for_all(weeks: Iterable[Week], day: dt.date) -> bool:
    """Whether nobody of these calendars works on that day; without any, Monday to Friday are worked."""
    return not any(week.calendar.is_working(day) for week in set(weeks) or {MONDAY_TO_FRIDAY})


def is_caught_up(weeks: Iterable[Week], after: dt.date, until: dt.date) -> bool:
    """Whether a run on `until` leaves nothing of the days since `after` for later.

    It does where `until` is a day off and a working day lies in between: then what that day named still has to come.
    """
    return all(
        week.calendar.is_working(until) or not week.calendar.between(after + DAY, until - DAY) for week in set(weeks)
    )


def reminder_days(rule: Rule, week: Week, due: dt.date) -> list[dt.date]:
    """The days on which something due then is reminded ahead and on the day: what the settings page shows in words."""
    if not rule.is_active:
        return []
    return sorted({week.calendar.on_or_before(due - before * DAY) for before in rule.before_days})


def marks(rule: Rule, week: Week, due: dt.date) -> dict[str, dt.date | None]:
    """The first day of the rhythm after `due`, and the days on which the two marks are passed; None where switched off."""
    calendar = week.calendar

    def nth(count: int) -> dt.date | None:
        return calendar.add(calendar.on_or_after(due + DAY), count - 1) if count and rule.is_active else None

    return {
        "late": nth(rule.every_working_days),
        "manager": nth(rule.escalate_manager_after),
        "management": nth(rule.escalate_management_after),
    }
