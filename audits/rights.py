"""Who conducts an audit: the people of its team who write; one that strangers without an account lead, who conducts audits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from audits.models import WRITERS, Audit, TeamRole
from audits.selectors import audit as selectors
from projects import access
from projects.flow import NotPermitted
from projects.permissions import Perm


def may_conduct(user: Any, audit: Audit, held: Iterable[Perm] | None = None) -> bool:
    """The lead and the auditors of its team, where their role in the project conducts audits. One query.

    What a certification body found is kept by whoever conducts audits here: its lead has no account.
    """
    held = access.perms_in(user, audit.project) if held is None else held
    if Perm.CONDUCT_AUDITS not in held:
        return False
    team = selectors.members_of(audit)
    return any(
        (one.person_id == user.pk and one.role in WRITERS) or (one.role == TeamRole.LEAD and one.person_id is None)
        for one in team
    )


def permit_conduct(audit: Audit, by: Any) -> None:
    """Raises NotPermitted unless `by` conducts this audit."""
    if not may_conduct(by, audit):
        raise NotPermitted(_("Only the auditors of %(audit)s write in it.") % {"audit": audit.label})
