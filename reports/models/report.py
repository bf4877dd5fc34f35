"""A report that was made: a PDF under its SHA-256, for whom, with which parameters. It is never changed.

When its time is over, or somebody removes it, the bytes go and the row stays: a copy that was handed out can be
recognized for ever.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from reports import kinds

KEEP_DAYS = 730
LEAST_DAYS, MOST_DAYS = 30, 3650
FOLDER, OWN_FOLDER = "reports", "portfolios"
"""Where the bytes lie: a report of an organization with the organization, a person's own with the person."""


class Report(models.Model):
    # Of a person's own report: the firm whose look, journal and retention it has; none for who belongs to no firm.
    organization = models.ForeignKey(
        "accounts.Organization", null=True, on_delete=models.PROTECT, related_name="reports"
    )
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.PROTECT, related_name="reports")
    # For whom it was made: what it shows is what this person could see then.
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports")
    # What somebody sees over all their projects: for this person alone.
    is_personal = models.BooleanField(default=False)
    kind = models.CharField(max_length=60)
    # The number printed on each of its pages.
    mark = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=250)
    language = models.CharField(max_length=5)
    parameters = models.JSONField(default=dict)
    # The parameters as words, in its language: the form that asked for them may be gone one day.
    parameters_in_words = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveIntegerField()
    pages = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    keep_until = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    job = models.OneToOneField("jobs.Job", null=True, on_delete=models.SET_NULL, related_name="report")

    class Meta:
        ordering = ["-made_at", "-pk"]
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(is_personal=True, project=None)
                | models.Q(is_personal=False, organization__isnull=False),
                name="report_of_whom",
            )
        ]
        indexes = [
            models.Index(fields=["person", "-made_at"], condition=models.Q(is_personal=True), name="report_of_person"),
            models.Index(fields=["project", "-made_at"], name="report_of_project"),
            models.Index(fields=["organization", "sha256"], name="report_by_content"),
            models.Index(fields=["keep_until"], condition=models.Q(removed_at=None), name="report_to_remove"),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.mark}"

    def get_absolute_url(self) -> str:
        if self.is_personal:
            return reverse("reports:own-detail", kwargs={"mark": self.mark})
        address = self.project.address if self.project_id else {"org": self.organization.slug}
        return reverse("reports:report-detail", kwargs={**address, "mark": self.mark})

    @property
    def kind_title(self) -> str:
        return kinds.title_of(self.kind)

    @property
    def is_kept(self) -> bool:
        return self.removed_at is None

    @property
    def short_sha(self) -> str:
        return self.sha256[:12]

    @property
    def place(self) -> dict[str, Any]:
        """Where the store keeps its bytes; the first folder there is the number of the owner, here of a person."""
        if self.is_personal:
            return {"organization_id": self.person_id, "folder": OWN_FOLDER}
        return {"organization_id": self.organization_id, "folder": FOLDER}

    @property
    def shown_projects(self) -> frozenset[int]:
        """Of a person's own report: the projects that are in it."""
        return frozenset(self.parameters.get("projects", ()))

    @property
    def file_name(self) -> str:
        place = "" if self.is_personal else f" {(self.project or self.organization).slug}"
        return f"{self.made_at:%Y-%m-%d} {self.title}{place} {self.mark}.pdf"


class Keeping(models.Model):
    """How many days an organization keeps its reports; KEEP_DAYS where it says nothing."""

    organization = models.OneToOneField(
        "accounts.Organization", primary_key=True, on_delete=models.PROTECT, related_name="report_keeping"
    )
    days = models.PositiveIntegerField(
        _("days"), default=KEEP_DAYS, validators=[MinValueValidator(LEAST_DAYS), MaxValueValidator(MOST_DAYS)]
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(days__gte=LEAST_DAYS) & models.Q(days__lte=MOST_DAYS), name="report_keeping_days"
            )
        ]

    def __str__(self) -> str:
        return f"{self.days}"
