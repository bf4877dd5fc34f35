"""How the gates of the plan were decided: one row for each decision, written once; and where deliverables are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .plan import PlanPhase, PlanStep, StepRound
from .register import TenantRow


class GateMove(models.TextChoices):
    CLOSE = "close", _("Closed")
    REOPEN = "reopen", _("Opened again")
    LET_THROUGH = "let_through", _("Let through without the decision")
    HOLD = "hold", _("Held back again")


class GateDecision(TenantRow):
    """One decision about one gate: of a step (in a round, where it is worked in rounds) or of a phase.

    `criteria` are the exit criteria as they stood: [{"label", "is_met", "reason"}]. A gate that was closed although some
    were not met, or what was let through before its decision, is an override and has a reason. `hold` names the decision
    of the method that was not waited for (projects.gates.Hold).
    """

    step = models.ForeignKey(PlanStep, null=True, on_delete=models.PROTECT, related_name="gate_decisions")
    round = models.ForeignKey(StepRound, null=True, on_delete=models.PROTECT, related_name="gate_decisions")
    phase = models.ForeignKey(PlanPhase, null=True, on_delete=models.PROTECT, related_name="gate_decisions")
    move = models.CharField(_("decision"), max_length=12, choices=GateMove.choices)
    hold = models.CharField(_("decision not waited for"), max_length=40, blank=True)
    item = models.CharField(_("gate"), max_length=250)
    criteria = models.JSONField(_("criteria as they stood"), default=list)
    is_override = models.BooleanField(_("without all criteria"), default=False)
    reason = models.TextField(_("reason"), blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_by_name = models.CharField(_("decided by"), max_length=120)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        ordering = ["project", "pk"]
        verbose_name = _("gate decision")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(step__isnull=False, phase__isnull=True)
                | models.Q(step__isnull=True, phase__isnull=False, round__isnull=True),
                name="gate_of_step_or_phase",
            ),
            models.CheckConstraint(
                condition=models.Q(is_override=False) | ~models.Q(reason=""), name="gate_override_justified"
            ),
        ]

    def __str__(self) -> str:
        return self.item

    @property
    def unmet(self) -> list[str]:
        """The criteria that did not hold when it was decided."""
        return [str(one["label"]) for one in self.criteria if not one["is_met"]]


class DeliverablePlace(TenantRow):
    """Where a deliverable of a step can be found: a number of a record, a link, or words."""

    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="deliverable_places")
    round = models.ForeignKey(StepRound, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(_("deliverable"), max_length=300)
    place = models.CharField(_("where it is"), max_length=500)
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    said_by_name = models.CharField(max_length=120)
    said_at = models.DateTimeField()

    class Meta:
        ordering = ["step", "name"]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "name"], condition=models.Q(round__isnull=True), name="deliverable_once"
            ),
            models.UniqueConstraint(
                fields=["step", "round", "name"],
                condition=models.Q(round__isnull=False),
                name="deliverable_once_a_round",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def link(self) -> str:
        """The place as an address, where it is one of the web or of this installation; otherwise nothing."""
        is_address = self.place.startswith(("https://", "http://")) or (
            self.place.startswith("/") and not self.place.startswith("//")
        )
        return self.place if is_address and " " not in self.place else ""
