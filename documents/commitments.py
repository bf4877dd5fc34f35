"""What a policy has to say for the standards of a project: the checklist a drafter ticks, sentence by sentence.

The data are in fixtures/standards/policy_commitments.yaml. A commitment that several standards ask for is one row, as a
document of several standards is one in the list of mandatory documents: one sentence serves them all.
ISO Harmonized Structure 5.2, IMS2 step 1.6. No queries: standards are named by code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from django.conf import settings

from pdca.services.reading import Entry, Fault, Faults, Place, open_file, quoted

FILE = "fixtures/standards/policy_commitments.yaml"
LANGUAGES = ("en", "de", "fr")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
CODE = re.compile(r"ISO(?:/IEC)? (\d+(?:-\d+)?):\d{4}\Z")


class CommitmentsFaulty(Exception):
    """The file cannot be used; `faults` says why, with file and line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class AskedBy:
    """A clause that asks for a commitment."""

    standard: str
    ref: str

    def __str__(self) -> str:
        return f"{self.standard} {self.ref}"


@dataclass(frozen=True)
class Commitment:
    """One thing a policy has to say. `hs` is the clause of the shared structure it comes from, "" if from none."""

    slug: str
    texts: Mapping[str, str]
    hs: str
    asked_by: tuple[AskedBy, ...]

    def asks(self, language: str = "en") -> str:
        """What is asked, in one sentence; English where the language is not there."""
        return self.texts.get(language) or self.texts["en"]


@dataclass(frozen=True)
class Row:
    """A commitment as a project has it: with those of its clauses that belong to the project's standards."""

    commitment: Commitment
    asked_by: tuple[AskedBy, ...]

    @property
    def slug(self) -> str:
        return self.commitment.slug

    @property
    def is_shared(self) -> bool:
        """One sentence answers several of the project's standards."""
        return len(self.asked_by) > 1

    def asks(self, language: str = "en") -> str:
        return self.commitment.asks(language)


@dataclass(frozen=True)
class Counts:
    """Commitments standard by standard, and as rows of one integrated policy."""

    separate: int
    merged: int


def family(code: str) -> str:
    """The standard without its edition, as sections of a text name it: "ISO/IEC 20000-1:2018" is "iso_20000_1"."""
    found = CODE.match(code)
    return f"iso_{found[1].replace('-', '_')}" if found else ""


def every() -> tuple[Commitment, ...]:
    """All commitments, in the order in which a drafter works through them."""
    return _loaded()


def rows(standards: Iterable[str]) -> list[Row]:
    """The checklist for standards given by code ("ISO 9001:2026"), merged, in the order of the file."""
    codes = set(standards)
    found = ((one, tuple(asker for asker in one.asked_by if asker.standard in codes)) for one in every())
    return [Row(one, asked_by) for one, asked_by in found if asked_by]


def counts(standards: Iterable[str]) -> Counts:
    """How many commitments the standards ask for one by one, and how many rows that makes together."""
    found = rows(standards)
    return Counts(separate=sum(len(row.asked_by) for row in found), merged=len(found))


def standards() -> tuple[str, ...]:
    """The codes of all standards whose policy clause is described here."""
    return tuple(dict.fromkeys(asker.standard for one in every() for asker in one.asked_by))


def families() -> frozenset[str]:
    """The names a section of a text may carry."""
    return frozenset(family(code) for code in standards())


@lru_cache(maxsize=1)
def _loaded() -> tuple[Commitment, ...]:
    return read(Path(settings.ROOT) / FILE, FILE)


def read(path: Path, name: str = "") -> tuple[Commitment, ...]:
    """The commitments of a file; raises CommitmentsFaulty naming every fault at once."""
    faults = Faults()
    name = name or path.name
    entry = open_file(path, name, faults)
    found = [_commitment(one) for one in entry.entries("commitments", "commitment")] if entry else []
    if entry:
        entry.done()
    _once(found, faults)
    if faults:
        raise CommitmentsFaulty(faults)
    return tuple(one for one, _place in found)


def _commitment(entry: Entry) -> tuple[Commitment, Place]:
    slug = entry.text("slug", limit=80)
    entry.name_it(f"commitment {slug or '?'}")
    if slug and not SLUG.match(slug):
        entry.fault("slug", f"'slug' may hold small letters, digits and - only, not {quoted(slug)}.")
    hs = str(entry.text("hs", limit=20, required=False))
    asks = entry.entry("asks", f"{entry.what}, asks") or entry.nothing("asks")
    texts = {language: str(asks.text(language)) for language in LANGUAGES} if "asks" in entry else {}
    asks.done()
    askers, seen = [], set()
    for one in entry.entries("asked_by", "clause"):
        one.name_it(entry.what)
        standard = one.text("standard", limit=80)
        ref = one.text("ref", limit=20)
        if standard and not family(standard):
            one.fault("standard", f"{quoted(standard)} is not the code of a standard, such as 'ISO 9001:2026'.")
        if standard in seen:
            one.fault("standard", f"{standard} is named twice.")
        seen.add(standard)
        askers.append(AskedBy(str(standard), str(ref)))
        one.done()
    if "asked_by" in entry and not askers:
        entry.fault("asked_by", "no standard asks for it.")
    entry.done()
    return Commitment(str(slug), MappingProxyType(texts), hs, tuple(askers)), slug.place


def _once(found: list[tuple[Commitment, Place]], faults: Faults) -> None:
    first: dict[str, Place] = {}
    for one, place in found:
        if one.slug and one.slug in first:
            faults.add(
                place, f"the commitment {one.slug} stands here twice; the first is in line {first[one.slug].line}."
            )
        first.setdefault(one.slug, place)
