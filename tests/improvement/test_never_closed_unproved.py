"""No sequence of moves closes a nonconformity without a judgement by a person who is neither its owner nor a doer."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import dates
from core.rules import RuleBroken
from improvement.flows import NONCONFORMITY
from improvement.services import nonconformity as services
from projects.permissions import Role
from projects.services import task as tasks
from tests.factories.improvement import fresh, let_time_pass, make_nonconformity
from tests.factories.projects import grant, make_project, make_user

pytestmark = pytest.mark.django_db
PEOPLE = ("manager", "owner", "doer", "verifier")
WHO = st.sampled_from(PEOPLE)
STEPS = st.one_of(
    st.tuples(st.just("move"), WHO, st.sampled_from(sorted(NONCONFORMITY.by_name))),
    st.tuples(st.just("owner"), WHO, WHO),
    st.tuples(st.just("work"), WHO, WHO),
    st.tuples(st.just("cause"), WHO, st.booleans()),
    st.tuples(st.just("action"), WHO, WHO),
    st.tuples(st.just("finish"), WHO, st.none()),
    st.tuples(st.just("judge"), WHO, st.sampled_from(["effective", "not_effective"])),
)
# What a careful team does, so that many examples come far; Hypothesis cuts, repeats and stirs it.
GOOD = [
    ("owner", "manager", "owner"), ("move", "manager", "accept"), ("work", "owner", "verifier"), ("move", "owner", "contain"),
    ("cause", "owner", True), ("move", "owner", "analyse"), ("action", "owner", "doer"), ("work", "owner", "verifier"),
    ("move", "owner", "plan"), ("finish", "doer", None), ("move", "owner", "implement"), ("move", "owner", "verify"),
    ("judge", "verifier", "effective"), ("move", "manager", "close"),
]  # fmt: skip
SEQUENCES = st.lists(STEPS, max_size=8).flatmap(
    lambda extra: st.permutations(range(len(GOOD) + len(extra))).map(
        lambda order: [(*GOOD, *extra)[at] for at in sorted(order[: len(GOOD)])] + extra
    )
)


class Undone(Exception):
    pass


def play(record, cast, step):
    kind, who, what = step
    by, record = cast[who], fresh(record)
    today = dates.today()
    if kind == "move":
        answers = dict.fromkeys(services.CONSEQUENCES, "none")
        services.move(record=record, name=what, by=by, reason="So", consequences=answers)
        if what == "implement":
            let_time_pass(record)
    elif kind == "owner":
        values = {"owner": cast[what], "grade": "minor"}
        services.change(record=record, by=by, version=record.version, values=values)
    elif kind == "work":
        values = {
            "correction": "Set apart",
            "extent": "No",
            "criterion": "None",
            "check_on": today + dt.timedelta(days=-1 if record.round.implemented_at else 1),
            "verifier": cast[what],
        }
        services.work(record=record, by=by, version=record.round.version, values=values)
    elif kind == "cause":
        services.add_cause(record=record, by=by, text="Because", is_root=what)
    elif kind == "action":
        values = {"title": "Do it", "assignee": cast[what], "due_on": today - dt.timedelta(days=1)}
        services.add_action(record=record, by=by, values=values)
    elif kind == "finish":
        for action in record.round.actions.filter(task__is_open=True).select_related("task__project__organization"):
            tasks.move(task=action.task, name="complete", by=by)
    else:
        services.judge(record=record, by=by, verdict=what, note="Looked at it")


@pytest.fixture
def cast(db):
    project = make_project()
    roles = {"manager": Role.PROJECT_MANAGER, "owner": Role.PROCESS_OWNER, "doer": Role.STAFF, "verifier": Role.AUDITOR}
    found = {}
    for name, role in roles.items():
        found[name] = make_user(name=name)
        grant(found[name], role, project)
    return project, found


def run(cast, steps):
    """Plays the steps in a world that is undone afterwards; tells what became of it."""
    project, people = cast
    told = {}
    try:
        with transaction.atomic():
            record = make_nonconformity(project, people["doer"])
            for step in steps:
                try:
                    with transaction.atomic():
                        play(record, people, step)
                except RuleBroken:
                    continue
            record = fresh(record)
            current = record.round
            doers = set(current.actions.values_list("task__assignee_id", "task__completed_by_id"))
            told = {
                "status": record.status, "verdict": current.verdict, "judge": current.verified_by_id,
                "barred": {record.owner_id} | {pk for pair in doers for pk in pair},
            }  # fmt: skip
            raise Undone
    except Undone:
        return told


def test_a_careful_team_closes_it(cast):
    assert run(cast, GOOD)["status"] == "closed"


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=SEQUENCES)
def test_closed_means_judged_by_somebody_independent(cast, steps):
    told = run(cast, steps)
    if told["status"] == "closed":
        assert told["verdict"] == "effective"
        assert told["judge"] is not None and told["judge"] not in told["barred"]
