"""What of a plan waits for a real decision: the mandate, the go-ahead to implement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from core import together
from projects import gates
from projects.addresses import address
from projects.models import GateDecision, GateMove, PlanStep, Project, StepDependency


@dataclass(frozen=True)
class Held:
    """A decision that is not taken: its name, the step it belongs to, where it is prepared, where it is let through."""

    hold: gates.Hold
    step_number: str
    step_title: str
    url: str
    override_url: str

    @property
    def words(self) -> str:
        return _("%(decision)s (step %(number)s)") % {"decision": self.hold.label, "number": self.step_number}


def followers(links: Iterable[tuple[int, int]], start: int) -> set[int]:
    """All that waits for `start`, directly or through others; `links` are (who waits, for whom)."""
    after: dict[int, list[int]] = {}
    for waits, earlier in links:
        after.setdefault(earlier, []).append(waits)
    found: set[int] = set()
    queue = [start]
    for one in queue:  # grows while it is walked
        for later in after.get(one, ()):
            if later not in found and later != start:
                found.add(later)
                queue.append(later)
    return found


PASSING = (GateMove.LET_THROUGH, GateMove.HOLD)


def let_through(project: Project) -> set[str]:
    """The keys of the decisions that the project manager did not want to wait for; one query, or none after `keep`."""
    if (known := together.kept((let_through, project.pk))) is not None:
        return known
    return _passed(GateDecision.objects.filter(project=project, move__in=PASSING).order_by("pk").only("hold", "move"))


def keep(project_id: int, decisions: Iterable[GateDecision]) -> None:
    """For the page that is being gathered (core.together): all of a project's PASSING decisions, the oldest first."""
    together.keep((let_through, project_id), _passed(decisions))


def _passed(decisions: Iterable[GateDecision]) -> set[str]:
    latest = {one.hold: one.move for one in decisions}
    return {key for key, move in latest.items() if move == GateMove.LET_THROUGH}


@together.once
def links_of(project: Project) -> list[StepDependency]:
    """Which step of the plan waits for which, in the order they were made; one query."""
    return list(StepDependency.objects.filter(project=project).order_by("pk"))


STEP = ("pk", "code", "number", "title", "is_applicable", "merged_into_id")


def of_plan(
    project: Project, *, only: int | None = None, steps: Iterable[PlanStep] | None = None
) -> dict[int, list[Held]]:
    """The decisions each step waits for, by the step's id; steps that wait for none are missing.

    Three queries, and those of each decision that is not let through. `only` names one step and saves what it does not
    need; `steps` are those of the plan, where they are loaded.
    """
    if steps is None:
        rows = list(PlanStep.objects.filter(project=project).order_by("pk").values_list(*STEP))
    else:
        rows = sorted(tuple(getattr(step, name) for name in STEP) for step in steps)
    wanted = {one.step: one for one in gates.holds()}
    deciding = [row for row in rows if row[1] in wanted and (row[4] or row[5])]
    if not deciding:
        return {}
    whole = {pk: merged or pk for pk, _code, _number, _title, _applies, merged in rows}
    links = {
        (whole.get(link.step_id, link.step_id), whole.get(link.predecessor_id, link.predecessor_id))
        for link in links_of(project)
    }
    behind = {row[0]: followers(links, whole[row[0]]) for row in deciding}
    if only is not None:
        deciding = [row for row in deciding if whole.get(only, only) in behind[row[0]]]
    if not deciding:
        return {}
    passed = let_through(project)
    found: dict[int, list[Held]] = {}
    for pk, code, number, title, _applies, _merged in deciding:
        hold = wanted[code]
        if hold.key in passed or hold.is_taken(project):
            continue
        override = address("projects:gate-let-through", **project.address, number=number)
        held = Held(hold, number, title, hold.url(project), override)
        for step in whole:
            if whole[step] in behind[pk]:
                found.setdefault(step, []).append(held)
    return found


def of_step(project: Project, step_id: int, steps: Iterable[PlanStep] | None = None) -> list[Held]:
    """The decisions one step waits for."""
    return of_plan(project, only=step_id, steps=steps).get(step_id, [])


def refusal(project: Project, step_id: int, number: str) -> str | None:
    """Why an activity of a step cannot be started or completed now, in words; None when nothing holds it back."""
    if not (held := of_step(project, step_id)):
        return None
    return _(
        "Activity %(number)s is held back: what follows waits for %(decisions)s. Have it decided first; the project "
        "manager may let the work go on before, with a reason."
    ) % {"number": number, "decisions": _(" and ").join(one.words for one in held)}


def of_project(project: Project) -> list[tuple[Any, bool, bool]]:
    """Each decision of the plan: (hold, is it taken, was it let through)."""
    codes = set(PlanStep.objects.filter(project=project).values_list("code", flat=True))
    passed = let_through(project)
    return [(one, one.is_taken(project), one.key in passed) for one in gates.holds() if one.step in codes]
