"""A task in the schedule: its dates, whether they stay, the hours that are left, and what it waits for. What follows moves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord, refused
from projects import journal
from projects.models import Task, TaskDependency
from projects.models.task import LinkKind, TaskStatus
from projects.schedule.consequence import Consequence
from projects.schedule.plan import TASK, Plan, PlanLink
from projects.selectors import schedule as selectors

from . import schedule
from . import task as tasks

DATES = ("starts_on", "due_on", "dates_are_manual", "effort_hours_left")
BEGUN = (TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED)


def dating(task: Task, values: dict[str, Any]) -> schedule.Change:
    """The change that `set_dates` makes, to try it out. Raises RuleBroken like it."""
    changed = _dates(task, values)

    def change(plan: Plan) -> Plan:
        row = selectors.task_row(task, changed)
        kept = {pk: one for pk, one in plan.tasks.items() if pk != task.pk}
        return replace(plan, tasks=kept if row is None else {**kept, task.pk: row})

    return change


def set_dates(
    *, task: Task, by: Any, version: int, values: dict[str, Any], reason: str = ""
) -> tuple[Task, Consequence | None]:
    """Saves when a task is done, whether these dates stay when the plan moves, and the hours left; what follows moves.

    Raises StaleRecord when somebody saved first, RuleBroken for dates that cannot be together.
    """
    with journal.change(task.project, by=by, reason=reason) as log:
        fresh = Task.objects.select_related("project__organization", "activity__step").get(pk=task.pk)
        changed = _dates(fresh, values)
        if not changed and fresh.version == version:
            return fresh, None
        if not changed:
            raise StaleRecord(_("%(task)s was changed by somebody else meanwhile.") % {"task": fresh.label}, fresh)
        saved = tasks.edit(task=task, by=by, version=version, values=changed)
        found = schedule.follow(task.project, log)
        saved.refresh_from_db()
    return saved, found


def permit_move(task: Task) -> None:
    """Raises RuleBroken for a task whose bar stays where it is: it is over, or it repeats and keeps its own dates."""
    if not task.is_open:
        raise RuleBroken(_("%(task)s is over: it stays where it was done. Open it again first.") % {"task": task.label})
    if task.recurrence:
        said = _("%(task)s repeats: its dates are those of its series. Change them in its form.")
        raise RuleBroken(said % {"task": task.label})


def _dates(task: Task, values: dict[str, Any]) -> dict[str, Any]:
    """The values of DATES that differ from what is stored, made to fit together. Raises RuleBroken."""
    now = {name: values.get(name, getattr(task, name)) for name in DATES}
    if now["starts_on"] and not now["due_on"]:
        raise refused("due_on", _("Say as well by when it is to be done."))
    if now["starts_on"] and now["due_on"] < now["starts_on"]:
        raise refused("due_on", _("The task would be due before it starts."))
    if now["dates_are_manual"] and not now["due_on"]:
        raise refused("due_on", _("Without a due date there is no date that stays."))
    if (now["effort_hours_left"] or 0) < 0:
        raise refused("effort_hours_left", _("Hours cannot be less than none."))
    if task.status not in BEGUN:
        now["effort_hours_left"] = task.effort_hours_left
    changed = {name: value for name, value in now.items() if getattr(task, name) != value}
    if {"starts_on", "due_on"} & changed.keys():
        changed["dates_are_manual"] = now["dates_are_manual"]  # otherwise a date that is typed is taken to stay
    return changed


def linking(task: Task, predecessor: Task, kind: str, lag_days: int) -> schedule.Change:
    """The change that `link` makes, to try it out."""
    return lambda plan: plan.with_link(PlanLink(TASK, predecessor.pk, task.pk, kind, lag_days))


def unlinking(task: Task, predecessor: Task) -> schedule.Change:
    return lambda plan: plan.without_link(PlanLink(TASK, predecessor.pk, task.pk))


def link(
    *, task: Task, predecessor: Task, by: Any, kind: str = LinkKind.FINISH_START, lag_days: int = 0
) -> tuple[TaskDependency, Consequence]:
    """Lets a task wait for another one, and moves what follows. Raises RuleBroken for a circle, naming it."""
    with journal.change(task.project, by=by) as log:
        made = tasks.add_predecessor(task=task, predecessor=predecessor, by=by, kind=kind, lag_days=lag_days)
        return made, schedule.follow(task.project, log)


def unlink(*, task: Task, predecessor: Task, by: Any) -> Consequence:
    """Takes a link away; what waited may move forward."""
    with journal.change(task.project, by=by) as log:
        tasks.remove_predecessor(task=task, predecessor=predecessor, by=by)
        return schedule.follow(task.project, log)
