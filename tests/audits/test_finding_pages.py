"""The pages of findings: noted from a line, listed, answered by the auditee, raised, followed up."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse

from audits.models import Finding
from audits.services import finding as services
from improvement.models import Nonconformity
from projects.models import JournalEntry
from tests.factories.audits import WorkingCast, make_working_audit
from tests.factories.projects import make_user
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return WorkingCast()


@pytest.fixture
def base(cast):
    return f"/org/{cast.project.organization.slug}/{cast.project.slug}/"


def handed(cast, **values) -> Finding:
    finding = cast.finding(**values)
    return services.move(finding=finding, name="open", by=cast.lead)


def test_a_finding_opens_from_the_line_with_clause_criterion_and_evidence_filled_in(client, cast, base):
    from audits.services import answering

    line = cast.generate()[1]
    answering.answer(line=line, by=cast.lead, version=1, values={"result": "nc_major", "evidence": "No list at all"})
    client.force_login(cast.lead)
    where = f"{base}audits/AU-001/findings/new/?line={line.pk}"
    form = client.get(where).context["form"]
    assert form.initial["grade"] == "nc_major" and form.initial["evidence"] == "No list at all"
    assert form.initial["criterion"].startswith("X Quality:2026 4.2, X Safety:2026 4.2: ")
    assert len(form.initial["clauses"]) == 2

    sent = {name: form.initial[name] for name in ("once", "grade", "evidence", "criterion", "clauses")}
    made = client.post(where, sent | {"statement": "Nobody knows who is interested.", "respondent": cast.auditee.pk})

    finding = Finding.objects.get()
    assert (made.status_code, made["Location"]) == (303, f"{base}findings/F-001/")
    assert (finding.line_id, finding.respondent, finding.clause_links.count()) == (line.pk, cast.auditee, 2)
    assert client.post(where, sent | {"statement": "Again", "respondent": ""})["Location"] == f"{base}findings/F-001/"
    wrong = client.post(where, {"statement": "", "grade": "ofi", "evidence": "typed"})
    assert wrong.status_code == 422 and "typed" in wrong.content.decode()
    for person, status in ((cast.outsider, 403), (cast.manager, 403), (make_user(), 404)):
        client.force_login(person)
        assert client.get(where).status_code == status


def test_the_page_of_a_finding_and_its_six_questions(client, cast, base):
    finding = handed(cast)
    where = f"{base}findings/F-001/"
    for person, status in (
        (cast.lead, 200), (cast.auditee, 200), (cast.manager, 200), (cast.staff, 404), (make_user(), 404),
    ):  # fmt: skip
        client.force_login(person)
        assert client.get(where).status_code == status, person.name
    client.force_login(cast.lead)
    text = client.get(where).content.decode()
    assert finding.statement in text and "Raise the nonconformity" in text
    assert client.get(f"{base}findings/1/")["Location"] == where
    assert client.get(f"{base}findings/F-099/").status_code == 404
    assert client.post(where).status_code == 405
    assert count_queries(lambda: client.get(where)) <= 26


def test_the_auditee_answers_and_the_auditor_judges(client, cast, base):
    finding = handed(cast, grade="observation")
    where = f"{base}findings/F-001/"
    client.force_login(cast.auditee)
    page = client.get(where)
    assert page.context["response"] is not None and page.context["offers"]
    sent = {"version": finding.version, "response": "We filed them."}
    assert client.post(f"{where}response/", sent).status_code == 303
    assert Finding.objects.get().status == "open"
    stale = client.post(f"{where}response/", sent | {"response": "Other words"})
    assert (
        stale.status_code == 422
        and "Other words" in stale.content.decode()
        and "We filed them." in stale.content.decode()
    )
    sent = {"version": finding.version + 1, "response": "We filed them in May.", "send": "1"}
    assert client.post(f"{where}response/", sent).status_code == 303
    assert Finding.objects.get().status == "answered"
    assert client.post(f"{where}move/accept/").status_code == 403

    client.force_login(cast.second)
    page = client.get(f"{where}move/return/")
    assert page.status_code == 200
    assert client.post(f"{where}move/return/", {"reason": " "}).status_code == 422
    assert client.post(f"{where}move/accept/").status_code == 303
    assert Finding.objects.get().accepted_by == cast.second
    assert client.post(f"{where}move/shout/").status_code == 404
    assert client.get(f"{where}move/close/")["Location"] == where
    assert client.post(f"{where}move/close/").status_code == 303


def test_a_finding_is_changed_and_a_newer_text_is_shown(client, cast, base):
    cast.finding()
    client.force_login(cast.lead)
    where = f"{base}findings/F-001/edit/"
    initial = client.get(where).context["form"].initial
    sent = {**initial, "due_on": "", "statement": "Four of ten."}
    assert client.post(where, sent).status_code == 303
    stale = client.post(where, sent | {"statement": "Five of ten."})
    assert stale.status_code == 422 and "Four of ten." in stale.content.decode()
    client.force_login(cast.outsider)
    assert client.get(where).status_code == 403


def test_the_nonconformity_is_raised_from_the_page_and_each_leads_to_the_other(client, cast, base):
    cast.finding()
    client.force_login(cast.lead)
    client.post(f"{base}findings/F-001/raise/")
    raised = Nonconformity.objects.get()
    page = client.get(f"{base}findings/F-001/").content.decode()
    assert f"{base}nonconformities/{raised.label}/" in page and "this page reads them" in page
    there = client.get(f"{base}nonconformities/{raised.label}/").content.decode()
    assert "Finding F-001 of AU-001" in there and f'href="{base}findings/F-001/"' in there
    client.force_login(cast.auditee)  # its owner now, but the finding was not handed over yet
    there = client.get(f"{base}nonconformities/{raised.label}/").content.decode()
    assert "Finding F-001 of AU-001" in there and f'href="{base}findings/F-001/"' not in there
    client.force_login(cast.manager)
    assert client.post(f"{base}findings/F-001/raise/").status_code == 403


def test_the_register_leads_to_the_nonconformity_for_who_may_open_it(client, cast, base):
    raised = services.raise_nonconformity(finding=handed(cast, grade="nc_major"), by=cast.lead)
    link = f'<a class="num nowrap" href="{raised.get_absolute_url()}">{raised.label}</a>'
    where = f"{base}findings/"
    client.force_login(cast.manager)
    assert link in client.get(where).content.decode()
    client.force_login(cast.second)
    assert link in client.get(where).content.decode()

    Nonconformity.objects.filter(pk=raised.pk).update(is_confidential=True)

    text = client.get(where).content.decode()
    assert raised.get_absolute_url() not in text and raised.label in text
    assert client.get(raised.get_absolute_url()).status_code == 404
    client.force_login(cast.manager)
    assert link in client.get(where).content.decode()


def test_the_register_is_listed_filtered_sorted_and_taken_along(client, cast, base):
    where = f"{base}findings/"
    client.force_login(cast.lead)
    assert "No open findings" in client.get(where).content.decode()
    handed(cast)
    client.get(where)
    one = count_queries(lambda: client.get(where))
    handed(cast, grade="nc_major", statement="The torque wrench is not calibrated.")
    services.raise_nonconformity(finding=handed(cast, grade="nc_major"), by=cast.lead)
    assert count_queries(lambda: client.get(where)) == one == 11
    assert [row.label for row in client.get(f"{where}?q=wrench").context["rows"]] == ["F-002"]
    assert [row.label for row in client.get(f"{where}?sort=grade").context["rows"]][-1] == "F-001"
    assert "Nothing matches" in client.get(f"{where}?q=nothing").content.decode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{where}export/?grade=nc&sort=number").content))
    rows = [[cell.value for cell in row] for row in book.active.iter_rows()]
    assert [row[0] for row in rows] == ["Number", "F-001", "F-002", "F-003"]
    assert rows[2][2] == "The torque wrench is not calibrated." and rows[3][15] == "NC-001"
    client.force_login(cast.auditee)
    assert len(client.get(where).context["rows"]) == 3
    client.force_login(cast.staff)
    assert client.get(where).status_code == 200 and client.get(where).context["rows"] == []


def test_earlier_findings_are_looked_at_again(client, cast, base):
    handed(cast)
    nxt = make_working_audit(cast.project, cast.lead)
    nxt.standard_links.create(standard=cast.standards["quality"])
    where = f"{base}audits/AU-002/earlier/"
    client.force_login(cast.lead)
    page = client.get(where)
    assert page.status_code == 200 and "Three of ten records are missing." in page.content.decode()
    assert client.post(f"{where}F-001/", {"result": "effective", "note": " "}).status_code == 422
    noted = client.post(f"{where}F-001/", {"result": "effective", "note": "Ten of ten."})
    assert noted["Location"] == f"{where}#F-001"
    stale = client.post(f"{where}F-001/", {"result": "not_effective", "note": "Mine"})
    assert stale.status_code == 422 and "Mine" in stale.content.decode()
    assert "Ten of ten." in client.get(f"{base}findings/F-001/").content.decode()
    assert client.post(f"{where}F-099/", {"result": "effective", "note": "x"}).status_code == 404
    client.force_login(cast.second)
    assert client.post(f"{where}F-001/", {"result": "effective", "note": "x"}).status_code == 403


# ---- many at once ----------------------------------------------------------------------------------------------------


def test_many_findings_get_a_respondent_and_a_day_all_or_none(client, cast):
    some = [cast.finding(respondent=None) for _n in range(3)]
    home = reverse("audits:finding-list", kwargs=cast.project.address)
    client.force_login(cast.lead)
    assert f'action="{home}bulk/"' in client.get(home).content.decode()
    sent = {"chosen": [some[0].label, some[1].label], "respondent": cast.auditee.pk, "due_on": "2026-07-01"}

    answer = client.post(f"{home}bulk/?grade=nc", sent, follow=True)

    assert answer.redirect_chain == [(f"{home}?grade=nc", 303)] and "2 findings changed." in answer.content.decode()
    given = list(Finding.objects.order_by("number").values_list("respondent", "due_on"))
    assert given == [(cast.auditee.pk, dt.date(2026, 7, 1))] * 2 + [(None, None)]
    assert "Nothing had to change" in client.post(f"{home}bulk/", sent, follow=True).content.decode()
    told = JournalEntry.objects.filter(action="finding.changed")
    assert told.count() == 2 and told.first().changes["due_on"] == [None, "2026-07-01"]

    moved = services.move(finding=Finding.objects.get(pk=some[1].pk), name="open", by=cast.lead)
    services.respond(finding=moved, by=cast.auditee, version=moved.version, response="So it is")
    services.move(finding=Finding.objects.get(pk=moved.pk), name="answer", by=cast.auditee)
    answer = client.post(f"{home}bulk/", {"all_matching": "1", "due_on": "2026-08-01"}, follow=True)
    assert f"{some[1].label}: " in answer.content.decode() and "keeps its words" in answer.content.decode()
    assert Finding.objects.filter(due_on=dt.date(2026, 8, 1)).count() == 0, "all or none"


def test_what_cannot_be_done_to_many_is_said(client, cast):
    one = cast.finding()
    home = reverse("audits:finding-list", kwargs=cast.project.address)
    client.force_login(cast.lead)
    for sent, says in (
        ({"due_on": "2026-08-01"}, "Nothing was chosen"),
        ({"chosen": [one.label]}, "Choose a person or a day first"),
        ({"chosen": [one.label], "due_on": "soon"}, "Response until"),
        ({"chosen": [one.label], "respondent": cast.second.pk}, f"{one.label}: Who audits does not answer"),
        ({"chosen": [one.label], "respondent": make_user().pk}, "Answered by"),
    ):
        assert says in client.post(f"{home}bulk/", sent, follow=True).content.decode(), says
    client.force_login(cast.outsider)
    said = client.post(f"{home}bulk/", {"chosen": [one.label], "due_on": "2026-08-01"}, follow=True)
    assert "Only the auditors of AU-001" in said.content.decode()
    client.force_login(cast.manager)
    assert client.post(f"{home}bulk/", {"chosen": [one.label], "due_on": "2026-08-01"}).status_code == 403
    assert "bulk/" not in client.get(home).content.decode()
    one.refresh_from_db()
    assert one.due_on is None
