"""What others changed in a project since a person last looked, in words and by kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from projects import discretion, journal_words
from projects.models import JournalEntry, Project, ProjectSeen

MOST = 200
AT_FIRST_DAYS = 14
"""Who never marked anything as seen is shown the last two weeks."""

KINDS: dict[str, Any] = {
    "done": _("Completed"),
    "dates": _("Dates moved"),
    "held": _("Blocked, cancelled, reopened"),
    "new": _("New tasks"),
    "plan": _("Plan and settings"),
    "people": _("People and roles"),
    "talk": _("Comments and evidence"),
    "work": _("Worked on"),
    "rest": _("Everything else"),
}
OF_ACTION = {
    "task.complete": "done",
    "activity.complete": "done",
    "step.dates_followed": "dates",
    "schedule.moved": "dates",
    "activity.scheduled": "dates",
    "task.block": "held",
    "task.cancel": "held",
    "task.reopen": "held",
    "activity.reopen": "held",
    "activity.start": "work",
    "task.created": "new",
    "task.commented": "talk",
}
OF_ENDING = {"evidence_added": "talk", "evidence_withdrawn": "talk"}
OF_GROUP = {
    "task": "work", "project": "plan", "step": "plan", "activity": "plan", "role": "people", "invitation": "people", "firm": "people",
    "schedule": "plan", "baseline": "plan", "milestone": "plan", "calendar": "plan",
}  # fmt: skip
DATES = {"due_on", "starts_on", "ends_on", "target_on"}


def kind_of(action: str, changes: Any) -> str:
    """Under which heading an entry stands; a change of dates counts as that, whatever else was changed with it."""
    if action in OF_ACTION:
        return OF_ACTION[action]
    if (ending := action.partition(".")[2]) in OF_ENDING:
        return OF_ENDING[ending]
    if action.endswith(".changed") and isinstance(changes, dict) and DATES & changes.keys():
        return "dates"
    return OF_GROUP.get(action.partition(".")[0], "rest")


class Group(NamedTuple):
    kind: str
    label: Any
    told: list[journal_words.Told]


@dataclass(frozen=True)
class Changes:
    """`upto` is the last entry that was there when the page was made: what the person will have seen."""

    groups: list[Group]
    count: int
    is_all: bool
    since: dt.datetime | None
    seen_at: dt.datetime | None
    upto: int


def since_seen(project: Project, person: Any) -> Changes:
    """The latest MOST entries of other people since the person's mark; three queries whatever the journal's length."""
    seen = ProjectSeen.objects.filter(person=person, project=project).first()
    entries = JournalEntry.objects.filter(project=project).order_by("-seq")
    upto = entries.values_list("seq", flat=True).first() or 0
    others = entries.filter(actor__isnull=False, seq__lte=upto).exclude(actor=person)
    others = discretion.for_reader(others, project, person)
    since = seen.at if seen else timezone.now() - dt.timedelta(days=AT_FIRST_DAYS)
    others = others.filter(seq__gt=seen.seq) if seen else others.filter(at__gte=since)
    found = list(others[: MOST + 1])
    told: dict[str, list[journal_words.Told]] = {}
    for line in journal_words.tell(found[:MOST], project):
        told.setdefault(kind_of(line.entry.action, line.entry.changes), []).append(line)
    return Changes(
        [Group(kind, label, told[kind]) for kind, label in KINDS.items() if kind in told],
        min(len(found), MOST),
        len(found) <= MOST,
        since,
        seen.at if seen else None,
        upto,
    )
