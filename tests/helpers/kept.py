"""A filled database kept aside, so that journeys write the demo once and not for each of them."""

from __future__ import annotations

import io
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import connection


class Kept:
    """The content of the test database at one moment: `keep()` it, `bring_back()` into an emptied one."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "kept.sqlite3"
        self.tables: dict[str, bytes] = {}
        self.is_there = False

    def keep(self) -> None:
        if connection.vendor == "sqlite":
            with closing(sqlite3.connect(self.file)) as kept:
                connection.connection.backup(kept)
        else:
            with connection.cursor() as cursor:
                for table in _tables(cursor):
                    out = io.BytesIO()
                    cursor.copy_expert(f'COPY "{table}" TO STDOUT (FORMAT binary)', out)
                    self.tables[table] = out.getvalue()
        self.is_there = True

    def bring_back(self) -> None:
        if connection.vendor == "sqlite":
            connection.ensure_connection()
            with closing(sqlite3.connect(self.file)) as kept:
                kept.backup(connection.connection)
        else:
            self._copy_back()
        ContentType.objects.clear_cache()

    def _copy_back(self) -> None:
        """No trigger and no foreign key is asked on the way: what is brought back was whole when it was kept."""
        with connection.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SET LOCAL session_replication_role = replica")
            for table in _tables(cursor):
                cursor.execute(f'DELETE FROM "{table}"')
                if content := self.tables.get(table):
                    cursor.copy_expert(f'COPY "{table}" FROM STDIN (FORMAT binary)', io.BytesIO(content))
            _set_sequences(cursor)
            cursor.execute("COMMIT")


def _tables(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'django_migrations' ORDER BY 1"
    )
    return [name for (name,) in cursor.fetchall()]


def _set_sequences(cursor: Any) -> None:
    cursor.execute(
        "SELECT table_name, column_name FROM information_schema.columns "
        "WHERE table_schema = 'public' AND is_identity = 'YES'"
    )
    for table, column in cursor.fetchall():
        cursor.execute(
            f"SELECT setval(pg_get_serial_sequence('\"{table}\"', '{column}'), "
            f'greatest((SELECT max("{column}") FROM "{table}"), 1))'
        )
