"""The registers of risks as spreadsheets: every column, in the reader's language; what goes out comes in again unchanged.

Up to AT_ONCE rows are written while the person waits; more are the work of a job (sheets.exporting).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import dates
from jobs.models import Job
from jobs.running import Run
from projects.models import Project
from projects.permissions import Perm
from projects.selectors.task import people_of
from risks import sheet_values
from risks.models import Asset, ImportKind, RatingKind, Risk, RiskAsset
from risks.selectors import asset as assets
from risks.selectors import register as lists
from risks.sheet_columns import FACT_FIELDS, of
from sheets import exporting, values, writing
from sheets.columns import Column, Sort

JOB = "register-export"
FOLDER = "exports"
AT_ONCE = exporting.AT_ONCE
TITLES = {ImportKind.RISKS: gettext_lazy("Risks"), ImportKind.ASSETS: gettext_lazy("Assets")}
FILES = {ImportKind.RISKS: "risks", ImportKind.ASSETS: "assets"}


def rows_of(project: Project, kind: str, wanted: dict[str, Any], *, user: Any) -> QuerySet:
    """The records that the filters of the list leave over, in the order of the list. `wanted`: cleaned filters."""
    if kind == ImportKind.ASSETS:
        found = assets.narrowed(Asset.objects.filter(project=project), wanted, user=user, people=people_of(project))
        return assets.in_order(found, wanted.get("sort", "")).select_related("owner")
    found = lists.narrowed(
        Risk.objects.filter(project=project), wanted, today=dates.today(project.organization.time_zone), user=user,
        edition=lists.Scales(project).in_force, people=people_of(project),
    )  # fmt: skip
    return lists.in_order(found, wanted.get("sort", "") or "number").select_related("owner")


def workbook(
    project: Project, kind: str, wanted: dict[str, Any], said: list[str], *, user: Any, run: Run | None = None
) -> tuple[bytes, int]:
    """The register as bytes of an XLSX file, and how many records are in it. Six queries, however many."""
    rows = rows_of(project, kind, wanted, user=user)
    scales = lists.Scales(project) if kind == ImportKind.RISKS else None
    now = scales.now if scales is not None else None
    names = {
        "likelihood": [one.name for one in now.likelihood] if now else [],
        "consequence": [one.name for one in now.consequence] if now else [],
    }
    records = _risks(project, rows, scales) if scales is not None else map(sheet_values.of_asset, rows)
    columns = of(kind)
    return writing.workbook(
        project, str(TITLES[ImportKind(kind)]), columns, _cells(columns, records, names, run), said, folded=FACT_FIELDS
    )


def _risks(project: Project, rows: QuerySet[Risk], scales: lists.Scales) -> Iterator[dict[str, Any]]:
    linked: dict[int, list[Asset]] = defaultdict(list)
    for link in RiskAsset.objects.filter(risk__project=project).select_related("asset"):
        linked[link.risk_id].append(link.asset)
    for risk in rows:
        marks = {kind: scales.mark(risk, kind) for kind in RatingKind.values}
        said = {kind: mark.name for kind, mark in marks.items() if mark is not None}
        yield sheet_values.of_risk(risk, linked.get(risk.pk, ()), said)


def _cells(
    columns: Sequence[Column], records: Iterable[dict[str, Any]], names: dict[str, list[str]], run: Run | None
) -> Iterator[list[Any]]:
    cells = values.written(columns, names)
    for count, one in enumerate(records):
        found = cells(one)
        for at, column in enumerate(columns):
            if column.sort == Sort.RECORDS and found[at] and len(str(found[at])) > writing.LONGEST_CELL:
                found[at] = "\n".join(asset.label for asset in one[column.field])
        yield found
        if run is not None and count % 200 == 0:
            run.progress(10 + min(85, count // 100), _("%(n)s rows") % {"n": count})


def _title(kind: str) -> str:
    return str(TITLES[ImportKind(kind)])


def _address(job: Job) -> str:
    return reverse("risks:export-file", kwargs={**job.project.address, "pk": job.pk})


OUTLET = exporting.Outlet(JOB, FOLDER, workbook, _title, _address)
KIND = exporting.kind_of(OUTLET, gettext_lazy("Register as a spreadsheet"), Perm.VIEW_RISKS)


def ask(**asked: Any) -> Job:
    """Has the register written by a worker (sheets.exporting.ask)."""
    return exporting.ask(OUTLET, **asked)


def file_name(project: Project, kind: str) -> str:
    return f"{FILES[ImportKind(kind)]}-{project.organization.slug}-{project.slug}.xlsx"


def is_named(organization_id: int, sha256: str) -> bool:
    """Whether a job of the last days made this file."""
    return exporting.is_named(OUTLET, organization_id, sha256)


def sweep() -> dict[str, int]:
    return {"register_exports": exporting.sweep(OUTLET)}
