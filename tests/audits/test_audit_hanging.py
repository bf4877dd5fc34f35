"""What programmes and audits hang into the rest: reminders, step 3.2 and its gate, search, the journal's words, evidence."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from audits import audit_hanging as hanging
from audits.models import Covered
from audits.selectors import audit as selectors
from audits.services import audit as services
from core import dates
from pdca.models import Clause
from projects import journal_words, reminders, workspace
from projects.models import JournalEntry, PlanStep
from projects.permissions import MAY, Perm, Role
from tests.factories.audits import (
    Cast,
    approve,
    bring_to,
    fresh,
    make_audit,
    make_line,
    make_programme,
)
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture
def step(cast):
    found = PlanStep.objects.select_related("project__organization").get(project=cast.project)
    found.code = hanging.STEP
    return found


def met(step):
    return {str(one.label): one.is_met for one in [*hanging.programme_gate(step), *hanging.coverage_gate(step)]}


def test_the_gate_of_internal_audit_is_green_when_all_is_approved_on_time_and_covered(cast, step):
    approved, on_time, covered = (
        "The audit programme is approved", "No audit of the programme is overdue",
        "Every requirement was audited at least once",
    )  # fmt: skip
    assert met(step) == {approved: False, on_time: True, covered: False}

    today = dates.today()
    programme = make_programme(
        cast.project, cast.manager, starts_on=today - dt.timedelta(days=30), ends_on=today + dt.timedelta(days=360)
    )
    make_line(programme, cast.manager, [cast.standard], first_on=today - dt.timedelta(days=1))
    approve(programme, by=cast.lead, decider=cast.management)
    assert met(step) == {approved: True, on_time: False, covered: False}

    audit = cast.audit(lines=[programme.lines.get()], starts_on=today, ends_on=today)
    bring_to(audit, "reported", by=cast.manager, lead=cast.lead)
    assert met(step) == {approved: True, on_time: True, covered: True}

    Covered.objects.filter(clause=Clause.objects.get(standard=cast.standard, ref="8.4")).delete()
    (criterion,) = hanging.coverage_gate(step)
    assert (criterion.is_met, str(criterion.reason)) == (False, "1 clause was never audited")


def test_the_workspace_shows_programme_and_audits_in_a_constant_number_of_queries(cast, step):
    programme = make_programme(cast.project, cast.manager)

    def loaded():
        panels = workspace.panels_for(step, cast.manager, MAY[Role.PROJECT_MANAGER])
        return next(context for panel, context in panels if panel.key == "audits")

    make_line(programme, cast.manager, [cast.standard])
    cast.audit()
    first = count_queries(loaded)
    for _k in range(2):
        make_line(programme, cast.manager, [cast.standard])
        cast.audit()
    assert count_queries(loaded) == first
    shown = loaded()
    assert (shown["programme"], len(shown["audits"]), len(shown["lines"])) == (programme, 3, 3)


def due_of(kind):
    source = reminders.of(kind)
    return sorted(source.rows().values_list(source.owner, source.due, source.number, source.title))


def test_owners_and_dates_are_handed_to_the_reminders(cast):
    programme = make_programme(cast.project, cast.manager)
    make_line(programme, cast.manager, [cast.standard], subject="Sales", first_on=dt.date(2026, 9, 1))
    audit = cast.audit(title="Spring")
    assert due_of("audit-line") == [(cast.manager.pk, dt.date(2026, 9, 1), 1, "Sales")]
    assert due_of("audit") == [(cast.lead.pk, dt.date(2026, 3, 2), 1, "Spring")] and due_of("audit-report") == []
    audit = bring_to(audit, "in_progress", by=cast.manager, lead=cast.lead)
    assert due_of("audit") == []
    assert due_of("audit-report") == [(cast.lead.pk, dt.date(2026, 3, 17), 1, "Spring")]
    bring_to(audit, "issued", by=cast.manager, lead=cast.lead)
    assert due_of("audit-report") == []


def test_everything_is_told_in_words(cast):
    programme = make_programme(cast.project, cast.manager)
    make_line(programme, cast.manager, [cast.standard])
    cast.audit("closed")
    actions = set(JournalEntry.objects.filter(project=cast.project).values_list("action", flat=True))
    mine = {one for one in actions if one.startswith(("audit.", "programme."))}
    assert {"audit.created", "audit.issued", "programme.line_added"} <= mine
    assert mine <= set(journal_words.VERBS)


def test_what_is_found_is_shown_to_auditees_after_the_report_is_issued(cast):
    from audits.models import Finding

    audit = cast.audit("in_progress")
    finding = Finding(
        organization=audit.organization,
        project=audit.project,
        audit=audit,
        number=1,
        grade="strength",
        statement="Good",
    )
    finding._change_reason = ""
    finding.save()

    def seen_by(person):
        client = Client()
        client.force_login(person, backend="accounts.backends.Backend")
        listed = client.get(f"/org/{cast.project.organization.slug}/{cast.project.slug}/audits/").context["rows"]
        page = client.get(audit.get_absolute_url()).context["page"]
        return [row.finding_count for row in listed], page.findings

    counted = [("strength", "Strength", 1)]
    assert seen_by(cast.owner) == ([None], []) and seen_by(cast.lead) == ([1], counted)
    services.move(audit=fresh(audit), name="report", by=cast.lead)
    assert seen_by(cast.owner) == ([None], [])
    bring_to(audit, "issued", by=cast.manager, lead=cast.lead)
    assert seen_by(cast.owner) == ([1], counted)


def test_evidence_is_added_by_the_team_and_by_who_plans_until_the_report_is_issued(cast):
    audit = cast.audit()
    assert [hanging.may_add(audit, one) for one in (cast.manager, cast.lead, cast.auditor, cast.owner)] == [
        True, True, True, False,
    ]  # fmt: skip
    assert hanging.may_see(audit, cast.owner) and not hanging.may_see(audit, cast.certifier)
    issued = bring_to(audit, "issued", by=cast.manager, lead=cast.lead)
    assert not any(hanging.may_add(issued, one) for one in (cast.manager, cast.lead))


def test_an_auditor_of_a_certification_body_sees_what_they_are_invited_to_until_the_day(cast):
    from audits.models import AuditAccess

    audit, _other = cast.audit(), make_audit(cast.project, cast.manager)
    held = MAY[Role.CERTIFICATION_AUDITOR]
    today = dates.today(cast.project.organization.time_zone)
    access = AuditAccess.objects.create(
        organization=audit.organization, project=audit.project, audit=audit, person=cast.certifier, email="a@b.example",
        ends_on=today, granted_by=cast.manager,
    )  # fmt: skip
    assert list(selectors.visible(cast.project, cast.certifier, held)) == [audit]
    AuditAccess.objects.filter(pk=access.pk).update(ends_on=today - dt.timedelta(days=1))
    assert not selectors.visible(cast.project, cast.certifier, held)
    assert not selectors.visible(cast.project, cast.staff, frozenset({Perm.VIEW_OWN_WORK}))
