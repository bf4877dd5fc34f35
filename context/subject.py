"""The mandate as something that can be decided on (approvals/subjects.py)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.subjects import Obstacle, Subject

from .models import Mandate
from .selectors import mandate as selectors


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
