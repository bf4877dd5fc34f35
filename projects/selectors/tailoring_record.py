"""The record of tailoring: how this plan differs from the edition of the method, and why. IMS2 step 1.1, for auditors.

One query for each table, whatever was tailored: plan (three), the method's rows behind it (three), decisions (one).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from projects.models import PlanActivity, PlanStep, Project, TailoringDecision

from . import tailoring
from .plan_state import PlanState, state_of
from .published import Touched, published, touched_by, with_sources
from .tailoring import Change, Told


@dataclass(frozen=True)
class Line:
    """One step or activity that differs: in what, and the decisions that made it so."""

    item: PlanStep | PlanActivity
    is_step: bool
    differences: list[Change]
    decisions: list[Told]

    @property
    def is_own(self) -> bool:
        return self.item.source_id is None

    @property
    def is_out(self) -> bool:
        return not self.item.is_applicable

    @property
    def justification(self) -> str:
        """Of the latest decision that counts; else what stands with the item itself."""
        return self.decisions[0].decision.justification if self.decisions else self.item.justification

    @property
    def in_short(self) -> str:
        """What became of it, in a word or two."""
        if self.is_out:
            return _("Excluded")
        if self.is_own:
            return _("Added")
        if self.is_step and self.item.is_merged:
            return _("Merged")
        return _("Changed")


@dataclass
class StepPart:
    """A step with everything in it that differs."""

    step: PlanStep
    lines: list[Line]


@dataclass
class Record:
    """What is printed and signed; `pk` is the project's, for whoever asks for its approval."""

    project: Project
    state: PlanState
    told: list[Told]
    touched: Touched = field(default_factory=Touched)

    @property
    def pk(self) -> int:
        return self.project.pk

    def __str__(self) -> str:
        return _("Tailoring record")

    @property
    def in_force(self) -> list[Told]:
        """Decisions that count, in the order in which they were taken."""
        return [one for one in self.told if not one.is_undone and one.decision.undoes_id is None]

    @cached_property
    def parts(self) -> list[StepPart]:
        """Step by step, only what differs."""
        found = []
        about: dict[tuple[int, int | None], list[Told]] = {}
        for one in reversed(self.in_force):
            about.setdefault((one.decision.step_id, one.decision.activity_id), []).append(one)
        of_activity = {activity: its for (_step, activity), its in about.items() if activity}
        for step in self.state.steps:
            lines = [self._line(step, True, about.get((step.pk, None), []))]
            lines += [self._line(one, False, of_activity.get(one.pk, [])) for one in self.state.activities_of(step)]
            if kept := [line for line in lines if line is not None]:
                found.append(StepPart(step, kept))
        return found

    def _line(self, item: PlanStep | PlanActivity, is_step: bool, decisions: list[Told]) -> Line | None:
        values = published(self.state, item, self.touched)
        if item.source_id is not None and not values:
            return None
        return Line(item, is_step, tailoring.differences_of(self.state, item, values), decisions)

    @property
    def lines(self) -> list[Line]:
        return [line for part in self.parts for line in part.lines]

    @property
    def without_word(self) -> list[Told]:
        """Decisions in force that nobody justified."""
        return [one for one in self.in_force if not one.decision.justification]

    @property
    def counts(self) -> dict[str, int]:
        lines = self.lines
        return {
            "steps_excluded": sum(line.is_step and line.is_out for line in lines),
            "activities_excluded": sum(not line.is_step and line.is_out for line in lines),
            "merged": sum(line.is_step and line.item.is_merged for line in lines),
            "added": sum(line.is_own and not line.is_out for line in lines),
            "changed": sum(
                not line.is_own and not line.is_out and not (line.is_step and line.item.is_merged) for line in lines
            ),
        }

    @property
    def violated(self) -> list[str]:
        return list(dict.fromkeys(text for one in self.in_force for text in one.violated))

    @property
    def skipped(self) -> list[TailoringDecision]:
        return [one.decision for one in self.in_force if one.decision.skipped]


def record_of(project: Project) -> Record:
    """Seven queries."""
    state = with_sources(state_of(project))
    decisions = list(tailoring.of(project).order_by("number"))
    return Record(project, state, [tailoring.told(one) for one in decisions], touched_by(decisions))


def load(project: Project, pk: int) -> Record | None:
    return record_of(project) if pk == project.pk else None


def snapshot(record: Record) -> dict[str, Any]:
    """What is signed, as plain values: the edition, every difference, every decision with its reason."""
    return {
        "organization": record.project.organization.name,
        "project": record.project.name,
        "edition": str(record.project.catalogue),
        "differences": [_frozen(line, record) for line in record.lines],
        "decisions": [_decided(one.decision) for one in record.told],
    }


def _frozen(line: Line, record: Record) -> dict[str, Any]:
    values = published(record.state, line.item, record.touched)
    now = record.state.values_of(line.item, [name for name in values if name not in tailoring.QUIET])
    return {
        "number": line.item.number,
        "title": line.item.title,
        "is_own": line.is_own,
        "is_applicable": line.item.is_applicable,
        "differs": {name: {"method": values[name], "here": now[name]} for name in sorted(now)},
    }


def _decided(one: TailoringDecision) -> dict[str, Any]:
    return {
        "number": one.label,
        "what": str(one.kind),
        "item": one.item,
        "before": one.before,
        "after": one.after,
        "justification": one.justification,
        "contradicts": one.violated,
        "skips": one.skipped,
        "skips_because": one.skipped_because,
        "undoes": one.undoes.label if one.undoes_id else "",
        "by": one.decided_by_name,
        "at": one.decided_at,
    }


def authors(record: Record) -> set[int]:
    """Who took the decisions that count: none of them signs the record off."""
    return {one.decision.decided_by_id for one in record.in_force} - {None}


def without_words(record: Record) -> Iterable[str]:
    """The numbers of decisions that nobody justified."""
    return [one.decision.label for one in record.without_word]
