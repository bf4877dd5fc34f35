"""Proposals for improvement: every move with its rule, who sees which, the way by the pages."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.rules import RuleBroken, StaleRecord
from improvement import pictures
from improvement.flows import PROPOSAL, ProposalStatus
from improvement.models import Proposal
from improvement.selectors import proposal as selectors
from improvement.services import proposal as services
from projects import access
from projects.flow import NotPermitted
from projects.models import JournalEntry, Task
from projects.services import task as tasks
from tests.factories.improvement import make_proposal
from tests.factories.projects import make_user
from tests.helpers.budget import count_queries

pytestmark = pytest.mark.django_db
BEFORE = {"assess": "proposed", "accept": "assessed", "refuse": "proposed", "finish": "accepted", "reopen": "done"}


def fresh(record):
    return Proposal.objects.select_related("project__organization", "owner").get(pk=record.pk)


def assess(here, record, **marks):
    record = fresh(record)
    values = {"benefit": 4, "effort": 2, "assessment": "Talked through"} | marks
    return services.assess(record=record, by=here.manager, version=record.version, **values)


def accept(here, record):
    task = {"title": "Try it", "assignee": here.doer}
    return services.accept(record=fresh(record), by=here.manager, owner=here.owner, task=task)


def finish(here, record):
    for task in Task.objects.filter(improves__proposal=record, is_open=True).select_related("project__organization"):
        tasks.move(task=task, name="complete", by=here.doer)


def at(here, status):
    record = make_proposal(here.project, here.doer)
    if status != "proposed":
        record = assess(here, record)
    if status in ("accepted", "done"):
        record = accept(here, record)
    if status == "done":
        finish(here, record)
        record = services.move(record=fresh(record), name="finish", by=here.owner, result="It is better")
    return fresh(record)


def prepare(here, record, name):
    if name == "assess":
        Proposal.objects.filter(pk=record.pk).update(
            benefit=3, effort=3, assessed_at=record.created_at, assessed_by=here.manager
        )
    elif name == "accept":
        services.add_step(record=record, by=here.manager, values={"title": "Try it"})
        record = fresh(record)
        services.change(record=record, by=here.manager, version=record.version, values={"owner": here.owner})
    elif name == "finish":
        finish(here, record)


def move(record, name, by):
    return services.move(record=fresh(record), name=name, by=by, reason="So", result="Better")


@pytest.mark.parametrize("name", BEFORE)
def test_each_move_from_its_state_by_who_may_and_by_nobody_else(here, name):
    record = at(here, BEFORE[name])
    guarded = name in ("assess", "accept", "finish")
    for person in (here.manager, make_user(is_superuser=True)):
        if guarded:
            with pytest.raises(RuleBroken):
                move(record, name, person)
    superuser = here.manager
    type(superuser).objects.filter(pk=superuser.pk).update(is_superuser=True)
    superuser.refresh_from_db()
    if guarded:
        with pytest.raises(RuleBroken):
            move(record, name, superuser)
    assert fresh(record).status == BEFORE[name]
    prepare(here, record, name)
    for person in (here.reader, here.doer, here.verifier, here.stranger, make_user(is_superuser=True)):
        with pytest.raises(NotPermitted):
            move(record, name, person)
    moved = move(record, name, here.manager)
    assert moved.status == PROPOSAL[name].target
    told = JournalEntry.objects.filter(action=f"proposal.{name}").latest("seq")
    assert told.changes["status"] == [BEFORE[name], moved.status]


@pytest.mark.parametrize("name", BEFORE)
def test_each_move_is_refused_from_every_other_state(here, name):
    record = at(here, "done")
    for status in ProposalStatus.values:
        if status in PROPOSAL[name].sources:
            continue
        Proposal.objects.filter(pk=record.pk).update(status=status, is_open=status not in ("refused", "done"))
        with pytest.raises(RuleBroken, match="no longer possible"):
            move(record, name, here.manager)


def test_refusing_needs_a_reason_and_finishing_a_result(here):
    record = make_proposal(here.project, here.doer)
    with pytest.raises(RuleBroken, match="Say why"):
        services.move(record=record, name="refuse", by=here.manager)
    services.move(record=record, name="refuse", by=here.manager, reason="Too dear")
    assert fresh(record).refused_because == "Too dear"
    done = at(here, "accepted")
    finish(here, done)
    with pytest.raises(RuleBroken, match="what came of it"):
        services.move(record=done, name="finish", by=here.owner)


def test_only_its_author_rewrites_it_and_only_until_it_is_judged(here):
    record = make_proposal(here.project, here.doer)
    services.change(record=record, by=here.doer, version=1, values={"title": "Better words", "owner": here.owner})
    assert (fresh(record).title, fresh(record).owner) == ("Better words", None)
    with pytest.raises(NotPermitted):
        services.change(record=record, by=here.verifier, version=2, values={"title": "Others"})
    with pytest.raises(StaleRecord):
        services.change(record=record, by=here.manager, version=1, values={"title": "Late"})
    assess(here, record)
    with pytest.raises(NotPermitted):
        services.change(record=fresh(record), by=here.doer, version=fresh(record).version, values={"title": "Again"})
    with pytest.raises(NotPermitted):
        services.assess(record=record, by=here.owner, version=fresh(record).version, benefit=1, effort=1, assessment="")
    for marks in ({"benefit": 6}, {"effort": 0}):
        with pytest.raises(RuleBroken, match="from 1 to 5"):
            assess(here, record, **marks)


def test_the_best_come_first_and_lie_in_the_picture(here):
    weighed = {}
    for title, benefit, effort in (("Meh", 1, 4), ("Gold", 5, 1), ("Good", 4, 3)):
        weighed[title] = assess(
            here, make_proposal(here.project, here.doer, title=title), benefit=benefit, effort=effort
        )
    make_proposal(here.project, here.doer, title="New")
    everything = selectors.of(here.project)
    assert [one.title for one in selectors.in_order(everything)] == ["Gold", "Good", "Meh", "New"]
    assert [one.title for one in selectors.narrowed(everything, {"worth": "quick"})] == ["Gold"]
    assert [one.title for one in selectors.narrowed(everything, {"worth": "none"})] == ["New"]
    for sort in selectors.SORTS:
        for sign in ("", "-"):
            assert selectors.in_order(everything, f"{sign}{sort}").count() == 4
    picture = pictures.effort_svg(selectors.drawn(everything), links=False)
    assert all(one.label in picture for one in weighed.values()) and "Do it now" in picture
    own = selectors.visible(here.project, here.doer, access.perms_in(here.doer, here.project))
    make_proposal(here.project, here.owner, title="Of another")
    assert own.count() == 4 and everything.count() == 5
    assert selectors.figures(everything).quick == 1


def test_the_database_refuses_what_the_services_would(here):
    record = make_proposal(here.project, here.doer)
    rows = Proposal.objects.filter(pk=record.pk)
    for wrong in (
        {"status": "accepted"}, {"benefit": 3}, {"benefit": 9, "effort": 1}, {"title": ""}, {"status": "done", "is_open": True},
    ):  # fmt: skip
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(**wrong)


MOVES = st.lists(st.tuples(st.sampled_from(sorted(BEFORE)), st.sampled_from(["manager", "owner", "doer"])), max_size=10)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(steps=MOVES)
def test_done_means_weighed_owned_and_worked(here, steps):
    """Whatever is tried in whatever order: what is done has its marks, an owner, tasks that are finished, and a result."""
    record = make_proposal(here.project, here.doer)
    for name, who in steps:
        try:
            prepare(here, fresh(record), name)
            move(record, name, getattr(here, who))
        except RuleBroken:
            continue
    found = fresh(record)
    if found.status == "done":
        assert found.benefit and found.owner and found.result and found.steps.exists()
        assert not found.steps.filter(task__is_open=True).exists()


def test_the_whole_way_by_the_pages(here, client_of, url):
    staff, manager, owner = (client_of(person) for person in (here.doer, here.manager, here.owner))
    answer = staff.post(url("proposal-propose"), {"title": "A board for forms", "gain": "No more looking"})
    record = Proposal.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, record.get_absolute_url())
    base = record.get_absolute_url()
    assert staff.post(f"{base}edit/", {"title": "", "version": 1}).status_code == 422
    assert staff.post(f"{base}edit/", {"title": "A board for all forms", "version": 1}).status_code == 303
    assert staff.post(f"{base}assess/", {"benefit": 5, "effort": 1, "version": 2}).status_code == 403
    stale = manager.post(f"{base}assess/", {"benefit": 5, "effort": 1, "version": 1})
    assert stale.status_code == 422 and "changed by somebody else" in stale.content.decode()
    assert manager.post(f"{base}assess/", {"benefit": 5, "effort": 1, "version": 2}).status_code == 303
    assert manager.post(f"{base}move/accept/", {"owner": "", "task": "Buy it"}).status_code == 422
    answer = manager.post(f"{base}move/accept/", {"owner": here.owner.pk, "task": "Buy it", "assignee": here.doer.pk})
    assert answer.status_code == 303 and fresh(record).status == "accepted"
    assert owner.post(f"{base}tasks/", {"title": "Hang it up"}).status_code == 303
    assert "is not done yet" in owner.post(f"{base}move/finish/", {"result": "Fine"}).content.decode()
    for task in Task.objects.filter(improves__proposal=record):
        manager.post(
            reverse("projects:task-move", kwargs={**here.project.address, "number": task.label, "move": "complete"})
        )
    assert owner.post(f"{base}move/finish/", {"result": "No form was missing"}).status_code == 303
    assert "No form was missing" in staff.get(base).content.decode()
    assert client_of(here.stranger).get(base).status_code == 404
    assert manager.post(f"{base}move/assess/").status_code == 404
    assert "No form was missing" not in client_of(here.reader).get(url("proposal-list")).content.decode()
    assert client_of(here.reader).get(url("proposal-export") + "?state=all").status_code == 200


def test_the_pages_ask_the_same_few_or_many(here, client_of, url):
    client = client_of(here.manager)
    record = at(here, "accepted")
    for place, most in ((url("proposal-list"), 12), (record.get_absolute_url(), 20)):
        client.get(place)
        few = count_queries(lambda place=place: client.get(place))
        for _n in range(12):
            make_proposal(here.project, here.doer)
        assert count_queries(lambda place=place: client.get(place)) == few <= most, place
