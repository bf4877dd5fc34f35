"""Who decides for whom today."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from approvals.models import Delegation
from core import dates
from projects.models import Project


def held_by(person: Any, project: Project) -> dict[int, str]:
    """The people this person decides for today in a project, by id, with their names."""
    held = _in_force(Delegation.objects.filter(delegate=person), project)
    return {one.person_id: str(one.person) for one in held.select_related("person")}


def deputies_of(people: Any, project: Project) -> list[Delegation]:
    """Who stands in today for any of these people."""
    held = _in_force(Delegation.objects.filter(person__in=people), project)
    return list(held.select_related("person", "delegate"))


def _in_force(rows: QuerySet[Delegation], project: Project) -> QuerySet[Delegation]:
    today = dates.today(project.organization.time_zone)
    return rows.filter(organization=project.organization_id, starts_on__lte=today, ends_on__gte=today, ended_at=None)


def givers(person: Any) -> list[tuple[int, int]]:
    """(organization, person) this person decides for now, each by the organization's own day. One query."""
    now = timezone.now()
    around = now.date()
    # A day has begun somewhere before it has here, so the bounds are a day wider and each zone decides.
    rows = Delegation.objects.filter(
        delegate=person,
        ended_at=None,
        starts_on__lte=around + dt.timedelta(days=1),
        ends_on__gte=around - dt.timedelta(days=1),
    ).values_list("organization_id", "person_id", "starts_on", "ends_on", "organization__time_zone")
    return [
        (organization, giver)
        for organization, giver, starts_on, ends_on, zone in rows
        if starts_on <= dates.today(zone) <= ends_on
    ]


def seats_of(person: Any) -> Q:
    """The condition on approvers that are this person, or somebody they decide for today."""
    mine = Q(person=person)
    for organization, giver in givers(person):
        mine |= Q(organization=organization, person=giver)
    return mine


def own(person: Any) -> QuerySet[Delegation]:
    """What this person gave away, the latest first."""
    return Delegation.objects.filter(person=person).select_related("organization", "delegate")


def held(person: Any) -> QuerySet[Delegation]:
    """For whom this person may decide, now or later."""
    return Delegation.objects.filter(
        delegate=person, ended_at=None, ends_on__gte=timezone.now().date() - dt.timedelta(days=1)
    ).select_related("organization", "person")


def of_organization(organization_id: int) -> QuerySet[Delegation]:
    """Everybody who decides for somebody there, now or later."""
    return Delegation.objects.filter(
        organization=organization_id, ended_at=None, ends_on__gte=timezone.now().date() - dt.timedelta(days=1)
    ).select_related("person", "delegate")
