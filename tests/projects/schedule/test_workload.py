"""Hours spread over weeks, and the indexes of earned value in words: pure arithmetic."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import WorkingCalendar
from projects.schedule import Axis
from projects.schedule.earned import Standing
from projects.schedule.workload import Work, hours_left, loads

D = dt.date
MONDAY = D(2026, 3, 2)


def weeks_of(works, *, today=MONDAY, hours=None, away=(), closures=(), weeks=4):
    axis = Axis(MONDAY, WorkingCalendar(closures=closures))
    (load,) = loads(
        works, axis=axis, today=today, weeks=weeks, people=[1], hours_per_week={1: hours} if hours is not None else {},
        away={1: set(away)},
    )  # fmt: skip
    return [(week.load, week.capacity, week.is_over) for week in load.weeks]


def test_work_is_spread_evenly_until_it_is_due():
    assert weeks_of([Work(1, MONDAY, D(2026, 3, 13), 60)])[:3] == [(30, 40, False), (30, 40, False), (0, 40, False)]


def test_what_does_not_fit_is_an_overload_and_overdue_work_lies_on_this_week():
    found = weeks_of([Work(1, D(2026, 2, 2), D(2026, 2, 6), 30), Work(1, MONDAY, D(2026, 3, 6), 20)])

    assert found[0] == (50, 40, True)


def test_absences_and_closures_take_capacity_and_move_the_work_to_other_days():
    """Away on the first three days, closed on the fourth: all of it lies on Friday."""
    found = weeks_of([Work(1, MONDAY, D(2026, 3, 6), 8)], away=[0, 1, 2], closures=[D(2026, 3, 5)])

    assert found[0] == (8, 8, False)


def test_half_a_job_fits_half_as_much():
    assert weeks_of([Work(1, MONDAY, D(2026, 3, 6), 21)], hours=20)[0] == (21, 20, True)


@given(
    st.lists(st.tuples(st.integers(-20, 40), st.integers(0, 20), st.integers(1, 100)), max_size=6),
    st.integers(0, 13),
)
def test_no_hour_is_lost_or_invented_within_the_weeks_shown(works, shift):
    today = MONDAY + dt.timedelta(days=shift)
    given_work = [
        Work(1, MONDAY + dt.timedelta(days=at), MONDAY + dt.timedelta(days=at + long), hours)
        for at, long, hours in works
    ]

    found = weeks_of(given_work, today=today, weeks=20)

    assert sum(load for load, _capacity, _over in found) == pytest.approx(sum(w.hours for w in given_work), abs=0.2)


@pytest.mark.parametrize(
    ("left", "planned", "spent", "hours"),
    [(3, 10, 9, 3), (None, 10, 4, 6), (None, 10, 12, 0), (None, None, 0, 1), (0, 5, 0, 0)],
)
def test_what_is_left_of_a_task(left, planned, spent, hours):
    assert hours_left(left, planned, spent) == hours


@pytest.mark.parametrize(
    ("standing", "spi", "cpi"),
    [
        (Standing(0, 0, 0, 100), "nothing done yet", "No hours are booked"),
        (
            Standing(50, 49, 50, 100),
            "as planned: of every 100 person-days expected by now, 98",
            "as planned: 100 booked",
        ),
        (
            Standing(50, 40, 60, 100),
            "behind: of every 100 person-days expected by now, only 80",
            "more effort than planned",
        ),
        (
            Standing(50, 60, 40, 100),
            "ahead: where the plan expected 100 person-days by now, 120",
            "less effort than planned",
        ),
    ],
)
def test_an_index_is_said_in_words(standing, spi, cpi):
    assert spi in standing.spi_in_words
    assert cpi in standing.cpi_in_words
