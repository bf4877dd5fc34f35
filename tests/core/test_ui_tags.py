"""The tags that pages write states, people, dates and addresses with."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from core.templatetags import ui

TODAY = dt.date(2026, 11, 22)


def write(source: str, query: str = "", **context: object) -> str:
    context["request"] = RequestFactory().get(f"/{query}")
    return Template(source).render(Context(context)).strip()


def words(html: str) -> str:
    import re

    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_badge_has_icon_and_word_and_escapes_the_word():
    html = write("{% badge kind label %}", kind="late", label="<b>Overdue</b>")

    assert 'class="status status-late"' in html
    assert "#i-clock-exclamation" in html
    assert "&lt;b&gt;Overdue&lt;/b&gt;" in html


def test_an_unknown_kind_of_badge_is_shown_as_open_instead_of_failing():
    assert "status-open" in write('{% badge "purple" "Odd" %}')


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Petra Aeschbacher", "PA"),
        ("Petra von Aesch", "PA"),
        ("Cher", "C"),
        ("", "?"),
        (None, "?"),
        ("<script>", "?"),
        ("olaf@example.org", "OE"),
        ("\u202e Ana (Keller)", "A"),
    ],
)
def test_initials_come_from_the_first_and_last_word(name, expected):
    assert ui.initials(name) == expected


def test_a_person_is_escaped_and_nobody_is_said():
    assert "&lt;i&gt;Eve" in write("{% person who %}", who=SimpleNamespace(name="<i>Eve"))
    assert words(write("{% person who %}", who=None)) == "Nobody yet"


def test_a_person_keeps_the_same_colour_in_every_process():
    assert ui.avatar("Marc Favre") == '<span class="avatar avatar-1" aria-hidden="true">MF</span>'
    assert ui.avatar(SimpleNamespace(name="Marc Favre")) == ui.avatar("Marc Favre")


@pytest.mark.parametrize(
    ("days", "is_done", "css", "said"),
    [
        (-3, False, "due due-late", "19 Nov 3 days overdue"),
        (-1, False, "due due-late", "21 Nov 1 day overdue"),
        (0, False, "due due-soon", "22 Nov today"),
        (1, False, "due due-soon", "23 Nov tomorrow"),
        (7, False, "due due-soon", "29 Nov in 7 days"),
        (8, False, "due", "30 Nov"),
        (60, False, "due", "21 Jan 2027"),
        (-40, True, "due", "13 Oct"),
    ],
)
def test_a_due_date_says_in_words_when_it_is_past_or_near(days, is_done, css, said):
    html = write("{% due on today done %}", on=TODAY + dt.timedelta(days=days), today=TODAY, done=is_done)

    assert html.startswith(f'<span class="{css}">')
    assert words(html) == said
    assert ("<svg" in html) == (css != "due"), "never by colour alone"


def test_no_due_date_is_said():
    assert words(write("{% due on %}", on=None)) == "No date"


def test_dates_follow_the_language_of_the_reader():
    with translation.override("de"):
        html = write("{% day on today %}", on=dt.date(2026, 12, 4), today=TODAY)

    assert words(html) == "4. Dez."
    assert 'title="Freitag, 4. Dezember 2026"' in html


def test_a_moment_is_shown_in_the_time_zone_of_the_reader():
    year = timezone.localdate().year

    with timezone.override("Europe/Zurich"):
        html = write("{% moment at %}", at=dt.datetime(year, 11, 22, 23, 30, tzinfo=dt.UTC))

    assert words(html) == "23 Nov, 00:30"
    assert f'datetime="{year}-11-22T23:30:00+00:00"' in html


@pytest.mark.parametrize(
    ("percent", "planned", "said"),
    [
        (53, 57, "53 % planned 57 % 4 points behind plan"),
        (70, 60, "70 % planned 60 % 10 points ahead of plan"),
        (57.4, 57, "57 % planned 57 % on plan"),
        (100, None, "100 %"),
        (250, None, "100 %"),
        (None, None, "0 %"),
    ],
)
def test_progress_says_percent_plan_and_words(percent, planned, said):
    assert words(write("{% progress percent planned %}", percent=percent, planned=planned)) == said


def test_the_bar_is_as_long_as_the_percent():
    assert 'class="bar-fill" width="53"' in write("{% percent_bar 53 %}")
    assert "bar-plan" in write("{% percent_bar 53 57 %}")


def test_a_bar_marks_no_plan_before_the_plan_begins():
    assert "bar-plan" not in write("{% percent_bar 0 0 %}")


def test_changing_one_part_of_the_query_keeps_the_rest():
    query = "?status=open&status=done&q=M%C3%BCller&page=3"

    assert write('{% query_with "page" 2 %}', query) == "?status=open&amp;status=done&amp;q=M%C3%BCller&amp;page=2"
    assert write('{% query_drop "status" "open" %}', query) == "?status=done&amp;q=M%C3%BCller"
    assert write('{% query_drop "status" %}', query) == "?q=M%C3%BCller"


def test_a_column_sorts_upwards_then_downwards_and_says_so():
    first = write('{% sort_link "Due" "due" %}', "?q=x&page=2")
    again = write('{% sort_link "Due" "due" %}', "?q=x&sort=due")

    assert 'href="?q=x&amp;sort=due"' in first
    assert 'href="?q=x&amp;sort=-due"' in again
    assert "sorted upwards" in again
