"""Who holds which role in many projects at once: what reminders and weekly summaries are addressed by.

`around(people)` reads the running projects in which somebody of a few hundred people holds a role, with all holders of
roles there; three queries, whatever the number of people and projects. The same grants as `projects.access` reads.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F, IntegerField, Q, QuerySet, Value

from core import among  # noqa: F401  makes the lookup known
from projects.access import _in_force
from projects.models import (
    OrganizationGroupGrant,
    OrganizationUserGrant,
    Project,
    ProjectGroupGrant,
    ProjectUserGrant,
)
from projects.models.project import ProjectStatus
from projects.permissions import Perm, Role, roles_with

PREFIX = len("as_")
WORKING = {role.codename for role in roles_with(Perm.VIEW_OWN_WORK)}
"""Roles whose holders have work of their own to be reminded of; a certification body only reads."""


@dataclass(slots=True)
class Place:
    """A running project, with who holds which role in it: person to roles, and role to people."""

    pk: int
    organization_id: int
    name: str
    organization: str
    org: str
    slug: str
    working_week: str
    holiday_country: str
    holiday_region: str
    manager_id: int | None
    consultant_id: int | None
    start_on: dt.date
    target_on: dt.date | None
    effort_minutes: int
    effort_minutes_done: int
    people: dict[int, set[str]] = field(default_factory=dict)
    by_role: dict[str, set[int]] = field(default_factory=dict)

    @property
    def address(self) -> dict[str, str]:
        return {"org": self.org, "project": self.slug}

    @property
    def lead(self) -> set[int]:
        """Who answers for what nobody else does: the manager, else who holds that role, else the consultant in charge."""
        if self.manager_id in self.people:
            return {self.manager_id}
        if managers := self.by_role.get(Role.PROJECT_MANAGER):
            return managers
        return {self.consultant_id} if self.consultant_id in self.people else set()


COLUMNS = (
    "pk", "organization_id", "name", "organization__name", "organization__slug", "slug", "working_week",
    "holiday_country", "holiday_region", "manager_id", "consultant_id", "start_on", "target_on", "effort_minutes",
    "effort_minutes_done",
)  # fmt: skip


def around(people: Iterable[int]) -> dict[int, Place]:
    """The running projects of active organizations in which one of `people` holds a role in force, by their key.

    Of the holders only those who may sign in and can have work there are named.
    """
    organizations, projects = _scopes(set(people))
    if not organizations and not projects:
        return {}
    rows = Project.objects.filter(
        Q(pk__among=projects) | Q(organization__among=organizations),
        status=ProjectStatus.RUNNING, organization__is_active=True,
    ).order_by("pk").values_list(*COLUMNS)  # fmt: skip
    places = {row[0]: Place(*row) for row in rows}
    _fill(places)
    return places


def _grants(organizations: dict[str, set[int]], projects: dict[str, set[int]], group: str) -> list[QuerySet]:
    return [
        OrganizationUserGrant.objects.filter(_in_force(), **organizations),
        OrganizationGroupGrant.objects.filter(_in_force(), **{k.replace("user", group): v for k, v in organizations.items()}),
        ProjectUserGrant.objects.filter(_in_force(), **projects),
        ProjectGroupGrant.objects.filter(_in_force(), **{k.replace("user", group): v for k, v in projects.items()}),
    ]  # fmt: skip


def _scopes(people: set[int]) -> tuple[set[int], set[int]]:
    """The organizations and the projects in which these people hold something."""
    theirs = {"user__among": people}
    rows = [
        grants.order_by().values_list(Value(int(k >= 2), output_field=IntegerField()), "content_object_id")
        for k, grants in enumerate(_grants(theirs, theirs, "group__user"))
    ]
    found: tuple[set[int], set[int]] = (set(), set())
    for of_project, pk in rows[0].union(*rows[1:]):
        found[of_project].add(pk)
    return found


def _fill(places: dict[int, Place]) -> None:
    """Writes on each project who holds which role there, those of its organization included."""
    if not places:
        return
    of_organization: dict[int, list[Place]] = {}
    for place in places.values():
        of_organization.setdefault(place.organization_id, []).append(place)
    grants = _grants(
        {"content_object__among": set(of_organization)}, {"content_object__among": set(places)}, "group__user"
    )
    rows = []
    for k, found in enumerate(grants):
        person = "group__user" if k % 2 else "user"
        rows.append(
            found.filter(**{f"{person}__is_active": True})
            .order_by()
            .values_list(
                Value(int(k >= 2), output_field=IntegerField()), "content_object_id", F(person), "permission__codename"
            )
        )
    for of_project, pk, person, codename in rows[0].union(*rows[1:]):
        if codename not in WORKING:
            continue
        role = codename[PREFIX:]
        for place in (places[pk],) if of_project else of_organization[pk]:
            place.people.setdefault(person, set()).add(role)
            place.by_role.setdefault(role, set()).add(person)
