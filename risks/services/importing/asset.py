"""Assets from a spreadsheet. New ones in bulk, with the checks, numbers, history and journal of services.asset."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import journal
from projects.models import Project
from risks.models import Asset, SheetImport
from risks.services import asset as assets
from sheets.plan import Action, Plan

BATCH = 500


def write(record: SheetImport, plan: Plan, by: Any, log: journal.Log, progress: Any) -> None:
    create(record.project, [line.values for line in plan.of(Action.CREATE)], by, log)
    changed = plan.of(Action.CHANGE)
    for n, line in enumerate(changed):
        line.target.project = record.project
        try:
            assets.change(asset=line.target, by=by, version=line.target.version, values=dict(line.values))
        except RuleBroken as refusal:
            raise RuleBroken(_("Row %(row)s: %(why)s") % {"row": line.row, "why": refusal.as_text}) from refusal
        progress(10 + 80 * n // len(changed))


def create(project: Project, rows: list[dict[str, Any]], by: Any, log: journal.Log) -> list[Asset]:
    """New assets in the order given, numbered without a gap. Within a change of who manages risks."""
    if not rows:
        return []
    for values in rows:
        assets.check(values)
    assets.check_people(project, [values.get("owner") for values in rows])
    last = Asset.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0
    made = [
        Asset(organization_id=project.organization_id, project=project, number=number, created_by=by, **values)
        for number, values in enumerate(rows, start=last + 1)
    ]
    Asset.objects.bulk_create(made, batch_size=BATCH)
    Asset.history.bulk_history_create(
        made, batch_size=BATCH, default_user=by, default_change_reason=log.reason, default_date=log.at
    )
    for asset in made:
        log(asset, "asset.created", {"kind": asset.kind, "name": asset.name})
    return made
