"""The life of a risk, from the first thought to its end. (ISO 31000:2018, 6.4 and 6.5; ISO/IEC 27001:2022, 6.1.2 and 6.1.3)

    draft → identified → assessed → in treatment → accepted → closed
                             |_________________________↑
                              retained as it is

A first rating of an identified risk brings it to assessed, a treatment to "in treatment", the signature of an acceptance to
accepted: services make these moves (BY_ITSELF). The others are buttons.
"""

from __future__ import annotations

from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.flows import Flow, move
from projects.permissions import Perm


class RiskStatus(TextChoices):
    DRAFT = "draft", gettext_lazy("Draft")
    IDENTIFIED = "identified", gettext_lazy("Identified")
    ASSESSED = "assessed", gettext_lazy("Assessed")
    TREATING = "treating", gettext_lazy("In treatment")
    ACCEPTED = "accepted", gettext_lazy("Accepted")
    CLOSED = "closed", gettext_lazy("Closed")


OPEN = tuple(status for status in RiskStatus if status != RiskStatus.CLOSED)
BY_ITSELF = {
    RiskStatus.DRAFT: {RiskStatus.IDENTIFIED, RiskStatus.ASSESSED},
    RiskStatus.IDENTIFIED: {RiskStatus.ASSESSED},
    RiskStatus.ASSESSED: {RiskStatus.TREATING, RiskStatus.ACCEPTED},
    RiskStatus.TREATING: {RiskStatus.ACCEPTED, RiskStatus.ASSESSED},
    RiskStatus.ACCEPTED: {RiskStatus.TREATING, RiskStatus.ASSESSED},
    RiskStatus.CLOSED: set(),
}
"""What may follow from a rating, a treatment or an acceptance, without a button."""


def has_an_owner(risk: Any, by: Any) -> str | None:
    if risk.owner_id:
        return None
    return _("%(risk)s needs an owner before it leaves draft.") % {"risk": risk.label}


def is_rated(risk: Any, by: Any) -> str | None:
    if risk.current_level is not None:
        return None
    return _("%(risk)s has no current rating yet: rate it first.") % {"risk": risk.label}


RISK = Flow(
    move("identify", {RiskStatus.DRAFT}, RiskStatus.IDENTIFIED, needs=Perm.WRITE_OWN_RISKS,
         label=gettext_lazy("Take into the register"), guard=has_an_owner, icon="check", is_main=True,
         clause="ISO 31000:2018, 6.4.2"),
    move("assess", {RiskStatus.IDENTIFIED}, RiskStatus.ASSESSED, needs=Perm.WRITE_OWN_RISKS,
         label=gettext_lazy("Assessment is complete"), guard=is_rated, icon="check", is_main=True,
         clause="ISO 31000:2018, 6.4.4"),
    move("close", {RiskStatus.DRAFT, RiskStatus.IDENTIFIED, RiskStatus.ASSESSED, RiskStatus.TREATING, RiskStatus.ACCEPTED},
         RiskStatus.CLOSED, needs=Perm.WRITE_OWN_RISKS, label=gettext_lazy("Close"), asks_reason=True, icon="archive"),
    move("reopen", {RiskStatus.CLOSED}, RiskStatus.DRAFT, needs=Perm.WRITE_OWN_RISKS, label=gettext_lazy("Reopen"),
         asks_reason=True, icon="refresh"),
)  # fmt: skip


class TreatmentStatus(TextChoices):
    """Follows the tasks of the treatment; only cancelling is said by a person."""

    PLANNED = "planned", gettext_lazy("Planned")
    IN_PROGRESS = "in_progress", gettext_lazy("In progress")
    DONE = "done", gettext_lazy("Done")
    CANCELLED = "cancelled", gettext_lazy("Cancelled")


def treatment_status(statuses: list[str]) -> TreatmentStatus:
    """Where a treatment stands by the states of its tasks; cancelled tasks do not count. Pure."""
    counted = [status for status in statuses if status != "cancelled"]
    if not counted:
        return TreatmentStatus.PLANNED
    if all(status == "done" for status in counted):
        return TreatmentStatus.DONE
    return TreatmentStatus.PLANNED if all(status == "open" for status in counted) else TreatmentStatus.IN_PROGRESS
