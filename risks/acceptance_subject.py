"""Residual risks as something that their owner, and above the threshold top management, decides on (approvals/subjects.py)."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from approvals.services.request import MOST_APPROVERS, Planned
from approvals.subjects import Obstacle, Subject
from core import dates
from core.rules import RuleBroken
from projects.permissions import Perm

from .models import Acceptance, AcceptanceState, Risk
from .selectors import acceptance as selectors
from .selectors import criteria
from .selectors import risk as risks
from .services import acceptance as services

NOBODY = gettext_lazy("Nobody else in this project decides for top management, and a risk needs them.")


def planned(record: Acceptance, by: Any) -> list[Planned]:
    """The risk owner first; then one of top management, where a row needs them. Nobody signs twice."""
    steps = [Planned([record.owner], label=_("Risk owner"))]
    if any(row.needs_top_management for row in selectors.rows_of(record)):
        others = _top_management(record, {by.pk})
        if not others and not _is_top(record):
            raise RuleBroken(NOBODY)
        if others:
            steps.append(Planned(others[: MOST_APPROVERS - 1], needed=1, label=_("Top management")))
    return steps


def _top_management(record: Acceptance, also: set[int] = frozenset()) -> list[Any]:
    """Who decides in the second step: not the owner, nobody who drew it up."""
    barred = selectors.authors(record) | {record.owner_id} | also
    return [one for one in selectors.top_management(record.project) if one.pk not in barred]


def decided_in(record: Acceptance, position: int) -> Perm:
    return Perm.ACCEPT_RISKS if position == 1 else Perm.DECIDE


def obstacles(record: Acceptance) -> list[Obstacle]:
    """What stands in the way, each with the risk it is about."""
    here = record.get_absolute_url()
    if record.accepted_at is not None or record.ended_at is not None:
        return [Obstacle(_("%(label)s was decided on already: draw up a new one.") % {"label": record.label}, here)]
    rows = selectors.rows_of(record)
    edit = reverse("risks:acceptance-edit", kwargs={**record.project.address, "number": record.label})
    found = []
    if not rows:
        found.append(Obstacle(_("It names no risk."), edit))
    if record.accepted_until <= dates.today(record.project.organization.time_zone):
        found.append(Obstacle(_("The day it is valid until has passed."), edit))
    if record.owner_id in selectors.authors(record):
        found.append(Obstacle(_("%(owner)s drew it up, so somebody else has to.") % {"owner": record.owner}, here))
    if not selectors.accepts(record):
        text = _("%(owner)s holds no role that accepts risks here.") % {"owner": record.owner}
        found.append(Obstacle(text, reverse("projects:team", kwargs=record.project.address)))
    is_asked = selectors.open_request(record) is not None
    for row in rows:
        if says := _against(row, record, is_asked):
            found.append(Obstacle(says, row.risk.get_absolute_url()))
    if any(row.needs_top_management for row in rows) and not _top_management(record) and not _is_top(record):
        found.append(Obstacle(str(NOBODY), reverse("projects:team", kwargs=record.project.address)))
    return found


def _is_top(record: Acceptance) -> bool:
    """Whether the risk owner decides for top management too: then one signature says both."""
    return record.owner_id in {one.pk for one in selectors.top_management(record.project)}


def _against(row: selectors.Row, record: Acceptance, is_asked: bool) -> str:
    """Why this risk cannot be put to a decision; "" when it can."""
    risk: Risk = row.risk
    if not risk.is_open:
        return _("%(risk)s is closed: take it out.") % {"risk": risk.label}
    if risk.owner_id != record.owner_id:
        return _("%(risk)s belongs to %(owner)s now: take it out.") % {"risk": risk.label, "owner": risk.owner or "–"}
    if row.rating is None:
        return _("%(risk)s has no rating.") % {"risk": risk.label}
    if row.is_for_nobody:
        return _("%(risk)s is “%(level)s”: nobody may accept that, it has to be treated first.") % {
            "risk": risk.label, "level": row.level_name,
        }  # fmt: skip
    if risk.acceptance_state == AcceptanceState.ASKED and not is_asked:
        return _("%(risk)s is being decided on in another request.") % {"risk": risk.label}
    return ""


def notes(record: Acceptance) -> list[str]:
    """What a person should know who asks for the decision."""
    rows, edition = selectors.rows_of(record), criteria.in_force(record.project)
    found = []
    above = [row.risk.label for row in rows if row.is_above]
    if above:
        found.append(
            ngettext(
                "%(risks)s lies above the threshold of acceptance: top management signs too.",
                "%(risks)s lie above the threshold of acceptance: top management signs too.", len(above),
            )
            % {"risks": ", ".join(above)}
        )  # fmt: skip
    untreated = [row.risk.label for row in rows if row.is_above and not row.measures]
    if untreated:
        found.append(_("No treatment is decided for %(risks)s.") % {"risks": ", ".join(untreated)})
    old = [row.risk.label for row in rows if risks.why_to_look_at(row.risk, edition)]
    if old:
        found.append(_("Something changed since these were rated: %(risks)s.") % {"risks": ", ".join(old)})
    return found


ACCEPTANCE = Subject(
    services.KIND,
    gettext_lazy("Risk acceptance"),
    load=selectors.load,
    title=selectors.title,
    snapshot=selectors.snapshot,
    document=selectors.paper,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda record: record.get_absolute_url(),
    request_perm=Perm.MANAGE_RISKS,
    opened_by=Perm.VIEW_RISKS,
    approver_perm=Perm.ACCEPT_RISKS,
    decided_in=decided_in,
    planned=planned,
    obstacles=obstacles,
    notes=notes,
    asked=services.asked,
    approved=services.approved,
    ended=services.ended,
    labels=selectors.LABELS,
)
