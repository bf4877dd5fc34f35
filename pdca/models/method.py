"""The method as published: a catalogue in an edition, its phases, steps, activities and suggested tasks.

Several editions stand side by side and are never mixed: every row belongs to one catalogue. A project copies what it
needs and remembers the edition, so that correcting a catalogue later does not change a running project.
"""

from __future__ import annotations

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import CheckConstraint, F, Q, UniqueConstraint
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class ResponsibleRole(models.TextChoices):
    """Who carries an activity. The same slugs as the roles a project grants."""

    CONSULTANT = "consultant", _("Consultant")
    PROJECT_MANAGER = "project_manager", _("Project manager")
    TOP_MANAGEMENT = "top_management", _("Top management")
    AUDITOR = "auditor", _("Auditor")
    PROCESS_OWNER = "process_owner", _("Process owner")
    RISK_OWNER = "risk_owner", _("Risk owner")
    DOCUMENT_CONTROLLER = "document_controller", _("Document controller")
    HR = "hr", _("Human resources")
    STAFF = "staff", _("Staff")


class Origin(models.TextChoices):
    """Where an item of the method comes from; shown wherever the method is shown."""

    SEED = "seed", _("Seed")
    PUBLIC = "public", _("Public")
    DERIVED = "derived", _("Derived")


class Catalogue(models.Model):
    """One edition of a method. `digest` is the SHA-256 of the file it was loaded from."""

    code = models.CharField(max_length=40)
    edition = models.CharField(max_length=20)
    title = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    loaded_at = models.DateTimeField()

    class Meta:
        ordering = ["code", "edition"]
        constraints = [UniqueConstraint(fields=["code", "edition"], name="pdca_catalogue_once_per_edition")]

    def __str__(self) -> str:
        return f"{self.code} {self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("pdca:method", query={"edition": self.edition})


class Phase(models.Model):
    """Plan, Do, Check or Act."""

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="phases")
    code = models.SlugField(max_length=80, db_index=False)
    number = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    objective = models.TextField()

    class Meta:
        ordering = ["number"]
        constraints = [
            UniqueConstraint(fields=["catalogue", "code"], name="pdca_phase_code_once"),
            UniqueConstraint(fields=["catalogue", "number"], name="pdca_phase_number_once"),
        ]

    def __str__(self) -> str:
        return self.title


class Step(models.Model):
    """A step of the method. `number` is what people say, `code` is what programs hold on to.

    `sequence` is the usual order in time, which need not be the order of the numbers. `source` says, for a step that
    the published paper does not name, why it is here.
    """

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="steps")
    phase = models.ForeignKey(Phase, models.CASCADE, related_name="steps")
    code = models.SlugField(max_length=80, db_index=False)
    number = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    objective = models.TextField()
    origin = models.CharField(max_length=10, choices=Origin)
    sequence = models.PositiveSmallIntegerField()
    hs_clauses = models.JSONField(default=list, blank=True)
    is_iterative = models.BooleanField(default=False)
    deliverables = models.JSONField(default=list, blank=True)
    approval_by = models.CharField(max_length=20, choices=ResponsibleRole, blank=True)
    approval_of = models.CharField(max_length=200, blank=True)
    duration_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1)])
    source = models.TextField(blank=True)
    position = models.PositiveSmallIntegerField()
    depends_on = models.ManyToManyField(
        "self",
        through="StepLink",
        through_fields=("step", "depends_on"),
        symmetrical=False,
        related_name="enables",
        blank=True,
    )

    class Meta:
        ordering = ["phase__number", "position"]
        constraints = [
            UniqueConstraint(fields=["catalogue", "code"], name="pdca_step_code_once"),
            UniqueConstraint(fields=["catalogue", "number"], name="pdca_step_number_once"),
            CheckConstraint(condition=Q(origin__in=Origin.values), name="pdca_step_origin_known"),
            CheckConstraint(condition=Q(duration_days__gte=1), name="pdca_step_takes_a_day"),
            CheckConstraint(
                condition=Q(approval_by="", approval_of="")
                | (Q(approval_by__in=ResponsibleRole.values) & ~Q(approval_of="")),
                name="pdca_step_approval_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("pdca:step", kwargs={"number": self.number})


class StepLink(models.Model):
    """`step` usually begins when `depends_on` is finished; tailoring may say otherwise."""

    step = models.ForeignKey(Step, models.CASCADE, related_name="links")
    depends_on = models.ForeignKey(Step, models.CASCADE, related_name="links_onward")

    class Meta:
        constraints = [
            UniqueConstraint(fields=["step", "depends_on"], name="pdca_step_link_once"),
            CheckConstraint(condition=~Q(step=F("depends_on")), name="pdca_step_link_not_to_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.step_id} after {self.depends_on_id}"


class Activity(models.Model):
    """What is done inside a step, by whom, from what, with what result. Effort in person-days, a planning default."""

    catalogue = models.ForeignKey(Catalogue, models.CASCADE, related_name="activities")
    step = models.ForeignKey(Step, models.CASCADE, related_name="activities")
    code = models.SlugField(max_length=80, db_index=False)
    number = models.CharField(max_length=12)
    title = models.CharField(max_length=200)
    purpose = models.TextField()
    inputs = models.JSONField(default=list, blank=True)
    outputs = models.JSONField(default=list, blank=True)
    responsible = models.CharField(max_length=20, choices=ResponsibleRole)
    hs_clauses = models.JSONField(default=list, blank=True)
    effort_days = models.DecimalField(max_digits=6, decimal_places=2)
    origin = models.CharField(max_length=10, choices=Origin)
    source = models.CharField(max_length=200, blank=True)
    approval_by = models.CharField(max_length=20, choices=ResponsibleRole, blank=True)
    approval_of = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["step__phase__number", "step__position", "position"]
        verbose_name_plural = "activities"
        constraints = [
            UniqueConstraint(fields=["catalogue", "code"], name="pdca_activity_code_once"),
            UniqueConstraint(fields=["catalogue", "number"], name="pdca_activity_number_once"),
            CheckConstraint(condition=Q(origin__in=Origin.values), name="pdca_activity_origin_known"),
            CheckConstraint(
                condition=Q(responsible__in=ResponsibleRole.values), name="pdca_activity_responsible_known"
            ),
            CheckConstraint(condition=Q(effort_days__gt=0), name="pdca_activity_takes_effort"),
            CheckConstraint(
                condition=Q(approval_by="", approval_of="")
                | (Q(approval_by__in=ResponsibleRole.values) & ~Q(approval_of="")),
                name="pdca_activity_approval_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class SuggestedTask(models.Model):
    """A task that organizations usually give themselves for an activity; an offer, not a part of the method."""

    activity = models.ForeignKey(Activity, models.CASCADE, related_name="suggested_tasks")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)

    class Meta:
        ordering = ["activity_id", "position"]
        constraints = [
            UniqueConstraint(fields=["activity", "position"], name="pdca_suggested_task_position_once"),
        ]

    def __str__(self) -> str:
        return self.title
