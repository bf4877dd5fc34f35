"""An organization's own method: its plan held against the edition of the catalogue it was laid out from.

Words, roles and efforts are compared with the catalogue's rows. Dates and durations are compared with the plan as it
was first laid out, because the catalogue has none (its durations are fitted to the size of the organization at the
start). Who decided, when and why comes from the journal, for readers who may read it.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from pdca.models import Activity, Step
from projects import journal_words
from projects.models import JournalEntry, PlanActivity, PlanStep
from projects.permissions import Perm
from projects.selectors import project as standing
from projects.selectors import step as steps

from .lines import Titles, cover_facts, said_short

WORDS = ("title", "purpose", "responsible", "effort_days", "inputs", "outputs", "approval_by", "approval_of")
STEP_WORDS = ("title", "objective", "deliverables", "is_iterative", "approval_by", "approval_of")
DATES = ("starts_on", "ends_on", "duration_days")

UNCHANGED, MOVED, CHANGED, EXCLUDED, ADDED = "unchanged", "moved", "changed", "excluded", "added"


class Decided(NamedTuple):
    """Who decided, when and why, as the journal says."""

    who: str
    on: dt.date
    why: str
    seq: int


class Difference(NamedTuple):
    """One thing that differs: from `before` to `after`, in words."""

    label: str
    before: str
    after: str


@dataclass
class Row:
    """A step or an activity against the method."""

    number: str
    title: str
    kind: str
    is_step: bool = False
    published: str = ""
    justification: str = ""
    details: str = ""
    differences: list[Difference] = field(default_factory=list)
    decided: Decided | None = None

    @property
    def is_worth_telling(self) -> bool:
        return self.kind != UNCHANGED


@dataclass
class Part:
    """A step with its counts and the rows that differ."""

    number: str
    title: str
    counts: dict[str, int]
    rows: list[Row]
    missing: list[str]
    in_method: int

    @property
    def told(self) -> list[Row]:
        """What is printed in full: all that differs in more than dates."""
        return [row for row in self.rows if row.kind not in (UNCHANGED, MOVED)]

    @property
    def moved(self) -> list[Row]:
        return [row for row in self.rows if row.kind == MOVED]

    @property
    def differs(self) -> bool:
        return bool(self.told or self.moved or self.missing)


def select(asked: Any) -> dict[str, Any]:
    """The comparison, per step, in nine queries whatever the size of the plan."""
    project = asked.project
    words = Titles(project, with_activities=True)
    catalogue_steps = {row.pk: row for row in Step.objects.filter(catalogue=project.catalogue_id)}
    catalogue = {row.pk: row for row in Activity.objects.filter(catalogue=project.catalogue_id)}
    first_steps, first = _first(PlanStep, project), _first(PlanActivity, project)
    may_read_journal = Perm.VIEW_JOURNAL in asked.perms
    told = _told(project, standing.zone_of(project)) if may_read_journal else {}
    by_step: dict[int, list[PlanActivity]] = defaultdict(list)
    for activity in PlanActivity.objects.filter(project=project).order_by("step_id", "position", "pk"):
        by_step[activity.step_id].append(activity)
    parts = []
    for step in steps.steps_of(project):
        source = catalogue_steps.get(step.source_id)
        rows = [_step_row(step, source, first_steps.get(step.pk), told, words)]
        rows += [
            _activity_row(one, catalogue.get(one.source_id), first.get(one.pk), told, words) for one in by_step[step.pk]
        ]
        there = {one.source_id for one in by_step[step.pk]}
        published = [row for row in catalogue.values() if row.step_id == step.source_id]
        parts.append(
            Part(
                step.number,
                words.step(step),
                _counts(rows),
                rows,
                [str(row) for row in published if row.pk not in there],
                len(published),
            )
        )
    totals = {kind: sum(part.counts[kind] for part in parts) for kind in (UNCHANGED, MOVED, CHANGED, EXCLUDED, ADDED)}
    return {
        "project": project,
        "edition": project.catalogue,
        "cover_facts": cover_facts(project),
        "parts": parts,
        "differing": [part for part in parts if part.differs],
        "same": [part for part in parts if not part.differs],
        "totals": totals,
        "published_count": len(catalogue),
        "may_read_journal": may_read_journal,
        "size": project.headcount,
    }


def _counts(rows: list[Row]) -> dict[str, int]:
    """Activities by what became of them; the step's own row is not one."""
    counts = dict.fromkeys((UNCHANGED, MOVED, CHANGED, EXCLUDED, ADDED), 0)
    for row in rows:
        if not row.is_step:
            counts[row.kind] += 1
    return counts


def _first(model: Any, project: Any) -> dict[int, dict[str, Any]]:
    """Dates as they were first laid out, by record; one query over the history."""
    rows = model.history.filter(project_id=project.pk, history_type="+").order_by("-history_id")
    return {row["id"]: row for row in rows.values("id", *DATES)}


# --- the journal ------------------------------------------------------------------------------------------------------


def _told(project: Any, zone: Any) -> dict[tuple[str, int], list[tuple[JournalEntry, Decided]]]:
    """The entries about steps and activities by record, the latest first; one query."""
    kinds = ("projects.planactivity", "projects.planstep")
    found: dict[tuple[str, int], list[tuple[JournalEntry, Decided]]] = defaultdict(list)
    entries = JournalEntry.objects.filter(project=project, target_kind__in=kinds)
    fields = ("target_kind", "target_id", "action", "changes", "actor_name", "at", "reason", "seq")
    for entry in entries.only(*fields).order_by("-seq"):
        decided = Decided(entry.actor_name, entry.at.astimezone(zone).date(), entry.reason, entry.seq)
        found[entry.target_kind, entry.target_id].append((entry, decided))
    return found


def _decided(told: Any, record: Any, *, action: str = "", names: set[str] | None = None) -> Decided | None:
    """The latest entry of an action, or one that changed any of the named fields."""
    for entry, decided in told.get((record._meta.label_lower, record.pk), ()):
        if action and entry.action.endswith(action):
            return decided
        if names and isinstance(entry.changes, dict) and names & entry.changes.keys():
            return decided
    return None


# --- one row ----------------------------------------------------------------------------------------------------------


def _step_row(step: PlanStep, source: Step | None, first: dict | None, told: Any, words: Titles) -> Row:
    row = Row(step.number, words.step(step), UNCHANGED, is_step=True, justification=step.justification)
    if not step.is_applicable:
        row.kind, row.decided = EXCLUDED, _decided(told, step, action=".exclude", names={"is_applicable"})
        return row
    if source is None:
        row.kind, row.decided = ADDED, _decided(told, step, action=".added")
        return row
    _compare(row, step, source, STEP_WORDS, first, told, is_date_told=False)
    if step.merged_into_id:
        row.kind = CHANGED
        row.differences.append(Difference(_("Merged"), "", _("worked together with another step")))
    return row


def _activity_row(activity: PlanActivity, source: Activity | None, first: dict | None, told: Any, words: Titles) -> Row:
    row = Row(activity.number, words.activity(activity), UNCHANGED, justification=activity.justification)
    if not activity.is_applicable:
        row.kind, row.decided = EXCLUDED, _decided(told, activity, action=".exclude")
        return row
    if source is None:
        row.kind, row.decided = ADDED, _decided(told, activity, action=".added")
        row.details = _("%(role)s, %(days)s person-days, %(start)s to %(end)s") % {
            "role": activity.get_responsible_display(),
            "days": number_format(_plain(activity.effort_days)),
            "start": said_short(activity.starts_on),
            "end": said_short(activity.ends_on),
        }
        return row
    _compare(row, activity, source, WORDS, first, told)
    return row


def _compare(
    row: Row, record: Any, source: Any, names: tuple[str, ...], first: dict | None, told: Any, *, is_date_told: bool = True
) -> None:  # fmt: skip
    """Fills in what differs: from the method, then from the dates first laid out."""
    changed = {name for name in names if getattr(record, name) != getattr(source, name)}
    for name in names:
        if name in changed:
            row.differences.append(_difference(record, name, getattr(source, name), getattr(record, name)))
    moved = {name for name in DATES if first is not None and getattr(record, name) != first[name]}
    if moved and is_date_told:
        row.differences.append(_dates(record, first))
        if "duration_days" in moved:
            row.differences.append(_difference(record, "duration_days", first["duration_days"], record.duration_days))
    if changed:
        row.kind, row.published = CHANGED, source.title if "title" in changed else ""
    elif moved and is_date_told:
        row.kind = MOVED
    if row.differences:
        row.decided = _decided(told, record, names=changed or moved)


def _difference(record: Any, name: str, before: Any, after: Any) -> Difference:
    return Difference(
        journal_words.label_of(type(record), name), _words(record, name, before), _words(record, name, after)
    )


def _words(record: Any, name: str, value: Any) -> str:
    if isinstance(value, Decimal):
        return number_format(_plain(value))
    return journal_words.said(type(record), name, value) or "–"


def _plain(value: Decimal) -> Decimal:
    """Without zeros behind the point that nobody wrote."""
    return value.quantize(Decimal(1)) if value == value.to_integral_value() else value.normalize()


def _dates(record: Any, first: dict) -> Difference:
    def span(starts_on: dt.date, ends_on: dt.date) -> str:
        return f"{said_short(starts_on)} – {said_short(ends_on)}"

    return Difference(_("Dates"), span(first["starts_on"], first["ends_on"]), span(record.starts_on, record.ends_on))
