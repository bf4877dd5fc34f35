"""A request for a decision: the frozen content, the steps, the people who decide."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from projects.models.register import Register, TenantRow
from projects.permissions import Role


class ApprovalStatus(models.TextChoices):
    OPEN = "open", _("Awaiting a decision")
    APPROVED = "approved", _("Approved")
    REJECTED = "rejected", _("Rejected")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    VOID = "void", _("Void")


class Content(TenantRow):
    """What is decided on, frozen at the request: written once, refused to be changed by the database.

    `digest` is the SHA-256 over the canonical form of {"document": SHA-256 of the document, "snapshot": the snapshot}.
    """

    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    title = models.CharField(max_length=250)
    snapshot = models.TextField()
    document = models.TextField()
    digest = models.CharField(max_length=64)
    frozen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.title} {self.digest[:12]}"


class Approval(Register):
    PREFIX = "A"

    content = models.OneToOneField(Content, on_delete=models.PROTECT, related_name="approval")
    subject_kind = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    title = models.CharField(_("title"), max_length=250)
    # What a signature under it says, in words: shown before and printed after.
    meaning = models.CharField(_("meaning of the signature"), max_length=300)
    note = models.TextField(_("note to the deciders"), blank=True, max_length=2_000)
    due_on = models.DateField(_("decide until"), null=True, blank=True)
    is_in_sequence = models.BooleanField(_("one step after the other"), default=True)
    status = models.CharField(
        _("status"), max_length=10, choices=ApprovalStatus.choices, default=ApprovalStatus.OPEN, editable=False
    )
    # Counted from 1 when approved; the edition in force is the one nothing has replaced.
    edition = models.PositiveIntegerField(null=True, editable=False)
    is_in_force = models.BooleanField(default=False, editable=False)
    force_ended_at = models.DateTimeField(null=True, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)
    ended_because = models.TextField(blank=True, editable=False)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="approval_number"),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], condition=models.Q(status="open"), name="approval_one_open"
            ),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"],
                condition=models.Q(is_in_force=True),
                name="approval_one_in_force",
            ),
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "edition"],
                condition=models.Q(edition__isnull=False),
                name="approval_edition",
            ),
            models.CheckConstraint(
                condition=models.Q(is_in_force=False) | models.Q(status="approved", edition__isnull=False),
                name="approval_in_force_is_approved",
            ),
        ]
        indexes = [models.Index(fields=["project", "status", "due_on"], name="approval_list")]

    def __str__(self) -> str:
        return f"{self.label} {self.title}"

    def get_absolute_url(self) -> str:
        return reverse("approvals:approval-detail", kwargs={**self.project.address, "number": self.label})

    @property
    def is_ahead(self) -> bool:
        """Approved, and its day has not come yet."""
        return self.edition is not None and not self.is_in_force and self.force_ended_at is None

    @property
    def is_open(self) -> bool:
        return self.status == ApprovalStatus.OPEN


class Step(models.Model):
    """One step of the way: decided when `needed` of its approvers have approved."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    label = models.CharField(max_length=120, blank=True)
    needed = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["approval", "position"], name="approval_step_position"),
            models.CheckConstraint(condition=models.Q(needed__gte=1), name="approval_step_needs_somebody"),
        ]

    def __str__(self) -> str:
        return self.label or str(self.position)


class Approver(TenantRow):
    """A named person who decides in a step, in a role; the words stay when the person leaves.

    `awaited_since` is set while it is this person's turn: kept by services.turn in the transaction of every change, so
    that the inbox, the badge and the reminders read one index.
    """

    step = models.ForeignKey(Step, on_delete=models.CASCADE, related_name="approvers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="asked_to_decide")
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=30, choices=Role.choices)
    awaited_since = models.DateTimeField(null=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["step", "person"], name="approver_once")]
        indexes = [
            models.Index(fields=["person"], condition=models.Q(awaited_since__isnull=False), name="approver_awaited")
        ]

    def __str__(self) -> str:
        return self.name
