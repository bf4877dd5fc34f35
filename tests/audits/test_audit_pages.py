"""The pages of programmes and audits: planned, shown, written; nothing typed is lost, nobody sees too much."""

from __future__ import annotations

import datetime as dt
import io

import icalendar
import openpyxl
import pytest
from django.test import Client
from django.urls import reverse

from audits.models import Audit, Programme, Session
from audits.services import agenda, team
from audits.services import audit as services
from projects.permissions import Role
from tests.factories.audits import (
    Cast,
    bring_to,
    clause,
    fresh,
    make_audit,
    make_line,
    make_place,
    make_programme,
)
from tests.factories.documents import make_document
from tests.factories.projects import grant, make_user
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast()


def client_of(person):
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def url(cast, name, **more):
    return reverse(f"audits:{name}", kwargs={**cast.project.address, **more})


def data_of(answer):
    """What a form on a page would send, untouched."""
    form = answer.context["form"]
    return {name: value for name in form.fields if (value := form[name].value()) not in (None, "", [])}


def test_a_programme_is_written_line_by_line(cast):
    place = make_place(cast.project)
    client = client_of(cast.lead)
    assert "Write the first programme" in client.get(url(cast, "programme-list")).content.decode()
    page = client.get(url(cast, "programme-create"))
    answer = client.post(url(cast, "programme-create"), data_of(page) | {"title": "Two years", "ends_on": "01.01.2020"})
    assert answer.status_code == 422 and 'value="Two years"' in answer.content.decode(), "what was typed is kept"
    data = data_of(page) | {"title": "Two years", "starts_on": "2026-01-01", "ends_on": "2027-12-31"}
    assert client.post(url(cast, "programme-create"), data).status_code == 303
    client.post(url(cast, "programme-create"), data)
    programme = Programme.objects.get()

    here = programme.get_absolute_url()
    page = client.get(f"{here}lines/new/?item={place.pk}")
    assert page.context["form"]["item"].value() == str(place.pk)
    assert "never been audited" in page.context["form"]["reason"].value()
    sent = client.post(f"{here}lines/new/", data_of(page) | {"clauses": [clause(cast.standard, "8.4").pk]})
    assert sent.status_code == 303
    line = programme.lines.get()
    assert (line.subject, line.basis["risks"]) == ("Purchasing", 0)
    shown = client.get(here).content.decode()
    assert "ISO TEST 1: 8.4" in shown and "Every year" in shown
    grid = client.get(f"{here}?tab=coverage").content.decode()
    assert "<svg" in grid and "Purchasing" in grid
    assert client.get(f"{here}lines/{line.pk}/").status_code == 200
    assert client.post(f"{here}lines/{line.pk}/remove/").status_code == 303 and not programme.lines.exists()


def test_somebody_elses_newer_programme_is_shown_beside_what_was_typed(cast):
    programme = make_programme(cast.project, cast.manager)
    mine, theirs = client_of(cast.lead), client_of(cast.manager)
    here = f"{programme.get_absolute_url()}edit/"
    data = data_of(mine.get(here))
    assert theirs.post(here, data | {"objectives": "Theirs"}).status_code == 303
    answer = mine.post(here, data | {"objectives": "Mine"})
    assert answer.status_code == 422
    assert {(row["mine"], row["theirs"]) for row in answer.context["conflict"]} == {("Mine", "Theirs")}
    assert mine.post(here, data_of(answer)).status_code == 303
    assert fresh(programme).objectives == "Mine"


def test_an_audit_from_a_line_needs_few_fields_and_knows_the_rest(cast):
    place = make_place(cast.project)
    line = make_line(
        make_programme(cast.project, cast.manager), cast.manager, [cast.standard], [clause(cast.standard, "8.4")], item=place
    )  # fmt: skip
    client = client_of(cast.lead)
    page = client.get(f"{url(cast, 'audit-create')}?line={line.pk}")
    sent = client.post(f"{url(cast, 'audit-create')}?line={line.pk}", data_of(page) | {"starts_on": "2026-03-02"})
    audit = Audit.objects.get()
    assert (sent.status_code, sent["Location"]) == (303, audit.get_absolute_url())
    assert (audit.title, audit.ends_on, audit.report_due_on) == (
        "Purchasing",
        dt.date(2026, 3, 2),
        dt.date(2026, 3, 16),
    )
    assert services.said(audit) == {
        "standards": ["ISO TEST 1"], "clauses": ["ISO TEST 1 8.4"], "documents": [], "places": ["Purchasing"],
        "programme_lines": ["Purchasing"],
    }  # fmt: skip
    assert audit.lead.person == cast.lead
    assert client.get(f"{url(cast, 'audit-create')}?line=999999").status_code == 404
    assert client.get(f"{url(cast, 'audit-create')}?line=x").status_code == 404


def test_an_audit_is_planned_changed_and_keeps_both_texts(cast):
    place = make_place(cast.project)
    client = client_of(cast.manager)
    data = data_of(client.get(url(cast, "audit-create")))
    answer = client.post(url(cast, "audit-create"), data | {"title": "", "scope": "All of hall 2"})
    assert answer.status_code == 422 and "All of hall 2" in answer.content.decode()
    data |= {"title": "Hall 2", "items": [place.pk], "lead": cast.lead.pk, "starts_on": "2026-03-02"}
    assert client.post(url(cast, "audit-create"), data).status_code == 303
    audit = Audit.objects.get()
    here = f"{audit.get_absolute_url()}edit/"
    page = data_of(client.get(here))
    assert client.post(here, page | {"objectives": "First"}).status_code == 303
    late = client.post(here, page | {"objectives": "Second"})
    assert late.status_code == 422
    assert ("Second", "First") in {(row["mine"], row["theirs"]) for row in late.context["conflict"]}


def test_a_move_by_the_page_says_what_is_missing(cast):
    audit = make_audit(cast.project, cast.manager, standards=[cast.standard])
    client = client_of(cast.manager)
    here = audit.get_absolute_url()
    assert "Name a lead auditor first" in client.post(f"{here}move/plan/", follow=True).content.decode()
    assert client.post(f"{here}move/cancel/").status_code == 422
    assert client.post(f"{here}move/cancel/", {"reason": "No budget"}).status_code == 303
    assert fresh(audit).cancelled_because == "No budget"
    assert client.post(f"{here}move/fly/").status_code == 404
    assert client.post(f"{here}move/start/").status_code == 403, "only who conducts audits begins one"


def test_the_team_page_names_who_is_not_independent_and_takes_the_justification(cast):
    make_document(cast.project, cast.manager, owner=cast.lead, title="Rules", clauses=[clause(cast.standard, "7.5")])
    audit = cast.audit()
    here = url(cast, "audit-team", number=audit.label)
    client = client_of(cast.manager)
    page = client.get(here).content.decode()
    assert "Not independent" in page and "Rules" in page
    member = audit.members.get()
    assert client.post(f"{here}{member.pk}/justify/", {"justification": ""}).status_code == 422
    assert client.post(f"{here}{member.pk}/justify/", {"justification": "Nobody else can."}).status_code == 303
    page = client.get(here).content.decode()
    assert "Nobody else can." in page and "Justified" in page

    assert client.post(f"{here}add/", {"person": cast.auditor.pk, "role": "lead"}).status_code == 422
    assert client.post(f"{here}add/", {"person": cast.auditor.pk, "role": "auditor"}).status_code == 303
    assert client.post(f"{here}add/", {"name": "Ms Expert", "company": "Firm", "role": "expert"}).status_code == 303
    one = audit.members.get(person=cast.auditor)
    assert client.post(f"{here}{one.pk}/", {"role": "observer"}).status_code == 303
    assert client.post(f"{here}{one.pk}/remove/").status_code == 303
    asked = url(cast, "auditee-add", number=audit.label)
    assert client.post(asked, {"person": cast.owner.pk, "function": "Head"}).status_code == 303
    assert client.post(asked, {"person": cast.owner.pk}).status_code == 422
    auditee = audit.auditees.get()
    assert client.post(url(cast, "auditee-remove", number=audit.label, pk=auditee.pk)).status_code == 303
    assert sorted(audit.members.values_list("name", flat=True)) == ["Lead", "Ms Expert"] and not audit.auditees.exists()


def test_the_agenda_is_written_and_taken_along_as_a_calendar(cast):
    audit = cast.audit(items=[make_place(cast.project)])
    client = client_of(cast.manager)
    here = url(cast, "audit-agenda", number=audit.label)
    assert "No agenda yet" in client.get(here).content.decode()
    page = client.get(f"{here}new/")
    data = data_of(page) | {"kind": "audit", "title": "Orders; and “invoices”", "place": "Room 2"}
    assert client.post(f"{here}new/", data | {"ends_at": "08:00"}).status_code == 422
    assert client.post(f"{here}new/", data).status_code == 303
    session = Session.objects.get()
    edit = data_of(client.get(f"{here}{session.pk}/"))
    assert client.post(f"{here}{session.pk}/", edit | {"place": "Room 3"}).status_code == 303
    assert client.post(f"{here}{session.pk}/", edit | {"place": "Room 4"}).status_code == 422
    assert "Room 3" in client.get(here).content.decode()

    answer = client.get(f"{here}calendar.ics")
    (event,) = icalendar.Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer["Content-Type"].startswith("text/calendar")
    assert (event["SUMMARY"], event["LOCATION"]) == (f"{audit.label}: Orders; and “invoices”", "Room 3")
    zone = str(event.decoded("dtstart").tzinfo)
    assert (event.decoded("dtstart").replace(tzinfo=None), zone) == (
        dt.datetime(2026, 3, 2, 9), cast.project.organization.time_zone,
    )  # fmt: skip
    assert "Lead" in event["DESCRIPTION"]
    assert client.post(f"{here}{session.pk}/remove/").status_code == 303 and not Session.objects.exists()


def test_attendance_is_ticked_while_the_audit_is_at_work(cast):
    audit = cast.audit()
    asked = team.add_auditee(audit=audit, by=cast.manager, person=cast.owner)
    when = {"title": "Orders", "day": audit.starts_on, "starts_at": dt.time(9), "ends_at": dt.time(10)}
    session = agenda.add(audit=audit, by=cast.manager, values=when, auditees=[asked.pk])
    client, here = client_of(cast.lead), url(cast, "audit-agenda", number=audit.label)
    assert 'name="attended"' not in client.get(here).content.decode()
    bring_to(audit, "in_progress", by=cast.manager, lead=cast.lead)
    assert 'name="attended"' in client.get(here).content.decode()
    link = session.auditee_links.get()
    assert client.post(f"{here}attendance/", {"attended": [link.pk, "x", 999_999]}).status_code == 303
    link.refresh_from_db()
    assert link.has_attended and client_of(cast.owner).post(f"{here}attendance/").status_code == 403
    bring_to(audit, "issued", by=cast.manager, lead=cast.lead)
    client.post(f"{here}attendance/", {})
    link.refresh_from_db()
    assert link.has_attended, "what the report says stays"


def test_the_list_filters_sorts_and_goes_out_as_a_spreadsheet(cast):
    lead, other = (
        cast.audit(title="=HYPERLINK(1)"),
        make_audit(cast.project, cast.manager, title="Beta", kind="supplier"),
    )
    bring_to(cast.audit(title="Over"), "closed", by=cast.manager, lead=cast.lead)
    client, here = client_of(cast.owner), url(cast, "audit-list")

    def titles(query=""):
        return [row.title for row in client.get(f"{here}{query}").context["rows"]]

    assert titles() == ["Beta", "=HYPERLINK(1)"], "what is over is not asked for"
    assert titles("?state=all&sort=title") == ["=HYPERLINK(1)", "Beta", "Over"]
    assert titles("?state=all&sort=-title") == ["Over", "Beta", "=HYPERLINK(1)"]
    for sort in ("number", "kind", "start", "status", "lead", "findings"):
        assert len(titles(f"?sort={sort}")) == len(titles(f"?sort=-{sort}")) == 2
    assert titles("?kind=supplier") == ["Beta"] and titles(f"?q={lead.label}") == ["=HYPERLINK(1)"]
    assert (
        titles(f"?auditor={cast.lead.pk}") == ["=HYPERLINK(1)"]
        and titles(f"?standard={cast.standard.pk}") == titles()[1:]
    )
    assert titles("?year=2026&kind=nonsense") == titles() and other.label == "AU-002"

    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{url(cast, 'audit-export')}?state=all&sort=title").content))
    sheet = book.worksheets[0]
    assert [row[1].value for row in sheet.iter_rows(min_row=2)] == ["=HYPERLINK(1)", "Beta", "Over"]
    assert sheet["B2"].data_type == "s", "nothing is run as a formula"


def test_who_may_do_what_on_the_pages(cast):
    audit = cast.audit()
    here = audit.get_absolute_url()
    stranger = make_user()
    grant(stranger, Role.PROJECT_MANAGER, Cast().project)
    pages = [url(cast, name) for name in ("audit-list", "coverage", "programme-list")]
    reads = [*pages, here, f"{here}team/", f"{here}agenda/"]
    for address in reads:
        assert client_of(cast.owner).get(address).status_code == 200, address
        assert client_of(cast.staff).get(address).status_code == 403, address
        assert client_of(stranger).get(address).status_code == 404, address
        assert Client().get(address).status_code == 302
    certifier = client_of(cast.certifier)
    assert certifier.get(here).status_code == 404, "not invited to this audit"
    assert certifier.get(url(cast, "audit-list")).context["rows"] == []
    for address in (f"{here}edit/", f"{here}agenda/new/", url(cast, "audit-create"), url(cast, "programme-create")):
        assert client_of(cast.owner).get(address).status_code == 403, address
    assert client_of(cast.lead).get(f"{here}team/add/").status_code == 405
    assert client_of(cast.lead).get(url(cast, "audit-detail", number="AU-999")).status_code == 404
    assert client_of(cast.lead).get(url(cast, "audit-detail", number="1"))["Location"] == here


BUDGETS = {
    "audit-list": 13, "programme-list": 8, "coverage": 17, "audit-detail": 15, "audit-team": 16, "audit-agenda": 8,
    "programme-detail": 11,
}  # fmt: skip


@pytest.mark.parametrize("name", BUDGETS)
def test_pages_keep_their_budget_at_one_row_and_at_three(cast, name):
    programme = make_programme(cast.project, cast.manager)

    def fill(n):
        line = make_line(programme, cast.manager, [cast.standard], item=make_place(cast.project, f"Place {n}"))
        make_programme(cast.project, cast.manager)
        return make_audit(
            cast.project, cast.manager, lead=cast.lead, standards=[cast.standard], lines=[line], items=[line.item]
        )

    audit = fill(0)
    number = {"audit-list": {}, "programme-list": {}, "coverage": {}, "programme-detail": {"number": programme.label}}
    client = client_of(cast.owner)
    address = url(cast, name, **number.get(name, {"number": audit.label}))
    client.get(address)
    first = count_queries(lambda: client.get(address))
    fill(1), fill(2)
    assert count_queries(lambda: client.get(address)) == first == BUDGETS[name], f"{name}: {first}"
