"""The only ways to ask what a person may do here: `roles_of`, `can`, `visible`.

Grants are read anew at every request: nothing about rights is kept in the session, so an ended role is gone at the next
click. Superusers run the installation; in a tenant's pages they are strangers unless a role says otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, NamedTuple

from django.contrib.auth.backends import BaseBackend
from django.db import connection
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.models import Organization

from .models import OrganizationGroupGrant, OrganizationUserGrant, Project, ProjectGroupGrant, ProjectUserGrant
from .permissions import MAY, Perm, Role, perms_of, roles_with


def _in_force(now: dt.datetime | None = None) -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gt=now or timezone.now())


def _may_sign_in(user: Any) -> bool:
    return user is not None and user.is_authenticated and user.is_active


def _scope_of(obj: Any) -> Organization | Project:
    """The organization or project that decides about a record."""
    if isinstance(obj, Organization | Project):
        return obj
    project = getattr(obj, "project", None)
    return project if project is not None else obj.organization


def roles_of(user: Any, scope: Organization | Project) -> frozenset[Role]:
    """The roles a person holds in a project (the organization's included) or in an organization.

    One query; none when this request asked for the same scope before (`remember`).
    """
    if not _may_sign_in(user):
        return frozenset()
    if (known := getattr(user, "_roles_held", {}).get((type(scope), scope.pk))) is not None:
        return known
    is_project = isinstance(scope, Project)
    asked = _Asked(user.pk, scope.organization_id if is_project else scope.pk, scope.pk if is_project else None)
    with connection.cursor() as cursor:
        cursor.execute(*_roles_statement(asked))
        return frozenset(Role.of_codename(codename) for (codename,) in cursor.fetchall())


class _Asked(NamedTuple):
    """For whom roles are asked and where; `project` is None for an organization alone."""

    user: int
    organization: int
    project: int | None


_HOLE = _Asked(-11, -12, -13)
"""Stands in the statement where the ids of a question go; no row has such an id."""
_THEN = dt.datetime(1970, 1, 2, tzinfo=dt.UTC)
"""Stands in the statement where the present goes."""


def _roles_statement(asked: _Asked) -> tuple[str, list[Any]]:
    """The statement of a question and its values. Putting the four kinds of grants together took longer than asking."""
    sql, holes = _statement(connection.alias, asked.project is not None)
    adapted = connection.ops.adapt_datetimefield_value
    values = dict(zip(_HOLE, asked, strict=True)) | {adapted(_THEN): adapted(timezone.now())}
    return sql, [values.get(one, one) for one in holes]


@lru_cache(maxsize=8)
def _statement(alias: str, with_project: bool) -> tuple[str, tuple[Any, ...]]:
    """The roles in one scope as SQL, with holes for who asks, where and when; made once for each database."""
    user, organization, project = _HOLE
    held: list[QuerySet] = [
        OrganizationUserGrant.objects.filter(user=user, content_object=organization),
        OrganizationGroupGrant.objects.filter(group__user=user, content_object=organization),
    ]
    if with_project:
        held += [
            ProjectUserGrant.objects.filter(user=user, content_object=project),
            ProjectGroupGrant.objects.filter(group__user=user, content_object=project),
        ]
    rows = [
        grants.filter(_in_force(_THEN), **_active_organization(grants)).values_list("permission__codename")
        for grants in held
    ]
    sql, holes = rows[0].union(*rows[1:]).query.get_compiler(alias).as_sql()
    return sql, tuple(holes)


def remember(user: Any, scope: Organization | Project, roles: frozenset[Role]) -> None:
    """Keeps what a request found out on its own user object, gone with the request: the next one asks anew."""
    user._roles_held = {**getattr(user, "_roles_held", {}), (type(scope), scope.pk): roles}


def _active_organization(grants: QuerySet) -> dict[str, bool]:
    is_of_project = grants.model in (ProjectUserGrant, ProjectGroupGrant)
    return {("content_object__organization__is_active" if is_of_project else "content_object__is_active"): True}


def perms_in(user: Any, scope: Organization | Project) -> frozenset[Perm]:
    """Everything the person may do in the scope: what a page loads once."""
    return perms_of(roles_of(user, scope))


def can(user: Any, perm: Perm, obj: Any) -> bool:
    """Whether a person may do something to an organization, a project or a record of one."""
    return perm in perms_in(user, _scope_of(obj))


def grants_as(user: Any, roles: Iterable[Role]) -> dict[str, QuerySet]:
    """The grants in force that give a person one of `roles`, by kind of grant."""
    codenames = [role.codename for role in roles]
    in_force = Q(_in_force(), permission__codename__in=codenames)
    return {
        "organization_user": OrganizationUserGrant.objects.filter(in_force, user=user),
        "organization_group": OrganizationGroupGrant.objects.filter(in_force, group__user=user),
        "project_user": ProjectUserGrant.objects.filter(in_force, user=user),
        "project_group": ProjectGroupGrant.objects.filter(in_force, group__user=user),
    }


def projects_with(user: Any, perm: Perm) -> QuerySet[Project]:
    """The projects in which a person holds `perm`, as one subquery over the grants. (RELIABILITY M15)"""
    return projects_as(user, roles_with(perm))


def projects_as(user: Any, roles: Iterable[Role]) -> QuerySet[Project]:
    """The projects in which a person holds at least one of `roles`."""
    if not _may_sign_in(user):
        return Project.objects.none()
    grants = grants_as(user, roles)
    return Project.objects.filter(
        Q(pk__in=grants["project_user"].values("content_object"))
        | Q(pk__in=grants["project_group"].values("content_object"))
        | Q(organization__in=grants["organization_user"].values("content_object"))
        | Q(organization__in=grants["organization_group"].values("content_object")),
        organization__is_active=True,
    )


def holders_of(roles: Iterable[Role]) -> Q:
    """A condition over people: they hold one of `roles` somewhere, in force, in an organization that is active."""
    where = Q(_in_force(), permission__codename__in=[role.codename for role in roles])
    holders = Q()
    for model in (OrganizationUserGrant, OrganizationGroupGrant, ProjectUserGrant, ProjectGroupGrant):
        grants = model.objects.filter(where)
        person = "group__user" if model in (OrganizationGroupGrant, ProjectGroupGrant) else "user"
        holders |= Q(pk__in=grants.filter(**_active_organization(grants)).values(person))
    return holders


def organizations_with(user: Any, perm: Perm) -> QuerySet[Organization]:
    """The organizations in which a person holds `perm` for the whole organization."""
    if not _may_sign_in(user):
        return Organization.objects.none()
    grants = grants_as(user, roles_with(perm))
    return Organization.objects.filter(
        Q(pk__in=grants["organization_user"].values("content_object"))
        | Q(pk__in=grants["organization_group"].values("content_object")),
        is_active=True,
    )


def organizations_of(user: Any) -> QuerySet[Organization]:
    """Every organization the person has to do with: a role in it or in one of its projects."""
    if not _may_sign_in(user):
        return Organization.objects.none()
    grants = grants_as(user, Role)
    return Organization.objects.filter(
        Q(pk__in=grants["organization_user"].values("content_object"))
        | Q(pk__in=grants["organization_group"].values("content_object"))
        | Q(pk__in=projects_as(user, Role).values("organization")),
        is_active=True,
    )


def visible(model: type[Model], user: Any, perm: Perm) -> QuerySet:
    """The rows of a model that lie in a scope where the person holds `perm`; other tenants' rows never."""
    if model is Project:
        return projects_with(user, perm)
    if model is Organization:
        return organizations_with(user, perm)
    if any(field.name == "project" for field in model._meta.get_fields()):
        return model._default_manager.filter(project__in=projects_with(user, perm).values("pk"))
    return model._default_manager.filter(organization__in=organizations_with(user, perm).values("pk"))


def people_of(scope: Organization | Project) -> QuerySet:
    """The people a project (or an organization) knows: holders of a role in force there, no stranger ever."""
    from accounts.models import User

    organization_id = scope.organization_id if isinstance(scope, Project) else scope.pk
    project_filter = (
        {"content_object": scope} if isinstance(scope, Project) else {"content_object__organization": scope}
    )
    return _holders(User, _in_force(), organization_id, project_filter)


def _holders(users: type[Model], in_force: Q, organization_id: int, project_filter: dict[str, Any]) -> QuerySet:
    """Who holds a grant in force: read from the grants, never by walking through all people of the installation."""
    return users.objects.filter(
        Q(pk__in=OrganizationUserGrant.objects.filter(in_force, content_object=organization_id).values("user"))
        | Q(
            pk__in=OrganizationGroupGrant.objects.filter(in_force, content_object=organization_id).values("group__user")
        )
        | Q(pk__in=ProjectUserGrant.objects.filter(in_force, **project_filter).values("user"))
        | Q(pk__in=ProjectGroupGrant.objects.filter(in_force, **project_filter).values("group__user")),
        is_active=True,
    )


def people_among(projects: Iterable[int], organizations: Iterable[int]) -> QuerySet:
    """Everybody who holds a role in force in one of these projects or organizations, given by their ids."""
    from accounts.models import User

    in_force, somewhere = Q(_in_force(), content_object__in=list(organizations)), list(projects)
    in_project = Q(_in_force(), content_object__in=somewhere)
    return User.objects.filter(
        Q(pk__in=OrganizationUserGrant.objects.filter(in_force).values("user"))
        | Q(pk__in=OrganizationGroupGrant.objects.filter(in_force).values("group__user"))
        | Q(pk__in=ProjectUserGrant.objects.filter(in_project).values("user"))
        | Q(pk__in=ProjectGroupGrant.objects.filter(in_project).values("group__user")),
        is_active=True,
    )


def people_as(project: Project, roles: Iterable[Role]) -> QuerySet:
    """The people who hold one of `roles` in a project (or in its organization)."""
    from accounts.models import User

    if not (codenames := [Role(role).codename for role in roles]):
        return User.objects.none()
    in_force = Q(_in_force(), permission__codename__in=codenames)
    return _holders(User, in_force, project.organization_id, {"content_object": project})


def holders_by_role(project: Project) -> dict[Role, set[int]]:
    """Who holds which role in a project (or in its organization), by their ids. One query."""
    grants = [
        (OrganizationUserGrant, "user", project.organization_id),
        (OrganizationGroupGrant, "group__user", project.organization_id),
        (ProjectUserGrant, "user", project.pk),
        (ProjectGroupGrant, "group__user", project.pk),
    ]
    rows = [
        model.objects.filter(_in_force(), content_object=scope).order_by().values_list(person, "permission__codename")
        for model, person, scope in grants
    ]
    found: dict[Role, set[int]] = {}
    for person, codename in rows[0].union(*rows[1:]):
        if person is not None:  # a firm without members
            found.setdefault(Role.of_codename(codename), set()).add(person)
    return found


class Backend(BaseBackend):
    """Lets `user.has_perm("manage_tasks", project)` give the answer of `can`."""

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        name = perm.removeprefix("projects.")
        if obj is None or name not in Perm.values:
            return False
        return can(user_obj, Perm(name), obj)


__all__ = [
    "MAY",
    "can",
    "organizations_of",
    "organizations_with",
    "people_as",
    "people_of",
    "perms_in",
    "projects_as",
    "projects_with",
    "roles_of",
    "visible",
]
