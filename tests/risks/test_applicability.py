"""The arithmetic of the Statement of Applicability: whatever is edited, the totals are the list. No database."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from core import canonical
from risks import applicability as soa
from risks.applicability import Facts, Row, Statement, Use
from risks.models import Implementation, Reason

WORKABLE = [status for status in Implementation if status != Implementation.NOT_APPLICABLE]
uses = st.builds(
    Use, st.sampled_from(["TR-001", "TR-002"]), st.sampled_from(["R-001", "R-002"]), st.booleans(), st.booleans()
)
reasons = st.lists(st.sampled_from(Reason.values), unique=True, max_size=3).map(tuple)
words = st.text(max_size=12) | st.sampled_from(
    ["Zu\u0308rich", "\ufa2a"]
)  # letters with two forms, one of which is frozen


@st.composite
def rows(draw, number="A.1"):
    applicable = draw(st.sampled_from([True, False, None]))
    used = tuple(draw(st.lists(uses, max_size=3)))
    return Row(
        number, draw(st.sampled_from(["Policies", "Access"])), draw(st.sampled_from(["People", "Technology", ""])), applicable,
        draw(reasons), soa.derived_reasons(Facts(used)), draw(st.sampled_from(["", " ", "Because."])),
        Implementation.NOT_APPLICABLE if applicable is False else draw(st.sampled_from(WORKABLE)), draw(words),
        draw(st.none() | st.dates(dt.date(2020, 1, 1), dt.date(2040, 1, 1))),
        tuple(dict.fromkeys(use.treatment for use in used if not use.is_cancelled)), uses=used,
    )  # fmt: skip


@st.composite
def statements(draw, most=6):
    size = draw(st.integers(0, most))
    return Statement("Set", tuple(draw(rows(f"C.{n}")) for n in range(size)))


def adds_up(statement):
    totals, n = statement.totals, len(statement.rows)
    assert totals.whole.total == totals.whole.applicable + totals.whole.excluded + totals.whole.unanswered == n
    assert sum(theme.total for theme in totals.themes) == n
    assert sum(count for _key, _words, count in totals.whole.in_order) == n
    for name in ("applicable", "excluded", "unanswered", "implemented"):
        assert sum(getattr(theme, name) for theme in totals.themes) == getattr(totals.whole, name)
    with_reason = sum(bool(row.reasons) for row in statement.rows if row.applicable)
    assert with_reason + totals.without_reason == totals.whole.applicable
    assert all(count <= with_reason for count in totals.reasons.values())


@given(statements(), st.data())
def test_totals_equal_the_list_after_any_sequence_of_edits(statement, data):
    adds_up(statement)
    for _n in range(data.draw(st.integers(0, 4))):
        if not statement.rows:
            break
        at = data.draw(st.integers(0, len(statement.rows) - 1))
        edited = data.draw(rows(statement.rows[at].number))
        statement = Statement("Set", (*statement.rows[:at], edited, *statement.rows[at + 1 :]))
        adds_up(statement)


@given(st.lists(uses, max_size=5), st.lists(st.sampled_from(Reason.values), max_size=3))
def test_a_treatment_that_is_not_cancelled_gives_the_reason_and_nothing_else_does(used, obligations):
    found = soa.derived_reasons(Facts(tuple(used), tuple(obligations)))

    assert (Reason.RISK_TREATMENT in found) == (
        any(not use.is_cancelled for use in used) or Reason.RISK_TREATMENT in obligations
    )
    assert set(found) - {Reason.RISK_TREATMENT} == set(obligations) - {Reason.RISK_TREATMENT}
    assert list(found) == [one for one in Reason.values if one in found]


@given(rows())
@settings(deadline=None)
def test_effective_reasons_are_the_chosen_and_the_derived_and_an_excluded_row_has_none(row):
    if row.applicable is False:
        assert row.reasons == () and soa.cells(row)["reasons"] == soa.cells(row)["derived_reasons"] == ""
    else:
        assert set(row.reasons) == set(row.chosen) | set(row.derived)
        assert {words for words, alone in soa.said_reasons(row) if alone} == {
            str(Reason(one).label) for one in set(row.derived) - set(row.chosen)
        }


@given(rows())
@settings(deadline=None)
def test_a_row_is_at_fault_exactly_when_a_rule_says_so(row):
    codes = {one.code for one in soa.findings_of(row)}
    used = [use for use in row.uses if not use.is_cancelled]

    assert (soa.OPEN in codes) == (row.applicable is None)
    assert (soa.UNJUSTIFIED in codes) == (row.applicable is False and not row.justification.strip())
    assert (soa.WITHOUT_REASON in codes) == (row.applicable is True and not row.chosen and not used)
    assert (soa.USED in codes) == (row.applicable is False and bool(used))
    assert (soa.OUTDATED in codes) == (row.applicable is not False and any(use.is_stale for use in used))
    assert all(one.number == row.number and row.number in one.says for one in soa.findings_of(row))


@given(statements())
@settings(deadline=None)
def test_findings_are_grouped_without_losing_one(statement):
    grouped = soa.grouped(statement.findings)

    assert sorted(one for _code, some, _says in grouped for one in some) == sorted(statement.findings)
    assert all(says and str(some[0].number) in says for _code, some, says in grouped)


@given(statements())
@settings(deadline=None)
def test_what_was_frozen_reads_as_it_did(statement):
    kept = canonical.plain(soa.snapshot(statement))
    again = soa.of_snapshot(kept)

    assert [soa.cells(row) for row in again.rows] == [soa.cells(row) for row in statement.rows]
    assert soa.compared(again, statement) == [] == soa.compared(statement, again)
    assert again.totals.whole == statement.totals.whole


@given(statements())
@settings(deadline=None)
def test_what_is_frozen_is_the_same_in_every_language(statement):
    texts = set()
    for language in ("en", "de", "fr"):
        with translation.override(language):
            texts.add(canonical.text(soa.snapshot(statement)))
    assert len(texts) == 1


def test_a_comparison_names_each_row_and_cell_once():
    old = Statement("Set", (Row("C.1", "Gone"), Row("C.2", "Stays", applicable=True), Row("C.3", "Same")))
    new = Statement("Set", (Row("C.2", "Stays", applicable=False, status="not_applicable", justification="Not needed."),
                            Row("C.3", "Same"), Row("C.4", "New")))  # fmt: skip

    found = soa.compared(old, new)

    assert [(one.kind, one.number) for one in found] == [("changed", "C.2"), ("new", "C.4"), ("gone", "C.1")]
    assert [(cell.label, cell.before, cell.after) for cell in found[0].cells] == [
        ("Applicable", "Yes", "No"), ("Justification", "", "Not needed."), ("Implementation", "Not started", "Not applicable"),
    ]  # fmt: skip
    assert not found[0].is_progress


@pytest.mark.parametrize(
    "change, is_progress",
    [({"status": "implemented"}, True), ({"owner": "Lea", "target_on": dt.date(2027, 1, 1)}, True),
     ({"tasks": ("T-001",)}, True), ({"derived": ("risk_treatment",)}, True), ({"justification": "Anew."}, False),
     ({"status": "planned", "chosen": ("legal",)}, False)],
)  # fmt: skip
def test_work_that_moves_on_is_told_from_another_selection(change, is_progress):
    row = Row("C.1", "Control", applicable=True, chosen=("baseline",))
    (found,) = soa.compared(Statement("S", (row,)), Statement("S", (replace(row, **change),)))
    assert found.is_progress is is_progress


class Record:
    def __init__(self, owner_id=None, attributes=None):
        self.owner_id, self.attributes = owner_id, attributes or {}


@pytest.mark.parametrize(
    "wanted, numbers",
    [
        ({}, "C.1 C.2 C.3"), ({"q": "lock"}, "C.1"), ({"q": "c.2"}, "C.2"), ({"theme": "Doors"}, "C.1 C.2"),
        ({"selection": "applicable"}, "C.1"), ({"selection": "excluded"}, "C.2"), ({"selection": "unanswered"}, "C.3"),
        ({"status": "implemented"}, "C.1"), ({"status": "unanswered"}, "C.3"), ({"reason": "legal"}, "C.1"),
        ({"reason": "none"}, ""), ({"owner": "me"}, "C.1"), ({"owner": "none"}, "C.2 C.3"), ({"owner": "8"}, ""),
        ({"attribute": "type:preventive"}, "C.1"), ({"findings": True}, "C.2 C.3"),
    ],
)  # fmt: skip
def test_filters_leave_over_what_they_say(wanted, numbers):
    statement = Statement("S", (
        Row("C.1", "Lock", "Doors", True, ("legal",), status="implemented",
            record=Record(7, {"type": ["preventive"]})),
        Row("C.2", "Bell", "Doors", False, status="not_applicable", record=Record()),
        Row("C.3", "Light", "Lamps", None, record=Record()),
    ))  # fmt: skip
    assert [row.number for row in soa.narrowed(statement, wanted, me=7)] == numbers.split()
