"""Documents as pages read them; what a document says now, and what is frozen when a decision is asked for."""

from __future__ import annotations

import base64
from typing import Any

from django.db.models.functions import Lower
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import files, together
from documents import writing
from documents.flows import ON_ITS_WAY, RevisionStatus
from documents.models import Document, DocumentClause, Kind, Picture, Revision
from projects.models import Project
from projects.permissions import Perm

LABELS = {
    "code": gettext_lazy("Code"),
    "title": gettext_lazy("Title"),
    "kind": gettext_lazy("Type"),
    "classification": gettext_lazy("Classification"),
    "language": gettext_lazy("Language"),
    "clauses": gettext_lazy("Clauses served"),
    "revision": gettext_lazy("Revision"),
    "planned_on": gettext_lazy("Takes effect on"),
    "change_summary": gettext_lazy("What changes"),
    "is_material": gettext_lazy("Material change"),
    "text": gettext_lazy("Text"),
    "file": gettext_lazy("File"),
    "file_sha256": gettext_lazy("SHA-256 of the file"),
    "pictures": gettext_lazy("Pictures"),
    "link": gettext_lazy("Where it is kept"),
}
"""What the parts of a snapshot are called where two editions are compared."""


def of(project: Project) -> Any:
    """The documents of a project with what a row names. One query."""
    return Document.objects.filter(project=project).select_related("owner")


def one(project: Project, number: str) -> Document | None:
    """A document by the number people say aloud ("D-012"). One query."""
    wanted = Document.number_of(number)
    if wanted is None:
        return None
    found = (
        Document.objects.filter(project=project, number=wanted).select_related("owner", "parent", "created_by").first()
    )
    if found is not None:
        found.project = project  # with its organization, which the page has loaded
    return found


def by_code(project: Project, text: str) -> Document | None:
    """A document by its code, by "code title" or by its number, as people type it. One query, two for a number."""
    text = " ".join(text.split())
    codes = {text.casefold(), text.casefold().partition(" ")[0]}
    rows = Document.objects.filter(project=project).annotate(low=Lower("code"))
    found = {row.low: row for row in rows.filter(low__in=codes)}
    return found.get(text.casefold()) or next(iter(found.values()), None) or one(project, text)


def load(project: Project, pk: int) -> Document | None:
    found = Document.objects.filter(project=project, pk=pk).select_related("owner").first()
    if found is not None:
        found.project = project
    return found


def current(document: Document) -> Revision | None:
    """The revision a decision would be about: the one on its way, or else the one in effect. One query, kept."""
    if not hasattr(document, "_current"):
        rows = list(
            document.revisions.filter(status__in=[*ON_ITS_WAY, RevisionStatus.EFFECTIVE]).order_by("-number")[:2]
        )
        document._current = rows[0] if rows else None
        if document._current is not None:
            document._current.document = document
    return document._current


def revision(document: Document, number: int) -> Revision | None:
    """A revision by its number, with who wrote it. One query."""
    found = document.revisions.filter(number=number).select_related("created_by", "edited_by").first()
    if found is not None:
        found.document = document
        found.project = document.project
    return found


@together.once
def served_of(document: Document) -> list[DocumentClause]:
    """The clauses a document serves, by standard. One query."""
    return list(document.served.select_related("clause__standard"))


def snapshot(document: Document) -> dict[str, Any]:
    """What is signed: the document's line and the whole content of its revision. Owner and reviews are not part of it."""
    latest = current(document)
    served = served_of(document)
    found = {
        "code": document.code,
        "title": document.title,
        "kind": document.kind,
        "classification": document.classification,
        "language": document.language,
        "clauses": [f"{one.clause.standard.code} {one.clause.ref}" for one in served],
    }
    if latest is None:
        return found
    found |= {
        "revision": latest.number,
        "planned_on": latest.planned_on,
        "change_summary": latest.change_summary,
        "is_material": latest.is_material,
    }
    if latest.source == "authored":
        shown = Picture.objects.filter(document=document, pk__in=writing.pictures_in(latest.body))
        found |= {"text": latest.body, "pictures": sorted(f"{one.pk} {one.sha256}" for one in shown)}
    elif latest.source == "file":
        found |= {"file": f"{latest.file_name} ({latest.size_bytes} bytes)", "file_sha256": latest.sha256}
    else:
        found["link"] = latest.link
    return found


def paper(document: Document) -> str:
    """The same as people read it, whole in itself: pictures inside, nothing that loads."""
    latest = current(document)
    html = writing.as_html(latest.body, inlined(document, latest)) if latest and latest.source == "authored" else ""
    return render_to_string("documents/document/paper.html", {"document": document, "revision": latest, "html": html})


def inlined(document: Document, latest: Revision) -> writing.PictureOf:
    """Gives the pictures of a text as data, for what has to stand alone: signed content and PDFs."""
    shown = {one.pk: one for one in Picture.objects.filter(document=document, pk__in=writing.pictures_in(latest.body))}

    def picture(number: int) -> str:
        one = shown.get(number)
        if one is None:
            return ""
        try:
            with files.opened(organization_id=one.organization_id, sha256=one.sha256) as stored:
                return f"data:{one.file_type};base64,{base64.b64encode(stored.read()).decode()}"
        except FileNotFoundError:
            return ""

    return picture


def authors(document: Document) -> set[int]:
    """Everybody who ever saved the text of the revision on its way: none of them decides on it."""
    latest = current(document)
    if latest is None:
        return {document.created_by_id} - {None}
    return (
        {latest.created_by_id, latest.edited_by_id} | set(latest.history.values_list("edited_by_id", flat=True))
    ) - {None}


def meaning(document: Document) -> str:
    if document.kind == Kind.POLICY:
        return _("I approve this policy for publication on behalf of top management.")
    return _("I have reviewed this document and approve it for use.")


def decided_by(document: Document) -> Perm:
    """A policy is top management's (5.2); everything else may be approved by who owns processes."""
    return Perm.DECIDE if document.kind == Kind.POLICY else Perm.APPROVE_DOCUMENTS


def waits(document: Document) -> bool:
    """Approved, and its day has not come."""
    latest = current(document)
    return latest is not None and latest.status in (RevisionStatus.IN_REVIEW, RevisionStatus.APPROVED)
