"""What a person sees: every role in force, read anew from the grants at each search. Two queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet, Value

from accounts.models import Organization, User
from projects import access
from projects.models import Project
from projects.permissions import Perm, Role, perms_of


@dataclass(frozen=True)
class Sight:
    """Roles by project (those held in its organization included) and by organization; `here` is the current project."""

    user: Any
    projects: dict[int, frozenset[Role]] = field(default_factory=dict)
    whole: dict[int, frozenset[Role]] = field(default_factory=dict)
    owners: dict[int, int] = field(default_factory=dict)
    """The organization of each project."""
    here: int | None = None

    def projects_with(self, perm: Perm) -> list[int]:
        return sorted(pk for pk, held in self.projects.items() if perm in perms_of(held))

    def organizations_with(self, perm: Perm) -> list[int]:
        return sorted(pk for pk, held in self.whole.items() if perm in perms_of(held))

    @property
    def organizations(self) -> QuerySet[Organization]:
        """The organizations whose page this person may open."""
        seen = self.organizations_with(Perm.VIEW_ORGANIZATION)
        return Organization.objects.filter(pk__in=seen, is_active=True).order_by()

    @property
    def people(self) -> QuerySet[User]:
        """The people this person may know of: those of every project, and organization, whose team they see."""
        projects = self.projects_with(Perm.VIEW_TEAM)
        organizations = {self.owners[pk] for pk in projects} | set(self.organizations_with(Perm.VIEW_TEAM))
        return access.people_among(projects, sorted(organizations)).order_by()


def of(user: Any, here: str = "") -> Sight:
    """`here` is the current project as "organization/project"; one the person has no role in is none."""
    if user is None or not user.is_authenticated or not user.is_active:
        return Sight(user)
    by_project, by_organization = _roles(user)
    if not by_project and not by_organization:
        return Sight(user)
    rows = list(
        Project.objects.filter(
            Q(pk__in=list(by_project)) | Q(organization__in=list(by_organization)), organization__is_active=True
        )
        .order_by()
        .values_list("pk", "organization_id", "organization__slug", "slug")
    )
    nothing: frozenset[Role] = frozenset()
    return Sight(
        user,
        {pk: by_project.get(pk, nothing) | by_organization.get(owner, nothing) for pk, owner, _org, _slug in rows},
        by_organization,
        {pk: owner for pk, owner, _org, _slug in rows},
        next((pk for pk, _owner, org, slug in rows if f"{org}/{slug}" == here), None),
    )


def _roles(user: Any) -> tuple[dict[int, frozenset[Role]], dict[int, frozenset[Role]]]:
    """The roles in force, by project and by organization. One query."""
    queries = []
    for kind, grants in access.grants_as(user, Role).items():
        of_project = kind.startswith("project")
        active = {} if of_project else {"content_object__is_active": True}  # a project's is asked with its project
        queries.append(
            grants.filter(**active).values_list(Value(of_project), F("content_object_id"), F("permission__codename"))
        )
    found: Iterable[tuple[bool, int, str]] = queries[0].union(*queries[1:])
    scopes: dict[bool, dict[int, set[Role]]] = {True: {}, False: {}}
    for of_project, pk, codename in found:
        scopes[bool(of_project)].setdefault(pk, set()).add(Role.of_codename(codename))
    frozen = {key: {pk: frozenset(roles) for pk, roles in held.items()} for key, held in scopes.items()}
    return frozen[True], frozen[False]
