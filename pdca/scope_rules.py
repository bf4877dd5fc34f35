"""What each standard says about leaving something out of the scope: data of `fixtures/standards/scope_rules.yaml`.

Read and checked once for each process, without the database; `load_catalogue` checks the same file with all its
neighbours. All words are our own, in the three languages of the product. Harmonized structure 4.3.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from django.conf import settings
from django.utils.translation import get_language

from pdca.services.reading import Entry, Faults, Place, Word, open_file

FILE = "fixtures/standards/scope_rules.yaml"
LANGUAGES = ("en", "de", "fr")
NEVER, LIMITED, SILENT = "never", "limited", "silent"


@dataclass(frozen=True)
class ScopeRule:
    """The rule of one standard. `requirements`: whether a requirement may be left out (NEVER, LIMITED, SILENT)."""

    place: Place
    standard: Word
    ref: Word
    where: str
    requirements: str
    words: tuple[str, ...]

    @property
    def says(self) -> str:
        """The rule in the language of the moment, in English where that is none of ours."""
        language = (get_language() or "en").split("-")[0]
        return self.words[LANGUAGES.index(language) if language in LANGUAGES else 0]

    @property
    def forbids_requirements(self) -> bool:
        return self.requirements == NEVER


class RulesFaulty(Exception):
    """The file cannot be used; the message names every fault with its line."""


def read(entry: Entry) -> list[ScopeRule]:
    """The rules of an opened file; what is wrong is in its faults then."""
    found = []
    for one in entry.entries("scope_rules", "rule"):
        standard = one.text("standard", limit=80)
        one.name_it(f"scope rule of {standard or '?'}")
        ref, where = one.text("ref", limit=20), one.text("where", limit=60)
        requirements = one.text("requirements", among=(NEVER, LIMITED, SILENT))
        says = one.entry("says", f"{one.what}, says") or one.nothing("says")
        words = tuple(str(says.text(language, limit=800)) for language in LANGUAGES)
        says.done()
        one.done()
        found.append(ScopeRule(one.line, standard, ref, str(where), str(requirements), words))
    entry.done()
    return found


@cache
def every() -> dict[str, ScopeRule]:
    """All rules by the slug of their standard. Raises RulesFaulty."""
    faults = Faults()
    entry = open_file(Path(settings.ROOT) / FILE, FILE, faults)
    rules = read(entry) if entry is not None else []
    if faults:
        raise RulesFaulty("\n".join(str(fault) for fault in faults))
    return {str(rule.standard): rule for rule in rules}


def of(slugs: Iterable[str]) -> list[ScopeRule]:
    """The rules of these standards, in their order; a standard without a rule is left out."""
    known = every()
    return [known[slug] for slug in slugs if slug in known]
