"""What the mandate and the scope hang into the plan: a panel in their own step, and the gate each is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals import gating
from approvals.selectors import approval as approvals
from projects.addresses import address
from projects.gates import Criterion, Hold
from projects.permissions import Perm

from .selectors import mandate as selectors
from .selectors import scope as scopes

STEP = "leadership-and-approval"
SCOPE_STEP = "scope"
OPENS = ("organizational-structure", "document-management", "communication")
"""The steps the Do phase begins with: none of them waits for another step of that phase."""

_is_approved = gating.approved(
    "mandate", of_project=selectors.of_project, label=_("The project mandate is approved")
)  # fmt: skip
_scope_is_approved = gating.approved("scope", of_project=scopes.of_project, label=_("The scope is approved"))


MANDATE = Hold(
    "mandate", step=STEP, label=_("the project mandate"), is_taken=gating.in_force("mandate"),
    url=lambda project: address("context:mandate", **project.address), clause="IMS2 step 1.4",
)  # fmt: skip
"""What follows the release of the project waits for it."""


def gate(step: Any) -> Iterable[Criterion]:
    """Top management has released the project as the mandate stands now; always with a link to it."""
    for criterion in _is_approved(step):
        yield criterion if criterion.url else replace(
            criterion, url=address("context:mandate", **step.project.address)
        )  # fmt: skip


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The context of the panel in the workspace of step 1.4."""
    project = step.project
    mandate = selectors.of_project(project)
    may_edit = Perm.MANAGE_PROJECT in perms
    context = {
        "mandate": mandate,
        "home": address("context:mandate", **project.address),
        "edit_url": address("context:mandate-edit", **project.address) if may_edit else "",
    }
    if mandate is not None:
        context |= _standing("mandate", mandate, may_edit)
    return context


def _standing(kind: str, record: Any, may_edit: bool) -> dict[str, Any]:
    """How a record stands, and where this person asks for its approval ("": not now, or not this person)."""
    standing = approvals.standing_of(kind, record)
    may_ask = may_edit and standing.asked is None and not standing.is_approved
    address_of = {**record.project.address, "kind": kind, "pk": record.pk}
    return {"standing": standing, "ask_url": reverse("approvals:approval-ask", kwargs=address_of) if may_ask else ""}


def scope_gate(step: Any) -> Iterable[Criterion]:
    """Top management has approved the scope as it stands now; always with a link to it."""
    for criterion in _scope_is_approved(step):
        yield criterion if criterion.url else replace(criterion, url=address("context:scope", **step.project.address))


def scope_of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The context of the panel in the workspace of step 1.5."""
    project = step.project
    scope = scopes.of_project(project)
    may_edit = Perm.MANAGE_PROJECT in perms
    context: dict[str, Any] = {
        "scope": scope,
        "home": address("context:scope", **project.address),
        "items_url": address("context:scope-items", **project.address) if may_edit else "",
    }
    if scope is not None:
        context |= {"paper": scopes.paper_of(scope), **_standing("scope", scope, may_edit)}
    return context
