"""The schedule on paper: no strip of the chart is higher than its page, and the first stands below its heading."""

from __future__ import annotations

import datetime as dt

import pytest

from core.svg.gantt import HEAD, ROW, window
from projects.models import PlanActivity, PlanStep, Project
from reports.selectors import schedule
from tests.factories.projects import make_full_project
from tests.helpers.budget import count_queries
from tests.reports import worlds

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.mark.parametrize(
    ("zoom", "last"), [("months", D(2026, 4, 30)), ("months", D(2026, 12, 31)), ("quarters", D(2028, 12, 31))]
)
def test_as_many_rows_as_fit_a_page_stand_on_it(zoom, last):
    frame = window(D(2026, 3, 2), last, zoom)
    rows = schedule.rows_on_a_page(frame)

    def height(rows: int) -> float:
        return (HEAD + rows * ROW) * schedule.PAPER[0] / (schedule.NAMES + frame.width)

    assert height(rows) <= schedule.PAPER[1] < height(rows + 1)


@pytest.mark.parametrize("headcount", [8, 90, 900])
def test_every_strip_of_the_chart_ends_on_its_page_and_the_first_stands_below_its_heading(headcount):
    project = make_full_project(with_tasks=False, headcount=headcount)

    sheets = worlds.laid_out(worlds.html_of("schedule", worlds.asked_for(project)))

    charts = [sheet for sheet in sheets if any("figure" in box.within for box in sheet.pictures)]
    assert len(charts) >= 4
    assert [
        box.bottom - sheet.content_bottom
        for sheet in charts
        for box in sheet.pictures
        if box.bottom > sheet.content_bottom
    ] == []
    assert any(box.text == "Gantt chart" and "h2" in box.within for box in charts[0].boxes)


def test_dates_that_cannot_be_kept_are_listed_as_far_as_there_is_room_and_the_rest_counted():
    project = make_full_project(with_tasks=False)
    rows = PlanActivity.objects.filter(project=project).order_by("pk")
    late = list(rows.values_list("pk", flat=True)[40:65])
    rows.filter(pk__in=late).update(finish_by_on=PlanStep.objects.filter(project=project).earliest("pk").starts_on)

    text = worlds.html_of("schedule", worlds.asked_for(project)).html

    assert text.count("cannot be finished by") == 20 and "and 5 more" in text


def test_the_titles_of_the_method_are_said_in_the_readers_language_and_ones_own_as_they_were_typed():
    project = make_full_project(with_tasks=False)
    PlanStep.objects.filter(project=project, number="1.6").update(title="Scope of ours")

    text = worlds.html_of("schedule", worlds.asked_for(project, language="de")).html

    assert ">1.5 Anwendungsbereich<" in text and ">1.6 Scope of ours<" in text and ">1.5 Scope<" not in text


def test_the_price_does_not_depend_on_the_size_of_the_plan():
    def price(project: Project) -> int:
        fresh = Project.objects.select_related("organization", "catalogue").get(pk=project.pk)
        return count_queries(lambda: schedule.select(worlds.asked_for(fresh)))

    assert price(worlds.small(3)) == price(make_full_project())
