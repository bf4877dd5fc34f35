"""The plan of a project in a nutshell, small enough to be stored with it: no queries.

`plan_days` answers "what percent does the plan expect on that day" with one search; `outline` holds the progress of the
phases (the small wheel) and the unfinished steps (what comes next). A list of two hundred projects so reads two hundred
rows, not twenty thousand.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise
from math import lcm
from typing import Any, NamedTuple

from projects import progress


def plan_days(activities: Iterable[tuple[dt.date, dt.date, int]], start_on: dt.date) -> list[int]:
    """The days, counted from `start_on`, at whose end the plan expects 1, 2 … 100 percent; [] without any effort.

    Exactly the rule of progress.planned_percent, reckoned in whole numbers: rows are (starts_on, ends_on, minutes).
    """
    rows = [
        ((starts - start_on).days, (ends - start_on).days, minutes) for starts, ends, minutes in activities if minutes
    ]
    if not rows:
        return []
    common = lcm(*{last - first + 1 for first, last, _minutes in rows})
    total = sum(minutes for _first, _last, minutes in rows) * common
    changes: dict[int, int] = {}  # by how much the effort of a day differs from that of the day before
    for first, last, minutes in rows:
        daily = minutes * (common // (last - first + 1))
        changes[first] = changes.get(first, 0) + daily
        changes[last + 1] = changes.get(last + 1, 0) - daily
    days: list[int] = []
    expected = daily = 0
    turns = sorted(changes)
    for day, until in pairwise(turns):
        daily += changes[day]
        whole = expected + daily * (until - day)
        while len(days) < 100 and 100 * whole >= (len(days) + 1) * total:
            missing = (len(days) + 1) * total - 100 * expected
            days.append(day - 1 + -(-missing // (100 * daily)))
        expected = whole
    return days


def planned_on(day: int, days: Sequence[int]) -> int:
    """The percent that the plan expects at the end of a day; both count from the start of the project."""
    return bisect_right(days, day)


class StepFacts(NamedTuple):
    """What the outline takes from a step that applies, in the order of the plan."""

    phase: str
    number: str
    title: str
    ends_on: dt.date
    effort_minutes: int
    effort_minutes_done: int
    pk: int | None = None
    merged_into: int | None = None


def together(steps: Iterable[StepFacts]) -> list[StepFacts]:
    """Merged steps as one, in the place and phase of the step that carries them: "2.3 + 2.7"."""
    every = list(steps)
    carried: dict[int, list[StepFacts]] = {}
    known = {step.pk for step in every if step.pk is not None}
    for step in every:
        if step.merged_into in known:
            carried.setdefault(step.merged_into, []).append(step)
    if not carried:
        return every
    found = []
    for step in every:
        if step.merged_into in known:
            continue
        its = carried.get(step.pk, []) if step.pk is not None else []
        found.append(
            step._replace(
                number=" + ".join([step.number, *(one.number for one in its)]),
                ends_on=max([step.ends_on, *(one.ends_on for one in its)]),
                effort_minutes=step.effort_minutes + sum(one.effort_minutes for one in its),
                effort_minutes_done=step.effort_minutes_done + sum(one.effort_minutes_done for one in its),
            )
        )
    return found


def outline(steps: Iterable[StepFacts], start_on: dt.date) -> dict[str, Any]:
    """{"phases": [[title, percent]], "open": [[number, title, last day counted from the start]]}, the open ones by date."""
    phases: dict[str, list[int]] = {}
    unfinished = []
    for place, step in enumerate(together(steps)):
        sums = phases.setdefault(step.phase, [0, 0])
        sums[0] += step.effort_minutes_done
        sums[1] += step.effort_minutes
        if step.effort_minutes_done < step.effort_minutes:
            unfinished.append(((step.ends_on - start_on).days, place, step))
    return {
        "phases": [[title, progress.percent(done, minutes)] for title, (done, minutes) in phases.items()],
        "open": [[step.number, step.title, day] for day, _place, step in sorted(unfinished)],
    }


class NextStep(NamedTuple):
    number: str
    title: str
    ends_on: dt.date


def next_step(stored: dict[str, Any], start_on: dt.date, today: dt.date) -> NextStep | None:
    """The step to finish next: of the unfinished ones the first to end from today on, else the oldest."""
    steps = stored.get("open")
    if not steps:
        return None
    at = bisect_left(steps, (today - start_on).days, key=lambda step: step[2])
    number, title, day = steps[at] if at < len(steps) else steps[0]
    return NextStep(number, title, start_on + dt.timedelta(days=day))
