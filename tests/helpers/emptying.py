"""Emptying the database between transactional tests: only the tables that hold something, append-only ones too.

Django's own flush empties every table (on PostgreSQL a new file each, synced to the disk) and then makes permissions and
content types anew: many seconds a test with this many tables. The product has no such way past the append-only triggers.
"""

from __future__ import annotations

from django.db import transaction

from core import append_only

KEPT = {"django_migrations", "django_content_type", "auth_permission"}
"""What migrations and nothing else write."""


def empty(connection) -> None:
    """Deletes every row that a test left, on SQLite and PostgreSQL; sequences run on."""
    quote = connection.ops.quote_name
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - KEPT)
    held = ", ".join(f"EXISTS(SELECT 1 FROM {quote(table)})" for table in tables)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {held}")
        full = [table for table, is_full in zip(tables, cursor.fetchone(), strict=True) if is_full]
    if not full:
        return
    # Of these alone the triggers are lifted; foreign keys and protection come back with the transaction's end.
    with connection.constraint_checks_disabled(), transaction.atomic(using=connection.alias):
        if connection.vendor == "postgresql":
            append_only.run(connection, ["SET LOCAL session_replication_role = replica"])
            append_only.run(connection, [f"DELETE FROM {quote(table)}" for table in full])
            return
        locked = [table for table in append_only.protected_tables(connection) if table in full]
        for table in locked:
            append_only.run(connection, append_only.release_sql("sqlite", table))
        append_only.run(connection, [f"DELETE FROM {quote(table)}" for table in full])
        for table in locked:
            append_only.run(connection, append_only.protect_sql("sqlite", table))
