"""A value of a register as a cell: what an export writes, and what a dry run shows as old and new.

`sheets.cells` reads back what is written here, in each language of the program.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from .columns import Column, Sort

Cell = str | int | dt.date | None


Scales = Mapping[str, Sequence[str]]
"""The names of the grades of likelihood and consequence."""


def cell(column: Column, value: Any, scales: Scales | None = None) -> Cell:
    """The cell for a value."""
    return None if _is_nothing(value) else _writer(column, scales)(value)


def written(columns: Iterable[Column], scales: Scales | None = None) -> Callable[[Mapping[str, Any]], list[Cell]]:
    """What makes the cells of a record, given by field: for many rows, since its words are looked up once, in the language of now."""
    made = [(column.field, _writer(column, scales)) for column in columns]

    def cells(one: Mapping[str, Any]) -> list[Cell]:
        values = ((one.get(field), write) for field, write in made)
        return [None if _is_nothing(value) else write(value) for value, write in values]

    return cells


def _is_nothing(value: Any) -> bool:
    return value is None or value == "" or value == []


def _writer(column: Column, scales: Scales | None) -> Callable[[Any], Cell]:
    """What writes the values of one column."""
    if column.sort == Sort.PERSON:
        return lambda value: f"{value.name} <{value.email}>" if value.name else value.email
    if column.sort == Sort.MARK:
        names = (scales or {}).get(column.field.partition("_")[2], ())
        return lambda value: f"{value} - {names[value - 1]}" if value <= len(names) else value
    if column.sort == Sort.CHOICE:
        labels = {key: f"{key} - {label}" if isinstance(key, int) else str(label) for key, label in column.choices}
        return lambda value: labels[value] if value in labels else str(value)
    if column.sort == Sort.CHOICES:
        words = {key: str(label) for key, label in column.choices}
        return lambda value: "\n".join(words.get(one) or str(one) for one in value)
    if column.sort == Sort.YES_NO:
        yes, no = _("Yes"), _("No")
        return lambda value: yes if value else no
    if column.sort == Sort.RECORDS:
        return lambda value: value if isinstance(value, str) else "\n".join(str(one) for one in value)
    return _plain


def _plain(value: Any) -> Cell:
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, int | dt.date):
        return value
    return str(value).replace("\r\n", "\n").replace("\r", "\n")


def said(column: Column, value: Any, scales: Scales | None = None) -> str:
    """The same in words, for a page; "" for nothing."""
    found = cell(column, value, scales)
    return "" if found is None else found.isoformat() if isinstance(found, dt.date) else str(found)


def plain_value(value: Any) -> Any:
    """A value that says the same in every language and can be digested: records by id."""
    if isinstance(value, list | tuple):
        return [plain_value(one) for one in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    return getattr(value, "pk", value)
