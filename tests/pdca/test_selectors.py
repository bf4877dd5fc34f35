"""What projects copy from, and which edition is the newest."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from pdca.models import Catalogue, ResponsibleRole, Step
from pdca.selectors import catalogue as catalogue_selector
from pdca.selectors import standards as standards_selector
from pdca.selectors.timeline import starts, timeline_of
from pdca.services.catalogue import load
from projects.permissions import Role
from tests.factories.pdca import method_text, structure_text, written


def edition(number: str, code: str = "IMS2") -> Catalogue:
    return Catalogue.objects.create(code=code, edition=number, title="T", digest="0" * 64, loaded_at=timezone.now())


@pytest.mark.django_db
def test_the_newest_edition_is_the_one_with_the_highest_number():
    for number in ("1.9", "1.10", "1.2", "2.0-draft"):
        edition(number)
    edition("9.0", code="OTHER")

    assert [found.edition for found in catalogue_selector.editions()] == ["2.0-draft", "1.10", "1.9", "1.2"]
    assert catalogue_selector.current().edition == "2.0-draft"
    assert catalogue_selector.current("OTHER").edition == "9.0"


@pytest.mark.django_db
def test_there_is_no_current_edition_before_anything_was_loaded():
    assert catalogue_selector.current() is None


def test_a_plan_holds_everything_a_project_copies(published):
    plan = catalogue_selector.plan_of(published)

    assert [phase.code for phase in plan.phases] == ["plan", "do", "check", "act"]
    assert (len(plan.steps), len(plan.activities), len(plan.suggested_tasks), len(plan.links)) == (20, 101, 328, 29)
    assert [a.number for a in plan.steps[0].activities.all()] == ["1.1.1", "1.1.2", "1.1.3", "1.1.4", "1.1.5"]


@pytest.mark.parametrize("steps", [1, 3])
def test_a_plan_takes_five_queries_whatever_its_size(db, tmp_path, steps):
    text = method_text([(f"1.{n}", f"step-{n}", ()) for n in range(1, steps + 1)], activities=steps)
    load(written(tmp_path, structure=structure_text(), method=text))
    catalogue = catalogue_selector.current()

    with CaptureQueriesContext(connection) as queries:
        plan = catalogue_selector.plan_of(catalogue)
        for activity in plan.activities:
            assert activity.step.phase.catalogue == catalogue
            assert len(activity.suggested_tasks.all()) == 2

    assert len(plan.activities) == steps * steps
    assert len(queries) == 5


def test_roles_of_the_method_are_roles_of_a_project():
    assert {str(role) for role in ResponsibleRole} <= {str(role) for role in Role}


def test_a_step_begins_when_the_last_it_waits_for_is_finished():
    assert starts({1: 5, 2: 3, 3: 2, 4: 1}, [(2, 1), (3, 1), (4, 2), (4, 3)]) == {1: 0, 2: 5, 3: 5, 4: 8}


def test_a_circle_does_not_hang_the_picture():
    assert set(starts({1: 5, 2: 3}, [(1, 2), (2, 1)])) == {1, 2}


def test_the_picture_shows_every_step_within_its_frame(published):
    outline = catalogue_selector.outline_of(published)

    timeline = timeline_of([line.step for line in outline.steps], outline.links)

    assert len(timeline.bars) == Step.objects.count()
    assert timeline.days == max(bar.last for bar in timeline.bars)
    assert all(bar.x + bar.width <= timeline.width for bar in timeline.bars)


def test_an_empty_picture_is_no_error():
    assert timeline_of([], []).days == 0


def test_projects_may_aim_at_certifiable_requirements_current_editions_first(published):
    found = list(standards_selector.certifiable())

    assert len(found) == 12
    assert [standard.code for standard in found][-2:] == ["ISO 9001:2015", "ISO 14001:2015"]
    assert all(standard.is_superseded for standard in found[-2:])


def test_standards_stand_in_the_order_people_name_them(published):
    codes = [standard.code for standard in standards_selector.comparable()]

    assert codes[:4] == ["ISO 9001:2015", "ISO 9001:2026", "ISO 14001:2015", "ISO 14001:2026"]
    assert codes[-1] == "ISO 50001:2018"
