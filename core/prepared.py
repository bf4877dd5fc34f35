"""A query that is written once and compiled once, for pages whose own rows are found in less time than Django compiles.

    LATE = Prepared(lambda projects, today: Task.objects.filter(project__in=projects, due_on__lt=today).values_list(...))
    rows = LATE(projects=[1, 2, 3], today=today)

The function makes a `values_list` queryset from its arguments; these may be numbers, dates or lists of numbers. The first
call compiles it with stand-ins in their places, later calls only put the values there: the same SQL, without the
milliseconds. Each list is used as `__in`. Rows come back as Django would give them, converted by the fields.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import QuerySet

FIRST = -987_654_321_000
NOTHING = (-1,)
"""No key is negative: an empty list finds no row."""


class _Compiled(NamedTuple):
    pieces: list[str]
    params: list[Any]
    converters: list[tuple[int, list[Callable], Any]]


class Prepared:
    def __init__(self, make: Callable[..., QuerySet]) -> None:
        self.make = make
        self._compiled: dict[tuple, _Compiled] = {}

    def __call__(self, **values: Any) -> list[Sequence[Any]]:
        key = (connection.vendor, *((name, type(value)) for name, value in values.items()))
        found = self._compiled.get(key) or self._compiled.setdefault(key, self._compile(values))
        sql, params = [found.pieces[0]], []
        for piece, param in zip(found.pieces[1:], found.params, strict=True):
            value = values[param.name] if isinstance(param, _Place) else param
            if isinstance(value, list):
                value = value or NOTHING
                sql.append(", ".join(["%s"] * len(value)))
                params.extend(value)
            else:
                sql.append("%s")
                params.append(_adapted(value) if isinstance(param, _Place) else value)
            sql.append(piece)
        with connection.cursor() as cursor:
            cursor.execute("".join(sql), params)
            rows = cursor.fetchall()
        if not found.converters:
            return rows
        rows = list(map(list, rows))
        for place, converters, expression in found.converters:
            for convert in converters:
                for row in rows:
                    row[place] = convert(row[place], expression, connection)
        return rows

    def _compile(self, values: dict[str, Any]) -> _Compiled:
        """The SQL in the pieces between its parameters, and which of them are whose places."""
        stand_ins = {name: _stand_in(value, n) for n, (name, value) in enumerate(values.items())}
        places = {_adapted(one[0] if isinstance(one, list) else one): _Place(name) for name, one in stand_ins.items()}
        compiler = self.make(**stand_ins).query.get_compiler(connection=connection)
        sql, params = compiler.as_sql()
        converters = compiler.get_converters([column[0] for column in compiler.select])
        return _Compiled(
            sql.split("%s"),
            [
                places.get(param, param) if isinstance(param, str | int | dt.date) else param
                for param in map(_adapted, params)
            ],
            [(place, found, expression) for place, (found, expression) in converters.items()],
        )


class _Place(NamedTuple):
    """Stands in a compiled query where the value of this argument belongs."""

    name: str


def _stand_in(value: Any, n: int) -> Any:
    if isinstance(value, dt.date):
        return dt.date(1, 1, 1 + n)
    return [FIRST - n] if isinstance(value, list) else FIRST - n


def _adapted(value: Any) -> Any:
    """As the database takes it: SQLite has no dates."""
    return connection.ops.adapt_datefield_value(value) if isinstance(value, dt.date) else value
