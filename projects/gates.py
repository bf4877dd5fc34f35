"""The exit criteria of a step: green or red, each with its reason and a link.

`projects` knows two of its own (activities done or excluded; rounds closed come later); registers and approvals hang up
theirs by the step's code, or `step=""` for every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext


@dataclass(frozen=True)
class Criterion:
    """One answer: met or not, in words, with the address where it can be seen or mended."""

    label: Any
    is_met: bool
    reason: str = ""
    url: str = ""


Check = Callable[[Any], Iterable[Criterion]]

_checks: dict[str, list[Check]] = {}


def hang(check: Check, *, step: str = "") -> None:
    found = _checks.setdefault(step, [])
    if check not in found:
        found.append(check)


def criteria_of(step: Any) -> list[Criterion]:
    """All exit criteria of a step, in the order they were hung up."""
    # A step of the organization's own has no code, and nothing hangs in it alone.
    hung = [*_checks.get("", []), *(_checks.get(step.code, []) if step.code else [])]
    return [answer for check in hung for answer in check(step)]


def activities_are_done(step: Any) -> Iterable[Criterion]:
    """Every applicable activity is completed; read from the step's stored counters."""
    open_count = step.activity_count - step.activity_done_count
    yield Criterion(
        _("All activities done or excluded"),
        is_met=open_count == 0,
        reason=ngettext("%(n)s activity is not done", "%(n)s activities are not done", open_count) % {"n": open_count}
        if open_count
        else "",
        url="#activities",
    )


hang(activities_are_done)
