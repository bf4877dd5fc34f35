"""The entries: one small row for each record that can be found, and how far the first filling has come."""

from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """A record as it is found. Its index (FTS5 or GIN over `words`) is kept by the database itself (`full_text.py`).

    No right is stored here: organization and project only say where the record lies.
    """

    kind = models.CharField(max_length=30)
    subject_id = models.BigIntegerField()
    organization = models.ForeignKey(
        "accounts.Organization", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    project = models.ForeignKey(
        "projects.Project", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    digest = models.CharField(max_length=16)
    code = models.CharField(max_length=40, blank=True)
    label = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=20, blank=True)
    is_closed = models.BooleanField(default=False)
    title = models.CharField(max_length=300)
    title_words = models.CharField(max_length=700, blank=True)
    place = models.CharField(max_length=200, blank=True)
    context = models.CharField(max_length=250, blank=True)
    text = models.TextField(blank=True)
    words = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "search entries"
        constraints = [models.UniqueConstraint(fields=["kind", "subject_id"], name="search_entry_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.label} {self.title}"


class Filling(models.Model):
    """How far one kind is filled into the index: what lets a stopped `rebuild_search` go on where it was."""

    kind = models.CharField(max_length=30, primary_key=True)
    version = models.PositiveSmallIntegerField()
    reached = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.kind} to {self.reached}"
