"""A small reader and writer of .po files, so that the tests need neither gettext nor a package for it."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

LINE = re.compile(r'^(msgctxt|msgid|msgid_plural|msgstr|msgstr\[(\d)\])?\s*(".*")$')


@dataclass
class Entry:
    """One message: `texts` holds one translation, or two for a plural."""

    msgid: str = ""
    context: str | None = None
    plural: str | None = None
    texts: dict[int, str] = field(default_factory=dict)
    places: list[str] = field(default_factory=list)
    flags: set[str] = field(default_factory=set)
    is_obsolete: bool = False

    @property
    def key(self) -> tuple[str | None, str]:
        return self.context, self.msgid

    @property
    def is_translated(self) -> bool:
        wanted = 2 if self.plural is not None else 1
        return "fuzzy" not in self.flags and sum(bool(text.strip()) for text in self.texts.values()) == wanted


def read(path: Path) -> list[Entry]:
    """The entries in the order of the file, the header (msgid "") among them; obsolete ones are left out."""
    entries: list[Entry] = []
    for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8").strip()):
        entry, current = Entry(), ""
        for line in block.splitlines():
            if line.startswith("#~"):
                entry.is_obsolete = True
            elif line.startswith("#:"):
                entry.places += line[2:].split()
            elif line.startswith("#,"):
                entry.flags |= {flag.strip() for flag in line[2:].split(",")}
            elif found := LINE.match(line):
                current = found[1] or current
                _add(entry, current, ast.literal_eval(found[3]))
        if not entry.is_obsolete and entry.texts:
            entries.append(entry)
    return entries


def _add(entry: Entry, name: str, text: str) -> None:
    if name == "msgctxt":
        entry.context = (entry.context or "") + text
    elif name == "msgid":
        entry.msgid += text
    elif name == "msgid_plural":
        entry.plural = (entry.plural or "") + text
    else:
        at = int(name[7]) if name.startswith("msgstr[") else 0
        entry.texts[at] = entry.texts.get(at, "") + text


def quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
