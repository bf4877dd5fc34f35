"""Risks from a spreadsheet: new ones in bulk, with the checks, numbers, history, ratings and journal of services.risk and
services.rating; changed ones through these services, row by row."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import journal
from risks import levels
from risks.flows import RiskStatus
from risks.models import AssetKind, Edition, LevelChange, Rating, RatingKind, Risk, RiskAsset, SheetImport
from risks.models.risk import EDITIONS
from risks.selectors import criteria
from risks.services import rating as ratings
from risks.services import risk as risks
from risks.sheet_columns import FACT_FIELDS, MARKS
from sheets.columns import plain
from sheets.plan import Action, Line, Plan

from .asset import BATCH
from .asset import create as create_assets


class Told(NamedTuple):
    """A journal entry that waits for the number of its record."""

    action: str
    changes: dict[str, Any]
    reason: str | None


class Later:
    """Takes the journal entries of a record that is not stored yet, as a Log would, and tells them when it is."""

    def __init__(self, log: journal.Log) -> None:
        self.at, self.told = log.at, []

    def __call__(
        self, _risk: Any, action: str, changes: dict[str, Any] | None = None, *, reason: str | None = None
    ) -> None:
        self.told.append(Told(action, changes or {}, reason))


def write(record: SheetImport, plan: Plan, by: Any, log: journal.Log, progress: Any) -> None:
    edition = criteria.in_force(record.project)
    unknown = [{"name": name, "kind": AssetKind.INFORMATION} for name in plan.also_new]
    by_name = {plain(asset.name): asset for asset in create_assets(record.project, unknown, by, log)}
    for line in plan.lines:
        if "assets" in line.values:
            line.values["assets"] = [
                by_name[plain(one)] if isinstance(one, str) else one for one in line.values["assets"]
            ]
    progress(10)
    _create(record, plan.of(Action.CREATE), edition, by, log)
    progress(60)
    changed = plan.of(Action.CHANGE)
    for n, line in enumerate(changed):
        try:
            _change(record, line, edition, by, log)
        except RuleBroken as refusal:
            raise RuleBroken(_("Row %(row)s: %(why)s") % {"row": line.row, "why": refusal.as_text}) from refusal
        progress(60 + 35 * n // len(changed))


def _values(values: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    """What the service of a risk takes, from the fields of a sheet."""
    found = {
        name: value for name, value in values.items() if name not in FACT_FIELDS and name not in (*MARKS, "assets")
    }
    own = {name: values[name] for name in FACT_FIELDS if name in values}
    if own:
        found["facts"] = facts | own
    return found


def _reason(record: SheetImport, line: Line) -> str:
    return _("Imported from %(file)s, row %(row)s") % {"file": record.file_name, "row": line.row}


def _create(record: SheetImport, lines: list[Line], edition: Edition | None, by: Any, log: journal.Log) -> None:
    """As services.risk.create and services.rating.rate do, for all at once."""
    if not lines:
        return
    project = record.project
    first = (Risk.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
    made: list[Risk] = []
    judged: list[Rating] = []
    told: list[Later] = []
    scales = edition.criteria if edition is not None else None
    risks.assets.check_people(project, [line.values.get("owner") for line in lines])
    for number, line in enumerate(lines, start=first):
        owner = line.values.get("owner")
        try:
            values = risks.checked(project, None, _values(line.values, {}) | {"owner": None})
        except RuleBroken as refusal:
            raise RuleBroken(_("Row %(row)s: %(why)s") % {"row": line.row, "why": refusal.as_text}) from refusal
        risk = Risk(
            organization_id=project.organization_id, project=project, number=number, created_by=by, edited_by=by,
            status=RiskStatus.IDENTIFIED if owner else RiskStatus.DRAFT, **values | {"owner": owner},
        )  # fmt: skip
        later = Later(log)
        later(risk, "risk.created", {"title": risk.title, "discipline": risk.discipline})
        if edition is not None:
            judged += _judged(risk, line, edition, scales, _reason(record, line), by, later)
        if values.get("review_on"):
            risk.review_on = values["review_on"]  # a date that was typed counts before the one of the level
        made.append(risk)
        told.append(later)
    Risk.objects.bulk_create(made, batch_size=BATCH)
    Risk.history.bulk_history_create(
        made, batch_size=BATCH, default_user=by, default_change_reason=log.reason, default_date=log.at
    )
    Rating.objects.bulk_create(judged, batch_size=BATCH)
    LevelChange.objects.bulk_create(
        (
            LevelChange(
                organization_id=project.organization_id, project=project, risk=one.risk, at=one.rated_at,
                after=one.level_name,
            )
            for one in judged
            if one.kind == RatingKind.CURRENT
        ),
        batch_size=BATCH,
    )  # fmt: skip
    links = [
        RiskAsset(risk=risk, asset=asset)
        for risk, line in zip(made, lines, strict=True)
        for asset in dict.fromkeys(line.values.get("assets", ()))
    ]
    RiskAsset.objects.bulk_create(links, batch_size=BATCH)
    for risk, later in zip(made, told, strict=True):
        for one in later.told:
            log(risk, one.action, one.changes, reason=one.reason)


def _judged(risk: Risk, line: Line, edition: Edition, scales: Any, reason: str, by: Any, later: Later) -> list[Rating]:
    """The ratings of a new risk, not stored yet, and what follows from them."""
    found = []
    for kind in RatingKind.values:
        likelihood, consequence = (line.values.get(f"{kind}_{part}") for part in ("likelihood", "consequence"))
        if likelihood is None or consequence is None:
            continue
        level = levels.level_of(scales, likelihood=likelihood, consequence=consequence)
        rating = Rating(
            organization_id=risk.organization_id, project=risk.project, risk=risk, kind=kind, edition=edition,
            likelihood=likelihood, consequence=consequence, marks={}, level=level, level_name=scales.levels[level].name,
            reason=reason[: ratings.LONGEST_REASON], rated_by=by, rated_by_name=str(by or "")[:120], rated_at=later.at,
        )  # fmt: skip
        for part, mark in (("likelihood", likelihood), ("consequence", consequence), ("level", level)):
            setattr(risk, f"{kind}_{part}", mark)
        setattr(risk, EDITIONS[kind], edition)
        if kind == RatingKind.CURRENT:
            _follow(risk, scales.levels[level].review_months, later)
        later(risk, "risk.rated", {kind: ["", f"{likelihood} × {consequence}: {rating.level_name}"]}, reason=reason)
        found.append(rating)
    return found


def _follow(risk: Risk, months: int, later: Later) -> None:
    risk.rated_at = later.at
    today: dt.date = ratings.dates.today(risk.project.organization.time_zone)
    risk.review_on = ratings.months_later(today, months)
    if risk.owner_id and risk.status in (RiskStatus.DRAFT, RiskStatus.IDENTIFIED):
        before, risk.status = risk.status, RiskStatus.ASSESSED
        later(risk, "risk.assess", {"status": [before, risk.status]})


def _change(record: SheetImport, line: Line, edition: Edition | None, by: Any, log: journal.Log) -> None:
    risk: Risk = line.target
    risk.project = record.project
    values = _values(line.values, risk.facts)
    assets = line.values.get("assets")
    version = risk.version
    if values or assets is not None:
        risk = risks.change(risk=risk, by=by, version=version, values=values, assets=assets)
    for kind in RatingKind.values:
        given = {
            part: line.values[f"{kind}_{part}"]
            for part in ("likelihood", "consequence")
            if f"{kind}_{part}" in line.values
        }
        if not given or edition is None:
            continue
        marks = {part: getattr(risk, f"{kind}_{part}") for part in ("likelihood", "consequence")} | given
        ratings.rate(risk=risk, by=by, kind=kind, reason=_reason(record, line)[: ratings.LONGEST_REASON], **marks)
        if kind == RatingKind.CURRENT and "review_on" in line.values:
            fresh = Risk.objects.select_related("project__organization").get(pk=risk.pk)
            if fresh.review_on != line.values["review_on"]:
                risks.change(risk=fresh, by=by, version=fresh.version, values={"review_on": line.values["review_on"]})
