"""A project's plan as the schedule sees it: rows as they are stored, the network they make, and the dates that follow.

No queries: `selectors/schedule.py` reads the rows, `services/schedule.py` writes the dates. A change is tried out by
giving a plan with other rows (`with_activity`, `with_link`) to the same functions.

The rules:

- An activity lies in its step, a task in its activity; a later round of a step begins on its own date, and nothing that
  waits for the step waits for it. Merged steps wait together for all that any of them waits for. A dependency on a step
  that comes later in the order of the plan is not waited for.
- A task without a due date has no place in the schedule; a task of no activity stays where it is unless a link moves it.
- What is late keeps its date, so that it stays late for all to see; what follows it moves. It only gets a new date when
  somebody says so.
- What is done, excluded, cancelled, or dated by hand is never moved.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from projects.models.plan import ActivityStatus
from projects.models.task import TaskStatus
from projects.tailoring import network as tailoring

from .axis import Axis
from .network import EVERYBODY, FS, Calendar, Link, Network, Node, Result, build, schedule

HOURS_PER_DAY = 8
STEP, ACTIVITY, TASK, MILESTONE = "step", "activity", "task", "milestone"
Key = tuple[str, int]


class StepRow(NamedTuple):
    pk: int
    number: str
    title: str
    phase: int
    starts_on: dt.date
    ends_on: dt.date
    is_applicable: bool
    merged_into: int | None


class ActivityRow(NamedTuple):
    pk: int
    step: int
    number: str
    title: str
    status: str
    round_number: int | None
    round_starts_on: dt.date | None
    duration_days: int
    starts_on: dt.date
    ends_on: dt.date
    started_on: dt.date | None
    finished_on: dt.date | None
    dates_are_manual: bool
    not_before_on: dt.date | None
    finish_by_on: dt.date | None
    fixed_on: dt.date | None
    remaining_days: int | None
    responsible: str = ""

    @property
    def is_out(self) -> bool:
        return self.status == ActivityStatus.EXCLUDED

    @property
    def is_done(self) -> bool:
        return self.status == ActivityStatus.DONE


class TaskRow(NamedTuple):
    pk: int
    number: int
    title: str
    activity: int | None
    assignee: int | None
    status: str
    starts_on: dt.date | None
    due_on: dt.date
    dates_are_manual: bool
    offset_days: int | None
    duration_days: int | None
    hours_left: float | None
    completed_on: dt.date | None

    @property
    def is_out(self) -> bool:
        return self.status == TaskStatus.CANCELLED

    @property
    def is_done(self) -> bool:
        return self.status == TaskStatus.DONE

    @property
    def begins_on(self) -> dt.date:
        return self.starts_on or self.due_on

    @property
    def label(self) -> str:
        return f"T-{self.number:03d}"


class MilestoneRow(NamedTuple):
    pk: int
    kind: str
    title: str
    activity: int | None
    lag_days: int
    on: dt.date
    is_fixed: bool
    reached_on: dt.date | None
    number: int = 0

    @property
    def label(self) -> str:
        return f"MS-{self.number:03d}"


class PlanLink(NamedTuple):
    """A link between two rows of a kind; `pk` is None for one that is only tried out."""

    of: str
    source: int
    target: int
    kind: str = FS
    lag: int = 0
    pk: int | None = None


class Span(NamedTuple):
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True)
class Plan:
    """The rows of one project's plan. `absences` are (person, first day, last day), `holders` the people of each role."""

    start_on: dt.date
    axis: Axis
    steps: dict[int, StepRow]
    activities: dict[int, ActivityRow]
    tasks: dict[int, TaskRow]
    milestones: dict[int, MilestoneRow]
    links: tuple[PlanLink, ...]
    absences: tuple[tuple[int, dt.date, dt.date], ...] = ()
    holders: Mapping[str, Collection[int]] = field(default_factory=dict)

    def with_activity(self, pk: int, **values: object) -> Plan:
        """The plan as it would be if an activity's row had these values."""
        return replace(self, activities={**self.activities, pk: self.activities[pk]._replace(**values)})

    def settled(self, activities: Collection[int]) -> Plan:
        """The plan with the places of the tasks in some activities stored: they move along when these get other dates."""
        placed = {
            pk: row._replace(offset_days=place[0], duration_days=place[1])
            for pk, row in self.tasks.items()
            if row.activity in activities and (place := place_of(row, self))
        }
        return replace(self, tasks={**self.tasks, **placed})

    def with_task(self, pk: int, **values: object) -> Plan:
        return replace(self, tasks={**self.tasks, pk: self.tasks[pk]._replace(**values)})

    def with_link(self, link: PlanLink) -> Plan:
        """With this link, instead of the one between the same two if there is one."""
        return replace(self, links=(*self.without_link(link).links, link))

    def without_link(self, one: PlanLink) -> Plan:
        return replace(self, links=tuple(link for link in self.links if link[:3] != one[:3]))

    def name_of(self, key: Key) -> str:
        """What people call a row: "1.7", "1.7.3", "T-012", or a milestone's title."""
        of, pk = key
        if of == STEP:
            return self.steps[pk].number
        if of == ACTIVITY:
            return self.activities[pk].number
        return self.tasks[pk].label if of == TASK else self.milestones[pk].title

    def title_of(self, key: Key) -> str:
        of, pk = key
        rows = {STEP: self.steps, ACTIVITY: self.activities, TASK: self.tasks, MILESTONE: self.milestones}
        return rows[of][pk].title

    def span_of(self, key: Key) -> Span:
        """The dates as they are stored."""
        of, pk = key
        if of == MILESTONE:
            return Span(self.milestones[pk].on, self.milestones[pk].on)
        if of == TASK:
            return Span(self.tasks[pk].begins_on, self.tasks[pk].due_on)
        row = self.steps[pk] if of == STEP else self.activities[pk]
        return Span(row.starts_on, row.ends_on)


def network_of(plan: Plan, today: dt.date | None = None) -> Network:
    """The network of a plan, as it stands `today`. Raises Cycle, naming the circle by numbers."""
    axis = plan.axis
    now = axis.start(today) if today is not None else None
    away = _away(plan)
    calendars = {person: Calendar(days) for person, days in away.items()}
    of_roles = {role: _calendar_of(people, away) for role, people in plan.holders.items()}
    worked = {row.activity for row in plan.tasks.values() if not row.is_out}
    nodes = [Node((STEP, pk), 0, is_frame=True, is_out=not step.is_applicable) for pk, step in plan.steps.items()]
    nodes += [
        _activity_node(row, axis, EVERYBODY if row.pk in worked else of_roles.get(row.responsible, EVERYBODY))
        for row in plan.activities.values()
    ]
    nodes += [_task_node(row, plan, now, calendars) for row in plan.tasks.values()]
    nodes += [_milestone_node(row, axis) for row in plan.milestones.values() if row.activity is not None]
    links = [
        Link((of, source), (of, target), kind, lag) for of, source, target, kind, lag, _pk in plan.links if of != STEP
    ]
    links += _step_links(plan)
    links += [
        Link((ACTIVITY, row.activity), (MILESTONE, row.pk), FS, row.lag_days)
        for row in plan.milestones.values()
        if row.activity is not None
    ]
    names = {node.key: plan.name_of(node.key) for node in nodes}
    return build(nodes, links, now=now, names=names)


def _step_links(plan: Plan) -> list[Link]:
    """What steps wait for as a tailored plan reads it (`tailoring.network`): in the order of the plan, merged ones as one."""
    read = tailored(plan)
    pk_of = {step.number: pk for pk, step in plan.steps.items()}
    groups: dict[str, list[int]] = {}
    for number, host in read.hosts.items():
        groups.setdefault(host, []).append(pk_of[number])
    return [
        Link((STEP, source), (STEP, target), FS, lag)
        for host, waits in read.waits.items()
        for other, lag in waits
        for source in groups[other]
        for target in groups[host]
    ]


def tailored(plan: Plan) -> tailoring.Reading:
    """The network of steps by their numbers; `plan.steps` stand in the order in which they are worked."""
    number = {pk: step.number for pk, step in plan.steps.items()}
    nodes = [
        tailoring.Node(step.number, 0, step.is_applicable, number.get(step.merged_into, ""))
        for step in plan.steps.values()
    ]
    links = [
        tailoring.Link(number[target], number[source], lag)
        for of, source, target, _kind, lag, _pk in plan.links
        if of == STEP and source in number and target in number
    ]
    return tailoring.reading(nodes, links)


def _away(plan: Plan) -> dict[int, set[int]]:
    """The working days on which each person is away, of those who are."""
    days: dict[int, set[int]] = {}
    for person, first, last in plan.absences:
        days.setdefault(person, set()).update(plan.axis.days_off(first, last))
    return {person: off for person, off in days.items() if off}


def _calendar_of(people: Collection[int], away: Mapping[int, set[int]]) -> Calendar:
    """The days on which at least one of them is there."""
    days = set.intersection(*(away.get(person, set()) for person in people)) if people else set()
    return Calendar(days) if days else EVERYBODY


def _activity_node(row: ActivityRow, axis: Axis, calendar: Calendar = EVERYBODY) -> Node:
    """`calendar` is that of who holds its role, where no task says who works on it."""
    later = row.round_number is not None and row.round_number > 1
    dates = [day for day in (row.not_before_on, row.fixed_on, row.round_starts_on if later else None) if day]
    manual = (axis.start(row.starts_on), axis.finish(row.ends_on)) if row.dates_are_manual else None
    if manual and manual[1] <= manual[0]:
        manual = (manual[0], manual[0] + 1)  # both days lie in one weekend: the working day after it
    started = axis.start(row.started_on) if row.started_on else None
    finished = None
    if row.is_done:
        finished = axis.finish(row.finished_on or row.ends_on)
        started = min(finished, started if started is not None else axis.start(row.starts_on))
    return Node(
        (ACTIVITY, row.pk),
        max(row.duration_days, 1),
        calendar=calendar,
        parent=None if later else (STEP, row.step),
        not_before=axis.start(max(dates)) if dates else None,
        start_by=axis.start(row.fixed_on) if row.fixed_on else None,
        finish_by=axis.finish(row.finish_by_on) if row.finish_by_on else None,
        manual=manual,
        started=started,
        finished=finished,
        remaining=row.remaining_days,
        is_out=row.is_out,
    )


def place_of(row: TaskRow, plan: Plan) -> tuple[int, int]:
    """(working days after its activity, or the project, begins; working days it takes) of a task."""
    axis, activity = plan.axis, plan.activities.get(row.activity)
    begins = axis.start(row.begins_on)
    offset, duration = row.offset_days, row.duration_days
    if offset is None:
        offset = begins - (axis.start(activity.starts_on) if activity is not None else 0)
    if duration is None:
        duration = max(axis.finish(row.due_on) - begins, 1)
    return offset, duration


def _task_node(row: TaskRow, plan: Plan, now: int | None, calendars: dict[int, Calendar]) -> Node:
    axis = plan.axis
    offset, duration = place_of(row, plan)
    begins = axis.start(row.begins_on)
    manual = started = finished = remaining = None
    if row.dates_are_manual:
        manual = (begins, max(axis.finish(row.due_on), begins + 1))
    if row.is_done:
        finished = axis.finish(row.completed_on or row.due_on)
        started = min(begins, finished)
    elif row.status in (TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED):
        started = begins if now is None else min(begins, now)
        if row.hours_left is not None:
            remaining = max(-(-float(row.hours_left) // HOURS_PER_DAY), 1)
    in_plan = row.activity in plan.activities
    return Node(
        (TASK, row.pk),
        duration,
        calendar=calendars.get(row.assignee, EVERYBODY),
        parent=(ACTIVITY, row.activity) if in_plan else None,
        offset=offset if in_plan else 0,
        not_before=None if in_plan else offset,
        manual=manual,
        started=started,
        finished=finished,
        remaining=int(remaining) if remaining is not None else None,
        is_out=row.is_out or (in_plan and plan.activities[row.activity].is_out),
    )


def _milestone_node(row: MilestoneRow, axis: Axis) -> Node:
    day = axis.finish(row.on)
    reached = axis.finish(row.reached_on) if row.reached_on else None
    return Node((MILESTONE, row.pk), 0, manual=(day, day) if row.is_fixed else None, finished=reached)


@dataclass(frozen=True)
class Reckoned:
    """A plan, its network, what the passes found, and the dates that follow from them."""

    plan: Plan
    network: Network
    result: Result
    spans: dict[Key, Span]
    """The dates every row should have. Those that must not move have the ones they are stored with."""
    ends_on: dt.date
    """The last day of the plan as the network has it, what is late and what is dated by hand included."""
    certification_on: dt.date
    """Stage 2 of the certification audit where there is such a milestone, else the end of the plan."""
    places: dict[int, tuple[int, int]] = field(default_factory=dict)
    """Where tasks lie in their activities, of those that had nothing stored: (offset, duration) in working days."""

    def at(self, key: Key) -> int | None:
        """The place of a row in the network; None where it has none."""
        return self.network.place.get(key)

    def float_of(self, key: Key) -> int | None:
        at = self.at(key)
        return self.result.total_float[at] if at is not None else None

    def is_critical(self, key: Key) -> bool:
        at = self.at(key)
        return at is not None and self.result.critical[at]

    def early_of(self, key: Key) -> Span | None:
        """When the work is expected, as dates; None where the network has no such row."""
        at = self.at(key)
        return self._span(self.result.early_start[at], self.result.early_finish[at]) if at is not None else None

    def late_of(self, key: Key) -> Span | None:
        """When it has to be, at the latest, for the end of the plan and every promised date to hold."""
        at = self.at(key)
        return self._span(self.result.late_start[at], self.result.late_finish[at]) if at is not None else None

    def _span(self, start: int, finish: int) -> Span:
        axis = self.plan.axis
        last = axis.last_day(finish)
        return Span(min(axis.day(start), last), last)


def reckon(plan: Plan, today: dt.date, *, move_overdue: bool = False) -> Reckoned:
    """Schedules a plan as it stands today. Raises Cycle. `move_overdue` gives what is late a new date too."""
    network = network_of(plan, today)
    result = schedule(network)
    axis, place = plan.axis, network.place
    spans: dict[Key, Span] = {}

    def found(key: Key) -> Span:
        at = place[key]
        return Span(axis.day(result.early_start[at]), axis.last_day(result.early_finish[at]))

    for pk, row in plan.activities.items():
        key, stored = (ACTIVITY, pk), Span(row.starts_on, row.ends_on)
        spans[key] = stored
        if row.is_done or row.is_out or row.dates_are_manual or (row.ends_on < today and not move_overdue):
            continue
        new = found(key)
        spans[key] = Span(min(row.starts_on, new.ends_on), new.ends_on) if row.started_on else new
    places = {}
    for pk, row in plan.tasks.items():
        key, stored = (TASK, pk), Span(row.begins_on, row.due_on)
        spans[key] = stored
        if row.offset_days is None or row.duration_days is None:
            places[pk] = place_of(row, plan)
        if row.is_done or network.nodes[place[key]].is_out or row.dates_are_manual:
            continue
        if row.due_on < today and not move_overdue:
            continue
        new = found(key)
        begun = row.status in (TaskStatus.IN_PROGRESS, TaskStatus.BLOCKED)
        spans[key] = Span(min(row.begins_on, new.ends_on), new.ends_on) if begun else new
    for pk, row in plan.milestones.items():
        key = (MILESTONE, pk)
        spans[key] = Span(row.on, row.on)
        if row.activity is None or row.is_fixed or row.reached_on or (row.on < today and not move_overdue):
            continue
        day = axis.last_day(result.early_finish[place[key]])
        spans[key] = Span(day, day)
    spans |= _steps(plan, spans)
    ends_on = axis.last_day(result.finish) if result.finish > 0 else plan.start_on
    return Reckoned(plan, network, result, spans, ends_on, _certification(plan, place, result, ends_on), places)


def _steps(plan: Plan, spans: dict[Key, Span]) -> dict[Key, Span]:
    """A step begins with its first applicable activity and ends with its last."""
    inside: dict[int, list[Span]] = {}
    for pk, row in plan.activities.items():
        if not row.is_out:
            inside.setdefault(row.step, []).append(spans[ACTIVITY, pk])
    return {
        (STEP, pk): Span(min(s.starts_on for s in inside[pk]), max(s.ends_on for s in inside[pk]))
        if pk in inside
        else Span(row.starts_on, row.ends_on)
        for pk, row in plan.steps.items()
    }


def _certification(plan: Plan, place: dict, result: Result, ends_on: dt.date) -> dt.date:
    for pk, row in plan.milestones.items():
        if row.kind == "stage_2":
            if row.reached_on or (MILESTONE, pk) not in place:
                return row.reached_on or row.on
            return plan.axis.last_day(result.early_finish[place[MILESTONE, pk]])
    return ends_on
