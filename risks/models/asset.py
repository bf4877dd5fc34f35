"""What is at risk: assets, processes and activities, each with an owner. (IMS2 1.7.3)"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.register import Register, history


class AssetKind(models.TextChoices):
    PROCESS = "process", _("Process")
    ACTIVITY = "activity", _("Activity")
    INFORMATION = "information", _("Information")
    SOFTWARE = "software", _("Software")
    HARDWARE = "hardware", _("Hardware")
    SERVICE = "service", _("Service")
    PEOPLE = "people", _("People")
    SITE = "site", _("Site")
    EQUIPMENT = "equipment", _("Equipment or substance")


class Value(models.IntegerChoices):
    """How much depends on a property of an asset."""

    LOW = 1, _("Low")
    MEDIUM = 2, _("Medium")
    HIGH = 3, _("High")
    VERY_HIGH = 4, _("Very high")


class Asset(Register):
    PREFIX = "AS"

    kind = models.CharField(_("kind"), max_length=12, choices=AssetKind.choices)
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=4_000)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("owner"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # fmt: skip
    confidentiality = models.PositiveSmallIntegerField(
        _("confidentiality"), choices=Value.choices, null=True, blank=True
    )
    integrity = models.PositiveSmallIntegerField(_("integrity"), choices=Value.choices, null=True, blank=True)
    availability = models.PositiveSmallIntegerField(_("availability"), choices=Value.choices, null=True, blank=True)
    retired_at = models.DateTimeField(null=True, editable=False)
    retired_because = models.CharField(max_length=500, blank=True, editable=False)

    history = history()

    class Meta:
        verbose_name = _("asset")
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="asset_number"),
            models.CheckConstraint(condition=~Q(name=""), name="asset_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=AssetKind.values), name="asset_kind_known"),
        ]
        indexes = [models.Index(fields=["project", "kind", "number"], name="asset_list")]

    def __str__(self) -> str:
        return f"{self.label} {self.name}"

    def get_absolute_url(self) -> str:
        return reverse("risks:asset-detail", kwargs={**self.project.address, "number": self.label})

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None
