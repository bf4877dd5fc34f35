"""The rows of the Gantt chart: what is open, from the network, with the baseline behind it. Only a page of rows is drawn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from core.svg.gantt import Bar, Window, window
from core.templatetags.ui import short_date
from projects import progress, schedule_words
from projects.models import Baseline, BaselineRow, PlanActivity, PlanPhase, PlanStep, Project
from projects.schedule.plan import ACTIVITY, MILESTONE, STEP, TASK, Key, Reckoned, Span

PHASES, STEPS, ACTIVITIES, TASKS = LEVELS = ("phases", "steps", "activities", "tasks")
ROWS = 30
"""So many rows are sent at once: a window full, in 30 kB at most."""

Address = Callable[[Key, str], str]
"""Where a row leads, by its key and the name people call it by."""


@dataclass(frozen=True)
class Line:
    """A row with what its table says beside its bar."""

    bar: Bar
    key: Key | None
    span: Span
    expected: Span | None
    total_float: int | None
    is_open: bool | None
    """Whether its parts are shown; None where it has none."""

    @property
    def planned(self) -> str:
        return _dates(self.span)

    @property
    def awaited(self) -> str:
        """When it is expected, where the network says so."""
        return _dates(self.expected) if self.expected else ""

    @property
    def remarks(self) -> str:
        return " ".join(_remarks(self.bar.is_critical, self.bar.is_late, self.bar.is_manual))


def _remarks(*is_so: bool) -> list[str]:
    return [word for word, so in zip((_("critical"), _("late"), _("set by hand")), is_so, strict=True) if so]


def percents(project: Project) -> dict[Key, int]:
    """How far each step and activity is; two queries."""
    found: dict[Key, int] = {}
    for of, model in ((STEP, PlanStep), (ACTIVITY, PlanActivity)):
        rows = model.objects.filter(project=project).values_list("pk", "effort_minutes_done", "effort_minutes")
        found |= {(of, pk): progress.percent(done, whole) for pk, done, whole in rows}
    return found


def ghosts_of(baseline: Baseline | None) -> dict[Key, Span]:
    """The dates of a baseline by row; one query."""
    if baseline is None:
        return {}
    rows = BaselineRow.objects.filter(baseline=baseline)
    found: dict[Key, Span] = {}
    for step, activity, milestone, first, last in rows.values_list(
        "step_id", "activity_id", "milestone_id", "starts_on", "ends_on"
    ):
        key = (STEP, step) if step else (ACTIVITY, activity) if activity else (MILESTONE, milestone)
        found[key] = Span(first, last)
    return found


def lines(
    project: Project,
    found: Reckoned,
    *,
    level: str,
    opened: Collection[str],
    ghosts: dict[Key, Span],
    today: dt.date,
    address: Address,
    only_critical: bool = False,
    shut: Collection[str] = (),
    held: Collection[str] = (),
) -> list[Line]:
    """All rows that are open, in the order of the plan; three queries whatever their number.

    `level` says down to what the plan is open; `opened` are the rows open beyond it, `shut` those that are not. `held` are
    the kinds of rows that this person may drag.
    """
    drawn = _Rows(project, found, ghosts, today, address, percents(project), held)
    rows = list(drawn.walk(level, frozenset(opened), frozenset(shut)))
    if only_critical:
        rows = [line for line in rows if line.bar.is_critical or line.bar.kind in ("phase", "step")]
    return rows


def is_open_at(level: str, kind: str) -> bool:
    """Whether the parts of a row of that kind are shown when the plan is open down to `level`."""
    return LEVELS.index(level) > ("phase", "step", "activity").index(kind)


class _Rows:
    def __init__(
        self, project: Project, found: Reckoned, ghosts: dict[Key, Span], today: dt.date, address: Address,
        done: dict[Key, int], held: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.found, self.plan, self.ghosts, self.today, self.address, self.done, self.held = (
            found, found.plan, ghosts, today, address, done, held,
        )  # fmt: skip
        self.phases = dict(PlanPhase.objects.filter(project=project).order_by("number").values_list("number", "title"))
        self.activities: dict[int, list[int]] = {}
        for pk, row in self.plan.activities.items():
            self.activities.setdefault(row.step, []).append(pk)
        self.tasks: dict[int, list[int]] = {}
        for pk, row in self.plan.tasks.items():
            self.tasks.setdefault(row.activity, []).append(pk)

    def walk(self, level: str, opened: frozenset[str], shut: frozenset[str]) -> Iterator[Line]:
        def shows(kind: str, name: str) -> bool:
            return (is_open_at(level, kind) or name in opened) and name not in shut

        for number, title in self.phases.items():
            steps = [pk for pk, row in self.plan.steps.items() if row.phase == number]
            if not steps:
                continue
            is_open = shows("phase", str(number))
            yield self.phase(number, title, steps, is_open)
            for step in steps if is_open else ():
                parts = self.activities.get(step, [])
                is_open = shows("step", self.plan.steps[step].number)
                yield self.line((STEP, step), "step", number, is_open if parts else None)
                for activity in parts if is_open else ():
                    tasks = self.tasks.get(activity, [])
                    has_tasks = shows("activity", self.plan.activities[activity].number)
                    yield self.line((ACTIVITY, activity), "activity", number, has_tasks if tasks else None)
                    for task in tasks if has_tasks else ():
                        yield self.line((TASK, task), "task", number, None)
        for pk in self.plan.milestones:
            yield self.milestone(pk)

    def phase(self, number: int, title: str, steps: list[int], is_open: bool) -> Line:
        counted = [self.plan.span_of((STEP, pk)) for pk in steps if self.plan.steps[pk].is_applicable]
        spans = counted or [self.plan.span_of((STEP, pk)) for pk in steps]
        span = Span(min(s.starts_on for s in spans), max(s.ends_on for s in spans))
        bar = Bar(
            str(number),
            title,
            "phase",
            *span,
            tone=number,
            is_out=not counted,
            said=f"{number} {title}: {_dates(span)}",
        )
        return Line(bar, None, span, None, None, is_open)

    def line(self, key: Key, kind: str, tone: int, is_open: bool | None) -> Line:
        plan, found = self.plan, self.found
        span, of, pk = plan.span_of(key), *key
        is_out = not plan.steps[pk].is_applicable if of == STEP else self.row(key).is_out
        is_done = of != STEP and self.row(key).is_done
        percent = self.done.get(key, 100 if is_done else 0)
        late = found.late_of(key)
        slack = found.float_of(key)
        is_manual = of != STEP and self.row(key).dates_are_manual
        is_critical, is_late = of != STEP and found.is_critical(key), not is_done and span.ends_on < self.today
        bar = Bar(
            plan.name_of(key), plan.title_of(key), kind, *span,
            percent=percent, tone=tone, is_out=is_out, is_critical=is_critical, is_late=is_late, is_manual=is_manual,
            float_until=late.ends_on if late and slack and slack > 0 and not is_done and of != STEP else None,
            ghost=self.ghosts.get(key), href=self.address(key, plan.name_of(key)),
            key=plan.name_of(key) if of in self.held and self.is_open(key) else "",
            said=_said(f"{plan.name_of(key)} {plan.title_of(key)}", span, percent, is_critical, is_late, is_manual),
        )  # fmt: skip
        return Line(bar, key, span, found.early_of(key), None if is_done or is_out or of == STEP else slack, is_open)

    def is_open(self, key: Key) -> bool:
        """Whether there is work left that could be moved."""
        of, pk = key
        if of == STEP:
            whole = [pk, *(other for other, step in self.plan.steps.items() if step.merged_into == pk)]
            return self.plan.steps[pk].is_applicable and any(
                self.is_open((ACTIVITY, one)) for step in whole for one in self.activities.get(step, [])
            )
        return not (self.row(key).is_done or self.row(key).is_out)

    def row(self, key: Key):
        return (self.plan.activities if key[0] == ACTIVITY else self.plan.tasks)[key[1]]

    def milestone(self, pk: int) -> Line:
        row, key = self.plan.milestones[pk], (MILESTONE, pk)
        on = row.reached_on or row.on
        bar = Bar(
            "", row.title, "milestone", on, on, percent=100 if row.reached_on else 0, href=self.address(key, ""),
            key=row.label if MILESTONE in self.held and not row.reached_on else "",
            is_late=not row.reached_on and row.on < self.today, is_critical=self.found.is_critical(key),
            ghost=self.ghosts.get(key), said=f"{row.title}: {short_date(on)}",
        )  # fmt: skip
        return Line(bar, key, Span(on, on), self.found.early_of(key), self.found.float_of(key), None)


def _dates(span: Span) -> str:
    return f"{short_date(span.starts_on)} – {short_date(span.ends_on)}"


def _said(name: str, span: Span, percent: int, *is_so: bool) -> str:
    """A bar in words: when it is, how far, and what is remarkable about it."""
    done = _("%(percent)s %% done") % {"percent": percent}
    return f"{name}: {_dates(span)}, {', '.join([done, *_remarks(*is_so)])}"


def frame_of(rows: Collection[Line], found: Reckoned, zoom: str, today: dt.date) -> Window:
    """The days the chart shows: the plan, its baseline and today."""
    days = [day for line in rows for day in (*line.span, *(line.bar.ghost or ()))] or [found.plan.start_on]
    first, last = min(*days, found.plan.start_on), max(*days, found.ends_on)
    if abs((today - last).days) < 90:
        last = max(last, today)
    return window(first, last, zoom)


def days_off(found: Reckoned, frame: Window) -> set[dt.date]:
    """The days of the window that nobody works; only the finest zoom draws them."""
    if frame.zoom != "weeks":
        return set()
    days = (frame.first + dt.timedelta(days=n) for n in range((frame.last - frame.first).days + 1))
    return {day for day in days if not found.plan.axis.calendar.is_working(day)}


def working_days(found: Reckoned, frame: Window) -> str:
    """Each day of the window as 1 (people work) or 0, for the script that lets a bar fall on working days only."""
    days = (frame.first + dt.timedelta(days=n) for n in range((frame.last - frame.first).days + 1))
    return "".join("01"[found.plan.axis.calendar.is_working(day)] for day in days)


def warnings(found: Reckoned) -> list[tuple[Key, str]]:
    return schedule_words.contradictions(found)


def plain(bar: Bar) -> Bar:
    """A bar for paper: nothing to press."""
    return replace(bar, href="", key="")


def said(lines: Collection[Line]) -> str:
    """What the picture shows, for who cannot see it."""
    critical = sum(line.bar.is_critical and line.bar.kind == "activity" for line in lines)
    return _("%(rows)s rows; %(critical)s critical activities among them. The table below says the same.") % {
        "rows": len(lines),
        "critical": critical,
    }
