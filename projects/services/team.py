"""Roles given and ended, invitations sent, accepted and revoked; consulting firms engaged."""

from __future__ import annotations

import datetime as dt
import secrets
from hashlib import sha256
from types import SimpleNamespace
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, transaction
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
from projects.permissions import DATED_ROLES, Perm, Role

from . import notices

Scope = Organization | Project
INVITATION_DAYS = 14
LONGEST_CERTIFICATION_DAYS = 90

GRANTS = {
    (Organization, User): OrganizationUserGrant,
    (Organization, Group): OrganizationGroupGrant,
    (Project, User): ProjectUserGrant,
    (Project, Group): ProjectGroupGrant,
}
KINDS = {"organization": OrganizationUserGrant, "firm": OrganizationGroupGrant, "project": ProjectUserGrant,
         "firm-project": ProjectGroupGrant}  # fmt: skip


def permission_of(role: Role, scope: Scope) -> Permission:
    """The row under which guardian stores a grant of `role` on this kind of scope."""
    content_type = ContentType.objects.get_for_model(type(scope))
    found, _is_new = Permission.objects.get_or_create(
        codename=Role(role).codename, content_type=content_type, defaults={"name": f"Acts as {Role(role).label}"}
    )
    return found


def _organization_of(scope: Scope) -> Organization:
    return scope.organization if isinstance(scope, Project) else scope


def may_grant(by: Any, role: Role, scope: Scope) -> bool:
    """Whether `by` may give `role` here: roles of an organization and client admins only by those who manage it."""
    needs_organization = isinstance(scope, Organization) or role == Role.CLIENT_ADMIN
    perm = Perm.MANAGE_ORGANIZATION if needs_organization else Perm.MANAGE_TEAM
    return access.can(by, perm, _organization_of(scope) if needs_organization else scope)


def may_invite(by: Any, role: Role, scope: Scope) -> bool:
    """Inviting asks less than granting: a consultant brings a new client's people in, its first client admin included."""
    if may_grant(by, role, scope):
        return True
    organization = _organization_of(scope)
    if role == Role.CLIENT_ADMIN or isinstance(scope, Organization):
        return role == Role.CLIENT_ADMIN and access.can(by, Perm.INVITE, scope) and not has_client_admin(organization)
    return access.can(by, Perm.INVITE, scope)


def has_client_admin(organization: Organization) -> bool:
    return OrganizationUserGrant.objects.filter(
        content_object=organization, permission__codename=Role.CLIENT_ADMIN.codename
    ).exists() or any(
        invitation.is_waiting
        for invitation in Invitation.objects.filter(organization=organization, role=Role.CLIENT_ADMIN)
    )


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
    _check_end(role, expires_at)
    model = GRANTS[type(scope), type(to)]
    holder = {"user": to} if isinstance(to, User) else {"group": to}
    with journal.change(scope, by=by, reason=reason) as log:
        found, is_new = model.objects.get_or_create(
            **holder, permission=permission_of(role, scope), content_object=scope,
            defaults={"granted_by": by, "expires_at": expires_at, "reason": reason[:300]},
        )  # fmt: skip
        before = found.expires_at
        if is_new:
            log(scope, "role.granted", {"to": to, "role": role, "until": expires_at})
        elif before != expires_at:
            found.expires_at, found.granted_by, found.reason = expires_at, by, reason[:300]
            found.granted_at = timezone.now()
            found.save()
            log(scope, "role.changed", {"to": to, "role": role, "until": [before, expires_at]})
    return found


def end(*, grant: Any, by: Any, reason: str) -> None:
    """Ends a role now. The last client admin of an organization stays; nobody ends a role without a reason."""
    scope = grant.content_object
    role = grant.role
    if not may_grant(by, role, scope):
        raise NotPermitted(_("You may not end the role %(role)s here.") % {"role": role.label})
    if not reason.strip():
        raise RuleBroken(_("Say why the role ends."))
    with journal.change(scope, by=by, reason=reason) as log:
        if isinstance(grant, OrganizationUserGrant) and role == Role.CLIENT_ADMIN:
            others = OrganizationUserGrant.objects.filter(
                content_object=scope, permission=grant.permission, user__is_active=True
            ).exclude(pk=grant.pk)
            if not others.exists():
                raise RuleBroken(
                    _("This is the last client admin of %(name)s. Name another one first.") % {"name": scope}
                )
        holder = getattr(grant, "user", None) or grant.group
        type(grant).objects.filter(pk=grant.pk).delete()
        log(scope, "role.ended", {"of": holder, "role": role})


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
    _check_end(role, end_of(role_ends_on))
    organization = _organization_of(scope)
    project = scope if isinstance(scope, Project) else None
    with journal.change(scope, by=by) as log:
        twins = Invitation.objects.filter(
            organization=organization, project=project, email=email, role=role, accepted_at=None, revoked_at=None
        )
        if any(twin.is_waiting for twin in twins):
            raise RuleBroken(
                _("%(email)s is invited as %(role)s already. Send that invitation again, or revoke it.")
                % {"email": email, "role": role.label}
            )
        token = secrets.token_urlsafe(32)
        invitation = Invitation.objects.create(
            organization=organization, project=project, email=email, name=name, role=role, role_ends_on=role_ends_on,
            message=message, token_sha256=digest(token), invited_by=by,
            expires_at=timezone.now() + dt.timedelta(days=INVITATION_DAYS),
        )  # fmt: skip
        log(scope, "invitation.sent", {"email": email, "role": role, "until": role_ends_on})
        _send(invitation, token)
    invitation.token = token
    return invitation


def end_of(day: dt.date | None) -> dt.datetime | None:
    """The last moment of a day, as the end of a role."""
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time.max))


def digest(token: str) -> str:
    return sha256(token.encode()).hexdigest()


def _send(invitation: Invitation, token: str) -> None:
    known = User.objects.filter(email=invitation.email).first()
    recipient = known or SimpleNamespace(
        email=invitation.email, name=invitation.name, language=invitation.organization.language
    )
    notices.invited(invitation, recipient=recipient, link=reverse("projects:invitation", kwargs={"token": token}))


def resend(*, invitation: Invitation, by: Any) -> Invitation:
    """Sends the mail again with a new secret and a new term; the old link stops working."""
    scope = invitation.project or invitation.organization
    if not may_invite(by, invitation.role, scope) and not access.can(by, Perm.INVITE, scope):
        raise NotPermitted(_("You may not invite people here."))
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
    if not access.can(by, Perm.INVITE, scope):
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
    """Takes the role offered to `user`, who is signed in with the invited address. Twice changes nothing."""
    scope = invitation.project or invitation.organization
    if user.email != invitation.email:
        raise RuleBroken(
            _("This invitation was sent to %(email)s. Sign in with that address to accept it.")
            % {"email": invitation.email}
        )
    with journal.change(scope, by=user, reason=_("Invitation accepted")) as log:
        changed = Invitation.objects.filter(
            pk=invitation.pk, accepted_at=None, revoked_at=None, expires_at__gt=timezone.now()
        ).update(accepted_at=timezone.now(), accepted_by=user)
        if not changed:
            raise RuleBroken(_("This invitation was already accepted, revoked or has expired. Ask for a new one."))
        log(scope, "invitation.accepted", {"email": invitation.email, "role": invitation.role})
        if isinstance(scope, Organization) and scope.is_firm:
            join_firm(firm=scope, user=user, by=invitation.invited_by)
        return grant(
            to=user, role=Role(invitation.role), scope=scope, by=invitation.invited_by, is_set_up=True,
            reason=_("Invited by %(name)s") % {"name": invitation.invited_by},
            expires_at=end_of(invitation.role_ends_on),
        )  # fmt: skip


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


def join_firm(*, firm: Organization, user: User, by: Any) -> None:
    """Makes a person a member of a consulting firm's team: they see the clients the firm is engaged with."""
    with journal.change(firm, by=by) as log:
        user.groups.add(firm.team)
        log(firm, "firm.joined", {"person": user})


def leave_firm(*, firm: Organization, user: User, by: Any, reason: str) -> None:
    """Ends a person's membership and every role they hold in the firm; its clients are closed to them at once."""
    with journal.change(firm, by=by, reason=reason) as log:
        user.groups.remove(firm.team)
        OrganizationUserGrant.objects.filter(user=user, content_object=firm).delete()
        log(firm, "firm.left", {"person": user})


def engage(*, firm: Organization, client: Organization, by: Any, reason: str = "", is_set_up: bool = False) -> Any:
    """Opens a client organization to all consultants of a firm, as consultants."""
    if not firm.is_firm:
        raise RuleBroken(_("%(name)s is not a consulting firm.") % {"name": firm})
    return grant(to=firm.team, role=Role.CONSULTANT, scope=client, by=by, reason=reason, is_set_up=is_set_up)
