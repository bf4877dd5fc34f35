"""Writing down a decision about the plan: one row, whoever makes it (a page, a form of an activity, a newer edition)."""

from __future__ import annotations

from typing import Any

from django.db.models import Max

from core import canonical
from projects import journal
from projects.models import PlanActivity, PlanStep, TailoringDecision, TailoringKind


def record(
    log: journal.Log,
    kind: TailoringKind,
    item: PlanStep | PlanActivity,
    *,
    before: dict[str, Any],
    after: dict[str, Any],
    justification: str = "",
    **known: Any,
) -> TailoringDecision:
    """Adds the decision inside a running change; numbers follow one another, because that change holds the lock."""
    project = item.project
    last = TailoringDecision.objects.filter(project=project).aggregate(n=Max("number"))["n"] or 0
    is_activity = isinstance(item, PlanActivity)
    return TailoringDecision.objects.create(
        organization_id=project.organization_id,
        project=project,
        number=last + 1,
        kind=kind,
        step_id=item.step_id if is_activity else item.pk,
        activity=item if is_activity else None,
        item=str(item)[:250],
        before=canonical.plain(before),
        after=canonical.plain(after),
        justification=(justification or log.reason).strip(),
        decided_by=log.by,
        decided_by_name=log.actor_name,
        decided_at=log.at,
        **known,
    )
