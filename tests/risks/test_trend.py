"""Levels over time: every day can be counted again from what was written once."""

from __future__ import annotations

import datetime as dt
import importlib
import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from random import Random
from unittest import mock

import pytest
from django.apps import apps
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from core.svg import Layer, layers
from core.svg.layers import ladder, spread
from risks import trends
from risks.models import LevelChange, Risk
from risks.selectors import criteria as criteria_of
from risks.selectors import trend as selectors
from risks.services import risk as risks
from risks.trends import Shift
from tests.factories.risks import make_edition, make_risk, rate
from tests.helpers import trend_retold
from tests.helpers.budget import queries

BUDGET = 10
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
    shifts = [
        Shift(1, "", "High", 2), Shift(1, "", "Low", 1), Shift(3, "High", "Mid", 1), Shift(4, "Low", "", 1),
        Shift(6, "", "Low", 1),
    ]  # fmt: skip

    found = trends.counts(shifts, 8)

    assert found == [
        {}, {"High": 2, "Low": 1}, {"High": 2, "Low": 1}, {"High": 1, "Mid": 1, "Low": 1}, {"High": 1, "Mid": 1},
        {"High": 1, "Mid": 1}, {"High": 1, "Mid": 1, "Low": 1}, {"High": 1, "Mid": 1, "Low": 1},
    ]  # fmt: skip


@given(st.integers(0, 900), st.sampled_from(["day", "week", "month"]))
def test_days_are_counted_in_order_to_today_and_begin_no_earlier_than_the_first_event(span, by):
    found = trends.days(on(0), on(span), by)

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
    with at(0, 13):
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
def test_ratings_closings_and_reopenings_are_counted_by_local_day(here, edition, story):
    names = [one.name for one in edition.criteria.levels]
    rows = Risk.objects.filter(project=here.project).exclude(discipline="opportunity")
    days = [on(n) for n in (0, 9, 10, 20, 21, 30)]

    with queries(2, exactly=True):
        first = selectors.begins(here.project, rows, "Europe/Zurich")
        found = selectors.shifts(here.project, rows, days, "Europe/Zurich")

    assert first == on(0)
    assert found == [
        Shift(0, "", names[-1], 1), Shift(0, "", names[0], 1), Shift(2, names[-1], names[0], 1),
        Shift(4, names[0], "", 1), Shift(5, "", names[0], 1),
    ]  # fmt: skip


ZONES = ["Europe/Zurich", "America/St_Johns", "Pacific/Auckland", "America/Havana"]


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(3))
def test_the_database_counts_what_telling_every_rating_again_counts(here, edition, seed):
    random = Random(seed)  # noqa: S311
    made = [
        make_risk(here.project, here.manager, owner=here.owner, category=random.choice(["IT", "HR"])) for _n in range(5)
    ]
    moment = dt.datetime(2026, 2, 20, tzinfo=dt.UTC)
    for _n in range(30):
        moment += dt.timedelta(minutes=random.choice([1, 20, 60, 700, 5_000, 20_000]))
        with mock.patch.object(timezone, "now", lambda now=moment: now):
            risk = Risk.objects.get(pk=random.choice(made).pk)
            if risk.is_open and random.random() < 0.75:
                rate(risk, here.manager, random.randint(1, 5), random.randint(1, 5), reason="Seen")
            else:
                risks.move(risk=risk, name="close" if risk.is_open else "reopen", by=here.manager, reason="So")

    for zone in ZONES:
        for rows in (Risk.objects.all(), Risk.objects.filter(category="IT")):
            told = trend_retold.events(rows, zone)
            first = selectors.begins(here.project, rows, zone)
            assert first == next(event.on for event in told if event.what == trend_retold.RATED)
            for by in trends.STEPS:
                days = trends.days(first, moment.date() + dt.timedelta(days=random.randint(1, 40)), by)
                shifts = selectors.shifts(here.project, rows, days, zone)
                assert trends.counts(shifts, len(days)) == trend_retold.counts(told, days), (seed, zone, by)


@pytest.mark.django_db
def test_what_happened_before_the_changes_were_kept_is_read_from_ratings_and_journal(here, edition, story):
    kept = ("risk", "organization", "project", "at", "before", "after")
    before = set(LevelChange.objects.values_list(*kept))
    last = LevelChange.objects.latest("pk").pk

    importlib.import_module("risks.migrations.0010_fill_level_changes").fill(apps, None)

    filled = LevelChange.objects.filter(pk__gt=last)
    assert set(filled.values_list(*kept)) == before and filled.count() == len(before) == 6


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
def test_the_trend_is_called_so_before_there_are_criteria(here, client_of, url):
    page = text_of(client_of(here.auditor).get(url("trend")))
    assert "Trend of levels" in page and "No approved risk criteria yet" in page and "Heat map of risks" not in page


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
