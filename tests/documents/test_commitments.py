"""What policies commit to: read whole, true to the standards, merged as one checklist."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings

from documents import commitments
from pdca.models import Clause, MandatoryDocument
from tests.factories.pdca import written

FILE = Path(settings.ROOT) / commitments.FILE
CURRENT = [
    "ISO 9001:2026", "ISO 14001:2026", "ISO 45001:2018", "ISO/IEC 27001:2022", "ISO 22301:2019",
    "ISO/IEC 20000-1:2018", "ISO 50001:2018", "ISO 30301:2019", "ISO 37301:2021", "ISO/IEC 42001:2023",
]  # fmt: skip


def test_every_standard_with_a_policy_is_there_and_every_clause_exists(catalogue):
    wanted = MandatoryDocument.objects.filter(group__slug="policy").values_list("standard__code", flat=True)
    clauses = set(Clause.objects.filter(is_leaf=True).values_list("standard__code", "ref"))

    assert set(commitments.standards()) == set(wanted)
    assert [
        str(one) for row in commitments.every() for one in row.asked_by if (one.standard, one.ref) not in clauses
    ] == []
    assert {one.ref[:3] for row in commitments.every() for one in row.asked_by} == {"5.2"}


def test_what_the_shared_structure_asks_is_asked_by_every_standard():
    shared = [one for one in commitments.every() if one.hs]

    assert len(shared) == 6
    for one in shared:
        assert {asker.standard for asker in one.asked_by} == set(commitments.standards())


def test_one_row_serves_every_standard_that_asks_the_same():
    rows = commitments.rows(["ISO 14001:2026", "ISO 9001:2026"])
    improving = next(row for row in rows if row.slug == "improves-continually")
    protecting = next(row for row in rows if row.slug == "protects-the-environment")

    assert [str(one) for one in improving.asked_by] == ["ISO 9001:2026 5.2", "ISO 14001:2026 5.2"]
    assert improving.is_shared
    assert [str(one) for one in protecting.asked_by] == ["ISO 14001:2026 5.2"]
    assert not protecting.is_shared
    assert [row.slug for row in rows] == [one.slug for one in commitments.every() if one.slug in {r.slug for r in rows}]


@pytest.mark.parametrize(
    ("codes", "separate", "merged"),
    [
        ([], 0, 0),
        (["ISO/IEC 27001:2022"], 6, 6),
        (["ISO 9001:2026"], 8, 8),
        (["ISO 9001:2026", "ISO 14001:2026", "ISO 45001:2018"], 28, 16),
        (CURRENT, 84, 30),
        (["ISO 9002:1994"], 0, 0),
    ],
)
def test_commitments_are_counted_with_and_without_integration(codes, separate, merged):
    assert commitments.counts(codes) == commitments.Counts(separate=separate, merged=merged)


def test_a_commitment_is_one_sentence_in_three_languages():
    for one in commitments.every():
        for language in commitments.LANGUAGES:
            text = one.asks(language)
            assert text.endswith("."), text
            assert text.count(". ") == 0, text
        assert len({one.asks(language) for language in commitments.LANGUAGES}) == 3
        assert one.asks("it") == one.asks("en")


GOOD = """commitments:
- slug: improves
  hs: "5.2"
  asks: {en: "Improve.", de: "Verbessern.", fr: "Améliorer."}
  asked_by:
  - {standard: "ISO 9001:2026", ref: "5.2"}
- slug: protects
  asks: {en: "Protect.", de: "Schützen.", fr: "Protéger."}
  asked_by:
  - {standard: "ISO 14001:2026", ref: "5.2"}
"""


def faults_of(tmp_path, text):
    (path,) = written(tmp_path, commitments=text)
    with pytest.raises(commitments.CommitmentsFaulty) as refused:
        commitments.read(path)
    return [f"{fault.place.line}: {fault.message}" for fault in refused.value.faults]


def test_a_good_file_is_read(tmp_path):
    (path,) = written(tmp_path, commitments=GOOD)

    assert [(one.slug, one.hs, one.asks("de")) for one in commitments.read(path)] == [
        ("improves", "5.2", "Verbessern."),
        ("protects", "", "Schützen."),
    ]


FAULTS = [
    ("slug: protects", "slug: improves", "7: the commitment improves stands here twice; the first is in line 2."),
    (
        "slug: protects",
        "slug: Pro tects",
        "7: commitment Pro tects: 'slug' may hold small letters, digits and - only, not 'Pro tects'.",
    ),
    (', fr: "Protéger."', "", "8: commitment protects, asks: 'fr' is missing."),
    ("asks: {", 'asks: {it: "x", ', "8: commitment protects, asks: 'it' is not a known key."),
    ("  asks: {en", "  aks: {en", "2: commitment improves: 'asks' is missing."),
    (
        "ISO 14001:2026",
        "Annex SL",
        "10: commitment protects: 'Annex SL' is not the code of a standard, such as 'ISO 9001:2026'.",
    ),
    (
        'asked_by:\n  - {standard: "ISO 14001:2026", ref: "5.2"}',
        "asked_by: []",
        "9: commitment protects: no standard asks for it.",
    ),
    (
        '"ISO 14001:2026", ref: "5.2"}',
        '"ISO 14001:2026", ref: "5.2"}\n  - {standard: "ISO 14001:2026", ref: "5.3"}',
        "11: commitment protects: ISO 14001:2026 is named twice.",
    ),
    (
        'ref: "5.2"}\n- slug: protects',
        "ref: 5.2}\n- slug: protects",
        "6: commitment improves: 'ref' must be text (in quotes), not a number.",
    ),
    ("commitments:", "comitments:", "1: the file: 'commitments' is missing."),
]


@pytest.mark.parametrize(("old", "new", "fault"), FAULTS)
def test_a_fault_is_named_with_its_line(tmp_path, old, new, fault):
    assert old in GOOD

    assert fault in faults_of(tmp_path, GOOD.replace(old, new))


def test_all_faults_are_named_at_once(tmp_path):
    text = GOOD.replace("slug: improves", "slug: Im").replace("ISO 14001:2026", "EMAS")

    assert [fault.split(":")[0] for fault in faults_of(tmp_path, text)] == ["2", "10"]
