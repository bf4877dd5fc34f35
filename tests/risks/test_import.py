"""Spreadsheets into the registers: what a dry run says, and that all of it comes in or nothing."""

from __future__ import annotations

import datetime as dt

import pytest

from core import files
from core.rules import RuleBroken, StaleRecord
from jobs import running
from projects import sweeps
from projects.flow import NotPermitted
from projects.models import JournalEntry
from risks.models import Asset, ImportState, Rating, Risk, SheetImport, SoaEntry
from risks.selectors import sheet_import as selectors
from risks.services import asset as assets
from risks.services import risk as risks
from risks.services import sheet_import as services
from risks.services import soa as soas
from tests.factories.risks import make_asset, make_risk, make_soa, rate
from tests.helpers import wild_sheets

pytestmark = pytest.mark.django_db


@pytest.fixture
def begun(here):
    """Begins an import of rows (or of a file), with other columns or options where they are named."""

    def begin(rows, kind="risks", by=None, soa=None, columns=None, **options):
        data = rows if isinstance(rows, bytes) else wild_sheets.book(Sheet=rows)
        record = services.begin(
            project=here.project, by=by or here.manager, kind=kind, upload=wild_sheets.upload(data), soa=soa
        )
        return services.say(
            record=record, by=by or here.manager, version=record.version, sheet=record.sheet, header_row=record.header_row,
            columns=record.columns | (columns or {}), options=record.options | options,
        )  # fmt: skip

    return begin


@pytest.fixture
def done(here, begun):
    """The same, carried out; the plan."""

    def carry_out(rows, *args, **kwargs):
        record = begun(rows, *args, **kwargs)
        plan = selectors.plan(record)
        assert not plan.obstacles
        assert [one.text for line in plan.lines for one in line.problems] == []
        return services.run(record=record, by=here.manager, digest=plan.digest)

    return carry_out


def problems(record):
    return [(one.place, one.heading, one.text) for line in selectors.plan(record).lines for one in line.problems]


def counts(plan):
    return {str(action): n for action, n in plan.counts.items()}


@pytest.fixture
def olga(here):
    here.owner.name, here.owner.email = "Olga Owner", "owner@acme.example"
    here.owner.save()
    return here.owner


# ---- risks --------------------------------------------------------------------------------------------------------


def test_a_register_from_the_wild_comes_in_as_it_is(here, edition, olga, done):
    before = Rating.objects.count()

    plan = done(wild_sheets.title_rows())

    assert counts(plan) == {"create": 3, "skipped": 1}
    found = list(Risk.objects.order_by("number"))
    assert [(one.label, one.title, one.category, one.owner, one.status) for one in found] == [
        ("R-001", "Fire in the server room", "Sites", olga, "assessed"),
        ("R-002", "Flood", "Sites", olga, "assessed"),
        ("R-003", "Phishing", "People", olga, "assessed"),
    ]
    assert [(one.current_likelihood, one.current_consequence, one.review_on) for one in found] == [
        (4, 5, dt.date(2026, 12, 31)), (2, 5, dt.date(2026, 12, 31)), (5, 3, dt.date(2026, 12, 31)),
    ]  # fmt: skip
    assert all(
        one.current_level == edition.criteria.matrix[one.current_likelihood - 1][one.current_consequence - 1]
        for one in found
    )
    ratings = list(Rating.objects.order_by("pk"))[before:]
    assert [(one.reason, one.rated_by, one.edition) for one in ratings] == [
        (f"Imported from risks.xlsx, row {row}", here.manager, edition) for row in (6, 7, 9)
    ]
    assert [one.history.count() for one in found] == [1, 1, 1]
    assert [one.history.get().history_user_id for one in found] == [here.manager.pk] * 3


def test_what_comes_in_says_in_the_journal_what_a_form_would_have_said(here, edition, olga, done):
    done([["Title", "Risk owner", "Likelihood", "Impact"], ["Fire", olga.email, 3, 4]])
    by_import = entries_of(Risk.objects.get())
    by_hand = make_risk(here.project, here.manager, title="Fire", owner=olga)
    rate(by_hand, here.manager, 3, 4, reason="Imported from risks.xlsx, row 2")

    assert sorted(by_import) == sorted(entries_of(by_hand))
    imported, hand = (Risk.objects.get(number=n) for n in (1, 2))
    for name in ("status", "review_on", "current_level", "edition_id", "owner_id", "facts", "is_open"):
        assert getattr(imported, name) == getattr(hand, name), name
    assert JournalEntry.objects.get(action="risks.imported").changes == {
        "file": "risks.xlsx", "kind": "Risks and opportunities", "created": 1, "changed": 0,
    }  # fmt: skip


def entries_of(risk):
    rows = JournalEntry.objects.filter(target_kind="risks.risk", target_id=risk.pk)
    return [(one.action, str(one.changes), one.reason, one.actor_id) for one in rows]


def test_headings_over_two_rows_and_two_ratings(here, edition, olga, done):
    done(wild_sheets.groups())
    risk = Risk.objects.get()
    assert (risk.title, risk.owner, risk.inherent_likelihood, risk.inherent_consequence) == ("Brand", olga, 4, 5)
    assert (risk.expected_likelihood, risk.expected_consequence, risk.current_likelihood) == (2, 3, None)


def test_french_headings_and_a_hidden_sheet_in_front(here, edition, olga, done):
    done(wild_sheets.french())
    risk = Risk.objects.get()
    assert (risk.title, risk.current_likelihood, risk.review_on) == ("Panne de courant", 3, dt.date(2027, 1, 31))
    assert risk.outcome == "La production s'arrête pendant des heures."
    done(wild_sheets.hidden())
    assert Risk.objects.get(number=2).cause == "An open door"


def test_formulas_that_were_never_computed_keep_the_sheet_out(here, edition, begun):
    """Else the ratings they hold would be lost without a word; a column that nobody reads is no reason."""
    plan = selectors.plan(begun(wild_sheets.uncomputed()))
    assert plan.obstacles == [
        "Sheet “R & D”: the formulas in B2, C2 were never computed, so nobody knows what they say. Open the file in Excel or "
        "LibreOffice, save it, and choose it again."
    ]
    assert not plan.may_run


def test_a_register_that_only_describes_its_risks_comes_in(here, edition, done):
    long = "The supplier of the sterile film goes out of business. Nobody else delivers it within three months, " * 2
    plan = done(
        [["Risk description", "Likelihood", "Impact"], ["Fire in the  hall", 3, 4], [long, 2, 2], [None, None, None]]
    )

    assert counts(plan) == {"create": 2}
    assert list(Risk.objects.order_by("number").values_list("title", "event")) == [
        ("Fire in the hall", ""), ("The supplier of the sterile film goes out of business", long.strip()),
    ]  # fmt: skip


def test_a_dry_run_writes_nothing_and_says_what_each_row_would_do(here, edition, olga, begun):
    kept = make_risk(here.project, here.manager, title="Fire", cause="Old", owner=olga)
    same = make_risk(here.project, here.manager, title="Flood", cause="Rain")
    entries = JournalEntry.objects.count()

    plan = selectors.plan(begun([
        ["Number", "Title", "Cause"], ["R-001", "Fire!", "New"], ["R-002", "Flood", "Rain"], [None, "Theft", None],
        [None, "Fire", None],
    ]))  # fmt: skip

    assert [(line.row, line.action, line.label) for line in plan.lines] == [
        (2, "change", "R-001"), (3, "same", "R-002"), (4, "create", ""), (5, "create", ""),
    ]  # fmt: skip
    assert [(str(one.column.label), one.old_text, one.new_text) for one in plan.lines[0].changes] == [
        ("Title", "Fire", "Fire!"), ("Cause", "Old", "New"),
    ]  # fmt: skip
    assert plan.lines[3].notes == ["R-001 has the same title: is it the same?"]
    assert JournalEntry.objects.count() == entries
    kept.refresh_from_db()
    assert (kept.cause, same.cause, Risk.objects.count()) == ("Old", "Rain", 2)


def test_a_change_comes_in_by_its_number(here, edition, olga, done):
    risk = make_risk(here.project, here.manager, title="Fire", cause="Old", owner=here.manager, discipline="ohs",
                     facts={"hazard": "Heat", "harm": "Burns"})  # fmt: skip
    rate(risk, here.manager, 2, 2, reason="Workshop")
    hall = make_asset(here.project, here.manager, name="Hall")
    make_asset(here.project, here.manager, name="Roof")

    done([
        ["Number", "Risk owner", "Hazard", "Current likelihood", "Current consequence", "Assets"],
        ["R-001", "Olga Owner", "Open fire", 4, None, "AS-001\nroof"],
    ])  # fmt: skip

    risk.refresh_from_db()
    assert (risk.owner, risk.facts, risk.cause) == (olga, {"hazard": "Open fire", "harm": "Burns"}, "Old")
    assert (risk.current_likelihood, risk.current_consequence) == (4, 2)
    assert [one.asset.name for one in risk.asset_links.select_related("asset")] == ["Hall", "Roof"]
    assert list(Rating.objects.filter(risk=risk).order_by("pk").values_list("likelihood", "reason")) == [
        (2, "Workshop"), (4, "Imported from risks.xlsx, row 2"),
    ]  # fmt: skip
    assert hall.risks.get() == risk


@pytest.mark.parametrize(
    "rows, places",
    [
        ([["Title", "Likelihood", "Impact"], ["Fire", 9, 3]], [("B2", "Likelihood", "outside the scale")]),
        ([["Title", "Likelihood", "Impact"], ["Fire", 3, None]], [("B2", "Likelihood", "is missing")]),
        ([["Title", "Risk owner"], ["Fire", "Nobody Known"]], [("B2", "Risk owner", "“Nobody Known” is nobody")]),
        ([["Title", "Risk owner"], ["Fire", "who@acme.example"]], [("B2", "Risk owner", "who@acme.example")]),
        ([["Title", "Next review"], ["Fire", "03/04/2026"]], [("B2", "Next review", "day/month or month/day")]),
        ([["Title", "Discipline"], ["Fire", "Astrology"]], [("B2", "Discipline", "Possible: General")]),
        ([["Title", "Threat", "Discipline"], ["Fire", "Hackers", "Records"]], [("B2", "Threat", "no question of “Records”")]),
        ([["Title", "MTPD (hours)", "RTO (hours)", "Discipline"], ["Fire", 4, 8, "bcm"]], [("C2", "RTO (hours)", "longer")]),
        ([["Title", "Assets"], ["Fire", "Cellar"]], [("B2", "Assets", "“Cellar” is no asset")]),
        ([["Title", "Category"], ["Fire", "x" * 81]], [("B2", "Category", "81 characters; at most 80")]),
        ([["Title", "Cause", "Event", "Category"], [None, "a", "b", "c"]], [("A2", "Title", "needs a title")]),
        ([["Number", "Title"], ["R-009", "Fire"], ["R-010", "Flood"]],
         [("A2", "Number", "no R-009"), ("A3", "Number", "no R-010")]),
    ],
)  # fmt: skip
def test_what_cannot_come_in_is_said_with_its_cell(here, edition, begun, rows, places):
    found = problems(begun(rows))
    assert [(place, head) for place, head, _text in found] == [(place, head) for place, head, _text in places]
    for (_p, _h, text), (_place, _head, part) in zip(found, places, strict=True):
        assert part in text


def test_two_people_of_the_same_name_are_not_guessed(here, edition, olga, begun):
    here.staff.name = "Olga Owner"
    here.staff.save()
    ((_place, _head, text),) = problems(begun([["Title", "Risk owner"], ["Fire", "Olga Owner"]]))
    assert "could be" in text and olga.email in text and here.staff.email in text


def test_the_same_number_twice_is_refused(here, edition, begun):
    make_risk(here.project, here.manager)
    found = problems(begun([["Number", "Title"], ["R-001", "Fire"], ["R-001", "Flood"]]))
    assert [place for place, *_rest in found] == ["A2", "A3"] and "several rows" in found[0][2]


def test_numbers_of_another_list_are_nobodys_here(here, edition, done):
    make_risk(here.project, here.manager, title="Ours")
    done([["No.", "Title"], [1, "Theirs"]])
    assert list(Risk.objects.order_by("number").values_list("title", flat=True)) == ["Ours", "Theirs"]


def test_a_late_bad_row_leaves_nothing(here, edition, begun, monkeypatch):
    make_risk(here.project, here.manager, title="Fire")
    record = begun([["Number", "Title"], [None, "Theft"], ["R-001", "Flood"]], match=True)
    before = JournalEntry.objects.count()

    def refuse(**_kwargs):
        raise RuleBroken("not today")

    monkeypatch.setattr(risks, "change", refuse)
    with pytest.raises(RuleBroken, match="Row 3: not today"):
        services.run(record=record, by=here.manager, digest=selectors.plan(record).digest)

    assert list(Risk.objects.values_list("title", flat=True)) == ["Fire"]
    assert JournalEntry.objects.count() == before
    assert selectors.one(here.project, record.pk).state == ImportState.OPEN


def test_a_refused_row_keeps_every_row_out(here, edition, begun):
    record = begun([["Title", "Likelihood", "Impact"], ["Good", 2, 2], ["Bad", 9, 9]])
    plan = selectors.plan(record)
    assert counts(plan) == {"create": 1, "refused": 1} and not plan.may_run
    with pytest.raises(RuleBroken, match="look at the check"):
        services.run(record=record, by=here.manager, digest=plan.digest)
    assert not Risk.objects.exists()


def test_a_register_that_changed_since_the_check_is_checked_again(here, edition, begun):
    risk = make_risk(here.project, here.manager, title="Fire", cause="Old")
    record = begun([["Number", "Title", "Cause"], ["R-001", "Fire", "From the sheet"]])
    digest = selectors.plan(record).digest
    risks.change(risk=risk, by=here.manager, version=1, values={"cause": "Typed meanwhile"})

    with pytest.raises(StaleRecord, match="changed since the check"):
        services.run(record=record, by=here.manager, digest=digest)

    risk.refresh_from_db()
    assert risk.cause == "Typed meanwhile"
    services.run(record=record, by=here.manager, digest=selectors.plan(record).digest)
    risk.refresh_from_db()
    assert risk.cause == "From the sheet"


def test_columns_said_twice_at_once_are_not_overwritten(here, edition, begun):
    record = begun([["Title", "Cause"], ["Fire", "Wind"]])
    say = {"sheet": record.sheet, "header_row": 1, "columns": {"title": 0}, "options": {}}
    with pytest.raises(StaleRecord, match="somebody else"):
        services.say(record=record, by=here.manager, version=1, **say)
    with pytest.raises(RuleBroken, match="“Title”"):
        services.say(record=record, by=here.manager, version=record.version, **say | {"columns": {"cause": 1}})
    with pytest.raises(RuleBroken, match="same column"):
        services.say(
            record=record, by=here.manager, version=record.version, **say | {"columns": {"cause": 0, "title": 0}}
        )


def test_without_criteria_ratings_stay_out_and_the_rest_may_come(here, begun, done):
    rows = [["Title", "Likelihood", "Impact"], ["Fire", 3, 3]]
    plan = selectors.plan(begun(rows))
    assert len(plan.obstacles) == 1 and "approved the risk criteria" in plan.obstacles[0] and not plan.may_run
    done([["Title", "Cause"], ["Fire", "Wind"]])
    assert Risk.objects.get().status == "draft"


def test_empty_cells_leave_what_is_there_unless_they_are_to_empty_it(here, edition, begun, done):
    make_risk(here.project, here.manager, title="Fire", cause="Wind", category="Sites")
    rows = [["Number", "Title", "Cause", "Category"], ["R-001", None, None, "Halls"]]
    done(rows)
    assert Risk.objects.values_list("title", "cause", "category").get() == ("Fire", "Wind", "Halls")
    done(rows, empties=True)
    assert Risk.objects.values_list("title", "cause", "category").get() == ("Fire", "", "Halls")


def test_unknown_assets_come_in_with_the_risks_when_ticked(here, edition, done):
    make_asset(here.project, here.manager, name="Hall")
    plan = done([["Title", "Assets"], ["Fire", "Hall; Cellar"], ["Flood", "cellar"]], new_assets=True)
    assert plan.also_new == ["Cellar"]
    assert list(Asset.objects.order_by("number").values_list("name", flat=True)) == ["Hall", "Cellar"]
    assert [sorted(one.assets.values_list("name", flat=True)) for one in Risk.objects.order_by("number")] == [
        ["Cellar", "Hall"], ["Cellar"],
    ]  # fmt: skip


def test_a_closed_risk_is_not_rated_by_a_sheet(here, edition, begun):
    risk = make_risk(here.project, here.manager)
    risks.move(risk=risk, name="close", by=here.manager, reason="Gone")
    ((_place, _head, text),) = problems(begun([["Number", "Likelihood", "Impact"], ["R-001", 3, 3]]))
    assert "R-001 is closed" in text


def test_more_than_five_thousand_rows_are_said_to_be_too_many(here, edition, begun):
    plan = selectors.plan(begun([["Title"], *([f"Risk {n}"] for n in range(5001))]))
    assert plan.lines == [] and "5001 rows; at most 5000" in plan.obstacles[0]


def test_only_who_manages_risks_imports(here, edition, begun, olga):
    upload = wild_sheets.upload(wild_sheets.title_rows())
    for person in (olga, here.auditor, here.staff, here.stranger):
        with pytest.raises(NotPermitted):
            services.begin(project=here.project, by=person, kind="risks", upload=upload)
    record = begun([["Title"], ["Fire"]])
    digest = selectors.plan(record).digest
    for person in (olga, here.stranger):
        with pytest.raises(NotPermitted):
            services.run(record=record, by=person, digest=digest)
        with pytest.raises(NotPermitted):
            services.drop(record=record, by=person)
    assert not Risk.objects.exists()


def test_many_rows_are_the_work_of_a_job(here, edition, begun):
    record = begun([["Title", "Likelihood", "Impact"], *([f"Risk {n}", 1 + n % 5, 3] for n in range(400))])
    digest = selectors.plan(record).digest
    job = services.ask(record=record, by=here.manager, digest=digest, language="de")
    assert services.ask(record=record, by=here.manager, digest=digest, language="de").pk == job.pk

    assert running.run(job.pk) == "done"

    job.refresh_from_db()
    assert Risk.objects.count() == 400 and job.result["url"].endswith(f"/import/{record.pk}/check/")
    assert selectors.one(here.project, record.pk).result["created"] == 400


def test_a_job_whose_register_changed_fails_with_the_reason(here, edition, begun):
    make_risk(here.project, here.manager, title="Fire")
    record = begun([["Number", "Title"], ["R-001", "Flood"]])
    job = services.ask(record=record, by=here.manager, digest="0" * 64, language="en")
    assert running.run(job.pk) == "failed"
    job.refresh_from_db()
    assert "changed since the check" in job.reason and Risk.objects.get().title == "Fire"


# ---- assets, statements, control sets -----------------------------------------------------------------------------


def test_assets_are_found_by_number_or_by_name(here, olga, done):
    make_asset(here.project, here.manager, name="Web shop", kind="software")
    plan = done([
        ["Asset", "Typ", "Eigentümer", "Vertraulichkeit", "C", "Verfügbarkeit"],
        ["Web Shop", "Software", "Olga Owner", "hoch", None, "4 - Very high"], ["Hall", "Standort", None, 2, None, None],
    ], kind="assets")  # fmt: skip
    assert counts(plan) == {"change": 1, "create": 1}
    shop, hall = Asset.objects.order_by("number")
    assert (shop.name, shop.owner, shop.confidentiality, shop.availability) == ("Web Shop", olga, 3, 4)
    assert (hall.label, hall.kind, hall.confidentiality) == ("AS-002", "site", 2)
    assert hall.history.count() == 1


def test_a_statement_is_answered_by_the_number_of_its_controls(here, olga, done, begun):
    soa = make_soa(here.project, here.manager)
    first = soa.entries.get(ref="C.1")
    soas.answer(entry=first, by=here.manager, version=1, values={"is_applicable": True, "reasons": ["legal"]})
    rows = [
        ["Control", "Title", "Applicable?", "Reason for inclusion", "Justification", "Implementation status", "Owner", "Due date"],
        ["People controls"],
        ["C.1", "Control 1", "Yes", "Legal requirement", None, "Implemented", "Olga Owner", "31.12.2026"],
        ["C.2", "Control 2", "nein", None, "Not used here", None, None, None],
        ["C.3", "Control 3", "x", "Risk treatment, contract", None, "geplant", None, None],
    ]  # fmt: skip
    plan = done(rows, kind="soa", soa=soa)

    assert counts(plan) == {"skipped": 1, "change": 3}
    found = {one.ref: one for one in SoaEntry.objects.filter(soa=soa)}
    assert (found["C.1"].status, found["C.1"].owner, found["C.1"].target_on) == (
        "implemented",
        olga,
        dt.date(2026, 12, 31),
    )
    assert (found["C.2"].is_applicable, found["C.2"].status, found["C.2"].justification) == (
        False,
        "not_applicable",
        "Not used here",
    )
    assert found["C.3"].reasons == ["risk_treatment", "contractual"]
    assert found["C.4"].is_applicable is None
    again = selectors.plan(begun(rows, kind="soa", soa=soa))
    assert counts(again) == {"skipped": 1, "same": 3}


def test_two_columns_of_justifications_are_one_text(here, done):
    soa = make_soa(here.project, here.manager)
    done([
        ["Control", "Applicable (Y/N)", "Justification for exclusion", "Justification for inclusion", "Status"],
        ["C.1", "Y", None, "The law asks for it", "partially implemented"],
        ["C.2", "N", "Nobody works from home", None, "N/A"],
        ["C.3", "N", "No software is made", "left over from last year", None],
    ], kind="soa", soa=soa)  # fmt: skip

    assert list(soa.entries.order_by("position").values_list("justification", "status")[:3]) == [
        ("The law asks for it", "in_progress"), ("Nobody works from home", "not_applicable"), ("No software is made", "not_applicable"),
    ]  # fmt: skip


def test_a_control_that_the_statement_does_not_have_is_refused(here, begun):
    soa = make_soa(here.project, here.manager)
    rows = [["Control no.", "Applicable"], ["C.1", "yes"], ["Z.9", "yes"], ["C.1", "no"], ["C.2", "perhaps"]]
    found = problems(begun(rows, kind="soa", soa=soa))
    assert [place for place, *_rest in found] == ["A3", "A4", "B5"]
    with pytest.raises(RuleBroken, match="Choose the statement"):
        services.begin(
            project=here.project, by=here.manager, kind="soa", upload=wild_sheets.upload(wild_sheets.french())
        )


def test_an_own_control_set_begins_a_statement(here, done, begun):
    rows = [
        ["Our controls", None], [], ["No.", "Control", "Chapter", "Purpose"], ["P", None],
        ["P.1", "Lock the door", "Sites", "Nobody walks in"], ["P.2", "Look after guests", "Sites", None],
    ]  # fmt: skip
    done(rows, kind="control_set", name="Site rules")
    record = SheetImport.objects.get(state=ImportState.DONE)
    assert record.soa.name == "Site rules"
    assert list(record.soa.entries.values_list("ref", "title", "theme", "intent")) == [
        ("P.1", "Lock the door", "Sites", "Nobody walks in"), ("P.2", "Look after guests", "Sites", ""),
    ]  # fmt: skip
    plan = selectors.plan(begun(rows, kind="control_set", name="site rules"))
    assert "already" in plan.obstacles[0] and not plan.may_run


# ---- the file -----------------------------------------------------------------------------------------------------


def test_the_file_is_kept_while_it_is_needed_and_swept_afterwards(here, edition, begun, settings):
    record = begun([["Title"], ["Fire"]])
    key = {"organization_id": record.organization_id, "sha256": record.sha256, "folder": "imports"}
    assert files.opened(**key).read(2) == b"PK"
    assert selectors.is_named(record.organization_id, record.sha256)
    services.drop(record=record, by=here.manager)
    assert not selectors.is_named(record.organization_id, record.sha256)
    assert selectors.sweep in sweeps.also
    with pytest.raises(RuleBroken, match="over"):
        services.run(record=record, by=here.manager, digest="")


def test_an_asset_of_the_same_name_that_is_retired_is_not_brought_back(here, done):
    asset = make_asset(here.project, here.manager, name="Old server")
    assets.retire(asset=asset, by=here.manager, reason="Sold")
    plan = done([["Asset", "Type"], ["Old server", "Hardware"]], kind="assets")
    assert counts(plan) == {"create": 1} and Asset.objects.count() == 2
