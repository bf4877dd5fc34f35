"""The gates of the demo: closed where all holds, and work that went on before a signature, with the reason somebody gave."""

from __future__ import annotations

from typing import Any

from projects import gates
from projects.models import PlanActivity, PlanStep
from projects.selectors import gate as selectors
from projects.selectors import hold as holds
from projects.selectors import step as steps
from projects.services import gate as services

from .clock import Story, shifted

WHY = {
    "mandate": "The board released the project in its meeting; the signed mandate follows with the minutes.",
    "go-ahead": "What every standard asks for begins now. The controls wait for the signed Statement of Applicability.",
}
OTHERWISE = "Agreed with top management by telephone; the signature follows."
AHEAD = 20


def tell(story: Story, project: Any, manager: Any) -> None:
    """Adds to a client's story what its project manager did about the gates."""
    everything = steps.steps_of(project)
    for hold in gates.holds():
        deciding = next((step for step in everything if step.code == hold.step), None)
        later = {pk for pk, some in holds.of_plan(project, steps=everything).items() if hold in [h.hold for h in some]}
        first = PlanActivity.objects.filter(step__in=later).order_by("starts_on").first()
        if deciding is not None and first is not None:
            story.add(story.moment(shifted(first.starts_on, -AHEAD), 10, 12), _let_through,
                      project=project, step=deciding, hold=hold, manager=manager)  # fmt: skip
    story.add(story.moment(story.days_ago(2), 15, 17), _close, project=project, manager=manager)


def _let_through(*, project: Any, step: PlanStep, hold: gates.Hold, manager: Any) -> None:
    if not hold.is_taken(project):
        services.let_through(project=project, step=step, by=manager, reason=WHY.get(hold.key, OTHERWISE))


def _close(*, project: Any, manager: Any) -> None:
    """Of the steps whose work is done it is said where their deliverables are, and those without open criteria are closed."""
    for step in steps.steps_of(project):
        if not steps.is_done(step):
            continue
        step.project = project
        for name in step.deliverables:
            services.say_where(step=step, name=name, place=f"Project folder, {step.number}, {name}"[:500], by=manager)
        step.__dict__.pop("places", None)  # said just now
        if not selectors.of_step(step).unmet:
            services.close(step=step, by=manager)
