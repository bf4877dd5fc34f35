"""The journal as a reader may see it: one project's entries, or the whole organization's."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from accounts.models import Organization
from core import day_words, sealing
from projects import access, discretion, journal_words
from projects.journal import sealed_text
from projects.models import JournalEntry, JournalHead, Project
from projects.permissions import Perm
from projects.selectors.project import zone_of

PAGE = 50
LARGEST = 2**63 - 1


@dataclass
class Filters:
    """What the list was asked for, cleaned; what makes no sense is no filter.

    `user` reads it: nothing is told of records they may not see. None stands for every reader of the journal.
    """

    project: Project
    user: Any = None
    is_whole: bool = False
    person: int | None = None
    action: str = ""
    target: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    before: int | None = None
    after: int | None = None
    chosen: list[dict[str, Any]] = field(default_factory=list)


def day_of(text: str) -> dt.date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def number_of(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,19}", text) and int(text) <= LARGEST else None


def filters_of(
    query: Mapping[str, str], project: Project, *, user: Any, may_see_whole: bool, people: list[Any]
) -> Filters:
    """Reads the query string; the whole organization only for those who may."""
    asked = Filters(project, user, is_whole=may_see_whole and query.get("scope") == "organization")

    def chose(name: str, label: str, text: Any) -> None:
        asked.chosen.append({"name": name, "value": query.get(name, ""), "label": label, "text": text})

    person = number_of(query.get("person", ""))
    names = {one.pk: one.name for one in people}
    if person in names:
        asked.person = person
        chose("person", _("Person"), names[person])
    action = query.get("action", "")
    if action in journal_words.VERBS:
        asked.action = action
        chose("action", _("Action"), journal_words.verb_of(action))
    elif action in journal_words.GROUPS:
        asked.action = action
        chose("action", _("Action"), journal_words.GROUPS[action])
    target = query.get("target", "").replace("\x00", "").strip()[:100]
    if target:
        asked.target = target
        chose("target", _("Record"), target)
    asked.since, asked.until = day_of(query.get("since", "")), day_of(query.get("until", ""))
    if asked.since:
        chose("since", _("From"), day_words.short(asked.since))
    if asked.until:
        chose("until", _("To"), day_words.short(asked.until))
    asked.before, asked.after = number_of(query.get("before", "")), number_of(query.get("after", ""))
    return asked


def entries_of(asked: Filters) -> QuerySet[JournalEntry]:
    """The entries asked for that this reader may know of, newest first, without a page."""
    found = _every(asked)
    if asked.is_whole:
        return discretion.in_organization(found, asked.project.organization, asked.user)
    return discretion.for_reader(found, asked.project, asked.user)


def count_of_all(asked: Filters) -> int:
    """How many entries there are, those of records that this reader may not see among them."""
    return _every(asked).order_by().count()


def _every(asked: Filters) -> QuerySet[JournalEntry]:
    if asked.is_whole:
        found = JournalEntry.objects.filter(organization=asked.project.organization_id)
    else:
        found = JournalEntry.objects.filter(project=asked.project)
    if asked.person:
        found = found.filter(actor=asked.person)
    if asked.action:
        exact = asked.action in journal_words.VERBS
        found = found.filter(action=asked.action) if exact else found.filter(action__startswith=f"{asked.action}.")
    if asked.target:
        found = found.filter(target_label__icontains=asked.target)
    zone = zone_of(asked.project)
    if asked.since:
        found = found.filter(at__gte=_midnight(asked.since, zone))
    if asked.until and asked.until < dt.date.max:
        found = found.filter(at__lt=_midnight(asked.until + dt.timedelta(days=1), zone))
    return found.order_by("-seq")


def _midnight(day: dt.date, zone: Any) -> dt.datetime:
    """The first moment of a day where the organization is, in UTC; the ends of the calendar have none."""
    if not 1900 <= day.year <= 9000:
        day = day.replace(year=max(1900, min(day.year, 9000)), day=min(day.day, 28))
    return dt.datetime.combine(day, dt.time.min, zone).astimezone(dt.UTC)


@dataclass
class Page:
    """One page of the journal; `older` and `newer` are the numbers from which the next pages begin."""

    told: list[journal_words.Told]
    older: int | None
    newer: int | None


def page_of(asked: Filters) -> Page:
    """PAGE entries before or after a number; one query whatever the length of the journal."""
    found = entries_of(asked)
    if asked.after is not None:
        entries = list(found.filter(seq__gt=asked.after).order_by("seq")[: PAGE + 1])
        more_new, entries = len(entries) > PAGE, entries[:PAGE][::-1]
        more_old = True
    else:
        if asked.before is not None:
            found = found.filter(seq__lt=asked.before)
        entries = list(found[: PAGE + 1])
        more_old, entries = len(entries) > PAGE, entries[:PAGE]
        more_new = asked.before is not None
    return Page(
        journal_words.tell(entries, asked.project),
        older=entries[-1].seq if entries and more_old else None,
        newer=entries[0].seq if entries and more_new else None,
    )


@dataclass
class End:
    """The sealed end of the organization's chain."""

    seq: int
    hash: str
    key_id: str
    is_sealed: bool


def end_of(organization: Organization) -> End | None:
    head = JournalHead.objects.filter(pk=organization.pk).first()
    if head is None or not head.seq:
        return None
    return End(head.seq, head.hash, head.key_id, sealing.holds(sealed_text(head.pk, head.seq, head.hash), head.seal))


def may_see_whole(user: Any, organization: Organization) -> bool:
    """Whether a person may read the journal of the whole organization, not only of one project."""
    return Perm.VIEW_JOURNAL in access.perms_in(user, organization)


def people_in(project: Project) -> list[Any]:
    """The people of the project, by name, for the filter."""
    return list(access.people_of(project).only("pk", "name", "email").order_by("name", "pk"))


def actions() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The choices of the filter: each group with its actions."""
    return [
        (group, str(label), [(a, str(verb)) for a, verb in journal_words.VERBS.items() if a.startswith(f"{group}.")])
        for group, label in journal_words.GROUPS.items()
    ]
