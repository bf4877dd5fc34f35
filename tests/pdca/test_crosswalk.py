"""The crosswalk: counted by hand on small cases, by its laws on random ones, by figures on the published standards."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from pdca.selectors import crosswalk
from pdca.selectors.crosswalk import Parts, Requirement, Saving, parts, rows_under, saving
from pdca.services.catalogue import load
from tests.factories.pdca import standard_text, structure_text, written

STRUCTURE = [("4", ""), ("4.1", "4"), ("4.2", "4"), ("9", ""), ("9.2", "9"), ("9.2.1", "9.2"), ("9.2.2", "9.2")]
UNDER = rows_under(STRUCTURE)


def asked(standard: str, *clauses: tuple[str, str]) -> list[Requirement]:
    """Clauses as (row, match), row "" for a specific one; numbered so that none equals another."""
    return [Requirement(standard, f"{at}", hs, match) for at, (hs, match) in enumerate(clauses)]


def test_a_heading_of_the_structure_covers_every_lowest_row_under_it():
    assert UNDER["9.2"] == {"9.2.1", "9.2.2"}
    assert UNDER["9"] == {"9.2.1", "9.2.2"}
    assert UNDER["4.1"] == {"4.1"}


HAND_COUNTED = {
    "nothing": ([], (0, 0)),
    "one identical clause alone": (asked("a", ("4.1", "identical")), (1, 1)),
    "one extended clause alone: shared part and addition": (asked("a", ("4.1", "extended")), (2, 2)),
    "one specific clause alone": (asked("a", ("", "specific")), (1, 1)),
    "identical twice: answered once": (asked("a", ("4.1", "identical")) + asked("b", ("4.1", "identical")), (2, 1)),
    "identical and extended: the addition stays": (
        asked("a", ("4.1", "identical")) + asked("b", ("4.1", "extended")),
        (3, 2),
    ),
    "extended twice: two additions stay": (
        asked("a", ("4.1", "extended")) + asked("b", ("4.1", "extended")),
        (4, 3),
    ),
    "specific twice: nothing is shared": (asked("a", ("", "specific")) + asked("b", ("", "specific")), (2, 2)),
    "different rows: nothing is shared": (
        asked("a", ("4.1", "identical")) + asked("b", ("4.2", "identical")),
        (2, 2),
    ),
    "one row over two clauses counts once, alone too": (
        asked("a", ("4.1", "identical"), ("4.1", "identical")),
        (1, 1),
    ),
    "a heading meets the rows under it": (
        asked("a", ("9.2", "identical")) + asked("b", ("9.2.1", "identical"), ("9.2.2", "extended")),
        (5, 3),
    ),
    "three standards": (
        asked("a", ("4.1", "identical"))
        + asked("b", ("4.1", "extended"))
        + asked("c", ("4.1", "identical"), ("", "specific")),
        (5, 3),
    ),
}


@pytest.mark.parametrize(("requirements", "expected"), HAND_COUNTED.values(), ids=HAND_COUNTED.keys())
def test_answers_are_counted_by_the_rule(requirements, expected):
    assert saving(requirements, UNDER) == Saving(*expected)


def test_percent_is_the_share_of_the_separate_work():
    assert (Saving(200, 150).saved, Saving(200, 150).percent) == (50, 25)
    assert (Saving(0, 0).saved, Saving(0, 0).percent) == (0, 0)


def test_each_standard_falls_into_whole_in_part_and_alone():
    requirements = asked(
        "a", ("4.1", "identical"), ("4.2", "extended"), ("", "specific"), ("9.2", "identical")
    ) + asked("b", ("4.1", "extended"), ("4.2", "identical"), ("9.2.1", "identical"))

    found = parts(requirements, UNDER)

    assert found == {
        "a": Parts(requirements=4, covered=1, partly=2, alone=1, answers=6),
        "b": Parts(requirements=3, covered=2, partly=1, alone=0, answers=4),
    }


requirements_of_some = st.lists(
    st.builds(
        lambda standard, ref, hs, match: Requirement(standard, str(ref), "" if match == "specific" else hs, match),
        st.sampled_from("abcd"),
        st.integers(0, 30),
        st.sampled_from([row for row, _ in STRUCTURE]),
        st.sampled_from(["identical", "extended", "specific"]),
    ),
    max_size=40,
)


@given(requirements_of_some, st.randoms())
def test_the_order_does_not_matter_and_twice_counts_once(requirements, random):
    shuffled = requirements * 2
    random.shuffle(shuffled)

    assert saving(shuffled, UNDER) == saving(requirements, UNDER)
    assert parts(shuffled, UNDER) == parts(requirements, UNDER)


@given(requirements_of_some)
def test_the_laws_of_the_count(requirements):
    whole = saving(requirements, UNDER)
    alone = {slug: saving([r for r in requirements if r.standard == slug], UNDER) for slug in "abcd"}

    assert all(one.saved == 0 for one in alone.values())
    assert whole.separately == sum(one.separately for one in alone.values())
    assert 0 <= whole.saved <= whole.separately
    assert whole.together >= max(one.together for one in alone.values())
    for slug, found in parts(requirements, UNDER).items():
        assert found.covered + found.partly + found.alone == found.requirements
        assert found.answers == alone[slug].separately


@given(requirements_of_some)
def test_another_standard_never_lowers_what_is_saved(requirements):
    without = [requirement for requirement in requirements if requirement.standard != "d"]

    assert saving(requirements, UNDER).saved >= saving(without, UNDER).saved


def test_standards_join_through_the_structure_and_never_by_equal_numbers(db, tmp_path):
    """Both standards have a clause 6.3; one answers row 4.1 there, the other something else."""
    load(
        written(
            tmp_path,
            structure=structure_text(),
            one=standard_text("one", [("6", None, "4", "identical"), ("6.3", "6", "4.1", "identical")]),
            two=standard_text("two", [("6", None, None, "specific"), ("6.3", "6", None, "specific")]),
            three=standard_text("three", [("8", None, "4", "identical"), ("8.8", "8", "4.1", "identical")]),
        )
    )

    assert crosswalk.compare(["one", "two"]).saving == Saving(2, 2)
    assert crosswalk.compare(["one", "three"]).saving == Saving(2, 1)
    row = crosswalk.compare(["one", "three"]).rows[0]
    assert (row.clause.ref, row.verdict) == ("4.1", "identical")
    assert [[clause.ref for clause in cell.clauses] for cell in row.cells] == [["6.3"], ["8.8"]]


def test_the_published_figures_of_9001_14001_and_27001(published):
    found = crosswalk.compare(["iso-9001-2026", "iso-14001-2026", "iso-27001-2022"])

    assert found.requirement_count == 58 + 35 + 30
    assert (found.saving.separately, found.saving.together) == (165, 113)
    assert (found.saving.saved, found.saving.percent) == (52, 32)
    assert (found.identical_rows, found.extended_rows, len(found.rows)) == (3, 23, 26)
    assert found.specific_count == 28 + 4 + 4
    assert (found.documents.separately, found.documents.together) == (52, 32)
    assert {column.standard.slug: column.parts[:4] for column in found.columns} == {
        "iso-9001-2026": (58, 5, 25, 28),
        "iso-14001-2026": (35, 8, 23, 4),
        "iso-27001-2022": (30, 23, 3, 4),
    }


def test_a_clause_on_a_heading_is_credited_in_each_row_under_it(published):
    found = crosswalk.compare(["iso-9001-2015", "iso-27001-2022"])

    rows = {row.clause.ref: row for row in found.rows}
    for ref in ("9.2.1", "9.2.2"):
        assert [[clause.ref for clause in cell.clauses] for cell in rows[ref].cells] == [["9.2"], [ref]]


def test_the_result_is_the_same_in_any_order_and_with_a_standard_named_twice(published):
    one = crosswalk.compare(["iso-9001-2026", "iso-27001-2022"])
    other = crosswalk.compare(["iso-27001-2022", "iso-9001-2026", "iso-27001-2022"])

    assert [s.slug for s in one.standards] == [s.slug for s in other.standards] == ["iso-9001-2026", "iso-27001-2022"]
    assert one.saving == other.saving


@pytest.mark.parametrize("count", [1, 2, 12])
def test_every_published_standard_alone_saves_nothing_and_all_together_save_most(published, count):
    from pdca.selectors.standards import comparable

    slugs = [standard.slug for standard in comparable()][:count]

    found = crosswalk.compare(slugs)

    assert (found.saving.saved == 0) == (count == 1)
    assert found.saving.saved == sum(len(row.sharing) - 1 for row in found.rows)


def test_two_editions_of_one_standard_are_told_apart_from_an_integration(published):
    found = crosswalk.compare(["iso-9001-2026", "iso-9001-2015", "iso-27001-2022"])

    assert [(old.slug, new.slug) for old, new in found.two_editions] == [("iso-9001-2015", "iso-9001-2026")]


def test_affinities_are_suggested_only_where_two_of_the_chosen_take_part(published):
    alone = crosswalk.compare(["iso-27001-2022"])
    found = crosswalk.compare(["iso-14001-2026", "iso-27001-2022"])

    assert alone.suggestions == []
    obligations = next(s for s in found.suggestions if s.name == "Legal and other obligations")
    assert [(m.clause or m.control).ref for m in obligations.members] == ["6.1.3", "A.5.31"]


def test_what_cannot_be_compared_is_named(published):
    found = crosswalk.compare(["nowhere", "iso-27001-2022-annex-a", "harmonized-structure", "iso-27001-2022"])

    assert found.unknown == ["harmonized-structure", "iso-27001-2022-annex-a", "nowhere"]
    assert [standard.slug for standard in found.standards] == ["iso-27001-2022"]


@pytest.mark.parametrize(
    "slugs", [["iso-9001-2026", "iso-27001-2022"], ["iso-9001-2026", "iso-14001-2026", "iso-45001-2018"]]
)
def test_comparing_takes_five_queries_whatever_is_chosen(published, slugs):
    with CaptureQueriesContext(connection) as queries:
        found = crosswalk.compare(slugs)
        for row in found.rows:
            assert row.verdict
        for suggestion in found.suggestions:
            assert [(m.clause or m.control).standard.code for m in suggestion.members]

    assert len(queries) == 5


DOCUMENTED = {
    "ISO 9001:2026 + ISO 14001:2026 + ISO/IEC 27001:2022": ["iso-9001-2026", "iso-14001-2026", "iso-27001-2022"],
    "ISO 9001:2015 + ISO 14001:2015 + ISO/IEC 27001:2022": ["iso-9001-2015", "iso-14001-2015", "iso-27001-2022"],
    "ISO/IEC 27001:2022 + ISO 22301:2019": ["iso-27001-2022", "iso-22301-2019"],
    "ISO 9001:2026, 14001:2026, 45001, 22301, 27001, 30301": [
        "iso-9001-2026",
        "iso-14001-2026",
        "iso-45001-2018",
        "iso-22301-2019",
        "iso-27001-2022",
        "iso-30301-2019",
    ],
}


def test_the_figures_in_the_guide_are_those_of_the_pages(published):
    guide = (Path(settings.ROOT) / "docs" / "method.md").read_text()

    for name, slugs in DOCUMENTED.items():
        found = crosswalk.compare(slugs)
        one = found.saving
        row = f"| {name} | {found.requirement_count} | {one.separately} | {one.together} | {one.saved} ({one.percent} %) |"
        assert row in guide
