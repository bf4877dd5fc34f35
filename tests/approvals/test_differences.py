"""What changed between two snapshots, in words and rows."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals import differences
from approvals.differences import GONE, LEFT_OUT, NEW, SAME, Part, between


def told(change):
    marks = {SAME: "{}", GONE: "[-{}-]", NEW: "[+{}+]", LEFT_OUT: "<{} lines>"}
    return "".join(marks[part.kind].format(part.text) for part in change.parts)


def text(before, after):
    (change,) = between({"text": before}, {"text": after}).changes
    return told(change)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("We keep promises.", "We keep all promises.", "We keep [+all +]promises."),
        ("We keep promises.", "We keep.", "We keep[- promises-]."),
        ("The red car waits here for you.", "The blue bus waits here for you.",
         "The [-red car-][+blue bus+] waits here for you."),
        ("", "New.", "[+New.+]"),
        ("Old.", "", "[-Old.-]"),
        ("a\nb\nc\nd\ne\nf\nlast one", "a\nb\nc\nd\ne\nf\nlast two", "<5 lines>f\nlast [-one-][+two+]"),
        ("Completely other words", "1234 5678 9999 !!!", "[-Completely other words-][+1234 5678 9999 !!!+]"),
    ],
)  # fmt: skip
def test_texts_are_compared_word_by_word(before, after, expected):
    assert text(before, after) == expected


def test_equal_snapshots_differ_nowhere():
    same = {"title": "A", "items": [{"code": "1", "text": "x"}]}
    assert not between(same, dict(same))
    assert between(same, same).places == 0


def test_rows_are_recognised_by_their_name_and_not_by_their_place():
    before = {
        "items": [{"code": "S-1", "text": "Zurich"}, {"code": "S-2", "text": "Bern"}, {"code": "S-3", "text": "x"}]
    }
    after = {
        "items": [{"code": "S-4", "text": "Basel"}, {"code": "S-2", "text": "Berne"}, {"code": "S-1", "text": "Zurich"}]
    }

    (change,) = between(before, after, {"items": "Sites"}).changes

    assert change.label == "Sites"
    assert [(row.kind, row.name) for row in change.rows] == [(NEW, "S-4"), (SAME, "S-2"), (GONE, "S-3")]
    assert told(change.rows[1].cells[0]) == "[-Bern-][+Berne+]"
    assert between(before, after).places == 3


def test_lists_of_words_are_rows_too():
    (change,) = between({"standards": ["ISO 9001", "ISO 14001"]}, {"standards": ["ISO 9001", "ISO 27001"]}).changes
    assert [(row.kind, row.name) for row in change.rows] == [(NEW, "ISO 27001"), (GONE, "ISO 14001")]


def test_another_order_of_the_same_rows_is_one_difference():
    assert between({"a": [1, 2]}, {"a": [2, 1]}).places == 1


def test_keys_within_keys_are_named_from_outside_in():
    changes = between({"cost": {"budget_chf": 10}}, {"cost": {"budget_chf": 12}}).changes
    assert [change.label for change in changes] == ["Cost: Budget chf"]


def test_a_new_part_and_a_part_taken_away_are_told():
    found = between({"a": "x", "gone": "y"}, {"a": "x", "fresh": [{"name": "Anna"}]})
    assert [change.label for change in found.changes] == ["Fresh", "Gone"]
    assert found.places == 2


def test_big_texts_are_bounded():
    long = "\n".join(f"line {k} of a policy with some words in it" for k in range(differences.MOST_LINES))
    started = time.perf_counter()
    found = between({"text": long}, {"text": long.replace("line 77 ", "Line 77 ")})
    assert time.perf_counter() - started < 3
    assert found.places == 1 and not found.changes[0].is_too_long

    (change,) = between({"text": long + "\nmore\nmore"}, {"text": long}).changes
    assert change.is_too_long and change.parts == ()


def test_a_very_long_line_is_not_compared_word_by_word():
    one, other = "word " * 5_000, "other " * 5_000
    started = time.perf_counter()
    (change,) = between({"t": one}, {"t": other}).changes
    assert time.perf_counter() - started < 1
    assert {part.kind for part in change.parts} == {GONE, NEW}


@settings(max_examples=150, deadline=None)
@given(before=st.text(alphabet="ab .\n", max_size=60), after=st.text(alphabet="ab .\n", max_size=60))
def test_what_is_shown_as_gone_stood_there_and_what_is_new_stands_there_now(before, after):
    for change in between({"t": before}, {"t": after}).changes:
        for part in change.parts:
            words = part.text.split()
            if part.kind == GONE:
                assert all(word in before for word in words)
            elif part.kind == NEW:
                assert all(word in after for word in words)
        if not any(part.kind == LEFT_OUT for part in change.parts):
            kept = "".join(part.text for part in change.parts if part.kind in (SAME, NEW))
            assert "".join(kept.split()) == "".join(after.split())
            kept = "".join(part.text for part in change.parts if part.kind in (SAME, GONE))
            assert "".join(kept.split()) == "".join(before.split())


def test_parts_are_plain_values():
    assert Part(SAME, "x") == Part(SAME, "x")
