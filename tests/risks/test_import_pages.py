"""The pages of an import and an export: file, columns, check, done; who may, what a bad file hears, what it costs."""

from __future__ import annotations

import io
import re
from html import unescape

import openpyxl
import pytest

from projects.models import Project
from risks.models import ImportState, Risk, SheetImport
from risks.services import risk as risks
from risks.services import sheet_import as services
from tests.factories.risks import make_asset, make_risk, make_soa
from tests.helpers import wild_sheets
from tests.helpers.bad_files import BAD_FILES
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db

ROWS = [
    ["Risk register"],
    [],
    ["No.", "Risk", "Cause", "Likelihood", "Impact"],
    [1, "Fire", "Wind", "4 - Likely", 5],
    [2, "Flood", "Rain", 2, 2],
]


def said(answer):
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(answer.content.decode())).split())


def digest_of(answer):
    return re.search(r'name="digest" value="(\w+)"', answer.content.decode())[1]


@pytest.fixture
def client(here, client_of):
    return client_of(here.manager)


@pytest.fixture
def record(here):
    return services.begin(
        project=here.project, by=here.manager, kind="risks", upload=wild_sheets.upload(wild_sheets.book(Sheet=ROWS))
    )


def fields_of(record, **more):
    """What the page of the columns would post."""
    found = {f"column_{name}": str(at) for name, at in record.columns.items()}
    return found | {
        "version": record.version, "sheet": record.sheet, "header_row": record.header_row, "discipline": "general", **more,
    }  # fmt: skip


def test_the_whole_way_of_a_spreadsheet(here, edition, client, url):
    page = client.get(url("import-begin"))
    once = re.search(r'name="once" value="([^"]+)"', page.content.decode())[1]
    upload = wild_sheets.upload(wild_sheets.book(Notes=[["hello"]], Register=ROWS), "my risks.xlsx")
    answer = client.post(url("import-begin"), {"kind": "risks", "file": upload, "once": once})
    record = SheetImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, url("import-mapping", pk=record.pk))
    assert (record.sheet, record.header_row) == ("Register", 3)

    page = client.get(url("import-mapping", pk=record.pk))
    assert "4 - Likely" in said(page) and "2 rows below the headings" in said(page)
    answer = client.post(url("import-mapping", pk=record.pk), fields_of(record))
    assert (answer.status_code, answer["Location"]) == (303, url("import-check", pk=record.pk))

    page = client.get(url("import-check", pk=record.pk))
    assert "2 rows would be written, all or nothing" in said(page)
    assert not Risk.objects.exists()
    answer = client.post(url("import-run", pk=record.pk), {"digest": digest_of(page), "writes": 2})
    assert (answer.status_code, answer["Location"]) == (303, url("import-check", pk=record.pk))
    assert list(Risk.objects.order_by("number").values_list("title", "current_likelihood")) == [
        ("Fire", 4),
        ("Flood", 2),
    ]

    page = client.get(answer["Location"])
    assert "Go to the register" in said(page) and "New 2 Changed 0" in said(page)
    assert client.get(url("import-mapping", pk=record.pk)).status_code == 302
    again = client.post(url("import-run", pk=record.pk), {"digest": "x", "writes": 2})
    assert again.status_code == 303 and Risk.objects.count() == 2


def test_the_same_form_twice_begins_one_import(here, client, url):
    once = re.search(r'name="once" value="([^"]+)"', client.get(url("import-begin")).content.decode())[1]
    places = {
        client.post(url("import-begin"), {"kind": "risks", "file": wild_sheets.upload(wild_sheets.book(S=ROWS)), "once": once})["Location"]
        for _ in range(2)
    }  # fmt: skip
    assert len(places) == 1 and SheetImport.objects.count() == 1


@pytest.mark.parametrize("bad", BAD_FILES, ids=str)
def test_a_bad_file_hears_what_is_wrong_with_it(here, client, url, bad, settings):
    bad.prepare(settings)
    answer = bad.post(client, url("import-begin"), "file", kind="risks")
    assert (answer.status_code, bad.sentence in unescape(answer.content.decode())) == (422, True)
    assert not SheetImport.objects.exists()


@pytest.mark.parametrize(
    "data, name, says",
    [
        (wild_sheets.csv_inside, "risks.xlsx", "is not a XLSX file, whatever its name says"),
        (wild_sheets.csv_inside, "risks.csv", "is no Excel workbook"),
        (wild_sheets.locked, "risks.xlsx", "protected by a password"),
        (wild_sheets.locked, "risks.xls", "old Excel format"),
        (wild_sheets.cut_off, "risks.xlsx", "damaged"),
        (wild_sheets.not_a_sheet, "risks.xlsx", "cannot be read as an Excel workbook"),
        (wild_sheets.far_corners, "risks.xlsx", "too large"),
        (wild_sheets.empty, "risks.xlsx", "no sheet with anything in it"),
    ],
)
def test_what_is_no_workbook_is_refused_in_a_sentence(here, client, url, data, name, says):
    answer = client.post(url("import-begin"), {"kind": "assets", "file": wild_sheets.upload(data(), name)})
    assert answer.status_code == 422 and says in said(answer)
    assert 'value="assets" selected' in answer.content.decode()
    assert not SheetImport.objects.exists()


def test_another_sheet_and_another_row_are_shown_before_they_are_said(here, client, url, record):
    page = client.get(url("import-mapping", pk=record.pk), {"sheet": "Sheet", "header_row": "4"})
    assert "1 row below the headings" in said(page)
    record.refresh_from_db()
    assert record.header_row == 3
    for odd in ({"sheet": "none"}, {"header_row": "99999999"}, {"header_row": "x"}, {"sheet": "\x00"}):
        assert client.get(url("import-mapping", pk=record.pk), odd).status_code == 200


def test_columns_that_cannot_be_keep_what_was_chosen(here, client, url, record):
    answer = client.post(url("import-mapping", pk=record.pk), fields_of(record, column_title="", column_category="1"))
    assert answer.status_code == 422 and "Choose the column for “Title”" in said(answer)
    body = answer.content.decode()
    assert re.search(r'id="id_column_category".*?value="1" selected', body, re.DOTALL)
    twice = client.post(url("import-mapping", pk=record.pk), fields_of(record, column_category="1"))
    assert twice.status_code == 422 and "same column" in said(twice)
    stale = client.post(url("import-mapping", pk=record.pk), fields_of(record, version=9))
    assert stale.status_code == 422 and "somebody else" in said(stale)


def test_refused_rows_come_first_with_their_cell(here, edition, client, url):
    rows = [*ROWS, [3, "Bad", None, "often", 5]]
    record = services.begin(
        project=here.project, by=here.manager, kind="risks", upload=wild_sheets.upload(wild_sheets.book(S=rows))
    )
    page = client.get(url("import-check", pk=record.pk))
    assert "D6 Likelihood: “often” is no grade of the scale" in said(page)
    assert "1 row cannot come in, so nothing is imported" in said(page) and "Fire" not in said(page)
    assert "Fire" in said(client.get(url("import-check", pk=record.pk), {"show": "all"}))
    answer = client.post(url("import-run", pk=record.pk), {"digest": "0", "writes": "2"})
    assert answer.status_code == 422 and not Risk.objects.exists()


def test_what_changed_since_the_check_is_checked_again(here, edition, client, url):
    risk = make_risk(here.project, here.manager, title="Fire", cause="Old")
    rows = [["Number", "Title", "Cause"], ["R-001", "Fire", "Sheet"]]
    record = services.begin(
        project=here.project, by=here.manager, kind="risks", upload=wild_sheets.upload(wild_sheets.book(S=rows))
    )
    digest = digest_of(client.get(url("import-check", pk=record.pk)))
    risks.change(risk=risk, by=here.manager, version=1, values={"cause": "Typed meanwhile"})

    answer = client.post(url("import-run", pk=record.pk), {"digest": digest, "writes": "1"})

    assert answer.status_code == 422 and "changed since the check" in said(answer)
    assert "Typed meanwhile" in said(answer) and "Sheet" in said(answer)
    assert client.post(url("import-run", pk=record.pk), {"digest": digest_of(answer), "writes": "1"}).status_code == 303


def test_many_rows_lead_to_their_job(here, edition, client, url):
    rows = [["Title"], *([f"Risk {n}"] for n in range(services.AT_ONCE + 1))]
    record = services.begin(
        project=here.project, by=here.manager, kind="risks", upload=wild_sheets.upload(wild_sheets.book(S=rows))
    )
    page = client.get(url("import-check", pk=record.pk))
    assert "of 301" in said(page)
    answer = client.post(url("import-run", pk=record.pk), {"digest": digest_of(page), "writes": services.AT_ONCE + 1})
    assert answer.status_code == 303 and "/jobs/" in answer["Location"]


def test_an_import_is_given_up(here, client, url, record):
    answer = client.post(url("import-drop", pk=record.pk))
    assert (answer.status_code, answer["Location"]) == (303, url("import-begin"))
    record.refresh_from_db()
    assert record.state == ImportState.GIVEN_UP
    assert "given up; nothing was written" in said(client.get(url("import-check", pk=record.pk)))


def test_who_may_not_import_is_turned_away(here, edition, client_of, url, record):
    pages = ["import-mapping", "import-check"]
    for person, status in ((here.owner, 403), (here.auditor, 403), (here.stranger, 404)):
        client = client_of(person)
        assert client.get(url("import-begin")).status_code == status
        assert [client.get(url(name, pk=record.pk)).status_code for name in pages] == [status] * 2
        assert [client.post(url(name, pk=record.pk)).status_code for name in ("import-run", "import-drop")] == [
            status
        ] * 2
    elsewhere: Project = here.stranger.home
    there = {"org": elsewhere.organization.slug, "project": elsewhere.slug, "pk": record.pk}
    assert client_of(here.stranger).get(url("import-mapping", **there)).status_code == 404


def test_the_statement_is_one_of_this_project(here, client, url):
    theirs = make_soa(here.stranger.home, here.stranger)
    data = wild_sheets.book(S=[["Control no.", "Applicable"], ["C.1", "yes"]])
    answer = client.post(url("import-begin"), {"kind": "soa", "soa": theirs.pk, "file": wild_sheets.upload(data)})
    assert answer.status_code == 422
    ours = make_soa(here.project, here.manager)
    answer = client.post(url("import-begin"), {"kind": "soa", "soa": theirs.pk, "file": wild_sheets.upload(data)})
    assert answer.status_code == 422 and not SheetImport.objects.exists()
    assert (
        client.post(url("import-begin"), {"kind": "soa", "soa": ours.pk, "file": wild_sheets.upload(data)}).status_code
        == 303
    )


def test_registers_go_out_as_they_are_filtered(here, edition, client_of, url):
    make_risk(here.project, here.manager, title="Fire", discipline="ohs")
    make_risk(here.project, here.manager, title="Leak", discipline="environment")
    make_asset(here.project, here.manager, name="Hall")
    for person in (here.manager, here.owner, here.auditor):
        answer = client_of(person).get(url("export-risks"), {"discipline": "ohs"})
        rows = list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values)
        assert (len(rows), rows[1][1]) == (2, "Fire")
        assert answer["Content-Disposition"].startswith('attachment; filename="risks-')
    answer = client_of(here.auditor).get(url("export-assets"))
    assert list(openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[0].values)[1][1] == "Hall"
    assert client_of(here.stranger).get(url("export-risks")).status_code == 404


def test_a_long_register_offers_its_job(here, edition, client, url, monkeypatch):
    make_risk(here.project, here.manager)
    monkeypatch.setattr("risks.exporting.AT_ONCE", 0)
    assert "1 row goes into the spreadsheet" in said(client.get(url("export-risks")))
    answer = client.post(url("export-risks"))
    assert answer.status_code == 303 and "/jobs/" in answer["Location"]


def test_the_price_of_the_check_does_not_grow_with_the_rows(here, edition, client, url):
    prices = []
    for n in (1, 40):
        rows = [
            ["Title", "Likelihood", "Impact", "Assets", "Risk owner"],
            *([f"Risk {k}", 2, 2, "", "Owner"] for k in range(n)),
        ]
        record = services.begin(
            project=here.project, by=here.manager, kind="risks", upload=wild_sheets.upload(wild_sheets.book(S=rows))
        )
        prices.append(count_queries(lambda record=record: client.get(url("import-check", pk=record.pk))))
        with queries(20):
            client.get(url("import-mapping", pk=record.pk))
    assert prices[0] == prices[1] <= 20
