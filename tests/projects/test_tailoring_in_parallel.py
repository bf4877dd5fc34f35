"""Two people tailor one plan in the same moment: each decision counts once, is journalled, and none undoes another."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from projects.models import JournalEntry, PlanStep, Project, TailoringDecision, TailoringKind
from projects.permissions import Role
from projects.services import counters, tailor
from tests.factories.projects import grant, make_activity, make_project, make_step, make_user

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_who_tailor_at_once_nothing_is_lost_and_both_are_journalled():
    project = make_project()
    for number in ("1.2", "1.3", "1.4"):
        make_activity(make_step(project, number=number))
    people = [make_user(name="Lea"), make_user(name="Max")]
    for person in people:
        grant(person, Role.PROJECT_MANAGER, project)
    begin = threading.Barrier(2)
    work = [
        [
            ("1.1", TailoringKind.CHANGE, {"title": "First"}),
            ("1.2", TailoringKind.EXCLUDE, {"is_applicable": False}),
            ("1.2", TailoringKind.INCLUDE, {"is_applicable": True}),
        ],
        [
            ("1.3", TailoringKind.PLACE, {"before": "1.1"}),
            ("1.4", TailoringKind.MERGE, {"merged_into": "1.3"}),
            ("1.3", TailoringKind.CHANGE, {"duration_days": 7}),
        ],
    ]

    def tailor_all(at: int) -> None:
        try:
            begin.wait(timeout=60)
            for number, kind, values in work[at]:
                step = PlanStep.objects.select_related("project__organization").get(project=project, number=number)
                tailor.decide(
                    project=step.project, by=people[at], kind=kind, item=step, values=values, justification=f"Why {at}"
                )
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(tailor_all, (0, 1)))

    made = TailoringDecision.objects.filter(project=project)
    assert list(made.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
    assert {(one.decided_by_name, one.kind) for one in made} == {
        (name, kind) for name, its in zip(("Lea", "Max"), work, strict=True) for _number, kind, _values in its
    }
    steps = {step.number: step for step in PlanStep.objects.filter(project=project)}
    assert (steps["1.1"].title, steps["1.2"].is_applicable, steps["1.3"].duration_days) == ("First", True, 7)
    assert steps["1.4"].merged_into_id == steps["1.3"].pk
    assert steps["1.3"].position < steps["1.1"].position
    entries = JournalEntry.objects.filter(project=project, target_kind="projects.planstep")
    actions = set(entries.values_list("action", flat=True))
    assert {"step.changed", "step.exclude", "step.include", "step.placed", "step.merged"} <= actions
    assert counters.recount(Project.objects.get(pk=project.pk)) == []
