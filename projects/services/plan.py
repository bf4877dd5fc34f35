"""The plan's activities: worked, completed, excluded, added, re-dated. IMS2 step 1.1, tailoring."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils.translation import gettext as _

from core.flows import Move
from core.rules import RuleBroken, StaleRecord
from projects import access, flow, flows, journal
from projects.models import ActivityLink, PlanActivity, PlanStep, TailoringKind, Task
from projects.models.plan import ActivityStatus
from projects.models.task import UNFINISHED, TaskStatus
from projects.permissions import Perm

from . import counters, decision, schedule

EDITABLE = ("title", "purpose", "responsible", "effort_days", "starts_on", "ends_on")
TAILORED = ("title", "purpose", "responsible", "effort_days")
"""What of an edit is a decision about the method; dates alone are not."""


def is_responsible(activity: PlanActivity, user: Any) -> bool:
    """The person carries the activity's role, or runs the plan."""
    held = access.roles_of(user, activity.project)
    return activity.responsible in held or Perm.EDIT_PLAN in access.perms_of(held)


def _permit_own(activity: PlanActivity, by: Any) -> None:
    if not is_responsible(activity, by):
        raise flow.NotPermitted(
            _("Activity %(number)s belongs to the role %(role)s.")
            % {"number": activity.number, "role": activity.get_responsible_display()}
        )


TAILORS: dict[str, TailoringKind] = {"exclude": TailoringKind.EXCLUDE, "include": TailoringKind.INCLUDE}
"""The moves that are decisions about the plan."""


def move(*, activity: PlanActivity, name: str, by: Any, reason: str = "", skipped_because: str = "") -> PlanActivity:
    """Moves an activity along its flow; tasks, counters and dates follow. Raises RuleBroken, NotPermitted.

    Excluding and including again are tailoring (services.tailor): what waits for the activity moves along. To exclude what
    has an approval, `skipped_because` says why the plan does without it.
    """
    if name not in TAILORS:
        return go(activity=activity, name=name, by=by, reason=reason)
    from . import tailor  # which is written with this module

    with journal.change(activity.project, by=by, reason=reason):
        fresh = PlanActivity.objects.select_related("project__organization").get(pk=activity.pk)
        if fresh.status not in flows.ACTIVITY[name].sources:
            raise RuleBroken(
                _("%(activity)s is “%(state)s” by now.") % {"activity": fresh, "state": fresh.get_status_display()}
            )
        is_out = name == "exclude"
        if is_out and not reason.strip():
            raise RuleBroken(
                _("Say why: “%(move)s” needs a reason.") % {"move": flows.ACTIVITY[name].label}, tailor.CLAUSE
            )
        tailor.decide(
            project=fresh.project, by=by, kind=TAILORS[name], item=fresh, values={"is_applicable": not is_out},
            justification=reason if is_out else reason or _("It applies after all."), skipped_because=skipped_because,
        )  # fmt: skip
    fresh.refresh_from_db()
    return fresh


def go(*, activity: PlanActivity, name: str, by: Any, reason: str = "") -> PlanActivity:
    """One move of the flow by itself, without what a decision about the plan adds to it: for `move` and services.tailor."""
    change: dict[str, int] = {"count": 0, "done": 0}

    def then(fresh: PlanActivity, step: Move, before: str, log: journal.Log) -> None:
        today = log.at.astimezone(ZoneInfo(fresh.project.organization.time_zone)).date()
        if step.name == "complete":
            fresh.started_on, fresh.finished_on = fresh.started_on or today, today
        elif step.name in ("start", "reopen"):
            fresh.started_on, fresh.finished_on = fresh.started_on or today, None
        elif step.name == "exclude":
            fresh.justification = log.reason
            _set_tasks_aside(fresh, log)
        elif step.name == "include":
            fresh.justification = ""
            if fresh.started_on:
                fresh.status = ActivityStatus.IN_PROGRESS
            _take_tasks_back(fresh, log)
        change["done"] = (fresh.status == ActivityStatus.DONE) - (before == ActivityStatus.DONE)
        change["count"] = (fresh.status != ActivityStatus.EXCLUDED) - (before != ActivityStatus.EXCLUDED)

    with journal.change(activity.project, by=by, reason=reason):
        if name in flows.ACTIVITY and flows.ACTIVITY[name].needs == Perm.COMPLETE_ACTIVITIES:
            _permit_own(activity, by)
        moved = flow.move(
            activity, name, by=by, flow=flows.ACTIVITY, kind="activity", reason=reason, then=then,
            fields=("started_on", "finished_on", "justification"),
        )  # fmt: skip
        counters.refresh(moved.project, [moved.pk])
        counters.activities_changed(moved, **change)
    return moved


def approvals_of(item: PlanActivity | PlanStep) -> list[str]:
    """The approval that would be skipped without this step or activity, in words."""
    return [f"{item.number}: {item.approval_of}"] if item.approval_of else []


def _set_tasks_aside(activity: PlanActivity, log: journal.Log) -> None:
    """Open tasks of an excluded activity are cancelled and remember what they were."""
    tasks = list(Task.objects.filter(activity=activity, is_open=True))
    for task in tasks:
        task.status_before_exclusion, task.status, task.is_open = task.status, TaskStatus.CANCELLED, False
    _save_tasks(tasks, log, "task.cancelled_with_activity")


def _take_tasks_back(activity: PlanActivity, log: journal.Log) -> None:
    tasks = list(Task.objects.filter(activity=activity).exclude(status_before_exclusion=""))
    for task in tasks:
        task.status, task.status_before_exclusion = task.status_before_exclusion, ""
        task.is_open = task.status in UNFINISHED
    _save_tasks(tasks, log, "task.restored_with_activity")


def _save_tasks(tasks: list[Task], log: journal.Log, action: str) -> None:
    for task in tasks:
        task.version += 1
        task.updated_at = log.at
        log(task, action, {"status": [task.status_before_exclusion or TaskStatus.CANCELLED, task.status]})
    Task.objects.bulk_update(tasks, ["status", "status_before_exclusion", "is_open", "version", "updated_at"])
    Task.history.bulk_history_create(
        tasks, update=True, default_user=log.by, default_change_reason=log.reason, default_date=log.at
    )


def next_number(step: PlanStep) -> str:
    """The number a further activity of the step gets: one after the highest in use, never one used before."""
    last_parts = (number.rsplit(".", 1)[-1] for number in step.activities.values_list("number", flat=True))
    used = [int(part) for part in last_parts if part.isdecimal()]
    return f"{step.number}.{max(used, default=0) + 1}"


def add_activity(
    *, step: PlanStep, by: Any, title: str, justification: str, responsible: str, effort_days: Decimal,
    starts_on: dt.date, ends_on: dt.date, purpose: str = "", is_by_hand: bool = True,
) -> PlanActivity:  # fmt: skip
    """Adds an activity of the organization's own to a step; the justification stands in the tailoring record.

    Its dates stay as given (`is_by_hand`), or follow the activity before it in the step.
    """
    if not justification.strip():
        raise RuleBroken(_("Say why the plan needs this activity."), "IMS2 step 1.1")
    if not step.is_applicable:
        raise RuleBroken(_("Step %(number)s is excluded from the plan.") % {"number": step.number}, "IMS2 step 1.1")
    _check_dates(starts_on, ends_on)
    with journal.change(step.project, by=by, reason=justification) as log:
        step = PlanStep.objects.select_related("project__organization").get(pk=step.pk)
        activity = PlanActivity(
            organization_id=step.organization_id, project=step.project, step=step, number=next_number(step),
            position=(step.activities.aggregate(last=Max("position"))["last"] or 0) + 1,
            title=title, purpose=purpose, responsible=responsible, effort_days=effort_days,
            duration_days=max(step.project.calendar.between(starts_on, ends_on), 1),
            starts_on=starts_on, ends_on=ends_on, dates_are_manual=is_by_hand, justification=justification.strip(),
        )  # fmt: skip
        if step.is_iterative:
            activity.round = step.rounds.filter(closed_at__isnull=True).first()
        log.mark(activity).save()
        earlier = step.activities.exclude(pk=activity.pk).order_by("position").last()
        if not is_by_hand and earlier is not None:
            owned = {"organization_id": step.organization_id, "project": step.project}
            ActivityLink.objects.create(**owned, activity=activity, predecessor=earlier)
        counters.refresh(step.project, [activity.pk])
        counters.activities_changed(activity, count=1)
        stretch_step(step, log)
        counters.redraw(step.project)
        log(activity, "activity.added", {"title": title, "effort_days": effort_days, "responsible": responsible})
        decision.record(
            log, TailoringKind.ADD, activity, before={},
            after={"title": title, "responsible": responsible, "effort_days": effort_days,
                   "duration_days": activity.duration_days, "step": step.number},
        )  # fmt: skip
    activity.refresh_from_db()
    return activity


def edit(*, activity: PlanActivity, by: Any, version: int, values: dict[str, Any], reason: str = "") -> PlanActivity:
    """Changes an activity's words, role, effort and dates; dates set so are by hand, and what follows moves.

    Raises StaleRecord when somebody saved first.
    """
    with journal.change(activity.project, by=by, reason=reason) as log:
        fresh = PlanActivity.objects.select_related("project__organization", "step").get(pk=activity.pk)
        if fresh.version != version:
            raise StaleRecord(
                _("Activity %(number)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"number": fresh.number},
                fresh,
            )
        changed = {name: value for name, value in values.items() if name in EDITABLE and getattr(fresh, name) != value}
        if not changed:
            return fresh
        _check_dates(changed.get("starts_on", fresh.starts_on), changed.get("ends_on", fresh.ends_on))
        before = {name: getattr(fresh, name) for name in changed}
        if "starts_on" in changed:
            schedule.settle([fresh], log)
        for name, value in changed.items():
            setattr(fresh, name, value)
        if moves := {"starts_on", "ends_on"} & changed.keys():
            fresh.duration_days = max(fresh.project.calendar.between(fresh.starts_on, fresh.ends_on), 1)
            fresh.dates_are_manual = True
        fresh.version += 1
        log.mark(fresh).save(update_fields=[*changed, "duration_days", "dates_are_manual", "version", "updated_at"])
        _decide(fresh, log, before)
        if "effort_days" in changed:
            counters.refresh(fresh.project, [fresh.pk])
        log(fresh, "activity.changed", journal.differences(before, changed))
        if moves:
            counters.redraw(fresh.project)
            schedule.follow(fresh.project, log)
    return fresh


def _decide(activity: PlanActivity, log: journal.Log, before: dict[str, Any]) -> None:
    """Writes the decision of an edit, where it is more than other dates."""
    was = {name: before[name] for name in TAILORED if name in before}
    if was:
        now = {name: getattr(activity, name) for name in was}
        decision.record(log, TailoringKind.CHANGE, activity, before=was, after=now)


def _check_dates(starts_on: dt.date, ends_on: dt.date) -> None:
    if ends_on < starts_on:
        raise RuleBroken(_("The activity would end before it starts."))


def stretch_step(step: PlanStep, log: journal.Log) -> None:
    """A step begins with its first applicable activity and ends with its last."""
    spans = step.activities.exclude(status=ActivityStatus.EXCLUDED)
    first = spans.order_by("starts_on").values_list("starts_on", flat=True).first()
    last = spans.order_by("-ends_on").values_list("ends_on", flat=True).first()
    if first and (first, last) != (step.starts_on, step.ends_on):
        before = {"starts_on": step.starts_on, "ends_on": step.ends_on}
        step.starts_on, step.ends_on, step.version = first, last, step.version + 1
        log.mark(step).save(update_fields=["starts_on", "ends_on", "version", "updated_at"])
        log(step, "step.dates_followed", journal.differences(before, {"starts_on": first, "ends_on": last}))
