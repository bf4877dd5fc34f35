"""A person's notices. What a line says is shown only while its reader holds a role where it comes from: asked when it
is read, not when it was written, for a role may have ended in between."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from notifications import notices
from notifications.models import Notice
from notifications.models.notice import Way
from notifications.selectors.rights import Held, held_by, readable_by
from projects import access
from projects.models import Project
from projects.permissions import Role

PAGE = 50
MOST_COUNTED = 99


def visible(person: Any) -> QuerySet[Notice]:
    """The notices of a person that they may still read; one query, the grants included."""
    if not person.is_active:
        return Notice.objects.none()
    return Notice.objects.filter(readable_by(person, notices.NEEDS), person=person)


def unread_count(person: Any) -> int:
    """How many are unread, at most one more than MOST_COUNTED; one query over the index of the unread."""
    return visible(person).filter(is_read=False).order_by()[: MOST_COUNTED + 1].count()


@dataclass(frozen=True)
class Day:
    """The notices of one day, unread and read ones apart."""

    is_read: bool
    begins: bool  # whether it is the first of its half of the page
    on: dt.date
    word: str
    notices: list[Notice]


@dataclass(frozen=True)
class Inbox:
    days: list[Day]
    number: int
    has_next: bool
    newest: int

    @property
    def has_previous(self) -> bool:
        return self.number > 1

    @property
    def next_number(self) -> int:
        return self.number + 1

    @property
    def previous_number(self) -> int:
        return self.number - 1


def inbox(person: Any, *, kind: str = "", project: int | None = None, page: int = 1) -> Inbox:
    """One page of the inbox: unread first, newest first, by day. One query; nothing counts the whole inbox."""
    found = visible(person).select_related("project__organization", "organization")
    if kind:
        found = found.filter(kind=kind)
    if project is not None:
        found = found.filter(project=project)
    first = (page - 1) * PAGE
    rows = list(found.order_by("is_read", "-created_at", "-pk")[first : first + PAGE + 1])
    shown = rows[:PAGE]
    for notice in shown:
        entry = notices.KINDS.get(notice.kind)
        notice.label, notice.icon = (entry.label, entry.icon) if entry else (notice.kind, "bell")
    return Inbox(_days(shown), page, len(rows) > PAGE, max((notice.pk for notice in shown), default=0))


def _days(rows: list[Notice]) -> list[Day]:
    today = timezone.localdate()
    words = {today: _("Today"), today - dt.timedelta(days=1): _("Yesterday")}
    days: list[Day] = []
    for (is_read, on), group in groupby(rows, lambda one: (one.is_read, timezone.localtime(one.created_at).date())):
        begins = not days or days[-1].is_read != is_read
        days.append(Day(is_read, begins, on, words.get(on, ""), list(group)))
    return days


def projects_of(person: Any) -> list[Project]:
    """The projects whose notices a person may read, for the filter."""
    found = access.projects_as(person, Role).select_related("organization")
    return list(found.order_by("organization__name", "name", "pk"))


def own(person: Any, pk: int) -> Notice | None:
    """One notice of the person that they may still read."""
    return visible(person).filter(pk=pk).first()


def for_digest(person_ids: Iterable[int]) -> dict[int, list[Notice]]:
    """What belongs into the digests of these people: unread, wanted there, not mailed yet, and still theirs to read.

    Urgent ones first, then the oldest; each with its project and organization. Two queries, whatever the number of people.
    """
    people = list(person_ids)
    waiting = list(
        Notice.objects.filter(person__in=people, is_read=False, mail=Way.DIGEST)
        .select_related("project__organization", "organization")
        .order_by("person", "-is_urgent", "created_at", "pk")
    )
    held = held_by({notice.person_id for notice in waiting})
    found: dict[int, list[Notice]] = {}
    for notice in waiting:
        if _may_read(notice, held):
            found.setdefault(notice.person_id, []).append(notice)
    return found


def _may_read(notice: Notice, held: Held) -> bool:
    """The rule of `visible`, with roles that were read already."""
    if notice.project is not None:
        return held.may(notice.person_id, notice.project.organization_id, notice.project_id, notice.needs)
    return notice.organization_id is None or held.is_member(notice.person_id, notice.organization_id)
