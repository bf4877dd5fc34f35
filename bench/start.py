"""Starting a project against the bare insert of the same rows. Target: 3x, with a constant number of queries."""

from __future__ import annotations

import datetime as dt
import itertools

from django.db import transaction

from bench import Report
from pdca.models import Standard
from pdca.selectors import catalogue as catalogues
from projects import journal
from projects.models import PlanActivity, PlanPhase, PlanStep, Project, StepDependency, StepRound, Task
from projects.services import start
from tests.factories.projects import make_organization, make_user

START_ON = dt.date(2026, 3, 2)
SIZES = (1, 10, 100)
TARGET = 3.0


def run(report: Report) -> None:
    person, catalogue = make_user(), catalogues.current()
    standards = list(Standard.objects.filter(slug__in=("iso-9001-2026", "iso-27001-2022")))
    numbers = itertools.count(1)
    organizations = [make_organization() for _k in range(10)]
    for organization in organizations:
        with journal.change(organization, by=person):
            pass  # the journal of an organization begins with its first change, not with its first project

    def subject() -> None:
        number = next(numbers)
        start.start(
            organization=organizations[number % len(organizations)], by=person, name="Measured",
            slug=f"measured-{number}", catalogue=catalogue, standards=standards, start_on=START_ON,
        )  # fmt: skip

    there = 0
    for size in SIZES:
        for _k in range(there, size):  # projects that are there already: the hundredth must cost what the first did
            subject()
        there = size
        report.compare(
            "start a project", subject, _bare(organizations[0], person, catalogue, numbers),
            against="bulk_create of the same rows", size=size, target=TARGET, rounds=9,
        )  # fmt: skip


def _bare(organization, person, catalogue, numbers):
    """The rows of the same plan, laid out beforehand, inserted with nothing around it."""
    plan = catalogues.plan_of(catalogue)
    calendar = start.WorkingCalendar()
    spans = start.propose(plan, start_on=START_ON, target_on=None, headcount=100, calendar=calendar).spans

    def fresh() -> tuple[Project, start.Rows]:
        project = Project(
            organization=organization, name="Bare", slug=f"bare-{next(numbers)}", catalogue=catalogue,
            start_on=START_ON, created_by=person,
        )  # fmt: skip
        return project, start.lay_out(project, plan, spans, calendar, with_tasks=True, by=person)

    waiting = [fresh() for _k in range(14)]

    def insert() -> None:
        project, rows = waiting.pop() if waiting else fresh()
        with transaction.atomic():
            Project.objects.bulk_create([project])
            for model, part in (
                (PlanPhase, rows.phases), (PlanStep, rows.steps), (StepDependency, rows.links),
                (StepRound, rows.rounds), (PlanActivity, rows.activities), (Task, rows.tasks),
            ):  # fmt: skip
                model.objects.bulk_create(part)

    return insert
