"""A signature: who decided what, in which words, when, and over which content. Written once, for good."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow

from .approval import Approval, Approver


class Decision(models.TextChoices):
    APPROVED = "approved", _("approved")
    RESERVED = "reserved", _("approved with reservations")
    REJECTED = "rejected", _("rejected")


class Signature(TenantRow):
    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="signatures")
    approver = models.OneToOneField(Approver, on_delete=models.PROTECT, related_name="signature")
    signer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="signatures")
    signer_name = models.CharField(max_length=120)
    signer_role = models.CharField(max_length=120)
    on_behalf_of = models.CharField(max_length=120, blank=True)
    meaning = models.CharField(max_length=300)
    decision = models.CharField(max_length=10, choices=Decision.choices)
    comment = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    method = models.CharField(max_length=60)
    address = models.GenericIPAddressField(null=True)
    # SHA-256 over the canonical form of all of the above (services.record.content): what the journal's entry names.
    record_hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["signed_at", "pk"]
        indexes = [models.Index(fields=["organization", "signed_at"], name="signature_of_organization")]

    def __str__(self) -> str:
        return f"{self.signer_name}: {self.get_decision_display()}"
