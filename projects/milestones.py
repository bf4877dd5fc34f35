"""The days of a project that everybody should have in their calendar.

`projects` knows its own: where phases and steps begin and end, and the certification audit. An app with dates of its own
(audits, management reviews) hangs them in here in its `apps.py`:  `milestones.hang(audit_dates)`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from .addresses import address
from .models import PlanMilestone, PlanStep, Project


@dataclass(frozen=True)
class Milestone:
    """One day: `key` names it for ever, `version` grows with every change of it, `path` leads to it."""

    key: str
    on: dt.date
    title: str
    path: str
    version: int
    changed_at: dt.datetime


Dates = Callable[[Project], Iterable[Milestone]]

_hung: list[Dates] = []


def hang(dates: Dates) -> None:
    if dates not in _hung:
        _hung.append(dates)


def of(project: Project) -> list[Milestone]:
    """All milestones of a project by date, in the language in force. Two queries, and those of the apps that hang here."""
    found = [*_plan(project), *_own(project), *_audit(project)]
    for dates in _hung:
        found += dates(project)
    return sorted(found, key=lambda one: (one.on, one.key))


def _plan(project: Project) -> Iterable[Milestone]:
    phases: dict[int, list[PlanStep]] = {}
    home = address("projects:project-home", **project.address)
    for step in _together(PlanStep.objects.filter(project=project).select_related("phase").order_by("position")):
        phases.setdefault(step.phase_id, []).append(step)
        if _counts(step):
            said = {"number": step.number, "title": step.title}
            path = address("projects:step-detail", **project.address, number=step.number)
            start, end = _("Start of step %(number)s: %(title)s"), _("End of step %(number)s: %(title)s")
            yield Milestone(f"step-{step.pk}-start", step.starts_on, start % said, path, step.version, step.updated_at)
            yield Milestone(f"step-{step.pk}-end", step.ends_on, end % said, path, step.version, step.updated_at)
    for pk, steps in phases.items():
        counted = [step for step in steps if _counts(step)]
        if not counted:
            continue
        # Of all steps, excluded ones too: a step that leaves the phase must not make the number smaller.
        version, changed_at = sum(step.version for step in steps), max(step.updated_at for step in steps)
        phase = steps[0].phase
        said, path = {"number": phase.number, "title": phase.title}, f"{home}#phase-{phase.number}"
        start, end = _("Start of phase %(number)s: %(title)s"), _("End of phase %(number)s: %(title)s")
        first, last = min(step.starts_on for step in counted), max(step.ends_on for step in counted)
        yield Milestone(f"phase-{pk}-start", first, start % said, path, version, changed_at)
        yield Milestone(f"phase-{pk}-end", last, end % said, path, version, changed_at)


def _together(steps: Iterable[PlanStep]) -> list[PlanStep]:
    """Steps that carry others begin and end with all of them."""
    found = list(steps)
    by_pk = {step.pk: step for step in found}
    for step in found:
        if step.is_applicable and (host := by_pk.get(step.merged_into_id)) is not None:
            host.starts_on, host.ends_on = min(host.starts_on, step.starts_on), max(host.ends_on, step.ends_on)
            host.version += step.version
            host.updated_at = max(host.updated_at, step.updated_at)
    return found


def _counts(step: PlanStep) -> bool:
    return step.is_applicable and step.merged_into_id is None


def _own(project: Project) -> Iterable[Milestone]:
    """The milestones that were put into the plan."""
    path = address("projects:milestone-list", **project.address)
    for row in PlanMilestone.objects.filter(project=project).order_by("on", "pk"):
        on = row.reached_on or row.on
        yield Milestone(f"milestone-{row.pk}", on, row.title, path, row.version, row.updated_at)


def _audit(project: Project) -> Iterable[Milestone]:
    if project.target_on:
        home = address("projects:project-home", **project.address)
        title = _("Certification audit planned")
        yield Milestone(
            f"project-{project.pk}-audit", project.target_on, title, home, project.version, project.updated_at
        )
