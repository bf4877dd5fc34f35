"""What a cell says. Each function takes the value as it was read and raises RuleBroken with a sentence about it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from core.rules import RuleBroken

from .columns import Column, plain

YES = frozenset(["yes", "y", "true", "wahr", "vrai", "ja", "j", "oui", "o", "x", "si", "1", "✓", "✔", "☑"])
NO = frozenset(["no", "n", "false", "falsch", "faux", "nein", "non", "0", "✗", "✘", "☐"]) | {
    "not applicable", "n a", "na", "nicht anwendbar", "non applicable", "excluded", "ausgeschlossen", "exclu",
}  # fmt: skip
MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar janner janvier janv", "february feb februar fevrier fevr fev", "march mar marz mrz mars",
            "april apr avril avr", "may mai", "june jun juni juin", "july jul juli juillet juil",
            "august aug aout", "september sep sept septembre", "october oct oktober okt octobre",
            "november nov novembre", "december dec dezember dez decembre",
        ),
        start=1,
    )
    for name in names.split()
}  # fmt: skip
EXCEL_DAY_ONE = dt.date(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1990, 2199


def text(value: Any) -> str:
    """A cell as text: numbers without a needless ".0", dates as 2026-12-31, ends of lines as one sign."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ", "minutes")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    found = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if "\x00" in found:
        raise RuleBroken(_("It holds a character that cannot be kept."))
    return found


def line(value: Any) -> str:
    return " ".join(text(value).split())


def shown(value: Any) -> str:
    """A cell in a sentence: short."""
    said = " ".join(str(value if not isinstance(value, float) else text(value)).split())
    return f"{said[:60]}…" if len(said) > 60 else said


# ---- ratings ------------------------------------------------------------------------------------------------------

BOTH = re.compile(r"[(\[]?(\d{1,2})(?:[.,]0+)?[)\]]?\s*[-–—:.,=|/]?\s*(\D.*)", re.DOTALL)
REVERSED = re.compile(r"(\D*\w\D*?)\s*[-–—:=|(\[]\s*(\d{1,2})\s*[)\]]?")
OF_MOST = re.compile(r"(\d{1,2})\s*(?:/|of|von|sur)\s*(\d{1,2})")


def mark(value: Any, scale: Sequence[str]) -> int:
    """A grade of a scale, from 1: "5", 5.0, "5 - Very high", "Very high", "Very high (5)", "5/5"; `scale` names the grades.

    Where number and name say different grades of the scale, or none, it is refused; a name that the scale does not know
    is left to its number.
    """
    said = text(value)
    names = {plain(name): n for n, name in enumerate(scale, start=1)}
    if plain(said) in names:
        return names[plain(said)]
    if found := OF_MOST.fullmatch(said):
        if int(found[2]) != len(scale):
            raise RuleBroken(
                _("“%(value)s” is on another scale: ours goes from 1 to %(most)s.")
                % {"value": shown(said), "most": len(scale)}
            )
        return _within(int(found[1]), scale, said)
    if found := re.fullmatch(r"(\d{1,9})(?:[.,]0+)?", said):
        return _within(int(found[1]), scale, said)
    number, name = None, ""
    if found := BOTH.fullmatch(said):
        number, name = int(found[1]), plain(found[2])
    elif found := REVERSED.fullmatch(said):
        number, name = int(found[2]), plain(found[1])
    if number is None or not any(ch.isalpha() for ch in name):
        raise RuleBroken(
            _("“%(value)s” is no grade of the scale: %(scale)s.") % {"value": shown(said), "scale": _said(scale)}
        )
    _within(number, scale, said)
    if name in names and names[name] != number:
        raise RuleBroken(
            _("“%(value)s” says two things: here %(n)s is “%(name)s”.")
            % {"value": shown(said), "n": number, "name": scale[number - 1]}
        )
    return number


def _within(number: int, scale: Sequence[str], said: str) -> int:
    if not 1 <= number <= len(scale):
        raise RuleBroken(
            _("“%(value)s” is outside the scale: %(scale)s.") % {"value": shown(said), "scale": _said(scale)}
        )
    return number


def _said(scale: Sequence[str]) -> str:
    return ", ".join(f"{n} {name}" for n, name in enumerate(scale, start=1))


# ---- dates --------------------------------------------------------------------------------------------------------

ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+)?")
DOTS = re.compile(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})")
STROKES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})")
WORDS = re.compile(r"(\d{1,2})(?:\.|er|st|nd|rd|th)?\s+([^\W\d]+)\.?,?\s+(\d{4})")
WORDS_FIRST = re.compile(r"([^\W\d]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})")


def day(value: Any) -> dt.date:
    """A date: a date cell, or text such as 2026-12-31, 31.12.2026, 31/12/2026, 31 December 2026.

    03/04/2026 is refused: in Europe it is in April, in America in March.
    """
    if isinstance(value, dt.datetime):
        return _in_years(value.date(), value)
    if isinstance(value, dt.date):
        return _in_years(value, value)
    if isinstance(value, float) and value.is_integer() and 20_000 <= value <= 100_000:
        return _in_years(EXCEL_DAY_ONE + dt.timedelta(days=int(value)), value)
    said = text(value)
    if found := ISO.fullmatch(said):
        return _made(said, int(found[1]), int(found[2]), int(found[3]))
    if found := DOTS.fullmatch(said):
        return _made(said, _year(found[3]), int(found[2]), int(found[1]))
    if found := STROKES.fullmatch(said):
        first, second, year = int(found[1]), int(found[2]), _year(found[3])
        if first <= 12 and second <= 12 and first != second:
            raise RuleBroken(
                _("“%(value)s” could be day/month or month/day. Write it as %(year)s-%(b)02d-%(a)02d or %(year)s-%(a)02d-%(b)02d.")
                % {"value": shown(said), "year": year, "a": first, "b": second}
            )  # fmt: skip
        return _made(said, year, second, first) if second <= 12 else _made(said, year, first, second)
    if found := WORDS.fullmatch(said):
        return _made(said, int(found[3]), MONTHS.get(plain(found[2]), 0), int(found[1]))
    if found := WORDS_FIRST.fullmatch(said):
        return _made(said, int(found[3]), MONTHS.get(plain(found[1]), 0), int(found[2]))
    raise _no_date(said)


def _year(digits: str) -> int:
    return int(digits) if len(digits) == 4 else 2000 + int(digits)


def _made(said: str, year: int, month: int, date: int) -> dt.date:
    try:
        return _in_years(dt.date(year, month, date), said)
    except ValueError:
        raise _no_date(said) from None


def _in_years(found: dt.date, said: Any) -> dt.date:
    if not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise _no_date(said)
    return found


def _no_date(said: Any) -> RuleBroken:
    return RuleBroken(_("“%(value)s” is no date. Write it as 2026-12-31.") % {"value": shown(said)})


# ---- yes, no, lists -----------------------------------------------------------------------------------------------


def yes_no(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    said = plain(text(value))
    if said in YES:
        return True
    if said in NO:
        return False
    raise RuleBroken(_("“%(value)s” is neither yes nor no.") % {"value": shown(value)})


def choice(value: Any, column: Column) -> Any:
    """The key of a choice by its key, its label in any language of the program (whole, or up to its colon), or another word."""
    words = column.lexicon
    said = plain(text(value))
    if said in words:
        return words[said]
    numbers = [key for key, _label in column.choices if isinstance(key, int)]
    if numbers:
        found = re.match(r"(\d{1,2})\b", said)
        if found and int(found[1]) in numbers:
            rest = said[found.end() :].strip()
            if not rest or words.get(rest, int(found[1])) == int(found[1]):
                return int(found[1])
    raise RuleBroken(
        _("“%(value)s” is no choice here. Possible: %(choices)s.")
        % {"value": shown(value), "choices": ", ".join(str(label) for _key, label in column.choices)}
    )


def choices(value: Any, column: Column) -> list[Any]:
    """Several of them, one a line or divided by semicolons, commas or strokes; in the order of the choices."""
    said = text(value)
    words, found = column.lexicon, set()
    for piece in (part for part in re.split(r"[\n;]", said) if part.strip()):
        if plain(piece) in words:
            found.add(words[plain(piece)])
            continue
        for part in (one for one in re.split(r"[,/+&•]", piece) if plain(one)):
            found.add(choice(part, column))
    return [key for key, _label in column.choices if key in found]


def hours(value: Any) -> int:
    said = text(value)
    found = re.fullmatch(r"(\d{1,6})\s*(?:h|hours?|stunden?|heures?|std\.?)?", said, re.IGNORECASE)
    if not found:
        raise RuleBroken(_("“%(value)s” is no whole number of hours.") % {"value": shown(value)})
    return int(found[1])


# ---- people and numbers --------------------------------------------------------------------------------------------

MAIL = re.compile(r"<?([^\s<>;,]+@[^\s<>;,]+?)>?")


@dataclass
class People:
    """Who may be named: people by address, by name, and by the words of the name in any order."""

    by_mail: dict[str, Any] = field(default_factory=dict)
    by_name: dict[str, list[Any]] = field(default_factory=dict)
    by_words: dict[frozenset[str], list[Any]] = field(default_factory=dict)

    @classmethod
    def of(cls, people: Iterable[Any]) -> People:
        found = cls()
        for person in {one.pk: one for one in people}.values():
            found.by_mail[person.email.casefold()] = person
            name = plain(person.name)
            found.by_name.setdefault(name, []).append(person)
            found.by_words.setdefault(frozenset(name.split()), []).append(person)
        return found

    def named(self, value: Any) -> Any:
        """The person of "anna@acme.example", "Anna Ammann <anna@acme.example>", "Anna Ammann" or "Ammann, Anna"."""
        said = line(value)
        if found := re.search(r"<([^<>]+@[^<>]+)>\s*$", said) or MAIL.fullmatch(said):
            person = self.by_mail.get(found[1].strip().casefold())
            if person is None:
                raise RuleBroken(
                    _("Nobody with the address “%(mail)s” belongs to this project. Invite the person first.")
                    % {"mail": found[1]}
                )
            return person
        found = self.by_name.get(plain(said)) or self.by_words.get(frozenset(plain(said).split())) or []
        if not found or not plain(said):
            raise RuleBroken(
                _("“%(name)s” is nobody of this project. Write the e-mail address, or invite the person first.")
                % {"name": shown(said)}
            )
        if len(found) > 1:
            raise RuleBroken(
                _("“%(name)s” could be %(people)s. Write the e-mail address.")
                % {"name": shown(said), "people": ", ".join(sorted(person.email for person in found))}
            )
        return found[0]


def number(value: Any, prefix: str) -> int:
    """The number of a record: "R-012", "r-12", "12" or 12.0."""
    said = text(value)
    found = re.fullmatch(rf"(?:{prefix}\s?-?\s?)?0*([0-9]{{1,9}})", said, re.IGNORECASE)
    if not found:
        raise RuleBroken(
            _("“%(value)s” is no number of this register (%(like)s-012).") % {"value": shown(value), "like": prefix}
        )
    return int(found[1])
