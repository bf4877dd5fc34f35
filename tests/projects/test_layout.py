"""Dates of a fresh plan: pure arithmetic."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.dates import WorkingCalendar
from projects import layout

MONDAY = dt.date(2026, 3, 2)
WEEK = WorkingCalendar()


def test_a_step_begins_on_the_working_day_after_its_last_predecessor_ends():
    spans = layout.steps({"a": 5, "b": 2, "c": 3}, {"b": ["a"], "c": ["a", "b"]}, MONDAY, WEEK)

    assert spans["a"] == (MONDAY, dt.date(2026, 3, 6), 5)
    assert spans["b"] == (dt.date(2026, 3, 9), dt.date(2026, 3, 10), 2)
    assert spans["c"] == (dt.date(2026, 3, 11), dt.date(2026, 3, 13), 3)


def test_a_start_on_a_weekend_begins_on_monday():
    spans = layout.steps({"a": 1}, {}, dt.date(2026, 3, 1), WEEK)

    assert spans["a"].starts_on == MONDAY


def test_steps_that_wait_for_each_other_are_named_in_a_circle():
    with pytest.raises(layout.Cycle) as found:
        layout.in_order({"a": ["c"], "b": ["a"], "c": ["b"]})

    assert found.value.names[0] == found.value.names[-1]
    assert set(found.value.names) == {"a", "b", "c"}


@pytest.mark.parametrize(
    ("headcount", "days"), [(10, 8), (49, 8), (50, 10), (250, 10), (251, 13), (1001, 15), (9999, 18)]
)
def test_durations_stretch_with_the_size_of_the_organization(headcount, days):
    assert layout.scaled(10, headcount) == days


def test_activities_share_the_days_of_their_step_by_effort():
    step = layout.Span(MONDAY, dt.date(2026, 3, 13), 10)

    spans = layout.activities([Decimal(1), Decimal(4)], step, WEEK)

    assert [(s.starts_on, s.ends_on, s.days) for s in spans] == [
        (MONDAY, dt.date(2026, 3, 3), 2),
        (dt.date(2026, 3, 4), dt.date(2026, 3, 13), 8),
    ]


@given(st.lists(st.decimals(0, 40, places=2), min_size=1, max_size=14), st.integers(1, 60))
def test_activities_stay_within_their_step_and_the_last_one_ends_with_it(efforts, days):
    step = layout.Span(MONDAY, WEEK.last_day(MONDAY, days), days)

    spans = layout.activities(efforts, step, WEEK)

    assert all(step.starts_on <= s.starts_on <= s.ends_on <= step.ends_on and s.days >= 1 for s in spans)
    assert [s.starts_on for s in spans] == sorted(s.starts_on for s in spans)
    assert max(s.ends_on for s in spans) == step.ends_on


@given(st.integers(1, 9), st.integers(1, 30))
def test_tasks_are_due_within_their_activity_and_the_last_on_its_last_day(count, days):
    span = layout.Span(MONDAY, WEEK.last_day(MONDAY, days), days)

    due = layout.due_dates(count, span, WEEK)

    assert due == sorted(due)
    assert span.starts_on <= due[0]
    assert due[-1] == span.ends_on
