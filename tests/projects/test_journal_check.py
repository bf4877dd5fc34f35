"""Somebody got past the database: whatever they did to the journal is named."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from core import append_only, canonical, sealing
from projects import journal, journal_check, tasks
from projects.models import JournalEntry, JournalHead, PlanActivity
from projects.permissions import Role
from projects.services import plan
from tests.factories.projects import grant, make_project, make_user

TABLE = "projects_journalentry"


@pytest.fixture
def anchors(settings, tmp_path):
    settings.JOURNAL_ANCHOR_FILE = str(tmp_path / "anchors" / "journal.jsonl")
    return tmp_path / "anchors" / "journal.jsonl"


@pytest.fixture
def chain(db, anchors):
    """An organization with two projects and nine entries, and nothing that protects them any more."""
    project = make_project(slug="ims")
    second = make_project(project.organization, slug="second")
    person = make_user(name="Lea Brunner")
    grant(person, Role.PROJECT_MANAGER, project.organization)
    for activity in PlanActivity.objects.filter(project__in=[project, second]).order_by("pk"):
        plan.move(activity=activity, name="start", by=person)
        plan.move(activity=activity, name="exclude", by=person, reason="Not here – “never”")
    with journal.change(project.organization, by=person) as log:
        log(project.organization, "organization.changed", {"name": ["Old", "Ünïcode e\u0301"]})
    assert JournalEntry.objects.count() == 9
    append_only.run(connection, append_only.release_sql(connection.vendor, TABLE))
    return project


def sql(statement: str, *values) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def fault() -> journal_check.Fault:
    found = [v.fault for v in journal_check.check_all() if v.fault]
    assert len(found) == 1, found
    return found[0]


def test_an_untouched_chain_holds(chain):
    verdicts = list(journal_check.check_all())

    assert [(v.organization, v.count, v.fault) for v in verdicts] == [(chain.organization.slug, 9, None)]
    call_command("verify_journal")


CHANGES = {
    "at": "2020-01-01 00:00:00+00:00",
    "actor_id": None,
    "actor_name": "Somebody else",
    "actor_kind": "job",
    "action": "activity.include",
    "target_kind": "projects.task",
    "target_id": 4711,
    "target_label": "Something else",
    "changes": '{"status": ["planned", "done"]}',
    "reason": "Another reason",
    "project_id": None,
    "hash": "f" * 64,
}


@pytest.mark.parametrize("column", CHANGES)
def test_changing_any_column_of_an_entry_is_named(chain, column):
    sql(f"UPDATE {TABLE} SET {column} = %s WHERE seq = 4", CHANGES[column])

    assert (fault().seq, fault().what) == (4, journal_check.CONTENT)


def test_no_column_is_left_untried(chain):
    columns = {field.column for field in JournalEntry._meta.fields}

    assert columns - set(CHANGES) == {"id", "organization_id", "seq", "previous_hash"}


def test_changing_the_hash_before_is_named(chain):
    sql(f"UPDATE {TABLE} SET previous_hash = %s WHERE seq = 4", "f" * 64)

    assert (fault().seq, fault().what) == (4, journal_check.CONTENT)


def test_moving_an_entry_to_another_organization_is_named(chain):
    other = make_project().organization
    sql(f"UPDATE {TABLE} SET organization_id = %s WHERE seq = 4", other.pk)

    found = {v.organization: v.fault for v in journal_check.check_all()}
    assert (found[chain.organization.slug].seq, found[chain.organization.slug].what) == (4, journal_check.MISSING)
    assert found[other.slug] is not None


def test_a_changed_content_with_a_hash_of_its_own_is_named_at_the_next_entry(chain):
    entry = JournalEntry.objects.get(seq=4)
    entry.reason = "Rewritten"
    sql(
        f"UPDATE {TABLE} SET reason = %s, hash = %s WHERE seq = 4",
        entry.reason, canonical.digest(journal.content(entry)),
    )  # fmt: skip

    assert (fault().seq, fault().what) == (5, journal_check.ORDER)


def test_a_chain_rewritten_to_its_end_is_named_by_the_seal(chain):
    rewrite_from(4)

    assert (fault().seq, fault().what) == (9, journal_check.HEAD)


def rewrite_from(seq: int) -> str:
    """What a thorough forger does who has the database and not the key; returns the new last hash."""
    previous = JournalEntry.objects.get(seq=seq - 1).hash
    for entry in JournalEntry.objects.filter(seq__gte=seq).order_by("seq"):
        entry.reason, entry.previous_hash = "Rewritten", previous
        previous = canonical.digest(journal.content(entry))
        sql(
            f"UPDATE {TABLE} SET reason = %s, previous_hash = %s, hash = %s WHERE seq = %s",
            entry.reason, entry.previous_hash, previous, entry.seq,
        )  # fmt: skip
    return previous


def test_even_with_a_new_head_the_forger_needs_the_key(chain):
    last = rewrite_from(4)
    JournalHead.objects.update(hash=last)

    assert (fault().seq, fault().what) == (9, journal_check.HEAD)
    JournalHead.objects.update(seal="00" * 64)
    assert fault().what == journal_check.HEAD
    JournalHead.objects.update(seal="no hex at all")
    assert fault().what == journal_check.HEAD


def test_a_deleted_entry_in_the_middle_is_named(chain):
    sql(f"DELETE FROM {TABLE} WHERE seq = 4")

    assert (fault().seq, fault().what) == (4, journal_check.MISSING)


def test_a_deleted_last_entry_is_named(chain):
    sql(f"DELETE FROM {TABLE} WHERE seq = 9")

    assert (fault().seq, fault().what) == (9, journal_check.TAIL)


def test_a_deleted_last_entry_with_a_head_set_back_is_named(chain):
    sql(f"DELETE FROM {TABLE} WHERE seq = 9")
    JournalHead.objects.update(seq=8, hash=JournalEntry.objects.get(seq=8).hash)

    assert (fault().seq, fault().what) == (8, journal_check.HEAD)


def test_all_entries_deleted_are_named(chain):
    sql(f"DELETE FROM {TABLE}")

    assert (fault().seq, fault().what) == (1, journal_check.TAIL)


def test_swapped_entries_are_named(chain):
    sql(f"UPDATE {TABLE} SET seq = 1000 WHERE seq = 4")
    sql(f"UPDATE {TABLE} SET seq = 4 WHERE seq = 5")
    sql(f"UPDATE {TABLE} SET seq = 5 WHERE seq = 1000")

    assert (fault().seq, fault().what) == (4, journal_check.CONTENT)


def test_an_entry_put_in_between_is_named(chain):
    sql(f"UPDATE {TABLE} SET seq = seq + 1000 WHERE seq > 4")
    sql(f"UPDATE {TABLE} SET seq = seq - 999 WHERE seq > 1000")
    forged = JournalEntry.objects.get(seq=4)
    forged.pk, forged.seq, forged.previous_hash = None, 5, forged.hash
    forged.hash = canonical.digest(journal.content(forged))
    JournalEntry.objects.bulk_create([forged])

    assert (fault().seq, fault().what) == (6, journal_check.CONTENT)


def test_an_entry_added_behind_the_sealed_end_is_named(chain):
    last = JournalEntry.objects.get(seq=9)
    last.pk, last.seq, last.previous_hash = None, 10, last.hash
    last.hash = canonical.digest(journal.content(last))
    JournalEntry.objects.bulk_create([last])

    assert (fault().seq, fault().what) == (10, journal_check.BEYOND)


def test_a_head_that_is_gone_is_named(chain):
    JournalHead.objects.all().delete()

    assert (fault().seq, fault().what) == (9, journal_check.HEAD)


def test_the_command_names_the_entry_and_ends_with_one(chain, capsys):
    sql(f"UPDATE {TABLE} SET reason = 'x' WHERE seq = 4")

    with pytest.raises(CommandError, match=rf"{chain.organization.slug}, entry 4: content changed") as ended:
        call_command("verify_journal")
    assert ended.value.returncode == 1


def test_the_command_can_be_asked_for_one_organization(chain):
    sql(f"UPDATE {TABLE} SET reason = 'x' WHERE seq = 4")
    other = make_project()
    with journal.change(other, by=make_user()) as log:
        log(other, "project.changed")

    call_command("verify_journal", organization=other.organization.slug)
    with pytest.raises(CommandError, match="no organization"):
        call_command("verify_journal", organization="nowhere")


def test_a_long_chain_is_walked_page_by_page_in_a_query_each(chain, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(journal_check, "PAGE", 4)

    with django_assert_num_queries(5):  # the heads, three pages of entries, the empty one behind them
        assert [v.fault for v in journal_check.check_all()] == [None]
    sql(f"UPDATE {TABLE} SET reason = 'x' WHERE seq = 9")
    assert fault().seq == 9


def test_the_end_of_a_chain_can_be_checked_alone(chain):
    head = journal_check.heads(chain.organization)[0]

    verdict = journal_check.check(head, last_only=3)
    assert (verdict.first, verdict.last, verdict.fault) == (7, 9, None)
    sql(f"UPDATE {TABLE} SET reason = 'x' WHERE seq = 2")
    assert journal_check.check(head, last_only=3).holds
    sql(f"UPDATE {TABLE} SET reason = 'x' WHERE seq = 8")
    assert journal_check.check(head, last_only=3).fault.seq == 8


# --- anchors ----------------------------------------------------------------------------------------------------------


def test_nightly_anchors_each_chain_once_for_each_growth_and_finds_no_difference(chain, anchors, caplog):
    tasks.nightly()
    tasks.nightly()
    lines = [json.loads(line) for line in anchors.read_text().splitlines()]

    head = JournalHead.objects.get(pk=chain.organization_id)
    assert [(line["organization"], line["seq"], line["hash"], line["seal"]) for line in lines] == [
        (head.pk, 9, head.hash, head.seal)
    ]
    assert lines[0]["on"] == timezone.now().date().isoformat()
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
    with journal.change(chain, by=None, job="x") as log:
        log(chain, "project.changed")
    tasks.nightly()
    assert [json.loads(line)["seq"] for line in anchors.read_text().splitlines()] == [9, 10]
    assert [v.fault for v in journal_check.check_all()] == [None]


def test_a_chain_put_back_to_an_older_sealed_state_is_named_by_an_anchor(chain):
    older = JournalHead.objects.get(pk=chain.organization_id)
    with journal.change(chain, by=None, job="x") as log:
        log(chain, "project.changed")
    journal_check.write_anchors(dt.date(2026, 11, 22))
    sql(f"DELETE FROM {TABLE} WHERE seq = 10")
    older.save()

    assert (fault().seq, fault().what) == (9, journal_check.ANCHOR)
    assert "2026-11-22" in fault().says
    assert [v.fault for v in journal_check.check_all(use_anchors=False)] == [None]


def test_a_chain_that_is_wholly_gone_is_named_by_an_anchor(chain):
    journal_check.write_anchors()
    sql(f"DELETE FROM {TABLE}")
    JournalHead.objects.all().delete()

    assert fault().what == journal_check.ANCHOR


def test_a_rewritten_chain_with_a_right_seal_is_named_by_an_anchor(chain):
    journal_check.write_anchors()
    last = rewrite_from(4)
    text = journal.sealed_text(chain.organization_id, 9, last)
    JournalHead.objects.update(hash=last, seal=sealing.seal(text))

    assert (fault().seq, fault().what) == (9, journal_check.ANCHOR)


def test_a_forged_anchor_is_named_and_does_not_count(chain, anchors):
    journal_check.write_anchors()
    line = json.loads(anchors.read_text())
    anchors.write_text(json.dumps({**line, "seq": 5}) + "\nnot json\n")

    found = [v.fault.what for v in journal_check.check_all() if v.fault]
    assert found == [journal_check.ANCHOR_FILE, journal_check.ANCHOR_FILE]


# --- the export and the offline verifier ------------------------------------------------------------------------------


def offline(path, *arguments: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-I", "tools/verify_journal_offline.py", str(path), *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def exported(chain, tmp_path):
    path = tmp_path / "journal.jsonl"
    call_command("export_journal", chain.organization.slug, output=str(path))
    return path


def test_an_outsider_verifies_an_export(exported):
    code, said = offline(exported, "--key-id", sealing.key_id())

    assert (code, "9 entries, all recomputed" in said) == (0, True), said


def test_a_project_export_tells_its_own_entries_and_of_others_only_hashes(chain, tmp_path):
    path = tmp_path / "project.jsonl"
    call_command("export_journal", chain.organization.slug, project="ims", output=str(path))

    code, said = offline(path)
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][1:]

    assert (code, "9 entries, 4 of them told and recomputed" in said) == (0, True), said
    assert [len(line) == 3 for line in lines] == [False] * 4 + [True] * 5
    assert {line["project"] for line in lines if "project" in line} == {chain.pk}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda lines: lines[4].update(reason="x"), "entry 4: content changed"),
        (lambda lines: lines.pop(4), "entry 4: missing"),
        (lambda lines: lines.pop(), "entry 9: tail cut"),
        (lambda lines: lines.__setitem__(slice(4, 6), [lines[5], lines[4]]), "entry 4: missing"),
        (lambda lines: lines[0]["head"].update(seal="00" * 64), "head seal"),
        (lambda lines: lines[0]["head"].update(hash="0" * 64), "head seal"),
        (lambda lines: lines[4].update(changes={"a": 1.5}), "fraction"),
    ],
)
def test_an_outsider_finds_what_was_changed_in_an_export(exported, change, says):
    lines = [json.loads(line) for line in exported.read_text(encoding="utf-8").splitlines()]
    change(lines)
    exported.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")

    code, said = offline(exported)

    assert (code, says in said.casefold()) == (1, True), said


def test_an_outsider_is_not_fooled_by_another_key(exported):
    code, said = offline(exported, "--key-id", "0" * 16)

    assert (code, "the key is" in said) == (1, True), said


def test_an_outsider_holds_the_export_against_anchors(exported, anchors, chain):
    journal_check.write_anchors()
    assert offline(exported, "--anchors", str(anchors))[0] == 0

    line = json.loads(anchors.read_text())
    anchors.write_text(json.dumps({**line, "seq": 12}))
    assert "rolled back" in offline(exported, "--anchors", str(anchors))[1]


@pytest.mark.parametrize("text", ["", "{}", "no json", '{"kind": "ims2-journal", "version": 2}', "[1]"])
def test_a_file_that_is_no_journal_is_said_to_be_none(tmp_path, text):
    path = tmp_path / "odd"
    path.write_text(text)

    code, said = offline(path)

    assert (code, "no exported journal" in said) == (2, True), said
