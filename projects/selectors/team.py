"""Who holds which role, where it comes from and until when; what waits to be accepted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from projects import access
from projects.models import (
    Invitation,
    OrganizationGroupGrant,
    OrganizationUserGrant,
    Project,
    ProjectGroupGrant,
    ProjectUserGrant,
)
from projects.permissions import MAY, Perm, Role

ENDS_SOON_DAYS = 14
ORDER = {role: place for place, role in enumerate(Role)}


@dataclass
class Holding:
    """One role of one person. `kind` and `pk` name the grant; `firm` is the firm it comes through, if any.

    `url` is where this reader may change it; the page fills it in.
    """

    kind: str
    pk: int
    role: Role
    scope: Organization | Project
    firm: Organization | None
    grant: Any
    url: str = ""

    @property
    def source(self) -> str:
        """Where the role comes from, in words."""
        if self.firm is not None:
            return _("through %(firm)s") % {"firm": self.firm.name}
        if isinstance(self.scope, Organization):
            return _("in the whole organization")
        return _("in %(project)s") % {"project": self.scope.name}

    @property
    def has_expired(self) -> bool:
        return self.grant.has_expired

    @property
    def ends_soon(self) -> bool:
        ends = self.grant.expires_at
        return ends is not None and ends <= timezone.now() + dt.timedelta(days=ENDS_SOON_DAYS)


@dataclass
class Member:
    """A person with every role they hold here."""

    person: User
    holdings: list[Holding] = field(default_factory=list)

    @property
    def is_former(self) -> bool:
        return all(holding.has_expired for holding in self.holdings)


def _grants(model: type, **where: Any) -> Any:
    rows = model.objects.filter(**where).select_related("permission", "granted_by")
    if model in (OrganizationUserGrant, ProjectUserGrant):
        return rows.filter(user__is_active=True).select_related("user")
    return rows.select_related("group__firm").prefetch_related(
        Prefetch("group__user_set", User.objects.filter(is_active=True))
    )


def _holdings(rows: Iterable[Any], kind: str, scope_of: Any) -> Iterable[tuple[User, Holding]]:
    for grant in rows:
        if hasattr(grant, "user_id"):
            yield grant.user, Holding(kind, grant.pk, grant.role, scope_of(grant), None, grant)
            continue
        for person in grant.group.user_set.all():
            firm = getattr(grant.group, "firm", None)
            yield person, Holding(kind, grant.pk, grant.role, scope_of(grant), firm, grant)


def members_of(scope: Organization | Project) -> list[Member]:
    """Everybody with a role in a project, or in an organization and its projects; expired roles are marked.

    At most six queries, whatever the number of people.
    """
    organization = scope.organization if isinstance(scope, Project) else scope
    found = [
        *_holdings(_grants(OrganizationUserGrant, content_object=organization), "organization", lambda g: organization),
        *_holdings(_grants(OrganizationGroupGrant, content_object=organization), "firm", lambda g: organization),
    ]
    if isinstance(scope, Project):
        where: dict[str, Any] = {"content_object": scope}
        projects = {scope.pk: scope}
    else:
        where = {"content_object__organization": scope}
        projects = {project.pk: project for project in Project.objects.filter(organization=scope)}
        for project in projects.values():
            project.organization = scope

    def project_of(grant: Any) -> Project:
        return projects[grant.content_object_id]

    found += _holdings(_grants(ProjectUserGrant, **where), "project", project_of)
    found += _holdings(_grants(ProjectGroupGrant, **where), "firm-project", project_of)
    members: dict[int, Member] = {}
    for person, holding in found:
        members.setdefault(person.pk, Member(person)).holdings.append(holding)
    for member in members.values():
        member.holdings.sort(key=lambda h: (h.has_expired, isinstance(h.scope, Project), ORDER[h.role]))
    return sorted(members.values(), key=lambda m: (m.is_former, str(m.person).casefold(), m.person.pk))


def invitations_of(scope: Organization | Project) -> list[Invitation]:
    """Invitations that were not accepted or revoked, the latest first; those of its projects too for an organization."""
    where = {"project": scope} if isinstance(scope, Project) else {"organization": scope}
    return list(
        Invitation.objects.filter(accepted_at=None, revoked_at=None, **where).select_related(
            "project", "organization", "invited_by"
        )
    )


def grant_of(scope: Organization | Project, kind: str, pk: int) -> Any:
    """The grant of this scope with that key, or None: a grant of another tenant is none."""
    models = (
        {"project": ProjectUserGrant, "firm-project": ProjectGroupGrant}
        if isinstance(scope, Project)
        else {"organization": OrganizationUserGrant, "firm": OrganizationGroupGrant}
    )
    if kind not in models:
        return None
    holder = "user" if kind in {"project", "organization"} else "group__firm"
    content = "content_object__organization" if isinstance(scope, Project) else "content_object"
    return (
        models[kind].objects.select_related("permission", holder, content).filter(content_object=scope, pk=pk).first()
    )


def invitation_of(scope: Organization | Project, pk: int) -> Invitation | None:
    where = {"project": scope} if isinstance(scope, Project) else {"organization": scope}
    return Invitation.objects.select_related("organization", "project__organization").filter(pk=pk, **where).first()


def known_people(by: User, scope: Organization | Project) -> Any:
    """Whom `by` can give a role without an invitation, by name: people of the organization, if they may see those.

    Who belongs to one project only is not told who works in the others.
    """
    organization = scope.organization if isinstance(scope, Project) else scope
    sees_whole = access.can(by, Perm.VIEW_ORGANIZATION, organization)
    return access.people_of(organization if sees_whole else scope).order_by("name", "email")


def firms_engaged(client: Organization) -> list[Any]:
    """The grants by which consulting firms work for a client, with the firm's people counted."""
    grants = _grants(OrganizationGroupGrant, content_object=client).filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()), group__firm__is_active=True
    )
    return list(grants.order_by("group__firm__name"))


@dataclass(frozen=True)
class TableRow:
    """One permission and, for each role in the order of the table, whether it is held."""

    perm: Perm
    cells: list[tuple[Role, bool]]


def role_table() -> list[TableRow]:
    """What every role may do, straight from the one table that decides it."""
    return [TableRow(perm, [(role, perm in MAY[role]) for role in Role]) for perm in Perm]
