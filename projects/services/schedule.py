"""The schedule: who waits for whom, what was promised, and the dates that follow. IMS2 step 1.1, planning.

Every change reads the plan again under the organization's lock, reckons it anew and writes all dates that follow in one
transaction: two people who re-date at once come one after the other, and both stand in the journal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord, refused
from projects import journal, many_rows
from projects.layout import Cycle
from projects.models import ActivityLink, PlanActivity, PlanMilestone, PlanStep, Project, StepRound, Task
from projects.models.plan import ActivityStatus
from projects.models.task import LinkKind
from projects.schedule.consequence import Consequence, Move, consequence, stored_certification
from projects.schedule.plan import ACTIVITY, MILESTONE, STEP, TASK, Plan, PlanLink, place_of
from projects.selectors import gate as gates
from projects.selectors import schedule as selectors
from projects.selectors.project import today_in

from . import counters

Change = Callable[[Plan], Plan]

DATES = (
    "duration_days", "dates_are_manual", "starts_on", "ends_on", "not_before_on", "fixed_on", "finish_by_on",
    "remaining_days", "started_on", "finished_on",
)  # fmt: skip
MOST_LAG = 250


def what_if(project: Project, change: Change | None = None, *, move_overdue: bool = False) -> Consequence:
    """What a change would do, before anything is saved. Raises RuleBroken for a circle."""
    with circle_named():
        return consequence(selectors.load(project), today_in(project), change, move_overdue=move_overdue)


class circle_named:
    """Turns a Cycle of the network into a RuleBroken that names it."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if isinstance(error, Cycle):
            chain = " → ".join(str(name) for name in error.names)
            raise RuleBroken(
                _("This would turn in a circle: %(chain)s. Remove one of these links first.") % {"chain": chain}
            ) from error


def reschedule(*, project: Project, by: Any, reason: str = "", move_overdue: bool = False) -> Consequence:
    """Brings all dates up to date with what is done, late, linked and promised. `move_overdue`: also those of late work."""
    with journal.change(project, by=by, reason=reason) as log:
        return follow(project, log, move_overdue=move_overdue)


def follow(project: Project, log: journal.Log, *, move_overdue: bool = False) -> Consequence:
    """Writes the dates that follow from the plan as it stands now; called by every change of the network.

    Eight queries to read, and as many to write whatever the number of rows. Raises RuleBroken for a circle.
    """
    found = what_if(project, move_overdue=move_overdue)
    _save(project, found, log)
    return found


def _save(project: Project, found: Consequence, log: journal.Log) -> None:
    moves: dict[str, list[Move]] = {STEP: [], ACTIVITY: [], TASK: [], MILESTONE: []}
    for move in found.moves:
        moves[move.key[0]].append(move)
    if not found.moves:
        return
    dates = ("starts_on", "ends_on")
    steps = [(move.key[1], *move.after) for move in moves[STEP]]
    many_rows.update(PlanStep, log, dates, steps)
    _save_rounds(steps, log)
    many_rows.update(PlanActivity, log, dates, [(move.key[1], *move.after) for move in moves[ACTIVITY]])
    begun, undated = [], []
    for move in moves[TASK]:
        has_start = found.after.plan.tasks[move.key[1]].starts_on is not None
        (begun if has_start else undated).append(move)
    many_rows.update(Task, log, ("starts_on", "due_on"), [(move.key[1], *move.after) for move in begun])
    many_rows.update(Task, log, ("due_on",), [(move.key[1], move.after.ends_on) for move in undated])
    places = [(pk, *place) for pk, place in found.after.places.items()]
    many_rows.update(Task, log, ("offset_days", "duration_days"), places, quiet=True)
    many_rows.update(PlanMilestone, log, ("on",), [(move.key[1], move.after.ends_on) for move in moves[MILESTONE]])
    counters.redraw(project)
    log(project, "schedule.moved", _facts(found, moves))


def settle(activities: Sequence[PlanActivity], log: journal.Log) -> None:
    """Stores where the tasks of activities lie in them, before their dates are set by hand: then they move along."""
    rows = selectors.tasks_in(activities)
    if rows:
        plan = selectors.small_plan(activities, rows)
        many_rows.update(
            Task, log, ("offset_days", "duration_days"), [(row.pk, *place_of(row, plan)) for row in rows], quiet=True
        )


def _save_rounds(steps: list[tuple[int, dt.date, dt.date]], log: journal.Log) -> None:
    """The first round of a step lasts as long as the step, until it is closed; later rounds keep their own dates."""
    spans = {pk: span for pk, *span in steps}
    rounds = StepRound.objects.filter(step__in=spans, number=1, closed_at__isnull=True).values_list("pk", "step_id")
    many_rows.update(
        StepRound, log, ("starts_on", "ends_on"), [(pk, *spans[step]) for pk, step in rounds] if steps else []
    )


def _facts(found: Consequence, moves: dict[str, list[Move]]) -> dict[str, Any]:
    """What the journal keeps of a rescheduling: the numbers, and every date from what to what."""

    def told(some: Iterable[Move]) -> dict[str, str]:
        return {
            move.name: f"{move.before.starts_on} – {move.before.ends_on} → {move.after.starts_on} – {move.after.ends_on}"
            for move in some
        }

    certification = [stored_certification(found.before.plan), found.after.certification_on]
    facts: dict[str, Any] = {"moved_activities": len(moves[ACTIVITY]), "moved_tasks": len(moves[TASK])}
    if certification[0] != certification[1]:
        facts["certification_on"] = certification
    return facts | {"dates": told([*moves[MILESTONE], *moves[ACTIVITY], *moves[TASK]])}


def linking(activity: PlanActivity, predecessor: PlanActivity, kind: str, lag_days: int) -> Change:
    """The change that `link` makes, to try it out."""
    return lambda plan: plan.with_link(PlanLink(ACTIVITY, predecessor.pk, activity.pk, kind, lag_days))


def unlinking(activity: PlanActivity, predecessor: PlanActivity) -> Change:
    return lambda plan: plan.without_link(PlanLink(ACTIVITY, predecessor.pk, activity.pk))


def link(
    *, activity: PlanActivity, predecessor: PlanActivity, by: Any, kind: str = LinkKind.FINISH_START, lag_days: int = 0
) -> Consequence:
    """Lets an activity wait for another one; between the same two the new link takes the old one's place.

    What follows moves. Raises RuleBroken for a circle (naming it), a stranger, or an activity that is excluded.
    """
    if activity.project_id != predecessor.project_id:
        raise RuleBroken(_("Both activities must belong to the same project."))
    if activity.pk == predecessor.pk:
        raise refused("predecessor", _("An activity cannot wait for itself."))
    if abs(lag_days) > MOST_LAG:
        raise refused("lag_days", _("A lag has at most %(most)s working days.") % {"most": MOST_LAG})
    with journal.change(activity.project, by=by) as log:
        place = {"activity": activity, "predecessor": predecessor}
        was = ActivityLink.objects.filter(**place).first()
        if was is not None and (was.kind, was.lag_days) == (kind, lag_days):
            return what_if(activity.project)
        ActivityLink.objects.update_or_create(
            **place,
            defaults={
                "organization_id": activity.organization_id,
                "project_id": activity.project_id,
                "kind": kind,
                "lag_days": lag_days,
            },
        )
        log(
            activity,
            "activity.linked",
            {
                "predecessor": predecessor.number,
                "kind": [was.kind if was else None, kind],
                "lag_days": [was.lag_days if was else None, lag_days],
            },
        )
        return follow(activity.project, log)


def unlink(*, activity: PlanActivity, predecessor: PlanActivity, by: Any) -> Consequence | None:
    """Takes a link away; what waited may move forward. Nothing happens where there is none."""
    with journal.change(activity.project, by=by) as log:
        gone, _by_model = ActivityLink.objects.filter(activity=activity, predecessor=predecessor).delete()
        if not gone:
            return None
        log(activity, "activity.unlinked", {"predecessor": predecessor.number})
        return follow(activity.project, log)


def dating(activity: PlanActivity, values: dict[str, Any]) -> Change:
    """The change that `set_dates` makes, to try it out. Raises RuleBroken like it."""
    changed = _dates(activity, values)
    _permit_dates(activity, changed)
    moved = {activity.pk} if "starts_on" in changed else set()
    return lambda plan: plan.settled(moved).with_activity(activity.pk, **changed)


def set_dates(
    *, activity: PlanActivity, by: Any, version: int, values: dict[str, Any], reason: str = ""
) -> tuple[PlanActivity, Consequence | None]:
    """Saves an activity's duration, promised dates, dates by hand, actual dates or days left; what follows moves.

    Raises StaleRecord when somebody saved first, RuleBroken for dates that cannot be together.
    """
    with journal.change(activity.project, by=by, reason=reason) as log:
        fresh = PlanActivity.objects.select_related("project__organization", "step__merged_into").get(pk=activity.pk)
        if fresh.version != version:
            raise StaleRecord(
                _("Activity %(number)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"number": fresh.number},
                fresh,
            )
        changed = _dates(fresh, values)
        if not changed:
            return fresh, None
        _permit_dates(fresh, changed)
        before = {name: getattr(fresh, name) for name in changed}
        if "starts_on" in changed:
            settle([fresh], log)
        for name, value in changed.items():
            setattr(fresh, name, value)
        fresh.version += 1
        log.mark(fresh).save(update_fields=[*changed, "version", "updated_at"])
        log(fresh, "activity.scheduled", journal.differences(before, changed))
        found = follow(fresh.project, log)
        if {"starts_on", "ends_on"} & changed.keys() and not found:
            counters.redraw(fresh.project)
        fresh.refresh_from_db()
    return fresh, found


PLANNED = {"duration_days", "starts_on", "ends_on", "not_before_on", "fixed_on", "finish_by_on"}


def _permit_dates(activity: PlanActivity, changed: dict[str, Any]) -> None:
    """Raises RuleBroken for a planned date in a step whose gate is closed: it stands as it was decided."""
    if not PLANNED & changed.keys():
        return
    activity.step.project = activity.project
    step = gates.whole_of(activity.step)
    if gates.of_step(step, []).is_closed:
        raise RuleBroken(
            _("Activity %(number)s keeps its dates: the gate of step %(step)s is closed. Open the gate again first.")
            % {"number": activity.number, "step": step.number}
        )


def permit_move(activity: PlanActivity) -> None:
    """Raises RuleBroken for an activity whose bar stays where it is: it is done, or not part of the plan."""
    if activity.status == ActivityStatus.DONE:
        raise RuleBroken(
            _("Activity %(number)s is done: it stays where it was worked. Open it again first.")
            % {"number": activity.number}
        )
    if not activity.is_applicable:
        raise RuleBroken(_("Activity %(number)s is excluded from the plan.") % {"number": activity.number})


def _dates(activity: PlanActivity, values: dict[str, Any]) -> dict[str, Any]:
    """The values of DATES that differ from what is stored, made to fit together. Raises RuleBroken."""
    now = {name: values.get(name, getattr(activity, name)) for name in DATES}
    today = today_in(activity.project)
    if now["not_before_on"] and now["fixed_on"]:
        raise refused("fixed_on", _("An activity is either fixed to a day or does not begin before one, not both."))
    first = now["fixed_on"] or now["not_before_on"]
    if first and now["finish_by_on"] and now["finish_by_on"] < first:
        raise refused("finish_by_on", _("It would have to be finished before it may begin."))
    if now["dates_are_manual"]:
        if now["ends_on"] < now["starts_on"]:
            raise refused("ends_on", _("The activity would end before it starts."))
        now["duration_days"] = max(activity.project.calendar.between(now["starts_on"], now["ends_on"]), 1)
    else:
        now["starts_on"], now["ends_on"] = activity.starts_on, activity.ends_on
    if now["duration_days"] < 1:
        raise refused("duration_days", _("An activity takes at least one working day."))
    begun = activity.status in (ActivityStatus.IN_PROGRESS, ActivityStatus.DONE)
    done = activity.status == ActivityStatus.DONE
    now["started_on"] = (now["started_on"] or activity.started_on) if begun else activity.started_on
    now["finished_on"] = (now["finished_on"] or activity.finished_on) if done else activity.finished_on
    now["remaining_days"] = now["remaining_days"] if begun and not done else None
    for name in ("started_on", "finished_on"):
        if now[name] and now[name] > today:
            raise refused(name, _("What really happened cannot lie in the future."))
    if now["started_on"] and now["finished_on"] and now["finished_on"] < now["started_on"]:
        raise refused("finished_on", _("It would have been finished before it was started."))
    return {name: value for name, value in now.items() if getattr(activity, name) != value}
