"""A spreadsheet on its way into the register of findings (sheets.models)."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sheets.models import SheetImport


class ImportKind(models.TextChoices):
    FINDINGS = "findings", _("Findings")


class FindingImport(SheetImport):
    kind = models.CharField(max_length=16, choices=ImportKind.choices)

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["organization", "sha256"], name="finding_import_file")]

    def get_absolute_url(self) -> str:
        return reverse("audits:import-mapping", kwargs={**self.project.address, "pk": self.pk})
