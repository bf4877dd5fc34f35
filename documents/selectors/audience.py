"""Who the readers of a project are today: by role, read from the grants in force."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import F

from documents.models import Audience, Distribution
from projects.access import _in_force
from projects.models import (
    OrganizationGroupGrant,
    OrganizationUserGrant,
    Project,
    ProjectGroupGrant,
    ProjectUserGrant,
)
from projects.permissions import Perm, Role, roles_with

EVERYBODY = [role for role in roles_with(Perm.READ_PUBLISHED) if role != Role.CERTIFICATION_AUDITOR]
"""Roles that documents are given to. A certification body reads what is in effect, and is asked nothing."""


@dataclass(frozen=True)
class Team:
    """The readers of a project: person to roles. Pure, once loaded."""

    by_role: dict[str, frozenset[int]] = field(default_factory=dict)

    @property
    def everybody(self) -> frozenset[int]:
        return frozenset().union(*self.by_role.values())

    def people(self, audience: str, role: str = "", person: int | None = None) -> frozenset[int]:
        """Whom an audience is today; a person who has left is nobody."""
        if audience == Audience.ROLE:
            return self.by_role.get(role, frozenset())
        return self.everybody & {person} if audience == Audience.PERSON else self.everybody

    def audience(self, distribution: Distribution) -> frozenset[int]:
        return self.people(distribution.audience, distribution.role, distribution.person_id)


def team_of(project: Project) -> Team:
    """One query. The same grants as projects.access reads."""
    grants = [
        OrganizationUserGrant.objects.filter(content_object=project.organization_id),
        OrganizationGroupGrant.objects.filter(content_object=project.organization_id),
        ProjectUserGrant.objects.filter(content_object=project),
        ProjectGroupGrant.objects.filter(content_object=project),
    ]
    rows = []
    for k, found in enumerate(grants):
        person = "group__user" if k % 2 else "user"
        codenames = [role.codename for role in EVERYBODY]
        rows.append(
            found.filter(_in_force(), permission__codename__in=codenames, **{f"{person}__is_active": True})
            .order_by()
            .values_list(F(person), "permission__codename")
        )
    by_role: dict[str, set[int]] = {}
    for person, codename in rows[0].union(*rows[1:]):
        by_role.setdefault(str(Role.of_codename(codename)), set()).add(person)
    return Team({role: frozenset(people) for role, people in by_role.items()})
