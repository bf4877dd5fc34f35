"""A spreadsheet on its way into a register of risks (sheets.models)."""

from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from sheets import models as sheets
from sheets.models import ImportState

__all__ = ["ImportKind", "ImportState", "SheetImport"]


class ImportKind(models.TextChoices):
    RISKS = "risks", _("Risks and opportunities")
    ASSETS = "assets", _("Assets, processes and activities")
    SOA = "soa", _("Statement of Applicability")
    CONTROL_SET = "control_set", _("Own control set")


class SheetImport(sheets.SheetImport):
    kind = models.CharField(max_length=12, choices=ImportKind.choices)
    soa = models.ForeignKey("risks.Soa", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["organization", "sha256"], name="sheet_import_file")]

    def get_absolute_url(self) -> str:
        return reverse("risks:import-mapping", kwargs={**self.project.address, "pk": self.pk})
