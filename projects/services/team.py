"""Roles given and ended, invitations sent, accepted and revoked; consulting firms engaged."""

from __future__ import annotations

import datetime as dt
import secrets
from hashlib import sha256
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization, User
from accounts.models.organization import OrganizationKind
from core.rules import RuleBroken
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import (
    Invitation,
    OrganizationGroupGrant,
    OrganizationUserGrant,
    Project,
    ProjectGroupGrant,
    ProjectUserGrant,
)
from projects.permissions import DATED_ROLES, MAY, Perm, Role

from . import notices

Scope = Organization | Project
WEIGHTY = frozenset({Perm.MANAGE_TEAM, Perm.DECIDE})
"""What makes a role more than one's own work: who holds it decides for the client or gives roles to others."""
EDITABLE = ("name", "country", "region", "language", "time_zone", "headcount")
INVITATION_DAYS = 14
LONGEST_CERTIFICATION_DAYS = 90
FIRM_ROLES = (Role.CONSULTANT, Role.CLIENT_ADMIN)
"""The roles a person can hold in a consulting firm itself."""

GRANTS = {
    (Organization, User): OrganizationUserGrant,
    (Organization, Group): OrganizationGroupGrant,
    (Project, User): ProjectUserGrant,
    (Project, Group): ProjectGroupGrant,
}


def grants_for(scope: Scope, to: Any = None) -> type:
    """The table of grants for this kind of scope and holder (a person unless `to` is a group).

    By isinstance, because the person of a request is a lazy stand-in for a User.
    """
    return GRANTS[Project if isinstance(scope, Project) else Organization, Group if isinstance(to, Group) else User]


def permission_of(role: Role, scope: Scope) -> Permission:
    """The row under which guardian stores a grant of `role` on this kind of scope."""
    content_type = ContentType.objects.get_for_model(type(scope))
    found, _is_new = Permission.objects.get_or_create(
        codename=Role(role).codename, content_type=content_type, defaults={"name": f"Acts as {Role(role).label}"}
    )
    return found


def _organization_of(scope: Scope) -> Organization:
    return scope.organization if isinstance(scope, Project) else scope


def may_grant(by: Any, role: Role, scope: Scope, held: frozenset[Perm] | None = None) -> bool:
    """Whether `by` may give `role` here: roles of an organization and client admins only by those who manage it.

    `held` is what `by` may do in the scope, for pages that have asked already.
    """
    held = access.perms_in(by, scope) if held is None else held
    needs_organization = isinstance(scope, Organization) or role == Role.CLIENT_ADMIN
    return (Perm.MANAGE_ORGANIZATION if needs_organization else Perm.MANAGE_TEAM) in held


def may_invite(by: Any, role: Role, scope: Scope, held: frozenset[Perm] | None = None) -> bool:
    """Inviting asks less than granting: a consultant brings a new client's people in.

    Of the roles that decide or give roles they bring only the first holder: whoever comes later is the client's choice.
    """
    held = access.perms_in(by, scope) if held is None else held
    if may_grant(by, role, scope, held):
        return True
    if Perm.INVITE not in held:
        return False
    if isinstance(scope, Project):
        return role != Role.CLIENT_ADMIN and (not MAY[role] & WEIGHTY or not has_holder(scope, role))
    return role == Role.CLIENT_ADMIN and not has_client_admin(scope)


def has_holder(project: Project, role: Role) -> bool:
    """Whether somebody holds a role in a project, or is invited to."""
    return access.people_as(project, [role]).exists() or any(
        invitation.is_waiting for invitation in Invitation.objects.filter(project=project, role=role)
    )


def client_admins(organization: Organization) -> Any:
    """The grants in force that make people client admins of an organization."""
    return OrganizationUserGrant.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
        content_object=organization,
        permission__codename=Role.CLIENT_ADMIN.codename,
        user__is_active=True,
    )


def has_client_admin(organization: Organization) -> bool:
    """Whether somebody is client admin, or is invited to become it."""
    return client_admins(organization).exists() or any(
        invitation.is_waiting
        for invitation in Invitation.objects.filter(organization=organization, role=Role.CLIENT_ADMIN)
    )


def _check_place(role: Role, scope: Scope, expires_at: dt.datetime | None = None) -> None:
    """A client admin looks after a whole organization; a firm knows only its consultants and its admin, undated."""
    if role == Role.CLIENT_ADMIN and isinstance(scope, Project):
        raise RuleBroken(_("A client admin looks after the whole organization, not one project."))
    if isinstance(scope, Organization) and scope.is_firm:
        if role not in FIRM_ROLES:
            raise RuleBroken(_("In a consulting firm people are consultants or its admin."))
        if expires_at is not None:
            raise RuleBroken(_("Membership of a firm has no end date. End it on the day somebody leaves."))


def _check_end(role: Role, expires_at: dt.datetime | None) -> None:
    if role in DATED_ROLES and expires_at is None:
        raise RuleBroken(
            _("A %(role)s reads for the days of an audit: say until when.") % {"role": Role(role).label.lower()}
        )
    if role in DATED_ROLES and expires_at > timezone.now() + dt.timedelta(days=LONGEST_CERTIFICATION_DAYS):
        raise RuleBroken(_("At most %(days)s days can be given at once.") % {"days": LONGEST_CERTIFICATION_DAYS})
    if expires_at is not None and expires_at <= timezone.now():
        raise RuleBroken(_("The end of a role must lie ahead."))


def grant(
    *, to: User | Group, role: Role, scope: Scope, by: Any, reason: str, expires_at: dt.datetime | None = None,
    is_set_up: bool = False,
) -> Any:  # fmt: skip
    """Gives a role; again with another end date it changes the end. Nobody gives a role to themselves.

    `is_set_up` is for the start of an organization, when nobody holds a role yet. Raises RuleBroken, NotPermitted.
    """
    role = Role(role)
    if not is_set_up:
        if by == to:
            raise RuleBroken(_("Nobody gives a role to themselves. Ask another person who manages the team."))
        if not may_grant(by, role, scope):
            raise NotPermitted(_("You may not give the role %(role)s here.") % {"role": role.label})
        if isinstance(to, User) and not access.people_of(_organization_of(scope)).filter(pk=to.pk).exists():
            raise RuleBroken(_("Only people who belong to the organization are given a role. Invite them by e-mail."))
    _check_end(role, expires_at)
    if isinstance(to, User):
        _check_place(role, scope, expires_at)
    model = grants_for(scope, to)
    holder = {"user": to} if isinstance(to, User) else {"group": to}
    with journal.change(scope, by=by, reason=reason) as log:
        found, is_new = model.objects.get_or_create(
            **holder, permission=permission_of(role, scope), content_object=scope,
            defaults={"granted_by": by, "expires_at": expires_at, "reason": reason[:300]},
        )  # fmt: skip
        before = found.expires_at
        if is_new:
            log(scope, "role.taken" if log.by == to else "role.granted", {"to": to, "role": role, "until": expires_at})
        elif before != expires_at:
            found.expires_at, found.granted_by, found.reason = expires_at, by, reason[:300]
            found.granted_at = timezone.now()
            found.save()
            log(scope, "role.changed", {"to": to, "role": role, "until": [before, expires_at]})
        if isinstance(to, User):
            _take_office(to, role, scope, log)
    return found


def _take_office(person: User, role: Role, scope: Scope, log: journal.Log) -> None:
    """What follows from a role: a firm's people join its team, a project without a manager has found one."""
    if isinstance(scope, Organization):
        if scope.is_firm and not person.groups.filter(pk=scope.team_id).exists():
            person.groups.add(scope.team)
            log(scope, "firm.joined", {"person": person})
    elif role == Role.PROJECT_MANAGER:
        project = Project.objects.get(pk=scope.pk)
        if project.manager_id is None:
            project.manager = scope.manager = person
            log.mark(project).save(update_fields=["manager", "updated_at"])


def _leave_office(person: Any, role: Role, scope: Scope, log: journal.Log) -> None:
    """The other way round: without a role in the firm nobody stays in its team."""
    if not isinstance(person, User):
        return
    if isinstance(scope, Organization):
        if scope.is_firm and not OrganizationUserGrant.objects.filter(user=person, content_object=scope).exists():
            person.groups.remove(scope.team)
            log(scope, "firm.left", {"person": person})
            _close_clients([person], scope.team, _clients_of(scope.team), by=log.by, reason=log.reason)
    elif role == Role.PROJECT_MANAGER:
        project = Project.objects.get(pk=scope.pk)
        if project.manager_id == person.pk:
            project.manager = scope.manager = None
            log.mark(project).save(update_fields=["manager", "updated_at"])


def _clients_of(team: Group) -> Any:
    return Organization.objects.filter(
        pk__in=OrganizationGroupGrant.objects.filter(group=team).values("content_object")
    )


def _close_clients(people: list[User], team: Group, clients: Any, *, by: Any, reason: str) -> None:
    """Ends what people of a firm gave themselves or each other in projects of its clients; each client's journal says so.

    Who starts a project as a consultant manages it by a role of their own, which would outlive the firm's engagement.
    What the client's people gave stays, and so does everything of who has a role of their own in the organization.
    """
    of_the_firm = {*team.user_set.values_list("pk", flat=True), *(person.pk for person in people)}
    own = (
        ProjectUserGrant.objects.filter(
            user__in=people, granted_by__in=of_the_firm, content_object__organization__in=clients
        )
        .select_related("permission", "user", "content_object__organization")
        .order_by("content_object__organization", "pk")
    )
    for held in own:
        project = held.content_object
        if OrganizationUserGrant.objects.filter(user=held.user, content_object=project.organization_id).exists():
            continue
        with journal.change(project, by=by, reason=reason) as log:
            gone, _by_model = ProjectUserGrant.objects.filter(pk=held.pk).delete()
            if gone:
                log(project, "role.ended", {"of": held.user, "role": held.role})
                _leave_office(held.user, held.role, project, log)


def may_end(by: Any, role: Role, scope: Scope, holder: Any) -> bool:
    """Who may give a role may end it; a firm may also withdraw from a client by itself."""
    if may_grant(by, role, scope):
        return True
    return isinstance(holder, Group) and access.can(by, Perm.MANAGE_ORGANIZATION, holder.firm)


def end(*, grant: Any, by: Any, reason: str) -> None:
    """Ends a role now. The last client admin of an organization stays; nobody ends a role without a reason.

    Raises RuleBroken, NotPermitted.
    """
    scope, role = grant.content_object, grant.role
    holder = getattr(grant, "user", None) or grant.group
    if not may_end(by, role, scope, holder):
        raise NotPermitted(_("You may not end the role %(role)s here.") % {"role": role.label})
    if not reason.strip():
        raise RuleBroken(_("Say why the role ends."))
    with journal.change(scope, by=by, reason=reason) as log:
        if isinstance(grant, OrganizationUserGrant) and role == Role.CLIENT_ADMIN:
            _keep_an_admin(scope, grant.user)
        gone, _by_model = type(grant).objects.filter(pk=grant.pk).delete()
        if not gone:
            raise RuleBroken(_("This role was ended in the meantime."))
        log(scope, "role.ended", {"of": holder, "role": role})
        _leave_office(holder, role, scope, log)
        if isinstance(holder, Group) and isinstance(scope, Organization):
            _close_clients(list(holder.user_set.all()), holder, [scope], by=by, reason=reason)


def _keep_an_admin(organization: Organization, leaving: User) -> None:
    admins = client_admins(organization)
    if admins.filter(user=leaving).exists() and not admins.exclude(user=leaving).exists():
        raise RuleBroken(
            _("This is the last client admin of %(name)s. Name another one first.") % {"name": organization}
        )


def invite(
    *,
    scope: Scope,
    email: str,
    role: Role,
    by: Any,
    name: str = "",
    message: str = "",
    role_ends_on: dt.date | None = None,
) -> Invitation:
    """Invites a person by e-mail. Whether the address is known already is never told. Raises RuleBroken, NotPermitted."""
    role, email = Role(role), User.objects.normalize_email(email)
    if not may_invite(by, role, scope):
        raise NotPermitted(_("You may not invite people as %(role)s here.") % {"role": role.label})
    if email == by.email:
        raise RuleBroken(_("Nobody gives a role to themselves. Ask another person who manages the team."))
    organization = _organization_of(scope)
    project = scope if isinstance(scope, Project) else None
    expires_at = end_of(role_ends_on, organization)
    _check_end(role, expires_at)
    _check_place(role, scope, expires_at)
    if _holds(email, role, scope):
        raise RuleBroken(_("%(email)s is %(role)s here already.") % {"email": email, "role": role.label})
    with journal.change(scope, by=by) as log:
        twins = Invitation.objects.filter(
            organization=organization, project=project, email=email, role=role, accepted_at=None, revoked_at=None
        )
        if any(twin.is_waiting for twin in twins):
            raise RuleBroken(
                _("%(email)s is invited as %(role)s already. Send that invitation again, or revoke it.")
                % {"email": email, "role": role.label}
            )
        return _write(organization, project, email, role, role_ends_on, log, by=by, name=name, message=message)


def _write(
    organization: Organization, project: Project | None, email: str, role: Role, role_ends_on: dt.date | None,
    log: journal.Log, *, by: Any = None, name: str = "", message: str = "",
) -> Invitation:  # fmt: skip
    """The invitation's row, its journal line and its mail; the secret of the link stays on the object as `token`."""
    token = secrets.token_urlsafe(32)
    invitation = Invitation.objects.create(
        organization=organization, project=project, email=email, name=name, role=role, role_ends_on=role_ends_on,
        message=message, token_sha256=digest(token), invited_by=by,
        expires_at=timezone.now() + dt.timedelta(days=INVITATION_DAYS),
    )  # fmt: skip
    log(project or organization, "invitation.sent", {"email": email, "role": role, "until": role_ends_on})
    _send(invitation, token)
    invitation.token = token
    return invitation


def _holds(email: str, role: Role, scope: Scope) -> bool:
    """Whether the person with this address holds exactly this role here: no more than the team page shows anyway."""
    return (
        grants_for(scope)
        .objects.filter(
            Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now()),
            user__email=email,
            permission__codename=role.codename,
            content_object=scope,
        )
        .exists()
    )


def end_of(day: dt.date | None, organization: Organization) -> dt.datetime | None:
    """The last moment of a day where the organization is at home, as the end of a role."""
    if day is None:
        return None
    return dt.datetime.combine(day, dt.time.max, ZoneInfo(organization.time_zone))


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _send(invitation: Invitation, token: str) -> None:
    known = User.objects.filter(email=invitation.email).first()
    recipient = known or SimpleNamespace(
        email=invitation.email, name=invitation.name, language=invitation.organization.language
    )
    notices.invited(invitation, recipient=recipient, link=reverse("projects:invitation", kwargs={"token": token}))


def may_handle(by: Any, invitation: Invitation, held: frozenset[Perm] | None = None) -> bool:
    """Whether `by` may send an invitation again or revoke it: who could write it, or wrote it and still may invite."""
    scope = invitation.project or invitation.organization
    held = access.perms_in(by, scope) if held is None else held
    return (invitation.invited_by_id == by.pk and Perm.INVITE in held) or may_invite(
        by, Role(invitation.role), scope, held
    )


def resend(*, invitation: Invitation, by: Any) -> Invitation:
    """Sends the mail again with a new secret and a new term; the old link stops working."""
    scope = invitation.project or invitation.organization
    if not may_handle(by, invitation):
        raise NotPermitted(_("You may not invite people here."))
    expires_at = end_of(invitation.role_ends_on, invitation.organization)
    if expires_at is not None and expires_at <= timezone.now():
        raise RuleBroken(_("The role would have ended already. Revoke this invitation and write a new one."))
    with journal.change(scope, by=by) as log:
        token = secrets.token_urlsafe(32)
        changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            token_sha256=digest(token), expires_at=timezone.now() + dt.timedelta(days=INVITATION_DAYS)
        )
        if not changed:
            raise RuleBroken(_("This invitation was accepted or revoked in the meantime."))
        invitation.refresh_from_db()
        log(scope, "invitation.resent", {"email": invitation.email})
        _send(invitation, token)
    invitation.token = token
    return invitation


def revoke(*, invitation: Invitation, by: Any) -> None:
    scope = invitation.project or invitation.organization
    if not may_handle(by, invitation):
        raise NotPermitted(_("You may not revoke invitations here."))
    with journal.change(scope, by=by) as log:
        changed = Invitation.objects.filter(pk=invitation.pk, accepted_at=None, revoked_at=None).update(
            revoked_at=timezone.now()
        )
        if not changed:
            raise RuleBroken(_("This invitation was accepted or revoked in the meantime."))
        log(scope, "invitation.revoked", {"email": invitation.email})


def invitation_behind(token: str) -> Invitation | None:
    """The invitation of a link, whatever its state; None for a link that never was or was replaced."""
    return (
        Invitation.objects.select_related("organization", "project__organization", "invited_by")
        .filter(token_sha256=digest(token))
        .first()
    )


def accept(*, invitation: Invitation, user: User) -> Any:
    """Takes the role offered to `user`, who is signed in with the invited address. Raises RuleBroken.

    An invitation is worth what its writer may do: once they have left, it opens nothing.
    """
    scope = invitation.project or invitation.organization
    if user.email != invitation.email:
        raise RuleBroken(
            _("This invitation was sent to %(email)s. Sign in with that address to accept it.")
            % {"email": invitation.email}
        )
    inviter = invitation.invited_by
    if inviter is not None and not access.can(inviter, Perm.INVITE, scope):
        raise RuleBroken(_("Who invited you no longer belongs here. Ask somebody of the organization to invite you."))
    if inviter is not None and not _may_still_invite(inviter, Role(invitation.role), scope):
        raise RuleBroken(
            _("Who invited you may not give this role any more. Ask somebody of the organization to invite you.")
        )
    with journal.change(scope, by=user, reason=_("Invitation accepted")) as log:
        changed = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
        ).update(accepted_at=timezone.now(), accepted_by=user)
        if not changed:
            raise RuleBroken(_("This invitation was already accepted, revoked or has expired. Ask for a new one."))
        log(scope, "invitation.accepted", {"email": invitation.email, "role": invitation.role})
        return grant(
            to=user, role=Role(invitation.role), scope=scope, by=inviter, is_set_up=True,
            reason=_("Invited by %(name)s") % {"name": inviter} if inviter else _("First admin"),
            expires_at=end_of(invitation.role_ends_on, invitation.organization),
        )  # fmt: skip


def _may_still_invite(inviter: Any, role: Role, scope: Scope) -> bool:
    """The same as `may_invite` on the day of accepting; the invitation itself is not in the way of a first holder."""
    held = access.perms_in(inviter, scope)
    if may_grant(inviter, role, scope, held):
        return True
    if Perm.INVITE not in held:
        return False
    if isinstance(scope, Project):
        return role != Role.CLIENT_ADMIN and (not MAY[role] & WEIGHTY or not access.people_as(scope, [role]).exists())
    return role == Role.CLIENT_ADMIN and not client_admins(scope).exists()


def found_organization(*, name: str, slug: str, kind: str, by: Any, **fields: Any) -> Organization:
    """Creates a client or a consulting firm (a firm with its team). Raises RuleBroken for a short name in use."""
    try:
        with transaction.atomic():
            team = Group.objects.create(name=f"firm-{slug}") if kind == OrganizationKind.FIRM else None
            organization = Organization.objects.create(
                name=name, slug=slug, kind=kind, team=team, created_by=by, **fields
            )
            with journal.change(organization, by=by, job="" if by else "installation") as log:
                log(organization, "organization.founded", {"name": name, "kind": kind})
    except IntegrityError as error:
        raise RuleBroken(_("The short name “%(slug)s” is taken. Choose another one.") % {"slug": slug}) from error
    return organization


def invite_first_admin(*, organization: Organization, email: str, name: str = "") -> Invitation:
    """Invites the first client admin of an organization that the installation founded: nobody is there to ask."""
    if has_client_admin(organization):
        raise RuleBroken(_("%(name)s has a client admin already, or one is invited.") % {"name": organization})
    with journal.change(organization, by=None, job="installation") as log:
        return _write(organization, None, User.objects.normalize_email(email), Role.CLIENT_ADMIN, None, log, name=name)


def firms_of(user: Any) -> Any:
    """The consulting firms a person is a consultant or the admin of."""
    grants = access.grants_as(user, FIRM_ROLES)["organization_user"]
    return Organization.objects.filter(
        kind=OrganizationKind.FIRM, is_active=True, team__user=user, pk__in=grants.values("content_object")
    )


def found_client(*, firm: Organization, by: Any, name: str, slug: str, **fields: Any) -> Organization:
    """A member of a firm founds a client; the firm is engaged with it in the same transaction. RuleBroken, NotPermitted."""
    if not firms_of(by).filter(pk=firm.pk).exists():
        raise NotPermitted(_("Only people of a consulting firm found clients."))
    with transaction.atomic():
        client = found_organization(name=name, slug=slug, kind=OrganizationKind.CLIENT, by=by, **fields)
        engage(firm=firm, client=client, by=by, reason=_("Founded by %(firm)s") % {"firm": firm}, is_set_up=True)
    return client


def edit_organization(*, organization: Organization, by: Any, values: dict[str, Any]) -> Organization:
    """Changes what an organization says about itself; its journal keeps what stood there before."""
    if not access.can(by, Perm.MANAGE_ORGANIZATION, organization):
        raise NotPermitted(_("You may not change this organization."))
    with journal.change(organization, by=by) as log:
        fresh = Organization.objects.get(pk=organization.pk)
        after = {name: value for name, value in values.items() if name in EDITABLE}
        diff = journal.differences({name: getattr(fresh, name) for name in after}, after)
        if diff:
            for name in diff:
                setattr(fresh, name, after[name])
            fresh.save(update_fields=list(diff))
            log(fresh, "organization.changed", diff)
    return fresh


def leave_firm(*, firm: Organization, user: User, by: Any, reason: str) -> None:
    """Ends a person's membership and every role they hold in the firm; its clients are closed to them at once."""
    if by != user and not access.can(by, Perm.MANAGE_ORGANIZATION, firm):
        raise NotPermitted(_("Only the firm's admin ends a membership."))
    if not reason.strip():
        raise RuleBroken(_("Say why the membership ends."))
    with journal.change(firm, by=by, reason=reason) as log:
        _keep_an_admin(firm, user)
        grants = OrganizationUserGrant.objects.filter(user=user, content_object=firm).select_related("permission")
        roles = [grant.role for grant in grants]
        if not roles and not user.groups.filter(pk=firm.team_id).exists():
            raise RuleBroken(_("%(person)s is no member of %(firm)s.") % {"person": user, "firm": firm})
        grants.delete()
        user.groups.remove(firm.team)
        for role in roles:
            log(firm, "role.ended", {"of": user, "role": role})
        log(firm, "firm.left", {"person": user})
        _close_clients([user], firm.team, _clients_of(firm.team), by=by, reason=reason)


def engage(*, firm: Organization, client: Organization, by: Any, reason: str = "", is_set_up: bool = False) -> Any:
    """Opens a client organization to all consultants of a firm, as consultants."""
    if not firm.is_firm:
        raise RuleBroken(_("%(name)s is not a consulting firm.") % {"name": firm})
    if client.is_firm:
        raise RuleBroken(_("%(name)s is a consulting firm itself, not a client.") % {"name": client})
    return grant(to=firm.team, role=Role.CONSULTANT, scope=client, by=by, reason=reason, is_set_up=is_set_up)
