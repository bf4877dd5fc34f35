"""Taking names and a client's data out of texts that are carried to another client."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

SHORTEST = 4
"""Parts of a name shorter than this are too likely to be a word."""

CONTACTS = (
    re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"),
    re.compile(r"https?://\S+|www\.\S+"),
    re.compile(r"(?<![\w.])\+?\d(?:[ /().-]?\d){7,}(?![\w.])"),
)
LEGAL = {"gmbh", "inc", "ltd", "llc", "sarl", "sàrl", "group", "gruppe", "holding", "company", "medical", "services"}


@dataclass
class Scrubber:
    """Replaces what identifies a client or a person; `found` collects what it replaced."""

    organization: Iterable[str]
    people: Iterable[str]
    places: Iterable[str] = ()
    found: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._patterns = [
            (_pattern(_organization_words(self.organization)), "[organization]"),
            (_pattern(_person_words(self.people)), "[person]"),
            (_pattern({name.strip() for name in self.places if len(name.strip()) >= SHORTEST}), "[place]"),
        ]

    def __call__(self, text: str) -> str:
        """The text without names, mail and web addresses and telephone numbers."""
        for pattern in CONTACTS:
            text = pattern.sub(self._put("[…]"), text)
        for pattern, word in self._patterns:
            if pattern is not None:
                text = pattern.sub(self._put(word), text)
        return text

    def _put(self, word: str):
        def put(match: re.Match) -> str:
            self.found.add(match[0])
            return word

        return put


def _pattern(words: set[str]) -> re.Pattern | None:
    """Whole words only, the longest first, whatever their case."""
    if not words:
        return None
    longest = sorted(words, key=lambda word: (-len(word), word))
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)


def _organization_words(names: Iterable[str]) -> set[str]:
    """The whole names, and their first words, which is how people call an organization."""
    words = set()
    for name in names:
        if name := name.strip():
            words.add(name)
            first = name.split()[0]
            if len(first) >= SHORTEST and first.lower() not in LEGAL:
                words.add(first)
    return words


def _person_words(names: Iterable[str]) -> set[str]:
    words = set()
    for name in names:
        if name := name.strip():
            words.add(name)
            words |= {part for part in name.split() if len(part) >= SHORTEST and part[:1].isupper()}
    return words
