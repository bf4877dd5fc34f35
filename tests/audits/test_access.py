"""Auditors of a certification body: invited to one audit until a day, and what they come for, by clause."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audits.models import AuditAccess
from audits.selectors import finding as findings
from audits.services import access as services
from core import dates
from core.rules import RuleBroken
from improvement.models import Nonconformity, NonconformityClause
from projects import access as rights
from projects.flow import NotPermitted
from projects.models import Invitation, JournalEntry, ProjectUserGrant
from projects.permissions import MAY, Role
from projects.services import team
from risks.models import SoaDocument, SoaEntry
from tests.factories.audits import Cast, bring_to, clause, fresh, make_audit
from tests.factories.documents import make_document, make_effective
from tests.factories.improvement import bring_to as accept
from tests.factories.improvement import make_nonconformity
from tests.factories.projects import grant, make_activity, make_step, make_task, make_user
from tests.factories.risks import make_soa
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db
OUTSIDE = "cora@body.example"


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def today(cast):
    return dates.today(cast.project.organization.time_zone)


def client_of(person):
    client = Client()
    client.force_login(person, backend="accounts.backends.Backend")
    return client


def url(audit, name, **more):
    return reverse(f"audits:{name}", kwargs={**audit.project.address, "number": audit.label, **more})


def roles(person, project):
    return rights.roles_of(User.objects.get(pk=person.pk), project)


def test_a_stranger_reads_the_one_audit_after_accepting_until_their_day(
    cast, today, django_capture_on_commit_callbacks
):
    audit, other = cast.audit(), make_audit(cast.project, cast.manager, lead=cast.lead)
    client, until = client_of(cast.manager), today + dt.timedelta(days=20)
    assert "Nobody is invited" in client.get(url(audit, "audit-access")).content.decode()
    wrong = client.post(url(audit, "audit-access-invite"), {"email": "cora", "ends_on": "2020-01-01"})
    assert wrong.status_code == 422 and 'value="cora"' in wrong.content.decode(), "what was typed is kept"
    past = client.post(url(audit, "audit-access-invite"), {"email": OUTSIDE, "ends_on": "2020-01-01"})
    assert past.status_code == 422 and not AuditAccess.objects.exists() and not Invitation.objects.exists()
    sent = client.post(url(audit, "audit-access-invite"), {"email": OUTSIDE, "ends_on": until.isoformat()})
    assert sent.status_code == 303
    opened, invitation = AuditAccess.objects.get(), Invitation.objects.get()
    assert (opened.person, opened.ends_on) == (None, until)
    assert (invitation.role, invitation.role_ends_on) == (Role.CERTIFICATION_AUDITOR, until)
    assert "audit.access_given" in JournalEntry.objects.values_list("action", flat=True)

    cora = make_user(name="Cora", email=OUTSIDE)
    assert client_of(cora).get(url(audit, "audit-evidence")).status_code == 404, "not accepted yet"
    with django_capture_on_commit_callbacks(execute=True):
        team.accept(invitation=invitation, user=cora)
    opened.refresh_from_db()
    assert opened.person == cora
    hers = client_of(cora)
    assert [hers.get(url(audit, name)).status_code for name in ("audit-detail", "audit-evidence")] == [200, 200]
    assert [hers.get(url(other, name)).status_code for name in ("audit-detail", "audit-evidence")] == [404, 404]
    assert hers.get(url(audit, "audit-access")).status_code == 403
    assert "Cora" in client.get(url(audit, "audit-access")).content.decode()

    AuditAccess.objects.update(ends_on=today - dt.timedelta(days=1))
    assert hers.get(url(audit, "audit-evidence")).status_code == 404, "the day is over, the role is not"


def test_who_holds_the_role_is_given_the_longer_end_and_loses_it_with_the_last_audit(cast, today):
    audit, other = cast.audit(), make_audit(cast.project, cast.manager)
    cora, short = make_user(name="Cora", email=OUTSIDE), today + dt.timedelta(days=5)
    grant(cora, Role.CERTIFICATION_AUDITOR, cast.project, expires_at=team.end_of(short, cast.project.organization))
    long = today + dt.timedelta(days=40)
    first = services.invite(audit=audit, by=cast.manager, email=OUTSIDE, ends_on=long)
    second = services.invite(audit=other, by=cast.manager, email=OUTSIDE, ends_on=short)
    held = ProjectUserGrant.objects.get(user=cora)
    assert held.expires_at == team.end_of(long, cast.project.organization) and first.person == cora
    assert services.invite(audit=other, by=cast.manager, email=OUTSIDE, ends_on=long).pk == second.pk, "the day moves"
    assert not Invitation.objects.exists()

    services.end(opened=first, by=cast.manager)
    assert Role.CERTIFICATION_AUDITOR in roles(cora, cast.project)
    with pytest.raises(RuleBroken, match="in the meantime"):
        services.end(opened=first, by=cast.manager)
    assert client_of(cast.manager).post(url(other, "audit-access-end", pk=second.pk)).status_code == 303
    assert not roles(cora, cast.project)
    assert services.invite(audit=audit, by=cast.manager, email=OUTSIDE, ends_on=long).pk != first.pk, "and again"
    assert Invitation.objects.get().email == OUTSIDE, "who holds no role any more is asked by mail"


def test_what_is_refused(cast, today):
    audit, soon = cast.audit(), today + dt.timedelta(days=5)
    asks = {"audit": audit, "ends_on": soon}
    with pytest.raises(NotPermitted):
        services.invite(by=cast.lead, email=OUTSIDE, **asks)  # plans audits, brings nobody in
    with pytest.raises(RuleBroken, match="already"):
        services.invite(by=cast.manager, email=cast.owner.email, **asks)
    with pytest.raises(RuleBroken, match="90"):
        services.invite(audit=audit, by=cast.manager, email=OUTSIDE, ends_on=today + dt.timedelta(days=91))
    assert not AuditAccess.objects.exists() and not Invitation.objects.exists()
    page = client_of(cast.lead).get(url(audit, "audit-access")).content.decode()
    assert "Who manages the team" in page and "access/invite/" not in page

    consultant = make_user(name="Consultant")
    grant(consultant, Role.CONSULTANT, cast.project)
    opened = services.invite(by=consultant, email=OUTSIDE, **asks)
    services.end(opened=opened, by=consultant)
    assert Invitation.objects.get().state == "revoked"


def furnish(cast, audit, n):
    """`n` of each thing on clause 8.1 of the standard."""
    at = clause(cast.standard, "8.1")
    soa = make_soa(cast.project, cast.manager)
    entries = list(SoaEntry.objects.filter(soa=soa).order_by("position")[:n])
    step = make_step(cast.project)
    for entry in entries:
        document = make_document(cast.project, cast.manager, clauses=[at])
        make_effective(document, by=cast.manager, decider=cast.management)
        make_document(cast.project, cast.manager, title="Never published", clauses=[at])
        SoaEntry.objects.filter(pk=entry.pk).update(is_applicable=True)
        SoaDocument.objects.create(entry=entry, document=document)
        make_task(cast.project, activity=make_activity(step, hs_clauses=["8.1"]), title="Proved task", evidence_count=2)
        make_task(cast.project, activity=make_activity(step, hs_clauses=["8.1"]), title="Unproved task")
        for title, secret in (("Open one", False), ("Hidden one", True)):
            made = make_nonconformity(cast.project, cast.manager, title=title)
            NonconformityClause.objects.create(nonconformity=made, clause=at)
            Nonconformity.objects.filter(pk=made.pk).update(is_confidential=secret)


def make_finding(audit, at):
    from audits.models import Finding

    finding = Finding(
        organization_id=audit.organization_id, project=audit.project, audit=audit, number=1, grade="observation",
        statement="Watch it",
    )  # fmt: skip
    finding._change_reason = ""
    finding.save()
    finding.clause_links.create(clause=at)
    return finding


def test_evidence_by_clause_shows_each_what_they_may_see(cast, today):
    audit = cast.audit("in_progress")
    make_finding(audit, clause(cast.standard, "8.1"))
    empty = client_of(cast.owner).get(url(audit, "audit-evidence"))
    assert [one.is_shown for one in empty.context["lines"]] == [False] * 4
    furnish(cast, audit, 1)
    page = client_of(cast.owner).get(url(audit, "audit-evidence"))
    text = page.content.decode()
    shown = {one.line.ref: one for one in page.context["lines"]}["8.1"]
    assert [len(some) for some in (shown.documents, shown.controls, shown.tasks, shown.nonconformities)] == [1] * 4
    assert "Never published" not in text and "Hidden one" not in text and "Unproved task" not in text
    assert "Watch it" not in text, "its report is not issued"
    assert all(one.url for one in [*shown.documents, *shown.controls, *shown.tasks, *shown.nonconformities])
    for one in [*shown.documents, *shown.controls, *shown.tasks, *shown.nonconformities]:
        assert client_of(cast.owner).get(one.url).status_code == 200, one
    gaps = client_of(cast.owner).get(url(audit, "audit-evidence") + "?gaps=1")
    assert [one.line.ref for one in gaps.context["lines"]] == ["4.1", "7.5", "8.4"]

    AuditAccess.objects.create(
        organization=audit.organization, project=audit.project, audit=audit, person=cast.certifier, email="c@b.example",
        ends_on=today, granted_by=cast.manager,
    )  # fmt: skip
    theirs = client_of(cast.certifier)

    def seen():
        return {one.line.ref: one for one in theirs.get(url(audit, "audit-evidence")).context["lines"]}["8.1"]

    assert not seen().nonconformities, "what is only reported is no concern of theirs"
    for record in Nonconformity.objects.select_related("project__organization"):
        people = {"owner": cast.owner, "doer": cast.staff, "verifier": cast.management}
        accept(record, "accepted", by=cast.manager, **people)
    certified = seen()
    assert [(one.title, one.url) for one in certified.nonconformities] == [("Open one", "")]
    for one in [*certified.documents, *certified.controls, *certified.tasks]:
        assert theirs.get(one.url).status_code == 200, one
    bring_to(fresh(audit), "issued", by=cast.manager, lead=cast.lead)
    assert [one.title for one in seen().findings] == ["Watch it"]
    assert theirs.get(seen().findings[0].url).status_code == 200
    assert list(findings.visible(cast.project, cast.certifier, MAY[Role.CERTIFICATION_AUDITOR]))


def test_evidence_by_clause_takes_as_many_queries_for_three_of_each_as_for_one(cast):
    audit = cast.audit("planned")
    client, here = client_of(cast.owner), url(audit, "audit-evidence")
    furnish(cast, audit, 1)
    client.get(here)
    one = count_queries(lambda: client.get(here))
    furnish(cast, audit, 3)
    three = count_queries(lambda: client.get(here))
    assert one == three == 20


def test_who_is_invited_finds_the_way_to_their_audit(cast, today):
    audit = cast.audit()
    services.invite(audit=audit, by=cast.manager, email=cast.certifier.email, ends_on=today)

    for person in (cast.certifier, cast.manager):
        page = client_of(person).get(url(audit, "audit-detail")).content.decode()
        home = reverse("audits:audit-list", kwargs=cast.project.address)
        assert page.count(f'<a class="side-link" href="{home}" aria-current="page"') == 1
