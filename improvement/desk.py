"""The desk at which spreadsheets of nonconformities come in (sheets.desk)."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse

from projects.permissions import Perm
from sheets import selectors
from sheets.desk import Desk, Way

from .models import ImportKind, Nonconformity, NonconformityImport
from .selectors import importing as plans
from .services import importing as writing
from .sheet_columns import NONCONFORMITIES

JOB = "nonconformity-import"


def _home(record: NonconformityImport) -> str:
    return reverse("improvement:nonconformity-list", kwargs=record.project.address) + "?state=all"


WAYS = {
    str(ImportKind.NONCONFORMITIES): Way(
        ImportKind.NONCONFORMITIES.label, NONCONFORMITIES, plans.plan, writing.write, ("match", "empties", "last_row"), _home,
        Nonconformity.PREFIX,
    ),
}  # fmt: skip


def _ways() -> Mapping[str, Way]:
    return WAYS


DESK = Desk(
    NonconformityImport, "improvement", Perm.MANAGE_NONCONFORMITIES, job=JOB, folder="ncimports",
    action="nonconformities.imported", ways=_ways, crumbs="improvement/nonconformity/_register_crumbs.html",
)  # fmt: skip


def sweep() -> dict[str, int]:
    """Removes the files of imports that are done or given up."""
    return {"nonconformity_import_files": selectors.sweep(DESK)}
