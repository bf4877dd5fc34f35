"""Evidence of any record: a file as it was uploaded, a link, or a citation. What shows an auditor that it was done."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .register import TenantRow

NO_FILE = Q(sha256="")
NO_LINK = Q(link="")
NO_CITATION = Q(cited_kind="", cited_id__isnull=True, cited_as="")
CITATION = ~Q(cited_kind="") & Q(cited_id__isnull=False) & ~Q(cited_as="")


class Evidence(TenantRow):
    # What it is evidence of, named as the journal names it: "projects.task" and its key (projects.evidencing).
    target_kind = models.CharField(max_length=60, editable=False)
    target_id = models.BigIntegerField(editable=False)
    title = models.CharField(_("title"), max_length=200)
    link = models.URLField(_("link"), max_length=1000, blank=True)
    # Content address of the stored file (core.files); the original bytes are never changed.
    sha256 = models.CharField(max_length=64, blank=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    file_type = models.CharField(max_length=100, blank=True, editable=False)
    size_bytes = models.PositiveBigIntegerField(null=True, editable=False)
    # A record that is cited, and the words for it at that moment: they stay, whatever becomes of the record.
    cited_kind = models.CharField(max_length=60, blank=True, editable=False)
    cited_id = models.BigIntegerField(null=True, editable=False)
    cited_as = models.CharField(max_length=300, blank=True, editable=False)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    withdrawn_reason = models.CharField(max_length=500, blank=True, editable=False)

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=(NO_CITATION & NO_LINK & ~NO_FILE)
                | (NO_CITATION & ~NO_LINK & NO_FILE)
                | (CITATION & NO_LINK & NO_FILE),
                name="evidence_file_link_or_cited",
            )
        ]
        indexes = [
            models.Index(fields=["target_kind", "target_id", "added_at"], name="evidence_target"),
            models.Index(fields=["organization", "sha256"], name="evidence_file"),
            models.Index(fields=["cited_kind", "cited_id"], condition=Q(cited_id__isnull=False), name="evidence_cited"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_file(self) -> bool:
        return bool(self.sha256)

    @property
    def is_citation(self) -> bool:
        return bool(self.cited_kind)
