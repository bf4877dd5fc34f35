"""Corrective actions: tasks that remove the cause."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from improvement.flows import CLAUSE
from improvement.models import Action, Nonconformity, Round
from projects import journal
from projects.models import Task
from projects.services import task as tasks

from .common import fresh, unjudged


def add_action(*, record: Nonconformity, by: Any, values: dict[str, Any]) -> Action:
    """A corrective action as a new task: `values` as services.task.create takes them, the title at least."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        current = unjudged(found)
        task = tasks.create(project=found.project, by=by, **values)
        action = _take(found, current, task, log)
    return action


def link_action(*, record: Nonconformity, by: Any, task: Task) -> Action:
    """A task that exists becomes a corrective action of the newest round."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        current = unjudged(found)
        if task.project_id != found.project_id:
            raise RuleBroken(_("The task has to be one of this project."))
        if Action.objects.filter(task=task).exists():
            raise RuleBroken(_("%(task)s is a corrective action already.") % {"task": task.label})
        action = _take(found, current, task, log)
    return action


def drop_action(*, record: Nonconformity, by: Any, pk: int) -> None:
    """Takes a task out of the newest round before that is implemented; the task itself stays in the plan."""
    with journal.change(record.project, by=by) as log:
        found = fresh(record, by)
        current = unjudged(found)
        if current.implemented_at is not None:
            raise RuleBroken(_("The action is implemented: what was done stays as it was."), CLAUSE)
        action = current.actions.filter(pk=pk).select_related("task").first()
        if action is None:
            raise RuleBroken(_("Somebody has taken this task out in the meantime."))
        log(found, "nonconformity.action_dropped", {"task": str(action.task)})
        action.delete()


def _take(record: Nonconformity, current: Round, task: Task, log: journal.Log) -> Action:
    if current.verifier_id and current.verifier_id == task.assignee_id:
        raise refused("assignee", _("Who verifies the effectiveness does none of the actions."))
    if current.check_on and task.due_on and task.due_on >= current.check_on:
        raise refused("due_on", _("The action has to be due before the check of effectiveness."))
    action = Action.objects.create(
        organization_id=record.organization_id, project=record.project, round=current, task=task
    )
    log(record, "nonconformity.action_added", {"task": str(task)})
    return action
