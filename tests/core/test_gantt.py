"""The Gantt chart as a picture: what is drawn where, escaped, within its window."""

from __future__ import annotations

import datetime as dt
import re
from xml.etree import ElementTree

import pytest

from core.svg.gantt import GROUND, HEAD, ROW, Bar, Name, gantt, head, names, window

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
    assert next(r["width"] for r in rects if r["class"] == "g-done") == "35"
    paths = {node.attrib.get("class"): node.attrib["d"] for node in tree.iter() if node.tag.endswith("path")}
    middle = HEAD + ROW / 2
    assert paths["ch-ghost"] == f"M1.5 {HEAD + ROW - 3.5}h39"  # round ends: from 0 to 42
    assert paths["ch-float"] == f"M70 {middle:g}H140"
    assert paths["ch-track"] == f"M70 {HEAD}H84V{HEAD + ROW}H70Z"
    assert "ch-ring" in drawn and "ch-today" in drawn
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

    assert "g-soft" not in drawn
    assert parsed(drawn).attrib["height"] == str(HEAD + 2 * ROW)


def test_days_off_beside_one_another_are_one_shape():
    frame = window(MONDAY, D(2026, 3, 20), "weeks")

    drawn = gantt([bar()], frame, off={D(2026, 3, 7), D(2026, 3, 8), D(2026, 3, 10)})

    assert re.search('class="ch-track"[^>]* d="([^"]*)"', drawn)[1] == "M70 44H98V70H70ZM112 44H126V70H112Z"


def test_a_page_of_rows_shows_the_ground_that_the_head_holds():
    frame = window(MONDAY, D(2026, 3, 20), "weeks")
    off = {D(2026, 3, 7)}

    own = gantt([bar()], frame, off=off, with_head=False)
    shared = gantt([bar()], frame, with_head=False, has_ground=False)
    top = head(frame, off=off, with_ground=1)

    ground = re.search(f'<g id="{GROUND}">(.*?)</g>', top)[1]
    assert own == shared.replace(f'<use href="#{GROUND}"/>', ground)
    assert "ch-track" in ground and top.count(f'id="{GROUND}"') == 1
    assert GROUND not in head(frame, off=off)


def test_a_milestone_is_a_mark_that_is_taken_hold_of_and_never_stretched():
    frame = window(MONDAY, D(2026, 3, 20), "weeks")
    day = {"kind": "milestone", "number": "", "starts_on": D(2026, 3, 6), "ends_on": D(2026, 3, 6)}

    drawn = gantt([bar(href="/x/", key="MS-001", said="Stage 1: 6 Mar", **day), bar(**day)], frame, with_head=False)

    assert 'class="g-bar ch-ink g-whole"' in drawn and 'data-key="MS-001" data-first="2026-03-06"' in drawn
    assert drawn.count("g-mark") == 2 and "<title>Stage 1: 6 Mar</title>" in drawn
    assert re.search('class="g-mark" d="M70 6', drawn), "at the end of its day"
    assert '<rect class="g-hit" x="58"' in drawn and "g-soft" not in drawn


def test_60_rows_are_small():
    frame = window(MONDAY, D(2027, 9, 1), "quarters")

    drawn = gantt([bar(kind="task", key="") for _n in range(60)], frame)

    assert len(drawn) < 12_000
    assert len(re.findall("g-soft", drawn)) == 60
