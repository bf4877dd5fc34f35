"""Kits: a firm keeps a tailored plan, and starts the next client's project from it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Organization
from core import canonical
from core.rules import RuleBroken, refused
from projects import access, journal, kits, layout
from projects.flow import NotPermitted
from projects.models import Kit, KitVersion, PlanActivity, Project, TailoringKind
from projects.permissions import Perm
from projects.selectors import kit as selectors
from projects.selectors.plan_state import PlanState, read_wait, state_of, wait
from projects.tailoring import kit as contents
from projects.tailoring.order import next_of

from . import own_step, plan, tailor, task, team

CLAUSE = "IMS2 step 1.1"


def _permit(firm: Organization, by: Any) -> None:
    if not team.firms_of(by).filter(pk=firm.pk).exists():
        raise NotPermitted(_("Kits belong to a consulting firm and its people."))


def save(
    *, project: Project, firm: Organization, by: Any, name: str, note: str = "", description: str = "",
    without_tasks: Collection[str] = (), registers: Collection[str] = (),
    without_rows: Mapping[str, Collection[str]] | None = None,
) -> KitVersion:  # fmt: skip
    """Keeps the plan of a project as a kit of this name, or as its next version. Raises RuleBroken, NotPermitted.

    Names and contact data are taken out; tasks whose (scrubbed) titles are in `without_tasks` stay behind. Of the registers
    (projects.kits) go along those named, as far as `by` may see them, without what `without_rows` names.
    """
    _permit(firm, by)
    if not access.can(by, Perm.EDIT_PLAN, project):
        raise NotPermitted(_("You may not take the plan of this project along."))
    if not name.strip():
        raise refused("name", _("Give the kit a name."))
    content, _found = selectors.content_of(project, access.perms_in(by, project) if registers else ())
    content = contents.without(content, without_tasks)
    if taken := kits.chosen(content.pop("registers", {}), registers, without_rows or {}):
        content["registers"] = taken
    with journal.change(firm, by=by, reason=note) as log:
        kit = Kit.objects.filter(organization=firm, name=name.strip()).first()
        if kit is None:
            kit = Kit.objects.create(organization=firm, name=name.strip(), description=description.strip())
        elif description.strip() and description.strip() != kit.description:
            kit.description = description.strip()
            kit.version += 1
            kit.save(update_fields=["description", "version", "updated_at"])
        last = kit.versions.aggregate(n=Max("number"))["n"] or 0
        digest = canonical.digest(content)
        if kit.versions.filter(number=last, digest=digest).exists():
            raise RuleBroken(_("Version %(n)s of “%(kit)s” is exactly this plan already.") % {"n": last, "kit": kit})
        method = selectors.method_as_content(project.catalogue, project.headcount)
        made = KitVersion.objects.create(
            kit=kit, number=last + 1, catalogue=project.catalogue, headcount=project.headcount, content=content,
            digest=digest, note=note.strip(), difference_count=len(contents.between(method, content)), created_by=by,
            **contents.counts(content),
        )  # fmt: skip
        told = {"differences": made.difference_count, **contents.counts(content)}
        if taken:
            told["registers"] = [f"{part.label}: {words}" for part, words in kits.said(taken)]
        log(made, "kit.saved", told)
    return made


def edit(*, kit: Kit, by: Any, values: dict[str, Any]) -> Kit:
    """Renames a kit, describes it, or takes it from the start page; its versions stay."""
    _permit(kit.organization, by)
    with journal.change(kit.organization, by=by) as log:
        fresh = Kit.objects.select_related("organization").get(pk=kit.pk)
        known = {name: values[name] for name in ("name", "description", "is_retired") if name in values}
        if not str(known.get("name", "x")).strip():
            raise refused("name", _("Give the kit a name."))
        taken = Kit.objects.filter(organization=fresh.organization, name=known.get("name", fresh.name))
        if taken.exclude(pk=fresh.pk).exists():
            raise refused("name", _("There is a kit of that name already."))
        before = {name: getattr(fresh, name) for name in known}
        for name, value in known.items():
            setattr(fresh, name, value)
        fresh.version += 1
        fresh.save()
        log(fresh, "kit.changed", journal.differences(before, known))
    return fresh


# --- starting from one ------------------------------------------------------------------------------------------------


def lay_out(project: Project, version: KitVersion, *, by: Any, with_tasks: bool = True) -> None:
    """Makes a fresh plan of the kit's edition what the kit says, each difference a decision that names the kit.

    Durations are fitted from the size the kit was made for to this one. Inside the change that starts the project.
    """
    kit = _Kit(project, version, by)
    kit.add_own()
    kit.resize_and_rename()
    kit.place()
    kit.link()
    kit.merge_and_exclude()
    if with_tasks:
        kit.add_tasks()
    kits.put(project, version.content.get("registers", {}), by, kit.number)


class _Kit:
    """One kit being laid out in one project."""

    def __init__(self, project: Project, version: KitVersion, by: Any) -> None:
        self.project, self.version, self.by = project, version, by
        self.content = version.content
        self.numbers: dict[str, str] = {}
        """Numbers of the kit's own steps to those they got here."""
        self.why = _("From the kit “%(kit)s”.") % {"kit": version}
        self.scale = layout.size_factor(project.headcount) / layout.size_factor(version.headcount)

    def said(self, item: dict[str, Any]) -> str:
        return f"{self.why} {item.get('justification', '')}".strip()

    def days(self, days: int) -> int:
        return max(1, int((Decimal(days) * self.scale).to_integral_value(rounding="ROUND_HALF_UP")))

    def decide(self, kind: TailoringKind, item: Any, values: dict[str, Any], said: str) -> None:
        tailor.decide(
            project=self.project,
            by=self.by,
            kind=kind,
            item=item,
            values=values,
            justification=said,
            skipped_because=said,
        )

    @property
    def state(self) -> PlanState:
        return state_of(self.project)

    def number(self, number: str) -> str:
        return self.numbers.get(number, number)

    def wait(self, number: str, lag: int) -> str:
        return wait(self.number(number), lag)

    def add_own(self) -> None:
        waits: dict[str, list[str]] = {}
        for step, predecessor, lag in self.content["links"]:
            waits.setdefault(step, []).append(wait(predecessor, lag))
        for step in self.content["steps"]:
            if not step["code"]:
                made = own_step.add(
                    project=self.project, by=self.by, title=step["title"], justification=self.said(step),
                    phase=step["phase"], duration_days=self.days(step["duration_days"]), objective=step["objective"],
                    waits_for=[self.wait(*read_wait(one)) for one in waits.get(step["number"], [])],
                    approval_by=step["approval_by"], approval_of=step["approval_of"], deliverables=step["deliverables"],
                    is_iterative=step["is_iterative"],
                )  # fmt: skip
                self.numbers[step["number"]] = made.step.number
        state = self.state
        for step in self.content["steps"]:
            place = state.by_number.get(self.number(step["number"]))
            for one in step["activities"] if place is not None else ():
                if not one["code"]:
                    days = self.days(one["duration_days"])
                    made = plan.add_activity(
                        step=place, by=self.by, title=one["title"], justification=self.said(one), purpose=one["purpose"],
                        responsible=one["responsible"], effort_days=Decimal(one["effort_days"]), is_by_hand=False,
                        starts_on=place.starts_on, ends_on=self.project.calendar.last_day(place.starts_on, days),
                    )  # fmt: skip
                    self.numbers[one["number"]] = made.number

    def resize_and_rename(self) -> None:
        for step in self.content["steps"]:
            here = self.state.by_number.get(self.number(step["number"]))
            if here is None:
                continue
            if step["code"]:
                wanted = {
                    name: step[name] for name in ("title", "objective", "deliverables", "approval_by", "approval_of")
                }
                wanted["duration_days"] = self.days(step["duration_days"])
                values = {name: value for name, value in wanted.items() if getattr(here, name) != value}
                if values:
                    self.decide(TailoringKind.CHANGE, here, values, self.said(step))
            for one in step["activities"]:
                self._change_activity(one)

    def _change_activity(self, one: dict[str, Any]) -> None:
        here = self._activity(one["number"])
        if here is None or not one["code"]:
            return
        names = ("title", "purpose", "responsible", "effort_days", "approval_by", "approval_of")
        wanted = {name: Decimal(one[name]) if name == "effort_days" else one[name] for name in names}
        values = {name: value for name, value in wanted.items() if getattr(here, name) != value}
        if values:
            self.decide(TailoringKind.CHANGE, here, values, self.said(one))

    def _activity(self, number: str) -> PlanActivity | None:
        return PlanActivity.objects.filter(project=self.project, number=self.number(number)).first()

    def place(self) -> None:
        """Puts steps where the kit has them, from the last to the first, so that each finds what follows it."""
        for step in reversed(self.content["steps"]):
            state = self.state
            here = state.by_number.get(self.number(step["number"]))
            if here is None:
                continue
            wanted = {"phase": step["phase"], "before": self.number(step["before"])}
            if state.values_of(here, wanted) != wanted and wanted["before"] in ("", *state.by_number):
                worked = [self.number(number) for number in self.content["worked"]]
                wanted["works_before"] = next_of(worked, here.number) or ""
                self.decide(TailoringKind.PLACE, here, wanted, self.said(step))

    def link(self) -> None:
        """Lets steps wait for what they wait for in the kit, and as long. After `place`: the order says what counts."""
        wanted: dict[str, dict[str, int]] = {}
        for step, predecessor, lag in self.content["links"]:
            wanted.setdefault(step, {})[self.number(predecessor)] = lag
        against: list[tuple[dict[str, Any], dict[str, int]]] = []
        for step in self.content["steps"]:
            here, waits = self.number(step["number"]), wanted.get(step["number"], {})
            state = self.state
            if here not in state.by_number:
                continue
            worked = state.worked
            ahead = set(worked[: worked.index(here)])
            known = {read_wait(text)[0] for text in state.values_of(state.by_number[here], ["waits"])["waits"]}
            first = {number: lag for number, lag in waits.items() if number in ahead | known}
            self._let_wait(step, first)
            if first.keys() < waits.keys() & set(worked):
                against.append((step, waits))
        for step, waits in against:
            # What the order contradicts is told and not waited for; where it would close a circle, the kit lets it go.
            with contextlib.suppress(RuleBroken):
                self._let_wait(step, waits)

    def _let_wait(self, step: dict[str, Any], waits: dict[str, int]) -> None:
        state = self.state
        here = state.by_number[self.number(step["number"])]
        wanted = {"waits": sorted(wait(number, lag) for number, lag in waits.items() if number in state.by_number)}
        if state.values_of(here, wanted) != wanted:
            self.decide(TailoringKind.CHANGE, here, wanted, self.said(step))

    def merge_and_exclude(self) -> None:
        for step in self.content["steps"]:
            here = self.state.by_number.get(self.number(step["number"]))
            if here is None:
                continue
            for one in step["activities"]:
                activity = self._activity(one["number"])
                if step["is_applicable"] and not one["is_applicable"] and activity is not None:
                    self.decide(TailoringKind.EXCLUDE, activity, {"is_applicable": False}, self.said(one))
            if step["merged_into"]:
                into = {"merged_into": self.number(step["merged_into"])}
                self.decide(TailoringKind.MERGE, here, into, self.said(step))
            elif not step["is_applicable"]:
                self.decide(TailoringKind.EXCLUDE, here, {"is_applicable": False}, self.said(step))

    def add_tasks(self) -> None:
        known = {one.number: one for one in PlanActivity.objects.filter(project=self.project)}
        calendar = self.project.calendar
        rows = []
        for step in self.content["steps"]:
            for one in step["activities"]:
                place = known.get(self.number(one["number"]))
                if place is None or not place.is_applicable:
                    continue
                for found in one["tasks"]:
                    due = min(calendar.add(place.starts_on, found["due"] - 1), max(place.ends_on, place.starts_on))
                    rows.append(
                        {
                            "title": found["title"],
                            "description": found["description"],
                            "activity": place,
                            "assignee_role": found["role"],
                            "starts_on": place.starts_on,
                            "due_on": max(due, place.starts_on),
                            "effort_hours_planned": Decimal(found["hours"]) if found["hours"] else None,
                        }
                    )
        task.create_many(project=self.project, by=self.by, rows=rows)
