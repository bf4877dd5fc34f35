"""Nonconformities for tests: one call, one thing, brought as far as a test needs it."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone

from core import dates
from improvement.models import Nonconformity, Proposal, Round
from improvement.services import nonconformity as services
from improvement.services import proposal as proposals
from projects.models import Project, Task

_number = itertools.count(1)


def make_nonconformity(project: Project, by: Any, **values: Any) -> Nonconformity:
    return services.report(project=project, by=by, values={"title": f"Nonconformity {next(_number)}"} | values)


def make_proposal(project: Project, by: Any, **values: Any) -> Proposal:
    return proposals.propose(project=project, by=by, values={"title": f"Proposal {next(_number)}"} | values)


def bring_to(record: Nonconformity, status: str, *, by: Any, owner: Any, doer: Any, verifier: Any) -> Nonconformity:
    """Walks a reported nonconformity along its flow, up to `status`; the one action is done by `doer`."""
    way = ["accepted", "contained", "analysed", "planned", "implemented", "verifying", "closed"]
    moves = ["accept", "contain", "analyse", "plan", "implement", "verify", "close"]
    for move in moves[: way.index(status) + 1]:
        prepare(record, move, by=by, owner=owner, doer=doer, verifier=verifier)
        answers = dict.fromkeys(services.CONSEQUENCES, "none")
        record = services.move(record=fresh(record), name=move, by=by, consequences=answers)
        if move == "implement":
            let_time_pass(record)
    return fresh(record)


def let_time_pass(record: Nonconformity) -> None:
    """As if the action had been implemented some days ago, and the day of the check had come."""
    yesterday = dates.today(record.project.organization.time_zone) - dt.timedelta(days=1)
    Round.objects.filter(nonconformity=record, verdict="").update(
        implemented_at=timezone.now() - dt.timedelta(days=4), check_on=yesterday
    )


def prepare(record: Nonconformity, move: str, *, by: Any, owner: Any, doer: Any, verifier: Any) -> None:
    """Does what the guard of a move wants."""
    record = fresh(record)
    today = dates.today(record.project.organization.time_zone)

    def work(**values: Any) -> None:
        current = fresh(record).round
        services.work(record=record, by=by, version=current.version, values=values)

    if move == "accept":
        services.change(record=record, by=by, version=record.version, values={"owner": owner, "grade": "minor"})
    elif move == "contain":
        work(correction="The batch is set apart")
    elif move == "analyse":
        work(extent="Line 2 was looked at: nothing there")
        services.add_cause(record=record, by=by, text="Nobody was told", is_root=True)
    elif move == "plan":
        values = {"title": "Tell them", "assignee": doer, "due_on": today - dt.timedelta(days=2)}
        services.add_action(record=record, by=by, values=values)
        work(criterion="No such batch in a month", check_on=today + dt.timedelta(days=1), verifier=verifier)
    elif move == "implement":
        finish(record, doer)
    elif move == "close":
        services.judge(record=record, by=verifier, verdict="effective", note="None in four weeks")


def finish(record: Nonconformity, by: Any) -> None:
    """Completes the tasks of the newest round."""
    from projects.services.task import move

    for task in Task.objects.filter(corrects__round=fresh(record).round, is_open=True):
        move(task=task, name="complete", by=by)


def fresh(record: Nonconformity) -> Nonconformity:
    return Nonconformity.objects.select_related("project__organization", "owner").get(pk=record.pk)


__all__ = ["bring_to", "finish", "fresh", "let_time_pass", "make_nonconformity", "make_proposal", "prepare"]
