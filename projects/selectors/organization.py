"""Projects side by side: how far each is, against its plan, and what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm
from typing import Any

from django.db.models import (
    Case,
    Count,
    DateField,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from accounts.models import Organization
from core.templatetags.ui import against_plan
from projects import access
from projects.addresses import address
from projects.models import JournalEntry, OrganizationGroupGrant, PlanActivity, PlanStep, Project, Task
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
    with_last: bool = True,
) -> list[ProjectLine]:
    """The lines of some projects (organization loaded), in the same order; four queries whatever their number.

    `planned` and `late` may be given by a page that has asked for them already, to sort by them; a page that does not
    print the last activity saves its query.
    """
    if not projects:
        return []
    keys = [project.pk for project in projects]
    if planned is None:
        planned = planned_percents(projects, today)
    if late is None:
        late = overdue_counts(keys, today)
    coming, latest = next_steps(keys, today), last_entries(keys) if with_last else {}
    return [
        ProjectLine(
            project=project,
            url=address("projects:project-home", **project.address),
            percent=project.progress_percent,
            planned=planned.get(project.pk, 0),
            overdue=late.get(project.pk, 0),
            next_step=coming.get(project.pk),
            last_at=latest[project.pk][0] if project.pk in latest else None,
            last_text=latest[project.pk][1] if project.pk in latest else "",
        )
        for project in projects
    ]


def next_steps(projects: Sequence[int], today: dt.date) -> dict[int, PlanStep]:
    """The step each project finishes next: of the unfinished ones the first to end from today on, else the oldest.

    Work left in a merged step is named by the step it is merged into. The database chooses; one row for each project
    comes back.
    """
    unfinished = PlanStep.objects.filter(
        project=OuterRef("pk"), is_applicable=True, effort_minutes_done__lt=F("effort_minutes")
    )
    is_past = Case(When(ends_on__lt=today, then=Value(1)), default=Value(0), output_field=IntegerField())
    chosen = Project.objects.filter(pk__in=projects).values(
        step=Subquery(
            unfinished.order_by(is_past, "ends_on", "position").values(whole=Coalesce("merged_into", "pk"))[:1]
        )
    )
    found = PlanStep.objects.filter(pk__in=chosen).only("project_id", "number", "title", "ends_on").order_by()
    return {step.project_id: step for step in found}


def last_entries(projects: Sequence[int]) -> dict[int, tuple[dt.datetime, str]]:
    """When something was last done in each project, and by whom; one row for each."""
    entries = JournalEntry.objects.filter(project=OuterRef("pk")).order_by("-seq")
    latest = Project.objects.filter(pk__in=projects).values(entry=Subquery(entries.values("pk")[:1]))
    found = JournalEntry.objects.filter(pk__in=latest).order_by().values_list("project_id", "at", "actor_name")
    return {pk: (at, name) for pk, at, name in found}


def overdue_counts(projects: Sequence[int], today: dt.date) -> dict[int, int]:
    """Open tasks past their date, by project; one query over the index `task_list` alone.

    `is_open__in`, because SQLite seeks in an index for a comparison, not for a bare truth value.
    """
    if not projects:
        return {}
    late = Task.objects.filter(project__in=projects, is_open__in=[True], due_on__lt=today).order_by()
    return dict(late.values_list("project_id").annotate(count=Count("*")))


def planned_percents(projects: Sequence[Project], today: dt.date) -> dict[int, int]:
    """The share of effort each plan expects done at the end of `today`: exactly progress.planned_percent.

    One query over the index `plan_activity_curve` alone: what should be finished is added up by the database, only the
    few activities that run today come as rows, and the whole effort is the project's stored counter. Shares are added
    as whole numbers over each length in days, so that no rounding makes a project's home and a list differ by a point.
    """
    if not projects:
        return {}
    counted = PlanActivity.objects.filter(project__in=[project.pk for project in projects]).order_by()
    nothing = Value(None, output_field=DateField())
    past = counted.filter(ends_on__lte=today).values("project_id").annotate(
        first=nothing, last=nothing, minutes=Sum("effort_minutes")
    )  # fmt: skip
    running = counted.filter(starts_on__lte=today, ends_on__gt=today).values("project_id").annotate(
        first=F("starts_on"), last=F("ends_on"), minutes=F("effort_minutes")
    )  # fmt: skip
    columns = ("project_id", "first", "last", "minutes")
    shares: dict[int, dict[int, int]] = {}
    for pk, first, last, minutes in past.values_list(*columns).union(running.values_list(*columns), all=True):
        length, gone = (1, 1) if first is None else ((last - first).days + 1, (today - first).days + 1)
        days = shares.setdefault(pk, {})
        days[length] = days.get(length, 0) + minutes * gone
    found = {}
    for project in projects:
        days = shares.get(project.pk, {})
        common = lcm(*days)  # whole numbers to the end: exact as fractions, and quick
        expected = sum(minutes * (common // length) for length, minutes in days.items())
        found[project.pk] = 100 * expected // (common * project.effort_minutes) if project.effort_minutes else 0
    return found


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
