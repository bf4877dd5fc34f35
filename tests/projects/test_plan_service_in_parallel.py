"""Many people at once: nothing is lost, nothing is doubled. On a real database, with threads (T15, T16)."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from core.rules import RuleBroken, StaleRecord
from projects import journal_check
from projects.models import JournalEntry, PlanActivity, PlanStep, Project
from projects.permissions import Role
from projects.services import counters, gate, plan
from tests.factories.projects import grant, make_full_project, make_project, make_user

pytestmark = pytest.mark.django_db(transaction=True)

WORKERS = 32
EDITORS, SAVES = 16, 8


def at_once(workers: int, jobs: list[Callable[[], str]]) -> list[str]:
    """Runs `jobs` on that many threads, each with a database connection of its own; returns what they say."""
    begin = threading.Barrier(workers)
    mine = [jobs[n::workers] for n in range(workers)]

    def work(share: list[Callable[[], str]]) -> list[str]:
        try:
            begin.wait(timeout=60)
            return [job() for job in share]
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(workers) as pool:
        return [said for share in pool.map(work, mine) for said in share]


def test_32_workers_complete_101_activities_twice_each_and_each_is_completed_once():
    person = make_user()
    project = make_full_project(by=person, with_tasks=False)
    grant(person, Role.PROJECT_MANAGER, project)
    for number in ("1.4", "1.8"):  # their decisions would hold back what follows
        step = PlanStep.objects.get(project=project, number=number)
        gate.let_through(project=project, step=step, by=person, reason="Decided on paper")
    ids = list(PlanActivity.objects.filter(project=project).values_list("pk", flat=True)) * 2
    seed = 16
    print(f"seed {seed}")
    random.Random(seed).shuffle(ids)  # noqa: S311

    def complete(pk: int) -> str:
        try:
            plan.move(
                activity=PlanActivity.objects.select_related("project__organization").get(pk=pk),
                name="complete",
                by=person,
            )
        except RuleBroken:
            return "refused"
        return "completed"

    said = at_once(WORKERS, [lambda pk=pk: complete(pk) for pk in ids])

    project.refresh_from_db()
    entries = JournalEntry.objects.filter(project=project, action="activity.complete")
    assert (said.count("completed"), said.count("refused")) == (101, 101)
    assert PlanActivity.objects.filter(project=project, status="done").count() == 101
    assert (project.activity_done_count, project.progress_percent) == (101, 100)
    assert project.effort_minutes_done == project.effort_minutes
    assert entries.count() == entries.values("target_id").distinct().count() == 101
    assert counters.recount(Project.objects.get(pk=project.pk)) == []
    assert [v.fault for v in journal_check.check_all(use_anchors=False)] == [None]


def test_of_16_editors_of_one_record_every_save_wins_or_is_told_and_none_is_lost():
    project = make_project()
    person = make_user()
    grant(person, Role.PROJECT_MANAGER, project)
    activity = PlanActivity.objects.filter(project=project).first()

    def save(text: str) -> str:
        seen = PlanActivity.objects.select_related("project__organization").get(pk=activity.pk)
        try:
            plan.edit(activity=seen, by=person, version=seen.version, values={"title": text})
        except StaleRecord as stale:
            assert stale.current.version > seen.version
            return "stale"
        return text

    said = at_once(EDITORS, [lambda t=f"{e}-{n}": save(t) for n in range(SAVES) for e in range(EDITORS)])

    saved = [text for text in said if text != "stale"]
    final = PlanActivity.objects.get(pk=activity.pk)
    entries = JournalEntry.objects.filter(project=project, action="activity.changed").order_by("seq")
    titles = [entry.changes["title"] for entry in entries]
    assert len(said) == EDITORS * SAVES
    assert final.version == 1 + len(saved)
    assert sorted(new for _old, new in titles) == sorted(saved)
    assert [old for old, _new in titles[1:]] == [new for _old, new in titles[:-1]]
    assert final.title == titles[-1][1]
    assert connection.vendor in ("sqlite", "postgresql")
