"""`field__among={…}`: one of many values, sent to the database as a single parameter.

Django's `__in` takes apart every value, several times over; with hundreds of keys in each of a handful of statements that
costs more than the rows. Here the set travels as one array (PostgreSQL) or one JSON text (SQLite), and the same
statement is planned once for any number of values. For whole numbers and dates.
"""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Field, Lookup
from django.db.models.fields.related import ForeignObject


class Among(Lookup):
    """The values are given as a set, which Django leaves in one piece."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        values = sorted(self.rhs)
        if connection.vendor == "postgresql":
            kind = self.lhs.output_field.cast_db_type(connection)
            return f"{left} = ANY(%s::{kind}[])", [*params, values]
        text = json.dumps(values, default=str)
        return f"{left} IN (SELECT value FROM json_each(%s))", [*params, text]  # noqa: S608  a column's name


Field.register_lookup(Among)
ForeignObject.register_lookup(Among)
