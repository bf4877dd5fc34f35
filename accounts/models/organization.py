"""A client whose management system is built, or the consulting firm that helps."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import Group
from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .user import Language, zone_exists

slug_shape = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", _("Small letters, digits and single hyphens only."))

hex_color = RegexValidator(r"^#[0-9a-f]{6}\Z", _("A colour is a # and six digits, for example #2457e0."))


class OrganizationKind(models.TextChoices):
    CLIENT = "client", _("client")
    FIRM = "firm", _("consulting firm")


class Organization(models.Model):
    name = models.CharField(_("name"), max_length=200)
    slug = models.CharField(_("short name in addresses"), max_length=50, unique=True, validators=[slug_shape])
    kind = models.CharField(_("kind"), max_length=10, choices=OrganizationKind.choices, default=OrganizationKind.CLIENT)
    country = models.CharField(_("country"), max_length=2, blank=True)
    region = models.CharField(_("region"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Zurich", validators=[zone_exists])
    language = models.CharField(_("language"), max_length=5, choices=Language.choices, default=Language.ENGLISH)
    headcount = models.PositiveIntegerField(_("people working there"), null=True, blank=True)
    # How its reports and mails look: a picture kept in the store under its digest, and a colour dark enough on white.
    logo_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    logo_type = models.CharField(max_length=20, blank=True, editable=False)
    brand_color = models.CharField(_("colour"), max_length=7, blank=True, validators=[hex_color])
    is_active = models.BooleanField(_("active"), default=True)
    is_demo = models.BooleanField(_("belongs to the demo"), default=False)
    team = models.OneToOneField(
        Group, verbose_name=_("team"), null=True, blank=True, on_delete=models.PROTECT, related_name="firm"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="organizations_created",
    )

    class Meta:
        ordering = ["name", "pk"]
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        # The rights a role grant refers to; guardian stores a grant as one permission on one organization.
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="firm", team__isnull=False) | models.Q(kind="client", team__isnull=True),
                name="organization_team_of_firm",
            )
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("projects:organization", kwargs={"org": self.slug})

    @property
    def is_firm(self) -> bool:
        return self.kind == OrganizationKind.FIRM
