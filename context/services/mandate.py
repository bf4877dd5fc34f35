"""Writing the mandate. Who changes it after a decision was asked for voids that request."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from approvals.services import request as approvals
from context.models import Mandate
from context.models.mandate import CURRENCIES, MOST_ROWS
from context.selectors import mandate as selectors
from core.rules import RuleBroken, StaleRecord
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm

KIND = "mandate"
EDITABLE = ("motives", "benefits", "resources", "risks", "currency", "budget", "team")


def write(*, project: Project, by: Any, version: int, values: dict[str, Any]) -> Mandate:
    """Saves the mandate a person saw as `version` (0: there was none yet); creates it the first time.

    `values`: some of EDITABLE, budget and team as the model keeps them. Raises StaleRecord when somebody saved first,
    RuleBroken for rows that cannot be, NotPermitted.
    """
    with journal.change(project, by=by) as log:
        if not access.can(by, Perm.MANAGE_PROJECT, project):
            raise NotPermitted(_("You may not change the mandate of this project."))
        fresh = selectors.of_project(project)
        if (fresh.version if fresh else 0) != version:
            raise StaleRecord(
                _("The mandate was changed by somebody else while you were typing. Your text is kept below."), fresh
            )
        is_new = fresh is None
        if is_new:
            fresh = Mandate(organization_id=project.organization_id, project=project, created_by=by, version=0)
        values = {name: _tidy(name, value) for name, value in values.items() if name in EDITABLE}
        _check(values)
        before = {name: getattr(fresh, name) for name in values}
        changed = {name: value for name, value in values.items() if before[name] != value}
        if not changed and not is_new:
            return fresh
        for name, value in changed.items():
            setattr(fresh, name, value)
        fresh.edited_by = by
        fresh.version += 1
        log.mark(fresh).save()
        told = journal.differences(_told(before), _told({name: getattr(fresh, name) for name in values}))
        log(fresh, "mandate.written" if is_new else "mandate.changed", told)
        approvals.changed(kind=KIND, record=fresh, by=by)
    return fresh


def follow_project(*, project_id: int, by: Any) -> None:
    """After a change of the project or its plan: a request about other dates than today's is void."""
    mandate = Mandate.objects.select_related("project__organization").filter(project_id=project_id).first()
    if mandate is not None:
        approvals.changed(kind=KIND, record=mandate, by=by)


def _tidy(name: str, value: Any) -> Any:
    if name == "budget":
        return [{"what": row["what"].strip(), "amount": f"{Decimal(row['amount']):.2f}"} for row in value]
    if name == "team":
        return [
            {"name": row["name"].strip(), "role": row["role"].strip(), "share": row["share"], "person": row["person"]}
            for row in value
        ]
    return value.strip()


def _check(values: dict[str, Any]) -> None:
    if values.get("currency", "EUR") not in CURRENCIES:
        raise RuleBroken(_("Choose a currency of the list."))
    budget, team = values.get("budget", []), values.get("team", [])
    if max(len(budget), len(team)) > MOST_ROWS:
        raise RuleBroken(_("A mandate has at most %(n)s lines of budget or team: sum some up.") % {"n": MOST_ROWS})
    if any(not row["what"] or Decimal(row["amount"]) < 0 for row in budget):
        raise RuleBroken(_("Each line of the budget needs words and an amount that is not negative."))
    if any(not row["name"] or not 1 <= row["share"] <= 100 for row in team):
        raise RuleBroken(_("Everybody in the team needs a name and a share of their time between 1 and 100 percent."))


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Rows as the lines a reader of the journal sees."""
    said = dict(values)
    if "budget" in said:
        said["budget"] = [f"{row['what']} {row['amount']}" for row in said["budget"]]
    if "team" in said:
        said["team"] = [f"{row['name']} ({row['role']}) {row['share']} %" for row in said["team"]]
    return said
