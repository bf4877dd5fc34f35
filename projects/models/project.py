"""One organization's implementation project."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models.organization import slug_shape
from core.dates import EVERY_WEEK, WorkingCalendar

from .register import Counted, history

RESERVED_SLUGS = frozenset(
    {"people", "settings", "reminders", "journal", "projects", "new", "invitations", "brand", "logo", "reports", "kits"}
)
"""Words that addresses of an organization use themselves."""


class ProjectStatus(models.TextChoices):
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    CLOSED = "closed", _("Closed")


class Project(Counted):
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="projects")
    name = models.CharField(_("name"), max_length=200)
    slug = models.CharField(_("short name in addresses"), max_length=50, validators=[slug_shape])
    catalogue = models.ForeignKey("pdca.Catalogue", on_delete=models.PROTECT, related_name="+")
    kit = models.ForeignKey(
        "projects.KitVersion", null=True, blank=True, on_delete=models.PROTECT, related_name="projects"
    )
    standards = models.ManyToManyField("pdca.Standard", through="ProjectStandard", related_name="+")
    start_on = models.DateField(_("starts on"))
    target_on = models.DateField(_("certification audit planned for"), null=True, blank=True)
    headcount = models.PositiveIntegerField(_("people in the scope"), default=100)
    working_week = models.CharField(_("working week"), max_length=7, default=EVERY_WEEK)
    holiday_country = models.CharField(_("public holidays of"), max_length=2, blank=True)
    holiday_region = models.CharField(_("region"), max_length=10, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=ProjectStatus.choices, default=ProjectStatus.RUNNING)
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("project manager"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    consultant = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("consultant in charge"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    days_sold = models.DecimalField(_("consulting days sold"), max_digits=7, decimal_places=2, null=True, blank=True)
    days_used = models.DecimalField(_("consulting days used"), max_digits=7, decimal_places=2, null=True, blank=True)
    # What a list of many projects shows of the plan, so that it reads neither activities nor steps: the day (counted
    # from the start) on which the plan expects 1, 2 … 100 percent; the phases' progress and the unfinished steps.
    # Kept by projects.services.counters like the counters, and recounted with them every night.
    plan_days = models.JSONField(default=list, editable=False)
    # The days of the organization's closures, so that the calendar needs no query. Kept by projects.services.calendar.
    closed_days = models.JSONField(default=list, editable=False)
    outline = models.JSONField(default=dict, editable=False)
    # The latest kept forecast, for the same lists: {"on", "p50", "p80", "chance"}; {} without one (services.forecast).
    forecast = models.JSONField(default=dict, editable=False)
    activity_count = models.PositiveIntegerField(default=0, editable=False)
    activity_done_count = models.PositiveIntegerField(default=0, editable=False)
    last_task_number = models.PositiveIntegerField(default=0, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    updated_at = models.DateTimeField(auto_now=True)

    history = history(
        (
            *Counted.COUNTERS,
            "activity_count",
            "activity_done_count",
            "last_task_number",
            "plan_days",
            "outline",
            "closed_days",
            "forecast",
        )
    )

    class Meta:
        ordering = ["name", "pk"]
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="project_slug_unique"),
            models.CheckConstraint(
                condition=models.Q(target_on__isnull=True) | models.Q(target_on__gte=models.F("start_on")),
                name="project_target_after_start",
            ),
            models.CheckConstraint(
                condition=(models.Q(days_sold__isnull=True) | models.Q(days_sold__gte=0))
                & (models.Q(days_used__isnull=True) | models.Q(days_used__gte=0)),
                name="project_days_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:project-home", kwargs=self.address)

    @property
    def address(self) -> dict[str, str]:
        """The keyword arguments of every address of this project; needs `organization` loaded."""
        return {"org": self.organization.slug, "project": self.slug}

    @property
    def calendar(self) -> WorkingCalendar:
        """The working days of the project: its week, public holidays, and the closures of its organization."""
        closed = map(dt.date.fromisoformat, self.closed_days)
        return WorkingCalendar(self.working_week, self.holiday_country, self.holiday_region, closed)


class ProjectStandard(models.Model):
    """A standard, in one edition, that the project has to satisfy."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="chosen_standards")
    standard = models.ForeignKey("pdca.Standard", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["standard__code"]
        constraints = [models.UniqueConstraint(fields=["project", "standard"], name="project_standard_once")]

    def __str__(self) -> str:
        return f"{self.project} – {self.standard}"
