"""How a record stands towards its approvals, as its own page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from approvals import subjects
from approvals.models import Approval
from projects.addresses import address

from . import approval as selectors
from . import inbox


@dataclass(frozen=True)
class Panel:
    """What the panel says and where its buttons lead; an empty address is a button that this person does not get."""

    standing: selectors.Standing
    approval: Approval | None
    approval_url: str
    ask_url: str
    certificate_url: str
    may_decide: bool
    waiting: str


def of(kind: str, record: Any, request: HttpRequest) -> Panel:
    """The panel of one record for who asks for the page."""
    standing = selectors.standing_of(kind, record)
    shown = standing.asked or standing.ahead or standing.in_force or standing.last
    slugs = {"org": request.organization.slug, "project": request.project.slug}
    may_ask = subjects.of(kind).request_perm in request.perms_here and standing.asked is None
    may_ask = may_ask and standing.ahead is None and subjects.of(kind).may_ask(record, request.user)
    if standing.in_force is not None and not standing.is_stale and not standing.reservations:
        may_ask = False  # what is in force says what the record says, and nobody had a reservation: nothing to decide
    return Panel(
        standing=standing,
        approval=shown,
        approval_url=address("approvals:approval-detail", **slugs, number=shown.label) if shown else "",
        ask_url=reverse("approvals:approval-ask", kwargs={**slugs, "kind": kind, "pk": record.pk}) if may_ask else "",
        certificate_url=(
            address("approvals:approval-certificate", **slugs, number=(standing.ahead or standing.in_force).label)
            if standing.ahead or standing.in_force
            else ""
        ),
        may_decide=standing.asked is not None
        and inbox.awaiting(request.user).filter(step__approval=standing.asked).exists(),
        waiting=inbox.in_words(standing.waiting),
    )
