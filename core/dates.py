"""Working days and local dates: pure arithmetic, no queries."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from django.utils import timezone

EVERY_WEEK = "1111100"  # Monday to Sunday, 1 for a working day


@lru_cache(maxsize=512)
def public_holidays(country: str, region: str, year: int) -> frozenset[dt.date]:
    """Public holidays of a country (ISO 3166 alpha-2) and region in `year`; none for an unknown country."""
    try:
        return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))
    except (NotImplementedError, KeyError):
        return frozenset()


class WorkingCalendar:
    """Which days are worked: a week such as "1111100" (Monday first), public holidays and closures.

    Refuses a week without a single working day with ValueError.
    """

    def __init__(self, week: str = EVERY_WEEK, country: str = "", region: str = "", closures: Iterable[dt.date] = ()):
        if len(week) != 7 or set(week) - {"0", "1"} or "1" not in week:
            raise ValueError(f"A working week is seven digits 0 or 1 with at least one 1, not {week!r}.")
        self.week = [digit == "1" for digit in week]
        self.country, self.region = country, region
        self.closures = frozenset(closures)

    def is_working(self, day: dt.date) -> bool:
        return (
            self.week[day.weekday()]
            and day not in self.closures
            and (not self.country or day not in public_holidays(self.country, self.region, day.year))
        )

    def on_or_after(self, day: dt.date) -> dt.date:
        """The first working day from `day` on."""
        while not self.is_working(day):
            day += dt.timedelta(days=1)
        return day

    def on_or_before(self, day: dt.date) -> dt.date:
        while not self.is_working(day):
            day -= dt.timedelta(days=1)
        return day

    def add(self, day: dt.date, days: int) -> dt.date:
        """The working day that lies `days` working days after `day` (before it when negative)."""
        step = dt.timedelta(days=1 if days >= 0 else -1)
        day = self.on_or_after(day) if days >= 0 else self.on_or_before(day)
        for _ in range(abs(days)):
            day += step
            while not self.is_working(day):
                day += step
        return day

    def last_day(self, first: dt.date, duration_days: int) -> dt.date:
        """The last day of work that starts on `first` and takes `duration_days` working days (at least one)."""
        return self.add(first, max(duration_days, 1) - 1)

    def between(self, first: dt.date, last: dt.date) -> int:
        """Working days from `first` to `last`, both counted; 0 when `last` lies before `first`."""
        count, day = 0, first
        while day <= last:
            count += self.is_working(day)
            day += dt.timedelta(days=1)
        return count


def today(zone: str | None = None) -> dt.date:
    """The local date in an IANA time zone (the active one when none is given)."""
    return timezone.localdate(timezone=ZoneInfo(zone) if zone else None)


def day_of(moment: dt.datetime, zone: str) -> dt.date:
    """The local date of a moment in an IANA time zone."""
    return timezone.localdate(moment, ZoneInfo(zone))


def plus_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later; the last of the month where that month is shorter."""
    years, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month + 1
    return dt.date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
