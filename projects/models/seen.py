"""What a person has seen of a project's journal: where "since I last looked" begins."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class ProjectSeen(models.Model):
    """A person's mark in a project: read up to entry `seq`. Nobody else sees it, and it changes no business data."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # the constraint begins with it
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="seen_by")
    seq = models.PositiveBigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["person", "project"], name="project_seen_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.project_id} up to {self.seq}"
