"""The forecast at the pace so far: a plain rule, by numbers."""

from __future__ import annotations

import pytest

from projects.forecast.pace import NEVER, last_day

EVEN = list(range(1, 101))
"""A plan of 101 days (0 to 100) that expects one percent more every day from the second on."""


@pytest.mark.parametrize(
    ("percent", "today", "end", "why"),
    [
        (50, 50, 100, "on plan: the plan's end"),
        (40, 50, 125, "41 days' worth in 51 days"),
        (20, 50, 244, "at less than half the pace"),
        (75, 50, 67, "ahead: earlier"),
        (99, 140, 141, "overdue, but nearly done: never before today"),
        (0, 10, 110, "too early for a pace: the plan's end moves by the ten days"),
        (5, 10, 105, "too early, five days behind"),
        (15, 10, 95, "too early, and ahead"),
        (5, -3, 100, "not begun"),
        (0, -3, 100, "not begun, nothing done"),
        (0, 60, NEVER, "nothing done in two months"),
        (5, 60, NEVER, "slower than a quarter of the plan"),
    ],
)
def test_the_end_follows_from_the_pace_so_far(percent, today, end, why):
    assert last_day(EVEN, percent, today) == end, why


def test_there_is_no_forecast_for_what_is_done_or_has_no_plan():
    assert last_day(EVEN, 100, 50) is None
    assert last_day([], 0, 50) is None


def test_the_work_never_ends_before_today_and_never_twice_as_fast_as_planned():
    for today in range(0, 400, 7):
        for percent in range(100):
            end = last_day(EVEN, percent, today)
            assert end >= today, (percent, today)
            assert end >= 50 - 1 or today < 28, (percent, today)


def test_a_plan_that_begins_late_is_not_behind_before_it_begins():
    late = [60 + n for n in range(100)]

    assert last_day(late, 0, 50) == late[-1]
    assert last_day(late, 0, 59) == late[-1]


def test_whatever_is_done_sooner_ends_no_later():
    for today in (10, 40, 90, 200):
        ends = [last_day(EVEN, percent, today) for percent in range(100)]
        assert ends == sorted(ends, reverse=True), today
