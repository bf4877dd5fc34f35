"""All projects a person reads, side by side: how far, against the plan, what is late, what comes next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator

from portal.selectors.standing import Reading
from projects.models.project import ProjectStatus
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

    project: Reading
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


@dataclass
class Chosen:
    """The projects that pass the filters, in order, with what they were sorted by."""

    rows: list[_Standing]
    figures: Figures
    has_any: bool
    planned: dict[int, int]
    late: dict[int, int]
    today: dt.date

    def lines(self, rows: Sequence[_Standing]) -> list[ProjectLine]:
        projects = [row.project for row in rows]
        return side_by_side.lines(projects, self.today, planned=self.planned, late=self.late)


def choose(projects: Sequence[Reading], *, today: dt.date, q: str = "", state: str = "", sort: str = "") -> Chosen:
    """Filters and sorts projects (by client already); two queries, over indexes alone."""
    word = q.casefold()
    wanted = [
        one
        for one in projects
        if (one.status == state if state in ProjectStatus.values else one.status != ProjectStatus.CLOSED)
        and (word in one.name.casefold() or word in one.organization.name.casefold())
    ]
    planned = side_by_side.planned_percents(wanted, today)
    late = side_by_side.overdue_counts([one.pk for one in wanted], today)
    rows = [_Standing(one, planned.get(one.pk, 0), late.get(one.pk, 0)) for one in wanted]
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
    return Chosen(rows, figures, bool(wanted) or (bool(q or state) and bool(projects)), planned, late, today)


def of(projects: Sequence[Reading], *, page: Any = 1, **asked: Any) -> Portfolio:
    """One page of the portfolio; the number of queries depends neither on projects nor on tasks."""
    chosen = choose(projects, **asked)
    shown = Paginator(chosen.rows, PAGE).get_page(page)
    return Portfolio(shown, chosen.lines(list(shown)), chosen.figures, chosen.has_any)
