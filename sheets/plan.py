"""What an import would do, row by row, before anybody does it: the shape of a dry run, and how its rows are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import canonical
from core.rules import RuleBroken

from . import cells, values
from .columns import Column, Columns, Sort
from .models import SheetImport
from .workbook import MOST_ROWS, Sheet, column_letters


class Action(TextChoices):
    CREATE = "create", gettext_lazy("New")
    CHANGE = "change", gettext_lazy("Changed")
    SAME = "same", gettext_lazy("As it is")
    REFUSED = "refused", gettext_lazy("Refused")
    SKIPPED = "skipped", gettext_lazy("Not read")


class Change(NamedTuple):
    """A value that would change; `old` and `new` as the record keeps them."""

    column: Column
    old: Any
    new: Any
    old_text: str
    new_text: str


class Problem(NamedTuple):
    """Why a row cannot come in: the cell ("B12", "" for the whole row), its heading, the sentence."""

    place: str
    heading: str
    text: str


@dataclass
class Line:
    """One row of the sheet; `row` counts from 1. `values` are typed values by field, of what is new or changed."""

    row: int
    action: Action = Action.SAME
    label: str = ""
    title: str = ""
    target: Any = None
    values: dict[str, Any] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass
class Plan:
    """`obstacles` are sentences that stand in the way of the whole; `also_new` are records of another sort that come in with the rows."""

    lines: list[Line] = field(default_factory=list)
    obstacles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    also_new: list[str] = field(default_factory=list)

    @property
    def counts(self) -> Counter[str]:
        return Counter(str(line.action) for line in self.lines)

    def of(self, action: str) -> list[Line]:
        return [line for line in self.lines if line.action == action]

    @property
    def may_run(self) -> bool:
        """Whether there is something to write and nothing in the way."""
        counts = self.counts
        return not self.obstacles and not counts[Action.REFUSED] and bool(counts[Action.CREATE] + counts[Action.CHANGE])

    @property
    def digest(self) -> str:
        """What this plan would do, in any language: the same again when nothing it rests on changed."""
        return canonical.digest(
            {
                "lines": [
                    [
                        line.row, str(line.action), getattr(line.target, "pk", None),
                        [
                            [one.column.field, values.plain_value(one.old), values.plain_value(one.new)]
                            for one in line.changes
                        ],
                    ]
                    for line in self.lines
                ],
                "new": self.also_new,
                "obstacles": len(self.obstacles),
            }
        )  # fmt: skip


# ---- reading the rows ---------------------------------------------------------------------------------------------


class Read(NamedTuple):
    """A row of the sheet: its number, the mapped cells that are not empty, and whether a mapped column is there at all."""

    row: int
    cells: dict[str, Any]
    filled: int


class Reader:
    """The rows below the header, with the values of cells merged downwards in each of their rows."""

    def __init__(self, record: SheetImport, sheet: Sheet, columns: Columns) -> None:
        self.record, self.sheet = record, sheet
        self.columns = [column for column in columns if column.field in record.columns]
        self.by_field = {column.field: column for column in self.columns}
        self.at = {name: int(place) for name, place in record.columns.items()}
        self.header = sheet.rows[record.header_row - 1] if record.header_row else ()
        self.filled = self._merged()

    def _merged(self) -> dict[tuple[int, int], Any]:
        found = {}
        for (top, left), (bottom, _right) in self.sheet.merged:
            if top >= (self.record.header_row or 0) and bottom > top and bottom - top <= MOST_ROWS:
                value = self.sheet.rows[top][left] if left < len(self.sheet.rows[top]) else ""
                for row in range(top + 1, min(bottom + 1, len(self.sheet.rows))):
                    found[row, left] = value
        return found

    def __iter__(self) -> Iterator[Read]:
        first, last = self.record.header_row or 0, self.record.options.get("last_row") or len(self.sheet.rows)
        for at in range(first, min(last, len(self.sheet.rows))):
            row = self.sheet.rows[at]
            filled = sum(1 for cell in row if not is_blank(cell))
            if not filled or row == self.header:
                continue
            here = {}
            for name, column in self.at.items():
                value = row[column] if column < len(row) else ""
                if is_blank(value):
                    value = self.filled.get((at, column), "")
                if not is_blank(value):
                    here[name] = value
            yield Read(at + 1, here, filled)

    def place(self, read: Read, name: str) -> str:
        return f"{column_letters(self.at[name])}{read.row}" if name in self.at else ""

    def heading(self, name: str) -> str:
        at = self.at.get(name)
        said = cells.line(self.header[at]) if at is not None and at < len(self.header) else ""
        return said or str(self.by_field[name].label if name in self.by_field else "")

    def problem(self, line: Line, read: Read, name: str, refusal: RuleBroken | str) -> None:
        said = refusal.as_text if isinstance(refusal, RuleBroken) else refusal
        line.problems.append(Problem(self.place(read, name), self.heading(name) if name else "", said))


def is_blank(value: Any) -> bool:
    return value == "" or (isinstance(value, str) and not value.strip())


def unreadable(reader: Reader, rows: Sequence[Read]) -> str:
    """Why no row is read at all: too many of them, or cells that nobody knows. A sentence, "" where there is no reason."""
    if len(rows) <= MOST_ROWS:
        return _uncomputed(reader, rows)
    return _("The sheet has %(n)s rows; at most %(most)s come in at once. Divide it into several files.") % {
        "n": len(rows), "most": MOST_ROWS,
    }  # fmt: skip


SHOWN_CELLS = 5


def _uncomputed(reader: Reader, rows: Sequence[Read]) -> str:
    """Formulas that no program has computed yet: taken as empty they would be lost without a word."""
    if not reader.sheet.uncomputed:
        return ""
    here, mapped = {read.row - 1 for read in rows}, set(reader.at.values())
    found = sorted(one for one in reader.sheet.uncomputed if one[0] in here and one[1] in mapped)
    if not found:
        return ""
    named = ", ".join(f"{column_letters(column)}{row + 1}" for row, column in found[:SHOWN_CELLS])
    return _(
        "Sheet “%(sheet)s”: the formulas in %(cells)s were never computed, so nobody knows what they say. Open the file in Excel "
        "or LibreOffice, save it, and choose it again."
    ) % {"sheet": reader.sheet.name, "cells": named + (" …" if len(found) > SHOWN_CELLS else "")}


def skipped(read: Read, columns: Sequence[Column]) -> str:
    """Why a row is no record: a total, a signature, a note below the table. "" when it is one."""
    needed = [column for column in columns if column.is_needed or column.instead_of]
    if any(column.field in read.cells for column in needed) or ("number" in read.cells and len(read.cells) > 1):
        return ""
    if len(read.cells) <= 2:
        return _("No %(needed)s stands in this row: a total, a note or a signature, it seems.") % {
            "needed": ", ".join(f"“{column.label}”" for column in needed)
        }
    return ""


Parse = Callable[[Any], Any]


def parsers(columns: Sequence[Column], people: cells.People, scales: Mapping[str, Sequence[str]]) -> dict[str, Parse]:
    """How the cells of each column are read, but for numbers and other records, which the register knows."""
    found: dict[str, Parse] = {}
    for column in columns:
        if column.sort == Sort.LINE:
            found[column.field] = lambda value, c=column: _short(cells.line(value), c)
        elif column.sort == Sort.TEXT:
            found[column.field] = lambda value, c=column: _short(cells.text(value), c)
        elif column.sort == Sort.PERSON:
            found[column.field] = _remembered(people.named)
        elif column.sort == Sort.MARK:
            scale = scales.get(column.field.partition("_")[2], ())
            found[column.field] = _remembered(lambda value, s=scale: cells.mark(value, s))
        elif column.sort == Sort.DAY:
            found[column.field] = cells.day
        elif column.sort == Sort.YES_NO:
            found[column.field] = cells.yes_no
        elif column.sort == Sort.CHOICE:
            found[column.field] = _remembered(lambda value, c=column: cells.choice(value, c))
        elif column.sort == Sort.CHOICES:
            found[column.field] = _remembered(lambda value, c=column: cells.choices(value, c))
        elif column.sort == Sort.HOURS:
            found[column.field] = cells.hours
    return found


def _short(text: str, column: Column) -> str:
    if column.most and len(text) > column.most:
        raise RuleBroken(
            _("The text has %(n)s characters; at most %(most)s are kept.") % {"n": len(text), "most": column.most}
        )
    return text


def _remembered(parse: Parse) -> Parse:
    """The same cell says the same in every row."""
    known: dict[tuple[type, Any], Any] = {}

    def read(value: Any) -> Any:
        key = (type(value), value)
        if key not in known:
            known[key] = parse(value)
        return known[key]

    return read


def compared(line: Line, column: Column, old: Any, new: Any, scales: Mapping[str, Sequence[str]]) -> None:
    """Adds a change where the values differ; ends of lines of another system are no difference."""
    if _same(column, old, new):
        return
    line.values[column.field] = new
    line.changes.append(
        Change(
            column, old, new, values.said(column, old, scales), values.said(column, new, scales)
        )
    )  # fmt: skip


def _same(column: Column, old: Any, new: Any) -> bool:
    if isinstance(old, str) and isinstance(new, str):
        return old == new or (cells.line(old) if column.sort == Sort.LINE else cells.text(old)) == new
    if old in (None, "", []) and new in (None, "", []):
        return True
    return old == new


def concluded(line: Line, *, is_new: bool) -> None:
    """What becomes of the row, now that it was read."""
    if line.problems:
        line.action = Action.REFUSED
    elif is_new:
        line.action = Action.CREATE
    else:
        line.action = Action.CHANGE if line.changes else Action.SAME
