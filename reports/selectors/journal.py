"""An extract of the journal for a period, with what an outsider needs to hold it against the chain.

The chain is walked from the first entry of the extract to its sealed end, by the rules of projects.journal_check, as
far as a page may wait for it (MOST_WALKED); of an older extract each printed entry is checked by itself and the seal of
the end, and the report says so.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Count, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from core import sealing
from projects import discretion, journal_check, journal_words
from projects.journal import sealed_text
from projects.models import JournalEntry, Project
from projects.selectors import journal as journals
from projects.selectors import project as standing

from .lines import day_of, said_period, sentence_left_out

PERIOD_DAYS = 30
MOST = 1_000
MOST_WALKED = 20_000


class Told(NamedTuple):
    """An entry as it is printed: its moment on the project's clock."""

    told: journal_words.Told
    at: dt.datetime
    reason: str

    @property
    def seq(self) -> int:
        return self.told.entry.seq

    @property
    def mark(self) -> str:
        return self.told.entry.hash[:16]


@dataclass
class Checked:
    """What the check of this extract says. `is_walked`: the whole chain from the first printed entry to its end."""

    holds: bool
    is_walked: bool
    count: int
    fault_seq: int | None = None
    fault: str = ""


FAULTS = {
    journal_check.CONTENT: lambda: _("its content no longer gives the hash it was written with"),
    journal_check.ORDER: lambda: _("it does not follow the entry before it"),
    journal_check.MISSING: lambda: _("an entry was taken out"),
    journal_check.TAIL: lambda: _("the last entries were taken off"),
    journal_check.BEYOND: lambda: _("it was added without sealing the end of the chain"),
    journal_check.HEAD: lambda: _("the seal over the end of the chain does not hold"),
}


def select(asked: Any) -> dict[str, Any]:
    """The entries of the period, oldest first, and the verdict; six queries (one more for 4,000 entries walked)."""
    project = asked.project
    zone = standing.zone_of(project)
    until = day_of(asked.parameters.get("until")) or asked.today
    since = day_of(asked.parameters.get("since")) or until - dt.timedelta(days=PERIOD_DAYS)
    kind = str(asked.parameters.get("kind") or "")
    kind = kind if kind in journal_words.GROUPS else ""
    # The paper is kept and read by every reader of the journal: it tells what all of them may see.
    period = journals.Filters(project, action=kind, since=since, until=until)
    found = journals.entries_of(period)
    figures = found.order_by().aggregate(total=Count("pk"), people=Count("actor_name", distinct=True), first=Min("seq"))
    untold = journals.count_of_all(period) - figures["total"]
    entries = list(found.order_by("seq")[:MOST])
    with timezone.override(zone):
        lines = [
            Told(told, told.entry.at.astimezone(zone), told.entry.reason) for told in journal_words.tell(entries, None)
        ]
    heads = journal_check.heads(project.organization_id)
    head = heads[0] if heads else None
    more = figures["total"] - len(lines)
    return {
        "project": project,
        "period": said_period(since, until),
        "left_out": [
            *([sentence_left_out(more, _("Entries"))] if more else []),
            *([discretion.says(untold)] if untold else []),
        ],
        "since": since,
        "until": until,
        "about": str(journal_words.GROUPS[kind]) if kind else "",
        "zone": project.organization.time_zone,
        "lines": lines,
        "total": figures["total"],
        "people": figures["people"],
        "more": more,
        "most": MOST,
        "head": head,
        "checked": _check(project, head, entries),
        "key_id": sealing.key_id(),
        "most_walked": MOST_WALKED,
    }


def _check(project: Project, head: journal_check.Head | None, entries: list[JournalEntry]) -> Checked | None:
    """Recomputes the chain from the first printed entry to its end; None where there is no chain at all."""
    if head is None:
        return None
    last = head.seq if head.seq is not None else head.last
    walked = last - (entries[0].seq if entries else last) + 1
    if walked <= MOST_WALKED:
        verdict = journal_check.check(head, last_only=max(walked, 1))
        return _as_checked(verdict)
    for entry in entries:
        row = tuple(getattr(entry, name) for name in journal_check.FIELDS)
        if journal_check.digest_of(project.organization_id, row) != entry.hash:
            return Checked(False, False, len(entries), entry.seq, FAULTS[journal_check.CONTENT]())
    if not sealing.holds(sealed_text(head.organization_id, head.seq, head.hash), head.seal):
        return Checked(False, False, len(entries), head.seq, FAULTS[journal_check.HEAD]())
    return Checked(True, False, len(entries))


def _as_checked(verdict: journal_check.Verdict) -> Checked:
    if verdict.fault is None:
        return Checked(True, True, verdict.count)
    words = FAULTS.get(verdict.fault.what)
    says = words() if words else verdict.fault.says
    return Checked(False, True, verdict.count, verdict.fault.seq, says)
