"""Journal entries as sentences: the one table from an action to the words a reader sees.

A verb phrase follows the person's name: "Lea Brunner *completed* T-012 Interview the process owners". An action that
the table does not know is shown readable all the same, so that an entry is never hidden.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.urls import NoReverseMatch, reverse
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.text import capfirst
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import day_words

from .models import JournalEntry, Project
from .permissions import Role

VERBS: dict[str, Any] = {
    "project.started": gettext_lazy("started the project"),
    "project.changed": gettext_lazy("changed the project"),
    "project.standards_changed": gettext_lazy("changed the standards of"),
    "project.recounted": gettext_lazy("mended the counters of"),
    "activity.start": gettext_lazy("started activity"),
    "activity.complete": gettext_lazy("completed activity"),
    "activity.reopen": gettext_lazy("reopened activity"),
    "activity.exclude": gettext_lazy("excluded activity"),
    "activity.include": gettext_lazy("included again activity"),
    "activity.added": gettext_lazy("added activity"),
    "activity.changed": gettext_lazy("changed activity"),
    "activity.linked": gettext_lazy("linked activity"),
    "activity.unlinked": gettext_lazy("took a link from activity"),
    "activity.scheduled": gettext_lazy("scheduled activity"),
    "schedule.moved": gettext_lazy("moved the dates of"),
    "calendar.closed": gettext_lazy("closed the organization for"),
    "calendar.opened": gettext_lazy("took away a closure in"),
    "calendar.away": gettext_lazy("entered an absence in"),
    "calendar.back": gettext_lazy("took away an absence in"),
    "calendar.capacity": gettext_lazy("changed the hours of a person in"),
    "baseline.taken": gettext_lazy("took baseline"),
    "baseline.approved": gettext_lazy("approved as the yardstick baseline"),
    "baseline.renamed": gettext_lazy("renamed baseline"),
    "baseline.removed": gettext_lazy("removed baseline"),
    "milestone.added": gettext_lazy("added milestone"),
    "milestone.changed": gettext_lazy("changed milestone"),
    "milestone.removed": gettext_lazy("removed milestone"),
    "activity.placed": gettext_lazy("put elsewhere activity"),
    "activity.reverted": gettext_lazy("took back to the method activity"),
    "activity.adopted": gettext_lazy("brought to the newer edition activity"),
    "step.dates_followed": gettext_lazy("moved, with its activities, step"),
    "step.moved": gettext_lazy("moved, with its activities, step"),
    "step.gate_closed": gettext_lazy("closed the gate of step"),
    "step.gate_overridden": gettext_lazy("closed, without all criteria, the gate of step"),
    "step.gate_reopened": gettext_lazy("opened again the gate of step"),
    "step.let_through": gettext_lazy("let the work go on without the decision of step"),
    "step.held_back": gettext_lazy("had the work wait again for the decision of step"),
    "step.deliverable_present": gettext_lazy("said where a deliverable is of step"),
    "step.deliverable_missing": gettext_lazy("took back where a deliverable is of step"),
    "phase.gate_closed": gettext_lazy("closed the gate of phase"),
    "phase.gate_overridden": gettext_lazy("closed, without all criteria, the gate of phase"),
    "phase.gate_reopened": gettext_lazy("opened again the gate of phase"),
    "step.exclude": gettext_lazy("excluded step"),
    "step.include": gettext_lazy("included again step"),
    "step.merged": gettext_lazy("merged into another step"),
    "step.split": gettext_lazy("split again step"),
    "step.placed": gettext_lazy("put elsewhere step"),
    "step.changed": gettext_lazy("changed step"),
    "step.added": gettext_lazy("added step"),
    "step.adopted": gettext_lazy("brought to the newer edition step"),
    "step.reverted": gettext_lazy("took back to the method step"),
    "step.round_started": gettext_lazy("opened a round of step"),
    "step.round_closed": gettext_lazy("closed a round of step"),
    "step.round_reopened": gettext_lazy("opened a round again of step"),
    "step.round_undone": gettext_lazy("took back a round of step"),
    "task.created": gettext_lazy("added task"),
    "task.changed": gettext_lazy("changed task"),
    "task.start": gettext_lazy("started task"),
    "task.complete": gettext_lazy("completed task"),
    "task.resume": gettext_lazy("resumed task"),
    "task.pause": gettext_lazy("put back task"),
    "task.block": gettext_lazy("marked as blocked task"),
    "task.reopen": gettext_lazy("reopened task"),
    "task.cancel": gettext_lazy("cancelled task"),
    "task.cancelled_with_activity": gettext_lazy("set aside, with its activity, task"),
    "task.restored_with_activity": gettext_lazy("took back, with its activity, task"),
    "task.dependency_added": gettext_lazy("added a dependency to task"),
    "task.dependency_removed": gettext_lazy("removed a dependency from task"),
    "task.item_added": gettext_lazy("added a checklist item to task"),
    "task.item_checked": gettext_lazy("checked off an item of task"),
    "task.item_unchecked": gettext_lazy("unchecked an item of task"),
    "task.item_removed": gettext_lazy("removed a checklist item from task"),
    "task.commented": gettext_lazy("commented on task"),
    "task.hours_added": gettext_lazy("added hours to task"),
    "task.evidence_added": gettext_lazy("added evidence to task"),
    "task.evidence_withdrawn": gettext_lazy("withdrew evidence of task"),
    "role.granted": gettext_lazy("gave a role in"),
    "role.taken": gettext_lazy("took a role in"),
    "role.changed": gettext_lazy("changed a role in"),
    "role.ended": gettext_lazy("ended a role in"),
    "invitation.sent": gettext_lazy("sent an invitation to"),
    "invitation.resent": gettext_lazy("sent an invitation again to"),
    "invitation.revoked": gettext_lazy("revoked an invitation to"),
    "invitation.accepted": gettext_lazy("accepted an invitation to"),
    "organization.founded": gettext_lazy("created the organization"),
    "organization.changed": gettext_lazy("changed the organization"),
    "reminders.changed": gettext_lazy("changed when people are reminded of"),
    "firm.joined": gettext_lazy("added a person to the firm"),
    "firm.left": gettext_lazy("removed a person from the firm"),
    "kit.saved": gettext_lazy("saved the kit"),
    "kit.changed": gettext_lazy("changed the kit"),
    "project.edition_changed": gettext_lazy("brought to a newer edition of the method"),
    "journal.exported": gettext_lazy("exported the journal of"),
}

# What every sort of record does alike, by the end of the action: "risk.evidence_added" needs no entry of its own.
ENDINGS: dict[str, Any] = {
    "evidence_added": gettext_lazy("added evidence to"),
    "evidence_withdrawn": gettext_lazy("withdrew evidence of"),
}

# What follows from another entry of the same change: left out where only the latest entries are shown.
CONSEQUENCES = ("task.cancelled_with_activity", "task.restored_with_activity", "step.dates_followed")

GROUPS: dict[str, Any] = {
    "project": gettext_lazy("Project"),
    "phase": gettext_lazy("Phases"),
    "step": gettext_lazy("Steps"),
    "activity": gettext_lazy("Activities"),
    "task": gettext_lazy("Tasks"),
    "schedule": gettext_lazy("Schedule"),
    "calendar": gettext_lazy("Calendar"),
    "baseline": gettext_lazy("Baselines"),
    "milestone": gettext_lazy("Milestones"),
    "role": gettext_lazy("Roles"),
    "invitation": gettext_lazy("Invitations"),
    "organization": gettext_lazy("Organization"),
    "firm": gettext_lazy("Firm"),
    "journal": gettext_lazy("Journal"),
    "kit": gettext_lazy("Kits"),
}

# Facts that are no field of their record.
FACTS: dict[str, Any] = {
    "activities": gettext_lazy("activities"),
    "approved_as": gettext_lazy("approved by"),
    "assignee": gettext_lazy("assigned to"),
    "assignee_role": gettext_lazy("role"),
    "before": gettext_lazy("stands before"),
    "catalogue": gettext_lazy("edition of the method"),
    "certification_on": gettext_lazy("certification"),
    "cited": gettext_lazy("cited as"),
    "dates": gettext_lazy("dates"),
    "deliverable": gettext_lazy("deliverable"),
    "differences": gettext_lazy("differences"),
    "email": gettext_lazy("e-mail address"),
    "file": gettext_lazy("file"),
    "first_on": gettext_lazy("first day"),
    "hours_per_week": gettext_lazy("hours a week"),
    "item": gettext_lazy("item"),
    "last_on": gettext_lazy("last day"),
    "leads_to": gettext_lazy("steps that wait for it"),
    "link": gettext_lazy("link"),
    "kind": gettext_lazy("how it waits"),
    "lag_days": gettext_lazy("lag in working days"),
    "mentions": gettext_lazy("mentioned"),
    "moved_activities": gettext_lazy("activities moved"),
    "moved_tasks": gettext_lazy("tasks moved"),
    "of": gettext_lazy("of"),
    "person": gettext_lazy("person"),
    "plan_ends_on": gettext_lazy("plan ends on"),
    "predecessor": gettext_lazy("depends on"),
    "role": gettext_lazy("role"),
    "round": gettext_lazy("round"),
    "sha256": gettext_lazy("SHA-256"),
    "standards": gettext_lazy("standards"),
    "steps": gettext_lazy("steps"),
    "tasks": gettext_lazy("tasks"),
    "text": gettext_lazy("text"),
    "to": gettext_lazy("to"),
    "until": gettext_lazy("until"),
    "yardstick": gettext_lazy("yardstick"),
    "where": gettext_lazy("where it is"),
    "without": gettext_lazy("without"),
    "working_days": gettext_lazy("working days"),
    "waits_for": gettext_lazy("starts after"),
    "waits": gettext_lazy("starts after"),
}

LONGEST = 300
HIDDEN = {"version"}


def verb_of(action: str) -> str:
    """The words of an action; of an unknown one its own, made readable: "risk.accepted" gives "risk: accepted"."""
    if action in VERBS:
        return str(VERBS[action])
    group, _dot, rest = action.partition(".")
    if rest in ENDINGS:
        return str(ENDINGS[rest])
    return f"{group}: {rest.replace('_', ' ')}" if rest else action.replace("_", " ")


@dataclass(frozen=True)
class Change:
    """One line of what changed: from `before` to `after`, or only a fact (`is_fact`)."""

    label: str
    before: str
    after: str
    is_fact: bool = False


@dataclass(frozen=True)
class Told:
    """An entry as a reader sees it."""

    entry: JournalEntry
    verb: str
    url: str
    changes: list[Change]

    @property
    def who(self) -> str:
        return self.entry.actor_name

    @property
    def is_job(self) -> bool:
        return self.entry.actor_kind != "person"

    @property
    def mark(self) -> str:
        """The first digits of the entry's hash: what people compare aloud."""
        return self.entry.hash[:10]


def tell(entries: Iterable[JournalEntry], project: Project | None) -> list[Told]:
    """Entries as sentences with links into `project`; no queries. Entries of other projects get no link."""
    return [
        Told(entry, verb_of(entry.action), address_of(entry, project), changes_of(entry))
        for entry in entries
    ]  # fmt: skip


ADDRESSES: dict[str, tuple[str, Callable[[str], str]]] = {
    "projects.task": ("projects:task-detail", lambda label: label.split(" ", 1)[0]),
    "projects.planactivity": ("projects:activity-detail", lambda label: label.split(" ", 1)[0]),
    "projects.planstep": ("projects:step-detail", lambda label: label.split(" ", 1)[0]),
}


def address_of(entry: JournalEntry, project: Project | None) -> str:
    """Where the record of an entry is shown; "" where there is no page of it."""
    if project is None or entry.project_id != project.pk or entry.target_kind not in ADDRESSES:
        return ""
    name, number_in = ADDRESSES[entry.target_kind]
    try:
        return reverse(name, kwargs={**project.address, "number": number_in(entry.target_label)})
    except NoReverseMatch:  # a label that no address can carry, or a page that this installation does not have
        return ""


def changes_of(entry: JournalEntry) -> list[Change]:
    """What an entry says that changed, in words."""
    if not isinstance(entry.changes, dict):
        return [Change("", "", shown(entry.changes), is_fact=True)]
    model = _model(entry.target_kind)
    lines = []
    for name, value in entry.changes.items():
        if name in HIDDEN:
            continue
        label = label_of(model, name)
        if _is_pair(name, value):
            lines.append(Change(label, said(model, name, value[0]), said(model, name, value[1])))
        else:
            lines.append(Change(label, "", said(model, name, value), is_fact=True))
    return lines


LISTS = {"standards", "mentions", "differences"}  # facts that are lists themselves: two of them are no "from" and "to"


def _is_pair(name: str, value: Any) -> bool:
    if not isinstance(value, list) or len(value) != 2:
        return False
    return name not in LISTS or all(isinstance(side, list) for side in value)


def _model(kind: str) -> Any:
    try:
        return apps.get_model(kind) if kind else None
    except (LookupError, ValueError):
        return None


def _field(model: Any, name: str) -> Any:
    try:
        return model._meta.get_field(name) if model is not None else None
    except FieldDoesNotExist:
        return None


def label_of(model: Any, name: str) -> str:
    field = _field(model, name)
    if name in FACTS:
        return capfirst(str(FACTS[name]))
    return capfirst(str(getattr(field, "verbose_name", name.replace("_", " "))))


def said(model: Any, name: str, value: Any) -> str:
    """A stored value as a reader says it: choices by their label, dates and roles in words."""
    if value is None or value == "":
        return ""
    choices = getattr(_field(model, name), "flatchoices", None)
    if choices and isinstance(value, str | int):
        for key, label in choices:
            if str(key) == str(value):
                return str(label)
    if name in ("role", "assignee_role", "responsible") and value in Role.values:
        return str(Role(value).label)
    return shown(value)


DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+Z\Z")


def shown(value: Any) -> str:
    if value is None:
        return ""
    if value is True or value is False:
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, dict):
        return "; ".join(f"{key}: {shown(item)}" for key, item in value.items())
    text = str(value)
    if isinstance(value, str) and len(text) <= 30:
        text = _in_words(text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1].rstrip() + "…"


def _in_words(text: str) -> str:
    try:
        if DATE.match(text) and (day := parse_date(text)):
            return day_words.short(day)
        if MOMENT.match(text) and (at := parse_datetime(text)):
            local = localtime(at.replace(tzinfo=dt.UTC) if at.tzinfo is None else at)
            return f"{day_words.short(local.date())}, {local:%H:%M}"
    except ValueError:
        pass
    return text
