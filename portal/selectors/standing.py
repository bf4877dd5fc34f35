"""What a person is in this installation: every role in force, in one query; what home and the navigation ask."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, Value
from django.http import HttpRequest

from core.nav import Choice
from projects import access, progress
from projects.addresses import address
from projects.models import Project
from projects.models.project import ProjectStatus
from projects.permissions import MAY, Perm, Role


@dataclass(frozen=True)
class Standing:
    """Roles by the scope they are held in: `organizations` and `projects` map an id to roles."""

    organizations: dict[int, frozenset[Role]]
    projects: dict[int, frozenset[Role]]

    @property
    def roles(self) -> frozenset[Role]:
        return frozenset().union(*self.organizations.values(), *self.projects.values())

    @property
    def is_nobody(self) -> bool:
        return not (self.organizations or self.projects)

    @property
    def may_start(self) -> bool:
        return _any_may(self.organizations.values(), Perm.START_PROJECT)

    @property
    def reads_much(self) -> bool:
        """Whether there may be several projects to look at: then the portfolio is a page for this person."""
        readable = [roles for roles in self.projects.values() if _any_may([roles], Perm.VIEW_PROJECT)]
        return _any_may(self.organizations.values(), Perm.VIEW_PROJECT) or len(readable) > 1

    @property
    def reads(self) -> bool:
        return self.reads_much or _any_may(self.projects.values(), Perm.VIEW_PROJECT)

    @property
    def works(self) -> bool:
        return _any_may([self.roles], Perm.VIEW_OWN_WORK)


def _any_may(held: Iterable[frozenset[Role]], perm: Perm) -> bool:
    return any(perm in MAY[role] for roles in held for role in roles)


def of(user: Any) -> Standing:
    """Every role a person holds, read anew from the grants."""
    found: dict[str, dict[int, set[Role]]] = {"organization": {}, "project": {}}
    if user is not None and user.is_authenticated and user.is_active:
        rows = []
        for kind, grants in access.grants_as(user, Role).items():
            scope = kind.partition("_")[0]
            is_active = {
                ("content_object__is_active" if scope == "organization" else "content_object__organization__is_active"):
                True
            }  # fmt: skip
            rows.append(
                grants.filter(**is_active).values_list(Value(scope), F("content_object_id"), F("permission__codename"))
            )
        for scope, pk, codename in rows[0].union(*rows[1:]):
            found[scope].setdefault(pk, set()).add(Role.of_codename(codename))
    return Standing(*({pk: frozenset(roles) for pk, roles in found[kind].items()} for kind in found))


def here(request: HttpRequest) -> Standing:
    """The standing of who asks, once for each request."""
    known = getattr(request, "_standing", None)
    if known is None:
        known = request._standing = of(getattr(request, "user", None))
    return known


SWITCHER = 40


@dataclass(frozen=True, slots=True)
class Client:
    name: str
    slug: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A project as lists of many print it: what they need of the row, and nothing of what a record can do."""

    pk: int
    name: str
    slug: str
    status: str
    target_on: dt.date | None
    effort_minutes: int
    effort_minutes_done: int
    organization: Client

    @property
    def address(self) -> dict[str, str]:
        return {"org": self.organization.slug, "project": self.slug}

    @property
    def progress_percent(self) -> int:
        return progress.percent(self.effort_minutes_done, self.effort_minutes)

    def get_status_display(self) -> str:
        return str(ProjectStatus(self.status).label)


def readable(request: HttpRequest) -> list[Reading]:
    """Every project the person reads, by client; one query, once for each request."""
    known = getattr(request, "_readable", None)
    if known is None:
        known = request._readable = _readable(here(request))
    return known


def _readable(standing: Standing, most: int | None = None) -> list[Reading]:
    """The roles are known: so projects are found by their keys, and the grants are not joined once more."""
    projects = [pk for pk, roles in standing.projects.items() if _any_may([roles], Perm.VIEW_PROJECT)]
    organizations = [pk for pk, roles in standing.organizations.items() if _any_may([roles], Perm.VIEW_PROJECT)]
    rows = (
        Project.objects.filter(Q(pk__in=projects) | Q(organization__in=organizations), organization__is_active=True)
        .order_by("organization__name", "name", "pk")
        .values_list(
            "pk", "name", "slug", "status", "target_on", "effort_minutes", "effort_minutes_done", "organization__name",
            "organization__slug",
        )
    )  # fmt: skip
    return [Reading(*row[:-2], Client(*row[-2:])) for row in rows[:most]] if projects or organizations else []


def choices(request: HttpRequest) -> list[Choice]:
    """The projects of the switcher, for who reads several; one query, none for everybody else.

    A page that has read the projects already is not asked again.
    """
    if not here(request).reads_much:
        return []
    current = getattr(getattr(request, "project", None), "pk", None)
    found = getattr(request, "_readable", None)
    projects = _readable(here(request), SWITCHER) if found is None else found[:SWITCHER]
    return [
        Choice(one.organization.name, one.name, address("projects:project-home", **one.address), one.pk == current)
        for one in projects
    ]
