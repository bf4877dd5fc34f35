"""The audit programme as something that top management decides on (approvals/subjects.py)."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.subjects import Obstacle, Subject
from projects.permissions import Perm

from .flows import ProgrammeStatus
from .models import Programme
from .selectors import programme as selectors
from .services import programme as services


def obstacles(programme: Programme) -> list[Obstacle]:
    """What has to be there before anybody can approve it, each with the place where it is written."""
    address = {**programme.project.address, "number": programme.label}
    found = []
    if programme.status == ProgrammeStatus.CLOSED:
        return [Obstacle(_("The programme is closed: reopen it first."), programme.get_absolute_url())]
    if not programme.objectives:
        edit = reverse("audits:programme-edit", kwargs=address)
        found.append(Obstacle(_("The objectives are missing: say what the audits are to find out."), edit))
    if not programme.lines.exists():
        add = reverse("audits:line-add", kwargs=address)
        found.append(Obstacle(_("Nothing is audited yet: add the processes and sites, with how often and why."), add))
    return found


PROGRAMME = Subject(
    services.KIND,
    gettext_lazy("Audit programme"),
    load=selectors.load,
    title=lambda programme: str(programme),
    snapshot=selectors.snapshot,
    document=selectors.paper,
    authors=selectors.authors,
    meaning=selectors.meaning,
    url=lambda programme: programme.get_absolute_url(),
    request_perm=Perm.MANAGE_AUDIT_PROGRAMME,
    opened_by=Perm.VIEW_AUDITS,
    obstacles=obstacles,
    approved=services.approved,
    labels=selectors.LABELS,
)
