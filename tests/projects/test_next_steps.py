"""The step a project finishes next, as lists of projects name it."""

from __future__ import annotations

import datetime as dt

from projects.models import PlanStep
from projects.selectors.organization import next_steps
from tests.factories.projects import make_activity, make_project, make_step


def test_neither_a_merged_nor_an_excluded_step_is_named_as_the_next(db):
    project = make_project()
    host = PlanStep.objects.get(project=project)
    merged, out = make_step(project), make_step(project)
    for step, days in ((host, 30), (merged, 10), (out, 5)):
        make_activity(step)
        PlanStep.objects.filter(pk=step.pk).update(ends_on=step.starts_on + dt.timedelta(days=days))

    def named() -> str:
        found = next_steps([project.pk], project.start_on).get(project.pk)
        return found.number if found else ""

    assert named() == out.number
    PlanStep.objects.filter(pk=out.pk).update(is_applicable=False, justification="Not here")
    assert named() == merged.number
    PlanStep.objects.filter(pk=merged.pk).update(merged_into=host)
    assert named() == host.number
    PlanStep.objects.filter(pk=host.pk).update(effort_minutes=0)
    assert named() == host.number, "what is left of the merged step is worked with it"
    PlanStep.objects.filter(pk=merged.pk).update(effort_minutes=0)
    assert named() == ""
