"""Effective documents as evidence of other records (projects/evidencing.py): which may be cited, and by which words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects import access
from projects.evidencing import MOST_FOUND, Citable
from projects.models import Project
from projects.permissions import perms_of

from .flows import RevisionStatus
from .models import Revision
from .selectors import reading

KIND = "documents.revision"
STATES = {
    RevisionStatus.EFFECTIVE: ("done", gettext_lazy("In effect")),
    RevisionStatus.SUPERSEDED: ("open", gettext_lazy("Superseded")),
    RevisionStatus.WITHDRAWN: ("open", gettext_lazy("Withdrawn")),
}


def _open_to(project: Project, user: Any) -> Any:
    """The revisions in effect that this person may read, as on the page of published documents."""
    roles = access.roles_of(user, project)
    return reading.published(project, user, perms_of(roles), roles)


def find(project: Project, user: Any, text: str) -> Iterable[Revision]:
    text = text.strip()
    rows = _open_to(project, user).select_related("document__project__organization")
    if text:
        rows = rows.filter(Q(document__code__icontains=text) | Q(document__title__icontains=text))
    return rows[:MOST_FOUND]


def load(project: Project, user: Any, pks: Iterable[int]) -> dict[int, Revision]:
    """Those that this person may open, whatever became of them since: of a document they may read today."""
    here = _open_to(project, user).values("document")
    rows = Revision.objects.filter(project=project, pk__in=list(pks), document__in=here)
    return {row.pk: row for row in rows.select_related("document__project__organization")}


def words(revision: Revision) -> str:
    return _("%(document)s, revision %(n)s") % {"document": revision.document, "n": revision.number}


def url(revision: Revision) -> str:
    """The page for readers: whoever may open the register finds the way from there."""
    document = revision.document
    return reverse("documents:published-detail", kwargs={**document.project.address, "number": document.label})


def refusal(revision: Revision) -> str:
    if revision.is_effective:
        return ""
    return _("%(document)s revision %(n)s is not in effect: only what is in effect proves something.") % {
        "document": revision.document.code, "n": revision.number,
    }  # fmt: skip


CITABLE = Citable(
    KIND, gettext_lazy("Document"), find=find, load=load, words=words, url=url,
    state=lambda revision: STATES.get(revision.status), refusal=refusal,
)  # fmt: skip
