"""The desk at which spreadsheets of findings come in (sheets.desk)."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from projects.permissions import Perm
from sheets import selectors
from sheets.desk import Desk, Way

from .finding_columns import FINDINGS
from .models import Finding, FindingImport, ImportKind
from .selectors import importing as plans
from .services import importing as writing

JOB = "finding-import"


def _home(record: FindingImport) -> str:
    return reverse("audits:finding-list", kwargs=record.project.address) + "?state=all"


WAYS = {
    str(ImportKind.FINDINGS): Way(
        ImportKind.FINDINGS.label, FINDINGS, plans.plan, writing.write, ("match", "empties", "last_row"), _home,
        Finding.PREFIX,
    ),
}  # fmt: skip


def _ways() -> Mapping[str, Way]:
    return WAYS


DESK = Desk(
    FindingImport, "audits", Perm.CONDUCT_AUDITS, job=JOB, folder="findingimports", action="findings.imported", ways=_ways,
    crumbs="audits/finding/_crumbs.html",
)  # fmt: skip


def sweep() -> dict[str, int]:
    """Removes the files of imports that are done or given up."""
    return {"finding_import_files": selectors.sweep(DESK)}
