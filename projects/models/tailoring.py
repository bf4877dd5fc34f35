"""How the plan was made to fit: one row for each decision, written once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .plan import PlanActivity, PlanStep
from .register import TenantRow


class TailoringKind(models.TextChoices):
    EXCLUDE = "exclude", _("Excluded")
    INCLUDE = "include", _("Included again")
    MERGE = "merge", _("Merged")
    SPLIT = "split", _("Split again")
    PLACE = "place", _("Put elsewhere")
    CHANGE = "change", _("Changed")
    ADD = "add", _("Added")
    ROUND = "round", _("New round")
    ADOPT = "adopt", _("Newer edition")
    REVERT = "revert", _("Back to the method")


class TailoringDecision(TenantRow):
    """One decision about one step or activity: what was, what is, why, who, when, and what it was known to bring about.

    `before` and `after` hold the values it changed, items by the numbers people say: `services.tailor` puts `before`
    back to undo it. An undone decision stays; the one that undoes it names it.
    """

    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("what"), max_length=12, choices=TailoringKind.choices)
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="tailoring")
    activity = models.ForeignKey(
        PlanActivity, null=True, blank=True, on_delete=models.PROTECT, related_name="tailoring"
    )
    item = models.CharField(_("step or activity"), max_length=250)
    before = models.JSONField(_("before"), default=dict)
    after = models.JSONField(_("after"), default=dict)
    justification = models.TextField(_("justification"), blank=True)
    # What was known when it was decided: dependencies it contradicts, approvals it skips and why that may be.
    violated = models.JSONField(default=list)
    skipped = models.JSONField(default=list)
    skipped_because = models.TextField(_("why without the approval"), blank=True)
    moved_activities = models.PositiveIntegerField(default=0)
    moved_tasks = models.PositiveIntegerField(default=0)
    days_later = models.IntegerField(_("working days later"), default=0)
    undoes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by", verbose_name=_("undoes")
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    decided_by_name = models.CharField(_("decided by"), max_length=120)
    decided_at = models.DateTimeField(_("decided at"))

    class Meta:
        ordering = ["project", "number"]
        verbose_name = _("tailoring decision")
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="tailoring_number")]
        indexes = [models.Index(fields=["project", "kind", "number"], name="tailoring_kind")]

    def __str__(self) -> str:
        return f"{self.label} {self.item}"

    @property
    def label(self) -> str:
        """As people say it and the record prints it."""
        return f"TD-{self.number:03d}"

    @property
    def days_gained(self) -> int:
        """Working days by which the plan ends earlier."""
        return max(-self.days_later, 0)
