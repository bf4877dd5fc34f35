"""Which day a record with a date is reminded on: arithmetic on local dates and working days."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from notifications.reminding import rules
from notifications.reminding.rules import DEFAULT, MONDAY_TO_FRIDAY, Hit, Rule, Week

DAY = dt.timedelta(days=1)
MONDAY = dt.date(2026, 3, 16)
ZURICH = Week("1111100", "CH", "ZH")
GULF = Week("1111001", "", "")


def told(
    due: dt.date, *, rule: Rule = DEFAULT, week: Week = MONDAY_TO_FRIDAY, until: dt.date | None = None
) -> list[dt.date]:
    """The days on which a run each day tells the owner of something due then."""
    found, day = [], due - 40 * DAY
    while day <= (until or due + 40 * DAY):
        hit = rules.hits(rule, week, day - DAY, day).get(due)
        if hit is not None and hit.on is not None:
            found.append(day)
        day += DAY
    return found


def recent(*hits: dict[dt.date, Hit]) -> set[dt.date]:
    """Due dates well within the horizon, which moves from day to day."""
    return {due for one in hits for due in one if due > MONDAY - 1000 * DAY}


def passed(due: dt.date, mark: str, *, rule: Rule = DEFAULT, week: Week = MONDAY_TO_FRIDAY) -> list[dt.date]:
    days = [due + n * DAY for n in range(1, 60)]
    return [day for day in days if (hit := rules.hits(rule, week, day - DAY, day).get(due)) and getattr(hit, mark)]


def test_a_task_is_reminded_fourteen_seven_and_one_day_ahead_on_the_day_and_then_every_third_working_day():
    due = dt.date(2026, 3, 19)  # a Thursday

    assert told(due, until=due) == [dt.date(2026, 3, 5), dt.date(2026, 3, 12), dt.date(2026, 3, 18), due]
    assert told(due)[4:8] == [dt.date(2026, 3, 24), dt.date(2026, 3, 27), dt.date(2026, 4, 1), dt.date(2026, 4, 6)]


def test_a_reminder_that_falls_on_a_day_off_comes_on_the_working_day_before_the_date():
    sunday = dt.date(2026, 3, 22)

    assert told(sunday, until=sunday) == [dt.date(2026, 3, 6), dt.date(2026, 3, 13), dt.date(2026, 3, 20)]


def test_holidays_of_the_project_are_days_off_too():
    good_friday = dt.date(2026, 4, 3)
    tuesday = dt.date(2026, 4, 7)  # after Easter Monday: the working day before is Thursday

    assert told(tuesday, week=ZURICH, until=tuesday)[-2:] == [dt.date(2026, 4, 2), tuesday]
    assert rules.hits(DEFAULT, ZURICH, good_friday - DAY, good_friday) == {}
    assert told(dt.date(2026, 4, 1), week=ZURICH)[4] == dt.date(2026, 4, 8), (
        "Good Friday and Easter Monday do not count"
    )


def test_a_week_from_sunday_to_thursday_has_its_own_days_off():
    friday, sunday = dt.date(2026, 3, 20), dt.date(2026, 3, 22)

    assert rules.hits(DEFAULT, GULF, friday - DAY, friday) == {}
    assert sunday in rules.hits(DEFAULT, GULF, sunday - DAY, sunday)
    assert friday in rules.hits(DEFAULT, GULF, friday - 2 * DAY, friday - DAY), "due on a day off, told on Thursday"


def test_what_is_late_is_escalated_once_after_five_and_once_after_fifteen_working_days():
    due = dt.date(2026, 3, 16)

    assert passed(due, "to_manager") == [dt.date(2026, 3, 23)]
    assert passed(due, "to_management") == [dt.date(2026, 4, 6)]


def test_an_organization_may_turn_parts_off():
    due = dt.date(2026, 3, 19)

    assert told(due, rule=Rule(before_days=(3,), every_working_days=0)) == [dt.date(2026, 3, 16)]
    assert passed(due, "to_manager", rule=Rule(escalate_manager_after=0)) == []
    assert rules.hits(Rule(is_active=False), MONDAY_TO_FRIDAY, MONDAY - DAY, MONDAY) == {}


def test_days_on_which_nothing_ran_come_once_at_the_next_run():
    friday = dt.date(2026, 3, 20)

    one_day = [rules.hits(DEFAULT, MONDAY_TO_FRIDAY, day - DAY, day) for day in (MONDAY + n * DAY for n in range(5))]
    week = rules.hits(DEFAULT, MONDAY_TO_FRIDAY, MONDAY - DAY, friday)

    assert recent(week) == recent(*one_day)
    wednesday = dt.date(2026, 3, 18)
    assert week[wednesday] == Hit(on=wednesday, late=2), (
        "on time it would have been told on the day; now as late as it is"
    )
    assert week[friday] == Hit(on=friday, late=0)


def test_what_was_due_while_nothing_ran_is_told_as_late_as_it_is_and_not_announced_any_more():
    tuesday = dt.date(2026, 3, 17)

    hit = rules.hits(DEFAULT, MONDAY_TO_FRIDAY, MONDAY - DAY, dt.date(2026, 3, 27))[tuesday]

    assert hit.late == 8
    assert hit.to_manager
    assert not hit.to_management


def test_a_run_on_a_day_off_leaves_what_working_days_before_it_named_for_the_next_working_day():
    thursday, saturday = dt.date(2026, 3, 19), dt.date(2026, 3, 21)

    assert rules.is_caught_up([MONDAY_TO_FRIDAY], saturday - DAY, saturday), "Friday was served"
    assert not rules.is_caught_up([MONDAY_TO_FRIDAY], thursday, saturday), "Friday was not"
    assert rules.is_caught_up([MONDAY_TO_FRIDAY], thursday, saturday - DAY)
    assert rules.is_caught_up([], thursday, saturday)


def test_whatever_days_are_missed_the_union_is_the_same():
    """Any cut of a month into runs names every due date as often as it is named, and never one that is not."""
    seed = random.randrange(10**6)  # noqa: S311
    print("seed", seed)
    chance = random.Random(seed)  # noqa: S311
    for week in (MONDAY_TO_FRIDAY, ZURICH, GULF):
        days = [MONDAY + n * DAY for n in range(30)]
        daily = recent(*(rules.hits(DEFAULT, week, day - DAY, day) for day in days))
        last_working = max(day for day in days if week.calendar.is_working(day))
        since, found = MONDAY - DAY, set()
        for day in days:
            if not week.calendar.is_working(day) or (chance.random() < 0.5 and day != last_working):
                continue
            found |= recent(rules.hits(DEFAULT, week, since, day))
            since = day
        assert found == daily


@pytest.mark.parametrize("week", [MONDAY_TO_FRIDAY, ZURICH, GULF])
def test_the_page_of_settings_says_what_the_engine_does(week):
    for n in range(60):
        due = MONDAY + n * DAY
        marks = rules.marks(DEFAULT, week, due)

        days = told(due, week=week)
        ahead = rules.reminder_days(DEFAULT, week, due)
        assert [day for day in days if day <= due] == ahead
        assert next(day for day in days if day > due) == marks["late"]
        assert passed(due, "to_manager", week=week) == [marks["manager"]]
        assert passed(due, "to_management", week=week) == [marks["management"]]
