"""The journal: every change as one entry, chained by hash for each organization; the database refuses to change it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ActorKind(models.TextChoices):
    PERSON = "person", _("person")
    JOB = "job", _("scheduled work")
    IMPORT = "import", _("import")


class JournalEntry(models.Model):
    organization = models.ForeignKey("accounts.Organization", on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.PROTECT, related_name="journal")
    seq = models.PositiveBigIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=120)
    actor_kind = models.CharField(max_length=10, choices=ActorKind.choices, default=ActorKind.PERSON)
    action = models.CharField(max_length=60)
    target_kind = models.CharField(max_length=60, blank=True)
    target_id = models.BigIntegerField(null=True)
    target_label = models.CharField(max_length=250, blank=True)
    changes = models.JSONField(default=dict)
    reason = models.TextField(blank=True)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["organization", "-seq"]
        verbose_name_plural = "journal entries"
        constraints = [models.UniqueConstraint(fields=["organization", "seq"], name="journal_seq")]
        indexes = [
            # Who wrote stands in it, so that "changed by others since I last looked" is counted without reading a row.
            models.Index(fields=["project", "-seq", "actor"], name="journal_project_actor"),
            models.Index(fields=["target_kind", "target_id", "-seq"], name="journal_target"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.action} {self.target_label}"


class JournalHead(models.Model):
    """The end of one organization's chain, sealed with the installation's key: a cut tail is noticed."""

    organization = models.OneToOneField(
        "accounts.Organization", primary_key=True, on_delete=models.PROTECT, related_name="journal_head"
    )
    seq = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
    seal = models.CharField(max_length=128, blank=True)
    key_id = models.CharField(max_length=16, blank=True)

    def __str__(self) -> str:
        return f"{self.organization_id} at {self.seq}"
