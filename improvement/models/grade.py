"""How grave a nonconformity is: minor and major, or the scale the project made its own."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _

from projects.models.register import TenantRow, history


class GradeScale(TenantRow):
    """The scale of one project, the gravest first; a project without one grades minor and major (improvement.grading)."""

    project = models.OneToOneField(
        "projects.Project", on_delete=models.PROTECT, related_name="grade_scale", editable=False
    )
    # [{"key": "major", "name": "Major", "is_grave": true, "contain_days": 2, "analyse_days": 14}, …]
    grades = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )

    history = history()

    def __str__(self) -> str:
        return _("Grades of nonconformities")

    def get_absolute_url(self) -> str:
        return reverse("improvement:grades", kwargs=self.project.address)
