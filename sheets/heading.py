"""Which row of a sheet is its header, and which column is what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from .columns import Column, Columns, plain
from .workbook import Sheet

LOOKED_AT = 40
SAMPLES = 30
EXACT, WITHOUT_REMARK, RATED, CONTAINS = 4, 3, 2, 1


class Guess(NamedTuple):
    """`header_row` counts from 1, None where no row looks like a header; `mapping` is {field: column from 0}."""

    header_row: int | None
    mapping: dict[str, int]


def guess(sheet: Sheet, columns: Columns) -> Guess:
    """The row whose cells are recognized best among the first forty, the first of equals."""
    best, most = Guess(None, {}), 0
    for at in range(min(LOOKED_AT, len(sheet.rows))):
        if sum(1 for cell in sheet.rows[at] if isinstance(cell, str) and cell.strip()) < min(2, _width(sheet)):
            continue
        mapping, score = _mapped(headings(sheet, at), columns, [])
        if score > most:
            best, most = Guess(at + 1, mapping), score
    if best.header_row is None:
        return best
    return Guess(best.header_row, mapping_of(sheet, best.header_row, columns))


def _width(sheet: Sheet) -> int:
    return max((sum(1 for cell in row if cell != "") for row in sheet.rows[:LOOKED_AT]), default=0)


def headings(sheet: Sheet, at: int) -> list[str]:
    """The headings of a row (from 0): with the merged heading above them, as in "Residual risk" over "Likelihood"."""
    found = [" ".join(str(cell).split()) if isinstance(cell, str) else "" for cell in sheet.rows[at]]
    for (top, left), (bottom, right) in sheet.merged:
        if bottom == at - 1 and right > left and right - left < len(found) - 1 and top < len(sheet.rows):
            group = sheet.rows[top][left] if left < len(sheet.rows[top]) else ""
            for column in range(left, min(right + 1, len(found))):
                if found[column] and isinstance(group, str) and group.strip():
                    found[column] = f"{' '.join(group.split())} {found[column]}"
        if top < at <= bottom and left < len(found) and not found[left]:
            found[left] = " ".join(str(sheet.rows[top][left]).split())  # a heading over two rows
    return found


def mapping_of(sheet: Sheet, header_row: int, columns: Columns) -> dict[str, int]:
    """What each column is, by its heading; where a heading may mean a rating or a text, the cells below decide."""
    names = headings(sheet, header_row - 1)
    samples = [
        [
            row[column]
            for row in sheet.rows[header_row : header_row + SAMPLES]
            if column < len(row) and row[column] != ""
        ]
        for column in range(len(names))
    ]
    return _mapped(names, columns, samples)[0]


def _mapped(names: Sequence[str], columns: Columns, samples: list[list[Any]]) -> tuple[dict[str, int], int]:
    """{field: column} by the best matches, and how many points they make together."""
    found = []
    # Where a heading says "current consequence" whole, a bare "consequence" beside it is the text.
    is_said = _says_texts(names, columns)
    for at, name in enumerate(names):
        if not plain(name):
            continue
        cells = samples[at] if at < len(samples) else []
        for column in columns:
            if score := _score(name, column, columns, cells, is_said):
                found.append((score, len(plain(name)), at, column))
    found.sort(key=lambda one: (-one[0], one[2]))
    mapping: dict[str, int] = {}
    points = 0
    for score, _length, at, column in found:
        if column.field not in mapping and at not in mapping.values():
            mapping[column.field] = at
            points += score
    return {
        column.field: mapping[column.field] for column in columns if column.field in mapping and column.is_read
    }, points


def _bare(name: str) -> str:
    """A heading without its remarks: "Impact (1-5)" is "impact"."""
    return plain(re.sub(r"[(\[].*?[)\]]", " ", name)) or plain(name)


def _says_texts(names: Sequence[str], columns: Columns) -> bool:
    ratings = columns.ratings
    if ratings is None or not ratings.texts:
        return False
    part = next(part for part, said in ratings.parts.items() if said & ratings.texts)
    whole = f"{ratings.usual}_{part}"
    return any(ratings.field_of(_bare(name)) == whole and _bare(name) not in ratings.texts for name in names)


def _score(name: str, column: Column, columns: Columns, cells: list[Any], is_said: bool) -> int:
    said, bare = plain(name), _bare(name)
    own, aliases = column.names, column.other_names
    if cells and said in columns.numbered and looks_numbered(cells):
        return EXACT + 1 if column.field == "ref" else 0  # "Control" over A.5.1, A.5.2 …: the number, not the name
    ratings = columns.ratings
    rating = ratings.field_of(bare) if ratings is not None else None
    is_mark = ratings is not None and column.field in ratings.fields
    is_rating = rating is not None and bare in ratings.bare and not (is_said and bare in ratings.texts)
    is_rating = is_rating and (looks_rated(cells) if cells else bare not in own)
    if said in own and not (is_rating and not is_mark):
        return EXACT + 1
    if is_rating and not is_mark:
        return 0
    if said in aliases:
        return EXACT
    if bare in own | aliases:
        return WITHOUT_REMARK
    if is_mark and rating == column.field:
        return RATED if bare not in ratings.texts or not cells or looks_rated(cells) else 0
    if rating is None and any(len(one) >= 5 and f" {one} " in f" {bare} " for one in own | aliases):
        return CONTAINS
    return 0


def looks_numbered(cells: Sequence[Any]) -> bool:
    """Whether most cells could be numbers of controls: A.5.1, 5.1, P-12."""
    numbered = sum(1 for cell in cells if re.fullmatch(r"\s*[A-Za-z]{0,4}[ .-]?\d+([.-]\d+)*\.?\s*", str(cell)))
    return numbered * 2 > len(cells)


def looks_rated(cells: Sequence[Any]) -> bool:
    """Whether most cells could be grades: small numbers, numbers with a name, or a word or two."""
    rated = sum(
        1 for cell in cells
        if (isinstance(cell, float | int) and 0 < cell <= 10)
        or (isinstance(cell, str) and (re.match(r"\s*[(\[]?\d{1,2}\b", cell) or (len(cell) <= 24 and len(cell.split()) <= 3)))
    )  # fmt: skip
    return bool(cells) and rated * 2 > len(cells)
