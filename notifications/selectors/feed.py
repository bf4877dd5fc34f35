"""What stands in a person's calendars, asked anew at every reading: an ended role empties them at once."""

from __future__ import annotations

from typing import Any

from django.db.models import F

from notifications.feeds import Entry
from notifications.models import Feed
from projects import access, milestones, reminders
from projects.addresses import address
from projects.models import Project
from projects.models.project import ProjectStatus
from projects.permissions import Perm

MOST = 5000


def work(person: Any) -> list[Entry]:
    """A person's unfinished records with a date, in projects that are not closed; one query for each sort of record."""
    mine = access.projects_with(person, Perm.VIEW_OWN_WORK).exclude(status=ProjectStatus.CLOSED)
    found: list[Entry] = []
    for source in reminders.every():
        rows = (
            source.rows()
            .filter(**{source.owner: person.pk, f"{source.due}__isnull": False}, project__in=mine.values("pk"))
            .order_by(source.due, "pk")
            .values_list(
                "pk", source.due, source.number, source.title, source.version, source.changed, "project__name",
                "project__organization__name", "project__organization__slug", "project__slug",
            )[:MOST]
        )  # fmt: skip
        for pk, due, number, title, version, changed_at, project, organization, org, slug in rows:
            label = f"{source.prefix}-{number:03d}"
            home = address(source.home, org=org, project=slug)
            place = f"{organization}: {project}"
            found.append(
                Entry(f"{source.kind}-{pk}", due, f"{label} {title}", place, f"{home}{label}/", version, changed_at)
            )
    return sorted(found, key=lambda entry: (entry.on, entry.key))[:MOST]


def plan(project: Project) -> list[Entry]:
    """The milestones of a project."""
    place = f"{project.organization.name}: {project.name}"
    return [
        Entry(one.key, one.on, one.title, place, one.path, one.version, one.changed_at)
        for one in milestones.of(project)
    ]


def in_force(person: Any) -> list[Feed]:
    """The links of a person that open something; first their own work, then the projects by name."""
    found = Feed.objects.filter(person=person, revoked_at__isnull=True).select_related("project__organization")
    return list(
        found.order_by(F("project").asc(nulls_first=True), "project__organization__name", "project__name", "pk")
    )


def readable(person: Any) -> list[Project]:
    """The projects a person may have in their calendar."""
    found = access.projects_with(person, Perm.VIEW_PROJECT).exclude(status=ProjectStatus.CLOSED)
    return list(found.select_related("organization").order_by("organization__name", "name", "pk"))
