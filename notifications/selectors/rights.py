"""Who may read what somebody was told: asked of the grants when it is read or mailed.

Two ways to the same answer: `readable_by` for one person inside the database, `held_by` for the mails to many people at
once. A notice carries its project and organization, so neither has to look at the projects themselves.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, CharField, Exists, ExpressionWrapper, F, Model, OuterRef, Q, Value
from django.utils import timezone

from projects.models import OrganizationGroupGrant, OrganizationUserGrant, ProjectGroupGrant, ProjectUserGrant
from projects.permissions import Perm, Role, perms_of, roles_with


class Grants(NamedTuple):
    """One of the four tables of grants, and how its columns are named."""

    model: type[Model]
    person: str
    organization: str
    is_of_project: bool


TABLES = (
    Grants(OrganizationUserGrant, "user", "content_object", False),
    Grants(OrganizationGroupGrant, "group__user", "content_object", False),
    Grants(ProjectUserGrant, "user", "content_object__organization", True),
    Grants(ProjectGroupGrant, "group__user", "content_object__organization", True),
)


def _in_force() -> Q:
    return Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())


def readable_by(person: Any, needs: Iterable[Perm]) -> Q:
    """A condition over notices: their reader holds a role where they come from, with what they need if they need one
    of `needs`. What comes from nowhere is readable."""
    met = Q(need="")
    for perm in needs:
        met |= Q(need=perm, permission__codename__in=[role.codename for role in roles_with(perm)])
    may = Q(project__isnull=True, organization__isnull=True)
    for table in TABLES:
        where = Q(**{table.organization: OuterRef("organization")})
        if table.is_of_project:
            # Who works in one of its projects belongs to the organization; what comes from another project stays closed.
            where &= Q(content_object=OuterRef("project")) | Q(of_project__isnull=True)
        held = (
            table.model.objects.annotate(
                need=ExpressionWrapper(OuterRef("needs"), output_field=CharField()),
                of_project=ExpressionWrapper(OuterRef("project"), output_field=BigIntegerField()),
            )
            .filter(where, _in_force(), met, **{table.person: person.pk, f"{table.organization}__is_active": True})
            .order_by()
        )
        may |= Q(Exists(held))
    return may


class Held:
    """The roles in force of the people asked for; of who may not sign in, none."""

    def __init__(self, rows: Iterable[tuple[int, int, int, str]]) -> None:
        self._roles: dict[tuple[int, int, int], set[Role]] = {}
        self._members: set[tuple[int, int]] = set()
        for person, organization, project, codename in rows:
            self._roles.setdefault((person, organization, project), set()).add(Role.of_codename(codename))
            self._members.add((person, organization))

    def roles(self, person: int, organization: int, project: int) -> frozenset[Role]:
        """In a project, those held in its whole organization included."""
        none: set[Role] = set()
        return frozenset(
            self._roles.get((person, organization, project), none) | self._roles.get((person, organization, 0), none)
        )

    def may(self, person: int, organization: int, project: int, perm: str) -> bool:
        """Whether they hold `perm` there; with "", whether they hold any role."""
        roles = self.roles(person, organization, project)
        return bool(roles) and (not perm or Perm(perm) in perms_of(roles))

    def is_member(self, person: int, organization: int) -> bool:
        return (person, organization) in self._members


def held_by(person_ids: Iterable[int]) -> Held:
    people = list(person_ids)
    if not people:
        return Held(())
    rows = [
        table.model.objects.filter(
            _in_force(),
            **{
                f"{table.person}__in": people,
                f"{table.person}__is_active": True,
                f"{table.organization}__is_active": True,
            },
        )
        .order_by()
        .values_list(
            F(table.person),
            F(f"{table.organization}_id"),
            F("content_object_id") if table.is_of_project else Value(0),
            F("permission__codename"),
        )
        for table in TABLES
    ]
    return Held(rows[0].union(*rows[1:]))
