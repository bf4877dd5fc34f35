"""The scope statement as it stands today: a draft unless it is word for word the approved edition."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.selectors import approval as approvals
from context.selectors import scope as scopes
from core.rules import RuleBroken
from reports.kinds import Asked

from .lines import said_day


def select(asked: Asked) -> dict[str, Any]:
    """What the report shows. Raises RuleBroken where nobody has begun the scope."""
    scope = scopes.of_project(asked.project)
    if scope is None:
        raise RuleBroken(_("There is no scope to print yet: name its first items in step 1.5."))
    standing = approvals.standing_of("scope", scope)
    return {
        "paper": scopes.paper_of(scope),
        "standing": standing,
        "is_draft": not standing.is_approved,
        "stands": _stands(standing),
        "period": _("Draft") if not standing.is_approved else _("Edition %(n)s") % {"n": standing.in_force.edition},
        "cover_facts": [(_("Standing"), _stands(standing))],
    }


def _stands(standing: Any) -> str:
    """How the text stands towards its approval, in a sentence."""
    edition = standing.in_force
    if edition is None and standing.asked is not None:
        return _("Draft; a decision on it is awaited (%(label)s).") % {"label": standing.asked.label}
    if edition is None:
        return _("Draft; not approved yet.")
    said = {"n": edition.edition, "on": said_day(edition.ended_at.date())}
    if standing.is_approved:
        return (
            _("Edition %(n)s, approved on %(on)s. The signed document with its signatures is the certificate.") % said
        )
    return ngettext(
        "Draft; differs in %(places)s place from edition %(n)s, approved on %(on)s.",
        "Draft; differs in %(places)s places from edition %(n)s, approved on %(on)s.",
        standing.differs,
    ) % {**said, "places": standing.differs}
