"""Milestones: the days to reach something by; the stages of the certification audit and the management review among them."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord, refused
from projects import access, journal
from projects.models import PlanMilestone, Project
from projects.models.schedule import MilestoneKind
from projects.schedule.plan import Plan
from projects.selectors.project import today_in

from . import schedule

EDITABLE = ("kind", "title", "owner", "activity", "lag_days", "on", "is_fixed", "reached_on")


def _fit(project: Project, values: dict[str, Any], but: PlanMilestone | None = None) -> dict[str, Any]:
    """The values made to fit together: a milestone of no activity stands on its date. Raises RuleBroken."""
    activity = values.get("activity")
    if activity is not None and activity.project_id != project.pk:
        raise refused("activity", _("This activity belongs to another project."))
    owner = values.get("owner")
    stays = but is not None and owner == but.owner
    if owner is not None and not stays and not access.people_of(project).filter(pk=owner.pk).exists():
        raise refused("owner", _("%(person)s has no role in this project.") % {"person": owner})
    if activity is None:
        values = {**values, "is_fixed": True, "lag_days": 0}
    if values.get("is_fixed") and not values.get("on"):
        raise refused("on", _("Say the date, or the activity after which it comes."))
    if values.get("reached_on") and values["reached_on"] > today_in(project):
        raise refused("reached_on", _("What really happened cannot lie in the future."))
    kind = values.get("kind")
    same = PlanMilestone.objects.filter(project=project, kind=kind).exclude(pk=but.pk if but is not None else None)
    if kind in (MilestoneKind.STAGE_1, MilestoneKind.STAGE_2) and same.exists():
        said = _("The plan has this milestone already: %(kind)s. Change that one.")
        raise refused("kind", said % {"kind": MilestoneKind(kind).label})
    if not values.get("on"):
        calendar = project.calendar
        values = {**values, "on": calendar.add(activity.ends_on, values.get("lag_days") or 0)}
    return values


def add(*, project: Project, by: Any, **values: Any) -> PlanMilestone:
    """Adds a milestone; one that follows an activity is dated by the schedule. Raises RuleBroken."""
    with journal.change(project, by=by) as log:
        last = PlanMilestone.objects.filter(project=project).aggregate(n=Max("number"))["n"] or 0
        milestone = PlanMilestone.objects.create(
            organization_id=project.organization_id, project=project, number=last + 1, created_by=by,
            **_fit(project, values),
        )  # fmt: skip
        told = {name: getattr(milestone, name) for name in ("kind", "on", "activity", "owner")}
        log(milestone, "milestone.added", {name: value for name, value in told.items() if value is not None})
        schedule.follow(project, log)
    milestone.refresh_from_db()
    return milestone


def permit_move(milestone: PlanMilestone) -> None:
    """Raises RuleBroken for a milestone that stays where it is: it was reached."""
    if milestone.reached_on:
        raise RuleBroken(_("“%(title)s” was reached: it stays as evidence.") % {"title": milestone.title})


def dating(milestone: PlanMilestone, on: dt.date) -> schedule.Change:
    """The change that `edit` makes with another date that stays, to try it out."""

    def change(plan: Plan) -> Plan:
        row = plan.milestones[milestone.pk]._replace(on=on, is_fixed=True)
        return replace(plan, milestones={**plan.milestones, milestone.pk: row})

    return change


def edit(*, milestone: PlanMilestone, by: Any, version: int, values: dict[str, Any], reason: str = "") -> PlanMilestone:
    """Saves a milestone; what waits for nothing else does not move. Raises StaleRecord, RuleBroken."""
    project = milestone.project
    with journal.change(project, by=by, reason=reason) as log:
        fresh = PlanMilestone.objects.select_related("activity", "owner").get(pk=milestone.pk)
        if fresh.version != version:
            raise StaleRecord(
                _("This milestone was changed by somebody else while you were typing. Your text is kept below."), fresh
            )
        fitted = _fit(project, {name: values.get(name, getattr(fresh, name)) for name in EDITABLE}, but=fresh)
        changed = {name: value for name, value in fitted.items() if getattr(fresh, name) != value}
        if not changed:
            return fresh
        before = {name: getattr(fresh, name) for name in changed}
        for name, value in changed.items():
            setattr(fresh, name, value)
        fresh.version += 1
        fresh.save(update_fields=[*changed, "version", "updated_at"])
        log(fresh, "milestone.changed", journal.differences(before, changed))
        schedule.follow(project, log)
        fresh.refresh_from_db()
    return fresh


def remove(*, milestone: PlanMilestone, by: Any, reason: str = "") -> None:
    """Takes a milestone out of the plan; one that was reached is evidence and stays."""
    with journal.change(milestone.project, by=by, reason=reason) as log:
        fresh = PlanMilestone.objects.filter(pk=milestone.pk).first()
        if fresh is None:
            return
        if fresh.reached_on:
            raise RuleBroken(_("“%(title)s” was reached: it stays as evidence.") % {"title": fresh.title})
        log(fresh, "milestone.removed", {"on": fresh.on})
        fresh.delete()
