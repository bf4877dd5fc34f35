"""Many rows of a table that only links two others: a pair of keys each, written by the database without records of them."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection, models

AT_ONCE = 400
"""Pairs in one statement: SQLite takes 999 values wherever it was built."""


def insert(through: type[models.Model], fields: tuple[str, str], pairs: Iterable[tuple[int, int]]) -> None:
    """Writes the links; `fields` are the two foreign keys in the order of the keys. A statement for each four hundred.

    `bulk_create` makes a record of each, prepares each of its values and reads every key back, which takes three times as
    long. Only for tables without history and without a column that has to be filled in.
    """
    quote, rows = connection.ops.quote_name, list(pairs)
    into = ", ".join(quote(through._meta.get_field(name).column) for name in fields)
    with connection.cursor() as cursor:
        for first in range(0, len(rows), AT_ONCE):
            some = rows[first : first + AT_ONCE]
            marks = ", ".join(["(%s, %s)"] * len(some))
            statement = f"INSERT INTO {quote(through._meta.db_table)} ({into}) VALUES {marks}"  # noqa: S608 (names, no values)
            cursor.execute(statement, [key for pair in some for key in pair])
