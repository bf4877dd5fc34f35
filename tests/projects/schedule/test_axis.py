"""Dates as working-day indexes."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from core.dates import WorkingCalendar
from projects.schedule import Axis

MONDAY = dt.date(2026, 3, 2)
SWISS = WorkingCalendar("1111100", "CH", "ZH", [dt.date(2026, 3, 5)])
DAYS = st.dates(dt.date(2023, 1, 1), dt.date(2030, 12, 31))


def test_weekends_holidays_and_closures_have_no_index():
    axis = Axis(MONDAY, SWISS)

    assert [axis.day(index) for index in range(5)] == [
        MONDAY, dt.date(2026, 3, 3), dt.date(2026, 3, 4), dt.date(2026, 3, 6), dt.date(2026, 3, 9),
    ]  # fmt: skip
    assert axis.start(dt.date(2026, 3, 5)) == 3  # closed: work begins the day after
    assert axis.finish(dt.date(2026, 3, 5)) == 3  # and had to be done the day before
    assert axis.finish(MONDAY) == 1
    assert axis.day(-1) == dt.date(2026, 2, 27)
    assert list(axis.days_off(dt.date(2026, 3, 7), dt.date(2026, 3, 10))) == [4, 5]


@given(DAYS, DAYS, st.integers(0, 60))
def test_the_axis_agrees_with_the_calendar(origin, day, days):
    axis = Axis(origin, SWISS)

    assert axis.day(axis.start(day)) == SWISS.on_or_after(day)
    assert axis.last_day(axis.finish(day)) == SWISS.on_or_before(day)
    assert axis.day(axis.start(day) + days) == SWISS.add(day, days)
    assert axis.day(axis.finish(day) - 1 - days) == SWISS.add(day, -days if days else 0) or not SWISS.is_working(day)
