"""What counts towards a project's readiness, gathered from plan, gates and registers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.utils.translation import gettext as _

from core import together
from projects import gates, readiness
from projects.addresses import address
from projects.models import PlanActivity, PlanStep, Project
from projects.models.plan import ActivityStatus

from . import gate, hold
from .outline import by_number, steps_of
from .step import is_done


def of_project(project: Project, today: dt.date) -> readiness.Readiness:
    """Reckons the readiness of a project. The number of queries depends on what apps hang into gates, not on the data."""
    with together.asking():
        return _of_project(project, today)


def _of_project(project: Project, today: dt.date) -> readiness.Readiness:
    steps = [step for step in steps_of(project) if step.is_applicable]
    for step in steps:
        step.project = project
    gate.give_places(steps, project)
    held = hold.of_plan(project, steps=steps)
    begun = _that_can_begin(project, steps, held, today)
    return readiness.reckon([*_work(project, steps, begun, today), *_proofs(steps, begun)])


def _that_can_begin(
    project: Project, steps: list[PlanStep], held: dict[int, list[hold.Held]], today: dt.date
) -> dict[int, str]:
    """Why each step cannot be worked on yet, in words; "" for those that can."""
    known = {step.pk: step for step in steps}
    waits: dict[int, list[PlanStep]] = {}
    for link in hold.links_of(project):
        earlier = known.get(link.predecessor_id)
        if earlier is not None and not is_done(earlier):
            waits.setdefault(link.step_id, []).append(earlier)
    found = {}
    for step in steps:
        if some := held.get(step.pk):
            found[step.pk] = _("waits for %(what)s") % {"what": ", ".join(str(one.hold.label) for one in some)}
        elif (earlier := waits.get(step.pk)) and step.starts_on > today:
            found[step.pk] = _("waits for step %(numbers)s") % {"numbers": ", ".join(one.number for one in earlier)}
        else:
            found[step.pk] = ""
    return found


def _work(project: Project, steps: list[PlanStep], begun: dict[int, str], today: dt.date) -> Iterable[readiness.Item]:
    known = {step.pk: step for step in steps}
    fields = ("step_id", "number", "title", "status", "effort_minutes", "effort_minutes_done")
    rows = PlanActivity.objects.filter(project=project).exclude(status=ActivityStatus.EXCLUDED).order_by("pk")
    for step_id, number, title, status, minutes, done in rows.values_list(*fields):
        step = known.get(step_id)
        if step is None or not minutes:
            continue
        yield readiness.Item(
            f"{number} {title}", address("projects:activity-detail", **project.address, number=number), minutes,
            1.0 if status == ActivityStatus.DONE else min(done / minutes, 0.99), place=(step.position, by_number(number)),
            can_begin=not begun[step_id] or status == ActivityStatus.IN_PROGRESS, why=begun[step_id], step=step.number,
        )  # fmt: skip


def _proofs(steps: list[PlanStep], begun: dict[int, str]) -> Iterable[readiness.Item]:
    for step in steps:
        places = gates.places_of(step)
        for name in step.deliverables:
            yield readiness.Item(
                _("%(number)s Deliverable: %(name)s") % {"number": step.number, "name": name},
                f"{step.get_absolute_url()}#deliverables", 1, float(name in places), is_proof=True,
                place=(step.position, (name,)), can_begin=not begun[step.pk], why=begun[step.pk], step=step.number,
            )  # fmt: skip
    for step, one in gates.own_criteria(steps):
        where = one.url if one.url and not one.url.startswith("#") else f"{step.get_absolute_url()}{one.url or '#gate'}"
        yield readiness.Item(
            f"{step.number} {one.label}", where, 1, float(one.is_met), is_proof=True, place=(step.position, ()),
            can_begin=not begun[step.pk], why=begun[step.pk] or str(one.reason), step=step.number,
        )  # fmt: skip
