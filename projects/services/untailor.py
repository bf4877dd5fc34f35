"""Taking decisions about the plan back: the last one, or all about one item, to what the method says."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken
from projects import journal
from projects.models import PlanActivity, PlanStep, Project, TailoringDecision, TailoringKind
from projects.selectors import tailoring as selectors
from projects.selectors.plan_state import state_of
from projects.selectors.published import published

from . import rounds, tailor

INVERSE = {
    TailoringKind.EXCLUDE: TailoringKind.INCLUDE,
    TailoringKind.INCLUDE: TailoringKind.EXCLUDE,
    TailoringKind.MERGE: TailoringKind.SPLIT,
    TailoringKind.SPLIT: TailoringKind.MERGE,
    TailoringKind.ADD: TailoringKind.EXCLUDE,
}


def undo_last(
    *, project: Project, by: Any, number: int, reason: str = "", skipped_because: str = ""
) -> TailoringDecision:
    """Undoes the latest decision that still stands, if it is the one the person saw (`number`).

    Both stay in the record. What was added is excluded: it may have been worked on; a round goes as long as nothing has
    happened in it. Raises RuleBroken, NotPermitted.
    """
    with journal.change(project, by=by, reason=reason):
        tailor.permit(project, by)
        last = selectors.last_standing(project)
        if last is None:
            raise RuleBroken(_("There is no decision to undo."))
        if last.number != number:
            raise RuleBroken(
                _("Meanwhile %(person)s decided %(decision)s. Look at that first.")
                % {"person": last.decided_by_name, "decision": last}
            )
        said = reason.strip() or _("Undone: %(decision)s") % {"decision": last.label}
        if last.kind == TailoringKind.ROUND:
            return rounds.take_back(last, by=by, reason=said)
        values = {"is_applicable": False} if last.kind == TailoringKind.ADD else dict(last.before)
        return tailor.decide(
            project=project,
            by=by,
            kind=INVERSE.get(last.kind, last.kind),
            item=last.activity or last.step,
            values=values,
            justification=said,
            skipped_because=skipped_because.strip() or last.skipped_because or last.justification,
            undoes=last,
        )


def revert(
    *, item: PlanStep | PlanActivity, by: Any, justification: str, skipped_because: str = ""
) -> TailoringDecision:
    """Gives a step or an activity back everything the edition of the method says about it, as one decision."""
    project = item.project
    with journal.change(project, by=by, reason=justification):
        state = state_of(project)
        values = published(state, tailor.of(state, item), selectors.touched(project))
        if not values:
            raise RuleBroken(_("%(item)s is as the method has it.") % {"item": item}, tailor.CLAUSE)
        return tailor.decide(
            project=project, by=by, kind=TailoringKind.REVERT, item=item, values=values, justification=justification,
            skipped_because=skipped_because,
        )  # fmt: skip
