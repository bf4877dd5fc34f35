"""How far the work is: pure figures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects import progress

MARCH = dt.date(2026, 3, 1)


def day(number: int) -> dt.date:
    return dt.date(2026, 3, number)


def test_a_task_without_planned_hours_counts_with_one_hour():
    assert progress.task_weight(None) == 1
    assert progress.task_weight(Decimal(0)) == 1
    assert progress.task_weight(Decimal("2.5")) == Decimal("2.5")


def test_an_activity_counts_with_the_done_share_of_its_hours_rounded_down():
    assert progress.done_minutes(480, weight=Decimal(3), weight_done=Decimal(1), is_done=False) == 160
    assert progress.done_minutes(100, weight=Decimal(3), weight_done=Decimal(1), is_done=False) == 33


def test_an_activity_without_tasks_counts_whole_once_it_is_done_and_not_before():
    assert progress.done_minutes(480, weight=Decimal(0), weight_done=Decimal(0), is_done=False) == 0
    assert progress.done_minutes(480, weight=Decimal(0), weight_done=Decimal(0), is_done=True) == 480


def test_percent_is_rounded_down_so_that_a_hundred_means_all_of_it():
    assert progress.percent(999, 1000) == 99
    assert progress.percent(1000, 1000) == 100
    assert progress.percent(0, 0) == 0


@pytest.mark.parametrize(("on", "expected"), [(1, 0), (2, 10), (6, 50), (11, 100), (30, 100)])
def test_the_plan_spreads_an_activity_evenly_over_its_calendar_days(on, expected):
    assert progress.planned_percent([(day(2), day(11), 480)], day(on)) == expected


def test_planned_percent_weighs_activities_by_effort():
    rows = [(day(1), day(1), 300), (day(20), day(20), 100)]

    assert progress.planned_percent(rows, day(2)) == 75


def test_planned_percent_of_nothing_is_zero():
    assert progress.planned_percent([], MARCH) == 0
    assert progress.planned_percent([(day(1), day(2), 0)], day(9)) == 0


def test_the_planned_curve_agrees_with_the_planned_percent_of_each_day():
    rows = [(day(1), day(7), 480), (day(3), day(20), 960), (day(20), day(21), 33)]
    days = [day(n) for n in range(1, 25)]

    curve = progress.planned_curve(rows, days)

    assert [int(value + 0.05) for value in curve] == [progress.planned_percent(rows, on) for on in days]


def test_the_actual_curve_counts_each_task_on_its_day_and_the_rest_when_the_activity_is_declared_done():
    activities = [(1, 400, day(10)), (2, 600, None)]
    tasks = [(1, 1, day(3)), (1, 3, None), (2, 2, day(5)), (2, 2, None)]

    curve = progress.actual_curve(activities, tasks, [day(2), day(3), day(5), day(9), day(10), day(20)])

    assert curve == [0.0, 10.0, 40.0, 40.0, 70.0, 70.0]


def test_a_task_completed_after_its_activity_was_declared_done_adds_nothing():
    curve = progress.actual_curve([(1, 100, day(2))], [(1, 1, day(5)), (1, 1, day(1))], [day(1), day(2), day(6)])

    assert curve == [50.0, 100.0, 100.0]


def test_the_actual_curve_of_an_empty_plan_is_flat():
    assert progress.actual_curve([], [], [day(1), day(2)]) == [0.0, 0.0]
    assert progress.actual_curve([(1, 0, day(1))], [], [day(3)]) == [0.0]


@given(
    st.lists(st.tuples(st.integers(0, 2000), st.none() | st.integers(1, 28)), max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 40), st.none() | st.integers(1, 28)), max_size=20),
)
def test_the_actual_curve_never_falls_and_stays_within_zero_and_a_hundred(activities, tasks):
    rows = [(pk, minutes, day(end) if end else None) for pk, (minutes, end) in enumerate(activities)]
    done = [(pk, weight, day(on) if on else None) for pk, weight, on in tasks]

    curve = progress.actual_curve(rows, done, [day(n) for n in range(1, 29)])

    assert curve == sorted(curve)
    assert all(0 <= value <= 100 for value in curve)
