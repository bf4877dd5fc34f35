"""Treatments: decided, carried out by tasks, relied on by acceptances."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.rules import RuleBroken, StaleRecord
from jobs import kinds
from projects.flow import NotPermitted
from projects.models import JournalEntry, Task
from projects.permissions import Role
from projects.services import plan
from projects.services import task as tasks
from risks import following
from risks.models import Option, Risk, Treatment
from risks.models.treatment import WITHOUT_ACTION
from risks.selectors import treatment as selectors
from risks.services import risk as risks
from risks.services import treatment as services
from tests.factories.projects import grant, make_full_project, make_project, make_task, make_user
from tests.factories.risks import make_edition, make_risk, make_soa, rate
from tests.helpers.risk_stories import here, make_treatment, signed

pytestmark = pytest.mark.django_db
__all__ = ["here"]


def test_the_first_work_brings_an_assessed_risk_in_treatment(here):
    made = make_treatment(here.risk, here.owner, title="Two-factor sign-in", owner=here.manager, cost=12_000)

    here.risk.refresh_from_db()
    assert (made.label, made.status, made.cost, here.risk.status) == ("TR-001", "planned", 12_000, "treating")
    told = JournalEntry.objects.filter(project=here.project, action__in=["treatment.created", "risk.treat"])
    assert list(told.order_by("seq").values_list("action", "target_label")) == [
        ("treatment.created", "TR-001 Two-factor sign-in"), ("risk.treat", str(here.risk)),
    ]  # fmt: skip


def test_a_risk_is_treated_once_it_has_an_owner_and_a_rating(here):
    unrated = make_risk(here.project, here.manager, owner=here.owner)
    draft = make_risk(here.project, here.manager)
    closed = make_risk(here.project, here.manager, owner=here.owner)
    risks.move(risk=closed, name="close", by=here.owner, reason="Gone")
    for risk, why in ((unrated, "rate it before"), (draft, "needs an owner"), (closed, "reopen it")):
        with pytest.raises(RuleBroken, match=why):
            make_treatment(risk, here.manager)
    assert not Treatment.objects.exists()


def test_retaining_needs_a_reason_and_no_task(here):
    with pytest.raises(RuleBroken, match="why nothing more is done") as refused:
        make_treatment(here.risk, here.owner, option="retain", description=" ")
    assert refused.value.field == "description"

    made = make_treatment(here.risk, here.owner, option="retain", description="Costs more than it could cost us")

    here.risk.refresh_from_db()
    assert (made.status, here.risk.status) == ("done", "assessed")
    task = services.add_task(treatment=made, by=here.owner, title="Tell the board")
    made.refresh_from_db()
    assert made.status == "planned"
    services.unlink_task(treatment=made, by=here.owner, task=task)
    made.refresh_from_db()
    assert made.status == "done"


def test_options_are_those_of_the_discipline(here):
    gain = make_risk(here.project, here.manager, owner=here.owner, discipline="opportunity")
    rate(gain, here.owner, 3, 3)
    for risk, wrong, right in ((here.risk, "pursue", "avoid"), (gain, "modify", "enhance")):
        with pytest.raises(RuleBroken, match="what is done about it"):
            make_treatment(risk, here.owner, option=wrong)
        assert make_treatment(risk, here.owner, option=right).option == right


def test_the_expected_rating_names_its_treatment_and_is_a_row_that_stays(here):
    made = make_treatment(here.risk, here.owner, expected=services.Expected(1, 2))
    here.risk.refresh_from_db()
    last = here.risk.ratings.get(kind="expected")
    assert (last.treatment, here.risk.expected_likelihood, here.risk.current_likelihood) == (made, 1, 4)

    change(made, here.owner, {}, expected=services.Expected(2, 2))
    change(Treatment.objects.get(pk=made.pk), here.owner, {}, expected=services.Expected(2, 2))

    assert here.risk.ratings.filter(kind="expected").count() == 2


def change(treatment, by, values, **more):
    return services.change(treatment=treatment, by=by, version=treatment.version, values=values, **more)


def test_who_saved_second_sees_the_first_and_loses_nothing(here):
    made = make_treatment(here.risk, here.owner)
    change(made, here.owner, {"title": "By the owner"})
    with pytest.raises(StaleRecord) as refused:
        change(made, here.manager, {"title": "By the manager"})
    assert refused.value.current.title == "By the owner"


def test_the_responsible_person_writes_the_text_and_decides_nothing(here):
    made = make_treatment(here.risk, here.manager, owner=here.other)

    found = change(made, here.other, {"title": "Said better", "option": "avoid", "owner": here.manager},
                   expected=services.Expected(1, 1))  # fmt: skip

    assert (found.title, found.option, found.owner) == ("Said better", "modify", here.other)
    here.risk.refresh_from_db()
    assert here.risk.expected_level is None
    with pytest.raises(NotPermitted):
        services.cancel(treatment=found, by=here.other, reason="No")
    for stranger in (here.auditor, here.staff, here.boss):
        with pytest.raises(NotPermitted):
            change(found, stranger, {"title": "Mine"})
    with pytest.raises(NotPermitted):
        make_treatment(here.risk, here.other)


def test_only_controls_tasks_and_people_of_the_project_belong_to_it(here):
    other = make_project()
    foreign = make_soa(other, made_manager(other)).entries.first()
    made = make_treatment(here.risk, here.owner)
    with pytest.raises(RuleBroken, match="controls of this project"):
        change(made, here.owner, {}, controls=[foreign])
    with pytest.raises(RuleBroken, match="another project"):
        services.link_task(treatment=made, by=here.owner, task=make_task(other, "Theirs"))
    with pytest.raises(RuleBroken, match="does not belong to this project"):
        change(made, here.owner, {"owner": make_user()})
    assert not made.control_links.exists() and not made.task_links.exists()


def made_manager(project):
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def test_a_task_belongs_to_one_treatment(here):
    first, second = make_treatment(here.risk, here.owner), make_treatment(here.risk, here.owner)
    task = services.add_task(treatment=first, by=here.owner, title="Buy keys", assignee=here.other)
    with pytest.raises(RuleBroken, match="belongs to TR-001"):
        services.link_task(treatment=second, by=here.owner, task=task)
    services.unlink_task(treatment=first, by=here.owner, task=task)
    services.link_task(treatment=second, by=here.owner, task=task)
    assert [link.task for link in second.task_links.all()] == [task]
    assert Task.objects.get(pk=task.pk).assignee == here.other


@pytest.fixture
def followed(django_capture_on_commit_callbacks):
    """Moves a task and lets the receivers hear of it."""

    def move(task, name, by, reason=""):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.move(task=task, name=name, by=by, reason=reason)

    return move


def test_the_state_follows_the_tasks(here, followed):
    made = make_treatment(here.risk, here.owner)
    first, second = (services.add_task(treatment=made, by=here.owner, title=title) for title in ("One", "Two"))

    def state():
        return Treatment.objects.get(pk=made.pk).status

    assert state() == "planned"
    followed(first, "start", here.manager)
    assert state() == "in_progress"
    followed(first, "complete", here.manager)
    assert state() == "in_progress"
    followed(second, "cancel", here.manager, "Not needed")
    assert state() == "done"
    followed(second, "reopen", here.manager)
    assert state() == "in_progress"
    told = JournalEntry.objects.filter(action="treatment.followed", target_id=made.pk).latest("seq")
    assert (told.changes["status"], told.actor) == (["done", "in_progress"], None)


def test_excluding_the_activity_of_its_tasks_moves_it_too(here, catalogue, django_capture_on_commit_callbacks):
    project = make_full_project(here.project.organization, by=here.manager, name="Whole", slug="whole")
    for person, role in ((here.manager, Role.PROJECT_MANAGER), (here.boss, Role.TOP_MANAGEMENT)):
        grant(person, role, project)
    make_edition(project, here.manager, here.boss)
    risk = make_risk(project, here.manager, owner=here.manager)
    rate(risk, here.manager, 4, 4)
    made = make_treatment(risk, here.manager)
    activity = project.planactivitys.exclude(status="excluded").latest("pk")
    task = services.add_task(treatment=made, by=here.manager, title="One", activity_id=activity.pk)
    tasks.move(task=task, name="start", by=here.manager)
    Treatment.objects.filter(pk=made.pk).update(status="in_progress")

    with django_capture_on_commit_callbacks(execute=True):
        plan.move(activity=activity, name="exclude", by=here.manager, reason="Not here")

    assert Treatment.objects.get(pk=made.pk).status == "planned"


def test_the_hourly_recount_mends_what_a_crash_left(here):
    made = make_treatment(here.risk, here.owner)
    task = services.add_task(treatment=made, by=here.owner, title="One")
    tasks.move(
        task=task, name="complete", by=here.manager
    )  # nobody hears of it: the transaction of the test stays open
    assert selectors.astray() == {here.project.pk: [1]}

    done = kinds.of(following.HOURLY).work(Run())

    assert (done, Treatment.objects.get(pk=made.pk).status) == ({"expired": 0, "moved": 1}, "done")
    assert kinds.of(following.HOURLY).work(Run()) == {"expired": 0, "moved": 0}


class Run:
    def check(self):
        pass


def test_cancelling_says_why_and_leaves_the_tasks_in_the_plan(here):
    made = make_treatment(here.risk, here.owner)
    task = services.add_task(treatment=made, by=here.owner, title="One")
    with pytest.raises(RuleBroken, match="why"):
        services.cancel(treatment=made, by=here.owner, reason=" ")

    services.cancel(treatment=made, by=here.owner, reason="The building is given up")

    made.refresh_from_db(), here.risk.refresh_from_db()
    assert (made.status, made.cancelled_because) == ("cancelled", "The building is given up")
    assert (here.risk.status, Task.objects.get(pk=task.pk).status) == ("assessed", "open")
    for again in (
        lambda: change(made, here.owner, {"title": "Again"}),
        lambda: services.add_task(treatment=made, by=here.owner, title="More"),
        lambda: services.cancel(treatment=made, by=here.owner, reason="Twice"),
    ):
        with pytest.raises(RuleBroken, match="was cancelled"):
            again()


@pytest.mark.parametrize("what", ["text", "control", "task", "cancel", "more", "expected", "cancelled task"])
def test_a_changed_treatment_ends_the_acceptance_and_says_why(here, what, followed):
    made = make_treatment(here.risk, here.owner, expected=services.Expected(1, 2))
    task = services.add_task(treatment=made, by=here.owner, title="One")
    signed(here, [here.risk])
    made.refresh_from_db(), here.risk.refresh_from_db()
    assert (here.risk.acceptance_state, here.risk.status) == ("accepted", "accepted")

    match what:
        case "text":
            change(made, here.owner, {"title": "Otherwise"})
        case "control":
            change(made, here.owner, {}, controls=[make_soa(here.project, here.manager).entries.first()])
        case "task":
            services.add_task(treatment=made, by=here.owner, title="Two")
        case "cancel":
            services.cancel(treatment=made, by=here.owner, reason="No")
        case "more":
            make_treatment(here.risk, here.owner)
        case "expected":
            change(made, here.owner, {}, expected=services.Expected(2, 3))
        case "cancelled task":
            followed(task, "cancel", here.manager, "No money")

    risk = Risk.objects.get(pk=here.risk.pk)
    assert risk.acceptance_state == "stale" and risk.status in ("treating", "assessed")
    assert "TR-00" in risk.stale_because or "rated again" in risk.stale_because
    row = risk.acceptances.get()
    assert (row.is_holding, row.ended_because) == (False, risk.stale_because)


def test_cost_and_progress_end_no_acceptance(here, followed):
    made = make_treatment(here.risk, here.owner)
    task = services.add_task(treatment=made, by=here.owner, title="One")
    signed(here, [here.risk])
    change(Treatment.objects.get(pk=made.pk), here.owner, {"cost": 5, "effort_days": Decimal("1.5")})
    followed(task, "complete", here.manager)
    assert Risk.objects.get(pk=here.risk.pk).acceptance_state == "accepted"
    assert Treatment.objects.get(pk=made.pk).status == "done"


def test_sums_leave_cancelled_treatments_out(here):
    for cost, days in ((100, "1.5"), (None, None), (50, "2")):
        make_treatment(here.risk, here.owner, cost=cost, effort_days=days and Decimal(days))
    services.cancel(treatment=Treatment.objects.get(number=3), by=here.owner, reason="No")
    found = selectors.totals(selectors.of(here.project), here.today)
    assert (found.count, found.cost, found.effort_days) == (2, 100, Decimal("1.5"))


STATES = st.lists(st.sampled_from(["open", "in_progress", "blocked", "done", "cancelled"]), max_size=6)


@given(option=st.sampled_from(Option.values), states=STATES)
def test_a_treatment_is_done_when_nothing_of_it_is_left_to_do(option, states):
    found = selectors.by_tasks(option, states)
    counted = [state for state in states if state != "cancelled"]
    assert selectors.by_tasks(option, states[::-1]) == found
    assert selectors.by_tasks(option, [*states, "cancelled"]) == found
    if found == "done":
        assert all(state == "done" for state in counted) and (counted or option in WITHOUT_ACTION)
    else:
        assert any(state != "done" for state in counted) or (not counted and option not in WITHOUT_ACTION)
    assert (found == "in_progress") == bool(set(counted) - {"open"} and set(counted) != {"done"})
