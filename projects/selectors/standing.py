"""What a person is in this installation: every role in force, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Value

from projects import access
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
        return any_may(self.organizations.values(), Perm.START_PROJECT)

    @property
    def reads_much(self) -> bool:
        """Whether there may be several projects to look at: then the portfolio is a page for this person."""
        readable = [roles for roles in self.projects.values() if any_may([roles], Perm.VIEW_PROJECT)]
        return any_may(self.organizations.values(), Perm.VIEW_PROJECT) or len(readable) > 1

    @property
    def reads(self) -> bool:
        return self.reads_much or any_may(self.projects.values(), Perm.VIEW_PROJECT)

    @property
    def works(self) -> bool:
        return any_may([self.roles], Perm.VIEW_OWN_WORK)


def any_may(held: Iterable[frozenset[Role]], perm: Perm) -> bool:
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
