"""When an organization and its people do not work. Dates of plans do not move by themselves: see services.schedule."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organization
from core.rules import RuleBroken, refused
from projects import access, flow, journal
from projects.models import Absence, Capacity, Closure, Project
from projects.permissions import Perm

MOST_DAYS = 366


def _check(first_on: dt.date, last_on: dt.date) -> None:
    if last_on < first_on:
        raise refused("last_on", _("The last day lies before the first."))
    if (last_on - first_on).days >= MOST_DAYS:
        raise refused("last_on", _("That is more than a year. Enter it in parts."))


def closed_days(organization: Organization) -> list[str]:
    """Every day of the organization's closures, as projects keep them; one query."""
    days = set()
    for first, last in Closure.objects.filter(organization=organization).values_list("first_on", "last_on"):
        days |= {first + dt.timedelta(days=n) for n in range((last - first).days + 1)}
    return [day.isoformat() for day in sorted(days)]


def _spread(organization: Organization) -> None:
    """Every project of the organization keeps the days, so that its calendar needs no query."""
    Project.objects.filter(organization=organization).update(closed_days=closed_days(organization))


def close(*, project: Project, by: Any, name: str, first_on: dt.date, last_on: dt.date) -> Closure:
    """Says that the project's organization does not work on these days, in none of its projects."""
    _check(first_on, last_on)
    with journal.change(project, by=by) as log:
        closure = Closure.objects.create(
            organization_id=project.organization_id, name=name, first_on=first_on, last_on=last_on, created_by=by
        )
        _spread(project.organization)
        log(closure, "calendar.closed", {"first_on": first_on, "last_on": last_on})
    return closure


def open_again(*, project: Project, closure: Closure, by: Any) -> None:
    """Takes a closure away."""
    with journal.change(project, by=by) as log:
        gone, _by_model = Closure.objects.filter(pk=closure.pk, organization_id=project.organization_id).delete()
        if gone:
            _spread(project.organization)
            log(project, "calendar.opened", {"text": closure.name, "first_on": closure.first_on})


def may_say_absence(project: Project, person: Any, by: Any) -> bool:
    """One's own, or anybody's for who edits the plan."""
    held = access.perms_in(by, project)
    return Perm.EDIT_PLAN in held or (person == by and Perm.WORK_ON_TASKS in held)


def be_away(*, project: Project, person: Any, by: Any, first_on: dt.date, last_on: dt.date) -> Absence:
    """Says that a person is away on these days, in all projects of the organization. Why is not kept."""
    _check(first_on, last_on)
    if not may_say_absence(project, person, by):
        raise flow.NotPermitted(_("You may only enter your own absences."))
    with journal.change(project, by=by) as log:
        if not access.people_of(project).filter(pk=person.pk).exists():
            raise RuleBroken(_("%(person)s holds no role in this project. Invite them first.") % {"person": person})
        absence = Absence.objects.create(
            organization_id=project.organization_id, person=person, first_on=first_on, last_on=last_on, created_by=by
        )
        log(project, "calendar.away", {"person": person, "first_on": first_on, "last_on": last_on})
    return absence


def be_back(*, project: Project, absence: Absence, by: Any) -> None:
    if not may_say_absence(project, absence.person, by):
        raise flow.NotPermitted(_("You may only change your own absences."))
    with journal.change(project, by=by) as log:
        gone, _by_model = Absence.objects.filter(pk=absence.pk, organization_id=project.organization_id).delete()
        if gone:
            log(project, "calendar.back", {"person": absence.person, "first_on": absence.first_on})


def set_capacity(*, project: Project, person: Any, by: Any, hours_per_week: Decimal | None) -> None:
    """Says how many hours a week a person has for this project; None stands for every working day."""
    with journal.change(project, by=by) as log:
        if not access.people_of(project).filter(pk=person.pk).exists():
            raise RuleBroken(_("%(person)s holds no role in this project. Invite them first.") % {"person": person})
        rows = Capacity.objects.filter(project=project, person=person)
        before = rows.values_list("hours_per_week", flat=True).first()
        if before == hours_per_week:
            return
        if hours_per_week is None:
            rows.delete()
        else:
            Capacity.objects.update_or_create(
                project=project,
                person=person,
                defaults={"organization_id": project.organization_id, "hours_per_week": hours_per_week},
            )
        log(project, "calendar.capacity", {"person": person, "hours_per_week": [before, hours_per_week]})
