"""Nonconformities out to Excel and in again: what went out comes back unchanged, what cannot come in is said, all or nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import translation

from core import dates
from core.rules import RuleBroken, StaleRecord
from improvement import exporting, sheet_columns
from improvement.desk import DESK
from improvement.models import Nonconformity, NonconformityImport, Round
from improvement.services import nonconformity as services
from jobs import running
from jobs.models import Job
from projects import sweeps
from projects.models import JournalEntry
from sheets import services as sheets
from sheets.plan import Action
from sheets.selectors import plan as plan_of
from tests.factories.improvement import bring_to, make_nonconformity
from tests.helpers import wild_sheets
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
HOSTILE = (
    '=HYPERLINK("http://evil.example","click")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "'quoted",
    "ünïcödé 漢字 🔥",
    "5.0",
    "a;b,c|d",
)


def export(here, by=None, **wanted):
    return exporting.workbook(here.project, "nonconformities", {"state": "all"} | wanted, [], user=by or here.manager)[
        0
    ]


def begun(here, data, **options):
    record = sheets.begin(
        DESK, project=here.project, by=here.manager, kind="nonconformities", upload=wild_sheets.upload(data, "nc.xlsx")
    )
    return sheets.say(
        DESK, record=record, by=here.manager, version=record.version, sheet=record.sheet, header_row=record.header_row,
        columns=record.columns, options=record.options | options,
    )  # fmt: skip


def differences(plan):
    found = [(line.label, one.column.field, one.old_text, one.new_text) for line in plan.lines for one in line.changes]
    return found + [(line.label, one.place, one.heading, one.text) for line in plan.lines for one in line.problems]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_what_goes_out_comes_back_unchanged(here, hands, language):
    for text in HOSTILE:
        make_nonconformity(
            here.project, here.doer, title=text, description=f"{text}\n{text}", place=text, process=text, evidence=text,
            detected_on=dates.today() - dt.timedelta(days=4), source="supplier",
        )  # fmt: skip
    secret = make_nonconformity(here.project, here.manager, title="Secret", is_confidential=True)
    closed = bring_to(make_nonconformity(here.project, here.doer), "closed", **hands)
    again = bring_to(make_nonconformity(here.project, here.doer), "accepted", **hands)
    again = services.change(record=again, by=here.manager, version=again.version, values={"recurrence_of": closed})
    services.work(
        record=again, by=here.manager, version=again.round.version,
        values={"correction": "Set apart", "correction_due_on": dates.today()},
    )  # fmt: skip
    with translation.override(language):
        data = export(here)
        record = begun(here, data)
        assert set(record.columns) == {column.field for column in sheet_columns.NONCONFORMITIES if column.is_read}
        plan = plan_of(DESK, record)
    assert differences(plan) == []
    assert {line.action for line in plan.lines} == {Action.SAME} and len(plan.lines) == len(HOSTILE) + 3
    assert secret.label in {line.label for line in plan.lines}


def test_a_reader_takes_out_what_they_see(here):
    make_nonconformity(here.project, here.manager, title="Secret", is_confidential=True)
    make_nonconformity(here.project, here.manager, title="Open")
    _data, rows = exporting.workbook(here.project, "nonconformities", {"state": "all"}, [], user=here.reader)
    assert rows == 1
    for more in range(5):
        make_nonconformity(here.project, here.manager, title=f"More {more}")
    with queries(14):
        assert exporting.workbook(here.project, "nonconformities", {"state": "all"}, [], user=here.reader)[1] == 6


def test_a_foreign_list_comes_in_with_history_rounds_and_journal(here):
    rows = [
        ["Register of findings 2025"],
        [],
        ["Nr.", "Abweichung", "Datum", "Quelle", "Einstufung", "Verantwortlich", "Prozess", "Sofortmassnahme", "Frist"],
        [1, "Waage ohne Etikett", dt.date(2025, 3, 4), "Internes Audit", "Minor", here.owner.email, "Wägen", "Gesperrt",
         dt.date(2025, 3, 9)],
        [2, "Tür offen", "12.04.2025", "Mitarbeitende", "", "", "", "", ""],
        [None, None, None, None, None, "Total", 2],
    ]  # fmt: skip
    record = begun(here, wild_sheets.book(Funde=rows))
    assert record.header_row == 3 and not record.options.get("match")
    plan = plan_of(DESK, record)
    assert [str(line.action) for line in plan.lines] == ["create", "create", "skipped"]
    sheets.run(DESK, record=record, by=here.manager, digest=plan.digest)
    first, second = Nonconformity.objects.order_by("number")
    assert (first.label, first.source, first.grade, first.owner, first.process) == (
        "NC-001", "internal_audit", "minor", here.owner, "Wägen",
    )  # fmt: skip
    assert (first.status, first.round.correction, first.round.correction_due_on) == (
        "reported", "Gesperrt", dt.date(2025, 3, 9),
    )  # fmt: skip
    assert (second.source, second.detected_on, second.owner) == ("observation", dt.date(2025, 4, 12), None)
    assert first.history.count() == 1 and Round.history.count() == 2
    told = JournalEntry.objects.filter(action="nonconformity.reported").order_by("seq").first()
    assert told.changes["origin"] == "Imported from nc.xlsx, row 4"
    assert JournalEntry.objects.filter(action="nonconformities.imported").count() == 1


def test_what_cannot_come_in_is_said_and_nothing_is_written(here, hands):
    closed = bring_to(make_nonconformity(here.project, here.doer, title="Over"), "closed", **hands)
    heads = ["Number", "What happened", "Found on", "Source", "Grade", "Owner", "Clauses", "Happened before as"]
    rows = [
        heads,
        ["", "Future", dates.today() + dt.timedelta(days=3), "", "", "", "", ""],
        ["", "Rumour", "", "Rumour", "", "", "", ""],
        ["", "Huge", "", "", "Huge", "", "", ""],
        ["", "Nobody", "", "", "", "nobody@else.example", "", ""],
        ["", "Clause", "", "", "", "", "99.9", ""],
        ["", "Again", "", "", "", "", "", "NC-099"],
        ["NC-099", "Not there", "", "", "", "", "", ""],
        [closed.label, "Another title", "", "", "", "", "", ""],
        ["NC-001", "Twice", "", "", "", "", "", ""],
    ]  # fmt: skip
    record = begun(here, wild_sheets.book(A=rows), match=True)
    plan = plan_of(DESK, record)
    said = {line.title: " ".join(problem.text for problem in line.problems) for line in plan.lines}
    for title, words in (
        ("Future", "in the future"), ("Rumour", "no choice"), ("Huge", "no grade"), ("Nobody", "Invite the person"),
        ("Clause", "no clause"), ("Again", "no nonconformity"), ("Not there", "NC-099"), ("Another title", "reopen it first"),
        ("Twice", "several rows"),
    ):  # fmt: skip
        assert words in said[title], title
    with pytest.raises(RuleBroken):
        sheets.run(DESK, record=record, by=here.manager, digest=plan.digest)
    assert Nonconformity.objects.count() == 1


def test_changes_go_through_the_services_and_an_older_check_is_refused(here):
    one = make_nonconformity(here.project, here.doer, title="Old words", place="Hall 1")
    rows = [["Number", "What happened", "Where", "Owner"], [one.label, "New words", "", here.owner.email]]
    record = begun(here, wild_sheets.book(A=rows))
    assert record.options["match"]
    plan = plan_of(DESK, record)
    services.change(record=one, by=here.manager, version=1, values={"title": "Meanwhile"})
    with pytest.raises(StaleRecord):
        sheets.run(DESK, record=record, by=here.manager, digest=plan.digest)
    plan = plan_of(DESK, record)
    sheets.run(DESK, record=record, by=here.manager, digest=plan.digest)
    one.refresh_from_db()
    assert (one.title, one.place, one.owner) == ("New words", "Hall 1", here.owner)


def test_the_dry_run_names_the_earlier_one_by_its_number(here):
    earlier, later = (make_nonconformity(here.project, here.doer) for _n in range(2))
    rows = [["Number", "Happened before as"], [later.label, earlier.label]]
    record = begun(here, wild_sheets.book(A=rows), match=True)

    assert differences(plan_of(DESK, record)) == [(later.label, "recurrence_of", "", earlier.label)]


def test_the_pages_of_an_import(here, client_of, url):
    data = wild_sheets.book(A=[["Title", "Place"], ["Door open", "Hall 2"]])
    client = client_of(here.manager)
    answer = client.post(url("import-begin"), {"file": wild_sheets.upload(data, "nc.xlsx")})
    record = NonconformityImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, record.get_absolute_url())
    page = client.get(record.get_absolute_url())
    form = page.context["form"]
    sent = {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}
    assert client.post(record.get_absolute_url(), sent).status_code == 303
    page = client.get(url("import-check", pk=record.pk))
    assert "1 row would be written" in page.content.decode()
    data = {"digest": page.context["digest"], "writes": "1"}
    assert client.post(url("import-run", pk=record.pk), data).status_code == 303
    assert Nonconformity.objects.get().place == "Hall 2"
    assert "Go to the register" in client.get(url("import-check", pk=record.pk)).content.decode()
    assert client_of(here.owner).get(url("import-begin")).status_code == 403
    assert client_of(here.stranger).get(url("import-check", pk=record.pk)).status_code == 404


def test_a_long_register_is_written_by_a_job_for_who_asked(here, client_of, url, monkeypatch):
    make_nonconformity(here.project, here.manager, title="Secret", is_confidential=True)
    monkeypatch.setattr("improvement.exporting.AT_ONCE", 0)
    client = client_of(here.manager)
    assert "goes into the spreadsheet" in client.get(url("export") + "?since=2025-01-01").content.decode()
    client.post(url("export") + "?since=2025-01-01")
    job = Job.objects.get(kind=exporting.JOB)
    assert running.run(job.pk) == "done"
    job.refresh_from_db()
    assert job.result["rows"] == 1 and exporting.sweep in sweeps.also
    assert client.get(job.result["url"]).status_code == 200
    assert client_of(here.reader).get(job.result["url"]).status_code == 404, "it holds what its person sees"
