"""How often something should be audited, proposed from what is known of it. (9.2.2; ISO 19011:2018, 5.2 and 5.4)

A proposal, with its reasons in words; a person decides and may say something else. Pure.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .models.programme import Every


class Basis(NamedTuple):
    """What is known of a process or site. `level` counts from 0 of `levels`; `audited_months` None: never audited."""

    level: int | None = None
    levels: int = 0
    level_name: str = ""
    risks: int = 0
    nonconformities: int = 0
    majors: int = 0
    audited_months: int | None = None

    @property
    def plain(self) -> dict[str, Any]:
        """As the line of a programme keeps it."""
        return self._asdict()

    @property
    def height(self) -> float:
        """The highest level of risk as a share of the scale, 0 to 1; the middle where nothing is rated."""
        if self.level is None or self.levels < 2:
            return 0.5
        return self.level / (self.levels - 1)


class Proposal(NamedTuple):
    every: Every
    reason: str


HIGH, LOW = 0.66, 0.34


def propose(basis: Basis) -> Proposal:
    """High risk or a major nonconformity: twice a year; both: every quarter; low risk and nothing found: every two years."""
    is_high, is_low = basis.height >= HIGH, basis.level is not None and basis.height <= LOW
    has_major, has_found = basis.majors > 0, basis.nonconformities > 0
    if is_high and has_major:
        every = Every.QUARTER
    elif is_high or has_major:
        every = Every.HALF_YEAR
    elif is_low and not has_found and basis.audited_months is not None:
        every = Every.TWO_YEARS
    else:
        every = Every.YEAR
    return Proposal(every, " ".join(_reasons(basis)))


def _reasons(basis: Basis) -> list[str]:
    said = []
    if basis.level is None:
        said.append(_("No risk of it is rated yet."))
    else:
        words = ngettext(
            "The highest level among its %(n)s open risk is “%(level)s”.",
            "The highest level among its %(n)s open risks is “%(level)s”.",
            basis.risks,
        )
        said.append(words % {"n": basis.risks, "level": basis.level_name})
    if basis.nonconformities:
        words = ngettext(
            "%(n)s nonconformity in the last two years, %(majors)s of them major.",
            "%(n)s nonconformities in the last two years, %(majors)s of them major.",
            basis.nonconformities,
        )
        said.append(words % {"n": basis.nonconformities, "majors": basis.majors})
    else:
        said.append(_("No nonconformity in the last two years."))
    if basis.audited_months is None:
        said.append(_("It has never been audited here."))
    else:
        n = basis.audited_months
        words = ngettext("Audited last %(n)s month ago.", "Audited last %(n)s months ago.", n)
        said.append(words % {"n": n} if n else _("Audited last this month."))
    return said
