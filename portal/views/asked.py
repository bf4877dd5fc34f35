"""What the portfolio's address asks for: the page, its print, its workbook and a saved view read it alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple
from urllib.parse import urlencode

from projects.selectors import portfolio

GROUPS = ("consultant",)


class Asked(NamedTuple):
    """Filters, order and grouping; what makes no sense is left out."""

    q: str = ""
    state: str = ""
    consultant: str = ""
    sort: str = ""
    group: str = ""

    @property
    def query(self) -> str:
        """As it stands in an address, always in the same order, without what was not chosen."""
        return urlencode({name: value for name, value in self._asdict().items() if value})


def asked_in(query: Mapping[str, Any]) -> Asked:
    def one_of(name: str, known: Any) -> str:
        value = query.get(name, "")
        return value if value in known else ""

    consultant = query.get("consultant", "")
    is_known = consultant == portfolio.NOBODY or (consultant.isascii() and consultant.isdecimal())
    return Asked(
        q=query.get("q", "").replace("\0", "").strip()[:200],
        state=one_of("state", portfolio.STATES),
        consultant=consultant[:19] if is_known else "",
        sort=one_of("sort", {*portfolio.SORTS, *(f"-{name}" for name in portfolio.SORTS)}),
        group=one_of("group", GROUPS),
    )
