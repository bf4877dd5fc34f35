"""One piece of work for the worker: who asked for it, what about, how far it is, what came out."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    QUEUED = "queued", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


LIVE = (JobState.QUEUED, JobState.RUNNING)
SOON = dt.timedelta(minutes=1)
BADGES = {
    JobState.QUEUED: ("open", "hourglass"),
    JobState.RUNNING: ("prog", "loader-2"),
    JobState.DONE: ("done", "circle-check"),
    JobState.FAILED: ("late", "alert-triangle"),
    JobState.CANCELLED: ("open", "ban"),
}


class Job(models.Model):
    # What the work is about; two asking for the same at once get one job.
    key = models.CharField(max_length=200)
    # A job of the schedule is done once for ever under its key; one that a person asked for can be asked for again.
    is_once = models.BooleanField(default=False)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=250, blank=True)
    organization = models.ForeignKey(
        "accounts.Organization", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    project = models.ForeignKey("projects.Project", null=True, on_delete=models.PROTECT, related_name="jobs")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="jobs")
    parameters = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    token = models.UUIDField(null=True)
    is_cancel_asked = models.BooleanField(default=False)
    percent = models.PositiveSmallIntegerField(default=0)
    progress = models.CharField(max_length=200, blank=True)
    # For the person: what is so, why, what next. For the operator: what the program said.
    reason = models.CharField(max_length=500, blank=True)
    detail = models.TextField(blank=True)
    result = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    is_new = False  # set by ledger.ask: whether this asking made it

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(is_once=True) | Q(state__in=["queued", "running"]), name="job_key"
            ),
            models.CheckConstraint(condition=Q(percent__lte=100), name="job_percent"),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="queued"), name="job_waiting"),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_running"),
            models.Index(fields=["state", "-finished_at"], name="job_ended"),
            models.Index(fields=["actor", "-created_at"], name="job_of_person"),
            models.Index(fields=["project", "-created_at"], name="job_of_project"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject or self.key}"

    def get_absolute_url(self) -> str:
        return reverse("jobs:job-detail", kwargs={"pk": self.pk})

    @property
    def title(self) -> str:
        """The kind in words."""
        from jobs import kinds

        return kinds.title_of(self.kind)

    @property
    def icon(self) -> str:
        from jobs import kinds

        return kinds.icon_of(self.kind)

    @property
    def badge(self) -> str:
        """The kind of state, as badges know it."""
        return BADGES[JobState(self.state)][0]

    @property
    def badge_icon(self) -> str:
        return BADGES[JobState(self.state)][1]

    @property
    def last_words(self) -> str:
        """The last line of what the program said, for operators."""
        lines = self.detail.strip().splitlines()
        return lines[-1][:200] if lines else ""

    @property
    def is_tried_again(self) -> bool:
        """Waiting after an attempt that went wrong: nothing to do but wait."""
        return self.state == JobState.QUEUED and self.attempts > 0

    @property
    def is_left(self) -> bool:
        """Running by the ledger, though its worker gave no sign of life for too long: the sweeper sees to it."""
        return self.state == JobState.RUNNING and self.lease_until is not None and self.lease_until < timezone.now()

    @property
    def can_be_repeated(self) -> bool:
        return self.state in (JobState.FAILED, JobState.CANCELLED)

    @property
    def ask_again_seconds(self) -> int:
        """How soon an open page looks again: quickly at first, slower after a minute."""
        return 2 if timezone.now() - self.created_at < SOON else 10

    @property
    def is_live(self) -> bool:
        return self.state in LIVE

    @property
    def is_failed(self) -> bool:
        return self.state == JobState.FAILED

    @property
    def is_done(self) -> bool:
        return self.state == JobState.DONE

    @property
    def url(self) -> str:
        """Where its result is found; empty while there is none."""
        return self.result.get("url", "")
