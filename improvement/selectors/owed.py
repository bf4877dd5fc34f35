"""What a person owes to nonconformities over all projects, beside their tasks: a correction, a cause, a verdict."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Q

from core import dates
from improvement.models import Round
from improvement.selectors.register import DUE_FIELD, PHASE_OF, STATES_OF, Phase
from projects import access
from projects.addresses import address
from projects.models.project import ProjectStatus
from projects.permissions import Perm

MOST = 30


class Owed(NamedTuple):
    """One thing that is this person's turn; `on` None: nobody has said until when."""

    label: str
    title: str
    phase: str
    on: dt.date | None
    place: str
    href: str
    is_late: bool


def by(user: Any) -> list[Owed]:
    """What is this person's turn in projects that are not closed, the most urgent first. One query."""
    mine = access.projects_with(user, Perm.WORK_ON_NONCONFORMITIES).exclude(status=ProjectStatus.CLOSED)
    owners = [*STATES_OF[Phase.CONTAIN], *STATES_OF[Phase.ANALYSE]]
    turn = Q(nonconformity__owner=user, nonconformity__status__in=owners)
    turn |= Q(verifier=user, nonconformity__status__in=STATES_OF[Phase.VERIFY])
    rows = Round.objects.filter(turn, verdict="", project__in=mine.values("pk")).select_related(
        "nonconformity", "project__organization"
    )
    today = dates.today(user.time_zone)
    found = []
    for current in rows.order_by("pk")[:MOST]:
        record, project = current.nonconformity, current.project
        phase = PHASE_OF[record.status]
        on = getattr(current, DUE_FIELD[phase])
        found.append(
            Owed(
                record.label, record.title, str(phase.label), on, f"{project.organization.name} · {project.name}",
                address("improvement:nonconformity-detail", **project.address, number=record.label),
                on is not None and on < today,
            )
        )  # fmt: skip
    return sorted(found, key=lambda one: (one.on is None, one.on or dt.date.max, one.label))
