"""Days as people write them in the language in force: 8 Mar 2028, 8. März 2028, 8 mars 2028.

Every day in a sentence, a row or a picture comes from here. The words are kept by day and language: a list says the same
days again and again, and Django's `date` filter would be the slowest thing in its rows.
"""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from django.utils.formats import date_format
from django.utils.translation import get_language

SHORT, LONG, FULL, MONTH = "short", "long", "full", "month"
FORMS = {
    "en": {SHORT: "j M", LONG: "j F", FULL: "l j F", MONTH: "M"},
    "de": {SHORT: "j. N", LONG: "j. F", FULL: "l, j. F", MONTH: "N"},
    "fr": {SHORT: "j N", LONG: "j F", FULL: "l j F", MONTH: "N"},
}
"""English cuts its months to three letters; "Mär" and "Mar" are no words in German and French."""


@lru_cache(maxsize=16_384)
def _said(day: dt.date, form: str, with_year: bool, language: str) -> str:
    pattern = FORMS.get(language[:2], FORMS["en"])[form]
    return date_format(day, f"{pattern} Y" if with_year else pattern)


def _language() -> str:
    return get_language() or "en"


def short(day: dt.date, *, with_year: bool = True) -> str:
    """In rows and pictures: "8 Mar 2028", "8. März 2028", "8 mars 2028"; "4 Dec", "4. Dez.", "4 déc." without the year."""
    return _said(day, SHORT, with_year, _language())


def long(day: dt.date, *, with_year: bool = True) -> str:
    """In sentences: "8 March 2028", "8. März 2028", "8 mars 2028"."""
    return _said(day, LONG, with_year, _language())


def full(day: dt.date, *, with_year: bool = True) -> str:
    """With its weekday: "Wednesday 8 March 2028", "Mittwoch, 8. März 2028", "mercredi 8 mars 2028"."""
    return _said(day, FULL, with_year, _language())


def month(day: dt.date, *, with_year: bool = False) -> str:
    """Its month, short: "Mar", "März", "mars"."""
    return _said(day, MONTH, with_year, _language())
