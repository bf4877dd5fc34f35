"""What an organization set about reminders, what was reminded, and how far each person's digests have come."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from notifications.reminding.rules import DEFAULT, Rule


class ReminderRule(models.Model):
    """An organization's own numbers for one sort of record; without a row the defaults hold."""

    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.CASCADE, related_name="reminder_rules", db_index=False
    )
    kind = models.CharField(max_length=20)
    before_days = models.JSONField(_("days before"), default=list)
    every_working_days = models.PositiveSmallIntegerField(
        _("every so many working days"), default=DEFAULT.every_working_days
    )
    escalate_manager_after = models.PositiveSmallIntegerField(
        _("to the project manager after"), default=DEFAULT.escalate_manager_after
    )
    escalate_management_after = models.PositiveSmallIntegerField(
        _("to top management after"), default=DEFAULT.escalate_management_after
    )
    is_active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        ordering = ["organization", "kind"]
        constraints = [models.UniqueConstraint(fields=["organization", "kind"], name="reminder_rule_once")]

    def __str__(self) -> str:
        return f"{self.organization_id}: {self.kind}"

    @property
    def rule(self) -> Rule:
        return Rule(
            tuple(self.before_days), self.every_working_days, self.escalate_manager_after,
            self.escalate_management_after, self.is_active,
        )  # fmt: skip


class Why(models.TextChoices):
    """Why this person: it is theirs, their role's, nobody else's, or it was escalated to them."""

    OWN = "own", _("assigned to me")
    ROLE = "role", _("assigned to my role")
    LEAD = "lead", _("nobody else does it")
    MANAGER = "manager", _("escalated to the project manager")
    MANAGEMENT = "management", _("escalated to top management")


class Reminder(models.Model):
    """One record brought to one person's mind on one local date, in the app and, if wanted, in the digest of that day."""

    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reminders", db_index=False
    )
    project = models.ForeignKey("projects.Project", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20)
    subject_id = models.BigIntegerField()
    on = models.DateField()
    due_on = models.DateField()
    why = models.CharField(max_length=10, choices=Why.choices)

    class Meta:
        ordering = ["-on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "on", "kind", "subject_id"], name="reminder_once_a_day")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_id} to {self.person_id} on {self.on}"


class DigestState(models.Model):
    """How far a person's mails of the morning have come, in local dates.

    `last_on`: the day of the last digest run for this person. `since_on`: everything named up to that day was reminded;
    it stays behind `last_on` only after a run on a day off that had working days to catch up with.
    """

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="digest_state"
    )
    last_on = models.DateField(null=True)
    since_on = models.DateField(null=True)
    weekly_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_on__isnull=True, since_on__isnull=True) | Q(since_on__lte=models.F("last_on")),
                name="digest_state_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.last_on}"
