"""The schedule of the demo's first client: what was promised at the start, agreed, and who is away soon."""

from __future__ import annotations

import datetime as dt
from typing import Any

from projects.models import PlanActivity, Project
from projects.models.schedule import MilestoneKind
from projects.services import baseline, calendar, milestone

from .clock import Story

MILESTONES = (
    (MilestoneKind.MANAGEMENT_REVIEW, "Management review held", "3.3.3", 0),
    (MilestoneKind.STAGE_1, "Stage 1 of the certification audit", "3.3.4", 5),
    (MilestoneKind.STAGE_2, "Stage 2 of the certification audit", "4.2.4", 5),
)


def promise(project: Project, people: dict[str, Any]) -> None:
    """On the first day: the milestones, and the plan kept as everybody agreed to it."""
    manager = people["manager"]
    for kind, title, number, lag in MILESTONES:
        activity = PlanActivity.objects.select_related("project__organization").get(project=project, number=number)
        milestone.add(
            project=project,
            by=manager,
            kind=kind,
            title=title,
            owner=manager,
            activity=activity,
            lag_days=lag,
            on=None,
            is_fixed=False,
        )
    kept = baseline.take(project=project, by=manager, name="Agreed at the kick-off", note="Signed with the mandate.")
    baseline.approve(baseline=kept, by=people["consultant"])


def live_on(story: Story, project: Project, people: dict[str, Any]) -> None:
    """In the last weeks: hours a week, an absence ahead, and days on which the house is closed."""
    manager, ahead = people["manager"], story.days_ahead

    def away() -> None:
        calendar.be_away(
            project=project, person=people["processowner"], by=people["processowner"],
            first_on=ahead(9), last_on=ahead(18),
        )  # fmt: skip

    def closed() -> None:
        first = ahead(40)
        calendar.close(
            project=project, by=manager, name="Stocktaking", first_on=first, last_on=first + dt.timedelta(days=1)
        )

    def hours() -> None:
        for who, week in (("processowner", 12), ("manager", 24), ("staff", 8)):
            calendar.set_capacity(project=project, person=people[who], by=manager, hours_per_week=week)

    for days, event in ((20, hours), (6, away), (5, closed)):
        story.add(story.moment(story.days_ago(days)), event)
