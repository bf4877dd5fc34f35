"""The pages themselves: nothing beyond the edge, nothing over something else, no heading left behind.

The boxes are WeasyPrint's own, laid out with the reports' print style.
"""

from __future__ import annotations

import pytest

from projects.models import PlanActivity, PlanStep, Project
from tests.factories.projects import make_full_project, make_organization, make_user
from tests.reports import worlds

pytestmark = pytest.mark.django_db

HEADINGS = {"h2", "h3", "h4", "caption", "thead"}


def faults_of(sheets: list[worlds.Sheet]) -> list[str]:
    """What a careful reader would send back."""
    found = []
    for sheet in sheets:
        flow = [box for box in sheet.flow if "cover" not in box.within]
        for box in flow:
            if box.left < -0.5 or box.right > sheet.width + 0.5 or box.top < -0.5 or box.bottom > sheet.height + 0.5:
                found.append(f"page {sheet.number}: beyond the edge: {box.text[:40]!r}")
        for box in flow:
            if box.bottom > sheet.content_bottom + 2:
                found.append(f"page {sheet.number}: into the foot: {box.text[:40]!r}")
        if flow:
            last = max(flow, key=lambda box: box.bottom)
            if set(last.within) & HEADINGS:
                found.append(f"page {sheet.number}: ends with a heading: {last.text[:40]!r}")
        ordered = sorted(flow, key=lambda box: box.top)
        for at, box in enumerate(ordered):
            for other in ordered[at + 1 :]:
                if other.top >= box.bottom:
                    break
                if box.overlaps(other):
                    found.append(f"page {sheet.number}: {box.text[:30]!r} lies over {other.text[:30]!r}")
    return found


@pytest.fixture
def full(catalogue) -> Project:
    """The whole method, 500 tasks, somebody with a long name, and the longest names a record can have."""
    project = make_full_project(make_organization(name=worlds.LONG), name=worlds.LONG)
    worlds.add_tasks(project, 172, person=make_user(name="Hildegard-Annegret von Hohenzollern-Sigmaringen"))
    for activity in PlanActivity.objects.filter(project=project).order_by("pk")[:3]:
        PlanActivity.objects.filter(pk=activity.pk).update(title=worlds.LONG)
    step = PlanStep.objects.filter(project=project, number="1.2").get()
    PlanStep.objects.filter(pk=step.pk).update(title=worlds.LONG)
    PlanActivity.objects.filter(project=project, number="2.4.3").update(
        status="excluded", justification="Consultation is not in the scope. " * 12
    )
    return project


@pytest.mark.parametrize(
    ("slug", "language"),
    [
        ("status", "en"),
        ("status", "de"),
        ("plan", "fr"),
        ("method", "en"),
        ("method", "fr"),
        ("journal", "de"),
        ("journal", "fr"),
    ],
)
def test_a_small_report_is_laid_out_without_a_fault(slug, language):
    project = worlds.small(5)

    sheets = worlds.laid_out(worlds.html_of(slug, worlds.asked_for(project, language=language)))

    assert len(sheets) >= 4
    assert faults_of(sheets) == []


@pytest.mark.parametrize("slug", ["status", "plan", "method", "journal"])
def test_an_empty_project_gives_a_whole_report(slug):
    sheets = worlds.laid_out(worlds.html_of(slug, worlds.asked_for(worlds.empty())))

    assert faults_of(sheets) == []
    assert all(len(sheet.flow) > 1 for sheet in sheets)


@pytest.mark.parametrize(("slug", "language"), [("status", "fr"), ("method", "de"), ("plan", "de")])
def test_long_names_and_five_hundred_tasks_are_laid_out_without_a_fault(full, slug, language):
    sheets = worlds.laid_out(worlds.html_of(slug, worlds.asked_for(full, language=language)))

    assert faults_of(sheets) == []


@pytest.mark.parametrize("language", ["de"])
def test_the_page_for_top_management_is_one_page(full, language):
    Project.objects.filter(pk=full.pk).update(target_on=worlds.TODAY.replace(month=9))

    sheets = worlds.laid_out(worlds.html_of("status", worlds.asked_for(full, language=language)))

    headings = [[box.text for box in sheet.flow if "h2" in box.within] for sheet in sheets[2:4]]
    assert len(headings[0]) == len(headings[1]) == 1
    assert headings[0] != headings[1]


def test_the_check_notices_what_is_broken():
    asked = worlds.asked_for(worlds.small(5))

    over = worlds.laid_out(worlds.html_of("status", asked), more_css="h2 + p { margin-top: -12mm }")
    wide = worlds.laid_out(worlds.html_of("status", asked), more_css=".lead { margin-left: 250mm; width: 60mm }")
    orphan = worlds.laid_out(
        worlds.html_of("plan", asked),
        more_css="h2, h3 { break-after: page !important } .step-facts { break-before: page }",
    )

    assert any("lies over" in fault for fault in faults_of(over))
    assert any("beyond the edge" in fault for fault in faults_of(wide))
    assert any("ends with a heading" in fault for fault in faults_of(orphan))
