"""Projects side by side: how far each is, against its plan, and what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from accounts.models import Organization
from core.templatetags.ui import against_plan
from projects import access
from projects.models import JournalEntry, OrganizationGroupGrant, PlanActivity, PlanStep, Project, Task
from projects.models.plan import ActivityStatus
from projects.models.project import ProjectStatus
from projects.permissions import Perm
from projects.services import team

LATE_POINTS = 10


@dataclass
class ProjectLine:
    """A project as a list shows it; everything a template prints stands here."""

    project: Project
    url: str
    percent: int
    planned: int
    overdue: int
    next_step: PlanStep | None
    last_at: dt.datetime | None
    last_text: str

    @property
    def behind(self) -> int:
        """Points behind the plan; negative when ahead."""
        return self.planned - self.percent

    @property
    def state(self) -> tuple[str, str]:
        """Kind and words of a badge: done, paused, late, behind, on plan."""
        if self.project.status != ProjectStatus.RUNNING:
            return "open", str(self.project.get_status_display())
        words, kind = against_plan(self.percent, self.planned)
        if self.behind >= LATE_POINTS:
            kind = "late"
        return kind, words[:1].upper() + words[1:]

    @property
    def kind(self) -> str:
        return self.state[0]

    @property
    def words(self) -> str:
        return self.state[1]


def lines(
    projects: Sequence[Project],
    today: dt.date,
    *,
    planned: dict[int, int] | None = None,
    late: dict[int, int] | None = None,
) -> list[ProjectLine]:
    """The lines of some projects (organization loaded), in the same order; five queries whatever their number.

    `planned` and `late` may be given by a page that has asked for them already, to sort by them.
    """
    if not projects:
        return []
    keys = [project.pk for project in projects]
    if planned is None:
        planned = planned_percents(Project.objects.filter(pk__in=keys), today)
    if late is None:
        late = overdue_counts(Task.objects.filter(project__in=keys), today)
    coming: dict[int, PlanStep] = {}
    steps = (
        PlanStep.objects.filter(project__in=keys, is_applicable=True, effort_minutes_done__lt=F("effort_minutes"))
        .only("project_id", "number", "title", "ends_on", "position")
        .order_by("project_id", "ends_on", "position")
    )
    for step in steps:
        known = coming.get(step.project_id)
        if known is None or (known.ends_on < today <= step.ends_on):
            coming[step.project_id] = step
    latest = {
        entry.project_id: entry
        for entry in JournalEntry.objects.filter(
            pk__in=Project.objects.filter(pk__in=keys)
            .annotate(
                last=Subquery(JournalEntry.objects.filter(project=OuterRef("pk")).order_by("-seq").values("pk")[:1])
            )
            .values("last")
        ).only("project_id", "at", "actor_name")
    }
    return [
        ProjectLine(
            project=project,
            url=reverse("projects:project-home", kwargs=project.address),
            percent=project.progress_percent,
            planned=planned.get(project.pk, 0),
            overdue=late.get(project.pk, 0),
            next_step=coming.get(project.pk),
            last_at=latest[project.pk].at if project.pk in latest else None,
            last_text=latest[project.pk].actor_name if project.pk in latest else "",
        )
        for project in projects
    ]


def overdue_counts(tasks: QuerySet[Task], today: dt.date) -> dict[int, int]:
    """Open tasks past their date, by project; one query over the index of open tasks."""
    rows = tasks.filter(is_open=True, due_on__lt=today).order_by().values_list("project_id")
    return dict(rows.annotate(count=Count("pk")))


def planned_percents(projects: QuerySet[Project], today: dt.date) -> dict[int, int]:
    """The share of effort each plan expects done at the end of `today`: the rule of progress.planned_percent.

    Finished spans are added up by the database, only the few that run today come as rows. Two queries.
    """
    counted = PlanActivity.objects.filter(project__in=projects.order_by().values("pk")).exclude(
        status=ActivityStatus.EXCLUDED
    )
    expected: dict[int, Decimal] = {}
    totals: dict[int, int] = {}
    sums = (
        counted.order_by()
        .values_list("project_id")
        .annotate(total=Sum("effort_minutes"), past=Sum("effort_minutes", filter=Q(ends_on__lte=today)))
    )
    for pk, total, past in sums:
        totals[pk], expected[pk] = total or 0, Decimal(past or 0)
    running = counted.filter(starts_on__lte=today, ends_on__gt=today).order_by()
    for pk, starts_on, ends_on, minutes in running.values_list("project_id", "starts_on", "ends_on", "effort_minutes"):
        expected[pk] += minutes * Decimal((today - starts_on).days + 1) / ((ends_on - starts_on).days + 1)
    return {pk: int(100 * expected[pk] / total) if total else 0 for pk, total in totals.items()}


def clients_of(firm: Organization) -> QuerySet[Organization]:
    """The organizations a consulting firm is engaged with, with their projects counted."""
    engaged = OrganizationGroupGrant.objects.filter(access._in_force(), group=firm.team).values("content_object")
    return (
        Organization.objects.filter(pk__in=engaged, is_active=True)
        .annotate(project_count=Count("projects"))
        .order_by("name")
    )


def readable_projects(user: Any, organization: Organization) -> QuerySet[Project]:
    """The organization's projects that this person reads."""
    return access.projects_with(user, Perm.VIEW_PROJECT).filter(organization=organization).order_by("name", "pk")


def is_member(user: Any, firm: Organization) -> bool:
    return firm.is_firm and team.firms_of(user).filter(pk=firm.pk).exists()
