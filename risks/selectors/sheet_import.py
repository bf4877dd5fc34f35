"""Spreadsheets on their way into the registers of risks: the ones of a project, and what they would do."""

from __future__ import annotations

from typing import Any

from projects.models import Project
from risks.desk import DESK
from risks.models import SheetImport
from sheets import selectors
from sheets.plan import Plan


def of(project: Project) -> Any:
    """The imports that are still being prepared, the newest first."""
    return selectors.of(DESK, project)


def one(project: Project, pk: int) -> SheetImport | None:
    """An import of a project, whatever became of it. One query."""
    return selectors.one(DESK, project, pk)


def plan(record: SheetImport) -> Plan:
    """What the import would do today. Raises RuleBroken when the file cannot be read or nothing is mapped yet."""
    return selectors.plan(DESK, record)


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether an import that is still being prepared needs this file."""
    return selectors.is_named(DESK, organization_id, sha256)


def sweep() -> dict[str, int]:
    """Removes the files of imports that are done or given up, a day after they were last used."""
    return {"import_files": selectors.sweep(DESK)}
