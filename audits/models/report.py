"""The words of the audit report, and what the finished audits covered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow, history

LONGEST = 20_000


class AuditReport(TenantRow):
    """What the lead auditor writes; findings, coverage and independence are read from the audit until it is signed.

    The conclusion about each standard stands with the standard (AuditStandard) and shares this record's version.
    """

    audit = models.OneToOneField("audits.Audit", on_delete=models.PROTECT, related_name="report", editable=False)
    summary = models.TextField(_("summary"), blank=True, max_length=LONGEST)
    strengths = models.TextField(_("strengths"), blank=True, max_length=LONGEST)
    not_covered = models.TextField(_("what was not sampled, and what that means"), blank=True, max_length=LONGEST)
    attendance = models.TextField(_("attendance"), blank=True, max_length=LONGEST)
    distribution = models.TextField(_("distribution"), blank=True, max_length=LONGEST)
    version = models.PositiveIntegerField(default=1, editable=False)
    edited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    history = history()

    class Meta:
        verbose_name = _("audit report")

    def __str__(self) -> str:
        return f"{self.audit_id}"


class Covered(TenantRow):
    """A clause was audited at a process or site (or, without one, somewhere) on a day.

    Written when the work on site is done, taken back when it goes on (services.coverage): the grid of a programme counts
    these rows instead of walking through every checklist.
    """

    audit = models.ForeignKey("audits.Audit", on_delete=models.CASCADE, related_name="covered", editable=False)
    clause = models.ForeignKey("pdca.Clause", on_delete=models.PROTECT, related_name="+")
    item = models.ForeignKey("context.ScopeItem", null=True, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()

    class Meta:
        indexes = [models.Index(fields=["project", "item", "clause", "day"], name="covered_grid")]

    def __str__(self) -> str:
        return f"{self.clause_id} {self.day}"
