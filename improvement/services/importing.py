"""Nonconformities from a spreadsheet: new ones in bulk, with the checks, numbers, history, rounds and journal of
services.nonconformity; changed ones through these services, row by row."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core import dates
from core.rules import RuleBroken
from improvement.models import Nonconformity, NonconformityClause, NonconformityImport, Round
from improvement.selectors import grade as grades
from improvement.selectors import place as places
from improvement.selectors.importing import ROUND
from projects import access, journal
from sheets.plan import Action, Line, Plan
from sheets.services import of_row

from . import nonconformity as services

BATCH = 500
OWN = (
    "title", "description", "source", "detected_on", "detected_by", "place", "process", "site", "requirement", "evidence",
    "suspicion", "owner", "is_confidential",
)  # fmt: skip


def write(record: NonconformityImport, plan: Plan, by: Any, log: journal.Log, progress: Any) -> None:
    _create(record, plan.of(Action.CREATE), by, log)
    progress(60)
    changed = plan.of(Action.CHANGE)
    for n, line in enumerate(changed):
        of_row(line, lambda line=line: _change(record, line, by))
        progress(60 + 35 * n // len(changed))


def _values(record: NonconformityImport, values: dict[str, Any]) -> dict[str, Any]:
    """What the record itself takes, from the fields of a sheet."""
    found = {name: values[name] for name in OWN if name in values}
    if "grade" in values:
        found["grade"] = grades.scale_of(record.project).keyed(values["grade"]) or ""
    if values.get("recurrence_of"):
        number = Nonconformity.number_of(values["recurrence_of"])
        found["recurrence_of"] = Nonconformity.objects.filter(project=record.project, number=number).first()
    elif "recurrence_of" in values:
        found["recurrence_of"] = None
    return found


def _create(record: NonconformityImport, lines: list[Line], by: Any, log: journal.Log) -> None:
    """As services.nonconformity.report does, for all at once."""
    if not lines:
        return
    project = record.project
    first = (Nonconformity.objects.filter(project=project).aggregate(last=Max("number"))["last"] or 0) + 1
    items = places.items_of(project)
    here = set(access.people_of(project).values_list("pk", flat=True))
    today = dates.today(project.organization.time_zone)
    made: list[Nonconformity] = []
    for number, line in enumerate(lines, start=first):
        values = _values(record, line.values)
        owner = values.get("owner")
        if owner is not None and owner.pk not in here:
            says = _("%(person)s does not belong to this project.") % {"person": owner}
            raise RuleBroken(_("Row %(row)s: %(why)s") % {"row": line.row, "why": says})
        if values.get("detected_on") is None:
            values["detected_on"] = today
        for name in ("process", "site"):
            values[f"{name}_item"] = items.get((name, str(values.get(name) or "").casefold()))
        made.append(
            Nonconformity(
                organization_id=project.organization_id, project=project, number=number, created_by=by, edited_by=by, **values
            )
        )  # fmt: skip
    Nonconformity.objects.bulk_create(made, batch_size=BATCH)
    how = {"batch_size": BATCH, "default_user": by, "default_change_reason": log.reason, "default_date": log.at}
    Nonconformity.history.bulk_history_create(made, **how)
    rounds = [
        Round(
            organization_id=project.organization_id, project=project, nonconformity=one, number=1, begun_at=log.at,
            **{name: line.values[name] for name in ROUND if line.values.get(name)},
        )
        for one, line in zip(made, lines, strict=True)
    ]  # fmt: skip
    Round.objects.bulk_create(rounds, batch_size=BATCH)
    Round.history.bulk_history_create(rounds, **how)
    links = [
        NonconformityClause(nonconformity=one, clause=clause)
        for one, line in zip(made, lines, strict=True)
        for clause in line.values.get("clauses", ())
    ]
    NonconformityClause.objects.bulk_create(links, batch_size=BATCH)
    for one, line in zip(made, lines, strict=True):
        origin = _("Imported from %(file)s, row %(row)s") % {"file": record.file_name, "row": line.row}
        log(
            one,
            "nonconformity.reported",
            services.said(one, {"title": one.title, "source": one.source, "origin": origin}),
        )


def _change(record: NonconformityImport, line: Line, by: Any) -> None:
    found: Nonconformity = line.target
    found.project = record.project
    values = _values(record, line.values)
    clauses = line.values.get("clauses")
    if values or clauses is not None:
        found = services.change(record=found, by=by, version=found.version, values=values, clauses=clauses)
    given = {name: line.values[name] for name in ROUND if name in line.values}
    if given:
        current = found.round
        services.work(record=found, by=by, version=current.version, values=given)
