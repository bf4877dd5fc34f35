"""One line in a person's inbox: what happened, where it leads, and whether it still has to go out by mail."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Way(models.TextChoices):
    """How a notice leaves the house; in the inbox it stands in any case."""

    AT_ONCE = "at_once", _("at once")
    DIGEST = "digest", _("in the daily digest")
    NONE = "none", _("not by mail")
    DONE = "done", _("mailed in a digest")


class Notice(models.Model):
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    organization = models.ForeignKey(
        "accounts.Organization", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=30)
    # What the reader must still hold in the project to read this; empty: any role there.
    needs = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=250)
    text = models.TextField(blank=True)
    path = models.CharField(max_length=500, blank=True)
    # What it is about, the person included: told twice, it stands once.
    key = models.CharField(max_length=200, unique=True)
    is_urgent = models.BooleanField(default=False)
    mail = models.CharField(max_length=10, choices=Way.choices, default=Way.NONE)
    created_at = models.DateTimeField(default=timezone.now)
    is_read = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        # The order of the inbox, as one index walks it.
        ordering = ["is_read", "-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_read=False, read_at__isnull=True) | Q(is_read=True, read_at__isnull=False),
                name="notice_read_agrees",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "is_read", "-created_at", "-id"], name="notice_inbox"),
            # Holds all that the count in the bell asks, so that it is read from the index alone.
            models.Index(
                fields=["person", "needs", "project", "organization"],
                condition=Q(is_read=False),
                name="notice_unread",
            ),
            models.Index(fields=["person"], condition=Q(is_read=False, mail="digest"), name="notice_for_digest"),
            models.Index(fields=["read_at"], condition=Q(is_read=True), name="notice_old"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.path or reverse("notifications:inbox")
