"""Auditors of a certification body read one audit and what it is about, until a day. (ISO/IEC 17021-1:2015, 9.1 to 9.4)"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from audits.flows import AuditStatus
from audits.models import Audit, AuditAccess
from core import dates
from core.rules import RuleBroken, refused
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Invitation, JournalEntry, Project, ProjectUserGrant
from projects.permissions import Perm, Role
from projects.services import team

from . import audit as audits

ROLE = Role.CERTIFICATION_AUDITOR
MOST = 30


def may_invite(user: Any, project: Project, held: frozenset[Perm] | None = None) -> bool:
    """Who plans audits and may bring people into the project."""
    held = access.perms_in(user, project) if held is None else held
    return Perm.MANAGE_AUDIT_PROGRAMME in held and team.may_invite(user, ROLE, project, held)


def invite(*, audit: Audit, by: Any, email: str, ends_on: dt.date) -> AuditAccess:
    """Opens this audit to an auditor until that day; again with another day it moves the day.

    Who holds the role here keeps it, longer where that is needed; everybody else gets the mail that every invitation
    is, and reads once they have accepted. Raises RuleBroken, NotPermitted.
    """
    with journal.change(audit.project, by=by) as log:
        found = _opened(audit, by)
        project, email = found.project, User.objects.normalize_email(email.strip())
        if ends_on < dates.today(project.organization.time_zone):
            raise refused("ends_on", _("The last day must not lie in the past."))
        if email == by.email:
            raise refused("email", _("Nobody invites themselves."))
        person = access.people_of(project).filter(email=email).first()
        if person is not None and Perm.VIEW_AUDITS in access.perms_in(person, project):
            raise refused("email", _("%(person)s reads the audits of this project already.") % {"person": person})
        held = found.accesses.filter(email=email, ended_at=None).first()
        before = held.ends_on if held else None
        if held is None and found.accesses.filter(ended_at=None).count() >= MOST:
            raise RuleBroken(_("At most %(n)s auditors read one audit at a time.") % {"n": MOST})
        _give_role(project, email, person, by, ends_on, str(found))
        if held is None:
            held = AuditAccess(
                organization_id=found.organization_id, project=project, audit=found, email=email, granted_by=by
            )
        held.person, held.ends_on, held.granted_by = person or held.person, ends_on, by
        held.save()
        log(found, "audit.access_given", {"email": email, "until": [before, ends_on] if before else ends_on})
    return held


def end(*, opened: AuditAccess, by: Any) -> None:
    """Closes this audit to an auditor now; with the last audit their role in the project ends too."""
    with journal.change(opened.project, by=by) as log:
        found = Audit.objects.select_related("project__organization").get(pk=opened.audit_id)
        audits.permit(found.project, by)
        if not found.accesses.filter(pk=opened.pk, ended_at=None).update(ended_at=timezone.now()):
            raise RuleBroken(_("Somebody has ended this in the meantime."))
        log(found, "audit.access_ended", {"email": opened.email})
        _take_role(found.project, opened, by, str(found))


def follow(sender: Any, entries: Iterable[JournalEntry], **_more: Any) -> None:
    """Receives projects.events.entries_written: who accepts an invitation is the person their e-mail stood for."""
    for entry in entries:
        if entry.action == "invitation.accepted" and entry.project_id and entry.actor_id:
            person = User.objects.get(pk=entry.actor_id)
            AuditAccess.objects.filter(project=entry.project_id, person=None, email=person.email).update(person=person)


def _opened(audit: Audit, by: Any) -> Audit:
    found = Audit.objects.select_related("project__organization").get(pk=audit.pk)
    if not may_invite(by, found.project):
        raise NotPermitted(_("You may not invite auditors of a certification body here."))
    if found.status == AuditStatus.CANCELLED:
        raise RuleBroken(_("This audit is cancelled: there is nothing to read."))
    return found


def _grants(project: Project, person: Any) -> Any:
    return ProjectUserGrant.objects.filter(
        content_object=project, user=person, permission__codename=ROLE.codename
    ).select_related("permission", "user")


def _give_role(project: Project, email: str, person: Any, by: Any, ends_on: dt.date, why: str) -> None:
    """The role at least until that day: given, made longer, or offered by mail."""
    until = team.end_of(ends_on, project.organization)
    grant = _grants(project, person).first() if person is not None else None
    if grant is not None and grant.expires_at is not None and grant.expires_at >= until:
        return
    if person is not None and team.may_grant(by, ROLE, project):
        team.grant(to=person, role=ROLE, scope=project, by=by, reason=why, expires_at=until)
        return
    if grant is not None and grant.expires_at is not None and grant.expires_at > timezone.now():
        says = _("The role of %(person)s ends before that day: ask who manages the team to give it longer.")
        raise refused("ends_on", says % {"person": person})
    for one in Invitation.objects.filter(project=project, email=email, role=ROLE, accepted_at=None, revoked_at=None):
        if one.is_waiting and one.role_ends_on is not None and one.role_ends_on >= ends_on:
            return
        if one.is_waiting:
            team.revoke(invitation=one, by=by)
    team.invite(scope=project, email=email, role=ROLE, by=by, message=why, role_ends_on=ends_on)


def _take_role(project: Project, opened: AuditAccess, by: Any, why: str) -> None:
    """Without another audit to read nothing is left of the role and of an invitation that waits, as far as `by` may end it."""
    today = dates.today(project.organization.time_zone)
    rest = AuditAccess.objects.filter(project=project, email=opened.email, ended_at=None, ends_on__gte=today)
    if rest.exists():
        return
    for one in Invitation.objects.filter(
        project=project, email=opened.email, role=ROLE, accepted_at=None, revoked_at=None
    ):
        if team.may_handle(by, one):
            team.revoke(invitation=one, by=by)
    if opened.person_id is None or not team.may_grant(by, ROLE, project):
        return
    for grant in _grants(project, opened.person_id):
        team.end(grant=grant, by=by, reason=_("No longer invited to %(audit)s") % {"audit": why})
