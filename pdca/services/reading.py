"""Reading a YAML file so that every fault can be named with file and line, and all of them at once.

`open_file` gives an `Entry`: a mapping whose values are asked for by name and kind. What is missing, of the wrong kind,
too long, unknown or written twice becomes a `Fault` instead of an exception, so that one run names them all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from pathlib import Path

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times faster and marks lines just as well
TAG = "tag:yaml.org,2002:"
KINDS = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "null": "empty"}


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file, as editors and people name it."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, order=True)
class Fault:
    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class Word(str):
    """A text that remembers where it stands."""

    __slots__ = ("place",)
    place: Place


def word(text: str, place: Place) -> Word:
    made = Word(text)
    made.place = place
    return made


@dataclass
class Faults:
    """Everything wrong so far, to be shown in the order of files and lines."""

    found: list[Fault] = field(default_factory=list)

    def add(self, place: Place, message: str) -> None:
        self.found.append(Fault(place, message))

    def __bool__(self) -> bool:
        return bool(self.found)

    def __iter__(self) -> Iterator[Fault]:
        return iter(sorted(set(self.found)))


def kind_of(node: yaml.Node) -> str:
    if isinstance(node, yaml.MappingNode):
        return "a mapping"
    if isinstance(node, yaml.SequenceNode):
        return "a list"
    return KINDS.get(node.tag.removeprefix(TAG), node.tag.removeprefix(TAG))


def quoted(text: str) -> str:
    """A value as it stands in a message: short, on one line."""
    shown = text if len(text) <= 60 else text[:57] + "..."
    return repr(shown)


class Entry:
    """A mapping of the file. `what` names it in messages: "step 1.7", "clause 8.5.1"."""

    def __init__(self, node: yaml.MappingNode, file: str, faults: Faults, what: str = "the file") -> None:
        self.file, self.faults, self.what = file, faults, what
        self.line = Place(file, node.start_mark.line + 1)
        self.values: dict[str, yaml.Node] = {}
        self.keys: dict[str, Place] = {}
        self.asked: set[str] = set()
        self.again: list[tuple[str, Place, Place]] = []  # keys written twice: again here, first there
        for key_node, value_node in node.value:
            key, place = str(getattr(key_node, "value", "?")), self.at(key_node)
            if key in self.values:
                self.again.append((key, place, self.keys[key]))
            self.values[key], self.keys[key] = value_node, place

    def at(self, node: yaml.Node) -> Place:
        return Place(self.file, node.start_mark.line + 1)

    def place(self, key: str) -> Place:
        """Where `key` stands, or the entry itself where it is missing."""
        return self.keys.get(key, self.line)

    def fault(self, key: str, message: str) -> None:
        self.faults.add(self.place(key), f"{self.what}: {message}")

    def __contains__(self, key: str) -> bool:
        return key in self.values

    def name_it(self, what: str) -> Entry:
        self.what = what
        return self

    def node(self, key: str, *, required: bool) -> yaml.Node | None:
        self.asked.add(key)
        node = self.values.get(key)
        if node is None:
            if required:
                self.faults.add(self.line, f"{self.what}: {quoted(key)} is missing.")
            return None
        if isinstance(node, yaml.ScalarNode) and node.tag == TAG + "null":
            if required:
                self.fault(key, f"{quoted(key)} is empty.")
            return None
        return node

    def scalar(self, key: str, kinds: Collection[str], wanted: str, *, required: bool) -> str | None:
        node = self.node(key, required=required)
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode) or node.tag.removeprefix(TAG) not in kinds:
            self.fault(key, f"{quoted(key)} must be {wanted}, not {kind_of(node)}.")
            return None
        return str(node.value)

    def text(self, key: str, *, limit: int = 0, among: Collection[str] = (), required: bool = True) -> Word:
        """A text; "" where it is missing or wrong (which is a fault then, unless it may be missing)."""
        found = self.scalar(key, {"str"}, "text (in quotes)", required=required)
        place = self.place(key)
        if found is None:
            return word("", place)
        if required and not found.strip():
            self.fault(key, f"{quoted(key)} is empty.")
        if limit and len(found) > limit:
            self.fault(key, f"{quoted(key)} is {len(found)} characters long; {limit} fit.")
        if among and found not in among:
            close = get_close_matches(found, among, 1)
            hint = f"Did you mean {quoted(close[0])}?" if close else f"Known: {', '.join(sorted(among))}."
            self.fault(key, f"{quoted(key)} is {quoted(found)}, which is not known. {hint}")
            return word("", place)
        return word(found, place)

    def whole(self, key: str, *, least: int = 0, most: int = 32_000, required: bool = True) -> int:
        found = self.scalar(key, {"int"}, "a whole number", required=required)
        if found is None:
            return 0
        try:
            number = int(found)
        except ValueError:
            self.fault(key, f"{quoted(key)} must be a whole number, not {quoted(found)}.")
            return 0
        if not least <= number <= most:
            self.fault(key, f"{quoted(key)} must lie between {least} and {most}, not {number}.")
        return number

    def decimal(self, key: str, *, places: int = 2, most: int = 9_999) -> Decimal:
        """A number above zero with at most `places` decimals."""
        found = self.scalar(key, {"int", "float"}, "a number", required=True)
        if found is None:
            return Decimal(0)
        try:
            number = Decimal(found)
        except InvalidOperation:
            self.fault(key, f"{quoted(key)} must be a number, not {quoted(found)}.")
            return Decimal(0)
        if not number.is_finite() or not 0 < number <= most or -number.as_tuple().exponent > places:
            self.fault(key, f"{quoted(key)} must lie above 0 and up to {most}, with {places} decimals; not {found}.")
        return number

    def truth(self, key: str) -> bool:
        found = self.scalar(key, {"bool"}, "true or false", required=True)
        return (found or "").lower() in {"true", "yes", "on"}

    def texts(self, key: str, *, required: bool = True) -> list[Word]:
        """A list of texts; each remembers its line."""
        node = self.node(key, required=required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(key, f"{quoted(key)} must be a list, not {kind_of(node)}.")
            return []
        found = []
        for item in node.value:
            if isinstance(item, yaml.ScalarNode) and item.tag == TAG + "str" and item.value.strip():
                found.append(word(str(item.value), self.at(item)))
            else:
                self.faults.add(self.at(item), f"{self.what}: {quoted(key)} holds {kind_of(item)} instead of a text.")
        return found

    def text_or_texts(self, key: str) -> list[Word]:
        """A list of texts, or one text standing for a list of one."""
        if isinstance(self.values.get(key), yaml.ScalarNode):
            return [found] if (found := self.text(key)) else []
        return self.texts(key)

    def entries(self, key: str, what: str, *, required: bool = True) -> list[Entry]:
        """A list of mappings, each named `what` until it is named better."""
        node = self.node(key, required=required)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(key, f"{quoted(key)} must be a list, not {kind_of(node)}.")
            return []
        found = []
        for item in node.value:
            if isinstance(item, yaml.MappingNode):
                found.append(Entry(item, self.file, self.faults, what))
            else:
                self.faults.add(self.at(item), f"{self.what}: {quoted(key)} holds {kind_of(item)} instead of a {what}.")
        return found

    def entry(self, key: str, what: str, *, required: bool = True) -> Entry | None:
        node = self.node(key, required=required)
        if node is None:
            return None
        if not isinstance(node, yaml.MappingNode):
            self.fault(key, f"{quoted(key)} must be a mapping, not {kind_of(node)}.")
            return None
        return Entry(node, self.file, self.faults, what)

    def nothing(self, what: str) -> Entry:
        """An empty mapping in place of one that is missing or wrong, so that reading can go on."""
        mark = yaml.Mark(self.file, 0, self.line.line - 1, 0, None, None)
        return Entry(yaml.MappingNode(TAG + "map", [], mark, mark), self.file, self.faults, what)

    def done(self) -> None:
        """Names the keys written twice and those nobody asked for: usually a slip of the pen."""
        for key, place, first in self.again:
            self.faults.add(place, f"{self.what}: {quoted(key)} is written twice; the first is in line {first.line}.")
        for key, place in self.keys.items():
            if key not in self.asked:
                close = get_close_matches(key, self.asked - self.keys.keys(), 1)
                hint = f" Did you mean {quoted(close[0])}?" if close else ""
                self.faults.add(place, f"{self.what}: {quoted(key)} is not a known key.{hint}")


def open_file(path: Path, name: str, faults: Faults) -> Entry | None:
    """The mapping a file holds, or None with the fault noted."""
    text = text_of(path, name, faults)
    return None if text is None else open_text(text, name, faults)


def text_of(path: Path, name: str, faults: Faults) -> str | None:
    """The text of a file, or None with the fault noted."""
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        faults.add(Place(name, 1), f"the file cannot be read: {error.strerror or error}.")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        faults.add(Place(name, line), "the file is not UTF-8 text.")
    return None


def open_text(text: str, name: str, faults: Faults) -> Entry | None:
    """The mapping that YAML text holds, or None with the fault noted; `name` is the file messages speak of."""
    try:
        node = yaml.compose(text, Loader=Loader)
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1 if isinstance(error.position, int) else 1
        faults.add(Place(name, line), "a control character stands here; YAML does not allow it.")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        said = "; ".join(part for part in (error.context, error.problem) if part)
        faults.add(Place(name, mark.line + 1 if mark else 1), f"this is not valid YAML: {said}.")
    except (yaml.YAMLError, RecursionError) as error:
        faults.add(Place(name, 1), f"this is not valid YAML: {error}.")
    else:
        if isinstance(node, yaml.MappingNode):
            return Entry(node, name, faults)
        faults.add(Place(name, 1), "the file is empty." if node is None else "the file must hold a mapping.")
    return None
