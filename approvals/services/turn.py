"""Whose turn it is: worked out from the steps, and kept with each approver."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from approvals.models import Approval, Approver, Decision, Step


def open_steps(approval: Approval) -> list[Step]:
    """The undecided steps whose turn it is, each with `waiting`, its approvers who have not decided."""
    found = []
    for step in approval.steps.prefetch_related("approvers__signature", "approvers__person"):
        signed = [a.signature for a in step.approvers.all() if hasattr(a, "signature")]
        if sum(s.decision != Decision.REJECTED for s in signed) >= step.needed:
            continue
        step.waiting = [a for a in step.approvers.all() if not hasattr(a, "signature")]
        found.append(step)
        if approval.is_in_sequence:
            break
    return found


def keep(approval: Approval, at: dt.datetime) -> list[Approver]:
    """Notes whose turn it is now, nobody's once the request has ended; returns those whose turn has just come."""
    waiting = [one for step in open_steps(approval) for one in step.waiting] if approval.is_open else []
    mine = Approver.objects.filter(step__approval=approval)
    mine.exclude(pk__in=[one.pk for one in waiting]).filter(awaited_since__isnull=False).update(
        awaited_since=None, version=F("version") + 1, updated_at=at
    )
    fresh = [one for one in waiting if one.awaited_since is None]
    mine.filter(pk__in=[one.pk for one in fresh]).update(awaited_since=at, version=F("version") + 1, updated_at=at)
    return fresh
