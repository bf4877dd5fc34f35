"""Spreadsheets into the registers of risks: the file kept, its columns said, then all of it or nothing (sheets.services)."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import refused
from jobs.models import Job
from projects.models import Project
from risks.desk import DESK
from risks.models import ImportKind, SheetImport, Soa
from sheets import services
from sheets.plan import Plan

JOB = DESK.job
AT_ONCE = services.AT_ONCE


def begin(*, project: Project, by: Any, kind: str, upload: Any, soa: Soa | None = None) -> SheetImport:
    """Keeps a file and guesses its sheet, header and columns. Raises RuleBroken with what is wrong with it, NotPermitted."""
    services.permit(DESK, project, by)
    if kind == ImportKind.SOA and (soa is None or soa.project_id != project.pk):
        raise refused("soa", _("Choose the statement that the sheet answers."))
    return services.begin(
        DESK, project=project, by=by, kind=kind, upload=upload, soa=soa if kind == ImportKind.SOA else None
    )


def say(*, record: SheetImport, by: Any, version: int, **said: Any) -> SheetImport:
    """Says how the file is read. Raises StaleRecord when somebody else said otherwise meanwhile, RuleBroken, NotPermitted."""
    return services.say(DESK, record=record, by=by, version=version, **said)


def drop(*, record: SheetImport, by: Any) -> SheetImport:
    """Gives an import up; its file goes with the next sweep."""
    return services.drop(DESK, record=record, by=by)


def run(*, record: SheetImport, by: Any, digest: str, progress: Any = None) -> Plan:
    """Writes what the dry run with this `digest` showed, all or nothing. Raises StaleRecord, RuleBroken, NotPermitted."""
    return services.run(DESK, record=record, by=by, digest=digest, progress=progress)


def ask(*, record: SheetImport, by: Any, digest: str, language: str) -> Job:
    """Has an import carried out by a worker; asked for twice it is one job."""
    return services.ask(DESK, record=record, by=by, digest=digest, language=language)
