"""Risk criteria as something that top management decides on (approvals/subjects.py)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.subjects import Obstacle, Subject
from projects.permissions import Perm

from .models import RiskCriteria
from .selectors import criteria as selectors
from .services import criteria as services


def obstacles(record: RiskCriteria) -> list[Obstacle]:
    if record.method:
        return []
    edit = reverse("risks:criteria-edit", kwargs=record.project.address)
    return [Obstacle(_("The method is missing: say how risks are found, rated and accepted."), f"{edit}#method")]


CRITERIA = Subject(
    services.KIND,
    gettext_lazy("Risk criteria"),
    load=selectors.load,
    title=lambda record: str(record),
    snapshot=selectors.snapshot,
    document=selectors.paper,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda record: record.get_absolute_url(),
    request_perm=Perm.MANAGE_RISKS,
    obstacles=obstacles,
    approved=services.keep_edition,
    labels=selectors.LABELS,
)
