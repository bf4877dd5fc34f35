"""A mail that has to go out: written in the same transaction as the change it tells of, sent by the worker."""

from __future__ import annotations

from django.db import models


class MailState(models.TextChoices):
    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    # The worker died while the server may already have had the mail: it is not sent twice on a guess.
    UNKNOWN = "unknown"


class Urgency(models.IntegerChoices):
    """Which mail goes first when many wait; ten thousand digests stand behind one link to a new password."""

    SECRET = 1
    AT_ONCE = 3
    BULK = 9


class OutgoingMail(models.Model):
    key = models.CharField(max_length=200, unique=True)
    recipient = models.EmailField(max_length=254)
    subject = models.CharField(max_length=250)
    text = models.TextField()
    html = models.TextField(blank=True)
    # Further headers, such as List-Unsubscribe, and the pictures shown in the mail: kept files, see core.outbox.write.
    headers = models.JSONField(default=dict)
    pictures = models.JSONField(default=list)
    urgency = models.PositiveSmallIntegerField(choices=Urgency.choices, default=Urgency.AT_ONCE)
    # The body carries a secret link: it is wiped from the row once the mail is out.
    is_secret = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=MailState.choices, default=MailState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    error = models.CharField(max_length=300, blank=True)
    written_at = models.DateTimeField(auto_now_add=True)
    sent_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["urgency", "not_before", "id"], condition=models.Q(state="waiting"), name="mail_waiting"
            ),
            models.Index(fields=["lease_until"], condition=models.Q(state="sending"), name="mail_sending"),
            models.Index(
                fields=["written_at"],
                condition=models.Q(state__in=["waiting", "failed", "unknown"]),
                name="mail_unsent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}: {self.subject}"

    @property
    def is_bulk(self) -> bool:
        return self.urgency == Urgency.BULK
