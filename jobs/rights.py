"""Who a job may run for, asked when it runs: nothing about rights is kept in its row."""

from __future__ import annotations

from collections.abc import Callable

from projects import access
from projects.permissions import Perm

from .models import Job


def may(perm: Perm) -> Callable[[Job], bool]:
    """For jobs of a person in a project or an organization: the person must hold `perm` there at this moment."""

    def asked(job: Job) -> bool:
        scope = job.project or job.organization
        return job.actor is not None and scope is not None and access.can(job.actor, perm, scope)

    return asked


def is_active(job: Job) -> bool:
    """For jobs about a person's own things: the account must be open."""
    return job.actor is not None and job.actor.is_active


def is_scheduled(job: Job) -> bool:
    """For jobs of the schedule: nobody asked for them."""
    return job.actor is None
