"""The index beside the entries, kept by the database in the same statement that writes an entry.

SQLite: an FTS5 table over the entries' words (external content, so no text is stored twice) and three triggers.
PostgreSQL: a generated column of type tsvector made from the words as they are, and a GIN index. Neither needs an
extension. A migration that changes the table on SQLite makes it anew and loses the triggers: `install` is called after
every migrate and mends that.
"""

from __future__ import annotations

from typing import Any

ENTRIES, INDEX, VOCABULARY = "search_searchentry", "search_fts", "search_vocabulary"

SQLITE = [
    # `detail=none`: only which entry holds a word is kept. Order and place of words are not asked for, and it is smaller.
    f"""CREATE VIRTUAL TABLE {INDEX} USING fts5(words, content='{ENTRIES}', content_rowid='id', detail=none,
        columnsize=0, prefix='2 3', tokenize="unicode61 remove_diacritics 2 tokenchars '._'")""",
    f"""CREATE TRIGGER search_entry_added AFTER INSERT ON {ENTRIES} BEGIN
        INSERT INTO {INDEX}(rowid, words) VALUES (new.id, new.words); END""",
    f"""CREATE TRIGGER search_entry_removed AFTER DELETE ON {ENTRIES} BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', old.id, old.words); END""",
    f"""CREATE TRIGGER search_entry_changed AFTER UPDATE OF words ON {ENTRIES} WHEN old.words <> new.words BEGIN
        INSERT INTO {INDEX}({INDEX}, rowid, words) VALUES ('delete', old.id, old.words);
        INSERT INTO {INDEX}(rowid, words) VALUES (new.id, new.words); END""",
    f"CREATE VIRTUAL TABLE {VOCABULARY} USING fts5vocab({INDEX}, row)",
    f"INSERT INTO {INDEX}({INDEX}) VALUES ('rebuild')",
]
SQLITE_AWAY = [
    *(f"DROP TRIGGER IF EXISTS search_entry_{what}" for what in ("added", "removed", "changed")),
    f"DROP TABLE IF EXISTS {VOCABULARY}",
    f"DROP TABLE IF EXISTS {INDEX}",
]
# The words are folded and cut already: no dictionary and no parser of the database has a say in them.
POSTGRESQL = [
    f"""ALTER TABLE {ENTRIES} ADD COLUMN tokens tsvector
        GENERATED ALWAYS AS (array_to_tsvector(array_remove(string_to_array(words, ' '), ''))) STORED""",
    f"CREATE INDEX {INDEX} ON {ENTRIES} USING gin (tokens)",
]
POSTGRESQL_AWAY = [f"DROP INDEX IF EXISTS {INDEX}", f"ALTER TABLE {ENTRIES} DROP COLUMN IF EXISTS tokens"]


def is_whole(connection: Any) -> bool:
    """Whether everything that keeps the index is there."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT count(*) FROM sqlite_master WHERE name IN (%s, %s) OR (type = 'trigger' AND tbl_name = %s)",
                [INDEX, VOCABULARY, ENTRIES],
            )
            return cursor.fetchone()[0] == 5
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [INDEX])
        return cursor.fetchone()[0]


def install(connection: Any) -> None:
    """Makes the index over the entries there are; one that is whole is left as it is."""
    if not is_whole(connection):
        remove(connection)
        _run(connection, SQLITE if connection.vendor == "sqlite" else POSTGRESQL)


def remove(connection: Any) -> None:
    _run(connection, SQLITE_AWAY if connection.vendor == "sqlite" else POSTGRESQL_AWAY)


def ensure(*, using: str, **kwargs: Any) -> None:
    """After every migrate."""
    from django.db import connections

    connection = connections[using]
    if ENTRIES in connection.introspection.table_names():
        install(connection)


def _run(connection: Any, statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
