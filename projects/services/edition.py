"""Merging a newer edition of the method into a running plan, item by item, with the plan's own tailoring kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from core.rules import RuleBroken, refused
from pdca.models import Catalogue
from projects import journal, layout
from projects.models import (
    PlanActivity,
    PlanPhase,
    PlanStep,
    Project,
    StepDependency,
    StepRound,
    TailoringDecision,
    TailoringKind,
)
from projects.selectors import edition as selectors
from projects.selectors.outline import by_number
from projects.tailoring.edition import CHANGED, GONE, NEW, Item

from . import counters, decision, plan, schedule, tailor

TAKE, TAKE_ALL, KEEP, EXCLUDE = "take", "take_all", "keep", "exclude"
CHOICES: dict[str, tuple[str, ...]] = {
    NEW: (TAKE, KEEP),
    CHANGED: (TAKE, TAKE_ALL, KEEP),
    GONE: (KEEP, EXCLUDE),
}
"""What can be chosen of each kind; the first is what happens unless somebody says otherwise.

new: add it, or do without. changed: take over what was not tailored, take over everything, or keep all as it is.
gone: keep it as the organization's own, or exclude it.
"""


def merge(
    *, project: Project, to: Catalogue, by: Any, choices: Mapping[str, str], justification: str, seen: int
) -> list[TailoringDecision]:
    """Brings the plan to a newer edition: each item as chosen, each a decision of the record. One transaction.

    `choices`: TAKE, TAKE_ALL, KEEP or EXCLUDE by the items' keys. `seen` is the version of the project that the person
    saw. Numbers of the plan stay, so that nothing people say aloud changes. Raises RuleBroken, NotPermitted.
    """
    justification = justification.strip()
    with journal.change(project, by=by, reason=justification) as log:
        tailor.permit(project, by)
        if not justification:
            raise refused("justification", _("Say why: the justification stands in the record that an auditor reads."))
        fresh = Project.objects.select_related("organization", "catalogue").get(pk=project.pk)
        if fresh.version != seen:
            raise RuleBroken(_("The project was changed meanwhile. Look at the comparison again."))
        if to.pk not in {one.pk for one in selectors.newer(fresh)}:
            raise RuleBroken(_("%(edition)s is not newer than the edition of this plan.") % {"edition": to})
        work = _Merge(fresh, to, by, justification, log)
        made = [one for item in work.found.items for one in work.one(item, choices.get(item.key))]
        work.follow()
        log(fresh, "project.edition_changed", {"catalogue": [str(project.catalogue), str(to)], "items": len(made)})
    return made


class _Merge:
    """One merge under way."""

    def __init__(self, project: Project, to: Catalogue, by: Any, justification: str, log: journal.Log) -> None:
        self.project, self.to, self.by, self.why, self.log = project, to, by, justification, log
        self.found = selectors.compare(project, to)
        self.new_steps = {one.code: one for one in self.found.new.steps}
        self.new_activities = {one.code: one for one in self.found.new.activities}
        self.owned = {"organization_id": project.organization_id, "project": project}

    def one(self, item: Item, chosen: str | None) -> list[TailoringDecision]:
        chosen = chosen if chosen in CHOICES[item.kind] else CHOICES[item.kind][0]
        if item.kind == NEW:
            return [self._add(item)] if chosen == TAKE else []
        here = (self.found.step_of if item.is_step else self.found.activity_of)[item.code]
        if item.kind == GONE:
            return self._gone(here, chosen)
        fields = [one for one in item.fields if chosen == TAKE_ALL or not one.is_tailored]
        values = {one.name: one.new for one in fields if not one.is_there}
        if chosen == KEEP or not values:
            return [self._kept(here)]
        return [self._decide(here, values)]

    def _decide(self, here: PlanStep | PlanActivity, values: dict[str, Any]) -> TailoringDecision:
        return tailor.decide(
            project=self.project, by=self.by, kind=TailoringKind.ADOPT, item=here, values=values,
            justification=self.why, skipped_because=self.why,
        )  # fmt: skip

    def _kept(self, here: PlanStep | PlanActivity) -> TailoringDecision:
        """The plan stays as it is although the method says something new: that is a decision too."""
        return decision.record(
            self.log, TailoringKind.ADOPT, here, before={"edition": str(self.project.catalogue)},
            after={"edition": _("kept as it is against %(edition)s") % {"edition": self.to}}, justification=self.why,
        )  # fmt: skip

    def _gone(self, here: PlanStep | PlanActivity, chosen: str) -> list[TailoringDecision]:
        if chosen == EXCLUDE and here.is_applicable:
            return [self._decide(here, {"is_applicable": False})]
        return [self._kept(here)]

    # --- what the plan did not have -------------------------------------------------------------------------------

    def _add(self, item: Item) -> TailoringDecision:
        made = self._add_step(item.code) if item.is_step else self._add_activity(item.code)
        after = {"title": made.title, "edition": str(self.to)}
        kind = "step" if item.is_step else "activity"
        self.log(made, f"{kind}.added", after)
        return decision.record(self.log, TailoringKind.ADOPT, made, before={}, after=after, justification=self.why)

    def _add_step(self, code: str) -> PlanStep:
        source = self.new_steps[code]
        phase = PlanPhase.objects.get(project=self.project, number=source.phase.number)
        used = set(PlanStep.objects.filter(project=self.project).values_list("number", flat=True))
        number = source.number if source.number not in used else _free(source.number, used)
        before = self._waited_for(code)
        calendar, days = self.project.calendar, layout.scaled(source.duration_days, self.project.headcount)
        ends = [one.ends_on for one in before]
        starts_on = calendar.add(max(ends), 1) if ends else calendar.on_or_after(self.project.start_on)
        last = PlanStep.objects.filter(project=self.project).aggregate(n=Max("position"), m=Max("place"))
        step = PlanStep(
            **self.owned, phase=phase, source=source, code=code, number=number, position=(last["n"] or 0) + 1,
            place=last["m"] + 1 if last["m"] else 0, title=source.title, objective=source.objective,
            deliverables=source.deliverables, hs_clauses=source.hs_clauses, approval_by=source.approval_by,
            approval_of=source.approval_of, is_iterative=source.is_iterative, duration_days=days,
            starts_on=starts_on, ends_on=calendar.last_day(starts_on, days),
        )  # fmt: skip
        self.log.mark(step).save()
        if step.is_iterative:
            StepRound.objects.create(
                **self.owned, step=step, number=1, starts_on=step.starts_on, ends_on=step.ends_on,
                approval_by=step.approval_by, approval_of=step.approval_of,
            )  # fmt: skip
        self.found.step_of[code] = step
        return step

    def _waited_for(self, code: str) -> list[PlanStep]:
        codes = {one.pk: one.code for one in self.found.new.steps}
        earlier = [codes[link.depends_on_id] for link in self.found.new.links if codes[link.step_id] == code]
        return [self.found.step_of[one] for one in earlier if one in self.found.step_of]

    def _add_activity(self, code: str) -> PlanActivity:
        source = self.new_activities[code]
        home = self.found.step_of.get(next(one.code for one in self.found.new.steps if one.pk == source.step_id))
        if home is None or not home.is_applicable:
            raise RuleBroken(
                _("%(activity)s belongs to a step that this plan does not have: add the step too, or do without it.")
                % {"activity": source}
            )
        used = set(PlanActivity.objects.filter(project=self.project).values_list("number", flat=True))
        wanted = f"{home.number}.{source.number.rsplit('.', 1)[-1]}"
        activity = PlanActivity(
            **self.owned, step=home, source=source, code=code,
            number=wanted if wanted not in used else plan.next_number(home),
            position=(home.activities.aggregate(n=Max("position"))["n"] or 0) + 1, title=source.title,
            purpose=source.purpose, inputs=source.inputs, outputs=source.outputs, responsible=source.responsible,
            hs_clauses=source.hs_clauses, approval_by=source.approval_by, approval_of=source.approval_of,
            effort_days=Decimal(source.effort_days),
            duration_days=max(self.project.calendar.between(home.starts_on, home.ends_on), 1), starts_on=home.starts_on,
            ends_on=home.ends_on, round=home.rounds.filter(closed_at=None).first() if home.is_iterative else None,
        )  # fmt: skip
        self.log.mark(activity).save()
        counters.refresh(self.project, [activity.pk])
        counters.activities_changed(activity, count=1)
        self.found.activity_of[code] = activity
        return activity

    # --- what follows ---------------------------------------------------------------------------------------------

    def follow(self) -> None:
        """Leads every row to its row of the newer edition; what that has no more becomes the organization's own."""
        for model, sources in ((PlanStep, self.new_steps), (PlanActivity, self.new_activities)):
            for one in model.objects.filter(project=self.project, source__isnull=False).only("pk", "code", "source_id"):
                source = sources.get(one.code)
                wanted = source.pk if source else None
                if one.source_id != wanted:
                    model.objects.filter(pk=one.pk).update(source_id=wanted)
        for phase in self.found.new.phases:
            PlanPhase.objects.filter(project=self.project, number=phase.number).update(source=phase)
        self._relink()
        self.project.catalogue = self.to
        self.project.version += 1
        self.log.mark(self.project).save(update_fields=["catalogue", "version", "updated_at"])
        schedule.follow(self.project, self.log)
        counters.redraw(self.project)

    def _relink(self) -> None:
        """Dependencies that the newer edition adds come in, those it gave up go; own ones stay."""
        step_of = self.found.step_of
        sides = []
        for side in (self.found.old, self.found.new):
            codes = {one.pk: one.code for one in side.steps}
            sides.append({(codes[link.step_id], codes[link.depends_on_id]) for link in side.links})
        old, new = sides
        for step, earlier in sorted(old - new):
            if step in step_of and earlier in step_of:
                StepDependency.objects.filter(step=step_of[step], predecessor=step_of[earlier]).delete()
        for step, earlier in sorted(new - old):
            if step in step_of and earlier in step_of:
                StepDependency.objects.get_or_create(
                    step=step_of[step], predecessor=step_of[earlier], defaults=self.owned
                )


def _free(number: str, used: set[str]) -> str:
    """The next free number of the same phase."""
    head = number.split(".")[0]
    last = max((by_number(one)[1][1] for one in used if one.startswith(f"{head}.")), default=0)
    return f"{head}.{last + 1}"
