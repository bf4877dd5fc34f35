"""T31: what was written once is changed and removed by no statement, by the ORM or by hand, on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError, RestrictedError
from django.utils import timezone

from accounts.models import AuthEvent, User
from accounts.models.events import AuthEventKind
from approvals.services import certified, decision
from approvals.services import request as requests
from audits.models import AuditReport, ChecklistLine, Finding, FollowUp, ProgrammeLine
from context.services import mandate as mandates
from context.services import scope as scopes
from core import append_only
from documents.services import reading, retention
from documents.services import revision as revisions
from improvement.services import grade
from projects.models import JournalEntry, Kit, KitVersion, Task
from projects.permissions import Role
from projects.services import plan
from projects.services import task as tasks
from risks.models import Acceptance, Treatment
from risks.services import criteria
from tests.factories.audits import make_programme, make_session, make_working_audit, saved
from tests.factories.documents import make_document, make_draft, make_effective
from tests.factories.improvement import make_nonconformity, make_proposal
from tests.factories.projects import grant, make_project, make_user
from tests.factories.risks import make_asset, make_risk, make_soa, rate

pytestmark = pytest.mark.django_db


@pytest.fixture
def written():
    """A row in every protected table."""
    person = make_user()
    project = make_project()
    grant(person, Role.PROJECT_MANAGER, project)
    tasks.create(project=project, by=person, title="Written once")
    activity = project.planactivitys.select_related("project__organization").first()
    plan.edit(activity=activity, by=person, version=activity.version, values={"title": "Tailored"}, reason="Clearer")
    plan.move(activity=activity, name="start", by=person)
    KitVersion.objects.create(
        kit=Kit.objects.create(organization=project.organization, name="Kit"), number=1, catalogue=project.catalogue,
        headcount=100, content={}, digest="0" * 64,
    )  # fmt: skip
    mandate = mandates.write(
        project=project, by=person, version=0,
        values={"motives": "Why", "budget": [{"what": "Costs", "amount": "1"}],
                "team": [{"name": "Mia", "role": "", "share": 10, "person": None}]},
    )  # fmt: skip
    boss = make_user()
    grant(boss, Role.TOP_MANAGEMENT, project)
    asked = requests.ask(kind="mandate", project=project, pk=mandate.pk, by=person, steps=[requests.Planned([boss])])
    decision.decide(
        approval=asked, by=boss, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    asked.refresh_from_db()
    certified.keep(
        approval=asked, sha256="0" * 64, size_bytes=1, pages=1, is_sealed=False, made_at=timezone.now(), by=boss
    )
    document = make_document(project, person)
    revision = make_effective(document, by=person, decider=boss)
    reading.give(document=document, by=person, audience="person", person=boss)
    reading.acknowledge(revision=revision, by=boss)
    record = make_document(project, person, kind="record", retention_years=1)
    revisions.register(revision=make_draft(record, person), by=person)
    record.refresh_from_db()
    retention.decide(document=record, by=person, version=record.version, outcome="extended", reason="Still asked for",
                     keep_until=dt.date(2999, 1, 1))  # fmt: skip
    scopes.add_item(project=project, by=person, kind="interface", values={"name": "Bank", "party": "Bank"})
    criteria.begin(project=project, by=person, starter="3x3")
    asked = requests.ask(kind="risk_criteria", project=project, pk=project.risk_criteria.pk, by=person,
                         steps=[requests.Planned([boss])])  # fmt: skip
    decision.decide(
        approval=asked, by=boss, decision="approved", digest=asked.content.digest, proof=decision.Proof("password")
    )
    _risks(project, person)
    _audits(project, person)
    AuthEvent.objects.create(user=person, email=person.email, kind=AuthEventKind.SIGNED_IN)
    return person


def _risks(project, person):
    """One row of each register of risks and of nonconformities, with its history."""
    make_asset(project, person)
    risk = make_risk(project, person, owner=person)
    rate(risk, person, 2, 2)
    make_soa(project, person)
    owned = {"organization": project.organization, "project": project, "number": 1, "owner": person}
    for record in (
        Treatment(**owned, risk=risk, option="modify", title="Do it"),
        Acceptance(**owned, accepted_until=dt.date(2999, 1, 1)),
    ):
        record._change_reason = ""
        record.save()
    make_nonconformity(project, person)
    make_proposal(project, person)
    grade.save(project=project, by=person, version=0, rows=[{"name": "Grave"}, {"name": "Mild"}])


def _audits(project, person):
    """One row of each register of audits, with its history."""
    audit = make_working_audit(project, person)
    make_session(audit)
    place = {"organization_id": project.organization_id, "project": project}
    programme = make_programme(project, person)
    saved(ProgrammeLine(**place, programme=programme, subject="All", position=1, every_months=12, reason="Risk",
                                 first_on=programme.starts_on))  # fmt: skip
    saved(ChecklistLine(**place, audit=audit, title="Is it done?", position=1))
    found = saved(Finding(**place, audit=audit, number=1, grade="ofi", statement="It could be quicker"))
    saved(FollowUp(**place, audit=audit, finding=found, result="effective", noted_by=person, noted_at=timezone.now()))
    saved(AuditReport(**place, audit=audit, summary="It works"))


def protected_models():
    tables = set(append_only.protected_tables(connection))
    return [model for model in apps.get_models(include_auto_created=True) if model._meta.db_table in tables]


def test_journal_history_and_sign_in_events_are_protected():
    names = {model.__name__ for model in protected_models()}
    history = {model.__name__ for model in apps.get_models() if model.__name__.startswith("Historical")}
    assert {"JournalEntry", "AuthEvent"} | history <= names
    assert history


def test_no_statement_changes_or_removes_a_protected_row(written):
    tried = 0
    for model in protected_models():
        row = model._base_manager.order_by("pk").first()
        assert row is not None, f"{model.__name__} has no row to try"
        text = next(f for f in model._meta.concrete_fields if f.get_internal_type() in ("CharField", "TextField"))
        table, key = model._meta.db_table, model._meta.pk.column
        attempts = [
            lambda model=model, row=row, text=text: model._base_manager.filter(pk=row.pk).update(**{text.name: "x"}),
            lambda row=row: row.save(),
            lambda model=model, row=row, text=text: model._base_manager.bulk_update([row], [text.name]),
            lambda row=row: row.delete(),
            lambda model=model: model._base_manager.all().delete(),
            lambda table=table, text=text: by_hand(f'UPDATE "{table}" SET "{text.column}" = \'x\''),
            lambda table=table, key=key, row=row: by_hand(f'DELETE FROM "{table}" WHERE "{key}" = {row.pk}'),
            lambda table=table: by_hand(f'DELETE FROM "{table}"'),
        ]
        if connection.vendor == "postgresql":
            attempts.append(lambda table=table: by_hand(f'TRUNCATE "{table}" CASCADE'))
        before = list(model._base_manager.order_by("pk").values_list())
        for attempt in attempts:
            with pytest.raises(DatabaseError), transaction.atomic():
                attempt()
            tried += 1
        assert list(model._base_manager.order_by("pk").values_list()) == before
    assert tried >= 8 * 6


def by_hand(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_removing_what_an_entry_speaks_of_removes_no_entry(written):
    """Cascades stop at the journal."""
    count = JournalEntry.objects.count()
    for record in (User.objects.get(pk=written.pk), Task.objects.first().project, Task.objects.first().organization):
        with pytest.raises((ProtectedError, RestrictedError, DatabaseError)), transaction.atomic():
            record.delete()
    assert JournalEntry.objects.count() == count
