"""How changes are written, and that what was written stays."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils.translation import gettext_lazy
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from core import canonical, sealing
from core.rules import RuleBroken
from projects import journal, journal_check, journal_words
from projects.events import entries_written
from projects.models import JournalEntry, JournalHead, PlanActivity
from projects.models.journal import ActorKind
from projects.permissions import Role
from projects.services import plan, task
from tests.factories.projects import grant, make_project, make_user


@pytest.fixture
def project(db):
    return make_project()


@pytest.fixture
def manager(project):
    person = make_user(name="Lea Brunner")
    grant(person, Role.PROJECT_MANAGER, project)
    return person


def test_an_entry_says_who_when_what_from_what_to_what_and_why(project, manager):
    activity = PlanActivity.objects.filter(project=project).first()

    plan.move(activity=activity, name="start", by=manager)
    plan.move(activity=activity, name="complete", by=manager)
    plan.move(activity=activity, name="reopen", by=manager, reason="  The scope grew. ")

    first, second, third = JournalEntry.objects.filter(project=project).order_by("seq")
    assert [first.seq, second.seq, third.seq] == [1, 2, 3]
    assert (third.actor, third.actor_name, third.actor_kind) == (manager, "Lea Brunner", "person")
    assert (third.action, third.reason) == ("activity.reopen", "The scope grew.")
    assert third.changes == {"status": ["done", "in_progress"]}
    assert (third.target_kind, third.target_id, third.target_label) == (
        "projects.planactivity", activity.pk, str(activity),
    )  # fmt: skip
    assert third.at.tzinfo == dt.UTC
    assert first.previous_hash == journal.GENESIS
    assert third.previous_hash == second.hash


def test_the_hash_covers_the_content_and_the_head_is_sealed(project, manager):
    with journal.change(project, by=manager) as log:
        log(project, "project.changed", {"target_on": [None, dt.date(2027, 1, 1)], "effort": Decimal("1.50")})

    entry = JournalEntry.objects.get(project=project)
    head = JournalHead.objects.get(pk=project.organization_id)
    assert entry.changes == {"target_on": [None, "2027-01-01"], "effort": "1.50"}
    assert entry.hash == canonical.digest(journal.content(entry))
    assert (head.seq, head.hash, head.key_id) == (1, entry.hash, sealing.key_id())
    assert sealing.holds(journal.sealed_text(head.pk, head.seq, head.hash), head.seal)


def test_a_change_that_fails_leaves_neither_record_nor_entry_nor_number(project, manager):
    activity = PlanActivity.objects.filter(project=project).first()

    with pytest.raises(RuleBroken), journal.change(project, by=manager) as log:
        PlanActivity.objects.filter(pk=activity.pk).update(title="Lost")
        log(activity, "activity.changed")
        raise RuleBroken("No.")

    activity.refresh_from_db()
    assert activity.title != "Lost"
    assert not JournalEntry.objects.exists()
    with journal.change(project, by=manager) as log:
        log(project, "project.changed")
    assert JournalEntry.objects.get().seq == 1


def test_a_change_within_a_change_joins_it(project, manager):
    with journal.change(project, by=manager, reason="One reason") as outer:
        outer(project, "project.changed", {"a": [1, 2]})
        with journal.change(project, by=manager) as inner:
            inner(project, "project.changed", {"b": [1, 2]})

    entries = list(JournalEntry.objects.order_by("seq"))
    assert [e.reason for e in entries] == ["One reason", "One reason"]
    assert entries[0].at == entries[1].at
    assert JournalHead.objects.get().seq == 2


def test_scheduled_work_is_named_as_such(project):
    with journal.change(project, by=None, job="recount") as log:
        log(project, "project.recounted", {"differences": ["x"]})

    entry = JournalEntry.objects.get()
    assert (entry.actor, entry.actor_name, entry.actor_kind) == (None, "recount", ActorKind.JOB)


def test_each_organization_has_a_chain_of_its_own(project, manager):
    other = make_project()

    for scope in (project, other, project):
        with journal.change(scope, by=manager) as log:
            log(scope, "project.changed")

    seqs = JournalEntry.objects.order_by("pk").values_list("organization_id", "seq")
    assert list(seqs) == [(project.organization_id, 1), (other.organization_id, 1), (project.organization_id, 2)]


def test_the_signal_brings_committed_entries_in_one_list(project, manager, django_capture_on_commit_callbacks):
    heard = []

    def hear(sender, entries, **kwargs):
        heard.append([e.action for e in entries])

    entries_written.connect(hear)
    try:
        with django_capture_on_commit_callbacks(execute=True), journal.change(project, by=manager) as log:
            log(project, "project.changed")
            log(project, "project.changed")
            assert heard == []
    finally:
        entries_written.disconnect(hear)

    assert heard == [["project.changed", "project.changed"]]


HOSTILE = ["<script>alert(1)</script>", "x" * 10_000, "\u202eabc\u202c", "👩‍👩‍👧 é e\u0301", "=1+1", "' OR 1=1 --"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_it_is_and_the_chain_holds(project, manager, text):
    task.create(project=project, by=manager, title=text[:200], description=text)

    entry = JournalEntry.objects.get(action="task.created")
    assert entry.target_label.startswith("T-001 ")
    assert [v.fault for v in journal_check.check_all(use_anchors=False)] == [None]


# --- the database refuses ---------------------------------------------------------------------------------------------


def _refused(statement: str, table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table=table))


@pytest.mark.parametrize(
    "table",
    [
        "projects_journalentry",
        "projects_historicalproject",
        "projects_historicalplanstep",
        "projects_historicalplanactivity",
        "projects_historicaltask",
    ],
)
def test_the_database_refuses_to_change_or_delete_what_was_written(project, manager, table):
    task.create(project=project, by=manager, title="Kept")

    key = "id" if table == "projects_journalentry" else "history_id"
    _refused(f"UPDATE {{table}} SET {key} = {key}", table)
    _refused("DELETE FROM {table}", table)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # or the database speaks of pending checks first
        _refused("TRUNCATE {table} CASCADE", table)


def test_the_orm_cannot_change_or_delete_an_entry_either(project, manager):
    with journal.change(project, by=manager) as log:
        log(project, "project.changed")
    entry = JournalEntry.objects.get()

    for attempt in (
        lambda: JournalEntry.objects.update(reason="changed"),
        lambda: JournalEntry.objects.all().delete(),
        entry.save,
        entry.delete,
        lambda: JournalEntry.objects.bulk_update([entry], ["reason"]),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert JournalEntry.objects.get().hash == entry.hash


def test_deleting_what_an_entry_belongs_to_is_refused(project, manager):
    with journal.change(project, by=manager) as log:
        log(project, "project.changed")

    with pytest.raises(DatabaseError), transaction.atomic():
        project.organization.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        manager.delete()


# --- in words ---------------------------------------------------------------------------------------------------------


def _entry(**fields) -> JournalEntry:
    given = {
        "action": "task.complete",
        "target_kind": "projects.task",
        "target_label": "T-012 Interview",
        "hash": "a" * 64,
    }
    return JournalEntry(**{**given, **fields})


def test_an_entry_is_told_in_words_with_a_link(project):
    entry = _entry(changes={"status": ["in_progress", "done"]}, actor_name="Lea", project=project)

    told = journal_words.tell([entry], project)[0]

    assert (told.who, told.verb) == ("Lea", "completed task")
    assert told.url == f"/org/{project.organization.slug}/{project.slug}/tasks/T-012/"
    assert told.changes == [journal_words.Change("Status", "In progress", "Done")]


def test_an_unknown_action_is_still_readable():
    assert journal_words.verb_of("risk.accepted_by_owner") == "risk: accepted by owner"
    assert journal_words.verb_of("odd") == "odd"


def test_an_entry_of_another_project_has_no_link(project):
    other = make_project()

    assert journal_words.tell([_entry(project=other)], project)[0].url == ""


def test_facts_dates_roles_and_lists_are_said_in_words(project):
    entry = _entry(
        action="project.started",
        target_kind="projects.project",
        changes={"start_on": "2026-03-02", "standards": ["ISO 9001", "ISO 27001"], "role": "auditor", "nobody": None},
        project=project,
    )

    said = {change.label: change.after for change in journal_words.changes_of(entry)}

    assert said == {
        "Starts on": "2 Mar 2026", "Standards": "ISO 9001, ISO 27001", "Role": "Auditor", "Nobody": "",
    }  # fmt: skip
    assert all(change.is_fact for change in journal_words.changes_of(entry))


def test_every_action_that_is_written_has_words():
    import re
    from pathlib import Path

    written = set()
    for file in Path("projects/services").glob("*.py"):
        written |= set(re.findall(r'log\([^"]*?"([a-z_]+\.[a-z_]+)"', file.read_text(encoding="utf-8")))
    from projects import flows

    written |= {f"task.{m.name}" for m in flows.TASK.moves} | {f"activity.{m.name}" for m in flows.ACTIVITY.moves}

    assert len(written) > 25
    assert written - set(journal_words.VERBS) == set()


@pytest.mark.django_db
def test_lazy_and_hostile_changes_become_plain_text(project, manager):
    with journal.change(project, by=manager) as log:
        log(project, "project.changed", {"who": manager, "label": gettext_lazy("Done"), "set": {"b", "a"}})

    assert JournalEntry.objects.get().changes == {"who": "Lea Brunner", "label": "Done", "set": ["a", "b"]}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=30)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


class FastTextTest(TestCase):
    """The fast way to the canonical text of an entry is the plain way, for any content."""

    @given(
        changes=st.dictionaries(TEXTS, PLAIN, max_size=4),
        texts=st.tuples(*[TEXTS] * 6),
        numbers=st.tuples(*[st.none() | st.integers(1, 2**62)] * 3),
        at=st.datetimes(dt.datetime(1, 1, 2), dt.datetime(2200, 1, 1), timezones=st.just(dt.UTC)),
    )
    def test_it_is_the_canonical_text(self, changes, texts, numbers, at):
        action, kind, name, reason, target_kind, label = texts
        project, actor, target = numbers
        entry = JournalEntry(
            organization_id=7, seq=3, previous_hash="0" * 64, hash="", action=action, actor_id=actor, actor_kind=kind,
            actor_name=name, at=at, changes=changes, project_id=project, reason=reason, target_id=target,
            target_kind=target_kind, target_label=label,
        )  # fmt: skip
        row = tuple(getattr(entry, name) for name in journal_check.FIELDS)

        assert journal_check.canonical_entry(7, row) == canonical.text(journal.content(entry))
