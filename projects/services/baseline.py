"""Baselines: the plan kept as it stands, and the one that was approved as the yardstick. IMS2 step 1.1."""

from __future__ import annotations

from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from projects import journal
from projects.models import Baseline, BaselineRow, PlanActivity, PlanMilestone, PlanStep, Project
from projects.models.plan import ActivityStatus

MOST = 50


def take(*, project: Project, by: Any, name: str, note: str = "") -> Baseline:
    """Keeps the dates and the effort of every step, activity and milestone as they are now, under a name.

    Tasks are not kept: the activities they lie in are. The number of queries does not depend on the plan's size.
    """
    if not name.strip():
        raise refused("name", _("Give the baseline a name."))
    with journal.change(project, by=by) as log:
        taken = Baseline.objects.filter(project=project)
        if taken.count() >= MOST:
            raise RuleBroken(_("A project keeps at most %(most)s baselines. Remove one first.") % {"most": MOST})
        owned = {"organization_id": project.organization_id, "project": project}
        steps = list(PlanStep.objects.filter(project=project, is_applicable=True))
        activities = list(PlanActivity.objects.filter(project=project).exclude(status=ActivityStatus.EXCLUDED))
        milestones = list(PlanMilestone.objects.filter(project=project))
        ends = [row.ends_on for row in activities] + [row.on for row in milestones]
        baseline = Baseline.objects.create(
            **owned,
            number=(taken.aggregate(last=Max("number"))["last"] or 0) + 1,
            name=name.strip(),
            note=note,
            ends_on=max(ends, default=project.start_on),
            taken_at=log.at,
            taken_by=by,
        )
        rows = [_row(baseline, owned, row, step=row) for row in steps]
        rows += [_row(baseline, owned, row, activity=row) for row in activities]
        rows += [
            BaselineRow(**owned, baseline=baseline, milestone=row, label=row.title, starts_on=row.on, ends_on=row.on)
            for row in milestones
        ]
        BaselineRow.objects.bulk_create(rows)
        log(baseline, "baseline.taken", {"activities": len(activities), "plan_ends_on": baseline.ends_on})
    return baseline


def _row(baseline: Baseline, owned: dict[str, Any], row: Any, **of: Any) -> BaselineRow:
    return BaselineRow(
        **owned,
        **of,
        baseline=baseline,
        label=f"{row.number} {row.title}"[:230],
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        effort_minutes=row.effort_minutes,
    )


def approve(*, baseline: Baseline, by: Any, reason: str = "") -> Baseline:
    """Makes a baseline the yardstick that reports measure by; the one before it stays, approved but no longer in force."""
    with journal.change(baseline.project, by=by, reason=reason) as log:
        fresh = Baseline.objects.get(pk=baseline.pk)
        if fresh.is_yardstick:
            raise RuleBroken(_("Baseline %(number)s is the yardstick already.") % {"number": fresh.number})
        before = Baseline.objects.filter(project=baseline.project, is_yardstick=True).first()
        Baseline.objects.filter(project=baseline.project, is_yardstick=True).update(is_yardstick=False)
        fresh.is_yardstick, fresh.approved_at, fresh.approved_by = True, log.at, by
        fresh.save(update_fields=["is_yardstick", "approved_at", "approved_by"])
        log(fresh, "baseline.approved", {"yardstick": [str(before) if before else None, str(fresh)]})
    return fresh


def rename(*, baseline: Baseline, by: Any, name: str, note: str) -> Baseline:
    if not name.strip():
        raise refused("name", _("Give the baseline a name."))
    with journal.change(baseline.project, by=by) as log:
        fresh = Baseline.objects.get(pk=baseline.pk)
        before = {"name": fresh.name, "note": fresh.note}
        now = {"name": name.strip(), "note": note}
        if changed := journal.differences(before, now):
            fresh.name, fresh.note = now["name"], now["note"]
            fresh.save(update_fields=["name", "note"])
            log(fresh, "baseline.renamed", changed)
    return fresh


def remove(*, baseline: Baseline, by: Any) -> None:
    """Drops a baseline that was never approved. An approved one is evidence of what was agreed, and stays."""
    with journal.change(baseline.project, by=by) as log:
        fresh = Baseline.objects.filter(pk=baseline.pk).first()
        if fresh is None:
            return
        if fresh.approved_at:
            raise RuleBroken(_("Baseline %(number)s was approved: it stays as evidence.") % {"number": fresh.number})
        log(fresh, "baseline.removed", {"name": fresh.name})
        fresh.delete()
