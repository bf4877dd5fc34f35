"""What the mandate hangs into the plan: a panel in its own step, and the gate it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from approvals import gating
from approvals.selectors import approval as approvals
from projects.addresses import address
from projects.gates import Criterion
from projects.permissions import Perm

from .selectors import mandate as selectors

STEP = "leadership-and-approval"
OPENS = ("organizational-structure", "document-management", "communication")
"""The steps the Do phase begins with: none of them waits for another step of that phase."""

_is_approved = gating.approved(
    "mandate", of_project=selectors.of_project, label=_("The project mandate is approved")
)  # fmt: skip


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
        standing = approvals.standing_of("mandate", mandate)
        may_ask = may_edit and standing.asked is None and not standing.is_approved
        context |= {
            "standing": standing,
            "ask_url": reverse(
                "approvals:approval-ask", kwargs={**project.address, "kind": "mandate", "pk": mandate.pk}
            )
            if may_ask
            else "",
        }
    return context
