"""The desk at which spreadsheets of risks, assets and statements come in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core.rules import refused
from projects import journal
from projects.permissions import Perm
from sheets.desk import Desk, Way
from sheets.plan import Action, Plan
from sheets.services import of_row

from .models import Asset, ImportKind, Risk, SheetImport
from .selectors.importing import asset as assets
from .selectors.importing import risk as risks
from .selectors.importing import soa as statements
from .services import soa as soas
from .services.importing import asset as write_assets
from .services.importing import risk as write_risks
from .sheet_columns import ASSETS, CONTROL_SET, FACT_FIELDS, RISKS, SOA


def _answer(record: SheetImport, plan: Plan, by: Any, log: journal.Log, progress: Any) -> None:
    for line in plan.of(Action.CHANGE):
        line.target.soa, line.target.project = record.soa, record.project
        of_row(line, lambda line=line: soas.answer(
            entry=line.target, by=by, version=line.target.version, values=dict(line.values)
        ))  # fmt: skip


def _begin_own(record: SheetImport, plan: Plan, by: Any, log: journal.Log, progress: Any) -> None:
    fields = ("ref", "title", "theme", "intent")
    rows = [{name: line.values.get(name, "") for name in fields} for line in plan.of(Action.CREATE)]
    record.soa = soas.begin_own(project=record.project, by=by, name=record.options.get("name", ""), rows=rows)


def _register(name: str) -> Any:
    return lambda record: reverse(name, kwargs=record.project.address)


def _statement(record: SheetImport) -> str:
    return record.soa.get_absolute_url() if record.soa is not None else _register("risks:soa-list")(record)


WAYS = {
    str(ImportKind.RISKS): Way(
        ImportKind.RISKS.label, RISKS, risks.plan, write_risks.write,
        ("match", "new_assets", "empties", "discipline", "last_row"), _register("risks:risk-list"), Risk.PREFIX, FACT_FIELDS,
    ),
    str(ImportKind.ASSETS): Way(
        ImportKind.ASSETS.label, ASSETS, assets.plan, write_assets.write, ("match", "empties", "asset_kind", "last_row"),
        _register("risks:asset-list"), Asset.PREFIX,
    ),
    str(ImportKind.SOA): Way(
        ImportKind.SOA.label, SOA, statements.plan, _answer, ("empties", "last_row"), _statement
    ),
    str(ImportKind.CONTROL_SET): Way(
        ImportKind.CONTROL_SET.label, CONTROL_SET, statements.plan_control_set, _begin_own, ("name", "last_row"), _statement
    ),
}  # fmt: skip


def _ways() -> Mapping[str, Way]:
    return WAYS


def _loaded(record: SheetImport) -> None:
    if record.soa is not None:
        record.soa.project = record.project


def _guess(record: SheetImport) -> dict[str, Any]:
    if record.kind != ImportKind.CONTROL_SET:
        return {}
    return {"name": record.file_name.rpartition(".")[0].replace("_", " ").replace("-", " ").strip()[:200]}


def _check(record: SheetImport, options: dict[str, Any]) -> None:
    if record.kind == ImportKind.CONTROL_SET and not str(options.get("name") or "").strip():
        raise refused("name", _("Give the control set a name of at most 200 characters."))


def _result(record: SheetImport, plan: Plan) -> dict[str, Any]:
    return {"assets": len(plan.also_new)} | ({"soa": record.soa.slug} if record.soa is not None else {})


DESK = Desk(
    SheetImport, "risks", Perm.MANAGE_RISKS, job="sheet-import", folder="imports", action="risks.imported", ways=_ways,
    crumbs="risks/risk/_crumbs.html", related=("soa",), loaded=_loaded, guess=_guess, check=_check, result=_result,
)  # fmt: skip
