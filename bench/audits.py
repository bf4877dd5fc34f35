"""A checklist of three standards (ISO 9001:2026, ISO 14001:2026, ISO 45001:2018) beside the bare inserts of its rows.

What is compared: `services.checklist.generate` (reading the criteria, merging 133 clauses into 64 lines, lines, credits,
history, journal) with one `bulk_create` each of the same lines and credits in a transaction. Who asks is somebody whose roles
the page has read before, as always. Target: 2.
"""

from __future__ import annotations

from django.db import transaction

from audits.models import ChecklistLine, ChecklistLineClause
from audits.services import checklist
from bench import Report
from pdca.models import Standard
from projects import access
from projects.models import Project
from projects.permissions import Role
from tests.factories.audits import make_working_audit
from tests.factories.projects import grant, make_project, make_user

STANDARDS = ("iso-9001-2026", "iso-14001-2026", "iso-45001-2018")
TARGET = 2.0


def run(report: Report) -> None:
    project: Project = make_project()
    lead = make_user(name="Lead")
    grant(lead, Role.AUDITOR, project)
    access.remember(lead, project, access.roles_of(lead, project))
    standards = list(Standard.objects.filter(slug__in=STANDARDS))
    project.chosen_standards.bulk_create(
        project.chosen_standards.model(project=project, standard=one) for one in standards
    )

    def audit():
        made = make_working_audit(project, lead)
        made.standard_links.bulk_create(made.standard_links.model(audit=made, standard=one) for one in standards)
        return made

    first = audit()
    count = checklist.generate(audit=first, by=lead)
    lines = list(ChecklistLine.objects.filter(audit=first).order_by("pk"))
    credits = list(ChecklistLineClause.objects.filter(line__in=lines).order_by("pk"))
    at = {line.pk: n for n, line in enumerate(lines)}
    report.say(f"  {count} lines credit {len(credits)} clauses")
    waiting = [audit() for _k in range(2 * (report.rounds + report.warm_up) + 4)]

    def subject() -> None:
        checklist.generate(audit=waiting.pop(), by=lead)

    def bare() -> None:
        with transaction.atomic():
            made = [_copy(line, pk=None) for line in lines]
            ChecklistLine.objects.bulk_create(made)
            ChecklistLineClause.objects.bulk_create(
                ChecklistLineClause(line_id=made[at[one.line_id]].pk, clause_id=one.clause_id) for one in credits
            )

    report.compare(
        "checklist of three standards", subject, bare, against="bulk_create of its rows", size=count, target=TARGET
    )


def _copy(line: ChecklistLine, **other: object) -> ChecklistLine:
    values = {field.attname: getattr(line, field.attname) for field in ChecklistLine._meta.concrete_fields}
    return ChecklistLine(**values | {"id": other["pk"]})
