"""Levels over time: every day can be counted again from what was written once."""

from __future__ import annotations

import datetime as dt
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from unittest import mock

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.svg import Layer, layers
from core.svg.layers import ladder, spread
from risks import trends
from risks.models import Risk
from risks.selectors import criteria as criteria_of
from risks.selectors import trend as selectors
from risks.services import risk as risks
from risks.trends import CLOSED, RATED, REOPENED, Event
from tests.factories.risks import make_edition, make_risk, rate
from tests.helpers.budget import queries

BUDGET = 11
DAY = dt.date(2026, 3, 2)


def on(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


def rows_of(response) -> dict[str, list[int]]:
    """The table behind the picture: the numbers of each day, the total last."""
    rows = re.findall(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', response.content.decode(), re.S)
    return {day: [int(n) for n in re.findall(r">(\d+)<", cells)] for day, cells in rows}


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# ---- the pure part ------------------------------------------------------------------------------------------------


def test_each_day_counts_the_open_rated_risks_by_level():
    events = [
        Event(on(0), 1, RATED, "High"), Event(on(0), 2, RATED, "Low"), Event(on(2), 1, RATED, "Mid"),
        Event(on(3), 2, CLOSED, ""), Event(on(5), 2, REOPENED, ""),
    ]  # fmt: skip

    found = trends.counts(events, [on(n) for n in range(-1, 7)])

    assert found == [
        {}, {"High": 1, "Low": 1}, {"High": 1, "Low": 1}, {"Mid": 1, "Low": 1}, {"Mid": 1}, {"Mid": 1},
        {"Mid": 1, "Low": 1}, {"Mid": 1, "Low": 1},
    ]  # fmt: skip


HAPPENINGS = st.lists(
    st.tuples(
        st.integers(0, 30), st.integers(1, 6), st.sampled_from([RATED, RATED, CLOSED, REOPENED]),
        st.sampled_from(["Low", "Mid", "High"]),
    ),
    max_size=40,
)  # fmt: skip


@given(HAPPENINGS, st.lists(st.integers(0, 35), min_size=1, max_size=12))
def test_the_levels_of_a_day_add_up_to_the_open_rated_risks_of_that_day(happenings, days):
    events = [
        Event(on(day), risk, what, level) for day, risk, what, level in sorted(happenings, key=lambda one: one[0])
    ]
    asked = [on(day) for day in sorted(set(days))]

    found = trends.counts(events, asked)

    assert len(found) == len(asked)
    for day, numbers in zip(asked, found, strict=True):
        until = [event for event in events if event.on <= day]
        rated = {event.risk: event.level for event in until if event.what == RATED}
        last = {event.risk: event.what for event in until if event.what != RATED}
        expected = [level for risk, level in rated.items() if last.get(risk) != CLOSED]
        assert sum(numbers.values()) == len(expected)
        assert numbers == {name: expected.count(name) for name in set(expected)}


@given(st.integers(0, 900), st.sampled_from(["day", "week", "month"]))
def test_days_are_counted_in_order_to_today_and_begin_no_earlier_than_the_first_event(span, by):
    events = [Event(on(0), 1, RATED, "Low")]
    found = trends.days(events, on(span), by)

    assert found == sorted(set(found)) and found[-1] == on(span) and found[0] >= on(0)
    assert len(found) <= trends.MOST_POINTS
    if len(found) < trends.MOST_POINTS:
        assert found[0] == on(0)
    ends = found[1:-1]
    if by == "week":
        assert all(day.isoweekday() == 7 for day in ends)
    if by == "month":
        assert all((day + dt.timedelta(days=1)).day == 1 for day in ends)


@given(st.floats(0, 1e6))
def test_the_scale_reaches_the_highest_value_in_few_round_steps(most):
    found = ladder(most)
    assert found[0] == 0 and found[-1] >= most and 2 <= len(found) <= 7


@given(st.lists(st.floats(20, 280), min_size=1, max_size=7))
def test_names_at_the_end_keep_their_order_and_a_distance(wanted):
    wanted = sorted(wanted, reverse=True)
    found = spread(wanted, 15, 12, 300)
    assert all(a - b >= 15 - 1e-6 for a, b in pairwise(found))


def test_the_picture_stacks_the_bands_and_names_each_with_its_last_value():
    days = [on(0), on(7), on(14)]
    picture = layers(
        days,
        [Layer("High", 5, [1, 2, 2]), Layer("Never", 3, [0, 0, 0]), Layer("<Low>", None, [3, 0, 4])],
        title="Levels",
    )

    root = ET.fromstring(picture)  # noqa: S314
    bands = [one for one in root.iter() if one.get("class") == "ly-band"]
    assert len(bands) == 2
    words = [one.text for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "2 High" in words and "4 <Low>" in words and not any("Never" in (word or "") for word in words)
    first, second = (re.findall(r"[\d.]+,[\d.]+", one.get("d")) for one in bands)
    assert first[:3] == second[:2:-1]  # the upper edge of one is the lower edge of the next
    assert "style=" not in picture
    for few in ([on(0)], []):
        ET.fromstring(layers(few, [Layer("High", 5, [1] * len(few))], title="One"))  # noqa: S314


# ---- what happened ------------------------------------------------------------------------------------------------


def at(day: int, hour: int = 12):
    moment = dt.datetime.combine(on(day), dt.time(hour), tzinfo=dt.UTC)
    return mock.patch.object(timezone, "now", lambda: moment)


@pytest.fixture
def story(here, edition):
    with at(0):
        risk = make_risk(here.project, here.manager, title="Fire", owner=here.owner, category="IT")
        rate(risk, here.manager, 5, 5)
        rate(risk, here.manager, 5, 5, kind="inherent")
        other = make_risk(here.project, here.manager, title="Flood", owner=here.owner)
        rate(other, here.manager, 1, 1)
        gain = make_risk(here.project, here.manager, title="Gain", owner=here.owner, discipline="opportunity")
        rate(gain, here.manager, 2, 2)
    with at(10):
        rate(risk, here.manager, 1, 1)
    with at(20, 23):  # already the next day in Zurich
        risks.move(risk=other, name="close", by=here.manager, reason="Sold")
    with at(30):
        risks.move(risk=Risk.objects.get(pk=other.pk), name="reopen", by=here.manager, reason="Bought again")
    return risk, other


@pytest.mark.django_db
def test_ratings_closings_and_reopenings_become_events_of_local_days(here, edition, story):
    risk, other = story
    names = [one.name for one in edition.criteria.levels]
    rows = Risk.objects.filter(project=here.project).exclude(discipline="opportunity")

    with queries(3, exactly=True):
        found = selectors.events(here.project, rows, "Europe/Zurich")

    assert found == [
        (on(0), risk.pk, RATED, names[-1]), (on(0), other.pk, RATED, names[0]), (on(10), risk.pk, RATED, names[0]),
        (on(21), other.pk, CLOSED, ""), (on(30), other.pk, REOPENED, ""),
    ]  # fmt: skip


@pytest.mark.django_db
def test_the_page_tells_the_days_as_a_table_with_totals(here, edition, story, client_of, url):
    page = client_of(here.auditor).get(url("trend") + "?by=month")

    names = [one.name for one in edition.criteria.levels]
    assert f"Day {' '.join(reversed(names))} Total" in text_of(page)
    rows = rows_of(page)
    assert rows["2 March 2026"] == [1, 0, 0, 1, 2]
    assert rows["31 March 2026"] == [0, 0, 0, 1, 1]
    assert rows["30 April 2026"] == [0, 0, 0, 2, 2]


@pytest.mark.django_db
def test_levels_of_older_criteria_keep_their_name(here, edition, story, client_of, url):
    content = criteria_of.of_project(here.project).content
    renamed = [{**one, "name": f"New {one['name']}"} for one in content["levels"]]
    make_edition(here.project, here.manager, here.boss, levels=renamed)

    page = text_of(client_of(here.auditor).get(url("trend")))

    names = [one.name for one in edition.criteria.levels]
    assert f"Day {names[0]} {names[-1]} New {names[-1]}" in page


@pytest.mark.django_db
def test_filters_and_the_other_side_narrow_the_trend(here, story, client_of, url):
    client = client_of(here.auditor)
    assert "Open opportunities by level" in text_of(client.get(url("trend") + "?show=opportunities"))
    assert rows_of(client.get(url("trend") + "?category=IT&by=month"))["2 March 2026"][-1] == 1
    assert "Nothing matches these filters" in text_of(client.get(url("trend") + "?owner=none"))


@pytest.mark.django_db
def test_the_trend_costs_the_same_queries_for_few_and_for_many(here, edition, client_of, url):
    client = client_of(here.auditor)
    rate(make_risk(here.project, here.manager, owner=here.owner), here.manager, 3, 3)
    client.get(url("trend"))
    with queries(BUDGET, exactly=True):
        client.get(url("trend"))
    for n in range(12):
        rate(make_risk(here.project, here.manager, owner=here.owner), here.manager, 1 + n % 5, 3)
    with queries(BUDGET, exactly=True):
        client.get(url("trend"))
