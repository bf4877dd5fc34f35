"""T17: eight writers beside four readers: nobody is told that the database is locked, and nothing is lost."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import settings
from django.db import connection, connections

from ims2.settings import journal_mode
from projects import journal_check
from projects.models import JournalEntry, Project, Task
from projects.permissions import Role
from projects.services import counters
from projects.services import task as tasks
from tests.factories.projects import grant, make_project, make_user

WRITERS, READERS, EACH = 8, 4, 10


@pytest.mark.django_db(transaction=True)
def test_eight_writers_and_four_readers_are_never_locked_out():
    person = make_user()
    projects = [make_project() for _k in range(2)]
    for project in projects:
        grant(person, Role.PROJECT_MANAGER, project)
    faults: list[str] = []
    waits: list[float] = []
    over = threading.Event()

    def write(number: int) -> None:
        try:
            project = Project.objects.select_related("organization").get(pk=projects[number % 2].pk)
            for k in range(EACH):
                begun = time.monotonic()
                task = tasks.create(project=project, by=person, title=f"Writer {number}, task {k}")
                tasks.move(task=task, name="complete", by=person)
                waits.append(time.monotonic() - begun)
        except Exception as fault:
            faults.append(repr(fault))
        finally:
            connections.close_all()

    def read() -> None:
        try:
            while not over.is_set():
                list(Task.objects.filter(project=projects[0])[:50])
                time.sleep(0.01)
        except Exception as fault:
            faults.append(repr(fault))
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    readers = [threading.Thread(target=read) for _n in range(READERS)]
    for thread in (*writers, *readers):
        thread.start()
    for thread in writers:
        thread.join()
    over.set()
    for thread in readers:
        thread.join()

    assert faults == []
    waits.sort()
    print(f"\n{len(waits)} changes by {WRITERS} writers, slowest {waits[-1]:.2f} s")
    for project in projects:
        there = Task.objects.filter(project=project)
        assert there.count() == there.values("number").distinct().count() == WRITERS // 2 * EACH
        assert not there.exclude(status="done").exists()
        assert JournalEntry.objects.filter(project=project, action="task.complete").count() == WRITERS // 2 * EACH
        assert counters.recount(Project.objects.get(pk=project.pk)) == []
    assert [verdict.fault for verdict in journal_check.check_all(use_anchors=False)] == [None, None]


@pytest.mark.django_db
def test_sqlite_runs_as_the_measurements_decided():
    """Immediate transactions, a long wait, and WAL only where the library no longer has its fault."""
    if connection.vendor != "sqlite":
        pytest.skip("This installation runs on PostgreSQL.")
    options = settings.DATABASES["default"]["OPTIONS"]
    assert options["transaction_mode"] == "IMMEDIATE"
    assert options["timeout"] >= 20
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA mmap_size")
        assert (cursor.fetchone() or (0,))[0] == 0
        cursor.execute("PRAGMA foreign_keys")
        assert cursor.fetchone()[0] == 1


@pytest.mark.parametrize(
    ("version", "mode"),
    [
        ((3, 40, 1), "TRUNCATE"),
        ((3, 44, 5), "TRUNCATE"),
        ((3, 44, 6), "WAL"),
        ((3, 45, 0), "TRUNCATE"),
        ((3, 50, 6), "TRUNCATE"),
        ((3, 50, 7), "WAL"),
        ((3, 51, 2), "TRUNCATE"),
        ((3, 51, 3), "WAL"),
        ((3, 52, 0), "WAL"),
    ],
)
def test_the_journal_mode_follows_the_linked_version(version, mode):
    assert journal_mode(version) == mode
