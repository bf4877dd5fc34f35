"""The risks of a world (tests.helpers.worlds): one of everything that an address can name, with the canary in its words."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.utils import timezone

from core import files
from jobs.models import Job
from jobs.models.job import JobState
from pdca.models import Standard
from projects.models import Project, Task
from risks import exporting
from risks.models import (
    Acceptance,
    AcceptedRisk,
    ImportKind,
    SheetImport,
    SoaEntry,
    Treatment,
    TreatmentControl,
    TreatmentTask,
)
from risks.services import rating
from tests.factories.projects import make_task
from tests.factories.risks import make_asset, make_edition, make_risk, make_soa
from tests.helpers import wild_sheets


def things(project: Project, world: Any) -> dict[str, Any]:
    canary = world.canary
    manager = world.people["project_manager" if project.slug == "ims" else "organization_manager"]
    boss = world.people["organization_management"]
    make_edition(project, manager, boss)
    asset = make_asset(project, manager, name=f"Asset {canary}", description=f"Words {canary}", owner=manager)
    risk = make_risk(
        project, manager, title=f"Risk {canary}", cause=f"Cause {canary}", event=f"Event {canary}",
        outcome=f"Outcome {canary}", category=f"Category {canary}", existing_controls=f"Controls {canary}",
        discipline="information_security", facts={"threat": f"Threat {canary}"}, owner=manager, assets=[asset],
    )  # fmt: skip
    for kind, mark in (("inherent", 5), ("current", 3)):
        rating.rate(risk=risk, by=manager, kind=kind, likelihood=mark, consequence=mark, reason=f"Because {canary}")
    soa = make_soa(project, manager, Standard.objects.get(slug="iso-27001-2022-annex-a"))
    entry = soa.entries.earliest("position")
    SoaEntry.objects.filter(pk=entry.pk).update(is_applicable=True, justification=f"Justified {canary}")
    owned = {"organization": project.organization, "project": project}
    treatment = Treatment(
        **owned, number=1, risk=risk, option="modify", title=f"Treatment {canary}", description=f"Words {canary}",
        owner=manager, created_by=manager,
    )  # fmt: skip
    Treatment.objects.bulk_create([treatment])
    TreatmentTask.objects.create(treatment=treatment, task=_task(project, canary))
    TreatmentControl.objects.create(treatment=treatment, entry=entry)
    acceptance = Acceptance(
        **owned, number=1, owner=manager, note=f"Note {canary}", created_by=boss,
        accepted_until=timezone.localdate() + dt.timedelta(days=300),
    )  # fmt: skip
    Acceptance.objects.bulk_create([acceptance])
    AcceptedRisk.objects.create(**owned, acceptance=acceptance, risk=risk)
    data = wild_sheets.book(Risks=[["Title", "Cause"], [f"Risk {canary}", f"Cause {canary}"]])
    sheet_import = SheetImport.objects.create(
        **owned, kind=ImportKind.RISKS, file_name=f"risks-{canary}.xlsx", created_by=manager, size_bytes=len(data),
        sha256=files.store(data, organization_id=project.organization_id, folder="imports"), sheet="Risks", header_row=1,
        mapping={"columns": {"title": 0, "cause": 1}, "options": {}},
    )  # fmt: skip
    return {
        "asset": asset,
        "risk": risk,
        "soa": soa,
        "entry": entry,
        "treatment": treatment,
        "acceptance": acceptance,
        "sheet_import": sheet_import,
        "export_job": _export_job(project, manager, canary),
    }


def _task(project: Project, canary: str) -> Task:
    return make_task(project, f"Task of a treatment {canary}")


def _export_job(project: Project, person: Any, canary: str) -> Job:
    """A register that was written as a spreadsheet."""
    now = timezone.now()
    data, _rows = exporting.workbook(project, ImportKind.ASSETS, {}, [], user=person)
    sha256 = files.store(data, organization_id=project.organization_id, folder=exporting.FOLDER)
    return Job.objects.create(
        kind=exporting.JOB, key=f"export:{canary}:{project.pk}", subject=f"Export {canary}", project=project, actor=person,
        organization=project.organization, state=JobState.DONE, result={"sha256": sha256}, not_before=now, finished_at=now,
        parameters={"kind": "assets"},
    )  # fmt: skip
