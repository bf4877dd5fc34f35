"""What the schedule adds to the two tenants of the access tests."""

from __future__ import annotations

import datetime as dt
from typing import Any

from projects.models import Absence, Closure, PlanMilestone, Project
from projects.services import baseline as baselines


def things(project: Project, world: Any) -> dict[str, Any]:
    """A milestone, a baseline, a closure and an absence, with the canary in their words."""
    canary, manager = world.canary, world.people["project_manager"]
    owned = {"organization": world.organization, "project": project}
    day = project.start_on + dt.timedelta(days=40)
    milestone = PlanMilestone.objects.create(
        **owned, number=1, owner=manager, title=f"Milestone {canary}", on=day, is_fixed=True
    )
    return {
        "milestone": milestone,
        "baseline": baselines.take(project=project, by=manager, name=f"Baseline {canary}", note=f"Note {canary}"),
        "closure": Closure.objects.create(
            organization=world.organization, name=f"Closed {canary}", first_on=day, last_on=day, created_by=manager
        ),
        "absence": Absence.objects.create(
            organization=world.organization, person=manager, first_on=day, last_on=day, created_by=manager
        ),
    }
