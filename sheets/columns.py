"""What a column of a register is: what it holds, what it is called, and other names for it.

    columns[0].names                      # its heading in English, German and French, plain

The label is the heading of an export, in the reader's language; `aliases` are headings from the wild in English, German
and French. A column that is `READ_ONLY` is written for people and left alone when the file comes back.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from django.utils import translation

LANGUAGES = ("en", "de", "fr")
TICKS = "✓✔☑✗✘☐"


def plain(text: Any) -> str:
    """A heading or word to compare by: lower case, no accents, no signs, single spaces. "Maßnahme Nr." → "massnahme nr"."""
    folded = unicodedata.normalize("NFKD", str(text)).casefold()
    letters = "".join(ch for ch in unicodedata.normalize("NFKD", folded) if not unicodedata.combining(ch))
    return " ".join("".join(ch if ch.isalnum() or ch in TICKS else " " for ch in letters).split())


def labels(text: Any) -> list[str]:
    """What a label is called in each language of the program."""
    found = []
    for language in LANGUAGES:
        with translation.override(language):
            found.append(str(text))
    return found


class Sort(StrEnum):
    """How the cells of a column are read."""

    NUMBER = "number"
    LINE = "line"
    TEXT = "text"
    PERSON = "person"
    MARK = "mark"
    DAY = "day"
    CHOICE = "choice"
    CHOICES = "choices"
    YES_NO = "yes_no"
    HOURS = "hours"
    RECORDS = "records"
    READ_ONLY = "read_only"


@dataclass(frozen=True)
class Column:
    """`choices` are (key, label); `words` are further (word, key) for them. `most`: characters a text may have.

    `instead_of` names a needed column whose part this one plays where the sheet has no such column.
    """

    field: str
    label: Any
    sort: Sort
    width: int = 16
    aliases: tuple[str, ...] = ()
    choices: tuple[tuple[Any, Any], ...] = ()
    words: tuple[tuple[str, Any], ...] = ()
    is_needed: bool = False
    most: int = 0
    instead_of: str = ""

    @property
    def is_read(self) -> bool:
        return self.sort != Sort.READ_ONLY

    @cached_property
    def names(self) -> frozenset[str]:
        """The label in each language, plain."""
        return frozenset(plain(one) for one in labels(self.label))

    @cached_property
    def other_names(self) -> frozenset[str]:
        return frozenset(plain(one) for one in self.aliases)

    @cached_property
    def lexicon(self) -> dict[str, Any]:
        """Plain words to the key of the choice they mean: labels in each language, whole or up to their colon, keys."""
        found = {plain(word): key for word, key in self.words}
        said = [(one, key) for key, label in self.choices for one in (*labels(label), str(key))]
        for one, key in said:
            found.setdefault(plain(one.split(":")[0]), key)
        return found | {plain(one): key for one, key in said}


@dataclass(frozen=True)
class Ratings:
    """How headings name a rating: a word for its part ("likelihood") and one for its kind ("residual"); `usual` where none.

    The field of a rating is "{kind}_{part}", one of `fields`. A heading of nothing but a part that is also among `texts` may
    as well be a text of that name: the cells below decide.
    """

    fields: tuple[str, ...]
    parts: Mapping[str, frozenset[str]]
    kinds: Mapping[str, frozenset[str]]
    usual: str
    texts: frozenset[str] = frozenset()

    @cached_property
    def bare(self) -> frozenset[str]:
        """Every word for a part."""
        return frozenset().union(*self.parts.values())

    def field_of(self, bare: str) -> str | None:
        """The field that a plain heading names: "residual impact" is "expected_consequence"; None for no rating."""
        words = set(bare.split())
        part = next((part for part, said in self.parts.items() if words & said), None)
        if part is None or len(words) > 5:
            return None
        kind = next((kind for kind, said in self.kinds.items() if words & said), self.usual)
        return f"{kind}_{part}"


class Columns(tuple[Column, ...]):
    """The columns of one sort of import, in the order of the export.

    `numbered` are headings that mean the column of numbers ("ref") where numbers stand below, whatever else they may mean.
    """

    ratings: Ratings | None
    numbered: tuple[str, ...]

    def __new__(
        cls, columns: Iterable[Column], *, ratings: Ratings | None = None, numbered: tuple[str, ...] = ()
    ) -> Columns:
        made = super().__new__(cls, tuple(columns))
        made.ratings, made.numbered = ratings, numbered
        return made

    def __add__(self, more: Any) -> Columns:
        return Columns((*self, *more), ratings=self.ratings, numbered=self.numbered)


NUMBER_WORDS = ("no", "nr", "n", "id", "number", "nummer", "numero", "ref", "reference", "referenz", "lfd nr", "#")
OWNER_WORDS = (
    "owner", "responsible", "responsible person", "accountable", "verantwortlich", "verantwortliche",
    "verantwortlicher", "verantwortliche person", "eigner", "eigentumer", "zustandig", "responsable", "proprietaire",
)  # fmt: skip
