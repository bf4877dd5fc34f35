"""A project's settings: name, dates, size, calendar, manager and the standards it works towards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord
from pdca.models import Standard
from projects import access, journal
from projects.models import Project, ProjectStandard
from projects.permissions import Role

EDITABLE = (
    "name", "status", "manager", "consultant", "target_on", "headcount", "days_sold", "days_used", "working_week",
    "holiday_country", "holiday_region",
)  # fmt: skip


def change(
    *, project: Project, by: Any, version: int, values: dict[str, Any], standards: Sequence[Standard] | None = None
) -> Project:
    """Saves the settings a person saw as `version`; the plan's dates stay as they are.

    `standards`: all the project works towards from now on; None leaves them. Raises StaleRecord when somebody saved
    first, RuleBroken for a project without a standard, a target before the start, a manager without a role here or a
    consultant in charge who is none here.
    """
    with journal.change(project, by=by) as log:
        fresh = Project.objects.select_related("organization", "manager", "consultant").get(pk=project.pk)
        if fresh.version != version:
            raise StaleRecord(
                _("The settings were changed by somebody else while you were typing. Your text is kept below."), fresh
            )
        changed = {name: value for name, value in values.items() if name in EDITABLE and getattr(fresh, name) != value}
        _check(fresh, changed)
        before = {name: getattr(fresh, name) for name in changed}
        was, now = _set_standards(fresh, standards)
        if not changed and was == now:
            return fresh
        for name, value in changed.items():
            setattr(fresh, name, value)
        fresh.version += 1
        log.mark(fresh).save(update_fields=[*changed, "version", "updated_at"])
        if changed:
            log(fresh, "project.changed", journal.differences(before, changed))
        if was != now:
            log(fresh, "project.standards_changed", {"standards": [was, now]})
    return fresh


def _check(project: Project, changed: dict[str, Any]) -> None:
    target = changed.get("target_on")
    if target and target < project.start_on:
        raise RuleBroken(_("The certification audit lies before the start of the project."))
    manager = changed.get("manager")
    if manager is not None and not access.people_of(project).filter(pk=manager.pk).exists():
        raise RuleBroken(_("%(person)s holds no role in this project. Invite them first.") % {"person": manager})
    consultant = changed.get("consultant")
    if consultant is not None and not consultants_of(project).filter(pk=consultant.pk).exists():
        raise RuleBroken(_("%(person)s is not a consultant of this project.") % {"person": consultant})


def consultants_of(project: Project) -> QuerySet:
    """Who can be in charge: the people of the engaged firms, and consultants by a role of their own."""
    return access.people_as(project, [Role.CONSULTANT])


def _set_standards(project: Project, standards: Sequence[Standard] | None) -> tuple[list[str], list[str]]:
    """Makes the project's standards those given; returns the codes before and after."""
    had = {row.standard_id: row.standard.code for row in project.chosen_standards.select_related("standard")}
    if standards is None:
        return sorted(had.values()), sorted(had.values())
    wanted = {standard.pk: standard.code for standard in standards}
    if not wanted:
        raise RuleBroken(_("A project needs at least one standard to work towards."), "IMS2 step 1.1")
    project.chosen_standards.exclude(standard__in=wanted).delete()
    ProjectStandard.objects.bulk_create(
        ProjectStandard(project=project, standard_id=pk) for pk in wanted if pk not in had
    )
    return sorted(had.values()), sorted(wanted.values())
