"""What became of a document whose retention time was over: the decision, and the proof of it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from projects.models.register import TenantRow

from .document import Document


class Outcome(models.TextChoices):
    DESTROYED = "destroyed", _("Destroyed")
    ARCHIVED = "archived", _("Handed over to an archive")
    EXTENDED = "extended", _("Kept longer")


class Disposition(TenantRow):
    """A decision at the end of a retention time. Written once: the database refuses to change or delete it.

    `proof` names what was destroyed, file by file ({"revision", "file", "sha256", "size_bytes"}): the content is gone, what
    it was stays known.
    """

    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="dispositions")
    outcome = models.CharField(_("decision"), max_length=10, choices=Outcome.choices)
    reason = models.CharField(_("reason"), max_length=500)
    place = models.CharField(_("where it is kept now"), max_length=300, blank=True)
    keep_until = models.DateField(_("keep until"), null=True, blank=True)
    due_on = models.DateField(null=True)
    proof = models.JSONField(default=list)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    decided_name = models.CharField(max_length=120)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["-decided_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="extended", keep_until__isnull=False)
                | Q(outcome__in=["destroyed", "archived"], keep_until__isnull=True),
                name="disposition_extends_until",
            ),
            models.CheckConstraint(condition=~Q(outcome="archived") | ~Q(place=""), name="disposition_archive_named"),
        ]

    def __str__(self) -> str:
        return f"{self.document}: {self.get_outcome_display()}"
