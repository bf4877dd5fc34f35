"""Who of a certification body reads an audit, and until when."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from audits.models import Audit, AuditAccess
from core import dates
from projects.models import Project


def held_by(project: Project, user: Any) -> QuerySet[AuditAccess]:
    """What somebody may read now: the last day is counted where the organization is at home."""
    today = dates.today(project.organization.time_zone)
    return AuditAccess.objects.filter(project=project, person=user, ended_at__isnull=True, ends_on__gte=today)


class Guest(NamedTuple):
    access: AuditAccess
    kind: str
    icon: str
    says: str
    is_open: bool


def guests(audit: Audit, today: dt.date) -> list[Guest]:
    """Everybody who was ever invited, those who read now first. One query."""
    rows = audit.accesses.select_related("person", "granted_by").order_by("email", "-pk")
    return sorted((_guest(one, today) for one in rows), key=lambda one: not one.is_open)


def _guest(one: AuditAccess, today: dt.date) -> Guest:
    if one.ended_at is not None:
        return Guest(one, "plain", "x", _("Ended"), False)
    if one.ends_on < today:
        return Guest(one, "plain", "calendar", _("Over"), False)
    if one.person_id is None:
        return Guest(one, "open", "send", _("Invited"), True)
    return Guest(one, "done", "eye", _("Reads"), True)
