"""Stored counters are right, and a wrong one is found and mended."""

from __future__ import annotations

import contextlib
import random

import pytest
from django.core.management import CommandError, call_command

from core.rules import RuleBroken
from projects import tasks as jobs
from projects.models import JournalEntry, PlanActivity, PlanStep, Project, Task
from projects.permissions import Role
from projects.services import counters, plan, task
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def manager(project):
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, project)
    return person


@pytest.mark.parametrize("seed", range(3))
def test_no_sequence_of_changes_leaves_a_wrong_counter(project, manager, seed):
    chance = random.Random(seed)  # noqa: S311
    print(f"seed {seed}")
    for _turn in range(60):
        activity = PlanActivity.objects.filter(project=project).order_by("?").first()
        one = Task.objects.filter(project=project).order_by("?").first()
        attempts = [
            lambda a=activity: task.create(
                project=project, by=manager, title="T", activity=chance.choice([a, None]),
                effort_hours_planned=chance.choice([None, 0, 2, 7]),
            ),
            lambda t=one: t and task.move(
                task=t, name=chance.choice(["complete", "start", "reopen", "cancel", "block"]), by=manager, reason="r"
            ),
            lambda t=one, a=activity: t and task.edit(
                task=t, by=manager, version=t.version,
                values={"activity": chance.choice([a, None]), "effort_hours_planned": chance.choice([None, 1, 5])},
            ),
            lambda a=activity: plan.move(
                activity=a, name=chance.choice(["start", "complete", "reopen", "exclude", "include"]), by=manager, reason="r"
            ),
            lambda a=activity: plan.edit(
                activity=a, by=manager, version=a.version, values={"effort_days": chance.choice([0, 1, 4])}
            ),
        ]  # fmt: skip
        with contextlib.suppress(RuleBroken):
            chance.choice(attempts)()

    assert Task.objects.filter(project=project).count() > 3
    assert counters.recount(Project.objects.get(pk=project.pk)) == []


def test_a_wrong_counter_is_named_mended_and_written_down(project):
    Project.objects.filter(pk=project.pk).update(task_count=7)
    PlanStep.objects.filter(project=project).update(activity_done_count=2)

    checked, found = counters.recount_all(Project.objects.select_related("organization"))

    assert checked == 1
    assert len(found) == 2
    assert "task_count 7, counted 0" in " ".join(found)
    assert JournalEntry.objects.get().action == "project.recounted"
    assert JournalEntry.objects.get().actor_kind == "job"
    assert counters.recount_all(Project.objects.select_related("organization"))[1] == []


def test_the_command_says_what_differed_and_ends_with_one(project, capsys):
    call_command("recount")
    assert "1 projects counted anew: no counter differs." in capsys.readouterr().out
    Project.objects.update(effort_minutes=1)

    with pytest.raises(CommandError, match="1 counters differed"):
        call_command("recount", organization=project.organization.slug)

    call_command("recount")


def test_the_nightly_job_logs_each_difference(project, settings, tmp_path, caplog):
    settings.JOURNAL_ANCHOR_FILE = str(tmp_path / "anchors.jsonl")
    Project.objects.update(effort_minutes=1)

    jobs.nightly()

    assert [r.message for r in caplog.records if r.levelname == "ERROR"] == [
        f"recount: projects.Project {project.pk}: effort_minutes 1, counted 960"
    ]
