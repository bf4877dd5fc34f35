"""Protected tables refuse change and removal by any statement."""

import pytest
from django.db import DatabaseError, connection, transaction

from core import append_only

SAMPLE = "append_only_sample"


@pytest.fixture
def sample(transactional_db):
    append_only.run(connection, [f"CREATE TABLE {SAMPLE} (id integer primary key, said varchar(20))"])
    append_only.run(connection, append_only.protect_sql(connection.vendor, SAMPLE))
    yield SAMPLE
    append_only.run(connection, append_only.release_sql(connection.vendor, SAMPLE))
    append_only.run(connection, [f"DROP TABLE {SAMPLE}"])


def execute(statement):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_rows_are_added_but_never_changed_or_removed(sample):
    execute(f"INSERT INTO {SAMPLE} VALUES (1, 'first')")
    statements = [f"UPDATE {SAMPLE} SET said = 'other'", f"DELETE FROM {SAMPLE}"]
    if connection.vendor == "postgresql":
        statements.append(f"TRUNCATE {SAMPLE}")

    for statement in statements:
        with pytest.raises(DatabaseError, match="append-only"):
            execute(statement)

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, said FROM {SAMPLE}")
        assert cursor.fetchall() == [(1, "first")]


def test_protected_tables_are_listed(sample):
    assert SAMPLE in append_only.protected_tables(connection)
    assert {"projects_journalentry", "projects_historicaltask"} <= set(append_only.protected_tables(connection))
