"""Words as they are indexed: without accents and capitals, numbers whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search import highlight, kinds, words


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Prüfung der Wärmebehandlung", ["prufung", "der", "warmebehandlung"]),
        ("Évaluation œuvre", ["evaluation", "oeuvre"]),
        ("STRASSE Straße", ["strasse", "strasse"]),
        ("Øre Łódź", ["ore", "lodz"]),
        ("6.1.3 risk-treatment plan_b", ["6.1.3", "risk", "treatment", "plan", "b"]),
        ("ISO/IEC 27001:2022", ["iso", "iec", "27001", "2022"]),
        ("ﬁnal ½", ["final", "1", "2"]),
        ("😀 — “” \u200f", []),
    ],
)
def test_words_are_folded_alike_whoever_wrote_them(text, found):
    assert words.of(text) == found


def test_letters_beyond_ascii_stay_words_whose_beginnings_are_beginnings():
    (whole,), (start,) = words.of("Оценка"), words.of("Оцен")

    assert whole.isascii() and whole.startswith(start)


@given(st.text(max_size=80))
def test_every_text_becomes_words_of_ascii_letters_and_digits(text):
    for word in words.of(text):
        assert word and word.isascii() and word.replace(".", "").isalnum()


@pytest.mark.parametrize(
    ("text", "code"),
    [("T-012", "t12"), ("t12", "t12"), (" T 12 ", "t12"), ("NC-004", "nc4"), ("12", ""), ("1.7", ""), ("risk 12", "")],
)
def test_numbers_are_recognised_as_people_say_them(text, code):
    assert words.code_of(text) == code


def test_similar_words_are_one_slip_away_and_short_words_have_none():
    near = words.similar("audit")

    assert {"audits", "adit", "aduit", "audix", "auddit"} <= set(near)
    assert "auditor" not in near
    assert words.similar("abc") == ["abc"] and words.similar("27001") == ["27001"]


def test_marks_stand_around_words_and_everything_else_is_escaped():
    said = highlight.marked("<b>Prüfung</b> & Prüfer", ["prufung"], "pruf")

    assert str(said) == "&lt;b&gt;<mark>Prüfung</mark>&lt;/b&gt; &amp; <mark>Prüfer</mark>"


def test_a_snippet_shows_the_place_of_the_first_match():
    text = "x " * 200 + "the calibration of <scales> " + "y " * 200

    said = str(highlight.snippet(text, ["calibration"]))

    assert said.startswith("… ") and said.endswith(" …") and len(said) < 300
    assert "the <mark>calibration</mark> of &lt;scales&gt;" in said
    assert highlight.snippet(text, ["nothing"]) == ""


@given(st.text(max_size=300), st.text(min_size=1, max_size=10))
def test_a_highlight_never_lets_markup_through(text, asked):
    wanted = words.of(asked)
    for said in (str(highlight.marked(text, wanted, asked)), str(highlight.snippet(text, wanted))):
        assert "<" not in said.replace("<mark>", "").replace("</mark>", "")


@pytest.mark.parametrize("key", ["soa-entry", "two words", "", "a1"])
def test_a_kind_whose_key_would_break_the_index_is_refused(key):
    with pytest.raises(ValueError, match="letters only"):
        kinds.register(kinds.Kind(key, "risks", "risks.SoaEntry", rows=list, draft=str, address=str, reach=None))
