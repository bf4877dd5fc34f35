"""What the criteria hang into step 1.7: a panel, and the criterion that they are approved."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from approvals import gating
from approvals.selectors import approval as approvals
from projects.addresses import address
from projects.permissions import Perm

from .selectors import criteria as selectors

STEP = "risk-assessment"

gate = gating.approved("risk_criteria", of_project=selectors.of_project, label=_("The risk criteria are approved"))


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The context of the panel in the workspace of step 1.7."""
    project = step.project
    record = selectors.of_project(project)
    context: dict[str, Any] = {
        "record": record,
        "home": address("risks:criteria", **project.address),
        "may_edit": Perm.MANAGE_RISKS in perms,
    }
    if record is not None:
        context |= {"standing": approvals.standing_of("risk_criteria", record), "criteria": record.criteria}
    return context
