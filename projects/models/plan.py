"""The plan: the method's phases, steps and activities as this project works them.

A plan row keeps a link to the catalogue row it came from and its own copy of the words, so that tailoring changes the
plan and never the method, and a newer edition of the method changes no running project.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.permissions import Role

from .register import Counted, TenantRow, history


class PlanPhase(TenantRow):
    source = models.ForeignKey("pdca.Phase", null=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=30)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(_("title"), max_length=120)
    objective = models.TextField(_("objective"), blank=True)

    class Meta:
        ordering = ["project", "number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="plan_phase_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class PlanStep(Counted, TenantRow):
    phase = models.ForeignKey(PlanPhase, on_delete=models.PROTECT, related_name="steps")
    source = models.ForeignKey("pdca.Step", null=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=80, blank=True)
    number = models.CharField(_("number"), max_length=12)
    position = models.PositiveIntegerField(_("place in the plan"))
    # Where lists show it inside its phase. 0 for all until somebody puts a step elsewhere: then numbers order them.
    place = models.PositiveIntegerField(default=0, editable=False)
    title = models.CharField(_("title"), max_length=200)
    objective = models.TextField(_("objective"), blank=True)
    deliverables = models.JSONField(_("deliverables"), default=list, blank=True)
    hs_clauses = models.JSONField(default=list, blank=True)
    approval_by = models.CharField(max_length=30, blank=True)
    approval_of = models.CharField(max_length=300, blank=True)
    is_iterative = models.BooleanField(_("worked in rounds"), default=False)
    is_applicable = models.BooleanField(_("applicable"), default=True)
    justification = models.TextField(_("justification"), blank=True)
    merged_into = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="merged_steps",
        verbose_name=_("merged into"),
    )
    duration_days = models.PositiveSmallIntegerField(_("working days"), default=5)
    starts_on = models.DateField(_("planned start"))
    ends_on = models.DateField(_("planned end"))
    activity_count = models.PositiveIntegerField(default=0, editable=False)
    activity_done_count = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = history((*Counted.COUNTERS, "activity_count", "activity_done_count"))

    class Meta:
        ordering = ["project", "position"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="plan_step_number"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="plan_step_dates"),
            models.CheckConstraint(
                condition=models.Q(is_applicable=True) | ~models.Q(justification=""),
                name="plan_step_exclusion_justified",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("projects:step-detail", kwargs={**self.project.address, "number": self.number})

    @property
    def is_merged(self) -> bool:
        """Worked together with another step; it keeps its number, its deliverables and its approval."""
        return self.merged_into_id is not None


class StepDependency(TenantRow):
    """A step starts when another is finished (`lag_days` working days later)."""

    step = models.ForeignKey(PlanStep, on_delete=models.CASCADE, related_name="predecessor_links")
    predecessor = models.ForeignKey(PlanStep, on_delete=models.CASCADE, related_name="successor_links")
    lag_days = models.SmallIntegerField(_("lag in working days"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["step", "predecessor"], name="step_dependency_once"),
            models.CheckConstraint(
                condition=~models.Q(step=models.F("predecessor")), name="step_dependency_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} after {self.predecessor_id}"


class StepRound(TenantRow):
    """One pass through an iterative step: its trigger, dates, activities, outputs and approval, and its own "done"."""

    step = models.ForeignKey(PlanStep, on_delete=models.CASCADE, related_name="rounds")
    number = models.PositiveSmallIntegerField(default=1)
    trigger = models.CharField(_("why again"), max_length=300, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    outputs = models.JSONField(_("outputs"), default=list, blank=True)
    approval_by = models.CharField(max_length=30, blank=True)
    approval_of = models.CharField(max_length=300, blank=True)
    approved_as = models.CharField(_("approved by"), max_length=200, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ["step", "number"]
        constraints = [
            models.UniqueConstraint(fields=["step", "number"], name="step_round_number"),
            models.UniqueConstraint(
                fields=["step"], condition=models.Q(closed_at__isnull=True), name="step_round_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} round {self.number}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None


class ActivityStatus(models.TextChoices):
    PLANNED = "planned", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Done")
    EXCLUDED = "excluded", _("Excluded")


class PlanActivity(Counted, TenantRow):
    step = models.ForeignKey(PlanStep, on_delete=models.PROTECT, related_name="activities")
    round = models.ForeignKey(StepRound, null=True, blank=True, on_delete=models.PROTECT, related_name="activities")
    source = models.ForeignKey("pdca.Activity", null=True, on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=80, blank=True)
    number = models.CharField(_("number"), max_length=16)
    position = models.PositiveIntegerField(_("place in the step"))
    title = models.CharField(_("title"), max_length=200)
    purpose = models.TextField(_("purpose"), blank=True)
    inputs = models.JSONField(_("inputs"), default=list, blank=True)
    outputs = models.JSONField(_("outputs"), default=list, blank=True)
    responsible = models.CharField(_("responsible role"), max_length=30, choices=Role.choices)
    hs_clauses = models.JSONField(default=list, blank=True)
    approval_by = models.CharField(max_length=30, blank=True)
    approval_of = models.CharField(max_length=300, blank=True)
    effort_days = models.DecimalField(_("effort in person-days"), max_digits=6, decimal_places=2)
    duration_days = models.PositiveSmallIntegerField(_("working days"), default=1)
    starts_on = models.DateField(_("planned start"))
    ends_on = models.DateField(_("planned end"))
    # Dates that somebody set stand even against the links; the schedule then says what they contradict.
    dates_are_manual = models.BooleanField(_("dates are set by hand"), default=False)
    not_before_on = models.DateField(_("not before"), null=True, blank=True)
    finish_by_on = models.DateField(_("to be finished by"), null=True, blank=True)
    fixed_on = models.DateField(_("fixed to begin on"), null=True, blank=True)
    remaining_days = models.PositiveSmallIntegerField(_("working days left"), null=True, blank=True)
    started_on = models.DateField(_("started on"), null=True, blank=True)
    finished_on = models.DateField(_("finished on"), null=True, blank=True)
    status = models.CharField(
        _("status"), max_length=12, choices=ActivityStatus.choices, default=ActivityStatus.PLANNED
    )
    justification = models.TextField(_("justification"), blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    history = history(Counted.COUNTERS)

    class Meta:
        ordering = ["project", "step__position", "position"]
        verbose_name = _("activity")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="plan_activity_number"),
            models.CheckConstraint(condition=models.Q(ends_on__gte=models.F("starts_on")), name="plan_activity_dates"),
            models.CheckConstraint(
                condition=~models.Q(status="excluded") | ~models.Q(justification=""),
                name="plan_activity_exclusion_justified",
            ),
        ]
        indexes = [
            models.Index(fields=["step", "position"], name="plan_activity_order"),
            # Holds all that the planned share needs, so that a portfolio adds it up without reading the plans.
            models.Index(fields=["project", "ends_on", "starts_on", "effort_minutes"], name="plan_activity_curve"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("projects:activity-detail", kwargs={**self.project.address, "number": self.number})

    @property
    def is_applicable(self) -> bool:
        return self.status != ActivityStatus.EXCLUDED

    @property
    def is_ready_to_complete(self) -> bool:
        """All of its tasks are closed, and nobody has said yet that the activity is done."""
        return self.status in (ActivityStatus.PLANNED, ActivityStatus.IN_PROGRESS) and (
            self.task_count > 0 and self.task_open_count == 0
        )
