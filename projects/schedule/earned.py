"""Earned value by effort, with its meaning in words: pure arithmetic.

Planned value: the person-days the plan expects done by a day. Earned value: the person-days of what is done. Actual
effort: the person-days that people booked. SPI = earned / planned says how fast the work goes against the plan, CPI =
earned / actual how much of the booked effort became result.
"""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext as _

AS_PLANNED = 0.05
"""An index this near to 1 counts as "as planned"."""


class Standing(NamedTuple):
    """Person-days planned until today, earned, and booked; `total` is the whole plan."""

    planned: float
    earned: float
    spent: float
    total: float

    @property
    def spi(self) -> float | None:
        return self.earned / self.planned if self.planned > 0 else None

    @property
    def cpi(self) -> float | None:
        return self.earned / self.spent if self.spent > 0 else None

    @property
    def spi_in_words(self) -> str:
        """What the schedule performance index means, as one would say it."""
        if self.spi is None:
            return _("The plan expects nothing done yet, so there is no pace to speak of.")
        said = {"n": f"{100 * self.spi:.0f}"}
        if abs(self.spi - 1) <= AS_PLANNED:
            return _("The work goes as planned: of every 100 person-days expected by now, %(n)s are done.") % said
        if self.spi < 1:
            return _("The work is behind: of every 100 person-days expected by now, only %(n)s are done.") % said
        return _("The work is ahead: where the plan expected 100 person-days by now, %(n)s are done.") % said

    @property
    def cpi_in_words(self) -> str:
        if self.cpi is None:
            return _("No hours are booked yet, so the effort cannot be compared.")
        said = {"n": f"{100 * self.cpi:.0f}"}
        if abs(self.cpi - 1) <= AS_PLANNED:
            return _("The effort is as planned: 100 booked person-days gave what %(n)s planned ones stand for.") % said
        if self.cpi < 1:
            return (
                _("It takes more effort than planned: 100 booked person-days gave what %(n)s planned ones stand for.")
                % said
            )
        return (
            _("It takes less effort than planned: 100 booked person-days gave what %(n)s planned ones stand for.")
            % said
        )
