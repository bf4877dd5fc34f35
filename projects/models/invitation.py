"""An invitation by e-mail to take a role, in a project or in the whole organization."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects.permissions import Role


class Invitation(models.Model):
    organization = models.ForeignKey("accounts.Organization", on_delete=models.CASCADE, related_name="invitations")
    project = models.ForeignKey(
        "projects.Project", null=True, blank=True, on_delete=models.CASCADE, related_name="invitations"
    )
    email = models.EmailField(_("e-mail address"), max_length=254)
    name = models.CharField(_("name"), max_length=120, blank=True)
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    role_ends_on = models.DateField(_("role ends on"), null=True, blank=True)
    message = models.TextField(_("a word to the person"), max_length=2000, blank=True)
    # Only the digest of the secret in the link is kept: who reads the database cannot accept for others.
    token_sha256 = models.CharField(max_length=64, unique=True)
    # Nobody for the first admin of an organization, whom the installation invites.
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-invited_at", "-pk"]
        indexes = [models.Index(fields=["organization", "email"], name="invitation_email")]

    def __str__(self) -> str:
        return f"{self.email} as {self.get_role_display()}"

    @property
    def state(self) -> str:
        """One of accepted, revoked, expired, waiting."""
        if self.accepted_at:
            return "accepted"
        if self.revoked_at:
            return "revoked"
        return "expired" if self.expires_at <= timezone.now() else "waiting"

    @property
    def is_waiting(self) -> bool:
        return self.state == "waiting"
