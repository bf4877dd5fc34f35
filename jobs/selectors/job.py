"""Jobs as people see them: their own, those of a project they manage, and for operators every one without its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import QueryDict

from jobs.models import Job, JobState
from jobs.models.job import LIVE
from projects import access
from projects.models import Project
from projects.permissions import Perm

FILTERS: dict[str, Q] = {
    "live": Q(state__in=LIVE),
    "done": Q(state=JobState.DONE),
    "failed": Q(state=JobState.FAILED),
    "cancelled": Q(state=JobState.CANCELLED),
}


def of_person(user: Any) -> QuerySet[Job]:
    """What a person asked for, the newest first."""
    return Job.objects.filter(actor=user).select_related("organization", "project__organization")


def of_project(project: Project) -> QuerySet[Job]:
    """What anybody asked for in a project."""
    return Job.objects.filter(project=project).select_related("actor")


@dataclass(frozen=True)
class Choice:
    """One filter of a list, with how many it would show."""

    value: str
    count: int
    is_chosen: bool


def choices(jobs: QuerySet[Job], query: QueryDict) -> tuple[QuerySet[Job], list[Choice]]:
    """The list as filtered by `?state=`, and the filters with their counts (one query)."""
    wanted = query.get("state", "")
    counts = jobs.order_by().aggregate(
        all=Count("pk"), **{name: Count("pk", filter=rule) for name, rule in FILTERS.items()}
    )
    found = [Choice("", counts["all"], wanted not in FILTERS)]
    found += [Choice(name, counts[name], name == wanted) for name in FILTERS]
    return (jobs.filter(FILTERS[wanted]) if wanted in FILTERS else jobs), found


@dataclass(frozen=True)
class Seen:
    """A job and why somebody may see it. An operator runs the installation and is a stranger to what the work is about:
    number, kind, state, times and what the program said, but not subject, project, reason or result."""

    job: Job
    is_own: bool
    is_managed: bool
    is_operated: bool

    @property
    def shows_words(self) -> bool:
        return self.is_own or self.is_managed


def seen_by(user: Any, pk: int) -> Seen | None:
    """The job as this person may see it; None for whom it does not exist."""
    job = (
        Job.objects.select_related("actor", "organization", "project__organization").filter(pk=pk).first()
        if pk < 2**63
        else None
    )
    if job is None or not user.is_active:
        return None
    is_own = job.actor_id == user.pk
    is_managed = not is_own and job.project is not None and access.can(user, Perm.MANAGE_PROJECT, job.project)
    seen = Seen(job, is_own, is_managed, user.is_staff)
    return seen if is_own or is_managed or user.is_staff else None
