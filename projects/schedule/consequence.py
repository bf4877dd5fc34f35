"""What a change does to the plan, before it is saved: which rows get other dates, and what becomes of the certification.

Two things move dates: the change itself, and what is late already. They are told apart, so that nobody takes the blame
for last week's delay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from core import canonical

from .network import Conflict
from .plan import ACTIVITY, MILESTONE, STEP, TASK, Key, Plan, Reckoned, Span, reckon


class Move(NamedTuple):
    """A row that gets other dates. `days`: working days its end moves, later is positive."""

    key: Key
    name: str
    title: str
    before: Span
    after: Span
    days: int


@dataclass(frozen=True)
class Consequence:
    """What saving would do. `moves` are all rows whose stored dates change; `own` the ones this change alone moves."""

    before: Reckoned
    after: Reckoned
    moves: tuple[Move, ...]
    own: tuple[Move, ...]
    new_conflicts: tuple[tuple[Key, Conflict], ...]

    def count(self, of: str, *, own: bool = False) -> int:
        return sum(move.key[0] == of for move in (self.own if own else self.moves))

    @property
    def activities(self) -> int:
        return self.count(ACTIVITY)

    @property
    def tasks(self) -> int:
        return self.count(TASK)

    @property
    def steps(self) -> int:
        return self.count(STEP)

    @property
    def milestones(self) -> int:
        return self.count(MILESTONE)

    @property
    def own_activities(self) -> int:
        return self.count(ACTIVITY, own=True)

    @property
    def own_tasks(self) -> int:
        return self.count(TASK, own=True)

    @property
    def certification_days(self) -> int:
        """Working days by which this change moves the certification; later is positive."""
        axis = self.after.plan.axis
        return axis.finish(self.after.certification_on) - axis.finish(self.before.certification_on)

    @property
    def late_days(self) -> int:
        """Working days by which the certification is later than the stored plan has it, without this change."""
        axis = self.before.plan.axis
        return axis.finish(self.before.certification_on) - axis.finish(stored_certification(self.before.plan))

    @property
    def token(self) -> str:
        """Changes whenever the consequence does: what a person has seen is what is saved."""
        seen = [[*move.key, move.after.starts_on.isoformat(), move.after.ends_on.isoformat()] for move in self.moves]
        return canonical.digest({"moves": seen})[:16]

    def __bool__(self) -> bool:
        return bool(self.moves)


def stored_certification(plan: Plan) -> dt.date:
    """The day the stored dates give: stage 2, else the last day of the activities that count."""
    for row in plan.milestones.values():
        if row.kind == "stage_2":
            return row.reached_on or row.on
    return max((row.ends_on for row in plan.activities.values() if not row.is_out), default=plan.start_on)


def consequence(
    plan: Plan, today: dt.date, change: Callable[[Plan], Plan] | None = None, *, move_overdue: bool = False
) -> Consequence:
    """What `change` (none: only what is late already) does to a plan. Raises Cycle."""
    before = reckon(plan, today, move_overdue=move_overdue)
    changed = change(plan) if change is not None else plan
    after = reckon(changed, today, move_overdue=move_overdue) if change is not None else before
    moves = _moves(changed, {key: plan.span_of(key) for key in before.spans}, after)
    own = _moves(changed, before.spans, after) if change is not None else ()
    known = {(before.network.nodes[c.place].key, c.kind) for c in before.result.conflicts}
    new = [(after.network.nodes[c.place].key, c) for c in after.result.conflicts]
    return Consequence(before, after, moves, own, tuple((key, c) for key, c in new if (key, c.kind) not in known))


def _moves(plan: Plan, before: dict[Key, Span], after: Reckoned) -> tuple[Move, ...]:
    axis = plan.axis
    found = []
    for key, now in after.spans.items():
        was = before.get(key, now)
        if was == now or (key[0] == TASK and plan.tasks[key[1]].starts_on is None and was.ends_on == now.ends_on):
            continue
        days = axis.finish(now.ends_on) - axis.finish(was.ends_on)
        found.append(Move(key, plan.name_of(key), plan.title_of(key), was, now, days))
    return tuple(found)
