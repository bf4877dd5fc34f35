"""Plans of before there were links get them from the dates they have; going back and forward again changes nothing."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from projects.models import ActivityLink, PlanActivity, PlanStep, Project
from projects.services import schedule
from tests.factories.projects import make_activity, make_project, make_step, make_user

pytestmark = pytest.mark.django_db(transaction=True)
NAME = "0011_activity_links_of_plans"
D = dt.date


def migrate(*, forwards: bool) -> None:
    """This one alone, whatever stands on top of it: it touches rows, no columns."""
    loader = MigrationLoader(connection)
    before = loader.project_state(("projects", NAME), at_end=False)
    migration = loader.get_migration("projects", NAME)
    with connection.schema_editor(atomic=migration.atomic) as editor:
        (migration.apply if forwards else migration.unapply)(before, editor)


@pytest.fixture
def old(db):
    """A plan as it was stored then: activities of the method in a row over Easter, one that overlaps, one of their own."""
    from pdca.models import Activity
    from tests.factories.pdca import publish

    publish()
    project = make_project(start_on=D(2035, 3, 19))
    Project.objects.filter(pk=project.pk).update(holiday_country="CH", holiday_region="ZH")
    PlanActivity.objects.filter(project=project)._raw_delete("default")
    step = PlanStep.objects.get(project=project)
    sources = list(Activity.objects.order_by("pk")[:5])
    days = (
        (D(2035, 3, 19), D(2035, 3, 22)),
        (D(2035, 3, 28), D(2035, 3, 29)),  # after Good Friday (23 March) and Easter Monday: Tuesday lies between
        (D(2035, 3, 29), D(2035, 4, 4)),  # begins on the last day of the one before
        (D(2035, 4, 5), D(2035, 4, 5)),
    )
    rows = [
        make_activity(step, source=source, starts_on=first, ends_on=last)
        for source, (first, last) in zip(sources, days, strict=False)
    ]
    own = make_activity(step, starts_on=D(2035, 4, 9), ends_on=D(2035, 4, 10))
    other = make_step(project, number="1.7")
    rows.append(make_activity(other, source=sources[4], starts_on=D(2035, 5, 7), ends_on=D(2035, 5, 8)))
    for row in rows:
        calendar = Project.objects.get(pk=project.pk).calendar
        PlanActivity.objects.filter(pk=row.pk).update(duration_days=calendar.between(row.starts_on, row.ends_on))
    return Project.objects.select_related("organization").get(pk=project.pk), rows, own


def links(project: Project) -> list[tuple]:
    rows = ActivityLink.objects.filter(project=project).order_by("activity__step", "activity__position")
    return list(rows.values_list("predecessor__number", "activity__number", "kind", "lag_days", "organization"))


def test_each_activity_waits_for_the_one_before_with_the_lag_of_its_dates_and_no_date_moves(old):
    project, rows, own = old
    stranger = make_project()
    PlanActivity.objects.filter(project=stranger).update(source=None)
    PlanActivity.objects.filter(project=project).update(dates_are_manual=False)
    dates = list(PlanActivity.objects.order_by("pk").values_list("pk", "starts_on", "ends_on"))
    migrate(forwards=False)

    migrate(forwards=True)

    one, two, three, four = (row.number for row in rows[:4])
    here = project.organization_id
    assert links(project) == [(one, two, "fs", 1, here), (two, three, "fs", -1, here), (three, four, "fs", 0, here)]
    assert not ActivityLink.objects.exclude(project=project).exists()
    manual = PlanActivity.objects.filter(project=project, dates_are_manual=True)
    assert list(manual.values_list("pk", flat=True)) == [own.pk]
    assert list(PlanActivity.objects.order_by("pk").values_list("pk", "starts_on", "ends_on")) == dates
    moved = {move.name for move in schedule.what_if(project).moves if move.key[0] == "activity"}
    assert not moved & {one, two, three, four, own.number}


def test_back_and_forward_again_keeps_the_links_that_people_have_changed_meanwhile(old):
    project, rows, _own = old
    migrate(forwards=True)
    first, second = (
        PlanActivity.objects.select_related("project__organization")
        .filter(pk__in=[rows[0].pk, rows[2].pk])
        .order_by("position")
    )
    by = make_user()
    schedule.link(activity=second, predecessor=first, by=by, kind="ss", lag_days=2)
    schedule.unlink(activity=second, predecessor=PlanActivity.objects.get(pk=rows[1].pk), by=by)
    kept = links(project)

    migrate(forwards=False)
    assert links(project) == kept
    migrate(forwards=True)

    assert links(project) == kept and len(kept) == 3
