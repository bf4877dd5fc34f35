"""A newer edition of the method in a running plan: what it asks, what it keeps, what it writes down."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from core.rules import RuleBroken
from projects.models import (
    JournalEntry,
    PlanActivity,
    PlanStep,
    Project,
    StepDependency,
    TailoringDecision,
    TailoringKind,
)
from projects.permissions import Role
from projects.selectors import edition as selectors
from projects.selectors import tailoring_record as records
from projects.services import counters, edition, start, tailor
from projects.tailoring.edition import compared
from tests.factories.methods import make_method, some_standard
from tests.factories.projects import grant, make_organization, make_user

NEWER = {
    "kick-off": ("1.1", "Kick-off", ()),
    "scope": ("1.2", "Scope", ("kick-off",)),
    "context": ("1.3", "Context", ("kick-off",)),
}


def test_three_sides_are_told_apart():
    old = {"a": {"number": "1.1", "title": "A", "days": 5}, "b": {"number": "1.2", "title": "B", "days": 5}}
    new = {"a": {"number": "1.1", "title": "A+", "days": 7}, "c": {"number": "1.2", "title": "C", "days": 5}}
    here = {"a": {"number": "1.1", "title": "Ours", "days": 5}, "b": {"number": "1.2", "title": "B", "days": 5}}

    found = compared(old, new, here, is_step=True)

    assert [(one.code, one.kind) for one in found] == [("a", "changed"), ("c", "new"), ("b", "gone")]
    assert [one.name for one in found[0].open_fields] == ["days"]
    assert [one.name for one in found[0].tailored] == ["title"]
    assert compared(old, new, {"b": here["b"]}, is_step=True)[0].kind == "new"


@pytest.fixture
def manager(db):
    return make_user(name="Mia Manager")


@pytest.fixture
def project(manager):
    """Laid out from edition 1.0; the scope has a name of its own. Edition 1.1 waits."""
    made = start.start(
        organization=make_organization(name="Alpenblick"), by=manager, name="IMS", slug="ims", catalogue=make_method(),
        standards=[some_standard()], start_on=dt.date(2035, 1, 1), headcount=100,
    )  # fmt: skip
    grant(manager, Role.PROJECT_MANAGER, made)
    project = Project.objects.select_related("organization", "catalogue").get(pk=made.pk)
    tailor.decide(
        project=project, by=manager, kind=TailoringKind.CHANGE, values={"title": "Boundaries"}, justification="Plainer",
        item=PlanStep.objects.get(project=project, number="1.2"),
    )  # fmt: skip
    make_method(
        "1.1",
        NEWER,
        **{
            "scope": {"title": "Scope and limits", "objective": "Limits are known"},
            "kick-off-work": {"effort_days": 3},
        },
    )
    return project


def merged(project, manager, **choices):
    to = selectors.newer(project)[0]
    return edition.merge(
        project=project, to=to, by=manager, choices=choices, justification="Edition 1.1", seen=project.version
    )


def test_what_is_new_comes_in_what_was_tailored_stays_and_what_is_gone_becomes_our_own(project, manager):
    items = {one.key: one.kind for one in selectors.compare(project, selectors.newer(project)[0]).items}
    assert items == {
        "step-scope": "changed", "step-context": "new", "step-do": "gone",
        "activity-kick-off-work": "changed", "activity-context-work": "new", "activity-do-work": "gone",
    }  # fmt: skip

    made = merged(project, manager)

    project = Project.objects.select_related("organization", "catalogue").get(pk=project.pk)
    steps = {step.code: step for step in PlanStep.objects.filter(project=project).select_related("source")}
    assert project.catalogue.edition == "1.1"
    assert (steps["scope"].title, steps["scope"].objective) == ("Boundaries", "Limits are known")
    assert steps["scope"].source.catalogue_id == project.catalogue_id
    assert (steps["context"].number, steps["do"].source) == ("1.3", None)
    assert PlanActivity.objects.get(project=project, code="kick-off-work").effort_days == 3
    new = PlanActivity.objects.get(project=project, code="context-work")
    assert (new.number, new.step) == ("1.3.1", steps["context"])
    links = set(StepDependency.objects.filter(project=project).values_list("step__code", "predecessor__code"))
    assert links == {("scope", "kick-off"), ("context", "kick-off")}
    assert {one.kind for one in made} == {"adopt"}
    assert len(made) == 6
    assert JournalEntry.objects.filter(project=project, action="project.edition_changed").count() == 1
    assert [(line.item.code, line.in_short) for line in records.record_of(project).lines] == [
        ("scope", "Changed"), ("do", "Added"), ("do-work", "Added"),
    ]  # fmt: skip
    assert selectors.newer(project) == []
    assert counters.recount(project) == []


def test_each_item_is_chosen_for_itself(project, manager):
    merged(
        project, manager,
        **{"step-scope": "take_all", "step-context": "keep", "activity-context-work": "keep", "step-do": "exclude",
           "activity-do-work": "keep", "activity-kick-off-work": "keep"},
    )  # fmt: skip

    steps = {step.code: step for step in PlanStep.objects.filter(project=project)}
    assert set(steps) == {"kick-off", "scope", "do"}
    assert (steps["scope"].title, steps["do"].is_applicable) == ("Scope and limits", False)
    assert PlanActivity.objects.get(project=project, code="kick-off-work").effort_days == 2
    told = [one.after for one in TailoringDecision.objects.filter(project=project, activity__code="kick-off-work")]
    assert told == [{"edition": "kept as it is against TINY 1.1"}]


def test_an_activity_without_its_step_is_refused_and_nothing_was_written(project, manager):
    with pytest.raises(RuleBroken, match="belongs to a step that this plan does not have"):
        merged(project, manager, **{"step-context": "keep"})
    assert Project.objects.get(pk=project.pk).catalogue_id == project.catalogue_id
    assert TailoringDecision.objects.filter(kind="adopt").count() == 0

    with pytest.raises(RuleBroken, match="changed meanwhile"):
        edition.merge(
            project=project, to=selectors.newer(project)[0], by=manager, choices={}, justification="x", seen=99
        )


def test_the_page_compares_asks_why_and_merges(project, manager):
    client = Client()
    client.force_login(manager)
    here = reverse("projects:edition-merge", kwargs=project.address)

    page = client.get(here).content.decode()
    assert "here: Boundaries" in page
    assert "No longer in the method" in page
    said = {"edition": selectors.newer(project)[0].pk, "seen": project.version}
    assert client.post(here, said).status_code == 422
    assert client.post(here, {**said, "justification": "Edition 1.1"}).status_code == 303
    assert "This plan follows the newest edition" in client.get(here).content.decode()
