"""The life of a task: every move, allowed and refused."""

from __future__ import annotations

import datetime as dt

import pytest

from core.rules import RuleBroken
from projects import flow, flows
from projects.models import JournalEntry, Task
from projects.models.task import TaskStatus
from projects.permissions import Role
from projects.services import counters, plan
from projects.services import task as services
from tests.factories.projects import grant, make_user

EVERY_MOVE = [(move.name, source, move.target) for move in flows.TASK.moves for source in sorted(move.sources)]
EVERY_WRONG_STATE = [
    (move.name, status) for move in flows.TASK.moves for status in TaskStatus.values if status not in move.sources
]


def made_as(crew, status: str, **fields) -> Task:
    """A task brought into a state by its own moves."""
    task = services.create(project=crew.project, by=crew.manager, title="Write it", **fields)
    way = {"in_progress": ["start"], "blocked": ["block"], "done": ["complete"], "cancelled": ["cancel"]}
    for move in way.get(status, []):
        task = services.move(task=task, name=move, by=crew.manager, reason="because")
    return task


@pytest.mark.parametrize(("name", "source", "target"), EVERY_MOVE)
def test_a_move_goes_where_the_table_says_and_stands_in_the_journal(crew, name, source, target):
    task = made_as(crew, source, activity=crew.activity)

    moved = services.move(task=task, name=name, by=crew.manager, reason="because")

    assert moved.status == Task.objects.get(pk=task.pk).status == target
    assert moved.is_open == (target in ("open", "in_progress", "blocked"))
    entry = JournalEntry.objects.filter(target_id=task.pk, target_kind="projects.task").latest("seq")
    assert (entry.action, entry.changes, entry.actor) == (f"task.{name}", {"status": [source, target]}, crew.manager)
    assert task.history.first().status == target
    assert task.history.first().history_user_id == crew.manager.pk
    assert counters.recount(crew.project) == []


@pytest.mark.parametrize(("name", "status"), EVERY_WRONG_STATE)
def test_a_move_from_a_wrong_state_is_refused_with_the_state_in_words(crew, name, status):
    task = made_as(crew, status)

    with pytest.raises(RuleBroken, match="by now"):
        services.move(task=task, name=name, by=crew.manager, reason="because")

    assert Task.objects.get(pk=task.pk).status == status


@pytest.mark.parametrize("name", [move.name for move in flows.TASK.moves])
@pytest.mark.parametrize("who", ["auditor", "certifier", "stranger", "superuser", "expired"])
def test_a_move_is_refused_to_who_may_not(crew, name, who):
    source = sorted(flows.TASK[name].sources)[0]
    task = made_as(crew, source, assignee=crew.staff)
    if who == "superuser":
        person = make_user(is_superuser=True, is_staff=True)
    elif who == "expired":
        person = make_user()
        grant(person, Role.PROJECT_MANAGER, crew.project, expires_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC))
    else:
        person = getattr(crew, who)

    with pytest.raises(flow.NotPermitted):
        services.move(task=task, name=name, by=person, reason="because")

    assert Task.objects.get(pk=task.pk).status == source


def test_staff_work_on_their_own_task_but_do_not_cancel_it(crew):
    task = services.create(project=crew.project, by=crew.manager, title="Read it", assignee=crew.staff)

    assert services.move(task=task, name="start", by=crew.staff).status == "in_progress"
    assert services.move(task=task, name="complete", by=crew.staff).completed_by == crew.staff
    other = services.create(project=crew.project, by=crew.manager, title="Another", assignee=crew.staff)
    with pytest.raises(flow.NotPermitted):
        services.move(task=other, name="cancel", by=crew.staff, reason="no time")


def test_a_task_of_a_role_belongs_to_its_holders_until_somebody_is_named(crew):
    task = services.create(project=crew.project, by=crew.manager, title="Own it", assignee_role=Role.PROCESS_OWNER)
    named = services.create(
        project=crew.project, by=crew.manager, title="Named", assignee_role=Role.PROCESS_OWNER, assignee=crew.staff
    )

    assert services.move(task=task, name="complete", by=crew.owner).status == "done"
    with pytest.raises(flow.NotPermitted):
        services.move(task=named, name="complete", by=crew.owner)


@pytest.mark.parametrize("name", ["block", "cancel"])
@pytest.mark.parametrize("reason", ["", "   \n"])
def test_a_move_that_asks_why_is_refused_without_a_reason(crew, name, reason):
    task = made_as(crew, "open")

    with pytest.raises(RuleBroken, match="needs a reason"):
        services.move(task=task, name=name, by=crew.manager, reason=reason)


def test_what_a_task_waits_for_is_shown_while_it_is_blocked_only(crew):
    task = services.move(task=made_as(crew, "open"), name="block", by=crew.manager, reason="the landlord")

    assert task.blocked_reason == "the landlord"
    assert services.move(task=task, name="resume", by=crew.manager).blocked_reason == ""


def test_a_task_is_completed_only_after_what_it_depends_on(crew):
    first, second = made_as(crew, "open"), made_as(crew, "open")
    services.add_predecessor(task=second, predecessor=first, by=crew.manager)

    with pytest.raises(RuleBroken, match=first.label):
        services.move(task=second, name="complete", by=crew.manager)
    services.move(task=first, name="complete", by=crew.manager)

    assert services.move(task=second, name="complete", by=crew.manager).status == "done"


def test_a_task_of_an_excluded_activity_is_not_reopened(crew):
    task = made_as(crew, "done", activity=crew.activity)
    plan.move(activity=crew.activity, name="exclude", by=crew.manager, reason="not here")

    with pytest.raises(RuleBroken, match="excluded"):
        services.move(task=task, name="reopen", by=crew.manager)


def test_a_move_nobody_knows_is_refused(crew):
    with pytest.raises(RuleBroken, match="There is no move"):
        services.move(task=made_as(crew, "open"), name="explode", by=crew.manager)


def test_reopening_takes_the_completion_back(crew):
    task = services.move(task=made_as(crew, "done"), name="reopen", by=crew.manager)

    assert (task.completed_at, task.completed_by) == (None, None)
