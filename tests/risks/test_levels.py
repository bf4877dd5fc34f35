"""Levels are pure arithmetic: their laws hold for whatever criteria Hypothesis makes up."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules import RuleBroken
from risks import levels
from risks.levels import AcceptedBy, Rule

SIZES = st.integers(levels.FEWEST, levels.MOST)
COUNTS = st.integers(levels.FEWEST_LEVELS, levels.MOST_LEVELS)


def content(rows=3, columns=3, count=3, *, dimensions=2, rule="highest", matrix=None, threshold=0):
    return {
        "likelihood": [{"name": f"L{n}", "text": ""} for n in range(1, rows + 1)],
        "consequence": [{"name": f"C{n}", "text": ""} for n in range(1, columns + 1)],
        "dimensions": [
            {"key": f"d{n}", "name": f"D{n}", "weight": n + 1, "texts": [""] * columns} for n in range(dimensions)
        ],
        "rule": rule,
        "levels": [{"name": f"Level {n}", "review_months": 12, "accepted_by": "owner"} for n in range(count)],
        "matrix": matrix or levels.even(rows, columns, count),
        "threshold": threshold,
    }


@given(SIZES, SIZES, COUNTS)
def test_the_first_matrix_is_monotone_and_uses_the_lowest_and_the_highest_level(rows, columns, count):
    matrix = levels.even(rows, columns, count)

    assert levels.dents(matrix) == []
    assert (matrix[0][0], matrix[-1][-1]) == (0, count - 1)


@given(st.data(), SIZES, SIZES, COUNTS)
def test_a_level_never_falls_when_it_becomes_likelier_or_worse_in_a_matrix_without_dents(data, rows, columns, count):
    cells = st.lists(
        st.lists(st.integers(0, count - 1), min_size=columns, max_size=columns), min_size=rows, max_size=rows
    )
    matrix = data.draw(cells)
    criteria = levels.parsed(content(rows, columns, count, matrix=matrix))

    def level(i, j):
        return levels.level_of(criteria, likelihood=i, consequence=j)

    falls = [
        (i, j)
        for i in range(1, rows + 1)
        for j in range(1, columns + 1)
        if (i > 1 and level(i - 1, j) > level(i, j)) or (j > 1 and level(i, j - 1) > level(i, j))
    ]
    assert levels.dents(matrix) == falls


@given(st.dictionaries(st.sampled_from(["d0", "d1", "d2"]), st.integers(1, 5), min_size=1), st.sampled_from(Rule))
def test_a_consequence_lies_between_its_best_and_worst_mark_and_never_falls(marks, rule):
    criteria = levels.parsed(content(5, 5, dimensions=3, rule=str(rule)))
    found = levels.consequence_of(criteria, marks)

    assert min(marks.values()) <= found <= max(marks.values())
    for key, mark in marks.items():
        if mark < 5:
            assert levels.consequence_of(criteria, marks | {key: mark + 1}) >= found


@given(
    st.dictionaries(st.sampled_from(["d0", "d1", "d2", "gone"]), st.integers(1, 5)),
    st.integers(1, 5),
    st.sampled_from(Rule),
)
def test_a_judgement_is_read_again_by_its_marks_and_stays_where_they_do_not_fit(marks, consequence, rule):
    criteria = levels.parsed(content(5, 5, dimensions=3, rule=str(rule)))
    again, kept = levels.judged_again(criteria, consequence=consequence, marks=marks)

    if marks and "gone" not in marks:
        assert (again, kept) == (levels.consequence_of(criteria, marks), marks)
    else:
        assert (again, kept) == (consequence, {})


def test_the_weighted_mean_is_rounded_for_the_worse():
    criteria = levels.parsed(content(5, 5, dimensions=2, rule="weighted"))

    assert levels.consequence_of(criteria, {"d0": 1, "d1": 4}) == 3  # (1·1 + 2·4) / 3
    assert levels.consequence_of(criteria, {"d0": 2, "d1": 1}) == 2  # (1·2 + 2·1) / 3 = 1.33


@given(SIZES, SIZES, COUNTS, SIZES, SIZES, COUNTS)
def test_a_matrix_keeps_its_cells_when_scales_grow(rows, columns, count, more_rows, more_columns, other):
    matrix = levels.even(rows, columns, count)
    found = levels.resized(matrix, more_rows, more_columns, other)

    assert (len(found), len(found[0])) == (more_rows, more_columns)
    for i in range(min(rows, more_rows)):
        for j in range(min(columns, more_columns)):
            assert found[i][j] == min(matrix[i][j], other - 1)


@given(SIZES, SIZES, COUNTS, st.integers(1, levels.MOST_DIMENSIONS), st.sampled_from(Rule), st.sampled_from(AcceptedBy))
def test_what_is_kept_reads_back_as_the_same(rows, columns, count, dimensions, rule, accepted):
    kept = content(rows, columns, count, dimensions=dimensions, rule=str(rule), threshold=count - 1)
    kept["levels"][0]["accepted_by"] = str(accepted)

    assert levels.plain(levels.parsed(kept)) == kept


def broken(**changes):
    made = copy.deepcopy(content())
    for path, value in changes.items():
        *way, last = [int(part) if part.isdecimal() else part for part in path.split("__")]
        at = made
        for part in way:
            at = at[part]
        at[last] = value
    return made


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"likelihood": [{"name": "One"}]}, "3 to 7 grades"),
        ({"likelihood__0__name": " "}, "needs a name"),
        ({"likelihood__0__name": "l2"}, "are called “L2”"),
        ({"levels": []}, "2 to 6 levels"),
        ({"levels__1__review_months": 0}, "1 to 60 months"),
        ({"levels__1__review_months": True}, "1 to 60 months"),
        ({"levels__1__accepted_by": "me"}, "who may accept"),
        ({"threshold": 3}, "one of the levels"),
        ({"rule": "dice"}, "several consequences"),
        ({"dimensions": []}, "one to 8"),
        ({"dimensions__0__weight": 11}, "1 to 10"),
        ({"dimensions__0__texts": ["one"]}, "each of the 3 grades"),
        ({"dimensions__0__key": "ä b"}, "short key"),
        ({"dimensions__1__key": "d0"}, "have the key “d0”"),
        ({"matrix": [[0] * 3] * 2}, "3 × 3 cells"),
        ({"matrix__1": [0, 1]}, "3 × 3 cells"),
        ({"matrix__1__1": 3}, "3 × 3 cells"),
        ({"likelihood__0__text": "x" * 401}, "at most 400"),
        ({"likelihood__0__name": "x" * 61}, "too long"),
    ],
)
def test_wrong_criteria_are_refused_in_words(changes, says):
    with pytest.raises(RuleBroken, match=says):
        levels.parsed(broken(**changes))


@pytest.mark.parametrize(("likelihood", "consequence"), [(0, 1), (4, 1), (1, 0), (1, 4)])
def test_a_mark_outside_the_scale_is_refused(likelihood, consequence):
    with pytest.raises(RuleBroken, match="between 1 and 3"):
        levels.level_of(levels.parsed(content()), likelihood=likelihood, consequence=consequence)


def test_marks_of_unknown_consequences_or_none_are_refused():
    criteria = levels.parsed(content())
    for marks in ({}, {"other": 1}, {"d0": 9}):
        with pytest.raises(RuleBroken):
            levels.consequence_of(criteria, marks)
