"""What a tenant of the worlds has of nonconformities and proposals; every text with its canary."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from core import files
from improvement import exporting
from improvement.models import ImportKind, NonconformityImport
from improvement.services import nonconformity as nonconformities
from improvement.services import proposal as proposals
from jobs.models import Job, JobState
from projects.models import Project
from tests.helpers import wild_sheets


def things(project: Project, canary: str, manager: Any) -> dict[str, Any]:
    """A nonconformity that is accepted by nobody yet, with a cause; a proposal; an import being prepared; a workbook."""
    record = nonconformities.report(
        project=project, by=manager, values={"title": f"Nonconformity {canary}", "description": canary, "place": canary}
    )
    values = {"owner": manager, "grade": "minor"}
    record = nonconformities.change(record=record, by=manager, version=record.version, values=values)
    cause = nonconformities.add_cause(record=record, by=manager, text=f"Because {canary}", is_root=True)
    proposal = proposals.propose(
        project=project, by=manager, values={"title": f"Proposal {canary}", "description": canary, "gain": canary}
    )
    data = wild_sheets.book(A=[["Title", "Place"], [f"Nonconformity {canary}", f"Place {canary}"]])
    coming = NonconformityImport.objects.create(
        organization_id=project.organization_id, project=project, kind=ImportKind.NONCONFORMITIES, created_by=manager,
        file_name=f"nonconformities-{canary}.xlsx", size_bytes=len(data), sheet="A", header_row=1,
        sha256=files.store(data, organization_id=project.organization_id, folder="ncimports"),
        mapping={"columns": {"title": 0, "place": 1}, "options": {}},
    )  # fmt: skip
    return {
        "nonconformity": record, "cause": cause, "proposal": proposal, "nonconformity_import": coming,
        "nonconformity_export": _workbook(project, manager, canary),
    }  # fmt: skip


def _workbook(project: Project, person: Any, canary: str) -> Job:
    """A register that was written as a spreadsheet."""
    now = timezone.now()
    data, _rows = exporting.workbook(project, exporting.NONCONFORMITIES_KIND, {"state": "all"}, [], user=person)
    sha256 = files.store(data, organization_id=project.organization_id, folder=exporting.FOLDER)
    return Job.objects.create(
        kind=exporting.JOB, key=f"{exporting.JOB}:{canary}:{project.pk}", subject=f"Export {canary}", project=project, actor=person,
        organization=project.organization, state=JobState.DONE, result={"sha256": sha256}, not_before=now, finished_at=now,
        parameters={"kind": exporting.NONCONFORMITIES_KIND},
    )  # fmt: skip
