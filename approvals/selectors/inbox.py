"""What awaits a person's decision, over all organizations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from approvals import subjects
from approvals.models import Approval, Approver, Signature
from projects import access
from projects.addresses import address
from projects.awaiting import Awaited
from projects.permissions import Perm

from . import delegation


def awaiting(person: Any) -> QuerySet[Approver]:
    """The seats in which this person can decide now, their own and those they stand in for; oldest due first.

    What they asked for or decided on already is not among them, nor what lies in a project they no longer belong to.
    """
    seats = delegation.seats_of(person)
    return (
        Approver.objects.filter(seats, awaited_since__isnull=False, project__in=_readable(person))
        .exclude(~Q(step__approval__subject_kind__in=subjects.signed_by_author()), step__approval__created_by=person)
        .exclude(step__approval__in=Signature.objects.filter(signer=person).values("approval"))
        .select_related("step__approval__created_by", "project__organization", "person")
        .order_by(F("step__approval__due_on").asc(nulls_last=True), "awaited_since", "pk")
    )


def count(person: Any) -> int:
    """How many wait for this person by name: the badge of every page. One query over the seats that wait."""
    return Approver.objects.filter(person=person, awaited_since__isnull=False, project__in=_readable(person)).count()


def _readable(person: Any) -> QuerySet:
    return access.projects_with(person, Perm.VIEW_PROJECT).values("pk")


def decides(perms: frozenset[Perm]) -> bool:
    """Whether decisions can await the holder of these permissions anywhere."""
    return bool(
        perms & ({Perm.DECIDE, Perm.APPROVE_DOCUMENTS} | {subject.approver_perm for subject in subjects.every()})
    )


def dressed(rows: Sequence[Approver], person: Any) -> list[Approver]:
    """The rows of a page with address, kind and on whose behalf; no query."""
    for row in rows:
        approval = row.step.approval
        approval.project = row.project
        row.approval = approval
        row.url = address_of(approval)
        row.kind = subjects.of(approval.subject_kind).label if _is_known(approval.subject_kind) else ""
        row.behalf = row.name if row.person_id != person.pk else ""
    return list(rows)


def _is_known(kind: str) -> bool:
    return kind in {subject.kind for subject in subjects.every()}


def address_of(approval: Approval) -> str:
    project = approval.project
    return address(
        "approvals:approval-detail", org=project.organization.slug, project=project.slug, number=approval.label
    )


def after(person: Any, approval: Approval) -> tuple[Approver | None, int]:
    """What waits next for who has just decided, and how many there are. Two queries or three."""
    rows = awaiting(person)
    first = rows.exclude(step__approval=approval).first()
    return (dressed([first], person)[0], rows.count()) if first is not None else (None, 0)


def place_of(person: Any, approval: Approval) -> tuple[int, int]:
    """The how-manieth of those that wait this one is, and of how many: "1 of 3". One query."""
    waiting = list(dict.fromkeys(awaiting(person).values_list("step__approval_id", flat=True)[:100]))
    return (waiting.index(approval.pk) + 1 if approval.pk in waiting else 0, len(waiting))


# ---- hooks of projects -------------------------------------------------------------------------------------------


def awaited(projects: Sequence[int]) -> dict[int, list[Awaited]]:
    """What hangs in `projects.awaiting`: each open request with whom it waits for. One query."""
    rows = (
        Approver.objects.filter(awaited_since__isnull=False, project__in=list(projects))
        .order_by("awaited_since", "pk")
        .values_list(
            "project_id", "step__approval_id", "step__approval__number", "step__approval__title", "name",
            "awaited_since", "project__slug", "project__organization__slug",
        )
    )  # fmt: skip
    asked: dict[int, tuple[int, str, str, dt.datetime, list[str]]] = {}
    for project, pk, number, title, name, since, slug, org in rows:
        label = f"{Approval.PREFIX}-{number:03d}"
        url = address("approvals:approval-detail", org=org, project=slug, number=label)
        asked.setdefault(pk, (project, title, url, since, []))[4].append(name)
    found: dict[int, list[Awaited]] = {}
    for project, title, url, since, names in asked.values():
        found.setdefault(project, []).append(Awaited(title, in_words(names), url, timezone.localtime(since).date()))
    return found


def in_words(names: Sequence[str]) -> str:
    """ "Anna, Ben and 3 more"."""
    if len(names) <= 2:
        return _(" and ").join(names)
    return _("%(first)s, %(second)s and %(n)s more") % {"first": names[0], "second": names[1], "n": len(names) - 2}


def reminded() -> QuerySet[Approver]:
    """What hangs in `projects.reminders`: everybody whose turn it is, with the day until which they decide."""
    return Approver.objects.filter(~Q(awaited_since=None))
