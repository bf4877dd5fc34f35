"""The decisions about a plan, as its pages and its record read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import journal_words
from projects.models import PlanActivity, PlanStep, Project, TailoringDecision, TailoringKind
from projects.permissions import Role
from projects.tailoring import network

from .plan_state import PlanState, state_of
from .published import Touched, touched_by


def of(project: Project) -> QuerySet[TailoringDecision]:
    """All decisions, the latest first, with what undid them."""
    return (
        TailoringDecision.objects.filter(project=project)
        .select_related("step", "activity", "undoes", "undone_by")
        .order_by("-number")
    )


def standing(project: Project) -> QuerySet[TailoringDecision]:
    """The decisions that count: neither undone nor only undoing another."""
    return of(project).filter(undoes=None, undone_by=None)


def last_standing(project: Project) -> TailoringDecision | None:
    """The decision that "undo" would take back."""
    return standing(project).select_related("step__project__organization", "activity").first()


def touched(project: Project) -> Touched:
    """Whose place and links were ever decided. One query."""
    about = Q(kind=TailoringKind.PLACE) | Q(after__has_key="waits") | Q(after__has_key="leads_to")
    found = TailoringDecision.objects.filter(about, project=project).order_by()
    return touched_by(found.only("kind", "step_id", "activity_id", "before", "after"))


def searched(found: QuerySet[TailoringDecision], wanted: dict[str, Any]) -> QuerySet[TailoringDecision]:
    """Narrowed by what a list's query string says: words, kind, step, author, and whether it still stands."""
    if text := wanted.get("q"):
        found = found.filter(
            Q(item__icontains=text) | Q(justification__icontains=text) | Q(decided_by_name__icontains=text)
        )
    if kind := wanted.get("kind"):
        found = found.filter(kind=kind)
    if step := wanted.get("step"):
        found = found.filter(step__number=step)
    if wanted.get("state") == "standing":
        found = found.filter(undoes=None, undone_by=None)
    elif wanted.get("state") == "undone":
        found = found.exclude(undone_by=None)
    return found


def in_order(found: QuerySet[TailoringDecision], sort: str) -> QuerySet[TailoringDecision]:
    """The latest first, or by step or by person."""
    orders = {"step": ("step__position", "-number"), "who": ("decided_by_name", "-number")}
    return found.order_by(*orders.get(sort, ("-number",)))


def about(item: PlanStep | PlanActivity) -> list[Told]:
    """What was decided about one item, the latest first."""
    where = {"activity": item} if isinstance(item, PlanActivity) else {"step": item, "activity": None}
    return [told(one) for one in of(item.project).filter(**where)]


# --- in words ---------------------------------------------------------------------------------------------------------


class Change(NamedTuple):
    """One value that a decision changed, in words."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """A decision as a reader sees it."""

    decision: TailoringDecision
    changes: list[Change]
    violated: list[str]

    @property
    def is_undone(self) -> bool:
        return getattr(self.decision, "undone_by", None) is not None

    @property
    def number(self) -> str:
        """Of the step or activity."""
        return self.decision.item.split(" ", 1)[0]


LABELS: dict[str, Any] = {
    "is_applicable": gettext_lazy("Part of the plan"),
    "merged_into": gettext_lazy("Worked together with"),
    "phase": gettext_lazy("Phase"),
    "before": gettext_lazy("Stands before"),
    "step": gettext_lazy("Worked in step"),
    "leads_to": gettext_lazy("Steps that wait for it"),
    "duration_days": gettext_lazy("Working days"),
    "responsible": gettext_lazy("Responsible role"),
    "effort_days": gettext_lazy("Effort in person-days"),
    "activities": gettext_lazy("Activities"),
    "round": gettext_lazy("Round"),
    "waits_for": gettext_lazy("Starts after"),
    "waits": gettext_lazy("Starts after"),
    "edition": gettext_lazy("Edition"),
}
QUIET = {"works_before", "dates", "chain"}


def told(decision: TailoringDecision) -> Told:
    """A decision with its changes and contradictions in words; no queries."""
    model = PlanActivity if decision.activity_id else PlanStep
    names = [*decision.after, *(name for name in decision.before if name not in decision.after)]
    changes = [
        Change(
            label_of(model, name),
            said(model, name, decision.before.get(name)),
            said(model, name, decision.after.get(name)),
        )
        for name in names
        if name not in QUIET
    ]
    violated = [
        _("%(step)s is worked before %(predecessor)s, which it builds on") % {"step": step, "predecessor": predecessor}
        for step, predecessor in decision.violated
    ]
    return Told(decision, changes, violated)


def label_of(model: type, name: str) -> str:
    return str(LABELS[name]) if name in LABELS else journal_words.label_of(model, name)


def said(model: type, name: str, value: Any) -> str:
    """A value as a reader says it; an end place and nothing merged have words of their own."""
    if value is None or value == "":
        return {"before": _("at the end"), "merged_into": _("alone"), "phase": "", "step": ""}.get(name, "–")
    if name == "approval_by" and value in Role.values:
        return str(Role(value).label)
    return journal_words.said(model, name, _plain(value)) or "–"


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def differences_of(state: PlanState, item: PlanStep | PlanActivity, published: dict[str, Any]) -> list[Change]:
    """How an item differs from the method: what it says, what stands here; `published` from services.untailor."""
    model = type(item)
    now = state.values_of(item, [name for name in published if name not in QUIET])
    return [
        Change(label_of(model, name), said(model, name, published[name]), said(model, name, now[name])) for name in now
    ]


# --- the board --------------------------------------------------------------------------------------------------------


@dataclass
class BoardLine:
    """A step on the board, with what was decided about it."""

    step: PlanStep
    merged: list[PlanStep]
    host: PlanStep | None
    activities: list[PlanActivity]
    decided: set[str]
    violated: list[str]
    what: list[Any] = field(default_factory=list)

    @property
    def number(self) -> str:
        return " + ".join([self.step.number, *(one.number for one in self.merged)])

    @property
    def is_own(self) -> bool:
        return self.step.source_id is None

    @property
    def excluded_count(self) -> int:
        return sum(not one.is_applicable for one in self.activities) if self.step.is_applicable else 0

    @property
    def own_count(self) -> int:
        return sum(one.source_id is None for one in self.activities)


@dataclass
class Board:
    """The plan in its order, phase by phase."""

    state: PlanState
    lines: list[BoardLine]
    decision_count: int
    last: Told | None

    @property
    def phases(self) -> list[tuple[Any, int, list[BoardLine]]]:
        found: dict[int, list[BoardLine]] = {}
        for line in self.lines:
            found.setdefault(line.step.phase.number, []).append(line)
        return [(lines[0].step.phase, (number - 1) % 4 + 1, lines) for number, lines in found.items()]

    @property
    def counts(self) -> dict[str, int]:
        """How much was tailored, in numbers."""
        return {
            "excluded_steps": sum(not line.step.is_applicable for line in self.lines),
            "excluded_activities": sum(line.excluded_count for line in self.lines),
            "merged": sum(line.step.is_merged for line in self.lines),
            "own_steps": sum(line.is_own for line in self.lines),
            "own_activities": sum(line.own_count for line in self.lines),
            "placed": sum("place" in line.decided for line in self.lines),
            "changed": sum("change" in line.decided for line in self.lines),
        }

    @property
    def violated(self) -> list[str]:
        return [text for line in self.lines for text in line.violated]


def board_of(project: Project) -> Board:
    """Five queries, whatever was decided."""
    state = state_of(project)
    kinds: dict[int, set[str]] = {}
    for step, kind in standing(project).order_by().values_list("step_id", "kind"):
        kinds.setdefault(step, set()).add(kind)
    last = last_standing(project)
    contradicted: dict[str, list[str]] = {}
    for link in network.reading(state.nodes, state.links).violated:
        words = {"step": link.step, "predecessor": state.by_number[link.predecessor]}
        contradicted.setdefault(link.step, []).append(
            _("%(step)s is worked before what it builds on: %(predecessor)s") % words
        )
    lines = [
        BoardLine(
            step=step,
            merged=[one for one in state.steps if one.merged_into_id == step.pk],
            host=state.by_pk.get(step.merged_into_id),
            activities=state.activities_of(step),
            decided=kinds.get(step.pk, set()),
            violated=contradicted.get(step.number, []),
        )
        for step in state.steps
    ]
    return Board(state, lines, sum(map(len, kinds.values())), told(last) if last else None)
