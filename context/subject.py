"""The mandate and the scope as something that can be decided on (approvals/subjects.py)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.subjects import Obstacle, Subject
from pdca import scope_rules

from .models import Mandate, ScopeStatement
from .selectors import mandate as selectors
from .selectors import scope as scopes
from .services.scope import forbidden


def obstacles(mandate: Mandate) -> list[Obstacle]:
    """What has to be there before anybody can release it, each with the place where it is written."""
    edit = reverse("context:mandate-edit", kwargs=mandate.project.address)
    found = []
    if not mandate.motives:
        found.append(Obstacle(_("The motives are missing: say why the project is done."), f"{edit}#case"))
    if not mandate.budget:
        found.append(Obstacle(_("The budget has no line: say what the project costs."), f"{edit}#budget"))
    if not mandate.team:
        found.append(Obstacle(_("The team is empty: say who carries the project, with their time."), f"{edit}#team"))
    return found


SUBJECT = Subject(
    "mandate",
    gettext_lazy("Project mandate"),
    load=selectors.load,
    title=lambda mandate: str(mandate),
    snapshot=selectors.snapshot,
    document=selectors.document,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda mandate: mandate.get_absolute_url(),
    obstacles=obstacles,
    labels=selectors.LABELS,
)


def obstacles_of_scope(scope: ScopeStatement) -> list[Obstacle]:
    """What an auditor would ask first, each with the place where it is mended."""
    paper = scopes.paper_of(scope)
    words = reverse("context:scope-statement", kwargs=scope.project.address)
    items = reverse("context:scope-items", kwargs=scope.project.address)
    found = []
    if not paper.included:
        found.append(
            Obstacle(_("Nothing is in the scope yet: name the units, processes, systems or sites it covers."), items)
        )
    for row in [*paper.excluded, *paper.requirements]:
        if not row.item.justification.strip():
            says = _("“%(name)s” is left out without a justification: say why.") % {"name": row.item.name}
            found.append(Obstacle(says, items))
    for row in paper.requirements:
        if not row.codes:
            says = _("“%(name)s” belongs to no standard of the project any more: choose one, or remove it.")
            found.append(Obstacle(says % {"name": row.item.name}, items))
        for rule in scope_rules.of(slug for slug in paper.standards if slug in row.item.standards):
            if rule.forbids_requirements:
                found.append(Obstacle(forbidden(paper.standards[rule.standard], rule), items))
    if not scope.statement:
        found.append(Obstacle(_("The statement is empty: take the text that the items give, or write it."), words))
    elif paper.is_outdated:
        says = _("The statement is older than its items: compare the two texts and choose.")
        found.append(Obstacle(says, words))
    return found


SCOPE = Subject(
    "scope",
    gettext_lazy("Scope statement"),
    load=scopes.load,
    title=lambda scope: str(scope),
    snapshot=scopes.snapshot,
    document=scopes.document,
    authors=scopes.authors,
    meaning=scopes.meaning,
    url=lambda scope: scope.get_absolute_url(),
    obstacles=obstacles_of_scope,
    labels=scopes.LABELS,
)
