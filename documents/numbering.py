"""Codes of documents by the project's own pattern: "{kind}-{n:3}" gives POL-001. Pure, without queries.

    {kind}   the short word of the type, such as POL or WI
    {n}      the next free number of that beginning; {n:4} fills up with zeros to four digits
    {org}    the short name of the organization, in capitals

Everything else stands as it is written. The number is counted for what stands before it: POL-007 and WI-007 are two.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from core.rules import RuleBroken

DEFAULT = "{kind}-{n:3}"
STEMS = {
    "policy": "POL", "procedure": "PRO", "process": "PRC", "instruction": "WI", "form": "F", "plan": "PLN",
    "manual": "MAN", "record": "REC", "external": "EXT",
}  # fmt: skip
PART = re.compile(r"\{(kind|org|n(?::([1-9]))?)\}")
CODE = re.compile(r"[\w][\w ./:_-]{0,39}")


def checked(pattern: str) -> str:
    """The pattern without blanks around it. Raises RuleBroken with what is wrong about it."""
    pattern = pattern.strip()
    plain = PART.sub("", pattern)
    if "{" in plain or "}" in plain:
        raise RuleBroken(_("Only {kind}, {org}, {n} and {n:3} may stand in braces."))
    if len([found for found in PART.finditer(pattern) if found[1].startswith("n")]) != 1:
        raise RuleBroken(_("The pattern needs exactly one {n}: where the number goes."))
    if not CODE.fullmatch(filled(pattern, kind="instruction", org="ORG", number=999_999)):
        raise RuleBroken(
            _("A code has up to 40 letters, digits, blanks and . / : _ - and begins with a letter or digit.")
        )
    return pattern


def filled(pattern: str, *, kind: str, org: str, number: int) -> str:
    """The code with this number: filled("{kind}-{n:3}", kind="policy", org="", number=7) is "POL-007"."""

    def part(found: re.Match[str]) -> str:
        if found[1] == "kind":
            return STEMS[kind]
        return org.upper() if found[1] == "org" else str(number).zfill(int(found[2] or 1))

    return PART.sub(part, pattern)


def following(pattern: str, *, kind: str, org: str, taken: Iterable[str]) -> str:
    """The next code: one more than the highest number in use between the same beginning and end."""
    place = next(found for found in PART.finditer(pattern) if found[1].startswith("n"))
    head = filled(pattern[: place.start()], kind=kind, org=org, number=0)
    tail = filled(pattern[place.end() :], kind=kind, org=org, number=0)
    shape = re.compile(f"{re.escape(head)}([0-9]{{1,9}}){re.escape(tail)}", re.IGNORECASE)
    used = [int(found[1]) for code in taken if (found := shape.fullmatch(code))]
    return filled(pattern, kind=kind, org=org, number=max(used, default=0) + 1)
