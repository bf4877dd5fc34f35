"""By what a project rates its risks: the working copy, and the editions that top management approved."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.models.register import TenantRow, history
from risks.levels import Criteria, parsed

LONGEST_METHOD = 20_000


class RiskCriteria(TenantRow):
    """Method, scales, matrix and threshold of one project, as they are being worked on.

    `content` is what `levels.parsed` reads: one save, one state, so that a matrix never meets the scale of another moment.
    """

    project = models.OneToOneField(
        "projects.Project", on_delete=models.PROTECT, related_name="risk_criteria", editable=False
    )
    method = models.TextField(gettext_lazy("method"), blank=True, max_length=LONGEST_METHOD)
    content = models.JSONField(default=dict)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    history = history()

    class Meta:
        verbose_name = gettext_lazy("risk criteria")

    def __str__(self) -> str:
        return _("Risk criteria")

    def get_absolute_url(self) -> str:
        return reverse("risks:criteria", kwargs=self.project.address)

    @property
    def criteria(self) -> Criteria:
        return parsed(self.content)


class Edition(TenantRow):
    """Approved criteria: what ratings refer to. Written once; the database refuses to change or delete it."""

    number = models.PositiveIntegerField()
    approval = models.OneToOneField("approvals.Approval", on_delete=models.PROTECT, related_name="+")
    method = models.TextField(blank=True)
    content = models.JSONField()
    approved_at = models.DateTimeField()

    class Meta:
        ordering = ["project", "-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="risk_edition_number")]

    def __str__(self) -> str:
        return _("Risk criteria, edition %(n)s") % {"n": self.number}

    @property
    def criteria(self) -> Criteria:
        return parsed(self.content)
