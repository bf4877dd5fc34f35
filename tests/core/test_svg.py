"""The pictures: their geometry is measured in the XML, not looked at."""

from __future__ import annotations

import datetime as dt
import itertools
import math
import re
import xml.etree.ElementTree as ET

import pytest

from core.svg import Bar, CurvePoint, DayMark, Part, Phase, Step, bars, curve, donut, segments, spark, spread, wheel
from core.svg.base import Drawing
from core.svg.wheel import CENTRE, INNER, OUTER

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "<script>alert(1)</script>\"'&\u202e " + "x" * 500
TODAY = dt.date(2026, 11, 22)


def read(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314


def by_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [one for one in root.iter() if name in (one.get("class") or "").split()]


def corners(piece: ET.Element) -> list[tuple[float, float]]:
    """Radius and clockwise angle (degrees from 12 o'clock) of the four corners of a piece of a ring."""
    d = piece.get("d")
    points = re.findall(r"(?:^M|L| [01] [01] )(-?[\d.]+),(-?[\d.]+)", d)
    found = []
    for x, y in points[:4]:
        dx, dy = float(x) - CENTRE, CENTRE - float(y)
        found.append((math.hypot(dx, dy), math.degrees(math.atan2(dx, dy)) % 360))
    return found


def plan(*counts: int, percent: float = 40) -> list[Phase]:
    return [
        Phase(f"Phase {n}", n, [Step(f"{n}.{k}", "Step", percent, href=f"#{n}.{k}") for k in range(1, count + 1)])
        for n, count in enumerate(counts, 1)
    ]


@pytest.mark.parametrize("counts", [(8, 7, 3, 2), (1,), (60,), (12, 12, 12, 12, 12), (1, 1)])
def test_every_step_has_the_same_angle_and_with_the_gaps_they_fill_the_circle(counts):
    root = read(wheel(plan(*counts), 40))

    pieces = by_class(root, "w-ground")
    spans = []
    for piece in pieces:
        (r0, a0), (r1, _), (_, a1), _ = corners(piece)
        assert (round(r0), round(r1)) == (INNER, OUTER)
        spans.append((a1 - a0) % 360)
    gaps = [
        (corners(pieces[(at + 1) % len(pieces)])[0][1] - corners(piece)[2][1]) % 360 for at, piece in enumerate(pieces)
    ]
    assert len(pieces) == sum(counts)
    assert max(spans) - min(spans) < 0.1
    assert sum(spans) + sum(gaps) == pytest.approx(360, abs=0.5)
    assert max(gaps) < 6.2


@pytest.mark.parametrize("percent", [1, 25, 55, 99.5, 100])
def test_a_step_is_filled_outwards_in_proportion_to_what_is_done(percent):
    root = read(wheel([Phase("Plan", 1, [Step("1.1", "Only", percent)] * 5)], percent))

    filled = by_class(root, "w-done")[0]
    outer = corners(filled)[1][0]
    assert (outer - INNER) / (OUTER - INNER) == pytest.approx(percent / 100, abs=0.005)
    assert len(by_class(root, "w-check")) == (5 if percent == 100 else 0)


def test_a_step_with_nothing_done_is_not_filled_and_odd_percents_stay_within_the_ring():
    root = read(wheel([Phase("P", 1, [Step("1", "a", 0), Step("2", "b", -7), Step("3", "c", 250)])], 0))

    filled = by_class(root, "w-done")
    assert len(filled) == 1
    assert corners(filled[0])[1][0] == pytest.approx(OUTER, abs=0.05)


def test_the_middle_says_percent_and_plan_and_the_title_says_them_in_words():
    root = read(wheel(plan(3, 2), 53.4, 57))

    texts = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert "53%" in texts
    assert "planned 57 %" in texts
    assert root.find(f"{SVG}title").text == "Progress: 53 percent done, 57 percent planned"


def test_each_step_is_one_link_that_says_its_state():
    steps = [
        Step("1.1", "Start", 100, href="/a/"),
        Step("1.2", "Scope", 40, href="/b/", is_current=True, is_late=True),
        Step("1.3", "Archive", 0, href="/c/", is_excluded=True),
    ]

    root = read(wheel([Phase("Plan", 1, steps)], 40))

    assert {link.get("href"): link.get("aria-label") for link in root.iter(f"{SVG}a")} == {
        "/a/": "Step 1.1 Start: done",
        "/b/": "Step 1.2 Scope: 40 percent done, overdue, current step",
        "/c/": "Step 1.3 Archive: not applicable",
    }
    assert len(by_class(root, "w-now")) == len(by_class(root, "w-late")) == len(by_class(root, "w-out")) == 1
    assert root.get("role") == "group"


def test_for_paper_and_when_small_there_are_no_links():
    paper = read(wheel([Phase("Plan", 1, [Step("1.1", "Start", 50)])], 50))
    small = read(wheel(plan(4, 4), 50, is_small=True))

    assert [one.tag for root in (paper, small) for one in root.iter() if one.tag == f"{SVG}a"] == []
    assert paper.get("role") == small.get("role") == "img"
    assert [one.text for one in small.iter(f"{SVG}text")] == ["50%"]


def test_phases_without_steps_are_left_out_and_nothing_at_all_is_an_empty_ring():
    some = read(wheel([Phase("Plan", 1, []), *plan(2)], 0))
    nothing = read(wheel([], 0))

    assert len(by_class(some, "w-arc")) == 1
    assert len(by_class(nothing, "w-none")) == 1


PICTURES = {
    "wheel": lambda text: wheel([Phase(text, 9, [Step(text, text, 60, href=text, is_current=True)] * 3)], 50, 60),
    "wheel of sixty": lambda text: wheel([Phase(text, n, [Step(text, text, 60)] * 12) for n in range(1, 6)], 50),
    "curve": lambda text: curve(
        [CurvePoint(TODAY, 10, 5), CurvePoint(TODAY + dt.timedelta(90), 90)], TODAY, title=text
    ),
    "empty curve": lambda text: curve([], TODAY, title=text),
    "curve of a day": lambda text: curve([CurvePoint(TODAY, 0, 0)], TODAY, title=text, size="narrow"),
    "bars": lambda text: bars([Bar(text, 3, "late", text, text), Bar(text, -1), Bar(text, 0)], title=text),
    "no bars": lambda text: bars([], title=text),
    "donut": lambda text: donut([Part(text, 3, "done"), Part(text, 0), Part(text, 1, text)], title=text, figure=text),
    "empty donut": lambda text: donut([], title=text),
    "segments": lambda text: segments([0, 50, 100, 300], 7, id="segments"),
    "spark": lambda text: spark([3, 1, 2], id="spark", title=text),
    "flat spark": lambda text: spark([2, 2], id="spark", title=text),
    "empty spark": lambda text: spark([], id="spark", title=text),
}


@pytest.mark.parametrize("name", PICTURES)
def test_hostile_texts_stay_texts_and_nothing_is_inline(name):
    picture = PICTURES[name](HOSTILE)

    root = read(picture)
    assert {one.tag.removeprefix(SVG) for one in root.iter()} <= {
        "svg", "title", "desc", "a", "g", "path", "rect", "circle", "line", "text"
    }  # fmt: skip
    assert [one for element in root.iter() for one in element.attrib if one == "style" or one.startswith("on")] == []
    assert "<script" not in picture
    assert "nan" not in picture.lower().replace("tenan", "")


@pytest.mark.parametrize("name", PICTURES)
def test_the_same_data_gives_the_same_bytes_and_ids_begin_with_the_given_one(name):
    first, second = PICTURES[name]("Title"), PICTURES[name]("Title")

    ids = [one.get("id") for one in read(first).iter() if one.get("id")]
    assert first == second
    assert len(ids) == len(set(ids))
    assert all(one.startswith(ids[0]) for one in ids)


def test_a_picture_refuses_what_the_content_policy_blocks():
    drawing = Drawing(10, 10, id="x", title="x")

    with pytest.raises(ValueError, match="style= is not allowed"):
        drawing.add("rect", style="fill:red")
    with pytest.raises(ValueError, match="onclick= is not allowed"):
        drawing.add("rect", onclick="alert(1)")


def test_donut_parts_are_proportional_and_follow_one_another():
    root = read(donut([Part("Done", 3, "done"), Part("Late", 1, "late")], title="States", size=180))

    parts = by_class(root, "ch-part")
    around = 2 * math.pi * (180 / 2 - 14)
    drawn = [float(one.get("stroke-dasharray").split()[0]) + 2 for one in parts]
    assert [round(one / around, 2) for one in drawn] == [0.75, 0.25]
    assert float(parts[1].get("stroke-dashoffset")) == pytest.approx(-0.75 * around, abs=0.1)


def test_bars_share_one_scale_and_negative_values_draw_nothing():
    root = read(bars([Bar("a", 10), Bar("b", 5), Bar("c", -3)], title="x"))

    widths = [float(one.get("width")) for one in by_class(root, "ch-fill")]
    assert len(widths) == 2
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)


def test_the_curve_places_days_by_date_and_percents_by_height():
    start = dt.date(2026, 1, 1)
    points = [CurvePoint(start + dt.timedelta(days=n), n, n if n <= 50 else None) for n in (0, 50, 100)]

    root = read(curve(points, start + dt.timedelta(days=50)))

    planned = next(one for one in by_class(root, "ch-s2") if one.tag == f"{SVG}path").get("d")
    (x0, y0), (x1, y1), (x2, y2) = [tuple(map(float, pair.split(","))) for pair in planned[1:].split("L")]
    assert x1 - x0 == pytest.approx(x2 - x1)
    assert y0 - y1 == pytest.approx(y1 - y2)
    actual = next(one for one in by_class(root, "ch-s1") if one.tag == f"{SVG}path").get("d")
    assert actual.count(",") == 2, "days to come have no actual percent"
    assert float(by_class(root, "ch-today")[0].get("x1")) == pytest.approx(x1)


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize(
    "start", [dt.date(2026, 4, 1), dt.date(2026, 4, 20), dt.date(2026, 4, 30), dt.date(2026, 12, 27)]
)
@pytest.mark.parametrize("days", [20, 90, 350, 1200])
def test_two_months_on_the_axis_never_touch(start, days, size):
    points = [CurvePoint(start + dt.timedelta(days=n), n * 100 / days, None) for n in (0, days)]

    root = read(curve(points, size=size))

    months = [one for one in by_class(root, "ch-axis") if one.get("text-anchor") == "middle"]
    spans = [(float(one.get("x")), len(one.text) * 10.5 * 0.28) for one in months]
    assert spans, "there is at least one month"
    for (left, half), (right, other) in itertools.pairwise(spans):
        assert left + half < right - other


def test_segments_are_filled_each_to_its_own_percent():
    root = read(segments([100, 25, 0], 2, id="s"))

    tracks = [float(one.get("width")) for one in by_class(root, "track")]
    filled = [float(one.get("width")) for one in by_class(root, "ch-fill")]
    assert [round(one / tracks[0], 2) for one in filled] == [1.0, 0.25]
    assert root.get("aria-hidden") == "true"


def test_a_spread_colours_what_lies_behind_the_limit_and_names_the_days():
    days = [(dt.date(2026, 3, 2) + dt.timedelta(days=k), 10 + k) for k in range(20)]
    marks = [DayMark(dt.date(2026, 3, 10), "P50"), DayMark(dt.date(2026, 3, 16), "Audit <1>", "late")]

    drawn = spread(days, marks, title="When", desc="In March")

    assert drawn.count('class="ch-fill"') == 14 and drawn.count('class="ch-fill late"') == 6
    assert "P50: 10 Mar 2026" in drawn and "Audit &lt;1&gt;: 16 Mar 2026" in drawn
    assert "<rect" not in spread([], title="Nothing")
    assert "<rect" in spread(days[:1], title="One day", size="narrow")
