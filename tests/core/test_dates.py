"""Working days: the arithmetic every plan stands on."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import WorkingCalendar, public_holidays

WEEK = WorkingCalendar()
SWISS = WorkingCalendar("1111100", "CH", "ZH")
FRIDAY = dt.date(2026, 3, 6)
SATURDAY = dt.date(2026, 3, 7)
MONDAY = dt.date(2026, 3, 9)


def test_weekend_is_not_worked():
    assert WEEK.is_working(FRIDAY)
    assert not WEEK.is_working(SATURDAY)
    assert WEEK.on_or_after(SATURDAY) == MONDAY
    assert WEEK.on_or_before(SATURDAY) == FRIDAY


def test_adding_days_skips_weekend_and_holidays():
    good_friday, tuesday_after_easter = dt.date(2026, 4, 3), dt.date(2026, 4, 7)

    assert WEEK.add(FRIDAY, 1) == MONDAY
    assert SWISS.add(dt.date(2026, 4, 2), 1) == tuesday_after_easter
    assert not SWISS.is_working(good_friday)


def test_closures_of_the_organization_are_not_worked():
    calendar = WorkingCalendar(closures=[MONDAY])

    assert calendar.add(FRIDAY, 1) == dt.date(2026, 3, 10)


def test_a_six_day_week_works_on_saturday():
    assert WorkingCalendar("1111110").add(FRIDAY, 1) == SATURDAY


def test_an_unknown_country_has_no_holidays():
    assert public_holidays("XX", "", 2026) == frozenset()


@pytest.mark.parametrize("week", ["", "0000000", "11111", "1111102", "abcdefg"])
def test_a_week_without_sense_is_refused(week):
    with pytest.raises(ValueError, match="working week"):
        WorkingCalendar(week)


days = st.dates(dt.date(2024, 1, 1), dt.date(2030, 12, 31))
weeks = st.text("01", min_size=7, max_size=7).filter(lambda week: "1" in week)


@given(days, st.integers(0, 60), weeks)
def test_adding_and_counting_agree(day, count, week):
    calendar = WorkingCalendar(week)
    first = calendar.on_or_after(day)

    assert calendar.between(first, calendar.add(first, count)) == count + 1


@given(days, st.integers(0, 60), weeks)
def test_going_back_undoes_going_forward(day, count, week):
    calendar = WorkingCalendar(week)
    first = calendar.on_or_after(day)

    assert calendar.add(calendar.add(first, count), -count) == first


def test_a_span_counts_its_first_day():
    assert WEEK.last_day(MONDAY, 5) == dt.date(2026, 3, 13)
    assert WEEK.last_day(MONDAY, 0) == MONDAY
    assert WEEK.between(MONDAY, FRIDAY) == 0
