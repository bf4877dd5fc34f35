"""The PDF of a revision as it was made last: of which words and which state, and under which content it is kept."""

from __future__ import annotations

from django.db import models

from projects.models.register import TenantRow

from .revision import Revision


class RevisionPdf(TenantRow):
    """`key` is the digest of everything printed. When that is another one by now, this PDF is not given out any more."""

    revision = models.OneToOneField(Revision, on_delete=models.PROTECT, related_name="pdf")
    key = models.CharField(max_length=64)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    pages = models.PositiveIntegerField()
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "sha256"], name="revision_pdf_file")]

    def __str__(self) -> str:
        return f"{self.revision} {self.sha256[:12]}"
