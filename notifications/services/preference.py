"""What people choose about being told."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from accounts.models import User
from notifications.models import Preference
from notifications.models.preference import When

NEVER = "none"
"""In a choice: not by mail. Stored as the person's own switch."""


@transaction.atomic
def choose(
    *, person: Any, by: Any, decision: str, assignment: str, mention: str, digest: bool, weekly: bool, morning_hour: int
) -> Preference:
    """Keeps a person's choices: by what way each kind comes, which regular mails they want, and from what hour."""
    User.objects.filter(pk=person.pk).update(
        mail_on_assignment=assignment != NEVER,
        mail_on_mention=mention != NEVER,
        mail_digest=digest,
        mail_weekly=weekly,
    )
    ways = {"decision": decision, "assignment": assignment, "mention": mention}
    # Who switched a kind off keeps, for later, by what way it came before.
    chosen = {name: way for name, way in ways.items() if way in When.values}
    row, _made = Preference.objects.update_or_create(
        person_id=person.pk, defaults={**chosen, "morning_hour": morning_hour}
    )
    return row
