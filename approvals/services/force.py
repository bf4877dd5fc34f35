"""Which edition is in force: one at most of each record, promised by the database.

Most subjects are in force once approved. A subject that `waits` (a document that takes effect on a later day) calls
`begin` itself, and `end` when it is withdrawn; both inside its own change, which holds the organization's lock.
"""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from approvals.models import Approval


def begin(approval: Approval) -> None:
    """Puts an approved edition in force, in place of the one before."""
    end(kind=approval.subject_kind, pk=approval.subject_id)
    Approval.objects.filter(pk=approval.pk).update(
        is_in_force=True, version=F("version") + 1, updated_at=timezone.now()
    )
    approval.is_in_force, approval.version = True, approval.version + 1


def end(*, kind: str, pk: int) -> None:
    """Leaves no edition of this record in force: it was withdrawn, or another takes its place."""
    now = timezone.now()
    Approval.objects.filter(subject_kind=kind, subject_id=pk, is_in_force=True).update(
        is_in_force=False, force_ended_at=now, version=F("version") + 1, updated_at=now
    )
