"""An audit at work in a world (tests.helpers.worlds): a line of its checklist and a finding, with the canary in their words."""

from __future__ import annotations

from typing import Any

from audits.models import ChecklistLine, Finding, FindingImport, ImportKind, LineKind
from core import files
from projects.models import Project
from tests.factories.audits import make_working_audit, saved
from tests.helpers import wild_sheets


def things(project: Project, world: Any) -> dict[str, Any]:
    canary, auditor = world.canary, world.people["auditor"]
    audit = make_working_audit(project, auditor, title=f"Audit {canary}")
    owned = {"organization_id": project.organization_id, "project": project, "audit": audit}
    line = saved(ChecklistLine(
        **owned, kind=LineKind.OWN, title=f"Question {canary}", evidence=f"Seen {canary}", prompts=[f"Paper {canary}"],
        edited_by=auditor,
    ))  # fmt: skip
    finding = saved(Finding(
        **owned, number=1, line=line, grade="nc_minor", statement=f"Statement {canary}", evidence=f"Evidence {canary}",
        criterion=f"Requirement {canary}", subject=f"Hall {canary}", respondent=world.people["process_owner"],
        created_by=auditor,
    ))  # fmt: skip
    data = wild_sheets.book(A=[["Statement", "Where"], [f"Statement {canary}", f"Hall {canary}"]])
    coming = FindingImport.objects.create(
        organization_id=project.organization_id, project=project, kind=ImportKind.FINDINGS, created_by=auditor,
        file_name=f"findings-{canary}.xlsx", size_bytes=len(data), sheet="A", header_row=1,
        sha256=files.store(data, organization_id=project.organization_id, folder="findingimports"),
        mapping={"columns": {"statement": 0, "subject": 1}, "options": {}},
    )  # fmt: skip
    return {"worked_audit": audit, "checklist_line": line, "finding": finding, "finding_import": coming}
