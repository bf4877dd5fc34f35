"""How a person wants to be told: at once or in the digest, and when the morning begins.

Whether a mail is wanted at all stands with the person (`mail_on_assignment`, `mail_on_mention`, `mail_digest`,
`mail_weekly`). A person without a row has chosen nothing: the defaults here hold.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MORNING_HOUR = 7
EARLIEST_HOUR, LATEST_HOUR = 4, 11


class When(models.TextChoices):
    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("In the daily digest")


def _when(label: str) -> models.CharField:
    return models.CharField(label, max_length=10, choices=When.choices, default=When.AT_ONCE)


class Preference(models.Model):
    person = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    decision = _when(_("A decision is awaited from me"))
    assignment = _when(_("A task is assigned to me"))
    mention = _when(_("Somebody mentions me"))
    morning_hour = models.PositiveSmallIntegerField(_("Morning mails from"), default=MORNING_HOUR)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(morning_hour__gte=EARLIEST_HOUR, morning_hour__lte=LATEST_HOUR),
                name="preference_morning_hour",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}: {self.morning_hour}"
