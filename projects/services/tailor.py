"""Tailoring: making the method fit the organization, one justified decision after another. IMS2 step 1.1.

Every decision goes one way: the plan is read under the organization's lock, `meaning_of` says what follows from it, the
values are written, what waits moves along, and one row of the record and the journal says what was and what is. A page
that shows the consequences first asks the same `meaning_of`, so what was shown is what happens.

Dependencies may be contradicted: that is told, recorded and not forbidden. An approval is only skipped with a reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken, StaleRecord, refused
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import PlanActivity, Project, TailoringDecision, TailoringKind
from projects.permissions import Perm
from projects.selectors.plan_state import PlanState, state_of

from . import counters, decision, schedule
from .fitting import CLAUSE, check
from .meaning import Item, Meaning, meaning_of, meant
from .refitting import write_activity, write_step

__all__ = ["CLAUSE", "Item", "Meaning", "check", "decide", "meaning_of", "meant", "of", "permit"]

ACTIONS: dict[str, str] = {
    TailoringKind.EXCLUDE: "exclude",
    TailoringKind.INCLUDE: "include",
    TailoringKind.MERGE: "merged",
    TailoringKind.SPLIT: "split",
    TailoringKind.PLACE: "placed",
    TailoringKind.CHANGE: "changed",
    TailoringKind.ADD: "added",
    TailoringKind.ADOPT: "adopted",
    TailoringKind.REVERT: "reverted",
}


def decide(
    *,
    project: Project,
    by: Any,
    kind: TailoringKind,
    item: Item,
    values: Mapping[str, Any],
    justification: str,
    skipped_because: str = "",
    undoes: TailoringDecision | None = None,
    version: int | None = None,
) -> TailoringDecision:
    """Takes one decision about a step or an activity. Raises RuleBroken, NotPermitted; then nothing was written.

    `version` is the one the person saw, where words are changed: somebody's newer save raises StaleRecord.

    `values`: of a step `is_applicable`, `merged_into` (a number, "" to split), `phase` with `before` and `works_before`
    (numbers, "" for the end), `leads_to` and `waits` (plan_state.wait), `duration_days` and words; of an activity
    `is_applicable`, `step` with `before`, `duration_days`, `effort_days`, `responsible` and words.
    """
    justification = justification.strip()
    with journal.change(project, by=by, reason=justification) as log:
        permit(project, by)
        if not justification:
            raise refused("justification", _("Say why: the justification stands in the record that an auditor reads."))
        state = state_of(project)
        fresh = of(state, item)
        if version is not None and fresh.version != version:
            raise StaleRecord(
                _("%(item)s was changed by somebody else while you were typing. Your text is kept below.")
                % {"item": fresh},
                fresh,
            )
        values = meant(state, fresh, values)
        check(state, fresh, values)
        meaning = meaning_of(state, fresh, values)
        if all(meaning.before.get(name) == value for name, value in values.items()):
            raise RuleBroken(_("%(item)s stands like that already: nothing was changed.") % {"item": fresh})
        if meaning.skipped and not skipped_because.strip():
            raise refused(
                "skipped_because",
                _("This would skip an approval (%(what)s). Say why the plan does without it.")
                % {"what": "; ".join(meaning.skipped)},
            )
        write = write_activity if isinstance(fresh, PlanActivity) else write_step
        write(state, fresh, values, log, by)
        if not (isinstance(fresh, PlanActivity) and "is_applicable" in values):  # the flow has said that already
            kept = journal.differences(_told(meaning.before), _told(meaning.after))
            log(fresh, f"{'activity' if isinstance(fresh, PlanActivity) else 'step'}.{ACTIONS[kind]}", kept)
        schedule.follow(project, log)
        counters.redraw(project)
        return decision.record(
            log, kind, fresh, before=meaning.before, after=meaning.after, justification=justification,
            violated=[[link.step, link.predecessor] for link in meaning.violated],
            skipped=meaning.skipped, skipped_because=skipped_because.strip() if meaning.skipped else "",
            moved_activities=meaning.moved_activities, moved_tasks=meaning.moved_tasks, days_later=meaning.days_later,
            undoes=undoes,
        )  # fmt: skip


def permit(project: Project, by: Any) -> None:
    if not access.can(by, Perm.EDIT_PLAN, project):
        raise NotPermitted(_("You may not tailor the plan of this project."))


def of(state: PlanState, item: Item) -> Item:
    """The item as it stands now, under the lock."""
    rows = state.activities if isinstance(item, PlanActivity) else state.steps
    return next(one for one in rows if one.pk == item.pk)


def _told(values: Mapping[str, Any]) -> dict[str, Any]:
    """What the journal says of values: no dates of single activities, they stand in the record."""
    return {name: value for name, value in values.items() if name not in ("dates", "works_before", "chain")}
