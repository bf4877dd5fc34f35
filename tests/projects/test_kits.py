"""Kits: what of a plan goes along, what stays behind, and the next client's project from it."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from core.rules import RuleBroken
from pdca.selectors.catalogue import plan_of
from projects.flow import NotPermitted
from projects.models import (
    JournalEntry,
    Kit,
    KitVersion,
    PlanActivity,
    PlanStep,
    Project,
    StepDependency,
    TailoringKind,
    Task,
)
from projects.permissions import Role
from projects.selectors import tailoring_record as records
from projects.selectors.kit import method_as_content
from projects.selectors.step import steps_of
from projects.services import counters, kit, own_step, plan, start, tailor, team
from projects.services import task as tasks
from projects.tailoring import kit as contents
from projects.tailoring.scrub import Scrubber
from tests.factories.methods import make_method, some_standard
from tests.factories.projects import grant, join, make_firm, make_organization, make_user

MONDAY = dt.date(2035, 1, 1)


def test_names_addresses_and_numbers_are_taken_out_and_words_are_left():
    scrub = Scrubber(["Alpenblick Medical AG", "IMS 2027"], ["Lea Brunner", "Jo Li"])

    said = scrub("Lea meets alpenblick's Jo Li; brunner@alp.ch, +41 44 123 45 67, https://alp.ch/x. Leave 2027 alone.")

    assert said == "Lea meets [organization]'s [person]; […], […], […] Leave 2027 alone."
    assert scrub("Brunner signs for Alpenblick Medical AG") == "[person] signs for [organization]"
    assert "alpenblick" in scrub.found


@pytest.fixture
def firm(db):
    return make_firm("firm", name="Berg Consulting")


@pytest.fixture
def consultant(firm):
    person = make_user(name="Cora Consultant")
    join(person, firm)
    return person


def client_of(firm, name: str):
    found = make_organization(name=name)
    team.engage(firm=firm, client=found, by=None, is_set_up=True)
    return found


@pytest.fixture
def project(firm, consultant):
    """A tailored plan: 2.1 merged into 1.2, 1.1 renamed, a step and a task of its own."""
    project = start.start(
        organization=client_of(firm, "Alpenblick AG"), by=consultant, name="IMS Alpenblick", slug="ims",
        catalogue=make_method(), standards=[some_standard()], start_on=MONDAY, headcount=100,
    )  # fmt: skip
    project = Project.objects.select_related("organization").get(pk=project.pk)

    def decide(number, kind, values, why):
        tailor.decide(
            project=project, by=consultant, kind=kind, values=values, justification=why,
            item=PlanStep.objects.get(project=project, number=number),
        )  # fmt: skip

    decide("2.1", TailoringKind.MERGE, {"merged_into": "1.2"}, "Alpenblick has one team")
    decide("1.1", TailoringKind.CHANGE, {"title": "Kick-off at Alpenblick", "duration_days": 4}, "Short")
    made = own_step.add(
        project=project, by=consultant, title="Supplier audits", justification="Always", phase=2, waits_for=["1.2"]
    )
    activity = plan.add_activity(
        step=made.step, by=consultant, title="Visit suppliers", justification="Always", responsible=Role.AUDITOR,
        effort_days=3, starts_on=made.step.starts_on, ends_on=made.step.ends_on,
    )  # fmt: skip
    tasks.create(
        project=project, by=consultant, title="Ask Cora Consultant for the list", activity=activity,
        assignee=consultant, due_on=activity.ends_on, effort_hours_planned=4,
    )  # fmt: skip
    return project


def saved(project, firm, by, **more) -> KitVersion:
    return kit.save(project=project, firm=firm, by=by, name=more.pop("name", "Medtech"), **more)


def test_a_kit_holds_the_tailored_plan_and_nothing_of_the_client(project, firm, consultant):
    made = saved(project, firm, consultant, note="First")

    text = str(made.content)
    assert (made.number, made.step_count, made.task_count) == (1, 4, 4)
    assert "Alpenblick" not in text
    assert "Cora" not in text
    own = next(step for step in made.content["steps"] if not step["code"])
    assert (own["title"], own["activities"][0]["tasks"][0]["title"]) == ("Supplier audits", "Ask [person] for the list")
    assert made.content["steps"][0]["title"] == "Kick-off at [organization]"
    assert JournalEntry.objects.filter(organization=firm, action="kit.saved").count() == 1
    assert made.difference_count == 5  # title, days, merged, own step and its activity


def test_the_same_plan_is_not_saved_twice_and_a_changed_one_becomes_the_next_version(project, firm, consultant):
    first = saved(project, firm, consultant)
    with pytest.raises(RuleBroken, match="exactly this plan"):
        saved(project, firm, consultant)
    tailor.decide(
        project=project, by=consultant, kind=TailoringKind.CHANGE, values={"title": "Boundaries"}, justification="Plain",
        item=PlanStep.objects.get(project=project, number="1.2"),
    )  # fmt: skip

    second = saved(project, firm, consultant, without_tasks=["Ask [person] for the list"])

    assert (second.kit, second.number, second.task_count) == (first.kit, 2, 3)
    found = contents.between(first.content, second.content)
    assert [(one.number, one.field, one.after) for one in found] == [
        ("1.2", "title", "Boundaries"), ("2.2.1", "tasks", []),
    ]  # fmt: skip


def test_only_the_firms_people_save_and_only_what_they_may_tailor(project, firm, consultant):
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    stranger = make_user()
    join(stranger, make_firm("other"))

    for person, its in ((manager, firm), (stranger, firm)):
        with pytest.raises(NotPermitted):
            saved(project, its, person)
    with pytest.raises(NotPermitted):
        saved(project, stranger and team.firms_of(stranger).get(), stranger)
    assert not Kit.objects.exists()


def test_the_next_clients_project_is_the_kit_and_every_difference_a_decision(project, firm, consultant):
    version = saved(project, firm, consultant)

    made = start.start(
        organization=client_of(firm, "Seefeld GmbH"), by=consultant, name="IMS", slug="ims", catalogue=version.catalogue,
        standards=[some_standard()], start_on=dt.date(2036, 1, 7), headcount=100, kit=version,
    )  # fmt: skip

    steps = {step.number: step for step in steps_of(made)}
    assert made.kit == version
    assert (steps["1.1"].title, steps["1.1"].duration_days) == ("Kick-off at [organization]", 4)
    assert steps["2.1"].merged_into_id == steps["1.2"].pk
    assert steps["2.1"].starts_on == steps["1.2"].starts_on
    assert (steps["2.2"].title, steps["2.2"].source) == ("Supplier audits", None)
    task = Task.objects.get(project=made, title="Ask [person] for the list")
    assert (task.assignee, task.assignee_role) == (None, "auditor")
    assert task.due_on == PlanActivity.objects.get(project=made, number="2.2.1").ends_on
    assert Task.objects.filter(project=made).count() == 4
    record = records.record_of(made)
    assert {line.item.number for line in record.lines} == {"1.1", "2.1", "2.2", "2.2.1"}
    assert all("From the kit “Medtech 1”." in one.decision.justification for one in record.told)
    assert "Alpenblick" not in str(records.snapshot(record))
    assert counters.recount(made) == []


def links_of(project) -> list[tuple]:
    rows = StepDependency.objects.filter(project=project)
    return sorted(rows.values_list("step__number", "predecessor__number", "lag_days"))


def test_the_next_clients_steps_wait_for_one_another_as_in_the_kit_and_as_long(project, firm, consultant):
    other = own_step.add(
        project=project, by=consultant, title="Papers", justification="Always", phase=1, before="1.2", duration_days=2
    ).step
    for number, waits in (("1.2", ["1.1 +4", f"{other.number} +2"]), ("2.1", []), ("2.2", ["1.2 -1", "2.1 +3"])):
        tailor.decide(
            project=project, by=consultant, kind=TailoringKind.CHANGE, values={"waits": waits}, justification="It dries",
            item=PlanStep.objects.get(project=project, number=number), skipped_because="No matter",
        )  # fmt: skip
    version = saved(project, firm, consultant)
    method = method_as_content(project.catalogue, project.headcount)
    told = [
        (one.number, one.before, one.after) for one in contents.between(method, version.content) if one.field == "waits"
    ]
    assert told == [("1.2", ["1.1"], ["1.1 +4", "1.3 +2"]), ("2.1", ["1.2"], [])]

    made = start.start(
        organization=client_of(firm, "Seefeld GmbH"), by=consultant, name="IMS", slug="ims", catalogue=version.catalogue,
        standards=[some_standard()], start_on=dt.date(2036, 1, 7), headcount=100, kit=version,
    )  # fmt: skip

    assert links_of(made) == links_of(project)
    assert ("2.2", "1.2", -1) in links_of(made)
    spans = {step.number: step.starts_on for step in steps_of(made)}
    proposed = start.propose(
        plan_of(version.catalogue), start_on=dt.date(2036, 1, 7), target_on=None, headcount=100, kit=version,
        calendar=made.calendar,
    )  # fmt: skip
    shown = {step.number: proposed.spans[step.pk].starts_on for step in plan_of(version.catalogue).steps}
    assert {number: spans[number] for number in shown} == shown


def test_a_kit_of_another_firm_starts_nothing(project, firm, consultant):
    version = saved(project, firm, consultant)
    other = make_firm("other")
    rival = make_user()
    join(rival, other)

    with pytest.raises(NotPermitted):
        start.start(
            organization=client_of(other, "Seefeld GmbH"), by=rival, name="IMS", slug="ims",
            catalogue=version.catalogue, standards=[some_standard()], start_on=MONDAY, kit=version,
        )  # fmt: skip


def test_the_pages_show_the_texts_first_then_the_kit_and_keep_it_from_everybody_else(project, firm, consultant):
    client = Client()
    client.force_login(consultant)
    here = reverse("projects:kit-save", kwargs=project.address)

    page = client.get(here).content.decode()
    assert "Ask [person] for the list" in page
    assert "Taken out of the texts" in page
    assert client.post(here, {"firm": firm.slug, "name": "Medtech"}).status_code == 422
    done = client.post(here, {"firm": firm.slug, "name": "Medtech", "is_read": "on"})
    version = KitVersion.objects.get()
    assert done["Location"] == reverse("projects:kit-detail", args=[firm.slug, version.kit_id])
    shown = client.get(done["Location"]).content.decode()
    assert "Worked together with" in shown
    assert "Medtech" in client.get(reverse("projects:kit-list", args=[firm.slug])).content.decode()
    edited = client.post(
        reverse("projects:kit-edit", args=[firm.slug, version.kit_id]), {"name": "Medtech AG", "is_retired": "on"}
    )
    assert edited.status_code == 303
    assert "Medtech" not in client.get(reverse("projects:start")).content.decode()

    rival = make_user()
    join(rival, make_firm("other"))
    manager = make_user()
    grant(manager, Role.PROJECT_MANAGER, project)
    for person, status in ((rival, 404), (manager, 404)):
        client.force_login(person)
        assert client.get(done["Location"]).status_code == status
    assert client.get(here).status_code == 403


def test_the_start_page_offers_the_kit_and_shows_its_plan_before_anything_is_written(project, firm, consultant):
    version = saved(project, firm, consultant)
    client = Client()
    client.force_login(consultant)
    other = client_of(firm, "Seefeld GmbH")
    said = {
        "client": other.slug, "standards": [some_standard().slug], "start_on": "2036-01-07", "headcount": "100",
        "country": "", "region": "", "region_of": "", "working_days": ["0", "1", "2", "3", "4"], "name": "IMS",
        "manager": "me", "tasks": "all", "kit": str(version.pk), "language": "en", "time_zone": "Europe/Zurich",
    }  # fmt: skip

    preview = client.post(reverse("projects:start"), {**said, "preview": "1"})
    done = client.post(reverse("projects:start"), said)

    assert "Medtech, version 1" in preview.content.decode()
    assert preview.context["plan"].starts_on == dt.date(2036, 1, 7)
    assert done.status_code == 303
    assert Project.objects.get(organization=other).kit == version
