"""Whole registers by `bulk_create`, for budgets and benchmarks: rows as a few years of work leave them, without the way there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from audits.models import (
    Audit,
    AuditItem,
    AuditMember,
    AuditProgrammeLine,
    AuditStandard,
    ChecklistLine,
    ChecklistLineClause,
    Covered,
    Finding,
    FindingClause,
    Programme,
    ProgrammeLine,
    ProgrammeLineStandard,
)
from core import dates
from improvement.models import (
    Action,
    Category,
    Cause,
    Nonconformity,
    NonconformityClause,
    Proposal,
    Round,
    Source,
)
from pdca.models import Clause, Standard
from projects.models import Project, ProjectStandard, Task
from tests.factories.audits import make_place, make_programme

STATES = (
    "reported",
    "accepted",
    "contained",
    "planned",
    "verifying",
    "accepted",
    "contained",
    "closed",
    "closed",
    "refused",
)
OVER = ("closed", "refused")
BATCH = 500
PLACES, LINES, QUESTIONS = 12, 40, 30


def make_nonconformities(project: Project, by: Any, count: int) -> list[Nonconformity]:
    """`count` in all states, each with a round and a clause, most with a cause, those in work late; some with a task.

    The tasks are those of the project that nothing else is corrected by.
    """
    now, today = timezone.now(), dates.today()
    owned = {"organization_id": project.organization_id, "project": project}
    clauses = list(Clause.objects.filter(standard__in=project.chosen_standards.values("standard"), is_leaf=True)[:40])
    rows = []
    for n in range(1, count + 1):
        status = STATES[n % len(STATES)]
        is_answered = status not in ("reported", "refused")
        rows.append(
            Nonconformity(
                **owned, number=n, title=f"Something of ordinary length went wrong in department {n % 40}, case {n}",
                description="It is told in a sentence or two of ordinary length.", source=Source.values[n % len(Source.values)],
                detected_on=today - dt.timedelta(days=n % 400), process=f"Process {n % 12}", status=status,
                is_open=status not in OVER, grade=("minor", "major")[n % 5 == 0] if is_answered else "",
                owner=by if is_answered else None, created_by=by, edited_by=by, closed_at=now if status == "closed" else None,
            )
        )  # fmt: skip
    Nonconformity.objects.bulk_create(rows, batch_size=BATCH)
    found = list(Nonconformity.objects.filter(project=project).order_by("number"))
    Round.objects.bulk_create(
        [
            Round(
                **owned, nonconformity=one, number=1, correction="Set apart.", begun_at=now, contained_at=now,
                correction_due_on=today - dt.timedelta(days=1 + one.number % 30),
                analysis_due_on=today - dt.timedelta(days=1 + one.number % 40), check_on=today - dt.timedelta(days=20),
                verdict="effective" if one.status == "closed" else "", verified_by=by if one.status == "closed" else None,
                verified_at=now if one.status == "closed" else None,
            )
            for one in found
        ], batch_size=BATCH,
    )  # fmt: skip
    rounds = {one.nonconformity_id: one for one in Round.objects.filter(project=project)}
    Cause.objects.bulk_create(
        [
            Cause(**owned, round=rounds[one.pk], text="Nobody said so.", is_root=True, category=Category.values[one.number % 6])
            for one in found if one.status in ("planned", "verifying", "closed")
        ], batch_size=BATCH,
    )  # fmt: skip
    if clauses:
        NonconformityClause.objects.bulk_create(
            [NonconformityClause(nonconformity=one, clause=clauses[one.number % len(clauses)]) for one in found],
            batch_size=BATCH,
        )
    acting = [one for one in reversed(found) if one.status == "planned"]
    tasks = list(Task.objects.filter(project=project, corrects__isnull=True).order_by("pk")[: len(acting)])
    Action.objects.bulk_create(
        Action(**owned, round=rounds[one.pk], task=task) for one, task in zip(acting, tasks, strict=False)
    )
    return found


def make_proposals(project: Project, by: Any, count: int) -> list[Proposal]:
    """`count` that wait to be weighed."""
    owned = {"organization_id": project.organization_id, "project": project}
    return Proposal.objects.bulk_create(
        [
            Proposal(**owned, number=n, title=f"It could be better, idea {n}", process=f"Process {n % 12}", created_by=by, edited_by=by)
            for n in range(1, count + 1)
        ], batch_size=BATCH,
    )  # fmt: skip


def make_audits(
    project: Project, by: Any, lead: Any, standards: Sequence[Standard], count: int
) -> tuple[list[Audit], Programme]:
    """`count` audits of a dozen places under a programme of forty lines: every thirtieth at work, the others closed, each
    with what it covered and with a finding; the last one but one waits for its report, the last two have a checklist."""
    for standard in standards:
        ProjectStandard.objects.get_or_create(project=project, standard=standard)
    places = [make_place(project, f"Process {n}") for n in range(PLACES)]
    programme = make_programme(project, by)
    owned = {"organization_id": project.organization_id, "project": project}
    ProgrammeLine.objects.bulk_create(
        ProgrammeLine(
            **owned, programme=programme, item=places[n % PLACES], subject=places[n % PLACES].name, every_months=12,
            reason="Because of its risks", first_on=programme.ends_on, next_on=programme.ends_on, position=n,
        )
        for n in range(LINES)
    )  # fmt: skip
    lines = list(programme.lines.all())
    ProgrammeLineStandard.objects.bulk_create(
        ProgrammeLineStandard(line=one, standard=standard) for one in lines for standard in standards
    )
    Audit.objects.bulk_create(
        Audit(
            **owned, number=n, title=f"Audit of process {n % PLACES}, round {n}", created_by=by, edited_by=by,
            objectives="Find out whether it works", starts_on=_day(n), ends_on=_day(n), report_due_on=_day(n),
            status="in_progress" if n % 30 == 0 else "reported" if n == count - 1 else "closed",
            is_open=n % 30 == 0 or n == count - 1, started_at=timezone.now(),
        )
        for n in range(1, count + 1)
    )  # fmt: skip
    found = list(Audit.objects.filter(project=project).order_by("number"))
    AuditStandard.objects.bulk_create(AuditStandard(audit=one, standard=it) for one in found for it in standards)
    AuditItem.objects.bulk_create(
        AuditItem(audit=one, item=places[one.number % PLACES], name=places[one.number % PLACES].name) for one in found
    )
    AuditProgrammeLine.objects.bulk_create(
        AuditProgrammeLine(audit=one, line=lines[one.number % LINES]) for one in found
    )
    AuditMember.objects.bulk_create(
        AuditMember(**owned, audit=one, role="lead", person=lead, name=str(lead)) for one in found
    )
    clauses = list(Clause.objects.filter(standard__in=standards, is_leaf=True).values_list("pk", flat=True))
    Covered.objects.bulk_create(
        (
            Covered(**owned, audit=one, clause_id=pk, item=places[one.number % PLACES], day=one.ends_on)
            for one in found
            if not one.is_open
            for pk in clauses[:: 1 + one.number % 3]
        ),
        batch_size=2_000,
    )
    for one in found[-2:]:
        _checklist(one, lead, clauses)
    _findings(found, by, clauses)
    return found, programme


def _checklist(audit: Audit, lead: Any, clauses: Sequence[int]) -> None:
    now = timezone.now()
    owned = {"organization_id": audit.organization_id, "project_id": audit.project_id, "audit": audit}
    ChecklistLine.objects.bulk_create(
        ChecklistLine(
            **owned, title=f"Question {n}", kind="shared", prompts=["A record"], position=n, edited_by=lead,
            result="conform" if n % 2 else "", answered_by=lead if n % 2 else None, answered_at=now if n % 2 else None,
        )
        for n in range(QUESTIONS)
    )  # fmt: skip
    ChecklistLineClause.objects.bulk_create(
        ChecklistLineClause(line=line, clause_id=clauses[line.position % len(clauses)]) for line in audit.lines.all()
    )


def _findings(audits: Sequence[Audit], by: Any, clauses: Sequence[int]) -> None:
    first = audits[0]
    owned = {"organization_id": first.organization_id, "project_id": first.project_id}
    Finding.objects.bulk_create(
        Finding(
            **owned, audit=one, number=one.number, grade="observation" if one.number % 2 else "nc_minor",
            statement=f"Three of ten records of round {one.number} are missing", evidence="Records of May",
            criterion="Records are kept.", respondent=by, due_on=_day(one.number), created_by=by, edited_by=by,
        )
        for one in audits
    )  # fmt: skip
    FindingClause.objects.bulk_create(
        FindingClause(finding=one, clause_id=clauses[one.number % len(clauses)])
        for one in Finding.objects.filter(project=first.project_id)
    )


def _day(n: int) -> dt.date:
    return dates.today() - dt.timedelta(days=2 * n)
