"""Tables whose rows are written once: the database itself refuses to change or delete them.

On SQLite and PostgreSQL alike triggers refuse UPDATE and DELETE (and TRUNCATE on PostgreSQL). A migration protects a
table with `protect`; nothing in the product lifts the protection. (RELIABILITY T31, M16)
"""

from __future__ import annotations

from django.db import migrations

FUNCTION = "ims2_refuse_change"


def protect_sql(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [
            f'CREATE TRIGGER "{table}_no_{verb}" BEFORE {verb.upper()} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            for verb in ("update", "delete")
        ]
    return [
        f"""CREATE OR REPLACE FUNCTION {FUNCTION}() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
            END $$""",
        f'CREATE TRIGGER "{table}_no_change" BEFORE UPDATE OR DELETE ON "{table}" '
        f"FOR EACH ROW EXECUTE FUNCTION {FUNCTION}()",
        f'CREATE TRIGGER "{table}_no_truncate" BEFORE TRUNCATE ON "{table}" '
        f"FOR EACH STATEMENT EXECUTE FUNCTION {FUNCTION}()",
    ]


def release_sql(vendor: str, table: str) -> list[str]:
    if vendor == "sqlite":
        return [f'DROP TRIGGER IF EXISTS "{table}_no_{verb}"' for verb in ("update", "delete")]
    return [f'DROP TRIGGER IF EXISTS "{table}_no_{verb}" ON "{table}"' for verb in ("change", "truncate")]


def run(connection, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def protected_tables(connection) -> list[str]:
    """The tables that carry the protection in this database, by name."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT tbl_name FROM sqlite_master WHERE type='trigger' AND name LIKE '%\\_no\\_update' ESCAPE '\\'"
            )
        else:
            cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname LIKE '%\\_no\\_change'")
        return sorted(row[0].strip('"') for row in cursor.fetchall())


def protect(*tables: str) -> migrations.RunPython:
    """A migration operation that makes `tables` append-only, and lifts that again when run backwards.

    SQLite loses a table's triggers when a migration makes the table anew: protect it again after such a change.
    """

    def forwards(apps, schema_editor) -> None:
        for table in tables:
            run(schema_editor.connection, release_sql(schema_editor.connection.vendor, table))
            run(schema_editor.connection, protect_sql(schema_editor.connection.vendor, table))

    def backwards(apps, schema_editor) -> None:
        for table in tables:
            run(schema_editor.connection, release_sql(schema_editor.connection.vendor, table))

    return migrations.RunPython(forwards, backwards)
