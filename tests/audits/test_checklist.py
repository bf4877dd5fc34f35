"""The lines of a checklist: by hand on small cases, by their laws on random ones, by figures on the published standards."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from audits.checklist import Asked, Row, merge, saving
from pdca.services.catalogue import FIXTURES

STRUCTURE = [
    Row("4", "", "Context"), Row("4.1", "4", "Circumstances", "Know them.", ("Analysis", "Minutes")),
    Row("4.2", "4", "XXX parties"), Row("9", "", "Evaluation"), Row("9.2", "9", "Internal audit"),
    Row("9.2.1", "9.2", "General"), Row("9.2.2", "9.2", "Programme"), Row("9.3", "9", "Review"),
]  # fmt: skip
NAMED = [row.ref for row in STRUCTURE]


def clause(pk: int, standard: str, ref: str, hs: str = "", match: str = "identical", **more) -> Asked:
    return Asked(pk, standard, ref, f"{standard} {ref}", hs, match if hs else "specific", position=pk, **more)


def told(lines) -> list[tuple[str, list[int]]]:
    return [(line.ref, [part.clause.pk for part in line.parts]) for line in lines]


def test_a_shared_clause_is_one_line_that_credits_all_and_shows_what_each_adds():
    lines = merge(
        [
            clause(1, "q", "4.1", "4.1", evidence=("minutes", "Swot")),
            clause(2, "e", "4.1", "4.1", "extended", intent="Climate too."),
            clause(3, "s", "4.1", "4.1"),
        ],
        STRUCTURE,
    )

    (line,) = lines
    assert (line.row, line.title, line.intent) == ("4.1", "Circumstances", "Know them.")
    assert line.standards == ("q", "e", "s")
    assert [(one.pk, one.intent) for one in line.additions] == [(2, "Climate too.")]
    assert line.prompts == ("Analysis", "Minutes", "Swot")
    assert saving(lines) == (3, 1)


def test_a_standard_alone_keeps_a_line_for_each_of_its_clauses():
    lines = merge([clause(1, "q", "5.2.1", "4.2"), clause(2, "q", "5.2.2", "4.2", "extended")], STRUCTURE)

    assert told(lines) == [("5.2.1", [1]), ("5.2.2", [2])]
    assert not lines[0].is_shared and not lines[1].additions
    assert saving(lines).saved == 0


def test_a_clause_on_a_heading_draws_the_rows_under_it_into_its_line():
    lines = merge(
        [clause(1, "old", "9.2", "9.2"), clause(2, "new", "9.2.1", "9.2.1"), clause(3, "new", "9.2.2", "9.2.2")],
        STRUCTURE,
    )

    assert told(lines) == [("9.2", [1, 2, 3])]


def test_rows_stay_apart_where_nobody_answers_their_heading():
    both = [clause(n, standard, ref, ref) for n, (standard, ref) in enumerate(
        (standard, ref) for standard in "ab" for ref in ("9.2.1", "9.2.2")
    )]  # fmt: skip

    assert told(merge(both, STRUCTURE)) == [("9.2.1", [0, 2]), ("9.2.2", [1, 3])]


def test_specific_clauses_stand_alone_after_the_shared_line_of_their_number():
    lines = merge(
        [
            clause(1, "q", "4.1", "4.1"), clause(2, "q", "4.1.7"), clause(3, "q", "9.3", "9.3"), clause(4, "q", "12.1"),
            clause(5, "e", "4.1", "4.1"), clause(6, "e", "4.1.7"), clause(7, "e", "10.2", "9.3"),
        ],
        STRUCTURE,
    )  # fmt: skip

    assert told(lines) == [("4.1", [1, 5]), ("4.1.7", [2]), ("4.1.7", [6]), ("9.3", [3, 7]), ("12.1", [4])]


@st.composite
def chosen(draw) -> list[Asked]:
    found = []
    for standard in draw(st.lists(st.sampled_from("abcd"), max_size=4, unique=True)):
        for at in range(draw(st.integers(0, 8))):
            hs = draw(st.sampled_from(["", *NAMED]))
            match = draw(st.sampled_from(["identical", "extended"]))
            ref = draw(st.sampled_from(["4.1", "8.1.4.3", "6.1", "10.2"]))
            found.append(clause(len(found), standard, f"{ref}.{at}", hs, match))
    return draw(st.permutations(found))


@given(chosen())
def test_every_chosen_clause_is_credited_exactly_once_and_nothing_else_is(clauses):
    lines = merge(clauses, STRUCTURE)

    assert sorted(part.clause.pk for line in lines for part in line.parts) == sorted(one.pk for one in clauses)
    assert {slug for line in lines for slug in line.standards} == {one.standard for one in clauses}
    assert saving(lines).separately == len(clauses) and saving(lines).saved >= 0


@given(chosen())
def test_a_line_is_shared_by_standards_or_belongs_to_one_clause(clauses):
    for line in merge(clauses, STRUCTURE):
        assert line.is_shared == (len(line.standards) > 1)
        assert line.is_shared or len(line.parts) == 1
        for part in line.parts:
            assert part.is_addition == (line.is_shared and part.clause.match == "extended")
            assert not line.is_shared or f"{part.clause.hs}.".startswith(f"{line.row}.")


@given(chosen())
def test_no_row_is_asked_about_in_two_shared_lines(clauses):
    shared = [line.row for line in merge(clauses, STRUCTURE) if line.is_shared]

    assert len(shared) == len(set(shared))
    assert not [(a, b) for a in shared for b in shared if a != b and f"{b}.".startswith(f"{a}.")]


@given(chosen(), st.randoms())
def test_the_order_in_which_clauses_come_changes_no_line(clauses, chance):
    """Standards keep their order of first appearance; within a standard its own numbers decide."""
    by_standard = sorted(clauses, key=lambda one: one.standard)
    mixed = [
        one
        for slug in dict.fromkeys(one.standard for one in by_standard)
        for one in chance.sample(
            [c for c in by_standard if c.standard == slug], k=sum(c.standard == slug for c in clauses)
        )
    ]

    assert told(merge(mixed, STRUCTURE)) == told(merge(by_standard, STRUCTURE))


def published(*names: str) -> tuple[list[Asked], list[Row]]:
    def read(name: str):
        return yaml.load(Path(FIXTURES, "standards", f"{name}.yaml").read_text(), yaml.CSafeLoader)["clauses"]

    structure = [
        Row(one["ref"], one["parent"] or "", one["title"], one["intent"] or "", tuple(one["evidence_examples"]))
        for one in read("harmonized_structure")
    ]
    leaves = [(name, one) for name in names for one in read(name) if one["leaf"]]
    return [
        Asked(n, name, one["ref"], one["title"], one["hs"] or "", one["match"], one["intent"],
              tuple(one["evidence_examples"]), n)
        for n, (name, one) in enumerate(leaves)
    ], structure  # fmt: skip


@pytest.mark.parametrize(
    ("names", "figures"),
    [
        (("iso_9001_2026", "iso_14001_2026", "iso_45001_2018"), (133, 64)),
        (("iso_9001_2015",), (57, 57)),
        (("iso_27001_2022", "iso_22301_2019", "iso_42001_2023"), (108, 52)),
    ],
)
def test_the_saving_on_the_published_standards(names, figures):
    clauses, structure = published(*names)
    lines = merge(clauses, structure)

    assert saving(lines) == figures
    assert all(line.title and line.intent for line in lines)
