"""The schedule on paper: the Gantt chart in strips that fit a page, milestones, what cannot be kept, and the variance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from core.svg.gantt import HEAD, ROW, Window, gantt
from pdca import titles
from projects.layout import Cycle
from projects.selectors import baseline as baselines
from projects.selectors import gantt as charts
from projects.selectors import milestone as milestones
from projects.selectors import schedule as schedules

from .lines import cover_facts

PAPER = (265.0, 146.0)
"""Millimetres of a page that a strip of the chart may fill: the first one stands below its heading."""
NAMES = 270
WIDEST = 1500.0
"""A chart wider than this is divided more coarsely, so that its letters stay readable on paper."""


def rows_on_a_page(frame: Window) -> int:
    """So many rows fit below the head of the chart when it is as wide as the page."""
    width, height = PAPER
    return max(int((height * (NAMES + frame.width) / width - HEAD) // ROW), 1)


def select(asked: Any) -> dict[str, Any]:
    """All that the report prints; the number of queries depends neither on activities nor on tasks."""
    project, today = asked.project, asked.today
    context: dict[str, Any] = {"project": project, "today": today, "cover_facts": cover_facts(project)}
    try:
        found = schedules.reckoned(project)
    except Cycle as circle:
        return context | {"circle": " → ".join(map(str, circle.names))}
    kept = baselines.yardstick(project)
    lines = charts.lines(
        project,
        found,
        level=charts.ACTIVITIES,
        opened=(),
        ghosts=charts.ghosts_of(kept),
        today=today,
        address=lambda key, name: "",
    )
    frame = next(
        (
            frame
            for zoom in ("months", "quarters")
            if (frame := charts.frame_of(lines, found, zoom, today)).width <= WIDEST
        ),
        charts.frame_of(lines, found, "quarters", today),
    )
    bars = [replace(charts.plain(line.bar), title=titles.said(line.bar.title, line.bar.title)) for line in lines]
    rows = rows_on_a_page(frame)
    strips = [
        gantt(bars[at : at + rows], frame, today=today, id=f"strip-{at}", with_names=NAMES)
        for at in range(0, len(bars), rows)
    ]
    variances = baselines.compare(kept, calendar=project.calendar) if kept else []
    return context | {
        "strips": strips,
        "ends_on": found.ends_on,
        "certification_on": found.certification_on,
        "critical": [line for line in lines if line.bar.is_critical and line.bar.kind == "activity"],
        "warnings": (warnings := [text for _key, text in charts.warnings(found)]),
        "more_warnings": max(len(warnings) - 20, 0),
        "milestones": list(milestones.of(project)),
        "baseline": kept,
        "variances": variances,
        "left_out": [_("Tasks are not drawn: the activities they lie in are. The page of the schedule shows them.")],
    }


def against_yardstick(project: Any) -> list[str]:
    """How far the plan has moved from the approved baseline, as a sentence; none without one."""
    kept = baselines.yardstick(project)
    if kept is None:
        return []
    days = baselines.end_variance(kept, project)
    name = {"number": kept.number, "name": kept.name, "days": abs(days)}
    if days > 0:
        return [
            _("The plan ends %(days)s working days later than the approved baseline %(number)s, “%(name)s”.") % name
        ]
    if days < 0:
        return [
            _("The plan ends %(days)s working days earlier than the approved baseline %(number)s, “%(name)s”.") % name
        ]
    return [_("The plan ends on the day of the approved baseline %(number)s, “%(name)s”.") % name]
