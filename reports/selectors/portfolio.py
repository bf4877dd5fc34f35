"""All projects a person reads, side by side on paper, and a page for each client that needs attention.

The facts are those of the page (projects/selectors/portfolio.py); here is only which of them need attention, and what
stands on their pages.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core import svg
from pdca import titles
from projects import awaiting
from projects.models import Task
from projects.models.project import ProjectStatus
from projects.selectors import portfolio as portfolios
from projects.selectors.organization import LATE_POINTS
from projects.selectors.portfolio import Line

from .lines import owner_of, sentence_left_out

MOST = 300
MOST_PAGES = 20
LATEST = 6  # longest overdue tasks on a client's page

TASK_FIELDS = ("project_id", "number", "title", "assignee__name", "assignee__email", "assignee_role", "due_on")


@dataclass
class Late:
    number: str
    title: str
    owner: str
    due_on: dt.date
    days: int


@dataclass
class Sheet:
    """The page of a client that needs attention, and why it does."""

    line: Line
    reasons: list[str]
    bars: SafeString
    late: list[Late] = field(default_factory=list)

    @property
    def more(self) -> int:
        return self.line.overdue - len(self.late)


def select(asked: Any) -> dict[str, Any]:
    """The whole portfolio of the person it is made for, in a constant number of queries."""
    projects = portfolios.readable_by(asked.by)
    chosen = portfolios.choose(projects, today=asked.today, person=None)
    lines = chosen.lines(chosen.rows[:MOST])
    sheets = [Sheet(line, reasons, _bars(line)) for line in lines if (reasons := _reasons(line))]
    _fill(sheets[:MOST_PAGES], asked.today)
    left_out = []
    if len(chosen.rows) > MOST:
        left_out.append(sentence_left_out(len(chosen.rows) - MOST, _("Projects")))
    if len(sheets) > MOST_PAGES:
        left_out.append(sentence_left_out(len(sheets) - MOST_PAGES, _("Pages of clients")))
    return {
        "figures": chosen.figures,
        "lines": lines,
        "sheets": sheets[:MOST_PAGES],
        "knows_decisions": awaiting.is_known(),
        "left_out": left_out,
        # The figures add up all of them, so all of them are in it, printed or not.
        "projects": sorted(row.project.pk for row in chosen.rows),
    }


def _reasons(line: Line) -> list[str]:
    """Why a client needs attention; [] where none of it applies. Paused and closed projects need none."""
    if line.project.status != ProjectStatus.RUNNING:
        return []
    said = []
    if line.behind >= LATE_POINTS:
        said.append(
            _("%(percent)s %% done, %(planned)s %% planned: %(n)s points behind")
            % {"percent": line.percent, "planned": line.planned, "n": line.behind}
        )
    if line.forecast is not None and line.forecast.kind == "late":
        said.append(_("Forecast against the audit: %(words)s") % {"words": line.forecast.words})
    if line.ages.longer:
        said.append(_("Overdue for more than three weeks: %(n)s") % {"n": line.ages.longer})
    if line.awaited:
        said.append(_("Decisions awaited: %(n)s") % {"n": len(line.awaited)})
    return said


def _bars(line: Line) -> SafeString:
    """How far each phase is."""
    rows = [svg.Bar(titles.said(title, title), percent, "prog", note=f"{percent} %") for title, percent in line.phases]
    return svg.bars(rows, id=f"phases-{line.project.pk}", title=_("Progress by phase"), most=100, width=420)


def _fill(sheets: list[Sheet], today: dt.date) -> None:
    """The longest overdue tasks of each page; one query."""
    keys = [sheet.line.project.pk for sheet in sheets if sheet.line.overdue]
    if not keys:
        return
    place = Window(RowNumber(), partition_by=F("project_id"), order_by=[F("due_on").asc(), F("number").asc()])
    found = (
        Task.objects.filter(project__in=keys, is_open=True, due_on__lt=today)
        .annotate(place=place)
        .filter(place__lte=LATEST)
        .order_by("project_id", "due_on", "number")
        .values_list(*TASK_FIELDS)
    )
    late: dict[int, list[Late]] = defaultdict(list)
    for project, number, title, name, email, role, due_on in found:
        label = f"{Task.PREFIX}-{number:03d}"
        late[project].append(Late(label, title, owner_of(name, email, role), due_on, (today - due_on).days))
    for sheet in sheets:
        sheet.late = late[sheet.line.project.pk]
