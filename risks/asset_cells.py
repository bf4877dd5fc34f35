"""Which assets a cell of a spreadsheet names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sheets.cells import text
from sheets.columns import plain

LABELLED = re.compile(r"AS-0*([0-9]{1,9})(?:\s+(.*))?", re.IGNORECASE)


def asset_names(
    value: Any, by_number: Mapping[int, Any], by_name: Mapping[str, Any], *, is_ours: bool = True
) -> list[Any]:
    """The assets a cell names, one a line, by number ("AS-012 Web shop"), or by name; names may also stand in a row.

    What is not known comes back as its text. `by_name` goes by `plain`. `is_ours=False`: the sheet may be another register's,
    whose AS-012 is something else, so that a name beside a number counts more than the number.
    """

    def one(piece: str) -> Any:
        labelled = LABELLED.fullmatch(piece)
        found = by_number.get(int(labelled[1])) if labelled else None
        name = labelled[2] if labelled else piece
        if found is not None and (is_ours or not name or plain(name) == plain(found.name)):
            return found
        return by_name.get(plain(name)) if name and plain(name) else None

    found: list[Any] = []
    for part in text(value).splitlines():
        piece = " ".join(part.split()).strip("•*- ")
        if not piece:
            continue
        if known := one(piece):
            found.append(known)
        elif not is_ours and (labelled := LABELLED.fullmatch(piece)) and labelled[2]:
            found.append(labelled[2])  # its name here; the number is the other register's
        else:
            parts = [part.strip() for part in re.split(r"[;,/|]", piece) if part.strip()]
            found += [one(part) or part for part in parts]
    return list(dict.fromkeys(found))
