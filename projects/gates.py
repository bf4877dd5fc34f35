"""The exit criteria of a step: green or red, each with its reason and a link; and the decisions that hold work back.

`projects` knows two criteria of its own (activities done or excluded, deliverables present); registers and approvals
hang up theirs by the step's code, or `step=""` for every step. When all hold, the gate can be closed
(`projects.services.gate`). Steps that are worked together have one gate, that of the step the others are merged into: it
asks for the criteria of all.

A `Hold` is a real decision of the method: until it is taken, nothing that follows its step in the plan may be started or
completed, unless the project manager lets it through with a reason. What follows is read from the plan's own
dependencies (`projects.selectors.hold`), so tailoring is kept, and a plan without the step has no such decision.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core import together

from .models import DeliverablePlace, StepRound
from .models.plan import ActivityStatus


@dataclass(frozen=True)
class Criterion:
    """One answer: met or not, in words, with the address where it can be seen or mended."""

    label: Any
    is_met: bool
    reason: str = ""
    url: str = ""


Check = Callable[[Any], Iterable[Criterion]]

_checks: dict[str, list[Check]] = {}
_loads: list[Callable[[Any], None]] = []


def hang(check: Check, *, step: str = "") -> None:
    found = _checks.setdefault(step, [])
    if check not in found:
        found.append(check)


def prepare(load: Callable[[Any], None]) -> None:
    """Hangs up what loads, for a project whose checks are all asked at once, what many of them need (core.together)."""
    if load not in _loads:
        _loads.append(load)


def criteria_of(step: Any) -> list[Criterion]:
    """All exit criteria of a step in the order they were hung up, then those of the steps merged into it, by number."""
    with together.asking():
        found = _alone(step)
        for one in joined_of(step):
            page = one.get_absolute_url()
            found += [
                replace(
                    answer,
                    label=f"{one.number}: {answer.label}",
                    url=page + answer.url if answer.url.startswith("#") else answer.url,
                )
                for answer in _alone(one)
            ]
        return found


def joined_of(step: Any) -> list[Any]:
    """The steps that are merged into this one and worked with it, in their order. Kept on the step."""
    if not hasattr(step, "joined"):
        step.joined = list(step.merged_steps.filter(is_applicable=True).order_by("position", "pk"))
        for one in step.joined:
            one.project = step.project
    return step.joined


def _alone(step: Any) -> list[Criterion]:
    # A step of the organization's own has no code, and nothing hangs in it alone.
    hung = [*_checks.get("", []), *(_checks.get(step.code, []) if step.code else [])]
    return [answer for check in hung for answer in check(step)]


def own_criteria(steps: Sequence[Any]) -> list[tuple[Any, Criterion]]:
    """What hangs in single steps, each check asked once although it may hang in several: (first of its steps, answer)."""
    found: dict[Check, Any] = {}
    for step in steps:
        for check in _checks.get(step.code, []) if step.code else []:
            found.setdefault(check, step)
    with together.asking():
        for load in _loads if found else ():
            load(steps[0].project)
        return [(step, answer) for check, step in found.items() for answer in check(step)]


def activities_are_done(step: Any) -> Iterable[Criterion]:
    """Every applicable activity is completed, by the step's stored counters; of a further round only its own count."""
    open_count = step.activity_count - step.activity_done_count
    latest = round_of(step)
    if open_count and latest is not None and latest.number > 1:
        finished = (ActivityStatus.DONE, ActivityStatus.EXCLUDED)
        here = step.activities.filter(Q(round=latest) | Q(round=None))
        open_count = here.exclude(status__in=finished).count()
    yield Criterion(
        _("All activities done or excluded"),
        is_met=open_count == 0,
        reason=ngettext("%(n)s activity is not done", "%(n)s activities are not done", open_count) % {"n": open_count}
        if open_count
        else "",
        url="#activities",
    )


def round_of(step: Any) -> StepRound | None:
    """The round a step is in, or was in last; None for a step that is not worked in rounds. Kept on the step."""
    if not hasattr(step, "latest_round"):
        step.latest_round = step.rounds.order_by("-number").first() if step.is_iterative else None
    return step.latest_round


def places_of(step: Any) -> dict[str, DeliverablePlace]:
    """Where each deliverable of a step is, in its round where it is worked in rounds. Kept on the step."""
    if not hasattr(step, "places"):
        rows = DeliverablePlace.objects.filter(step=step, round=round_of(step))
        step.places = {row.name: row for row in rows}
    return step.places


def deliverables_are_present(step: Any) -> Iterable[Criterion]:
    """Somebody has said of each deliverable where it is."""
    if not step.deliverables:
        return
    present = places_of(step)
    missing = [name for name in step.deliverables if name not in present]
    yield Criterion(
        _("All deliverables present"),
        is_met=not missing,
        reason=str(_("It is not said where this is: %(names)s")) % {"names": "; ".join(missing)} if missing else "",
        url="#deliverables",
    )


hang(activities_are_done)
hang(deliverables_are_present)


# ---- what holds work back --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Hold:
    """A decision that what follows its step waits for. `is_taken(project)` costs a query or two; `url(project)` leads to
    where it is prepared."""

    key: str
    step: str
    label: Any
    is_taken: Callable[[Any], bool]
    url: Callable[[Any], str]
    clause: str = ""


_holds: dict[str, Hold] = {}


def hold(decision: Hold) -> None:
    """Hangs up a decision; one with the same key is replaced."""
    _holds[decision.key] = decision


def holds() -> list[Hold]:
    return [*_holds.values()]
