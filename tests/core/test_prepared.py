"""A query compiled once gives what Django would give, whatever values it is asked with."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db.models import Count, Q

from core.prepared import Prepared
from projects.models import Project, Task
from tests.factories.projects import make_project, make_task
from tests.helpers.budget import queries

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 3, 2)


def late(projects, today, week):
    found = Task.objects.filter(project__in=projects, is_open__in=[True], due_on__lt=today).order_by("project")
    return found.values_list("project_id").annotate(all=Count("*"), week=Count("pk", filter=Q(due_on__gte=week)))


def test_it_gives_the_same_rows_for_any_number_of_values():
    projects = [make_project() for _k in range(4)]
    for place, project in enumerate(projects):
        for days in range(place):
            make_task(project, due_on=MONDAY - dt.timedelta(days=4 * days + 1))
    ask = Prepared(late)

    for keys in ([], [projects[1].pk], [p.pk for p in projects], [projects[3].pk, 10**12]):
        for today in (MONDAY, MONDAY - dt.timedelta(days=3)):
            values = {"projects": keys, "today": today, "week": today - dt.timedelta(days=7)}
            with queries(1):
                rows = ask(**values)
            assert [tuple(row) for row in rows] == list(late(**values)), (keys, today)


def test_values_are_converted_by_their_fields():
    project = make_project(target_on=MONDAY + dt.timedelta(days=90), days_sold="12.50")
    ask = Prepared(
        lambda pk: Project.objects.filter(pk=pk).values_list("start_on", "target_on", "days_sold", "plan_days")
    )

    for _again in range(2):
        (row,) = ask(pk=project.pk)

    assert tuple(row) == Project.objects.values_list("start_on", "target_on", "days_sold", "plan_days").get()


def test_a_value_is_never_part_of_the_statement():
    project = make_project(name="100 % sure")
    ask = Prepared(lambda pk: Project.objects.filter(pk=pk, name="100 % sure").values_list("pk"))

    assert [tuple(row) for row in ask(pk=project.pk)] == [(project.pk,)]
    assert ask(pk=project.pk + 1) == []
