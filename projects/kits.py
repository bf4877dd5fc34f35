"""What of the registers a kit carries to a firm's next client: method and library, never the client's own data.

An app hangs up a part in its `apps.py`:  `kits.hang(Part(...))`. What it takes are plain values (dicts, lists, text, whole
numbers) in which every text went through the scrubber; people, dates, states and ratings are nobody's but the client's and
stay behind. `kits.identifies(...)` hangs up further names that may stand in texts: people of a register, the client's sites.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .tailoring.scrub import Scrubber

Number = Callable[[str], str]
"""What a step or activity of the kit is called in the new plan, by its number in the kit."""


def _nothing(_taken: Any) -> list[str]:
    return []


@dataclass(frozen=True)
class Part:
    """What of one register goes along.

    `take(project, scrub)` returns plain values, or None where there is nothing; `put(project, taken, by, number)` writes
    them into a fresh project through the services of the register, inside the change that starts it. `texts(taken)` are
    pairs of what a text belongs to and the text: somebody reads them all before the kit is saved. `rows(taken)` are the
    names of what can be left out one by one; `without(taken, names)` leaves them out.
    """

    key: str
    label: Any
    perm: str
    take: Callable[[Any, Scrubber], Any]
    put: Callable[[Any, Any, Any, Number], None]
    said: Callable[[Any], str]
    texts: Callable[[Any], Iterable[tuple[str, str]]]
    rows: Callable[[Any], list[str]] = _nothing
    without: Callable[[Any, Collection[str]], Any] = lambda taken, _names: taken
    order: int = 100


@dataclass(frozen=True)
class Names:
    """Names that may stand in texts and tell whose they are."""

    people: Iterable[str] = ()
    places: Iterable[str] = ()


_parts: dict[str, Part] = {}
_names: list[Callable[[Any], Names]] = []


def hang(part: Part) -> None:
    """Hangs up a part; one with the same key is replaced."""
    _parts[part.key] = part


def identifies(names: Callable[[Any], Names]) -> None:
    """Hangs up `names(project)`, a query or two."""
    if names not in _names:
        _names.append(names)


def names_of(project: Any) -> list[Names]:
    return [names(project) for names in _names]


def parts() -> list[Part]:
    """In the order in which they are shown and put in."""
    return sorted(_parts.values(), key=lambda part: (part.order, part.key))


def part(key: str) -> Part | None:
    return _parts.get(key)


def taken_from(project: Any, scrub: Scrubber, perms: Collection[str]) -> dict[str, Any]:
    """What the registers give along, of those that the holder of `perms` may see; {key: values}."""
    found = {one.key: one.take(project, scrub) for one in parts() if one.perm in perms}
    return {key: taken for key, taken in found.items() if taken}


def chosen(
    registers: Mapping[str, Any], keys: Collection[str], without: Mapping[str, Collection[str]]
) -> dict[str, Any]:
    """Only the registers of these keys, without the rows of these names."""
    found = {}
    for key, taken in registers.items():
        one = part(key)
        if one is not None and key in keys and (left := one.without(taken, without.get(key, ()))):
            found[key] = left
    return found


def put(project: Any, registers: Mapping[str, Any], by: Any, number: Number) -> None:
    """Puts into a fresh project what a kit carries; a register that this installation does not know stays in the kit."""
    for one in parts():
        if one.key in registers:
            one.put(project, registers[one.key], by, number)


def said(registers: Mapping[str, Any]) -> list[tuple[Part, str]]:
    """Each part that a kit carries, and how much of it, in words."""
    return [(one, one.said(registers[one.key])) for one in parts() if one.key in registers]
