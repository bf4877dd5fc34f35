"""A step in the schedule: moved as a whole, with what is still open in it and in the steps merged into it.

Its activities move by the same number of working days and are then dated by hand, as when each of them is moved. What is
done stays; what has begun keeps its begin, and its end moves. How long a step is, its activities say.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from projects import gates, journal, many_rows
from projects.models import PlanActivity, PlanStep, StepRound
from projects.models.plan import ActivityStatus
from projects.schedule.axis import Axis
from projects.schedule.consequence import Consequence
from projects.schedule.plan import Plan, Span
from projects.selectors import gate as gate_selectors

from . import schedule

OPEN = (ActivityStatus.PLANNED, ActivityStatus.IN_PROGRESS)
SAVED = ("starts_on", "ends_on", "duration_days", "dates_are_manual")


def open_activities(step: PlanStep) -> list[PlanActivity]:
    """What moves with a step, in the order of the plan; with the steps that are merged into it."""
    whole = [step, *gates.joined_of(step)]
    rows = list(
        PlanActivity.objects.filter(step__in=whole, status__in=OPEN).order_by("step__position", "position", "pk")
    )
    for one in rows:
        one.project = step.project
    return rows


def permit_move(step: PlanStep) -> None:
    """Raises RuleBroken for a step whose bar stays where it is: it is closed, done, or not part of the plan."""
    if not step.is_applicable:
        raise RuleBroken(_("Step %(number)s is excluded from the plan.") % {"number": step.number})
    whole = gate_selectors.whole_of(step)
    if gate_selectors.of_step(whole, []).is_closed:
        said = _("Step %(step)s keeps its dates: the gate of step %(whole)s is closed. Open the gate again first.")
        raise RuleBroken(said % {"step": step.number, "whole": whole.number})
    if not open_activities(step):
        said = _("Step %(number)s has no open activity: it stays where it was worked.")
        raise RuleBroken(said % {"number": step.number})


def days_to(step: PlanStep, starts_on: dt.date) -> int:
    """The working days from where a step begins to where it shall begin; later is positive."""
    axis = _axis(step)
    return axis.start(starts_on) - axis.start(step.starts_on)


def span_after(step: PlanStep, days: int) -> Span:
    """Where a step lies then: round its own activities, those that are done included."""
    axis, spans = _axis(step), [Span(step.starts_on, step.ends_on)]
    rows = list(PlanActivity.objects.filter(step=step).exclude(status=ActivityStatus.EXCLUDED))
    for one in rows:
        moved = _moved(one, axis, days) if one.status in OPEN else {"starts_on": one.starts_on, "ends_on": one.ends_on}
        spans.append(Span(moved["starts_on"], moved["ends_on"]))
    spans = spans[1:] or spans
    return Span(min(span.starts_on for span in spans), max(span.ends_on for span in spans))


def moving(step: PlanStep, days: int) -> schedule.Change:
    """The change that `move` makes, to try it out."""
    axis = _axis(step)
    changed = {one.pk: _moved(one, axis, days) for one in open_activities(step)} if days else {}
    rounds = {one.pk: _shifted(one, axis, days) for one in _open_rounds(step)} if days else {}
    of_round = dict(PlanActivity.objects.filter(round__in=rounds).values_list("pk", "round_id")) if rounds else {}

    def change(plan: Plan) -> Plan:
        plan = plan.settled(changed)
        activities = dict(plan.activities)
        for pk, values in changed.items():
            activities[pk] = activities[pk]._replace(**values)
        for pk, round_id in of_round.items():
            activities[pk] = activities[pk]._replace(round_starts_on=rounds[round_id].starts_on)
        return replace(plan, activities=activities)

    return change


def move(*, step: PlanStep, by: Any, version: int, days: int, reason: str = "") -> tuple[PlanStep, Consequence | None]:
    """Moves what is open in a step by so many working days, with its open round; what follows moves.

    Raises StaleRecord when somebody changed the step first, RuleBroken where it has to stay.
    """
    with journal.change(step.project, by=by, reason=reason) as log:
        fresh = PlanStep.objects.select_related("project__organization", "merged_into").get(pk=step.pk)
        if fresh.version != version:
            raise StaleRecord(
                _("Step %(number)s was changed by somebody else meanwhile.") % {"number": fresh.number}, fresh
            )
        permit_move(fresh)
        if not days:
            return fresh, None
        axis, activities = _axis(fresh), open_activities(fresh)
        schedule.settle(activities, log)
        values = [(one, _moved(one, axis, days)) for one in activities]
        many_rows.update(PlanActivity, log, SAVED, [(one.pk, *(new[name] for name in SAVED)) for one, new in values])
        rounds = [(one.pk, *_shifted(one, axis, days)) for one in _open_rounds(fresh)]
        many_rows.update(StepRound, log, ("starts_on", "ends_on"), rounds)
        told = {
            one.number: f"{one.starts_on} → {new['starts_on']}, {one.ends_on} → {new['ends_on']}" for one, new in values
        }
        log(fresh, "step.moved", {"working_days": days, "dates": told})
        found = schedule.follow(fresh.project, log)
        fresh.refresh_from_db()
    return fresh, found


def _axis(step: PlanStep) -> Axis:
    return Axis(step.project.start_on, step.project.calendar)


def _moved(activity: PlanActivity, axis: Axis, days: int) -> dict[str, Any]:
    """The values of SAVED of an activity, so many working days away; it takes as long as it did, unless it has begun."""
    start, finish = axis.start(activity.starts_on), axis.finish(activity.ends_on)
    finish = max(finish, start + 1) + days
    start = start if activity.status == ActivityStatus.IN_PROGRESS else start + days
    finish = max(finish, start + 1)
    return {
        "starts_on": axis.day(start),
        "ends_on": axis.last_day(finish),
        "duration_days": finish - start,
        "dates_are_manual": True,
    }


def _open_rounds(step: PlanStep) -> list[StepRound]:
    """The later rounds that are open: they keep dates of their own. The first one lasts as long as its step."""
    whole = [step, *gates.joined_of(step)]
    return list(StepRound.objects.filter(step__in=whole, number__gt=1, closed_at__isnull=True).order_by("pk"))


def _shifted(one: StepRound, axis: Axis, days: int) -> Span:
    start = axis.start(one.starts_on) + days
    return Span(axis.day(start), axis.last_day(max(axis.finish(one.ends_on) + days, start + 1)))
