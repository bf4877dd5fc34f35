"""Grades as pages and rules read them: the scale of a project, without a query of its own once it is loaded."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class Grade(NamedTuple):
    """One step of a scale. `contain_days` and `analyse_days`: how soon correction and cause are due once it is accepted; None:
    nobody says."""

    key: str
    name: Any
    is_grave: bool = False
    contain_days: int | None = None
    analyse_days: int | None = None


USUAL = (
    Grade("major", gettext_lazy("Major"), is_grave=True),
    Grade("minor", gettext_lazy("Minor")),
)
"""What certification bodies use; the scale of a project that made none of its own. (ISO/IEC 17021-1:2015, 3.12 and 3.13)"""


class Scale(NamedTuple):
    """The grades of a project, the gravest first."""

    grades: tuple[Grade, ...] = USUAL

    @classmethod
    def read(cls, rows: Iterable[dict[str, Any]]) -> Scale:
        found = tuple(
            Grade(row["key"], row["name"], bool(row.get("is_grave")), row.get("contain_days"), row.get("analyse_days"))
            for row in rows
        )
        return cls(found or USUAL)

    def of(self, key: str) -> Grade | None:
        return next((grade for grade in self.grades if grade.key == key), None)

    def name(self, key: str) -> str:
        """The grade in words; a key the scale does not know any more says itself."""
        found = self.of(key)
        return str(found.name) if found else key

    def is_grave(self, key: str) -> bool:
        found = self.of(key)
        return bool(found and found.is_grave)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(grade.key, str(grade.name)) for grade in self.grades]

    def keyed(self, text: str) -> str | None:
        """The key behind a key or a name as people type it; None when the scale has no such grade."""
        wanted = text.strip().casefold()
        for grade in self.grades:
            if wanted in (grade.key.casefold(), str(grade.name).casefold()):
                return grade.key
        return None


def nothing_graded() -> tuple[str, str]:
    return "", _("Not graded yet")
