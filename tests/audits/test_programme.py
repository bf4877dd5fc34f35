"""The audit programme: what may stand in it, how often follows from risk, who approves it, and what it covers."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audits import pictures
from audits.coverage import Asked, Due, State, cell
from audits.frequency import Basis, propose
from audits.models import Every, Programme
from audits.selectors import coverage, frequency
from audits.selectors import programme as selectors
from audits.services import programme as services
from core.rules import RuleBroken, StaleRecord
from improvement.services import nonconformity as nonconformities
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from tests.factories.audits import (
    Cast,
    approve,
    bring_to,
    clause,
    fresh,
    make_audit,
    make_line,
    make_place,
    make_programme,
    make_standard,
)
from tests.factories.improvement import make_nonconformity
from tests.factories.projects import grant, make_user
from tests.factories.risks import make_asset, make_edition, make_risk, rate
from tests.helpers.budget import count_queries

TODAY = dt.date(2026, 5, 1)


@pytest.fixture
def cast(db):
    return Cast()


# ---- writing ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values, says",
    [
        ({"title": ""}, "a name"),
        ({"ends_on": dt.date(2026, 6, 1)}, "one to three years"),
        ({"ends_on": dt.date(2029, 1, 1)}, "one to three years"),
        ({"starts_on": None}, "from when to when"),
    ],
)
def test_a_programme_that_cannot_be_is_refused_with_a_sentence(cast, values, says):
    with pytest.raises(RuleBroken, match=says):
        make_programme(cast.project, cast.manager, **values)


@pytest.mark.parametrize("ends_on", [dt.date(2026, 12, 31), dt.date(2028, 12, 31)])
def test_a_programme_runs_for_one_to_three_years(cast, ends_on):
    assert make_programme(cast.project, cast.manager, ends_on=ends_on).label == "AP-001"


def test_only_who_manages_the_programme_writes_it(cast):
    programme = make_programme(cast.project, cast.manager)
    for person in (cast.owner, cast.staff, cast.management, cast.certifier, make_user(is_superuser=True)):
        for write in (
            lambda by: make_programme(cast.project, by),
            lambda by: make_line(programme, by, [cast.standard]),
            lambda by: services.change(programme=programme, by=by, version=1, values={"title": "X"}),
            lambda by: services.move(programme=programme, name="close", by=by, reason="So"),
        ):
            with pytest.raises(NotPermitted):
                write(person)
    assert list(Programme.objects.values_list("title", "version")) == [(programme.title, 1)]


def test_a_line_says_what_against_what_how_often_and_why(cast):
    programme = make_programme(cast.project, cast.manager)
    for more, says in (
        ({"subject": ""}, "what is audited"),
        ({"reason": " "}, "why that often"),
        ({"every_months": 5}, "how often"),
        ({"first_on": dt.date(2027, 1, 1)}, "within the programme"),
        ({"standards": []}, "at least one standard"),
        ({"item": make_place(Cast().project)}, "this project's scope"),
    ):
        standards = more.pop("standards", [cast.standard])
        with pytest.raises(RuleBroken, match=says):
            make_line(programme, cast.manager, standards, **more)
    place = make_place(cast.project)
    line = make_line(programme, cast.manager, [cast.standard], [clause(cast.standard, "8.4")], subject="", item=place)
    assert (line.subject, line.next_on) == ("Purchasing", programme.starts_on)
    assert selectors.lines_of(programme)[0].criteria == ["ISO TEST 1: 8.4"]
    place.delete()
    line.refresh_from_db()
    assert (line.subject, line.item) == ("Purchasing", None), "the words stay when the item goes"


def test_a_newer_save_of_programme_or_line_is_not_overwritten(cast):
    programme = make_programme(cast.project, cast.manager)
    line = make_line(programme, cast.manager, [cast.standard])
    services.change_line(line=line, by=cast.manager, version=1, values={"reason": "New risks"})
    with pytest.raises(StaleRecord):
        services.change_line(line=line, by=cast.lead, version=1, values={"reason": "Old habit"})
    with pytest.raises(StaleRecord):
        services.change(programme=programme, by=cast.lead, version=1, values={"title": "Late"})
    told = JournalEntry.objects.get(action="programme.line_changed").changes
    assert told["reason"] == ["Because of its risks", "New risks"]


def test_a_line_that_an_audit_does_stays(cast):
    programme = make_programme(cast.project, cast.manager)
    line = make_line(programme, cast.manager, [cast.standard])
    audit = make_audit(cast.project, cast.manager, standards=[cast.standard], lines=[line])
    with pytest.raises(RuleBroken, match=f"{audit.label} was planned from this line"):
        services.remove_line(line=line, by=cast.manager)
    services.remove_line(line=make_line(programme, cast.manager, [cast.standard]), by=cast.manager)
    assert list(programme.lines.all()) == [line]


# ---- approval and end ---------------------------------------------------------------------------------------------


def test_top_management_approves_and_a_change_makes_it_a_draft_again(cast):
    programme = make_programme(cast.project, cast.manager)
    with pytest.raises(RuleBroken, match="Nothing is audited yet"):
        approve(programme, by=cast.lead, decider=cast.management)
    line = make_line(programme, cast.manager, [cast.standard])
    programme = approve(programme, by=cast.lead, decider=cast.management)
    assert programme.status == "approved"
    assert JournalEntry.objects.filter(action="programme.approved").get().changes == {"edition": 1}

    services.change_line(line=line, by=cast.manager, version=line.version, values={"every_months": 6})
    assert fresh(programme).status == "draft"
    assert JournalEntry.objects.filter(action="programme.redrafted").exists()


def test_who_wrote_the_programme_does_not_approve_it(cast):
    grant(cast.manager, Role.TOP_MANAGEMENT, cast.project)
    programme = make_programme(cast.project, cast.manager)
    make_line(programme, cast.manager, [cast.standard])
    with pytest.raises(RuleBroken, match="somebody else has to decide"):
        approve(programme, by=cast.lead, decider=cast.manager)


def test_a_programme_is_closed_when_none_of_its_audits_is_open_a_superuser_included(cast):
    chief = make_user(name="Chief", is_superuser=True)
    grant(chief, Role.AUDITOR, cast.project)
    programme = make_programme(cast.project, cast.manager)
    line = make_line(programme, cast.manager, [cast.standard])
    audit = make_audit(cast.project, cast.manager, standards=[cast.standard], lines=[line])
    with pytest.raises(RuleBroken, match="needs a reason"):
        services.move(programme=programme, name="close", by=cast.manager)
    for person in (cast.manager, chief):
        with pytest.raises(RuleBroken, match=f"{audit.label} of this programme is not finished"):
            services.move(programme=programme, name="close", by=person, reason="So")
    bring_to(audit, "closed", by=cast.manager, lead=cast.lead)
    closed = services.move(programme=programme, name="close", by=cast.manager, reason="The year is over")
    assert (closed.status, closed.is_open) == ("closed", False)
    with pytest.raises(RuleBroken, match="no longer possible"):
        services.move(programme=closed, name="close", by=cast.manager, reason="Again")
    with pytest.raises(RuleBroken, match="is closed: reopen it"):
        make_line(closed, cast.manager, [cast.standard])
    line.refresh_from_db()
    assert line.next_on is None, "nothing is due by a programme that is closed"
    assert services.move(programme=closed, name="reopen", by=cast.manager, reason="Mistake").status == "draft"


# ---- how often ----------------------------------------------------------------------------------------------------


@given(
    st.integers(0, 4), st.integers(0, 4), st.integers(0, 5), st.integers(0, 5), st.one_of(st.none(), st.integers(0, 40))
)
def test_more_risk_and_more_found_never_means_less_often(low, high, few, more, months):
    low, high, few, more = min(low, high), max(low, high), min(few, more), max(few, more)
    calm = Basis(low, 5, "x", 1, few, min(few, 1), months)
    tense = Basis(high, 5, "x", 1, more, min(more, 1), months)
    assert propose(tense).every <= propose(calm).every


@pytest.mark.parametrize(
    "basis, every",
    [
        (Basis(4, 5, "High", 2, 1, 1, 3), Every.QUARTER),
        (Basis(4, 5, "High", 2), Every.HALF_YEAR),
        (Basis(0, 5, "Low", 2, 0, 0, 6), Every.TWO_YEARS),
        (Basis(0, 5, "Low", 2), Every.YEAR),
        (Basis(), Every.YEAR),
    ],
)
def test_how_often_follows_from_risk_and_results(basis, every):
    assert propose(basis).every == every
    assert propose(basis).reason


def test_what_is_known_of_a_process_is_read_from_the_registers(cast):
    place, other = make_place(cast.project), make_place(cast.project, "Hall 2", "site")
    make_edition(cast.project, cast.manager, cast.management)
    asset = make_asset(cast.project, cast.manager, kind="process", name="purchasing", owner=cast.owner)
    risk = make_risk(cast.project, cast.manager, owner=cast.owner, assets=[asset])
    rate(risk, cast.manager, 5, 5)
    wrong = make_nonconformity(cast.project, cast.manager, process="Purchasing", detected_on=dt.date(2026, 4, 1))
    nonconformities.change(
        record=wrong, by=cast.manager, version=wrong.version, values={"owner": cast.owner, "grade": "major"}
    )
    known = frequency.bases(cast.project, TODAY)
    assert (known[place.pk].risks, known[place.pk].nonconformities, known[place.pk].majors) == (1, 1, 1)
    assert known[place.pk].height == 1.0 and known[place.pk].audited_months is None
    assert known[other.pk] == Basis(levels=known[place.pk].levels)
    rows = frequency.proposals(cast.project, TODAY)
    assert [(item.name, proposal.every) for item, _basis, proposal in rows] == [
        ("Purchasing", Every.QUARTER), ("Hall 2", Every.YEAR),
    ]  # fmt: skip


# ---- coverage -----------------------------------------------------------------------------------------------------

DAY = dt.date(2026, 1, 10)
NINE, TWENTY_SEVEN = Asked(1, "7.5", "ISO 9001", True), Asked(2, "7.5", "ISO 27001", True)
ADDS = Asked(3, "7.5", "ISO 14001", False)


@pytest.mark.parametrize(
    "clauses, days, dues, state",
    [
        ([NINE], {}, [], State.NEVER),
        ([NINE], {1: DAY}, [], State.DONE),
        ([NINE, TWENTY_SEVEN], {1: DAY}, [], State.DONE),
        ([NINE, ADDS], {1: DAY}, [], State.PARTLY),
        ([NINE], {}, [Due(frozenset({1}), None, dt.date(2026, 6, 1))], State.PLANNED),
        ([NINE], {1: DAY}, [Due(frozenset({1}), None, dt.date(2026, 4, 1))], State.OVERDUE),
        ([NINE], {}, [Due(frozenset({1}), None, dt.date(2026, 4, 1)), Due(frozenset({1}), None, dt.date(2026, 6, 1), True)], State.PLANNED),
        ([NINE], {}, [Due(frozenset({9}), None, dt.date(2026, 4, 1))], State.NEVER),
    ],
)  # fmt: skip
def test_a_cell_says_what_is_so(clauses, days, dues, state):
    assert cell(clauses, days, dues, TODAY).state == state


@given(st.dictionaries(st.integers(1, 3), st.dates(dt.date(2025, 1, 1), TODAY)))
def test_one_audit_more_never_makes_a_cell_worse(days):
    clauses = [NINE, TWENTY_SEVEN, ADDS]
    before = cell(clauses, days, [], TODAY)
    for pk in (1, 2, 3):
        after = cell(clauses, days | {pk: TODAY}, [], TODAY)
        assert before.state == State.NEVER or set(after.missing) <= set(before.missing)
        assert before.state == State.NEVER or after.state <= before.state


def test_the_grid_shows_done_planned_overdue_and_never(cast):
    other = make_standard("iso-test-2", cast.project)
    purchasing, sales = make_place(cast.project), make_place(cast.project, "Sales")
    programme = make_programme(cast.project, cast.manager)
    make_line(programme, cast.manager, [cast.standard], [clause(cast.standard, "8")], item=purchasing)
    make_line(programme, cast.manager, [other], [clause(other, "8.4")], item=sales, first_on=dt.date(2026, 9, 1))
    audit = cast.audit(standards=[cast.standard], clauses=[clause(cast.standard, "7.5")], items=[purchasing])
    bring_to(audit, "reported", by=cast.manager, lead=cast.lead)

    grid = coverage.of_project(cast.project, TODAY)
    states = {
        (row.ref, row.codes[0], column.name): one.state.name
        for row in grid.rows
        for column, one in zip(grid.columns, row.cells, strict=True)
    }
    assert [column.name for column in grid.columns] == ["Purchasing", "Sales"]
    assert states["7.5", "ISO TEST 1", "Purchasing"] == "DONE", "identical: credited to both standards"
    assert states["7.5", "ISO TEST 1", "Sales"] == "NEVER"
    assert states["8.4", "ISO TEST 1", "Purchasing"] == "OVERDUE", "a heading covers what lies under it"
    assert states["8.4", "ISO TEST 2", "Sales"] == "PLANNED"
    assert grid.total == sum(grid.counted.values()) == len(states)

    first = count_queries(lambda: coverage.of_project(cast.project, TODAY))
    for n in range(3):
        make_line(programme, cast.manager, [cast.standard], subject=f"Supplier {n}")
        cast.audit(items=[make_place(cast.project, f"Hall {n}", "site")])
    assert count_queries(lambda: coverage.of_project(cast.project, TODAY)) == first <= 12


def test_the_grid_of_a_programme_counts_the_audits_that_do_its_lines(cast, client):
    purchasing = make_place(cast.project)
    clauses = {"clauses": [clause(cast.standard, "7.5")], "items": [purchasing]}
    programme, other = (make_programme(cast.project, cast.manager) for _n in range(2))
    line = make_line(programme, cast.manager, [cast.standard], item=purchasing)
    bring_to(cast.audit(**clauses), "reported", by=cast.manager, lead=cast.lead)
    cast.audit(**{**clauses, "clauses": [clause(cast.standard, "4.1")]}, ends_on=dt.date(2026, 12, 1))
    elsewhere = cast.audit(**clauses, lines=[make_line(other, cast.manager, [cast.standard], item=purchasing)])
    bring_to(elsewhere, "reported", by=cast.manager, lead=cast.lead)

    def audited(*chosen):
        grid = coverage.of_project(cast.project, TODAY, *chosen)
        return {row.ref for row in grid.rows for one in row.cells if one.last_on}

    assert audited(programme) == set(), "none of these does a line of it"
    assert audited(other) == audited() == {"7.5"}
    assert coverage.others_of(programme) == 3 and coverage.others_of(other) == 2

    own = cast.audit(**{**clauses, "clauses": [clause(cast.standard, "8.4")]}, lines=[line])
    bring_to(own, "reported", by=cast.manager, lead=cast.lead)
    assert audited(programme) == {"8.4"} and audited() == {"7.5", "8.4"}
    client.force_login(cast.manager, backend="accounts.backends.Backend")
    page = client.get(f"{programme.get_absolute_url()}?tab=coverage").content.decode()
    assert "3 other audits of the project are not counted here" in page
    assert count_queries(lambda: coverage.of_project(cast.project, TODAY, programme)) <= 12


def test_the_grid_on_paper_is_cut_into_sheets_that_hold_every_requirement_once():
    columns = [coverage.Column(n, f"Place {n}") for n in range(9)]
    rows = [coverage.Row(f"8.{n}", f"Title {n}", ["ISO 9001"], [cell([], {}, [], TODAY)] * 9) for n in range(75)]
    sheets = pictures.coverage_sheets(coverage.Grid(columns, rows, {}), id="x")
    assert len(sheets) > 1 and len({sheet.split('id="')[-1] for sheet in sheets}) == len(sheets)
    drawn = [int(ref) for sheet in sheets for ref in re.findall(r">8\.(\d+)</text>", sheet)]
    assert drawn == list(range(75))
    for sheet in sheets:
        width, height = (float(part) for part in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', sheet).groups())
        assert height / width <= 130 / 257
