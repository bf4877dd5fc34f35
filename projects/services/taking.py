"""Taking a task that waits for a role: whoever holds the role and is free puts their own name to it."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Task

from . import task as tasks


def take(*, task: Task, by: Any) -> Task:
    """Assigns an open task of one's own role to oneself; of two people the first gets it. RuleBroken, NotPermitted."""
    with journal.change(task.project, by=by):
        fresh = Task.objects.select_related("project__organization", "assignee").get(pk=task.pk)
        if fresh.assignee_id == by.pk:
            return fresh
        if fresh.assignee_role not in access.roles_of(by, fresh.project):
            raise NotPermitted(_("%(task)s waits for a role you do not hold.") % {"task": fresh.label})
        if not fresh.is_open:
            raise RuleBroken(_("%(task)s is closed already.") % {"task": fresh.label})
        if fresh.assignee_id is not None:
            raise RuleBroken(
                _("%(person)s has taken %(task)s already.") % {"person": fresh.assignee, "task": fresh.label}
            )
        return tasks.edit(task=fresh, by=by, version=fresh.version, values={"assignee": by})
