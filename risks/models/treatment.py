"""What is done about a risk, and who accepts what is left of it. (ISO/IEC 27001:2022, 6.1.3; ISO 31000:2018, 6.5)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.register import Register, TenantRow, history
from risks.flows import TreatmentStatus
from risks.profiles import Discipline


class Option(models.TextChoices):
    """What can be done: the first four about a risk, the last four about an opportunity."""

    MODIFY = "modify", _("Modify: reduce it by controls")
    RETAIN = "retain", _("Retain: live with it, knowingly")
    AVOID = "avoid", _("Avoid: give up what causes it")
    SHARE = "share", _("Share: insurance, contract, partner")
    PURSUE = "pursue", _("Pursue: take the opportunity")
    SHARE_OPPORTUNITY = "share_gain", _("Share: take it with a partner")
    ENHANCE = "enhance", _("Enhance: make it likelier or larger")
    IGNORE = "ignore", _("Ignore: let it pass, knowingly")


FOR_RISKS = (Option.MODIFY, Option.RETAIN, Option.AVOID, Option.SHARE)
FOR_OPPORTUNITIES = (Option.PURSUE, Option.SHARE_OPPORTUNITY, Option.ENHANCE, Option.IGNORE)
WITHOUT_ACTION = (Option.RETAIN, Option.IGNORE)
"""What needs no task: knowingly doing nothing."""


def options_of(discipline: str) -> tuple[Option, ...]:
    return FOR_OPPORTUNITIES if discipline == Discipline.OPPORTUNITY else FOR_RISKS


class Treatment(Register):
    """One decision about one risk: option, actions (tasks of the plan), controls, and what it is expected to leave."""

    PREFIX = "TR"

    risk = models.ForeignKey("risks.Risk", on_delete=models.PROTECT, related_name="treatments", editable=False)
    option = models.CharField(_("option"), max_length=10, choices=Option.choices)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=4_000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("responsible"), null=True, blank=True, on_delete=models.PROTECT,
        related_name="+",
    )  # fmt: skip
    # In the currency the organization reckons in; whole units are enough for a plan.
    cost = models.PositiveBigIntegerField(_("cost"), null=True, blank=True)
    effort_days = models.DecimalField(_("effort in days"), max_digits=6, decimal_places=1, null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True)
    status = models.CharField(
        max_length=12, choices=TreatmentStatus.choices, default=TreatmentStatus.PLANNED, editable=False
    )
    cancelled_because = models.CharField(max_length=500, blank=True, editable=False)
    tasks = models.ManyToManyField("projects.Task", through="TreatmentTask", related_name="treatments")
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history()

    class Meta:
        verbose_name = _("treatment")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="treatment_number"),
            models.CheckConstraint(condition=Q(option__in=Option.values), name="treatment_option_known"),
            models.CheckConstraint(
                condition=Q(status="cancelled") | Q(cancelled_because=""), name="treatment_cancelled_agrees"
            ),
        ]
        indexes = [models.Index(fields=["project", "status", "due_on"], name="treatment_list")]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("risks:treatment-detail", kwargs={**self.project.address, "number": self.label})


class TreatmentTask(models.Model):
    """An action of a treatment: a task of the plan, of one treatment only."""

    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="task_links")
    task = models.OneToOneField("projects.Task", on_delete=models.PROTECT, related_name="treatment_link")

    def __str__(self) -> str:
        return f"{self.treatment_id} {self.task_id}"


class TreatmentControl(models.Model):
    """A control that a treatment relies on: a row of one of the project's statements of applicability."""

    treatment = models.ForeignKey(Treatment, on_delete=models.CASCADE, related_name="control_links")
    entry = models.ForeignKey("risks.SoaEntry", on_delete=models.PROTECT, related_name="treatment_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["treatment", "entry"], name="treatment_control_once")]

    def __str__(self) -> str:
        return f"{self.treatment_id} {self.entry_id}"


class Acceptance(Register):
    """One risk owner accepts what is left of some risks until a day. Its approval (approvals) freezes the rows."""

    PREFIX = "RA"

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("risk owner"), on_delete=models.PROTECT, related_name="+"
    )
    accepted_until = models.DateField(_("valid until"))
    note = models.TextField(_("note"), blank=True, max_length=2_000)
    accepted_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_because = models.CharField(max_length=500, blank=True, editable=False)

    history = history()

    class Meta:
        verbose_name = _("risk acceptance")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="acceptance_number")]

    def __str__(self) -> str:
        return f"{self.label} {self.owner}"

    def get_absolute_url(self) -> str:
        return reverse("risks:acceptance-detail", kwargs={**self.project.address, "number": self.label})


class AcceptedRisk(TenantRow):
    """A risk in an acceptance: whether that acceptance still holds for it, and why not."""

    acceptance = models.ForeignKey(Acceptance, on_delete=models.PROTECT, related_name="rows")
    risk = models.ForeignKey("risks.Risk", on_delete=models.PROTECT, related_name="acceptances")
    is_holding = models.BooleanField(default=False)
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["risk__number"]
        constraints = [
            models.UniqueConstraint(fields=["acceptance", "risk"], name="accepted_risk_once"),
            models.UniqueConstraint(fields=["risk"], condition=Q(is_holding=True), name="accepted_risk_one_holds"),
        ]

    def __str__(self) -> str:
        return f"{self.acceptance_id} {self.risk_id}"
