"""What the readers of all files share: short names, words that stand once, circles of links."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from pdca.services.reading import Entry, Faults, Place, Word, quoted

SLUG = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*\Z")


def plain(words: list[Word]) -> list[str]:
    return [str(found) for found in words]


def slug(entry: Entry, key: str, *, limit: int = 80, required: bool = True) -> Word:
    found = entry.text(key, limit=limit, required=required)
    if found and not SLUG.match(found):
        entry.fault(key, f"{quoted(key)} may hold small letters, digits, - and _ only, not {quoted(found)}.")
    return found


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def once(words: list[tuple[str, Place]], what: str, faults: Faults) -> None:
    """Notes every word that stands twice, naming the line of the first."""
    seen: dict[str, Place] = {}
    for found, place in words:
        if not found:
            continue
        if found in seen:
            first = seen[found]
            where = f"line {first.line}" if first.file == place.file else str(first)
            faults.add(place, f"{what} {quoted(found)} is used twice; the first is in {where}.")
        seen.setdefault(found, place)


def find_cycle(links: dict[str, list[str]]) -> list[str]:
    """One circle in `links` (node to the nodes it depends on), first node repeated at the end; [] if there is none."""
    state: dict[str, int] = {}  # 1 while on the path, 2 when known to be harmless
    for start in links:
        if state.get(start):
            continue
        path, stack = [start], [iter(links[start])]
        state[start] = 1
        while stack:
            following = next(stack[-1], None)
            if following is None:
                state[path.pop()] = 2
                stack.pop()
            elif state.get(following) == 1:
                return [str(n) for n in [*path[path.index(following) :], following]]
            elif not state.get(following):
                state[following] = 1
                path.append(following)
                stack.append(iter(links.get(following, ())))
    return []
