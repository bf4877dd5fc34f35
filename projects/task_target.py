"""The task as something that can have evidence (projects.evidencing)."""

from __future__ import annotations

from typing import Any

from . import access
from .evidencing import Target
from .models import Project, Task
from .permissions import Perm
from .services.task import count_evidence, is_own, may_work_on


def load(project: Project, pk: int) -> Task | None:
    task = Task.objects.filter(project=project, pk=pk).first()
    if task is not None:
        task.project = project
    return task


def may_see(task: Task, user: Any) -> bool:
    """Who reads the project sees every task; everybody else of it their own."""
    roles = access.roles_of(user, task.project)
    return bool(roles) and (Perm.VIEW_PROJECT in access.perms_of(roles) or is_own(task, user, roles))


def may_manage(task: Task, user: Any) -> bool:
    return access.can(user, Perm.MANAGE_TASKS, task)


TASK = Target(
    "projects.task", load=load, may_see=may_see, may_add=may_work_on, may_manage=may_manage, count=count_evidence,
    url=lambda task: task.get_absolute_url(),
)  # fmt: skip
