"""What the schedule needs besides the plan itself: who waits for whom, who is away when, and dates that were promised.

Activities of a step follow one another by links that are laid out with the plan; steps follow one another by
StepDependency, tasks by TaskDependency. A baseline is the plan as it stood on a day and never changes.
"""

from __future__ import annotations

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .plan import PlanActivity, PlanStep
from .register import Numbered, TenantRow
from .task import LinkKind


class ActivityLink(TenantRow):
    """An activity waits for another one: how, and how many working days longer (or less long)."""

    activity = models.ForeignKey(PlanActivity, on_delete=models.CASCADE, related_name="predecessor_links")
    predecessor = models.ForeignKey(PlanActivity, on_delete=models.CASCADE, related_name="successor_links")
    kind = models.CharField(_("how it waits"), max_length=2, choices=LinkKind.choices, default=LinkKind.FINISH_START)
    lag_days = models.SmallIntegerField(_("lag in working days"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["activity", "predecessor"], name="activity_link_once"),
            models.CheckConstraint(
                condition=~models.Q(activity=models.F("predecessor")), name="activity_link_not_itself"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.activity_id} after {self.predecessor_id}"


class Closure(models.Model):
    """Days on which an organization does not work: company holidays, moves, stocktaking."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="closures")
    name = models.CharField(_("what for"), max_length=120)
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ["first_on", "pk"]
        verbose_name = _("closure")
        constraints = [
            models.CheckConstraint(condition=models.Q(last_on__gte=models.F("first_on")), name="closure_dates")
        ]

    def __str__(self) -> str:
        return self.name


class Absence(models.Model):
    """Days on which a person does not work for an organization. Why is nobody's business and is not kept."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="absences")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="absences"
    )
    first_on = models.DateField(_("first day"))
    last_on = models.DateField(_("last day"))
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ["first_on", "pk"]
        verbose_name = _("absence")
        indexes = [models.Index(fields=["organization", "person", "first_on"], name="absence_of_person")]
        constraints = [
            models.CheckConstraint(condition=models.Q(last_on__gte=models.F("first_on")), name="absence_dates")
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.first_on} – {self.last_on}"


class Capacity(TenantRow):
    """The hours a week that a person has for a project; without a row it is every working day with eight hours."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.CASCADE, related_name="+"
    )
    hours_per_week = models.DecimalField(
        _("hours a week"), max_digits=4, decimal_places=1, validators=[MinValueValidator(0), MaxValueValidator(80)]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "person"], name="capacity_once"),
            models.CheckConstraint(condition=models.Q(hours_per_week__gte=0), name="capacity_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.hours_per_week}"


class Baseline(TenantRow):
    """The plan as it stood on a day, by its name. The approved one is the yardstick of the reports."""

    number = models.PositiveIntegerField(_("number"), editable=False)
    name = models.CharField(_("name"), max_length=120)
    note = models.TextField(_("why it was taken"), blank=True, max_length=2_000)
    ends_on = models.DateField(_("end of the plan"), editable=False)
    taken_at = models.DateTimeField(editable=False)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    is_yardstick = models.BooleanField(_("the yardstick"), default=False, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    class Meta:
        ordering = ["-number"]
        verbose_name = _("baseline")
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="baseline_number"),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(is_yardstick=True), name="baseline_one_yardstick"
            ),
            models.CheckConstraint(
                condition=models.Q(is_yardstick=False) | models.Q(approved_at__isnull=False),
                name="baseline_yardstick_is_approved",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("projects:baseline-detail", kwargs={**self.project.address, "number": self.number})


class BaselineRow(TenantRow):
    """One step, one activity or one milestone as a baseline has it: exactly one of the three."""

    baseline = models.ForeignKey(Baseline, on_delete=models.CASCADE, related_name="rows")
    step = models.ForeignKey(PlanStep, null=True, on_delete=models.CASCADE, related_name="+")
    activity = models.ForeignKey(PlanActivity, null=True, on_delete=models.CASCADE, related_name="+")
    milestone = models.ForeignKey("projects.PlanMilestone", null=True, on_delete=models.SET_NULL, related_name="+")
    label = models.CharField(max_length=230)
    starts_on = models.DateField()
    ends_on = models.DateField()
    effort_minutes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["baseline", "pk"]

    def __str__(self) -> str:
        return self.label


class MilestoneKind(models.TextChoices):
    OWN = "own", _("Own milestone")
    MANAGEMENT_REVIEW = "management_review", _("Management review")
    STAGE_1 = "stage_1", _("Certification audit, stage 1")
    STAGE_2 = "stage_2", _("Certification audit, stage 2")


class PlanMilestone(Numbered, TenantRow):
    """A day to reach something by. It follows the end of an activity, or stands on a date that was agreed."""

    PREFIX = "MS"

    number = models.PositiveIntegerField(_("number"), editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=MilestoneKind.choices, default=MilestoneKind.OWN)
    title = models.CharField(_("title"), max_length=200)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    activity = models.ForeignKey(
        PlanActivity,
        verbose_name=_("after activity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="milestones",
    )
    lag_days = models.SmallIntegerField(_("working days after it"), default=0)
    on = models.DateField(_("date"))
    is_fixed = models.BooleanField(_("the date is agreed and stays"), default=False)
    reached_on = models.DateField(_("reached on"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["on", "pk"]
        verbose_name = _("milestone")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_fixed=True) | models.Q(activity__isnull=False), name="milestone_has_a_date"
            ),
            models.UniqueConstraint(fields=["project", "number"], name="milestone_number"),
            models.UniqueConstraint(
                fields=["project", "kind"],
                condition=models.Q(kind__in=["stage_1", "stage_2"]),
                name="milestone_stage_once",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("projects:milestone-list", kwargs=self.project.address) + f"#milestone-{self.pk}"
