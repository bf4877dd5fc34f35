"""A consulting firm's own tailored method, kept for the next client."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class Kit(models.Model):
    """A plan that worked, by its name. It belongs to the firm: no client sees it, and no client's words are in it."""

    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="kits")
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("description"), blank=True)
    is_retired = models.BooleanField(_("no longer offered"), default=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="kit_name")]

    def __str__(self) -> str:
        return self.name


class KitVersion(models.Model):
    """The kit as it was saved once; projects that start from it name it, so it is never changed."""

    kit = models.ForeignKey(Kit, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    catalogue = models.ForeignKey("pdca.Catalogue", on_delete=models.PROTECT, related_name="+")
    headcount = models.PositiveIntegerField(_("people in the scope it was made for"))
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    note = models.TextField(_("what is new"), blank=True)
    difference_count = models.PositiveIntegerField(default=0)
    step_count = models.PositiveIntegerField(default=0)
    activity_count = models.PositiveIntegerField(default=0)
    task_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["kit", "-number"]
        constraints = [models.UniqueConstraint(fields=["kit", "number"], name="kit_version_number")]

    def __str__(self) -> str:
        return f"{self.kit} {self.number}"
