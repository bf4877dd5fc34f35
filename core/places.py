"""Countries and their regions as choices of a form; both come from the `holidays` package."""

from __future__ import annotations

import re
from functools import lru_cache

import holidays
from holidays.registry import COUNTRIES

REGION_LENGTH = 10  # longer names are quarters of cities, not regions


@lru_cache(maxsize=1)
def countries() -> list[tuple[str, str]]:
    """ISO 3166 code and English name of every country with known public holidays, by name; imports none of them."""
    named = {code: _spaced(name) for name, code, *_rest in COUNTRIES.values() if len(code) == 2}
    return sorted(named.items(), key=lambda pair: pair[1])


def _spaced(name: str) -> str:
    """ "UnitedKingdom" as people write it."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)


@lru_cache(maxsize=300)
def regions(country: str) -> list[tuple[str, str]]:
    """Code and name of the regions of a country that have public holidays of their own; none for an unknown country."""
    if country not in dict(countries()):
        return []
    calendar = holidays.country_holidays(country)
    names: dict[str, str] = {}
    for name, code in getattr(calendar, "subdivisions_aliases", {}).items():
        names.setdefault(code, name)
    found = [(code, names.get(code, code)) for code in calendar.subdivisions if len(code) <= REGION_LENGTH]
    return sorted(found, key=lambda pair: pair[1])
