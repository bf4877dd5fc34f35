"""Words as they are indexed and asked for: the same letters on every database, without accents and capitals.

Folding happens here and not in the database, so that "Prüfung", "prufung" and "PRÜFUNG" meet on SQLite and on PostgreSQL
alike, whatever their extensions and locales. A word is a run of letters and digits; a number with points ("6.1.3") stays
whole.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

LONGEST_WORD = 40
MOST_WORDS = 2_000
"""Different words kept of one record; a text with more is found by its first ones."""
MOST_ASKED = 8
LONGEST_QUESTION = 200

WORD = re.compile(r"[0-9]+(?:\.[0-9]+)+|[^\W_]+")
SPECIAL = str.maketrans({"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i", "ß": "ss"})
# Before words that no person can type: what is typed is parted at this sign.
MARK = "_"
ALPHABET = "abcdefghijklmnopqrstuvwxyz"


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(SPECIAL))
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().translate(SPECIAL)


def fold(text: str) -> str:
    """The text in small letters without accents. Its length may differ: for words, not for places in a text."""
    return text.lower() if text.isascii() else _folded(text)


def of(text: str) -> list[str]:
    """The words of a text, folded, in their order, in the letters of the index."""
    return [ascii_of(word[:LONGEST_WORD]) for word in WORD.findall(fold(text))]


def ascii_of(word: str) -> str:
    """Letters beyond ASCII (Greek, Cyrillic, Chinese …) as their number in six signs, so that beginnings stay beginnings.

    The index then holds ASCII alone, and no database's idea of what is a letter can part a word or refuse a question.
    """
    return word if word.isascii() else "".join(c if c.isascii() else f"x{ord(c):05x}" for c in word)


def different(texts: Iterable[str]) -> list[str]:
    """The different words of several texts, in the order they come, at most MOST_WORDS."""
    found: dict[str, None] = {}
    for text in texts:
        found.update(dict.fromkeys(of(text)))
        if len(found) > MOST_WORDS:
            break
    return list(found)[:MOST_WORDS]


def marked(what: str) -> str:
    """A word that marks what an entry is or belongs to, such as its project."""
    return f"{MARK}{what}"


def cleaned(text: str) -> str:
    """What somebody typed, without control signs and not endless; a trailing space is kept: it ends the word."""
    text = "".join(c if c.isprintable() else " " for c in text[: 4 * LONGEST_QUESTION])
    return text.lstrip()[:LONGEST_QUESTION]


CODE = re.compile(r"([a-z]{1,3})[\s\-]?0*([0-9]{1,9})", re.IGNORECASE)


def code_of(text: str) -> str:
    """ "T-012", "t12" and "T 12" as one: "t12"; "" for what is no number with letters before it."""
    found = CODE.fullmatch(fold(text.strip()))
    return f"{found[1]}{int(found[2])}" if found else ""


def codes(label: str) -> list[str]:
    """Every way a label is asked for: "T-012" also as t12, t012, 12."""
    if not (code := code_of(label)):
        return []
    digits = label.rpartition("-")[2]
    return [code, fold(label.replace("-", "")), str(int(digits)), digits]


def similar(word: str) -> list[str]:
    """The word and everything one slip of the finger away: a letter too few, too many, wrong, or two swapped.

    Short words and numbers have no neighbours: everything would be similar to everything.
    """
    if not 4 <= len(word) <= 20 or not (word.isascii() and word.isalpha()):
        return [word]
    splits = [(word[:k], word[k:]) for k in range(len(word) + 1)]
    found = [word]
    found += [a + b[1:] for a, b in splits if b]
    found += [a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1]
    found += [a + c + b[1:] for a, b in splits if b for c in ALPHABET]
    found += [a + c + b for a, b in splits for c in ALPHABET]
    return list(dict.fromkeys(found))
