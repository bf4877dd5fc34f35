"""The milestones of a plan."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import F, Q, QuerySet

from projects.models import PlanMilestone, Project


def of(project: Project) -> QuerySet[PlanMilestone]:
    """All milestones by date, with the activity each follows and its owner."""
    return PlanMilestone.objects.filter(project=project).select_related("activity", "owner").order_by("on", "pk")


def searched(
    rows: QuerySet[PlanMilestone], wanted: dict[str, Any], today: dt.date, user: Any
) -> QuerySet[PlanMilestone]:
    """Narrowed by what a list's query string says: words or number, kind, state, owner."""
    if text := wanted.get("q"):
        number = PlanMilestone.number_of(text)
        rows = rows.filter(
            Q(title__icontains=text) | Q(activity__number__iexact=text) | Q(number=-1 if number is None else number)
        )
    if kind := wanted.get("kind"):
        rows = rows.filter(kind=kind)
    state, owner = wanted.get("state"), wanted.get("owner")
    if state == "reached":
        rows = rows.filter(reached_on__isnull=False)
    elif state:
        late = Q(on__lt=today)
        rows = rows.filter(late if state == "late" else ~late, reached_on__isnull=True)
    if owner == "none":
        rows = rows.filter(owner__isnull=True)
    elif owner == "me":
        rows = rows.filter(owner=user)
    elif owner:
        rows = rows.filter(owner=int(owner))
    return rows


ORDERS = {
    "-on": ("-on", "-pk"), "title": ("title", "on", "pk"), "number": ("number",),
    "owner": (F("owner__name").asc(nulls_last=True), "on", "pk"),
}  # fmt: skip


def in_order(rows: QuerySet[PlanMilestone], sort: str) -> QuerySet[PlanMilestone]:
    """By date, or as the list is sorted."""
    return rows.order_by(*ORDERS.get(sort, ("on", "pk")))


def of_number(project: Project, number: str) -> PlanMilestone | None:
    """A milestone by the number people say ("MS-003")."""
    wanted = PlanMilestone.number_of(number)
    return of(project).filter(number=wanted).first() if wanted is not None else None


def to_be_reached() -> QuerySet[PlanMilestone]:
    """What reminders and calendars ask for: milestones that are still ahead of their project."""
    return PlanMilestone.objects.filter(reached_on__isnull=True)
