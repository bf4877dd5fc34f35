"""The mandate of a project and all that its document says, read from live data."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from context.models import Mandate
from core import together
from projects.models import PlanPhase, PlanStep, Project
from projects.selectors.outline import steps_of

from .scope import standards_of

LABELS = {
    "organization": gettext_lazy("Organization"),
    "project": gettext_lazy("Project"),
    "headcount": gettext_lazy("People in the scope"),
    "standards": gettext_lazy("Standards"),
    "starts_on": gettext_lazy("Start"),
    "ends_on": gettext_lazy("End"),
    "target_on": gettext_lazy("Certification audit planned for"),
    "motives": gettext_lazy("Motives"),
    "benefits": gettext_lazy("Benefits"),
    "resources": gettext_lazy("Resources"),
    "risks": gettext_lazy("Risks of the project"),
    "currency": gettext_lazy("Currency"),
    "budget": gettext_lazy("Budget"),
    "amount": gettext_lazy("Amount"),
    "team": gettext_lazy("Project team"),
    "role": gettext_lazy("Role in the project"),
    "share": gettext_lazy("Share of their time"),
    "phases": gettext_lazy("Phases"),
    "steps": gettext_lazy("Steps"),
    "name": gettext_lazy("Name"),
    "number": gettext_lazy("Number"),
    "title": gettext_lazy("Title"),
}
"""What the parts of a snapshot are called where two editions are compared."""


class Milestone(NamedTuple):
    on: dt.date
    title: str


@dataclass(frozen=True)
class PhaseOfPlan:
    """A phase with the steps that are worked in it; its span is theirs."""

    phase: PlanPhase
    steps: list[PlanStep]

    @property
    def starts_on(self) -> dt.date:
        return min(step.starts_on for step in self.steps)

    @property
    def ends_on(self) -> dt.date:
        return max(step.ends_on for step in self.steps)


@dataclass(frozen=True)
class Paper:
    """Everything the document says. Counts of what is done are left out: they move every day and decide nothing."""

    mandate: Mandate
    standards: list[str]
    phases: list[PhaseOfPlan]

    @property
    def project(self) -> Project:
        return self.mandate.project

    @property
    def parts(self) -> list[tuple[str, Any, str]]:
        """The written parts before the figures: key, heading, text."""
        return [(key, LABELS[key], getattr(self.mandate, key)) for key in ("motives", "benefits", "resources", "risks")]

    @property
    def milestones(self) -> list[Milestone]:
        """Start, end of each phase, certification audit."""
        found = [Milestone(self.project.start_on, _("Start of the project"))]
        for one in self.phases:
            found.append(Milestone(one.ends_on, _("Phase “%(phase)s” completed") % {"phase": one.phase.title}))
        if self.project.target_on:
            found.append(Milestone(self.project.target_on, _("Certification audit")))
        return sorted(found, key=lambda one: one.on)

    @property
    def posts(self) -> Decimal:
        """The team's time as full-time posts."""
        return Decimal(self.mandate.share) / 100


@together.once
def of_project(project: Project) -> Mandate | None:
    """The mandate of a project, who wrote and edited it loaded; None before anybody wrote one. One query."""
    found = Mandate.objects.filter(project=project).select_related("created_by", "edited_by").first()
    if found is not None:
        found.project = project
    return found


def load(project: Project, pk: int) -> Mandate | None:
    found = of_project(project)
    return found if found is not None and found.pk == pk else None


def paper_of(mandate: Mandate) -> Paper:
    """Two queries the first time, none again for the same record in hand."""
    if (known := getattr(mandate, "_paper", None)) is not None:
        return known
    project = mandate.project
    phases: dict[int, PhaseOfPlan] = {}
    for step in steps_of(project):
        if step.is_applicable and step.merged_into_id is None:
            phases.setdefault(step.phase_id, PhaseOfPlan(step.phase, [])).steps.append(step)
    mandate._paper = Paper(mandate, list(standards_of(project).values()), list(phases.values()))
    return mandate._paper


def snapshot(mandate: Mandate) -> dict[str, Any]:
    """What is signed, as plain values: money with two decimals, dates as dates, the plan as phases and steps."""
    paper = paper_of(mandate)
    project = paper.project
    return {
        "organization": project.organization.name,
        "project": project.name,
        "headcount": project.headcount,
        "standards": paper.standards,
        "starts_on": project.start_on,
        "target_on": project.target_on,
        "motives": mandate.motives,
        "benefits": mandate.benefits,
        "resources": mandate.resources,
        "risks": mandate.risks,
        "currency": mandate.currency,
        "budget": [{"name": line.what, "amount": f"{line.amount:.2f}"} for line in mandate.lines],
        "team": [{"name": one.name, "role": one.role, "share": f"{one.share} %"} for one in mandate.members],
        "phases": [
            {
                "number": str(one.phase.number), "title": one.phase.title, "starts_on": one.starts_on,
                "ends_on": one.ends_on,
            }
            for one in paper.phases
        ],
        "steps": [
            {"number": step.number, "title": step.title, "starts_on": step.starts_on, "ends_on": step.ends_on}
            for one in paper.phases
            for step in one.steps
        ],
    }  # fmt: skip


def document(mandate: Mandate) -> str:
    """The same as people read it, whole in itself: no links, nothing that loads."""
    return render_to_string("context/mandate/document.html", {"paper": paper_of(mandate)})


def authors(mandate: Mandate) -> set[int]:
    return {mandate.created_by_id, mandate.edited_by_id} - {None}


def meaning(mandate: Mandate) -> str:
    return _("I release this project with the resources named, on behalf of top management.")
