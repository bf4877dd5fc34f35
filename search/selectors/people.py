"""Where a person found can be met: a project, or else an organization, whose team the reader may see."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils import timezone

from projects.addresses import address
from projects.models import (
    OrganizationGroupGrant,
    OrganizationUserGrant,
    Project,
    ProjectGroupGrant,
    ProjectUserGrant,
)
from projects.permissions import Perm
from search.selectors.find import Hit
from search.selectors.sight import Sight


def place(hits: Sequence[Hit], sight: Sight) -> None:
    """Gives each person their page and says the project in words; the current project first. Two or three queries."""
    people = [hit.subject_id for hit in hits]
    if not people:
        return
    held: dict[int, set[tuple[str, int]]] = {}
    for who, scope, pk in _scopes(people):
        held.setdefault(who, set()).add((scope, pk))
    seen = sight.projects_with(Perm.VIEW_TEAM)
    scopes = set().union(*held.values())
    near = Q(pk__in=[pk for scope, pk in scopes if scope == "project"]) | Q(
        organization__in=[pk for scope, pk in scopes if scope == "organization"]
    )
    projects = list(
        Project.objects.filter(near, pk__in=seen)
        .select_related("organization")
        .only("name", "slug", "organization__name", "organization__slug")
        .order_by("pk")
    )
    projects.sort(key=lambda project: project.pk != sight.here)
    lost = []
    for hit in hits:
        theirs = held.get(hit.subject_id, set())
        found = next(
            (p for p in projects if ("project", p.pk) in theirs or ("organization", p.organization_id) in theirs), None
        )
        if found is None:
            lost.append(hit)
            continue
        hit.home = address("projects:team", **found.address)
        hit.context, hit.is_here = f"{found.organization.name} · {found.name}", found.pk == sight.here
    if lost:
        _place_in_organizations(lost, held, sight)


def _place_in_organizations(hits: Sequence[Hit], held: dict[int, set[tuple[str, int]]], sight: Sight) -> None:
    """People of an organization without a project, a firm's own for instance."""
    whole = {one.pk: one for one in sight.organizations.order_by("name")}
    for hit in hits:
        for pk, organization in whole.items():
            if ("organization", pk) in held.get(hit.subject_id, set()):
                hit.home = reverse("projects:organization", kwargs={"org": organization.slug})
                hit.context = organization.name
                break


def _scopes(people: Sequence[int]) -> list[tuple[int, str, int]]:
    """(person, "project" or "organization", id) of every role these people hold now. One query."""
    in_force = Q(expires_at__isnull=True) | Q(expires_at__gt=timezone.now())
    rows = [
        grants.objects.filter(in_force, **{f"{holder}__in": people}).values_list(
            F(holder), Value(scope), F("content_object_id")
        )
        for grants, holder, scope in (
            (ProjectUserGrant, "user_id", "project"),
            (ProjectGroupGrant, "group__user__id", "project"),
            (OrganizationUserGrant, "user_id", "organization"),
            (OrganizationGroupGrant, "group__user__id", "organization"),
        )
    ]
    return list(rows[0].union(*rows[1:]))
