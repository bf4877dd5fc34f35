"""Findings out to Excel and in again: what went out comes back unchanged, what cannot come in is said, all or nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audits import finding_columns, finding_sheet
from audits.desk import DESK
from audits.flows import Grade
from audits.models import ChecklistLine, Finding, FindingImport
from audits.selectors import finding as selectors
from audits.services import finding as services
from core.rules import RuleBroken, StaleRecord
from projects import sweeps
from projects.models import JournalEntry
from projects.services import evidence
from sheets import services as sheets
from sheets.plan import Action
from sheets.selectors import plan as plan_of
from tests.factories.audits import WorkingCast, make_place, make_working_audit
from tests.factories.projects import grant, make_project, make_user
from tests.helpers import wild_sheets
from tests.helpers.budget import count_queries, queries

pytestmark = pytest.mark.django_db
HOSTILE = (
    '=HYPERLINK("http://evil.example","click")', "+1+1", "-2+3", "@SUM(A1)", "'quoted", "ünïcödé 漢字 🔥", "5.0", "a;b,c|d",
)  # fmt: skip


@pytest.fixture
def cast():
    return WorkingCast()


def export(cast):
    rows = selectors.with_clauses(selectors.in_order(selectors.of(cast.project), "number")).select_related(
        "item", "line"
    )
    return finding_sheet.workbook(cast.project, rows, [])


def begun(cast, data, by=None, **options):
    record = sheets.begin(
        DESK, project=cast.project, by=by or cast.lead, kind="findings", upload=wild_sheets.upload(data, "found.xlsx")
    )
    return sheets.say(
        DESK, record=record, by=by or cast.lead, version=record.version, sheet=record.sheet,
        header_row=record.header_row, columns=record.columns, options=record.options | options,
    )  # fmt: skip


def differences(plan):
    found = [(line.label, one.column.field, one.old_text, one.new_text) for line in plan.lines for one in line.changes]
    return found + [(line.label, one.place, one.heading, one.text) for line in plan.lines for one in line.problems]


@pytest.mark.parametrize("language", ["en", "de", "fr"])
def test_what_goes_out_comes_back_unchanged(cast, language):
    lines = cast.generate()
    for text, grade in zip(HOSTILE, ("nc_major", "nc_minor", "observation", "ofi", "strength") * 2, strict=False):
        cast.finding(
            grade=grade, statement=text, evidence=f"{text}\n{text}", criterion=text, subject=text,
            due_on=dt.date(2026, 6, 1), clauses=shared_clauses(cast), item=make_place(cast.project, text),
            line=lines[len(text) % len(lines)],
        )  # fmt: skip
    over = cast.finding(grade="ofi", respondent=None, clauses=[])
    services.move(finding=over, name="keep", by=cast.lead)
    raised = services.move(finding=cast.finding(), name="open", by=cast.lead)
    services.raise_nonconformity(finding=raised, by=cast.lead)
    with translation.override(language):
        record = begun(cast, export(cast))
        assert set(record.columns) == {column.field for column in finding_columns.FINDINGS if column.is_read}
        assert record.options["match"]
        plan = plan_of(DESK, record)
    assert differences(plan) == []
    assert {line.action for line in plan.lines} == {Action.SAME} and len(plan.lines) == len(HOSTILE) + 2


def shared_clauses(cast):
    return [one for standard in cast.audit.standards.all() for one in standard.clauses.filter(ref="4.2")]


def test_every_field_that_is_changed_in_the_file_is_changed_in_the_register(cast):
    one = cast.finding()
    heads = [str(column.label) for column in finding_columns.FINDINGS if column.is_read]
    place = make_place(cast.project, "Packing", "site")
    row = [one.label, "Major nonconformity", "New words", "New evidence", "New rule", "X Safety:2026 5.4", "Hall 3",
           "packing", "AU-001", "", f"Staff <{cast.staff.email}>", dt.date(2026, 7, 1)]  # fmt: skip
    record = begun(cast, wild_sheets.book(A=[heads, row]))
    plan = plan_of(DESK, record)
    changed = {one.column.field for line in plan.lines for one in line.changes}
    assert changed == {column.field for column in finding_columns.FINDINGS if column.is_read} - {
        "number",
        "audit",
        "line",
    }
    sheets.run(DESK, record=record, by=cast.lead, digest=plan.digest)
    one.refresh_from_db()
    assert (one.grade, one.statement, one.evidence, one.criterion, one.subject, one.respondent, one.due_on) == (
        "nc_major", "New words", "New evidence", "New rule", "Hall 3", cast.staff, dt.date(2026, 7, 1),
    )  # fmt: skip
    assert [link.clause.ref for link in one.clause_links.all()] == ["5.4"] and one.item == place
    assert JournalEntry.objects.filter(action="finding.changed").count() == 1
    emptied = begun(cast, wild_sheets.book(A=[heads, [one.label, "", "New words", *[""] * 9]]), empties=True)
    plan = plan_of(DESK, emptied)
    assert {one.column.field for line in plan.lines for one in line.changes} == set(finding_columns.EMPTIES)


def test_a_new_finding_comes_in_at_its_line_with_all_that_hangs_there(cast):
    line, other = cast.generate()[:2]
    evidence.add_link(record=line, link="https://example.org/photo", title="Photo", by=cast.lead)
    heads = ["Statement", "Grade", "Audit", "Checklist line", "Process or site"]
    make_place(cast.project, "Wägen")
    rows = [["By its words", "Observation", "AU-001", f"{line.ref}  {line.title.upper()}", "wägen"],
            ["By its clause", "OFI", "AU-001", other.ref, ""]]  # fmt: skip
    record = begun(cast, wild_sheets.book(A=[heads, *rows]))
    plan = plan_of(DESK, record)
    assert differences(plan) and not [one for found in plan.lines for one in found.problems]

    sheets.run(DESK, record=record, by=cast.lead, digest=plan.digest)

    first, second = Finding.objects.order_by("number")
    assert (first.line, first.item.name, first.subject, first.evidence_count) == (line, "Wägen", "Wägen", 1)
    assert set(first.clauses.all()) == set(line.clauses.all()) and second.line == other
    line.refresh_from_db()
    assert line.result == "observation"


def test_places_and_lines_that_are_not_there_are_said(cast):
    line, other = cast.generate()[:2]
    ChecklistLine.objects.filter(pk=other.pk).update(ref=line.ref)
    noted = cast.finding(line=line, statement="Stays")
    make_place(make_project(slug="elsewhere"), "Foreign hall")
    heads = ["Number", "Statement", "Grade", "Audit", "Checklist line", "Process or site"]
    rows = [
        heads,
        ["", "Foreign", "OFI", "AU-001", "", "Foreign hall"],
        ["", "No line", "OFI", "AU-001", "99.9 Nothing", ""],
        ["", "Two lines", "OFI", "AU-001", line.ref, ""],
        [noted.label, "Stays", "", "", f"{other}", ""],
    ]
    plan = plan_of(DESK, begun(cast, wild_sheets.book(A=rows), match=True))
    said = {one.title: " ".join(problem.text for problem in one.problems) for one in plan.lines}
    for title, words in (
        ("Foreign", "no process or site"), ("No line", "has no line"), ("Two lines", "Several lines"), ("Stays", "stays so"),
    ):  # fmt: skip
        assert words in said[title], (title, said)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_any_finding_that_goes_out_comes_back_unchanged(cast, data):
    """Whatever people write in a field: the file that went out changes nothing when it comes in."""
    with transaction.atomic():
        words = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=1, max_size=60)
        said = data.draw(words.filter(lambda text: text.strip()))
        lines = cast.generate()
        cast.finding(
            statement=said, grade=data.draw(st.sampled_from(Grade.values)), evidence=data.draw(words),
            criterion=data.draw(words), subject=data.draw(words), line=data.draw(st.sampled_from([None, *lines])),
            item=data.draw(st.sampled_from([None, make_place(cast.project, said.strip()[:100])])),
            respondent=data.draw(st.sampled_from([None, cast.auditee])), clauses=shared_clauses(cast),
            due_on=data.draw(st.none() | st.dates(dt.date(2000, 1, 1), dt.date(2099, 1, 1))),
        )  # fmt: skip
        record = begun(cast, export(cast))
        assert differences(plan_of(DESK, record)) == []
        transaction.set_rollback(True)


def test_a_foreign_list_comes_in_with_history_and_journal(cast):
    rows = [
        ["Feststellungen des Audits"],
        [],
        ["Nr.", "Audit", "Einstufung", "Feststellung", "Nachweis", "Kapitel", "Verantwortlich", "Frist", "Bereich"],
        [1, "AU-001", "Hauptabweichung", "Waage ohne Etikett", "Waage 3", "X Quality 4.1", cast.auditee.email,
         "12.06.2026", "Wägen"],
        [2, "au-1", "Verbesserungspotenzial", "Schilder grösser", "", "", "", "", ""],
        [None, None, None, None, None, None, None, "Total", 2],
    ]  # fmt: skip
    record = begun(cast, wild_sheets.book(Funde=rows))
    assert record.header_row == 3 and not record.options.get("match")
    plan = plan_of(DESK, record)
    assert [str(line.action) for line in plan.lines] == ["create", "create", "skipped"]
    sheets.run(DESK, record=record, by=cast.lead, digest=plan.digest)
    first, second = Finding.objects.order_by("number")
    assert (first.label, first.grade, first.respondent, first.due_on, first.subject, first.audit) == (
        "F-001", "nc_major", cast.auditee, dt.date(2026, 6, 12), "Wägen", cast.audit,
    )  # fmt: skip
    assert [link.clause.ref for link in first.clause_links.all()] == ["4.1"] and second.grade == "ofi"
    assert (first.status, first.history.count()) == ("noted", 1)
    told = JournalEntry.objects.filter(action="finding.noted").order_by("seq").first()
    assert told.changes["origin"] == "Imported from found.xlsx, row 4"
    assert JournalEntry.objects.filter(action="findings.imported").count() == 1


def test_what_cannot_come_in_is_said_and_nothing_is_written(cast):
    opened = services.move(finding=cast.finding(statement="Open"), name="open", by=cast.lead)
    raised = cast.finding(statement="Raised")
    services.raise_nonconformity(finding=raised, by=cast.lead)
    make_working_audit(cast.project, cast.outsider)
    make_working_audit(cast.project, cast.lead, status="planned")
    elsewhere = make_user(name="Sten Stranger")
    grant(elsewhere, "process_owner", make_project(slug="elsewhere"))
    heads = ["Number", "Statement", "Grade", "Audit", "Answered by", "Clauses", "Response until", "Evidence"]
    rows = [
        heads,
        ["", "Ungraded", "", "AU-001", "", "", "", ""],
        ["", "Huge", "Huge", "AU-001", "", "", "", ""],
        ["", "Homeless", "OFI", "", "", "", "", ""],
        ["", "Lost", "OFI", "AU-099", "", "", "", ""],
        ["", "Not mine", "OFI", "AU-002", "", "", "", ""],
        ["", "Too early", "OFI", "AU-003", "", "", "", ""],
        ["", "Nobody", "OFI", "AU-001", "nobody@else.example", "", "", ""],
        ["", "Foreign", "OFI", "AU-001", elsewhere.email, "", "", ""],
        ["", "Foreign by name", "OFI", "AU-001", elsewhere.name, "", "", ""],
        ["", "Own work", "OFI", "AU-001", cast.second.email, "", "", ""],
        ["", "Clause", "OFI", "AU-001", "", "99.9", "", ""],
        ["", "Never", "OFI", "AU-001", "", "", "soon", ""],
        ["F-099", "Not there", "", "", "", "", "", ""],
        [opened.label, "Moved", "", "AU-002", "", "", "", ""],
        [raised.label, "Milder", "Observation", "", "", "", "", ""],
    ]  # fmt: skip
    record = begun(cast, wild_sheets.book(A=rows), match=True)
    plan = plan_of(DESK, record)
    said = {line.title: " ".join(problem.text for problem in line.problems) for line in plan.lines}
    for title, words in (
        ("Ungraded", "Grade it"), ("Huge", "no choice"), ("Homeless", "which audit"), ("Lost", "no audit"),
        ("Not mine", "Only the auditors of AU-002"), ("Too early", "while it is at work"), ("Nobody", "Invite the person"),
        ("Foreign", "Invite the person"), ("Foreign by name", "nobody of this project"), ("Own work", "Who audits"),
        ("Clause", "no clause"), ("Never", "no date"), ("Not there", "F-099"), ("Moved", "stays so"),
        ("Milder", "stays one"),
    ):  # fmt: skip
        assert words in said[title], (title, said[title])
    with pytest.raises(RuleBroken):
        sheets.run(DESK, record=record, by=cast.lead, digest=plan.digest)
    assert Finding.objects.count() == 2


def test_an_older_check_is_refused_and_what_was_answered_keeps_its_words(cast):
    one = cast.finding(statement="Old words")
    rows = [["Number", "Statement"], [one.label, "New words"]]
    record = begun(cast, wild_sheets.book(A=rows))
    plan = plan_of(DESK, record)
    services.change(finding=one, by=cast.lead, version=1, values={"statement": "Meanwhile"})
    with pytest.raises(StaleRecord):
        sheets.run(DESK, record=record, by=cast.lead, digest=plan.digest)
    one = services.move(finding=one, name="open", by=cast.lead)
    emptied = begun(cast, wild_sheets.book(A=[["Number", "Statement", "Evidence"], [one.label, "x", ""]]), empties=True)
    assert "without evidence" in str(differences(plan_of(DESK, emptied)))
    one = services.respond(finding=one, by=cast.auditee, version=one.version, response="So it is")
    services.move(finding=one, name="answer", by=cast.auditee)
    assert "keeps its words" in str(differences(plan_of(DESK, record)))


def test_a_long_sheet_asks_no_more_than_a_short_one(cast):
    for _n in range(2):
        cast.finding()
    record = begun(cast, export(cast))
    assert count_queries(lambda: plan_of(DESK, record)) == 7
    for _n in range(6):
        cast.finding()
    record = begun(cast, export(cast))
    with queries(7):
        assert len(plan_of(DESK, record).lines) == 8


def test_the_pages_of_an_import(client, cast):
    def url(name, **parts):
        return reverse(f"audits:{name}", kwargs={**cast.project.address, **parts})

    data = wild_sheets.book(A=[["Statement", "Grade", "Audit"], ["Door open", "OFI", "AU-001"]])
    client.force_login(cast.lead)
    assert url("import-begin") in client.get(url("finding-list")).content.decode()
    answer = client.post(url("import-begin"), {"file": wild_sheets.upload(data, "found.xlsx")})
    record = FindingImport.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, record.get_absolute_url())
    form = client.get(record.get_absolute_url()).context["form"]
    sent = {name: value for name in form.fields if (value := form[name].value()) not in (None, "")}
    assert client.post(record.get_absolute_url(), sent).status_code == 303
    page = client.get(url("import-check", pk=record.pk))
    assert "1 row would be written" in page.content.decode()
    data = {"digest": page.context["digest"], "writes": "1"}
    assert client.post(url("import-run", pk=record.pk), data).status_code == 303
    assert Finding.objects.get().statement == "Door open"
    assert "Go to the register" in client.get(url("import-check", pk=record.pk)).content.decode()
    client.force_login(cast.auditee)
    assert client.get(url("import-begin")).status_code == 403
    assert url("import-begin") not in client.get(url("finding-list")).content.decode()
    client.force_login(make_user())
    assert client.get(url("import-check", pk=record.pk)).status_code == 404
    assert any(one.__module__ == "audits.desk" for one in sweeps.also)
