"""What the schedule found, in sentences: contradictions, consequences, links. No queries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.ui import short_date
from projects.models.task import LinkKind
from projects.schedule.consequence import Consequence
from projects.schedule.network import Conflict
from projects.schedule.plan import Key, Plan, Reckoned


def days(n: int) -> str:
    return ngettext("%(n)s working day", "%(n)s working days", n) % {"n": n}


def contradiction(plan: Plan, key: Key, conflict: Conflict) -> str:
    """A date that cannot be kept, what is missing, and why."""
    name, missing = plan.name_of(key), days(conflict.days)
    if conflict.kind == "finish_by":
        by = short_date(plan.activities[key[1]].finish_by_on)
        said = _("%(name)s cannot be finished by %(date)s: %(days)s are missing.")
    elif conflict.kind == "start_by":
        by = short_date(plan.activities[key[1]].fixed_on)
        said = _("%(name)s cannot begin on %(date)s, its fixed day: what it waits for ends %(days)s too late.")
    elif conflict.kind == "before_whole":
        by = short_date(plan.span_of(key).starts_on)
        said = _("%(name)s is set by hand to begin on %(date)s, %(days)s before its activity begins.")
    elif conflict.kind == "after_whole":
        by = short_date(plan.span_of(key).ends_on)
        said = _("%(name)s is set by hand to end on %(date)s, %(days)s after its activity ends.")
    elif conflict.kind == "manual_start":
        by = short_date(plan.span_of(key).starts_on)
        said = _("%(name)s is set by hand to begin on %(date)s, %(days)s before what it waits for allows.")
    else:
        by = short_date(plan.span_of(key).ends_on)
        said = _("%(name)s is set by hand to end on %(date)s, %(days)s before its tasks or what it waits for end.")
    return said % {"name": name, "date": by, "days": missing}


def contradictions(found: Reckoned) -> list[tuple[Key, str]]:
    """All of them, by the row each is about."""
    return _said(found, [(found.network.nodes[c.place].key, c) for c in found.result.conflicts])


def _said(found: Reckoned, conflicts: Iterable[tuple[Key, Conflict]]) -> list[tuple[Key, str]]:
    return [(key, contradiction(found.plan, key, conflict)) for key, conflict in conflicts]


def moved(activities: int, tasks: int, milestones: int) -> str:
    """ "14 tasks, 3 activities": what moves, as a list of numbers; "" when nothing does."""
    parts = []
    if tasks:
        parts.append(ngettext("%(n)s task", "%(n)s tasks", tasks) % {"n": tasks})
    if activities:
        parts.append(ngettext("%(n)s activity", "%(n)s activities", activities) % {"n": activities})
    if milestones:
        parts.append(ngettext("%(n)s milestone", "%(n)s milestones", milestones) % {"n": milestones})
    return ", ".join(parts)


@dataclass(frozen=True)
class Told:
    """A consequence as the page says it."""

    headline: str
    late: str
    warnings: list[str]
    moves: list[Any]
    more: int
    token: str


MOST_MOVES = 60


def told(found: Consequence, *, is_change: bool = True) -> Told:
    """ "Moves 14 tasks and the certification by 6 working days", told apart from what is late already."""
    if is_change:
        own = moved(found.own_activities, found.own_tasks, found.count("milestone", own=True))
        headline = _headline(own, found.certification_days)
        late = _late(found)
    else:
        own = moved(found.activities, found.tasks, found.milestones)
        headline, late = _headline(own, found.late_days), ""
    rows = [move for move in found.moves if move.key[0] != "step"]
    warnings = [text for _key, text in _said(found.after, found.new_conflicts)]
    return Told(headline, late, warnings, rows[:MOST_MOVES], max(len(rows) - MOST_MOVES, 0), found.token)


def _headline(own: str, certification: int) -> str:
    if not own and not certification:
        return _("Moves nothing else.")
    if not certification:
        return _("Moves %(what)s; the certification stays where it is.") % {"what": own}
    if certification > 0:
        said = _("Moves %(what)s, and the certification by %(days)s to a later date.")
    else:
        said = _("Moves %(what)s, and the certification by %(days)s to an earlier date.")
    return said % {"what": own or _("nothing else"), "days": days(abs(certification))}


def _late(found: Consequence) -> str:
    others = len([m for m in found.moves if m.key[0] != "step"]) - len([m for m in found.own if m.key[0] != "step"])
    if found.late_days <= 0 or others <= 0:
        return ""
    said = _("What is late already moves %(n)s more dates, and the certification by %(days)s; they are saved as well.")
    return said % {"n": others, "days": days(found.late_days)}


def link(kind: str, lag: int) -> str:
    """How an activity waits for another one, the lag included."""
    said = str(LinkKind(kind).label)
    if lag > 0:
        return _("%(how)s, %(days)s later") % {"how": said, "days": days(lag)}
    if lag < 0:
        return _("%(how)s, but may overlap by %(days)s") % {"how": said, "days": days(-lag)}
    return said
