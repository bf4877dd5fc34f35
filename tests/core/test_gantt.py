"""The Gantt chart as a picture: what is drawn where, escaped, within its window."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from core.svg.gantt import HEAD, ROW, Bar, Name, gantt, names, window

D = dt.date
MONDAY = D(2026, 3, 2)


def bar(**more):
    return Bar(
        **{
            "number": "1.1.1",
            "title": "<Scope> & more",
            "kind": "activity",
            "starts_on": MONDAY,
            "ends_on": D(2026, 3, 6),
        }
        | more
    )


def parsed(svg):
    return ElementTree.fromstring(svg)  # noqa: S314 (our own)


@pytest.mark.parametrize(("zoom", "first", "last"), [
    ("weeks", MONDAY, D(2026, 5, 3)), ("months", D(2026, 3, 1), D(2026, 5, 31)), ("quarters", D(2026, 3, 1), D(2026, 6, 30)),
    ("years", D(2026, 3, 1), D(2026, 5, 31)),
])  # fmt: skip
def test_a_window_begins_and_ends_where_its_divisions_do(zoom, first, last):
    frame = window(D(2026, 3, 4), D(2026, 4, 20), zoom)

    assert (frame.first, frame.last) == (first, last)
    assert frame.zoom in ("weeks", "months", "quarters")


def test_a_bar_lies_on_its_days_with_its_progress_float_baseline_and_title():
    frame = window(MONDAY, D(2026, 3, 20), "weeks")
    drawn = gantt(
        [bar(percent=50, float_until=D(2026, 3, 11), ghost=(MONDAY, D(2026, 3, 4)), is_manual=True, href="/x/", key="1.1.1")],
        frame, today=D(2026, 3, 4), off={D(2026, 3, 7)},
    )  # fmt: skip

    tree = parsed(drawn)
    rects = [node.attrib for node in tree.iter() if node.tag.endswith("rect")]
    soft = next(rect for rect in rects if "g-soft" in rect["class"])
    assert (soft["x"], soft["width"]) == ("0", "70")
    assert next(r["width"] for r in rects if r["class"] == "ch-f-p1 g-done") == "35"
    assert next(r["width"] for r in rects if r["class"] == "ch-ghost") == "42"
    assert next(r["x"] for r in rects if r["class"] == "ch-track") == "70"
    assert "ch-ring" in drawn and "ch-float" in drawn and "ch-today" in drawn
    assert 'data-first="2026-03-02"' in drawn and "style=" not in drawn
    assert tree.attrib["width"] == tree.attrib["viewBox"].split()[2]


def test_names_are_escaped_cut_and_lead_somewhere():
    drawn = names([bar(title="<script>" + "x" * 80)], [Name("/x/", is_open=False, toggle="?open=1.1")])

    assert "<script>" not in drawn and "…" in drawn and 'href="?open=1.1"' in drawn and 'href="/x/"' in drawn
    assert 'aria-expanded="false"' in drawn
    parsed(drawn)


def test_rows_outside_of_the_window_and_excluded_ones_have_no_bar():
    frame = window(MONDAY, D(2026, 3, 20), "weeks")

    drawn = gantt([bar(starts_on=D(2027, 1, 1), ends_on=D(2027, 1, 5)), bar(is_out=True)], frame)

    assert "g-hold" not in drawn
    assert parsed(drawn).attrib["height"] == str(HEAD + 2 * ROW)


def test_700_rows_of_a_page_are_never_drawn_at_once_but_would_be_cheap():
    frame = window(MONDAY, D(2027, 9, 1), "quarters")

    drawn = gantt([bar(kind="task", key="") for _n in range(60)], frame)

    assert len(drawn) < 60_000
    assert len(re.findall("g-hold", drawn)) == 60
