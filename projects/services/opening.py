"""Opening a project for a client: the client, its plan and its project manager in one transaction.

What a consultant does on the first day. Each part has a service of its own; this one keeps them together, so that
nothing half-done is left when one of them refuses. IMS2 steps 1.1.4 and 1.1.5.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organization
from core.rules import RuleBroken
from projects import access, journal
from projects.flow import NotPermitted
from projects.models import Project
from projects.permissions import Perm, Role

from . import start, team

TWICE_WITHIN = dt.timedelta(minutes=10)
"""The same person starting the same project again within this time means a form sent twice."""


@dataclass(frozen=True)
class NewClient:
    """A client that does not exist yet; `firm` founds it and is engaged as its consultant."""

    firm: Organization
    name: str
    slug: str
    details: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Manager:
    """Who is to manage the project when it is not the person who starts it."""

    email: str
    name: str = ""


def may_start_somewhere(user: Any) -> bool:
    """Whether the start page has anything to offer: an organization to start in, or a firm that founds clients."""
    return access.organizations_with(user, Perm.START_PROJECT).exists() or team.firms_of(user).exists()


def open_project(
    *, client: Organization | NewClient, by: Any, manager: Manager | None = None, **plan: Any
) -> tuple[Project, bool]:
    """Founds the client where it is new, starts the project (`plan` goes to start.start) and names its manager.

    `by` manages the project unless `manager` is invited. Sent twice, the project of the first time comes back and the
    second value is False. Raises RuleBroken and NotPermitted; then nothing was written.
    """
    slug = client.slug
    if (twin := _sent_before(slug, by, plan)) is not None:
        return twin, False
    try:
        with transaction.atomic():
            return _open(client, by, manager, plan), True
    except RuleBroken:
        # The other one of two requests at the same moment was faster.
        if (twin := _sent_before(slug, by, plan)) is not None:
            return twin, False
        raise


def _open(client: Organization | NewClient, by: Any, manager: Manager | None, plan: dict[str, Any]) -> Project:
    if isinstance(client, NewClient):
        organization = team.found_client(
            firm=client.firm, by=by, name=client.name, slug=client.slug, headcount=plan.get("headcount"),
            **client.details,
        )  # fmt: skip
    else:
        organization = client
    if not access.can(by, Perm.START_PROJECT, organization):
        raise NotPermitted(_("You may not start a project of %(organization)s.") % {"organization": organization})
    with journal.change(organization, by=by):
        project = start.start(organization=organization, by=by, manager=None if manager else by, **plan)
        if manager is None:
            team.grant(
                to=by, role=Role.PROJECT_MANAGER, scope=project, by=by, reason=_("Started the project"), is_set_up=True
            )
        else:
            team.invite(scope=project, email=manager.email, name=manager.name, role=Role.PROJECT_MANAGER, by=by)
    return project


def _sent_before(organization_slug: str, by: Any, plan: dict[str, Any]) -> Project | None:
    return (
        Project.objects.select_related("organization")
        .filter(
            organization__slug=organization_slug,
            slug=plan["slug"],
            name=plan["name"],
            start_on=plan["start_on"],
            created_by=by,
            created_at__gte=timezone.now() - TWICE_WITHIN,
        )
        .first()
    )
