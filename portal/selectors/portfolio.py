"""All projects a person reads, side by side: how far, against the plan, what is late, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q

from projects import access
from projects.models import Project, Task
from projects.models.project import ProjectStatus
from projects.permissions import Perm
from projects.selectors import organization as side_by_side
from projects.selectors.organization import LATE_POINTS, ProjectLine

PAGE = 50


@dataclass(frozen=True)
class Figures:
    """What stands above the list, over everything that passes the filters."""

    projects: int
    behind: int
    overdue: int
    done: int


@dataclass(frozen=True)
class Portfolio:
    page: Page
    lines: list[ProjectLine]
    figures: Figures
    has_any: bool


@dataclass
class _Standing:
    """What the list can be sorted by before the lines of one page are made."""

    project: Project
    planned: int
    overdue: int

    @property
    def behind(self) -> int:
        return self.planned - self.project.progress_percent


SORTS: dict[str, Callable[[_Standing], Any]] = {
    "client": lambda one: (one.project.organization.name.casefold(), one.project.name.casefold()),
    "progress": lambda one: one.project.progress_percent,
    "behind": lambda one: one.behind,
    "overdue": lambda one: one.overdue,
    "target": lambda one: one.project.target_on or dt.date.max,
}


def of(user: Any, *, today: dt.date, q: str = "", state: str = "", sort: str = "", page: Any = 1) -> Portfolio:
    """One page of the portfolio; the number of queries depends neither on projects nor on tasks."""
    visible = access.projects_with(user, Perm.VIEW_PROJECT)
    wanted = visible.select_related("organization").order_by("organization__name", "name", "pk")
    if q:
        wanted = wanted.filter(Q(name__icontains=q) | Q(organization__name__icontains=q))
    wanted = (
        wanted.filter(status=state) if state in ProjectStatus.values else wanted.exclude(status=ProjectStatus.CLOSED)
    )
    projects = list(wanted)
    planned = side_by_side.planned_percents(visible, today) if projects else {}
    late = side_by_side.overdue_counts(Task.objects.filter(project__in=visible.order_by().values("pk")), today)
    rows = [_Standing(one, planned.get(one.pk, 0), late.get(one.pk, 0)) for one in projects]
    figures = Figures(
        projects=len(rows),
        behind=sum(row.behind >= LATE_POINTS for row in rows),
        overdue=sum(row.overdue for row in rows),
        done=sum(row.project.effort_minutes_done for row in rows)
        * 100
        // (sum(row.project.effort_minutes for row in rows) or 1),
    )
    if state == "behind":
        rows = [row for row in rows if row.behind > 0]
    elif state == "overdue":
        rows = [row for row in rows if row.overdue]
    name = sort.removeprefix("-")
    if name in SORTS:
        rows.sort(key=SORTS[name], reverse=sort.startswith("-"))
    else:  # what needs attention first
        rows.sort(key=lambda row: (-max(row.behind, 0), -row.overdue))
    shown = Paginator(rows, PAGE).get_page(page)
    lines = side_by_side.lines([row.project for row in shown], today, planned=planned, late=late)
    return Portfolio(shown, lines, figures, has_any=bool(projects) or (bool(q or state) and visible.exists()))
