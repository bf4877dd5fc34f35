"""The Statement of Applicability on paper: the working copy, or an edition as it was signed, with its approval page."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from approvals.models import Approval, Signature
from approvals.selectors import approval as approvals
from core.rules import RuleBroken
from reports.kinds import Asked
from risks import applicability
from risks.applicability import Statement
from risks.models import Soa
from risks.selectors import soa as selectors
from risks.selectors import soa_page as pages

from .lines import said_day


class Line(NamedTuple):
    """A row in print: its cells, and the standing that colours its status."""

    cells: dict[str, str | dt.date | None]
    state: str


def select(asked: Asked) -> dict[str, Any]:
    """What the report shows. Raises RuleBroken where there is no statement, or no such edition."""
    soa = _wanted(asked)
    number = asked.parameters.get("edition")
    if number:
        kept = selectors.edition(soa, int(number))
        if kept is None:
            raise RuleBroken(_("%(name)s has no edition %(n)s.") % {"name": soa.name, "n": number})
        return _content(soa, kept.statement, kept.approval, is_draft=False, stands=_approved(kept.approval))
    statement = soa.statement = selectors.computed(soa)
    standing = approvals.standing_of(selectors.KIND, soa)
    approval = standing.in_force if standing.is_approved else None
    content = _content(soa, statement, approval, is_draft=approval is None, stands=_stands(standing))
    content["picture"] = pages.drawings(statement.totals, selectors.over_time(soa, asked.today))
    return content


def _wanted(asked: Asked) -> Soa:
    soas = selectors.of(asked.project)
    slug = asked.parameters.get("soa")
    found = next((soa for soa in soas if soa.slug == slug), soas[0] if soas and not slug else None)
    if found is None:
        raise RuleBroken(_("There is no Statement of Applicability to print yet: begin one in step 1.8."))
    return found


def _content(
    soa: Soa, statement: Statement, approval: Approval | None, *, is_draft: bool, stands: str
) -> dict[str, Any]:
    period = _("Draft") if is_draft else _("Edition %(n)s") % {"n": approval.edition}
    return {
        "soa": soa,
        "statement": statement,
        "totals": statement.totals,
        "labels": applicability.LABELS,
        "themes": [
            (theme, [Line(applicability.cells(row), _state(row)) for row in rows]) for theme, rows in statement.themes
        ],
        "findings": applicability.grouped(statement.findings) if is_draft else [],
        "picture": pages.drawings(statement.totals),
        "approval": approval,
        "signatures": _signatures(approval),
        "is_draft": is_draft,
        "stands": stands,
        "period": f"{statement.name} · {period}",
        "cover_facts": [(_("Control set"), statement.name), (_("Standing"), stands)],
    }


def _state(row: applicability.Row) -> str:
    if row.applicable is None:
        return "risk"
    return pages.STATUS[row.status][0]


def _signatures(approval: Approval | None) -> list[Signature]:
    return list(approval.signatures.order_by("signed_at", "pk")) if approval is not None else []


def _approved(approval: Approval) -> str:
    said = {"n": approval.edition, "on": said_day(approval.ended_at.date())}
    if approval.is_in_force:
        return _("Edition %(n)s, approved on %(on)s, in force.") % said
    return _("Edition %(n)s, approved on %(on)s, replaced since.") % said


def _stands(standing: Any) -> str:
    """How the working copy stands towards its approval, in a sentence."""
    edition = standing.in_force
    if edition is None and standing.asked is not None:
        return _("Draft; a decision on it is awaited (%(label)s).") % {"label": standing.asked.label}
    if edition is None:
        return _("Draft; not approved yet.")
    if standing.is_approved:
        return _approved(edition)
    return ngettext(
        "Draft; differs in %(rows)s row from edition %(n)s, approved on %(on)s.",
        "Draft; differs in %(rows)s rows from edition %(n)s, approved on %(on)s.",
        standing.differs,
    ) % {"n": edition.edition, "on": said_day(edition.ended_at.date()), "rows": standing.differs}
