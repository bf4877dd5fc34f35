"""A spreadsheet on its way into a register: the file, how its columns are read, and what became of it.

Each app that takes spreadsheets has a table of its own on this base, with the sorts of import it knows.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow


class ImportState(models.TextChoices):
    OPEN = "open", _("Being prepared")
    DONE = "done", _("Imported")
    GIVEN_UP = "given_up", _("Given up")


class SheetImport(TenantRow):
    """`mapping` is {"columns": {field: column from 0}, "options": {…}}; `header_row` counts from 1 as the spreadsheet does."""

    file_name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.PositiveBigIntegerField()
    sheet = models.CharField(max_length=120, blank=True)
    header_row = models.PositiveIntegerField(null=True)
    mapping = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.OPEN)
    result = models.JSONField(default=dict)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.file_name

    @property
    def columns(self) -> dict[str, int]:
        return self.mapping.get("columns", {})

    @property
    def options(self) -> dict[str, Any]:
        return self.mapping.get("options", {})

    @property
    def is_open(self) -> bool:
        return self.state == ImportState.OPEN
