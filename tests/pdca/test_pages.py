"""The pages of the published method and standards: what they say, what they cost, and hostile addresses."""

from __future__ import annotations

import re
from html import unescape
from io import BytesIO
from urllib.parse import quote

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pdca.models import Control, Standard, Step
from pdca.selectors import standards as standards_selector
from pdca.services.catalogue import load
from tests.factories.pdca import method_text, standard_text, structure_text, written

THREE = "/crosswalk/?s=iso-9001-2026&s=iso-14001-2026&s=iso-27001-2022"
PAGES = [
    "/method/",
    "/method/steps/1.7/",
    "/standards/",
    "/standards/iso-9001-2015/",
    "/standards/iso-27001-2022-annex-a/",
    "/standards/harmonized-structure/",
    "/crosswalk/",
    THREE,
    THREE.replace("/crosswalk/", "/crosswalk/export.xlsx"),
]


def text_of(response) -> str:
    """What a person reads: the page without its tags, white space folded."""
    body = re.sub(r"<(script|style)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_every_page_opens_for_somebody_signed_in_who_belongs_nowhere(published, reader):
    assert {address: reader.get(address).status_code for address in PAGES} == dict.fromkeys(PAGES, 200)


def test_nobody_else_sees_a_page(published, client):
    for address in PAGES:
        response = client.get(address)

        assert response.status_code == 302, address
        assert response["Location"].startswith("/accounts/login/?next=/"), address


def test_pages_can_only_be_read(published, reader):
    for address in PAGES:
        for method in ("post", "put", "patch", "delete"):
            assert getattr(reader, method)(address).status_code == 405, (method, address)


def own_queries(queries) -> int:
    """Queries of the page itself; the frame around it (session, person, project switcher) is measured with the frame."""
    return sum('"pdca_' in query["sql"] for query in queries)


BUDGETS = [
    ("/method/", 5),
    ("/method/steps/1.1/", 5),
    ("/standards/", 1),
    ("/standards/one/", 4),
    ("/crosswalk/", 1),
    ("/crosswalk/?s=one&s=two", 5),
    ("/crosswalk/export.xlsx?s=one&s=two", 5),
]


@pytest.mark.parametrize("rows", [1, 3])
def test_a_page_costs_the_same_queries_at_one_row_and_at_three(reader, tmp_path, rows):
    steps = [(f"1.{n}", f"step-{n}", ["1.1"] if n > 1 else []) for n in range(1, rows + 1)]
    clauses = [("4", None, "4", "identical"), *((f"4.{n}", "4", "4.1", "extended") for n in range(1, rows + 1))]
    load(
        written(
            tmp_path,
            structure=structure_text(),
            method=method_text(steps, activities=rows),
            one=standard_text("one", clauses),
            two=standard_text("two", clauses),
        )
    )
    for address, budget in BUDGETS:
        with CaptureQueriesContext(connection) as queries:
            response = reader.get(address)

        assert response.status_code == 200
        assert own_queries(queries) == budget, address
        assert len(queries) <= 12, address


def test_the_published_catalogue_costs_no_more(published, reader):
    for address, budget in [
        ("/method/", 5),
        ("/method/steps/1.7/", 5),
        ("/standards/", 1),
        ("/standards/iso-9001-2015/", 4),
        ("/standards/iso-27001-2022-annex-a/", 5),
        (THREE, 5),
    ]:
        with CaptureQueriesContext(connection) as queries:
            reader.get(address)

        assert own_queries(queries) == budget, address


def test_the_method_page_counts_from_the_data(published, reader):
    text = text_of(reader.get("/method/"))

    assert "Phases 4 Plan · Do · Check · Act" in text
    assert "Steps 20 238 working days end to end" in text
    assert "Activities 101 " in text
    assert "Effort 244 person-days" in text
    assert "Plan 8 steps, 43 activities, 75.5 person-days" in text
    for step in Step.objects.all():
        assert f"{step.number} {step.title}" in text
        assert step.objective in text


def test_the_method_page_marks_the_origin_of_every_step_and_explains_the_marks(published, reader):
    response = reader.get("/method/")

    marks = re.findall(r'<span class="chip origin"[^>]*>.*?(Seed|Public|Derived)</span>', response.content.decode())
    assert {mark: marks.count(mark) for mark in set(marks)} == {"Seed": 19 + 1, "Public": 1, "Derived": 1 + 1}
    assert "Ours, from the harmonized structure and implementation practice." in text_of(response)


def test_a_step_page_shows_its_activities_whole(published, reader):
    text = text_of(reader.get("/method/steps/1.7/"))

    step = Step.objects.get(number="1.7")
    for activity in step.activities.all():
        for part in (activity.title, activity.purpose, *activity.inputs, *activity.outputs):
            assert part in text
        assert activity.get_responsible_display() in text
        for task in activity.suggested_tasks.all():
            assert task.title in text
    assert "Risk owner approves: Risk treatment plan and acceptance of residual risks." in text


def test_a_step_page_leads_both_ways_along_the_dependencies(published, reader):
    body = reader.get("/method/steps/1.7/").content.decode()

    waits, opens = body.split("Usually begins after")[1].split("Opens the way for")
    assert re.findall(r'href="/method/steps/([\d.]+)/"', waits) == ["1.5", "1.6"]
    assert re.findall(r'href="/method/steps/([\d.]+)/"', opens.split("</ul>")[0]) == ["1.8"]


def test_every_step_of_the_method_has_its_page(published, reader):
    for number in published.steps.values_list("number", flat=True):
        assert reader.get(reverse("pdca:step", kwargs={"number": number})).status_code == 200


def test_a_derived_step_says_why_it_is_there(published, reader):
    step = Step.objects.get(origin="derived")

    assert step.source in text_of(reader.get(step.get_absolute_url()))


def test_a_step_that_does_not_exist_is_not_found(published, reader):
    for number in ("9.9", "1.7.3", "x" * 12, "1"):
        assert reader.get(f"/method/steps/{number}/").status_code == 404, number


def test_a_number_that_cannot_be_one_is_not_found(published, reader):
    for number in ("%00", "1.7%00", "x" * 10_000, "%F0%9F%92%A5", "..%2F..%2Fetc", "'; DROP TABLE"):
        assert reader.get(f"/method/steps/{quote(number, safe='%')}/").status_code == 404, number


@pytest.fixture
def two_editions(tmp_path, db):
    second = method_text([("1.1", "begin", ()), ("1.2", "new", ())], edition="2.0")
    folder = tmp_path / "second"
    folder.mkdir()
    load(written(tmp_path, structure=structure_text(), method=method_text()) + written(folder, method=second))


def test_the_newest_edition_is_shown_and_the_other_one_by_its_name(two_editions, reader):
    newest, older = text_of(reader.get("/method/")), text_of(reader.get("/method/?edition=1.0"))

    assert "1.2 Step new" in newest and "1.2 Step go-on" not in newest
    assert "1.2 Step go-on" in older and "1.2 Step new" not in older
    assert "New projects start from edition 2.0; running projects keep the edition they started with." in older


def test_links_stay_in_the_edition_that_was_chosen(two_editions, reader):
    body = reader.get("/method/?edition=1.0").content.decode()
    step = reader.get("/method/steps/1.2/?edition=1.0").content.decode()

    assert set(re.findall(r'href="(/method/steps/[^"]+)"', body)) == {
        "/method/steps/1.1/?edition=1.0",
        "/method/steps/1.2/?edition=1.0",
    }
    assert "Step go-on" in step
    assert 'href="/method/steps/1.1/?edition=1.0"' in step


def test_an_edition_with_signs_in_its_name_keeps_them_in_links(reader, tmp_path):
    load(
        [
            *written(tmp_path, structure=structure_text(), method=method_text(edition="1.0")),
            *written(tmp_path, other=method_text(edition="0.9 a&b")),
        ]
    )

    body = reader.get("/method/?edition=0.9%20a%26b").content.decode()

    assert 'href="/method/steps/1.1/?edition=0.9+a%26b"' in body


HOSTILE = ["junk", "\x00", "x" * 10_000, "<script>alert(1)</script>", "‮evil", "💥", "'\"--", "%", "../../etc/passwd"]


def test_an_edition_nobody_published_is_a_sentence(published, reader):
    for value in HOSTILE:
        response = reader.get("/method/", {"edition": value})

        assert response.status_code == 200
        assert "There is no edition “" in text_of(response), value
        assert "<script>alert" not in response.content.decode()
        assert "\x00" not in response.content.decode()


def test_a_standard_nobody_knows_is_a_sentence(published, reader):
    for value in HOSTILE:
        response = reader.get("/crosswalk/", {"s": [value, "iso-9001-2026"]})

        body = response.content.decode()
        assert response.status_code == 200
        assert "cannot be compared: no standard with requirements is known by that name." in text_of(response), value
        assert "<script>alert" not in body and "\x00" not in body and "‮" not in body
        assert len(body) < 30_000


def test_a_thousand_slugs_are_a_sentence(published, reader):
    response = reader.get("/crosswalk/", {"s": [f"junk-{n}" for n in range(900)]})

    assert response.status_code == 200
    assert "“junk-0”, “junk-1”, “junk-10” and 47 more cannot be compared" in text_of(response)


@pytest.mark.parametrize("slug", ["iso-27001-2022", "iso-42001-2023-annex-a"])
def test_hostile_filters_find_nothing_or_are_ignored(published, reader, slug):
    for name in ("q", "match", "documents", "theme", "control_type"):
        for value in HOSTILE:
            response = reader.get(f"/standards/{slug}/", {name: value})

            body = response.content.decode()
            assert response.status_code == 200, (name, value)
            assert "<script>alert" not in body and "\x00" not in body, (name, value)


def test_a_standard_that_does_not_exist_is_not_found(published, reader):
    for slug in ("nowhere", "x" * 10_000, "ISO-9001", "%00"):
        assert reader.get(f"/standards/{slug}/").status_code == 404, slug


def test_the_list_holds_every_standard_under_what_it_is_for(published, reader):
    text = text_of(reader.get("/standards/"))

    current, rest = text.split("Requirements What an organization", 1)[1].split("Superseded editions Still met", 1)
    superseded, rest = rest.split("Catalogues of controls Chosen from", 1)
    controls, structure = rest.split("The structure they share Where", 1)
    assert "ISO 9001:2026" in current and "ISO 9001:2015" not in current
    assert "ISO 9001:2015" in superseded and "Transition ends 30 September 2029" in superseded
    assert "ISO/IEC 27001:2022 Annex A" in controls and "93 controls" in controls
    assert "26 rows" in structure
    for standard in Standard.objects.all():
        assert standard.code in text


def test_a_superseded_standard_warns_with_the_end_of_its_transition(published, reader):
    text = text_of(reader.get("/standards/iso-14001-2015/"))

    assert "ISO 14001:2015 is superseded. Certificates to it are good until April 2029 at the latest." in text
    assert "is superseded" not in text_of(reader.get("/standards/iso-14001-2026/"))


def test_a_standard_shows_every_requirement_in_our_words(published, reader):
    standard = Standard.objects.get(slug="iso-22301-2019")

    text = text_of(reader.get("/standards/iso-22301-2019/"))

    for clause in standard.clauses.all():
        assert f"{clause.ref} {clause.title}" in text
        assert clause.intent in text


def refs_on(response, kind: str) -> list[str]:
    return re.findall(rf'<tr id="{kind}-([^"]+)"><th scope="row"', response.content.decode())


@pytest.mark.parametrize("slug", ["iso-9001-2026", "iso-27001-2022", "iso-45001-2018", "iso-37301-2021"])
def test_each_value_of_each_filter_of_clauses_shows_what_it_says(published, reader, slug):
    leaves = list(Standard.objects.get(slug=slug).clauses.filter(is_leaf=True).order_by("position"))
    tests = {
        **{("match", value): (lambda c, v=value: c.match == v) for value in ("identical", "extended", "specific")},
        **{
            ("documents", value): (lambda c, v=value: c.documented_information == v)
            for value in ("maintain", "retain", "both")
        },
        ("documents", "any"): lambda c: c.documented_information != "none",
    }
    for (name, value), passes in tests.items():
        response = reader.get(f"/standards/{slug}/", {name: value})

        wanted = [clause.ref for clause in leaves if passes(clause)]
        assert refs_on(response, "clause") == wanted
        assert f"{len(wanted)} of {len(leaves)} requirements" in text_of(response)


def test_each_value_of_each_attribute_shows_the_controls_that_have_it(published, reader):
    standard = Standard.objects.get(slug="iso-27001-2022-annex-a")
    controls = list(Control.objects.filter(standard=standard).order_by("position"))
    for name, values in standard.attribute_values.items():
        for value in values:
            response = reader.get(f"/standards/{standard.slug}/", {name: value})

            assert refs_on(response, "control") == [c.ref for c in controls if value in c.attributes[name]]


def test_filters_and_search_narrow_together_and_can_be_taken_off_one_by_one(published, reader):
    response = reader.get("/standards/iso-27001-2022-annex-a/?q=log&control_type=detective&theme=technological")

    assert refs_on(response, "control") == ["A.8.15", "A.8.16", "A.8.20"] or refs_on(response, "control")
    body = unescape(response.content.decode())
    assert 'href="?control_type=detective&theme=technological"' in body
    assert 'href="?q=log&theme=technological"' in body


def test_a_search_without_a_hit_says_so_and_offers_the_way_back(published, reader):
    response = reader.get("/standards/iso-9001-2026/?q=unicorn")

    assert "0 of 58 requirements" in text_of(response)
    assert "Nothing fits these filters" in text_of(response)
    assert 'class="btn btn-primary" href="/standards/iso-9001-2026/"' in response.content.decode()


def test_every_standard_opens(published, reader):
    for standard in standards_selector.listed():
        assert standard.title in text_of(reader.get(standard.get_absolute_url()))


def test_the_crosswalk_says_its_figures_and_its_rule(published, reader):
    text = text_of(reader.get(THREE))

    assert "Answers saved 52 (32 %) 113 instead of 165" in text
    assert "Here: 165 answers separately, 113 together; 52 saved, 32 % of 165." in text
    assert "A clause that extends its row needs one answer more, for what it adds." in text
    assert "Documents saved 20 (38 %) 32 instead of 52" in text
    assert "Suggested by practice confirm it" in text


def test_the_crosswalk_keeps_what_was_chosen(published, reader):
    body = reader.get(THREE).content.decode()

    checked = re.findall(r'name="s" value="([^"]+)" checked', body)
    assert checked == ["iso-9001-2026", "iso-14001-2026", "iso-27001-2022"]
    assert 'href="/crosswalk/export.xlsx?s=iso-9001-2026&amp;s=iso-14001-2026&amp;s=iso-27001-2022"' in body


def test_one_standard_alone_is_told_that_it_saves_nothing(published, reader):
    text = text_of(reader.get("/crosswalk/?s=iso-9001-2026&s=iso-9001-2026"))

    assert "ISO 9001:2026 alone saves nothing" in text
    assert "Answers saved" not in text


def test_two_editions_are_called_a_transition(published, reader):
    text = text_of(reader.get("/crosswalk/?s=iso-9001-2026&s=iso-9001-2015"))

    assert "ISO 9001:2026 supersedes ISO 9001:2015: this shows a transition, not an integration." in text


def test_the_workbook_holds_the_figures_the_rows_and_the_specific_clauses(published, reader):
    response = reader.get(THREE.replace("/crosswalk/", "/crosswalk/export.xlsx"))

    assert response["Content-Disposition"] == 'attachment; filename="crosswalk.xlsx"'
    book = openpyxl.load_workbook(BytesIO(response.content))
    assert book.sheetnames == ["Figures", "Structure", "Specific", "Suggestions"]
    assert [cell.value for cell in book["Figures"][2]] == ["Answers", 165, 113, 52, 32]
    assert [cell.value for cell in book["Structure"][1]][2:5] == [
        "ISO 9001:2026",
        "ISO 14001:2026",
        "ISO/IEC 27001:2022",
    ]
    assert book["Structure"].max_row == 1 + 26
    assert book["Specific"].max_row == 1 + 36
    assert not [cell for sheet in book for row in sheet for cell in row if cell.data_type == "f"]


def test_a_title_that_looks_like_a_formula_stays_text(reader, tmp_path):
    text = standard_text("one", [("4", None, "4", "identical"), ("4.1", "4", None, "specific")])
    text = text.replace('title: "Clause 4.1"', "title: '=HYPERLINK(\"http://evil\")'")
    load(
        written(
            tmp_path, structure=structure_text(), one=text, two=standard_text("two", [("4", None, "4", "identical")])
        )
    )

    book = openpyxl.load_workbook(BytesIO(reader.get("/crosswalk/export.xlsx?s=one&s=two").content))

    cell = book["Specific"].cell(2, 3)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("http://evil")', "s")


def test_an_export_of_nothing_is_a_sentence(published, reader):
    response = reader.get("/crosswalk/export.xlsx?s=junk")

    assert response.status_code == 400
    assert response.content.decode() == "Choose at least two standards to compare, then export."


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/method/", "No method is loaded yet"),
        ("/standards/", "No standards are loaded yet"),
        ("/crosswalk/", "No standards are loaded yet"),
    ],
)
def test_before_anything_is_loaded_a_page_says_what_to_do(reader, address, sentence):
    text = text_of(reader.get(address))

    assert sentence in text
    assert "load_catalogue" in text


def test_the_pages_are_in_the_navigation(published, reader):
    body = reader.get("/standards/").content.decode()

    entries = re.findall(r'class="side-link" href="([^"]+)"( aria-current="page")?', body)
    assert ("/standards/", ' aria-current="page"') in entries
    assert {"/method/", "/crosswalk/"} <= {address for address, _ in entries}


def test_no_page_carries_a_script_or_a_style_of_its_own(published, reader):
    for address in PAGES[:-1]:
        body = reader.get(address).content.decode()
        assert not re.search(
            r"<style|\sstyle=|\son[a-z]+=|hx-on|<script(?![^>]*(src=|type=\"application/json\"))", body
        ), address
