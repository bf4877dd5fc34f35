"""A person's own reports: over all their projects, for them alone.

What such a report shows is what its person could read when it was made. It is given to them only while every project
in it is still open to them: a role that ended closes last week's PDF as well.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organization
from jobs.models import Job
from jobs.models.job import LIVE, JobState
from projects.models.project import ProjectStatus
from projects.permissions import Role
from projects.selectors import portfolio, standing
from projects.selectors.standing import Standing
from projects.services import team
from reports import kinds
from reports.models import Report
from reports.selectors.report import JOB, LATELY

WEEKLY = "weekly-portfolio"


def kinds_of() -> list[kinds.ReportKind]:
    return kinds.of_scope("person")


def of(person: Any) -> QuerySet[Report]:
    """The person's own reports, also removed ones; newest first."""
    return Report.objects.filter(person=person, is_personal=True).select_related("person", "organization")


def may_have(person: Any, kind: kinds.ReportKind) -> bool:
    """Whether there is a project for the person to read: without one there is nothing to report."""
    if person is None:
        return False
    held = standing.of(person)
    return standing.any_may([*held.organizations.values(), *held.projects.values()], kind.perm)


def readable_ids(held: Standing) -> frozenset[int]:
    """The projects that these roles let read; the rule of the portfolio itself. One query."""
    projects, organizations = portfolio.keys_of(held)
    if not (projects or organizations):
        return frozenset()
    return frozenset(portfolio.opened_by(projects, organizations).values_list("pk", flat=True))


def closed_in(report: Report, readable: frozenset[int]) -> int:
    """How many of the projects in a report its person reads no longer."""
    return len(report.shown_projects - readable)


def gets_weekly(person: Any) -> bool:
    """Whether there is a portfolio to send: more than one project under way, or one for a consultant."""
    held = standing.of(person)
    projects, organizations = portfolio.keys_of(held)
    if not (projects or organizations):
        return False
    under_way = portfolio.opened_by(projects, organizations).exclude(status=ProjectStatus.CLOSED)[:2].count()
    return under_way > 1 or (under_way == 1 and Role.CONSULTANT in held.roles)


def firm_of(person: Any) -> Organization | None:
    """The firm whose look, journal and retention the person's reports have; none of two, for they are of both."""
    firms = list(team.firms_of(person).distinct().order_by("pk")[:2])
    return firms[0] if len(firms) == 1 else None


def under_way(person: Any) -> list[Job]:
    """The person's own reports being made, and those that ended in the last minutes; of the week's own, what failed."""
    asked_for = [kind.slug for kind in kinds_of()]
    found = Job.objects.filter(kind__in=(JOB, WEEKLY), actor=person, parameters__kind__in=asked_for)
    live = found.filter(state__in=LIVE, not_before__lte=timezone.now())
    lately = found.filter(state__in=(JobState.FAILED, JobState.DONE), finished_at__gte=timezone.now() - LATELY)
    lately = lately.exclude(kind=WEEKLY, state=JobState.DONE)
    return list((live | lately).select_related("report").order_by("-created_at", "-pk")[:20])


def is_named(person_id: int, sha256: str) -> bool:
    """Whether a kept report of the person has this content: the sweep asks."""
    return Report.objects.filter(person=person_id, sha256=sha256, removed_at=None, is_personal=True).exists()
