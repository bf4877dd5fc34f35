"""The record of tailoring as something that is signed off: hung into the approvals and into step 1.1.

The plan and its decisions belong to `projects`, which knows no approvals; what is signed about a project before it can go
on (mandate, scope, how the method was made to fit) stands here.
"""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals.selectors import approval as approvals
from approvals.services import request as requests
from approvals.subjects import Obstacle, Subject
from projects.addresses import address
from projects.models import Project
from projects.permissions import Perm
from projects.selectors import tailoring_record as selectors
from projects.selectors.tailoring_record import Record

KIND = "tailoring"
STEP = "initiating-the-ms"


def url_of(project: Project) -> str:
    return address("context:tailoring-record", **project.address)


def document(record: Record) -> str:
    """The record as people read it, in the organization's language: no links, nothing that loads."""
    with translation.override(record.project.organization.language):
        return render_to_string("context/tailoring/document.html", {"record": record})


def meaning(record: Record) -> str:
    return _("The method was tailored as recorded, for the reasons given; the plan is worked like this.")


def obstacles(record: Record) -> list[Obstacle]:
    """What an auditor would ask first."""
    where = reverse("projects:tailoring-list", kwargs=record.project.address)
    found = []
    if not record.told:
        found.append(Obstacle(_("Nothing was tailored yet: there is nothing to sign off."), where))
    if labels := selectors.without_words(record):
        says = _("%(decisions)s has no justification: decide again and say why.")
        found.append(Obstacle(says % {"decisions": ", ".join(labels)}, where))
    return found


SUBJECT = Subject(
    KIND,
    gettext_lazy("Tailoring record"),
    load=selectors.load,
    title=lambda record: str(record),
    snapshot=selectors.snapshot,
    document=document,
    authors=selectors.authors,
    meaning=meaning,
    url=lambda record: url_of(record.project),
    obstacles=obstacles,
    request_perm=Perm.EDIT_PLAN,
    approver_perm=Perm.SIGN_TAILORING,
    labels={
        "organization": gettext_lazy("Organization"),
        "project": gettext_lazy("Project"),
        "edition": gettext_lazy("Edition of the method"),
        "differences": gettext_lazy("Differences from the method"),
        "decisions": gettext_lazy("Decisions"),
    },
)


def follow_project(*, project_id: int, by: Any) -> None:
    """After a decision about the plan: an open request about the record as it was is void."""
    project = Project.objects.select_related("organization", "catalogue").get(pk=project_id)
    requests.changed(kind=KIND, record=selectors.record_of(project), by=by)


def of_step(step: Any, user: Any, perms: frozenset) -> dict[str, Any]:
    """The context of the panel in the workspace of step 1.1."""
    record = selectors.record_of(step.project)
    return {"record": record, "standing": approvals.standing_of(KIND, record), "home": url_of(step.project)}


def hang_up() -> None:
    from approvals import subjects
    from projects import workspace

    subjects.register(SUBJECT)
    panel = workspace.Panel(
        "tailoring", gettext_lazy("Tailoring record"), "context/tailoring/_step_panel.html", of_step, order=30
    )
    workspace.hang(panel=panel, step=STEP)
