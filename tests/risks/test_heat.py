"""The heat maps: what is counted, what is drawn, where a cell leads, and that size costs no query."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from html import unescape

import pytest
from django.db import connection
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from core.svg import Arrow, HeatCell, heat
from core.svg.heat import CELL, TONES, places
from risks import levels, pictures
from risks.models import RatingKind, Risk
from risks.selectors import criteria as criteria_of
from risks.selectors import heat as selectors
from risks.services import risk as risks
from tests.factories.risks import make_edition, make_risk, rate
from tests.helpers.budget import queries

BUDGET = 10
SVG = "{http://www.w3.org/2000/svg}"


def read(picture: str) -> ET.Element:
    return ET.fromstring(picture)  # noqa: S314


def by_class(root, name):
    return [one for one in root.iter() if name in (one.get("class") or "").split()]


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


def scales(rows: int = 4, columns: int = 5, count: int = 3):
    return levels.parsed(
        {
            "likelihood": [{"name": f"Likely {n}"} for n in range(1, rows + 1)],
            "consequence": [{"name": f"Bad {n}"} for n in range(1, columns + 1)],
            "dimensions": [{"key": "all", "name": "All"}],
            "rule": "highest",
            "levels": [{"name": name, "review_months": 6, "accepted_by": "owner"} for name in ("Low", "Mid", "High")],
            "matrix": levels.even(rows, columns, count),
            "threshold": 0,
        }
    )


# ---- the picture --------------------------------------------------------------------------------------------------


def test_every_cell_says_its_level_in_letters_and_its_count_in_figures():
    criteria = scales()
    root = read(pictures.heat_svg(criteria, {(1, 1): 3, (4, 5): 12, (2, 3): 0}, "current"))

    assert [one.text for one in by_class(root, "ht-count")] == ["12", "3"]
    marks = [one.text for one in by_class(root, "ht-mark")]
    assert len(marks) == len(by_class(root, "ht-cell")) == 20
    assert marks == ["LMH"[level] for row in reversed(criteria.matrix) for level in row]
    drawn = [one.get("fill") for one in by_class(root, "ht-cell")]
    expected = [TONES[levels.tone(level, 3)] for row in reversed(criteria.matrix) for level in row]
    assert drawn == expected


def test_the_likeliest_is_on_top_and_the_worst_at_the_right():
    root = read(pictures.heat_svg(scales(), {(4, 5): 7}, "current"))

    count = by_class(root, "ht-count")[0]
    cells = by_class(root, "ht-cell")
    assert float(count.get("x")) == max(float(one.get("x")) for one in cells) + CELL / 2
    assert min(float(one.get("y")) for one in cells) < float(count.get("y")) < CELL


def test_a_picture_for_paper_has_no_links_and_no_styles_and_one_for_the_page_leads_from_cells_that_have_risks():
    counts = {(1, 1): 2, (2, 2): 1}
    paper = pictures.heat_svg(scales(), counts, "current", names=True)
    page = pictures.heat_svg(scales(), counts, "current", links=lambda row, column: f"?l={row}&c={column}")

    assert "<a " not in paper and "style=" not in paper and read(paper).get("role") == "img"
    assert sorted(one.get("href") for one in read(page).iter(f"{SVG}a")) == ["?l=1&c=1", "?l=2&c=2"]
    assert read(page).get("role") == "group"
    label = next(one.get("aria-label") for one in read(page).iter(f"{SVG}a") if "l=1" in one.get("href"))
    assert label == "1 Likely 1 × 1 Bad 1: Low, 2 risks"


def test_hostile_names_stay_text():
    cell = HeatCell(9, "<b>", 1, "<script>", href="?a&b")
    picture = heat(
        [[cell]], id="x", title="<i>", row_names=["<u>"], column_names=["&"], arrows=[Arrow("<x>", ((1, 1),))]
    )

    read(picture)
    assert not any(f"<{name}" in picture for name in ("b>", "script", "i>", "u>", "x>"))


def test_an_arrow_goes_over_its_stops_and_leaves_out_what_is_not_there_or_outside():
    moves = [
        pictures.Move("R-001", "Fire", (4, 5), (3, 4), (1, 1)),
        pictures.Move("R-002", "Flood", None, (2, 2), None),
        pictures.Move("R-003", "Frost", (9, 9), (1, 1), (1, 1)),
    ]
    root = read(pictures.heat_svg(scales(), {}, "current", arrows=moves))

    drawn = by_class(root, "ht-arrow")
    assert [len(list(one.iter(f"{SVG}circle"))) for one in drawn] == [3, 1, 2]
    assert [len(by_class(one, "ht-line")) for one in drawn] == [2, 0, 0]
    assert [len(by_class(one, "ht-head")) for one in drawn] == [2, 0, 0]
    assert [one.text for one in by_class(root, "ht-label")] == ["R-001", "R-002", "R-003"]
    dashed = [one.get("stroke-dasharray") for one in by_class(drawn[0], "ht-line")]
    assert dashed == [None, "5 4"]
    assert drawn[0].find(f"{SVG}title").text == "R-001 Fire: 4 × 5 → 3 × 4 → 1 × 1"


def test_no_more_than_twelve_arrows_are_drawn():
    moves = [pictures.Move(f"R-{n:03d}", "x", (1, 1), (2, 2), None) for n in range(1, 20)]
    assert len(by_class(read(pictures.heat_svg(scales(), {}, "current", arrows=moves)), "ht-arrow")) == 12


@given(st.integers(0, 12))
def test_dots_of_several_risks_in_one_cell_lie_inside_it_and_not_on_each_other(count):
    found = places(count)

    assert len(set(found)) == count
    assert all(abs(dx) <= CELL / 2 - 5 and abs(dy) <= CELL / 2 - 5 for dx, dy in found)


@given(st.lists(st.text(min_size=1, max_size=20).filter(lambda text: text.strip()), min_size=2, max_size=6))
def test_marks_of_levels_are_short_and_all_different(names):
    found = pictures.marks([" ".join(name.split()) for name in names])

    assert len({mark.casefold() for mark in found}) == len(names)
    assert all(1 <= len(mark) <= 6 for mark in found)


def test_marks_are_the_initials_where_these_differ():
    assert pictures.marks(["Low", "Medium", "High", "Very high"]) == ["L", "M", "H", "VH"]
    assert pictures.marks(["Low", "Large"]) == ["L", "La"]


@given(
    st.dictionaries(st.tuples(st.integers(1, 9), st.integers(1, 9)), st.integers(0, 50), max_size=20),
    st.integers(3, 7), st.integers(3, 7),
)  # fmt: skip
def test_what_is_shown_and_what_is_not_add_up(counts, rows, columns):
    criteria = scales(rows, columns)

    assert sum(pictures.by_level(criteria, counts)) + pictures.outside(criteria, counts) == sum(counts.values())
    shown = sum(cell["count"] for row in pictures.table(criteria, counts) for cell in row["cells"])
    assert shown == sum(level["count"] for level in pictures.legend(criteria, counts))


def test_the_picture_speaks_the_readers_language():
    with override("de"):
        assert "Wahrscheinlichkeit" in pictures.heat_svg(scales(), {}, "current")


# ---- what is counted ----------------------------------------------------------------------------------------------


@pytest.fixture
def rated(here, edition):
    """Five open risks, one of them not rated, an opportunity, and a closed risk."""
    made = []
    for n, (likelihood, consequence) in enumerate(((3, 4), (3, 4), (5, 5), (1, 1)), start=1):
        risk = make_risk(
            here.project, here.manager, title=f"Rated {n}", owner=here.owner, category="IT" if n < 3 else ""
        )
        rate(risk, here.manager, likelihood, consequence)
        made.append(risk)
    rate(made[0], here.manager, 5, 4, kind="inherent")
    rate(made[0], here.manager, 2, 4, kind="expected")
    make_risk(here.project, here.manager, title="Not rated", owner=here.owner)
    gain = make_risk(here.project, here.manager, title="Gain", owner=here.owner, discipline="opportunity")
    rate(gain, here.manager, 3, 4)
    gone = make_risk(here.project, here.manager, title="Gone", owner=here.owner)
    rate(gone, here.manager, 3, 4)
    risks.move(risk=gone, name="close", by=here.manager, reason="Sold")
    return made


@pytest.mark.django_db
def test_open_risks_are_counted_by_cell_and_kind_in_one_query(here, edition, rated):
    rows = selectors.on_side(Risk.objects.filter(project=here.project), False)

    with queries(1, exactly=True):
        found = selectors.counted(rows, edition)

    assert found["current"] == ({(3, 4): 2, (5, 5): 1, (1, 1): 1}, 1, 0)
    assert found["inherent"].cells == {(5, 4): 1} and found["inherent"].unrated == 4
    assert found["expected"].cells == {(2, 4): 1}
    gains = selectors.on_side(Risk.objects.filter(project=here.project), True)
    assert selectors.counted(gains, edition)["current"].cells == {(3, 4): 1}


@pytest.mark.django_db
def test_what_an_older_edition_rated_is_counted_as_such(here, edition, rated):
    newer = make_edition(here.project, here.manager, here.boss, threshold=1)
    rate(rated[3], here.manager, 1, 1)
    rows = selectors.on_side(Risk.objects.filter(project=here.project), False)

    assert selectors.counted(rows, newer)["current"].older == 3
    assert selectors.counted(rows, edition)["current"].older == 1


# ---- the page -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_cell_leads_to_exactly_its_risks_in_the_register(here, rated, client_of, url):
    client = client_of(here.auditor)
    page = client.get(url("heat")).content.decode()

    links = [unescape(one) for one in re.findall(r'<a href="([^"]+)" aria-label="[^"]*" class="ht-link"', page)]
    at = next(one for one in links if "kind=current" in one and "l=3" in one and "c=4" in one)
    assert at == f"{url('risk-list')}?kind=current&l=3&c=4&discipline=risks"
    shown = client.get(at).content.decode()
    assert re.findall(r'class="row-title" href="[^"]*">([^<]*)<', shown) == ["Rated 1", "Rated 2"]


@pytest.mark.django_db
def test_filters_narrow_the_map_and_its_links(here, rated, client_of, url):
    page = client_of(here.auditor).get(url("heat") + "?category=IT")

    assert "2 of 2 rated" in text_of(page)
    assert "c=4&amp;discipline=risks&amp;category=IT" in page.content.decode()
    assert "Nothing matches these filters" in text_of(client_of(here.auditor).get(url("heat") + "?owner=none"))


@pytest.mark.django_db
def test_opportunities_have_a_map_of_their_own(here, rated, client_of, url):
    page = client_of(here.auditor).get(url("heat") + "?show=opportunities")

    assert "Heat map of opportunities" in text_of(page) and "1 of 1 rated" in text_of(page)
    assert "Benefit" in text_of(page) and "discipline=opportunity" in page.content.decode()


@pytest.mark.django_db
def test_the_way_of_ticked_risks_is_drawn_and_told(here, rated, client_of, url):
    page = client_of(here.auditor).get(url("heat") + "?risk=R-001&also=3&risk=R-999&risk=x")

    assert page.content.decode().count('class="ht-arrow"') == 4  # two risks, for the wide and the narrow screen
    assert "R-001 Rated 1 5 × 4 3 × 4 2 × 4" in text_of(page)
    assert re.findall(r'value="(R-\d+)" id="way-[^"]*" checked', page.content.decode()) == ["R-003", "R-001"]


@pytest.mark.django_db
def test_what_is_not_shown_or_older_is_said(here, rated, client_of, url):
    content = criteria_of.of_project(here.project).content
    smaller = {
        "likelihood": content["likelihood"][:4], "matrix": content["matrix"][:4],
    }  # fmt: skip
    make_edition(here.project, here.manager, here.boss, **smaller)
    page = text_of(client_of(here.auditor).get(url("heat")))

    assert "1 is not shown: it was rated on longer scales than those in force." in page
    assert "4 were rated by an older edition of the criteria" in page


@pytest.mark.django_db
def test_without_criteria_and_without_risks_the_page_says_what_is_missing(here, client_of, url):
    assert "No approved risk criteria yet" in text_of(client_of(here.auditor).get(url("heat")))
    make_edition(here.project, here.manager, here.boss)
    assert "Identify the first in a workshop" in text_of(client_of(here.manager).get(url("heat")))
    assert "Identify the first in a workshop" not in text_of(client_of(here.auditor).get(url("heat")))


@pytest.mark.django_db
@pytest.mark.parametrize(("who", "status"), [("manager", 200), ("auditor", 200), ("staff", 403), ("stranger", 404)])
def test_who_sees_the_map_and_the_trend(here, edition, client_of, url, who, status):
    for name in ("heat", "trend"):
        assert client_of(getattr(here, who)).get(url(name)).status_code == status
        assert client_of(here.manager).post(url(name)).status_code == 405


@pytest.mark.django_db
def test_the_map_costs_the_same_queries_for_few_and_for_many(here, edition, client_of, url):
    def fill(count):
        last = Risk.objects.filter(project=here.project).count()
        Risk.objects.bulk_create(
            Risk(
                organization_id=here.project.organization_id, project=here.project, number=last + n, title=f"Risk {n}",
                owner=here.owner, status="assessed", current_likelihood=1 + n % 5, current_consequence=1 + n % 4,
                current_level=n % 4, edition=edition,
            )
            for n in range(1, count + 1)
        )  # fmt: skip

    client = client_of(here.auditor)
    fill(2)
    client.get(url("heat"))
    with queries(BUDGET, exactly=True):
        client.get(url("heat"))
    fill(400)
    with queries(BUDGET, exactly=True):
        page = client.get(url("heat"))
    assert "402 of 402 rated" in text_of(page)
    with queries(BUDGET + 1, exactly=True):
        client.get(url("heat") + "?risk=R-001&risk=R-002&category=&owner=me")


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL chooses by the size of the table")
def test_counting_walks_one_index_for_each_kind_and_sorts_nothing(here, edition):
    rows = selectors.on_side(Risk.objects.filter(project=here.project), False)
    with queries(1) as sent:
        selectors.counted(rows, edition)

    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sent[0]['sql']}")
        plan = "\n".join(str(row[3]) for row in cursor.fetchall())

    for kind in RatingKind.values:
        assert f"COVERING INDEX risk_heat_{kind}" in plan
    assert "TEMP B-TREE" not in plan
