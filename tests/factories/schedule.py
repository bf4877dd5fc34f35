"""Plans of any size, for what has to cost the same whatever the size."""

from __future__ import annotations

import datetime as dt

from projects.models import ActivityLink, PlanActivity, PlanStep, Project, StepDependency, Task
from projects.permissions import Role
from projects.services import counters, schedule
from tests.factories.projects import MONDAY, make_project, make_user


def make_long_plan(activities: int, tasks: int) -> Project:
    """A plan of steps of six activities each, one after the other, with tasks dated by their activity."""
    project = make_project(start_on=MONDAY)
    owned = {"organization_id": project.organization_id, "project": project}
    PlanActivity.objects.filter(project=project)._raw_delete("default")  # the history needs a reason
    phase, dates = project.planphases.get(), {"starts_on": MONDAY, "ends_on": MONDAY}
    steps = PlanStep.objects.bulk_create(
        PlanStep(**owned, phase=phase, number=f"9.{at}", position=at + 9, title=f"Step {at}", **dates)
        for at in range(-(-activities // 6))
    )
    rows = PlanActivity.objects.bulk_create(
        PlanActivity(
            **owned, step=steps[at // 6], number=f"{steps[at // 6].number}.{at % 6}", position=at, effort_days=2,
            title=f"Activity {at}", responsible=Role.STAFF, duration_days=2 + at % 4, **dates,
        )
        for at in range(activities)
    )  # fmt: skip
    ActivityLink.objects.bulk_create(
        ActivityLink(**owned, activity=row, predecessor=rows[at], lag_days=-(at % 2))
        for at, row in enumerate(rows[1:])
        if row.step_id == rows[at].step_id
    )
    StepDependency.objects.bulk_create(
        StepDependency(**owned, step=step, predecessor=steps[at]) for at, step in enumerate(steps[1:])
    )
    person = make_user()
    Task.objects.bulk_create(
        Task(
            **owned, number=at + 1, title=f"Task {at}", activity=rows[at % activities], starts_on=MONDAY,
            due_on=MONDAY, offset_days=0, duration_days=1 + at % 3, assignee=person,
        )
        for at in range(tasks)
    )  # fmt: skip
    project.organization.absences.create(person=person, first_on=dt.date(2026, 4, 1), last_on=dt.date(2026, 4, 17))
    counters.recount(project)
    schedule.reschedule(project=project, by=None)
    return project
