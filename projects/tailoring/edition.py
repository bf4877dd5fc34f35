"""A newer edition of the method held against a running plan: what is new, changed and gone, item by item.

Three sides are compared: the edition the plan came from, the newer one, and the plan. A field in which the plan differs from
its own edition is tailored, and stays as it is unless somebody says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

NEW, CHANGED, GONE = "new", "changed", "gone"


class Field(NamedTuple):
    """One field that the newer edition has otherwise."""

    name: str
    old: Any
    new: Any
    here: Any

    @property
    def is_tailored(self) -> bool:
        """The plan had departed from its own edition here already."""
        return self.here != self.old

    @property
    def is_there(self) -> bool:
        """The plan has it like the newer edition already."""
        return self.here == self.new


@dataclass(frozen=True)
class Item:
    """A step or an activity in which the editions differ."""

    code: str
    kind: str
    is_step: bool
    number: str
    title: str
    fields: tuple[Field, ...] = ()

    @property
    def key(self) -> str:
        return f"{'step' if self.is_step else 'activity'}-{self.code}"

    @property
    def open_fields(self) -> list[Field]:
        """What taking it over would change without touching what was tailored."""
        return [one for one in self.fields if not one.is_tailored]

    @property
    def tailored(self) -> list[Field]:
        return [one for one in self.fields if one.is_tailored and not one.is_there]


Rows = Mapping[str, Mapping[str, Any]]


def compared(old: Rows, new: Rows, here: Rows, *, is_step: bool) -> list[Item]:
    """Items by code in the order of the newer edition, gone ones last. `here` holds the plan's, by the same codes.

    An item that the plan does not have, but both editions do, was left out on purpose and is not offered again.
    """
    found = []
    for code, values in new.items():
        number, title = values["number"], values["title"]
        if code not in old:
            if code not in here:
                found.append(Item(code, NEW, is_step, number, title))
        elif code in here:
            names = [name for name in values if name not in ("number", "step") and old[code].get(name) != values[name]]
            fields = tuple(Field(name, old[code].get(name), values[name], here[code].get(name)) for name in names)
            if any(not one.is_there for one in fields):
                found.append(Item(code, CHANGED, is_step, here[code]["number"], here[code]["title"], fields))
    found += [
        Item(code, GONE, is_step, here[code]["number"], here[code]["title"])
        for code in old
        if code not in new and code in here
    ]
    return found
