"""A PDF that was made of an approval, known again by its SHA-256 wherever it turns up."""

from __future__ import annotations

from django.db import models

from projects.models.register import TenantRow

from .approval import Approval


class CertifiedPdf(TenantRow):
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="pdfs")
    sha256 = models.CharField(max_length=64, unique=True)
    size_bytes = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField()
    is_sealed = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["-made_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.approval.label} {self.sha256[:12]}"
