"""The full plan on paper: everything is in it, once, at any size, for the same number of queries."""

from __future__ import annotations

import pytest

from projects.models import PlanActivity, Task
from projects.permissions import Role
from projects.services import plan as plans
from reports.selectors import plan
from tests.factories.projects import grant, make_full_project, make_organization, make_user
from tests.helpers.budget import queries
from tests.reports import worlds
from tests.reports.conftest import reader, text_of

pytestmark = pytest.mark.django_db
BUDGET = 8


@pytest.mark.parametrize("tasks", [5, 500, 2000])
def test_the_price_does_not_depend_on_the_number_of_tasks(tasks):
    asked = worlds.asked_for(worlds.small(tasks))

    with queries(BUDGET, exactly=True):
        found = plan.select(asked)

    assert found["task_count"] == tasks


def test_every_task_stands_in_it_once_under_its_activity():
    project = worlds.small(40)

    found = plan.select(worlds.asked_for(project))

    printed = [
        (row.activity.pk, task.number)
        for phase in found["phases"]
        for step in phase.steps
        for row in step.activities
        for task in row.tasks
    ]
    assert sorted(printed) == sorted((task.activity_id, task.label) for task in Task.objects.filter(project=project))


def test_a_task_without_an_activity_is_not_lost():
    project = worlds.small(3)
    worlds.make_task(project, "A loose end")

    assert [task.title for task in plan.select(worlds.asked_for(project))["loose"]] == ["A loose end"]
    assert "A loose end" in worlds.html_of("plan", worlds.asked_for(project)).html


def test_what_is_excluded_stands_with_its_justification():
    project = worlds.small(6)
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    activity = PlanActivity.objects.filter(project=project).latest("pk")
    plans.move(activity=activity, name="exclude", by=manager, reason="We buy this as a service.")

    found = plan.select(worlds.asked_for(project))

    assert [(one.number, one.justification) for one in found["excluded"]] == [("1.1.2", "We buy this as a service.")]


def test_owner_state_effort_and_dates_stand_in_the_row():
    project = worlds.small(6)
    Task.objects.filter(project=project, number=4).update(assignee=make_user(name="Sina Staff"))

    rows = {
        task.number: task
        for phase in plan.select(worlds.asked_for(project))["phases"]
        for step in phase.steps
        for row in step.activities
        for task in row.tasks
    }

    four = rows["T-004"]
    assert (four.owner, four.state.label, four.is_late) == ("Sina Staff", "Blocked", True)
    assert four.blocked_reason == "The supplier has not answered."
    assert rows["T-001"].owner == "Process owner"
    assert (rows["T-001"].state.label, rows["T-001"].is_late) == ("Done", False)
    assert str(four.hours) == "2.50"


def test_the_pdf_is_landscape_with_a_bookmark_for_each_phase_and_step(catalogue):
    project = make_full_project(make_organization(name="Alpenblick"), name="System 2027", with_tasks=False)

    pdf = worlds.printed_of("plan", worlds.asked_for(project, language="fr"))

    document, text = reader(pdf), text_of(pdf)
    wide = [page for page in document.pages if page.mediabox.width > page.mediabox.height]
    assert len(wide) >= len(document.pages) - 3
    names = _titles(document.outline)
    assert {"1 Planifier", "2 Réaliser", "3 Vérifier", "4 Agir"} <= names
    assert {"1.1 Lancement du SM", "3.3 Revue de direction"} <= names
    assert "Rassembler les éléments d’entrée de la revue" in " ".join(text.split())
    assert document.trailer["/Root"]["/Lang"] == "fr"


def _titles(outline) -> set[str]:
    found = set()
    for line in outline:
        found |= _titles(line) if isinstance(line, list) else {line.title}
    return found
