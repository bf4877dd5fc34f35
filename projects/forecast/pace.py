"""When a project will be finished at the pace it has had: a plain rule, no queries.

The rule, as the pages show it: the day on which the plan expected what is done today says how far the work really is
("earned schedule"). Its distance from the start, against the days that have passed, is the pace: 1 keeps the plan, 0.8
takes a quarter longer. The whole length of the plan divided by the pace gives the end. In the first four weeks there is
no pace to speak of: then the plan's end moves by the days of delay or lead.

A project without anything done after four weeks, or slower than a quarter of its plan, has no end in sight. The network
of the plan (which steps wait for which) is not looked at here.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

TOO_EARLY_DAYS = 28
SLOWEST, FASTEST = 0.25, 2.0
NEVER = 1_000_000
"""A last day that stands for "no end in sight", so that such projects sort behind all others."""

RULE = _(
    "Forecast: the plan's length divided by the pace so far. The pace compares the day on which the plan expected what "
    "is done today with the days that have passed since the start; in the first four weeks the plan's end only moves by "
    "the days of delay or lead. It does not look at which step waits for which."
)


def last_day(plan_days: Sequence[int], percent: int, today: int) -> int | None:
    """The last day of the work, counted from the start like `today` and `plan_days` (projects.outline).

    None without a plan or when all is done; NEVER when no end is in sight. The work does not end before today.
    """
    if not plan_days or percent >= 100:
        return None
    end = plan_days[-1]
    passed = today + 1
    if passed <= 0:
        return end
    # Between the day the plan expected this percent and the day it expects the next one, the work is where it should be.
    earned = max(plan_days[percent - 1] + 1 if percent else 0, min(passed, plan_days[percent]))
    if passed <= TOO_EARLY_DAYS:
        return max(end + passed - earned, today)
    pace = min(earned / passed, FASTEST)
    if pace < SLOWEST:
        return NEVER
    return max(round((end + 1) / pace) - 1, today)
