"""What differs between two snapshots: word by word in texts, row by row in tables. Pure, without queries.

Snapshots are what `core.canonical` makes of a record: dicts, lists, text, integers, booleans and None. A text of several
lines is compared line by line, and word by word within the lines that differ. A list of records is a table: its rows are
recognised by what names them (number, code, key, id, name, title), in whatever order they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

SAME, GONE, NEW, LEFT_OUT = "same", "gone", "new", "left_out"

MOST_LINES = 3_000  # of a text; longer ones are only said to differ
MOST_WORDS = 1_500  # of a passage that is compared word by word
MOST_ROWS = 2_000  # of a table
AROUND = 1  # lines of a text that are shown around a difference
DEPTH = 8

NAMES = ("number", "code", "key", "id", "name", "title")
WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Part:
    """A stretch of text: unchanged, gone, new, or left out because nothing happens in it."""

    kind: str
    text: str

    @property
    def lines(self) -> int:
        """How many lines a part that is left out stands for."""
        return int(self.text) if self.kind == LEFT_OUT else self.text.count("\n")


@dataclass(frozen=True)
class Row:
    """A row of a table: gone, new, or changed in some of its cells."""

    kind: str
    name: str
    cells: tuple[Change, ...] = ()


@dataclass(frozen=True)
class Change:
    """One place that differs. `parts` for a text, `rows` for a table; `is_too_long` where only the fact is told."""

    label: str
    parts: tuple[Part, ...] = ()
    rows: tuple[Row, ...] = ()
    is_too_long: bool = False

    @property
    def places(self) -> int:
        return len(self.rows) or 1


@dataclass(frozen=True)
class Differences:
    changes: tuple[Change, ...] = field(default=())

    @property
    def places(self) -> int:
        """How many places differ: a text counts once, a table once for each row."""
        return sum(change.places for change in self.changes)

    def __bool__(self) -> bool:
        return bool(self.changes)


def between(
    before: str | dict[str, Any], after: str | dict[str, Any], labels: dict[str, Any] | None = None
) -> Differences:
    """What changed from one snapshot (canonical JSON text or plain value) to the next; `labels` names the keys."""
    old, new = _loaded(before), _loaded(after)
    return Differences(tuple(_of_value(old, new, "", labels or {}, 0)))


def _loaded(snapshot: Any) -> Any:
    return json.loads(snapshot) if isinstance(snapshot, str) else snapshot


def _of_value(old: Any, new: Any, label: str, labels: dict[str, Any], depth: int) -> Iterator[Change]:
    if old == new:
        return
    if isinstance(old, dict) and isinstance(new, dict) and depth < DEPTH:
        for key in [*new, *(key for key in old if key not in new)]:
            name = str(labels.get(key) or _readable(key))
            whole = f"{label}: {name}" if label else name
            yield from _of_value(old.get(key), new.get(key), whole, labels, depth + 1)
    elif isinstance(old or [], list) and isinstance(new or [], list) and depth < DEPTH:
        yield _of_list(old or [], new or [], label, labels, depth)
    else:
        yield _of_text(_as_text(old), _as_text(new), label)


def _readable(key: str) -> str:
    return key.replace("_", " ").strip().capitalize()


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "✓" if value else "–"
    if isinstance(value, dict):
        return "\n".join(f"{_readable(k)}: {_as_text(v)}" for k, v in value.items() if v not in (None, "", [], {}))
    if isinstance(value, list):
        return "\n".join(_as_text(item) for item in value)
    return str(value)


# ---- texts -------------------------------------------------------------------------------------------------------


def _of_text(old: str, new: str, label: str) -> Change:
    before, after = old.splitlines(), new.splitlines()
    if max(len(before), len(after)) > MOST_LINES:
        return Change(label, is_too_long=True)
    parts: list[Part] = []
    for op, a1, a2, b1, b2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if op == "equal":
            parts += _surroundings(before[a1:a2], is_first=a1 == 0, is_last=a2 == len(before))
        else:
            parts += _words("\n".join(before[a1:a2]), "\n".join(after[b1:b2]))
            parts.append(Part(SAME, "\n"))
    return Change(label, parts=tuple(_joined(parts)))


def _surroundings(lines: list[str], *, is_first: bool, is_last: bool) -> list[Part]:
    """Unchanged lines: those next to a difference, and a mark for what lies further away."""
    head = [] if is_first else lines[:AROUND]
    tail = [] if is_last else lines[len(lines) - AROUND :]
    if len(lines) <= len(head) + len(tail) + 1:
        return [Part(SAME, "\n".join(lines) + "\n")]
    shown = [Part(SAME, "\n".join(head) + "\n")] if head else []
    shown.append(Part(LEFT_OUT, str(len(lines) - len(head) - len(tail))))
    return [*shown, Part(SAME, "\n".join(tail) + "\n")] if tail else shown


def _words(old: str, new: str) -> list[Part]:
    before, after = WORDS.findall(old), WORDS.findall(new)
    if not before or not after or max(len(before), len(after)) > MOST_WORDS:
        return [Part(kind, text) for kind, text in ((GONE, old), (NEW, new)) if text]
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    if matcher.ratio() < 0.35:  # nothing to recognise: two readable passages instead of confetti
        apart = [Part(SAME, "\n")] if len(before) + len(after) > 24 else []
        return [Part(GONE, old), *apart, Part(NEW, new)]
    parts = []
    for op, a1, a2, b1, b2 in matcher.get_opcodes():
        if op == "equal":
            parts.append(Part(SAME, "".join(before[a1:a2])))
            continue
        if a2 > a1:
            parts.append(Part(GONE, "".join(before[a1:a2])))
        if b2 > b1:
            parts.append(Part(NEW, "".join(after[b1:b2])))
    return _smoothed(parts)


def _smoothed(parts: list[Part]) -> list[Part]:
    """A single blank between two changes belongs to them: "red car" to "blue bus" is one change and not two."""
    found = list(parts)
    at = 1
    while at < len(found) - 1:
        here = found[at]
        if here.kind == SAME and here.text == " " and found[at - 1].kind != SAME and found[at + 1].kind != SAME:
            gone = "".join(p.text if p.kind == GONE else "" for p in _block(found, at, -1)) + " "
            new = "".join(p.text if p.kind == NEW else "" for p in _block(found, at, -1)) + " "
            first = at - len(_block(found, at, -1))
            after = _block(found, at, 1)
            gone += "".join(p.text for p in after if p.kind == GONE)
            new += "".join(p.text for p in after if p.kind == NEW)
            merged = [Part(kind, text) for kind, text in ((GONE, gone), (NEW, new)) if text.strip()]
            found[first : at + 1 + len(after)] = merged
            at = first + len(merged)
        else:
            at += 1
    return found


def _block(parts: list[Part], at: int, step: int) -> list[Part]:
    """The changes right before (`step` -1) or after (1) a place."""
    found = []
    at += step
    while 0 <= at < len(parts) and parts[at].kind in (GONE, NEW):
        found.append(parts[at])
        at += step
    return found[::-1] if step < 0 else found


def _joined(parts: list[Part]) -> list[Part]:
    """Neighbours of one kind as one, without blank lines at the ends."""
    found: list[Part] = []
    for part in parts:
        if found and found[-1].kind == part.kind != LEFT_OUT:
            found[-1] = Part(part.kind, found[-1].text + part.text)
        elif part.text:
            found.append(part)
    if found and found[-1].kind == SAME:
        found[-1] = Part(SAME, found[-1].text.rstrip("\n"))
    return [part for part in found if part.text]


# ---- tables ------------------------------------------------------------------------------------------------------


def _of_list(old: list[Any], new: list[Any], label: str, labels: dict[str, Any], depth: int) -> Change:
    if max(len(old), len(new)) > MOST_ROWS:
        return Change(label, is_too_long=True)
    before, after = _named(old), _named(new)
    rows: list[Row] = []
    for key, item in after.items():
        if key not in before:
            rows.append(Row(NEW, _title(item)))
        elif before[key] != item:
            rows.append(Row(SAME, _title(item), tuple(_of_value(before[key], item, "", labels, depth + 1))))
    rows += [Row(GONE, _title(item)) for key, item in before.items() if key not in after]
    if not rows:
        rows = [Row(SAME, "…")]  # the same rows in another order
    return Change(label, rows=tuple(rows))


def _named(items: list[Any]) -> dict[Any, Any]:
    """Rows by what names them; a name that stands twice is counted."""
    by = next(
        (
            name
            for name in NAMES
            if items and all(isinstance(item, dict) and item.get(name) not in (None, "") for item in items)
        ),
        None,
    )
    found: dict[Any, Any] = {}
    for item in items:
        name = str(item[by]) if by else json.dumps(item, sort_keys=True, ensure_ascii=False)
        count = 0
        while (name, count) in found:
            count += 1
        found[name, count] = item
    return found


def _title(item: Any) -> str:
    """A row in one line: what names it, or all of it."""
    if not isinstance(item, dict):
        return _as_text(item)[:300]
    said = [str(item[name]) for name in NAMES if item.get(name) not in (None, "") and name != "id"]
    if said:
        return " ".join(dict.fromkeys(said))[:300]
    return ", ".join(_as_text(value) for value in item.values() if value not in (None, "", [], {}))[:300]
