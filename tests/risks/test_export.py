"""Registers out to Excel, and in again: every field comes back as it went, in every language."""

from __future__ import annotations

import datetime as dt
import io
from types import SimpleNamespace

import openpyxl
import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import files
from jobs import running
from projects import sweeps
from projects.permissions import Role
from risks import exporting, profiles, sheet_columns, sheet_values
from risks.models import Asset, AssetKind, ImportKind, Risk
from risks.profiles import Discipline
from risks.selectors import sheet_import as selectors
from risks.services import asset as assets
from risks.services import risk as risks
from risks.services import sheet_import as services
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_asset, make_edition, make_risk, rate
from tests.helpers import wild_sheets
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db

LANGUAGES = ("en", "de", "fr")
HOSTILE = (
    '=HYPERLINK("http://evil.example","click")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "'quoted", "\"double\"", "_x0041_",
    "line one\nline two\r\nthree", "ünïcödé 漢字 🔥 שלום", "x" * 200, "5", "5.0", "TRUE", "2026-12-31", "1e5", "#N/A", "&lt;b&gt;",
    "a;b,c|d", "AS-001", "R-001", "not applicable", "%d {} {{ x }}", "\u2028sep", "ﬁ ligature", "  inner   spaces  ",
)  # fmt: skip


def export(here, kind="risks", by=None, **wanted):
    defaults = {"status": "all"} if kind == "risks" else {"state": "all"}
    return exporting.workbook(here.project, kind, defaults | wanted, [], user=by or here.manager)[0]


def back(here, data, kind="risks", **options):
    """The dry run of a file, with the columns as they were guessed."""
    record = services.begin(project=here.project, by=here.manager, kind=kind, upload=wild_sheets.upload(data))
    record = services.say(
        record=record, by=here.manager, version=record.version, sheet=record.sheet, header_row=record.header_row,
        columns=record.columns, options=record.options | options,
    )  # fmt: skip
    return record, selectors.plan(record)


def differences(plan):
    found = [(line.label, one.column.field, one.old_text, one.new_text) for line in plan.lines for one in line.changes]
    return found + [(line.label, one.place, one.heading, one.text) for line in plan.lines for one in line.problems]


def facts_of(discipline, text):
    found = {}
    for fact in profiles.of(discipline).facts:
        if fact.is_hours:
            found[fact.key] = 12
        elif fact.is_many:
            found[fact.key] = [key for key, _label in fact.choices]
        else:
            found[fact.key] = fact.choices[-1][0] if fact.choices else text
    return found


@pytest.fixture
def full(here, edition):
    """A risk of every discipline with every field, and of every hostile text; assets; one closed, one owner who left."""
    hall, shop, cellar = (
        make_asset(here.project, here.manager, name=name) for name in ("Hall A; B, C", "=1+1", "AS-001")
    )
    assets.retire(asset=cellar, by=here.manager, reason="Sold")
    for n, discipline in enumerate(Discipline):
        text = HOSTILE[n]
        risk = make_risk(
            here.project, here.manager, title=f"{text} {n}", discipline=discipline, cause=text, event=text, outcome=text,
            category=text[:70], existing_controls=text, owner=here.owner, facts=facts_of(discipline, text),
            assets=[hall, shop, cellar][: n % 4], review_on=dt.date(2027, 1, 1 + n),
        )  # fmt: skip
        for kind, mark in (("inherent", 5), ("current", 1 + n % 5), ("expected", 1)):
            rate(risk, here.manager, mark, 6 - mark, kind=kind, reason="Workshop")
    number = len(Discipline)
    kept = [
        risks.checked(here.project, None, {"title": text, "cause": text, "event": text * 3, "category": text[:80]})
        for text in HOSTILE
    ]
    owned = {"organization_id": here.project.organization_id, "project": here.project}
    Risk.objects.bulk_create(Risk(**owned, number=n, **values) for n, values in enumerate(kept, start=number + 1))
    gone = Risk.objects.get(number=2)
    risks.move(risk=gone, name="close", by=here.manager, reason="Over")
    left = Risk.objects.get(number=3)
    Risk.objects.filter(pk=left.pk).update(owner=make_user(name="Lea Left"))
    return here


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_went_out_comes_in_without_a_difference(full, language):
    with translation.override(language):
        data = export(full)
    with translation.override("de" if language == "fr" else "fr"):
        record, plan = back(full, data)
        emptied = back(full, data, empties=True)[1]

    assert set(record.columns) == {column.field for column in sheet_columns.RISKS if column.is_read}
    assert record.options["match"] is True
    assert differences(plan) == [] and plan.obstacles == []
    assert dict(plan.counts) == {"same": Risk.objects.count()}
    assert differences(emptied) == []


def test_each_field_that_is_read_is_written_and_seen_when_it_changes(full):
    """No field is left alone by both sides: a change of each of them shows up under its own name, and nothing else does."""
    data = export(full)
    expected = set()

    def change(number, **values):
        """Behind the back of the sheet: `values` are fields of the risk, `facts` what its discipline asks."""
        risk = Risk.objects.get(number=number)
        facts = values.pop("facts", {})
        Risk.objects.filter(number=number).update(**values, facts=risk.facts | facts)
        expected.update((risk.label, name) for name in (*values, *facts))

    other = make_asset(full.project, full.manager, name="Other")
    texts = ("title", "category", "cause", "event", "outcome", "existing_controls")
    change(4, **dict.fromkeys(texts, "Other"), owner=full.boss, review_on=dt.date(2030, 1, 1))
    marks = Risk.objects.values(*sheet_columns.MARKS).get(number=5)
    change(5, **{name: 3 if marks[name] != 3 else 2 for name in sheet_columns.MARKS})
    change(8, discipline="opportunity")
    risks.change(
        risk=Risk.objects.get(number=6), by=full.manager, version=Risk.objects.get(number=6).version, values={}, assets=[other]
    )  # fmt: skip
    expected.add(("R-006", "assets"))
    for number, discipline in enumerate(Discipline, start=1):
        asked = profiles.of(discipline).facts
        change(number, facts={
            fact.key: 11 if fact.is_hours else [fact.choices[0][0]] if fact.is_many else fact.choices[0][0] if fact.choices else "Other"
            for fact in asked
        })  # fmt: skip

    plan = back(full, data)[1]

    assert {(line.label, one.column.field) for line in plan.lines for one in line.changes} == expected
    assert [line.problems for line in plan.lines if line.problems] == [] == plan.obstacles
    read = {column.field for column in sheet_columns.RISKS if column.is_read} - {"number"}
    assert {field for _label, field in expected} == read


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(data=st.data())
def test_no_text_is_changed_on_its_way(here, edition, data):
    """Whatever a form would have kept comes back: hostile beginnings, control characters, ends of lines, any script."""
    if not Risk.objects.filter(project=here.project).exists():
        make_risk(here.project, here.manager, owner=here.owner, discipline="information_security")
    start = data.draw(st.sampled_from(["", "=", "+", "-", "@", "'", "\t", "\r\n", "_x000D_"]))
    kept = risks.checked(here.project, None, {
        "title": (start + data.draw(TEXTS)).strip()[:200] or "x", "cause": start + data.draw(TEXTS),
        "category": data.draw(TEXTS)[:80], "existing_controls": data.draw(TEXTS),
        "discipline": "information_security", "facts": {"threat": start + data.draw(TEXTS)},
    })  # fmt: skip
    if not kept["title"]:
        return
    Risk.objects.filter(project=here.project).update(**kept)

    assert differences(back(here, export(here))[1]) == []


def test_a_cell_that_looks_like_a_formula_is_a_text(full):
    sheet = openpyxl.load_workbook(io.BytesIO(export(full))).worksheets[0]
    heads = [cell.value for cell in sheet[1]]
    cells = [
        cell
        for row in sheet.iter_rows(min_row=2)
        for cell in row
        if isinstance(cell.value, str) and cell.value[:1] in "=+-@"
    ]
    assert len(cells) > 10
    assert {cell.data_type for cell in cells} == {"s"}
    assert heads[:3] == ["Number", "Title", "Discipline"]
    about = openpyxl.load_workbook(io.BytesIO(export(full))).worksheets[1]
    assert about.title == "About" and about["B2"].value == full.project.name


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_inventory_comes_back_too(here, language):
    for n, text in enumerate(HOSTILE):
        make_asset(
            here.project, here.manager, name=f"{text[:150]} {n}", kind=AssetKind.values[n % 9], description=text * 2,
            owner=here.owner if n % 2 else None, confidentiality=n % 4 + 1 if n % 3 else None, integrity=n % 4 + 1, availability=None,
        )  # fmt: skip
    assets.retire(asset=Asset.objects.get(number=1), by=here.manager, reason="Sold")
    with translation.override(language):
        data = export(here, "assets")
    record, plan = back(here, data, "assets")
    assert set(record.columns) == {column.field for column in sheet_columns.ASSETS if column.is_read}
    assert differences(plan) == [] and dict(plan.counts) == {"same": len(HOSTILE)}


def test_an_export_is_changed_in_excel_and_comes_in(full):
    book = openpyxl.load_workbook(io.BytesIO(export(full)))
    sheet = book.worksheets[0]
    heads = {cell.value: cell.column for cell in sheet[1]}
    sheet.cell(2, heads["Category"]).value = "New category"
    at = sheet.max_row + 1
    sheet.cell(at, heads["Title"]).value = "Added in Excel"
    sheet.cell(at, heads["Current likelihood"]).value = 3
    sheet.cell(at, heads["Current consequence"]).value = "4 - Major"
    out = io.BytesIO()
    book.save(out)
    last = Risk.objects.order_by("-number").first().number

    record, plan = back(full, out.getvalue())
    services.run(record=record, by=full.manager, digest=plan.digest)

    assert {str(k): v for k, v in plan.counts.items()} == {"change": 1, "create": 1, "same": last - 1}
    assert Risk.objects.get(number=1).category == "New category"
    added = Risk.objects.get(number=last + 1)
    assert (added.title, added.current_likelihood, added.current_consequence) == ("Added in Excel", 3, 4)


def test_a_register_comes_into_an_empty_project_as_it_was(here, edition):
    """Every field is made anew from the sheet alone, whatever the other project calls AS-001."""
    there = SimpleNamespace(project=make_project(), manager=here.manager)
    for person, role in (
        (here.manager, Role.PROJECT_MANAGER),
        (here.boss, Role.TOP_MANAGEMENT),
        (here.owner, Role.RISK_OWNER),
    ):
        grant(person, role, there.project)
    make_edition(there.project, here.manager, here.boss)
    make_asset(there.project, here.manager, name="Something else")
    hall, shop = (
        make_asset(here.project, here.manager, name=name, owner=here.owner) for name in ("Hall A; B, C", "=1+1")
    )
    for n, discipline in enumerate(Discipline):
        risk = make_risk(
            here.project, here.manager, title=f"{HOSTILE[n]} {n}", discipline=discipline, cause=HOSTILE[n], event=HOSTILE[-n],
            outcome="Harm", category="Area", existing_controls="Lock", owner=here.owner,
            facts=facts_of(discipline, HOSTILE[n]), assets=[hall, shop][: n % 3],
        )  # fmt: skip
        for kind, mark in (("inherent", 5), ("current", 1 + n % 5), ("expected", 1)):
            rate(risk, here.manager, mark, 6 - mark, kind=kind)

    for kind in ("assets", "risks"):
        record, plan = back(there, export(here, kind), kind, match=False)
        assert differences(plan)[0] and not [line.problems for line in plan.lines if line.problems]
        services.run(record=record, by=here.manager, digest=plan.digest)

    def told(project):
        return [
            {
                name: [one.name for one in value] if name == "assets" else value
                for name, value in sheet_values.of_risk(risk, sorted(risk.assets.all(), key=str)).items()
            }
            for risk in Risk.objects.filter(project=project).order_by("number")
        ]

    assert told(there.project) == told(here.project)
    assert list(Asset.objects.filter(project=there.project).values_list("name", "owner__name").order_by("number"))[1:] == [
        ("Hall A; B, C", "Owner"), ("=1+1", "Owner"),
    ]  # fmt: skip


def test_a_mark_of_older_criteria_comes_back_as_it_went(full):
    Risk.objects.filter(number=1).update(current_likelihood=7, current_consequence=7)
    assert differences(back(full, export(full))[1]) == []


def test_the_filters_of_the_list_are_those_of_the_file(full):
    sheet = openpyxl.load_workbook(io.BytesIO(export(full, status="", discipline="ohs"))).worksheets[0]
    assert sheet.max_row == 2 and sheet["C2"].value == "OH&S hazard"


@pytest.mark.parametrize("count", [1, 60])
def test_the_price_of_an_export_does_not_grow(here, edition, count):
    Risk.objects.bulk_create(
        Risk(organization_id=here.project.organization_id, project=here.project, number=n, title=f"No {n}") for n in range(1, count + 1)
    )  # fmt: skip
    with queries(8):
        export(here)


def test_a_long_register_is_written_by_a_job(full):
    job = exporting.ask(
        project=full.project,
        by=full.auditor,
        kind=ImportKind.RISKS,
        wanted={"status": "all"},
        language="de",
        said=["Status: Alle"],
    )
    assert running.run(job.pk) == "done"
    job.refresh_from_db()
    stored = files.opened(organization_id=job.organization_id, sha256=job.result["sha256"], folder="exports").read()
    sheet = openpyxl.load_workbook(io.BytesIO(stored)).worksheets[0]
    assert sheet.max_row == Risk.objects.count() + 1 == job.result["rows"] + 1
    assert exporting.is_named(job.organization_id, job.result["sha256"]) and exporting.sweep in sweeps.also
