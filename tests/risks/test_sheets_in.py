"""Reading spreadsheets: which row is the header, which column is what, what a cell says."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from core.rules import RuleBroken
from risks import sheet_columns
from risks.asset_cells import asset_names
from risks.models import Asset, ImportKind
from sheets import cells, columns, heading, values, workbook
from sheets.workbook import Sheet, column_letters, column_number
from tests.helpers import wild_sheets

SCALE = ["Rare", "Unlikely", "Moderate", "Likely", "Very high"]
COLUMNS = {column.field: column for column in sheet_columns.RISKS}
KINDS = list(ImportKind)


def sheet_of(data, name=None):
    sheets = workbook.read(data, "x.xlsx")
    return sheets[0] if name is None else next(one for one in sheets if one.name == name)


# ---- headings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", columns.LANGUAGES)
def test_the_headings_of_an_export_are_recognized_in_every_language(kind, language):
    columns = sheet_columns.of(kind)
    with translation.override(language):
        heads = tuple(str(column.label) for column in columns)
    assert len({cells.plain(one) for one in heads}) == len(heads)
    sheet = Sheet("x", [heads, tuple("" for _ in heads)])

    with translation.override("fr" if language == "de" else "de"):
        found = heading.guess(sheet, columns)

    assert found.header_row == 1
    assert found.mapping == {column.field: at for at, column in enumerate(columns) if column.is_read}


def test_titles_above_the_table_are_passed_over():
    found = heading.guess(sheet_of(wild_sheets.title_rows()), sheet_columns.RISKS)
    assert found == (5, {
        "number": 0, "title": 1, "category": 2, "owner": 3, "current_likelihood": 4, "current_consequence": 5, "review_on": 6,
    })  # fmt: skip


def test_a_heading_over_several_columns_belongs_to_each_of_them():
    found = heading.guess(sheet_of(wild_sheets.groups(), "Risiken"), sheet_columns.RISKS)
    assert found == (2, {
        "number": 0, "title": 1, "owner": 2, "inherent_likelihood": 3, "inherent_consequence": 4,
        "expected_likelihood": 6, "expected_consequence": 7,
    })  # fmt: skip


def test_consequences_in_sentences_are_a_text_and_in_numbers_a_rating():
    mapping = heading.guess(sheet_of(wild_sheets.french()), sheet_columns.RISKS).mapping
    assert mapping == {
        "number": 0, "title": 1, "owner": 2, "current_likelihood": 3, "current_consequence": 4, "review_on": 5, "outcome": 6,
    }  # fmt: skip
    rated = Sheet("x", [("Risk", "Likelihood", "Consequence"), ("Fire", 3.0, "4 - Major")])
    assert heading.guess(rated, sheet_columns.RISKS).mapping["current_consequence"] == 2


def test_a_consequence_in_few_words_is_a_text_where_another_column_rates_it():
    rows = [
        ("Risiko", "Auswirkung", "Bewertung Eintrittswahrscheinlichkeit", "Bewertung Schadensausmass"),
        ("Brand", "Ausfall aller Systeme", "2 - Selten", "5 - Sehr hoch"), ("Phishing", "Datenabfluss", "4", "4"),
    ]  # fmt: skip
    assert heading.guess(Sheet("x", rows), sheet_columns.RISKS).mapping == {
        "title": 0, "outcome": 1, "current_likelihood": 2, "current_consequence": 3,
    }  # fmt: skip


@pytest.mark.parametrize(
    "head, field",
    [
        ("Risk owner", "owner"), ("Risikoeigner", "owner"), ("Propriétaire du risque", "owner"),
        ("Wahrscheinlichkeit", "current_likelihood"), ("Eintrittswahrscheinlichkeit", "current_likelihood"),
        ("Auswirkung", "current_consequence"), ("Impact", "current_consequence"),
        ("Schadensausmass", "current_consequence"), ("Schadensausmaß (1–5)", "current_consequence"),
        ("Residual impact", "expected_consequence"), ("Impact résiduel", "expected_consequence"),
        ("Inherent Likelihood *", "inherent_likelihood"), ("Probabilité brute", "inherent_likelihood"),
        ("Bestehende Maßnahmen", "existing_controls"), ("Bedrohung", "threat"), ("RTO (h)", "rto_hours"),
        ("Nächste Überprüfung", "review_on"), ("Environmental impact", "impact"), ("Description du risque", "event"),
    ],
)  # fmt: skip
def test_headings_from_the_wild(head, field):
    sheet = Sheet("x", [("Risk", head), ("Fire", "")])
    assert heading.guess(sheet, sheet_columns.RISKS).mapping == {"title": 0, field: 1}


def test_a_sheet_without_headings_has_no_header():
    assert heading.guess(Sheet("x", [("Fire", 3.0), ("Flood", 2.0)]), sheet_columns.RISKS).header_row is None


WORDS = st.sampled_from(
    ["Risk", "Title", "Owner", "Likelihood", "Impact", "Residual impact", "Nr.", "", "Cause", "x", "1"]
)


@given(st.lists(st.lists(WORDS | st.floats(0, 9) | st.text(max_size=8), min_size=3, max_size=3).map(tuple), max_size=6))
def test_no_column_is_two_fields(rows):
    found = heading.guess(Sheet("x", rows), sheet_columns.RISKS)
    assert len(set(found.mapping.values())) == len(found.mapping)
    assert found.header_row is None or 1 <= found.header_row <= len(rows)


# ---- the file -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, says",
    [
        (wild_sheets.csv_inside, "cannot be read as an Excel workbook"),
        (wild_sheets.locked, "protected by a password"),
        (wild_sheets.cut_off, "cannot be read as an Excel workbook"),
        (wild_sheets.not_a_sheet, "cannot be read as an Excel workbook"),
        (wild_sheets.far_corners, "too large"),
        (wild_sheets.empty, "has no sheet with anything in it"),
        (lambda: b"", "cannot be read"),
    ],
)
def test_what_is_no_workbook_is_said_in_a_sentence(data, says):
    with pytest.raises(RuleBroken, match=says):
        workbook.read(data(), "risks.xlsx")


def test_formulas_give_what_they_were_last_computed_to():
    rows = sheet_of(wild_sheets.formulas()).rows
    assert rows[1] == ("Fire in the hall", 3.0, 4.0) and rows[2] == ("=1+1", "", "")


def test_formulas_that_nobody_computed_are_told_from_empty_cells():
    legend, sheet = workbook.read(wild_sheets.uncomputed(), "x.xlsx")
    assert sheet.rows[1] == ("Fire", "", "", "") and sheet.name == "R & D"
    assert sheet.uncomputed == {(1, 1), (1, 2), (1, 3), (2, 3)} and legend.uncomputed == {(0, 0)}
    assert sheet_of(wild_sheets.formulas()).uncomputed == frozenset(), "an error or an empty text is an answer"


def test_hidden_sheets_and_pictures_are_told_apart():
    assert [(one.name, one.is_hidden) for one in workbook.read(wild_sheets.hidden(), "x")] == [
        ("Lists", True),
        ("Risks", False),
    ]


@given(st.integers(0, 20_000))
def test_letters_of_columns(at):
    assert column_number(column_letters(at)) == at + 1


# ---- ratings ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value, mark",
    [
        ("5 - Very high", 5), ("very high", 5), (5.0, 5), ("5", 5), (" 5 ", 5), ("5.0", 5), ("5: Catastrophic", 5),
        ("Very high (5)", 5), ("VERY HIGH", 5), ("(4) Likely", 4), ("4/5", 4), ("2 – Unlikely", 2), ("1=Rare", 1), (3, 3),
    ],
)  # fmt: skip
def test_a_grade_by_number_and_by_name(value, mark):
    assert cells.mark(value, SCALE) == mark


@pytest.mark.parametrize(
    "value, says",
    [
        (6.0, "outside the scale: 1 Rare"), (0.0, "outside the scale"), ("often", "no grade of the scale"),
        ("2 - Very high", "says two things: here 2 is “Unlikely”"), (2.5, "no grade"), ("3/6", "another scale"),
        ("99999999999", "no grade"), ("4 5", "no grade"), (True, "no grade"), ("-", "no grade"),
    ],
)  # fmt: skip
def test_no_grade_is_guessed(value, says):
    with pytest.raises(RuleBroken, match=says):
        cells.mark(value, SCALE)


NAMES = st.lists(
    st.text(st.characters(categories=["L"]), min_size=1, max_size=12).filter(cells.plain),
    min_size=3, max_size=7, unique_by=cells.plain,
)  # fmt: skip


@given(NAMES, st.data())
def test_a_grade_that_was_written_is_read_back(scale, data):
    n = data.draw(st.integers(1, len(scale)))
    said = values.cell(COLUMNS["current_likelihood"], n, {"likelihood": scale})
    for value in (
        said,
        n,
        float(n),
        str(n),
        scale[n - 1].upper() if cells.plain(scale[n - 1].upper()) == cells.plain(scale[n - 1]) else n,
    ):
        assert cells.mark(value, scale) == n


@given(st.one_of(st.text(max_size=30), st.floats(allow_nan=False), st.booleans(), st.dates()))
def test_a_rating_is_a_grade_or_a_sentence(value):
    try:
        assert 1 <= cells.mark(value, SCALE) <= 5
    except RuleBroken as refusal:
        assert refusal.as_text.endswith(".")


# ---- dates, yes and no, lists, people -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "value",
    [
        "2026-12-31", "31.12.2026", "31/12/2026", "12/31/2026", "31-12-2026", "31. Dezember 2026", "31 déc. 2026",
        "December 31, 2026", "31st December 2026", dt.date(2026, 12, 31), dt.datetime(2026, 12, 31, 8), 46387.0,
        "2026-12-31 00:00:00", "31.12.26",
    ],
)  # fmt: skip
def test_dates_as_people_write_them(value):
    assert cells.day(value) == dt.date(2026, 12, 31)


@pytest.mark.parametrize(
    "value, says",
    [
        ("03/04/2026", "2026-04-03 or 2026-03-04"), ("31.02.2026", "no date"), ("soon", "no date"), (12.0, "no date"),
        ("Q4 2026", "no date"), ("1.1.0001", "no date"), (True, "no date"),
    ],
)  # fmt: skip
def test_a_doubtful_date_is_refused(value, says):
    with pytest.raises(RuleBroken, match=says):
        cells.day(value)


@given(st.dates(dt.date(1990, 1, 1), dt.date(2199, 12, 31)))
def test_every_date_that_is_told_apart_is_read_back(day):
    assert {cells.day(day.isoformat()), cells.day(f"{day:%d.%m.%Y}"), cells.day(day)} == {day}
    if day.day > 12 or day.day == day.month:
        assert cells.day(f"{day:%d/%m/%Y}") == day


@pytest.mark.parametrize("value", ["yes", "Ja", "OUI", "x", "X", True, 1.0, "✓", "true"])
def test_yes(value):
    assert cells.yes_no(value) is True


@pytest.mark.parametrize("value", ["no", "Nein", "non", False, 0.0, "n/a", "nicht anwendbar"])
def test_no(value):
    assert cells.yes_no(value) is False


def test_perhaps_is_neither():
    with pytest.raises(RuleBroken, match="neither yes nor no"):
        cells.yes_no("perhaps")


@pytest.mark.parametrize(
    "column", [one for kind in KINDS for one in sheet_columns.of(kind) if one.choices], ids=lambda one: one.field
)
def test_a_choice_is_read_by_its_label_in_each_language_and_by_its_key(column):
    is_many = column.sort == columns.Sort.CHOICES
    for key, label in column.choices:
        for said in (*columns.labels(label), str(key)):
            assert (cells.choices(said, column) == [key]) if is_many else (cells.choice(said, column) == key)
    keys = [key for key, _label in column.choices]
    if is_many:
        for language in columns.LANGUAGES:
            with translation.override(language):
                said = values.cell(column, keys)
            assert cells.choices(said, column) == keys
    with pytest.raises(RuleBroken, match="no choice here"):
        cells.choice("something else", column)


def test_several_are_divided_as_people_divide_them():
    column = COLUMNS["properties"]
    for said in (
        "C, I",
        "Confidentiality / Integrity",
        "Vertraulichkeit; Integrität",
        "confidentialité\nintégrité",
        "I+C",
    ):
        assert cells.choices(said, column) == ["confidentiality", "integrity"]


def person(pk, name, mail):
    return SimpleNamespace(pk=pk, name=name, email=mail)


def test_people_by_address_and_by_name():
    anna, other = person(1, "Anna Ammann", "anna@a.example"), person(2, "Béa Brun", "bea@a.example")
    twin = person(3, "Anna Ammann", "a2@a.example")
    people = cells.People.of([anna, other])
    for said in (
        "Anna Ammann",
        "ammann, anna",
        "ANNA@a.example",
        "Anna Ammann <anna@a.example>",
        "Somebody <anna@a.example>",
    ):
        assert people.named(said) is anna
    assert people.named("Bea Brun") is other
    with pytest.raises(RuleBroken, match="nobody of this project"):
        people.named("Carl")
    with pytest.raises(RuleBroken, match="c@a"):
        people.named("c@a.example")
    with pytest.raises(RuleBroken, match=r"a2@a.+, anna@a"):
        cells.People.of([anna, twin]).named("Anna Ammann")


@given(st.text(max_size=60))
def test_a_text_comes_back_as_the_register_keeps_it(text):
    kept = text.replace("\x00", "").strip()
    assert (
        cells.text(values.cell(COLUMNS["cause"], kept) or "") == kept.replace("\r\n", "\n").replace("\r", "\n").strip()
    )


def test_assets_by_number_by_name_and_what_nobody_knows():
    shop, hall = Asset(pk=1, name="Web shop"), Asset(pk=2, name="Hall A, B")
    known = {1: shop, 2: hall}, {"web shop": shop, "hall a b": hall}
    assert asset_names("AS-001 Web shop\nHall A, B", *known) == [shop, hall]
    assert asset_names("web shop; as-2; Cellar", *known) == [shop, hall, "Cellar"]
    elsewhere = asset_names("AS-001 Hall A, B\nAS-002 Cellar; B\nAS-001", *known, is_ours=False)
    assert elsewhere == [hall, "Cellar; B", shop], "the numbers of another register say less than its names"
