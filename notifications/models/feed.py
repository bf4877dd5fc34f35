"""A secret link under which a calendar program reads due dates.

Of the secret only its SHA-256 is kept: whoever reads the database cannot open a feed. It can be shown to its person
again because it is derived from the installation's key and the row's `nonce` (`services/feed.py`).
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone


class Feed(models.Model):
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # None: the person's own work over all projects.
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=43)
    token_sha256 = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_read_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-pk"]
        # One link in force for each: renewing it revokes the one before.
        constraints = [
            models.UniqueConstraint(
                fields=["person", "project"],
                condition=Q(revoked_at__isnull=True, project__isnull=False),
                name="feed_of_project_in_force",
            ),
            models.UniqueConstraint(
                fields=["person"],
                condition=Q(revoked_at__isnull=True, project__isnull=True),
                name="feed_of_work_in_force",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} {self.project_id or 'my work'}"
