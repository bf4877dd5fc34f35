"""Dates as working-day indexes: day 0 is the first working day of the project, day 1 the next one, and so on.

Arithmetic on such indexes needs no calendar any more: five days later is `+ 5`, whatever weekends, public holidays and
closures lie between. Days before the start have negative indexes.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right

from core.dates import WorkingCalendar

PAGE = dt.timedelta(days=366)


class Axis:
    """The working days of one calendar, counted from `origin` (or the first working day after it).

    Days are listed as far as they are asked for, a year at a time; one axis belongs to one reckoning.
    """

    def __init__(self, origin: dt.date, calendar: WorkingCalendar) -> None:
        self.calendar = calendar
        self.origin = origin
        self._days: list[dt.date] = []
        self._first = self._end = origin  # the days from _first up to (not including) _end are listed
        self._before = 0  # how many of the listed days lie before the origin

    def _reach(self, day: dt.date) -> None:
        one = dt.timedelta(days=1)
        while day >= self._end:
            until = self._end + PAGE
            while self._end < until:
                if self.calendar.is_working(self._end):
                    self._days.append(self._end)
                self._end += one
        while day < self._first:
            earlier, until = [], self._first - PAGE
            while self._first > until:
                self._first -= one
                if self.calendar.is_working(self._first):
                    earlier.append(self._first)
            self._days[:0] = reversed(earlier)
            self._before += len(earlier)

    def start(self, day: dt.date) -> int:
        """The index of the first working day from `day` on: what a piece of work that starts on `day` begins with."""
        self._reach(day)
        return bisect_left(self._days, day) - self._before

    def finish(self, day: dt.date) -> int:
        """One more than the index of the last working day up to `day`: where work ends that has `day` as its last day."""
        self._reach(day)
        return bisect_right(self._days, day) - self._before

    def day(self, index: int) -> dt.date:
        """The date of a working day."""
        while index + self._before < 0:
            self._reach(self._first - PAGE)
        while index + self._before >= len(self._days):
            self._reach(self._end + PAGE)
        return self._days[index + self._before]

    def last_day(self, finish: int) -> dt.date:
        """The last day of work that ends at `finish`: the working day before it."""
        return self.day(finish - 1)

    def days_off(self, first: dt.date, last: dt.date) -> range:
        """The indexes of the working days from `first` to `last`, both counted: what somebody misses who is away."""
        return range(self.start(first), self.finish(last))
