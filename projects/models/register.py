"""What every record of a register has, and the counters a plan keeps."""

from __future__ import annotations

import re

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords


def history(excluded: tuple[str, ...] = ()) -> HistoricalRecords:
    """Field-level history of a record: who changed what from what to what. The journal is the audit trail, not this.

    The database refuses to change or delete a row of it (migration 0002), so the author is kept without a cascade.
    """
    return HistoricalRecords(
        excluded_fields=["updated_at", *excluded],
        history_user_id_field=models.BigIntegerField(null=True),
        history_user_getter=_author,
        history_user_setter=_set_author,
        history_change_reason_field=models.TextField(blank=True, default=""),
    )


def _author(historical):
    from accounts.models import User

    return User.objects.filter(pk=historical.history_user_id).first() if historical.history_user_id else None


def _set_author(historical, user) -> None:
    historical.history_user_id = user.pk if user else None


class TenantRow(models.Model):
    """A row of one organization's project; both are stored and agree (services take them from the project)."""

    organization = models.ForeignKey(
        "accounts.Organization", on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    project = models.ForeignKey("projects.Project", on_delete=models.PROTECT, related_name="%(class)ss", editable=False)

    class Meta:
        abstract = True


class Numbered:
    """Numbers as people say them aloud: `T-012`."""

    PREFIX = ""

    @classmethod
    def number_of(cls, text: str) -> int | None:
        """The number behind "T-012", "t-12" or "12"; None when `text` is none of these."""
        found = re.fullmatch(rf"(?:{cls.PREFIX}-)?0*([0-9]{{1,9}})", text.strip(), re.IGNORECASE)
        return int(found[1]) if found else None

    @classmethod
    def named(cls, number: int) -> str:
        """What people call the one of this number."""
        return f"{cls.PREFIX}-{number:03d}"

    @property
    def label(self) -> str:
        return self.named(self.number)


class Register(Numbered, TenantRow):
    """A numbered record with an owner, a state and a version for saves that must not overwrite a newer one."""

    number = models.PositiveIntegerField(_("number"), editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        abstract = True


class Counted(models.Model):
    """Counters stored in the transaction that changes a task, so that a page adds nothing up.

    Minutes are planned effort: a person-day is 480. `projects.services.counters` keeps them, a nightly recount checks them.
    """

    effort_minutes = models.PositiveIntegerField(default=0, editable=False)
    effort_minutes_done = models.PositiveIntegerField(default=0, editable=False)
    task_count = models.PositiveIntegerField(default=0, editable=False)
    task_open_count = models.PositiveIntegerField(default=0, editable=False)

    COUNTERS = ("effort_minutes", "effort_minutes_done", "task_count", "task_open_count")

    class Meta:
        abstract = True

    @property
    def progress_percent(self) -> int:
        """Effort done as a share of effort planned, 0 to 100, rounded down so that 100 means all of it."""
        return 100 * self.effort_minutes_done // self.effort_minutes if self.effort_minutes else 0
