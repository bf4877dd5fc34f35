"""The report of an audit: written by its team, signed by its lead, frozen, and then read by everybody who reads audits."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from approvals.models import Approval, Signature
from approvals.selectors import inbox
from approvals.services import decision
from approvals.services import request as requests
from audits.models import AuditMember, Finding
from audits.selectors import report as selectors
from audits.services import report as services
from core.rules import RuleBroken, StaleRecord
from improvement.models import Nonconformity
from projects.flow import NotPermitted
from projects.models import JournalEntry
from projects.permissions import Role
from risks.models import SoaEntry
from tests.factories.audits import Cast, clause, fresh, make_checklist_line, make_session
from tests.factories.documents import make_document
from tests.factories.improvement import make_nonconformity
from tests.factories.projects import grant, make_task, make_user
from tests.factories.risks import make_asset, make_control_set, make_risk, make_soa
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db
WORDS = {"summary": "It works.", "distribution": "Top management", "not_covered": "", "attendance": "", "strengths": ""}


@pytest.fixture
def cast():
    return Cast()


def answered(cast):
    return {"answered_by": cast.lead, "answered_at": timezone.now()}


def written(cast, status="reported", **values):
    audit = cast.audit("in_progress")
    make_checklist_line(
        audit, [clause(cast.standard, "7.5")], result="not_sampled", not_sampled_because="No time", **answered(cast)
    )
    make_checklist_line(
        audit, [clause(cast.standard, "8.4")], result="strength", evidence="Shown by heart", **answered(cast)
    )
    finding = Finding(
        organization_id=audit.organization_id, project=audit.project, audit=audit, number=1, grade="observation",
        statement="Two lists differ", evidence="Lists of May", respondent=cast.owner,
    )  # fmt: skip
    finding._change_reason = ""
    finding.save()
    if status == "reported":
        from audits.services import audit as audits

        audits.move(audit=fresh(audit), name="report", by=cast.lead)
    write(cast, audit, **values)
    return fresh(audit)


def write(cast, audit, version=0, by=None, **values):
    return services.write(
        audit=fresh(audit), by=by or cast.lead, version=version, values=WORDS | values,
        conclusions={cast.standard.pk: ("exceptions", "But for the lists")},
    )  # fmt: skip


def ask(cast, audit, by=None):
    return requests.ask(kind=selectors.KIND, project=audit.project, pk=audit.pk, steps=[], by=by or cast.lead)


def sign(approval, by):
    return decision.decide(
        approval=approval, by=by, decision="approved", digest=approval.content.digest, proof=decision.Proof("password")
    )


def test_the_lead_asks_signs_and_so_issues_what_nobody_changes_any_more(cast):
    audit = written(cast)
    approval = ask(cast, audit)
    assert [one.person for one in inbox.awaiting(cast.lead)] == [cast.lead]

    sign(approval, cast.lead)

    audit = fresh(audit)
    assert (audit.status, audit.issued_at is not None) == ("issued", True)
    assert JournalEntry.objects.filter(action="audit.issued").count() == 1
    with pytest.raises(RuleBroken, match="stays as it is"):
        write(cast, audit, version=1, summary="Later words")
    for said in ("It works.", "Two lists differ", "No time", "Shown by heart", "But for the lists", "judged work"):
        assert said in approval.content.document


def test_what_the_team_takes_on_after_the_report_is_out_does_not_change_what_it_says(cast):
    audit = written(cast)
    said = selectors.statement_of_independence(audit)
    sign(ask(cast, audit), cast.lead)

    make_document(cast.project, cast.manager, owner=cast.lead, title="More", clauses=[clause(cast.standard, "7.5")])

    assert selectors.statement_of_independence(audit) != said, "a report that is not out asks the registers"
    assert selectors.statement_of_independence(fresh(audit)) == said


@pytest.mark.parametrize("who", ["auditor", "manager", "management"])
def test_nobody_but_the_lead_signs_it(cast, who):
    approval = ask(cast, written(cast))

    with pytest.raises((NotPermitted, RuleBroken)):
        sign(approval, getattr(cast, who))
    assert not Signature.objects.exists()


def test_who_is_not_of_the_team_neither_writes_nor_asks(cast):
    audit = written(cast)

    for who in (cast.auditor, cast.manager, cast.owner, cast.staff):
        with pytest.raises(NotPermitted):
            write(cast, audit, version=1, by=who, summary="Mine")
        with pytest.raises(NotPermitted):
            ask(cast, audit, by=who)
    assert selectors.of(audit).summary == "It works."


@pytest.mark.parametrize(
    "values, says", [({"summary": ""}, "summary is missing"), ({"distribution": " "}, "who receives")]
)
def test_a_report_with_a_hole_is_not_asked_about(cast, values, says):
    audit = written(cast, **values)

    with pytest.raises(RuleBroken, match=says):
        ask(cast, audit)
    assert not Approval.objects.exists()


def test_a_report_is_not_issued_before_the_work_on_site_is_done(cast):
    audit = written(cast, status="in_progress")

    with pytest.raises(RuleBroken, match="not done yet"):
        ask(cast, audit)


def test_words_changed_after_the_request_void_it(cast):
    audit = written(cast)
    approval = ask(cast, audit)

    write(cast, audit, version=1, summary="It works, mostly.")

    approval.refresh_from_db()
    assert approval.status == "void"
    assert fresh(audit).status == "reported"


def test_of_two_who_write_the_second_sees_the_first_and_loses_nothing(cast):
    audit = written(cast)
    write(cast, audit, version=1, summary="First")
    with pytest.raises(StaleRecord):
        write(cast, audit, version=1, summary="Second")

    client = Client()
    client.force_login(cast.lead, backend="accounts.backends.Backend")
    address = reverse("audits:report-edit", kwargs={**audit.project.address, "number": audit.label})
    answer = client.post(address, WORDS | {"summary": "Second", "version": 1})

    assert answer.status_code == 422
    assert "First" in answer.content.decode() and "Second" in answer.content.decode()
    assert client.post(address, WORDS | {"summary": "Second", "version": 2}).status_code == 303
    assert selectors.of(audit).summary == "Second"


def test_the_report_is_seen_by_readers_once_it_is_issued_and_by_the_team_before(cast):
    audit = written(cast)
    address = reverse("audits:report", kwargs={**audit.project.address, "number": audit.label})

    def answers(*people):
        found = {}
        for person in people:
            client = Client()
            client.force_login(person, backend="accounts.backends.Backend")
            found[person.name] = client.get(address).status_code
        return found

    everybody = (cast.lead, cast.manager, cast.owner, cast.management, cast.staff, cast.certifier)
    assert answers(*everybody) == {
        "Lead": 200, "Manager": 200, "Owner": 404, "Management": 404, "Staff": 403, "Certifier": 404,
    }  # fmt: skip
    sign(ask(cast, audit), cast.lead)
    assert answers(*everybody) == {
        "Lead": 200, "Manager": 200, "Owner": 200, "Management": 200, "Staff": 403, "Certifier": 404,
    }  # fmt: skip


def tied(cast, audit, person, n=1):
    """Somebody of the team whom something in every register ties to what is audited; and a session they sit in."""
    member = audit.members.filter(person=person).first()
    if member is None:
        member = AuditMember(
            organization_id=audit.organization_id, project=audit.project, audit=audit, role="auditor", person=person,
            name=person.name,
        )  # fmt: skip
        member._change_reason = ""
        member.save()
    asset = make_asset(cast.project, cast.manager, name=f"Purchasing {n}", owner=person)
    make_risk(cast.project, cast.manager, owner=person, assets=[asset])
    make_document(cast.project, cast.manager, title="Rules", owner=person, clauses=[clause(cast.standard, "7.5")])
    wrong = make_nonconformity(cast.project, cast.manager, process="Purchasing")
    Nonconformity.objects.filter(pk=wrong.pk).update(owner=person)
    make_task(cast.project, activity=cast.project.planactivitys.first(), assignee=person)
    soa = make_soa(cast.project, cast.manager, make_control_set(f"set-{n}"))
    SoaEntry.objects.filter(soa=soa).update(owner=person)
    session = make_session(audit, f"Session {n}")
    session.clause_links.create(clause=clause(cast.standard, "7.5"))
    session.auditor_links.create(member=member)


@pytest.mark.parametrize("page, most", [("report", 20), ("report-edit", 19), ("audit-team", 17)])
def test_a_page_asks_each_register_once_for_all_auditors_sessions_lines_and_findings(cast, page, most):
    audit = written(cast)
    tied(cast, audit, cast.lead)
    address = reverse(f"audits:{page}", kwargs={**audit.project.address, "number": audit.label})
    client = Client()
    client.force_login(cast.lead, backend="accounts.backends.Backend")
    client.get(address)
    few = count_queries(lambda: client.get(address))
    for number in (2, 3):
        other = make_user()
        grant(other, Role.AUDITOR, cast.project)
        grant(other, Role.RISK_OWNER, cast.project)
        tied(cast, audit, other, number)
        make_checklist_line(
            audit, [clause(cast.standard, "8.1")], result="not_sampled", not_sampled_because="No time", **answered(cast)
        )
        finding = Finding(
            organization_id=audit.organization_id, project=audit.project, audit=audit, number=number,
            grade="observation", statement=f"Another {number}", evidence="Seen", respondent=cast.owner,
        )  # fmt: skip
        finding._change_reason = ""
        finding.save()

    assert count_queries(lambda: client.get(address)) == few == most
