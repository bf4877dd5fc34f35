"""Revisions as their pages and sheets show them: who wrote and approved them, what differs, what a PDF is made of."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from approvals import differences
from approvals.models import Decision, Signature
from core import canonical
from documents import merging, writing
from documents.flows import RevisionStatus
from documents.models import Document, Picture, Revision, RevisionPdf, Source
from jobs.models import Job
from projects import access
from projects.permissions import Perm

from . import reading

KIND = "document"
JOB = "revision-pdf"
FOLDER = "revisions"
LABELS = {
    "source": gettext_lazy("Content"),
    "text": gettext_lazy("Text"),
    "file": gettext_lazy("File"),
    "size": gettext_lazy("Size"),
    "sha256": gettext_lazy("SHA-256"),
    "link": gettext_lazy("Where it is kept"),
}


def of(document: Document) -> list[Revision]:
    """Every revision of a document, the newest first, with who wrote it. One query."""
    rows = list(document.revisions.select_related("created_by", "edited_by").defer("body").order_by("-number"))
    for row in rows:
        row.document, row.project = document, document.project
    return rows


def pictures(document: Document) -> list[Picture]:
    return list(Picture.objects.filter(document=document).select_related("added_by"))


def on_pages(document: Document, known: set[int]) -> writing.PictureOf:
    """Gives the pictures of a text as addresses of the program: private ones, open to whoever may read the text."""
    here = {"org": document.project.organization.slug, "project": document.project.slug, "number": document.label}

    def picture(number: int) -> str:
        return reverse("documents:document-picture", kwargs={**here, "pk": number}) if number in known else ""

    return picture


def shown(revision: Revision, body: str | None = None) -> writing.Written:
    """The text as a page shows it; `body` is what somebody is typing. One query where it names pictures."""
    body = revision.body if body is None else body
    named = writing.pictures_in(body)
    known = (
        set(Picture.objects.filter(document=revision.document, pk__in=named).values_list("pk", flat=True))
        if named
        else set()
    )
    return writing.written(body, on_pages(revision.document, known))


def may_read(user: Any, revision: Revision, perms: frozenset[Perm], roles: Any) -> bool:
    """Who sees the register reads every revision; who was given a document reads what is in effect of it."""
    if Perm.VIEW_DOCUMENTS in perms:
        return True
    return reading.published(revision.project, user, perms, roles).filter(pk=revision.pk).exists()


def would_lapse(document: Document) -> int:
    """How many confirmations a material change would ask for again."""
    return reading.would_lapse(Revision(document=document, is_material=True))


def signers(document: Document) -> dict[Any, str]:
    """Who approved, by the moment of the approval. One query."""
    found: dict[Any, list[str]] = {}
    rows = (
        Signature.objects.filter(
            approval__subject_kind=KIND, approval__subject_id=document.pk, approval__edition__isnull=False
        )
        .exclude(decision=Decision.REJECTED)
        .order_by("signed_at", "pk")
        .values_list("approval__ended_at", "signer_name")
    )
    for at, name in rows:
        found.setdefault(at, []).append(name)
    return {at: ", ".join(dict.fromkeys(names)) for at, names in found.items()}


@dataclass(frozen=True)
class Past:
    """A line of the history: a revision, who wrote it and who approved it."""

    revision: Revision
    on: Any
    author: str
    approved_by: str
    is_this: bool


def history(revision: Revision, limit: int = 0) -> list[Past]:
    """The revisions up to this one, newest first: what was ever approved or in effect, and this one. Two queries."""
    document = revision.document
    approved = signers(document)
    rows = [row for row in of(document) if row.number <= revision.number]
    past = []
    for row in rows:
        if row.pk != revision.pk and not (row.approved_at or row.effective_on):
            continue
        on = row.effective_on or row.approved_at or row.updated_at
        past.append(
            Past(row, on, str(row.edited_by or row.created_by or ""), approved.get(row.approved_at, ""), row.pk == revision.pk)
        )  # fmt: skip
    return past[:limit] if limit else past


# ---- comparing ---------------------------------------------------------------------------------------------------


def compared(before: Revision, after: Revision) -> differences.Differences:
    """What differs between the content of two revisions: texts word by word, files by name, size and SHA-256."""
    return differences.between(_content(before, after), _content(after, before), LABELS)


def _content(revision: Revision, other: Revision) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if revision.source != other.source:
        found["source"] = str(revision.get_source_display())
    kinds = {revision.source, other.source}
    if Source.AUTHORED in kinds:
        found["text"] = revision.body
    if Source.FILE in kinds:
        size = filesizeformat(revision.size_bytes) if revision.size_bytes is not None else ""
        found |= {"file": revision.file_name, "size": size, "sha256": revision.sha256}
    if Source.LINK in kinds:
        found["link"] = revision.link
    return found


@dataclass(frozen=True)
class Conflict:
    """Two texts of one draft: what this person typed, what somebody else saved, and a text of both to go on with."""

    mine: str
    theirs: str
    parts: tuple[differences.Part, ...]
    is_too_long: bool
    merged: merging.Merged
    fields: list[dict[str, Any]]
    who: Any
    when: Any


def conflict(revision: Revision, seen: int, mine: str, fields: list[dict[str, Any]]) -> Conflict:
    """`revision` as somebody else saved it, while this person, who had seen version `seen`, typed `mine`. One query."""
    base = revision.history.filter(version=seen).order_by("-history_id").values_list("body", flat=True).first()
    mine = mine.replace("\r\n", "\n")
    change = next(iter(differences.between({"text": revision.body}, {"text": mine}).changes), None)
    who = revision.edited_by
    return Conflict(
        mine, revision.body, change.parts if change else (), bool(change and change.is_too_long),
        merging.merged(base or "", mine, revision.body, who=str(who or "")), fields, who, revision.updated_at,
    )  # fmt: skip


# ---- the PDF -----------------------------------------------------------------------------------------------------


def printed_key(revision: Revision) -> str:
    """The digest of everything a PDF of this revision says: other words, another state or day make another PDF."""
    document, project = revision.document, revision.project
    shown = {one.pk: one.sha256 for one in Picture.objects.filter(
        document=document, pk__in=writing.pictures_in(revision.body))}  # fmt: skip
    said = {
        "organization": [project.organization.name, project.organization.logo_sha256, project.organization.brand_color],
        "project": project.name,
        "document": [
            document.code, document.title, document.kind, document.classification, document.language,
            str(document.owner or ""), document.withdrawn_at,
        ],
        "revision": [
            revision.number, revision.status, revision.body, revision.change_summary, revision.is_material,
            revision.planned_on, revision.effective_on, revision.ended_at,
        ],
        "pictures": sorted(f"{number} {sha}" for number, sha in shown.items()),
        "history": [
            [one.revision.number, one.on if one.revision.pk != revision.pk else None, one.revision.change_summary,
             one.author, one.approved_by, one.revision.status]
            for one in history(revision)
        ],
        "clauses": [str(one) for one in document.served.select_related("clause__standard")],
    }  # fmt: skip
    return hashlib.sha256(f"1 {canonical.text(said)}".encode()).hexdigest()


@dataclass(frozen=True)
class Sheet:
    """How the PDF of a revision stands: made and true, being made, failed, or not asked for yet."""

    key: str
    pdf: RevisionPdf | None
    job: Job | None

    @property
    def is_ready(self) -> bool:
        return self.pdf is not None and self.pdf.key == self.key

    @property
    def is_outdated(self) -> bool:
        return self.pdf is not None and self.pdf.key != self.key


def job_key(revision: Revision, key: str, by: Any) -> str:
    return f"{JOB}:{revision.pk}:{key[:24]}:{by.pk}"


def sheet(revision: Revision, user: Any) -> Sheet:
    """The PDF of a revision for one person, with what they asked for."""
    key = printed_key(revision)
    pdf = RevisionPdf.objects.filter(revision=revision).first()
    job = None
    if pdf is None or pdf.key != key:
        job = Job.objects.filter(kind=JOB, actor=user, key=job_key(revision, key, user)).first()
    return Sheet(key, pdf, job)


def pdf_is_named(organization_id: int, sha256: str) -> bool:
    """Whether a stored PDF is the one of some revision: the sweep asks."""
    return RevisionPdf.objects.filter(organization=organization_id, sha256=sha256).exists()


def for_job(job: Job) -> Revision | None:
    """The revision a job is to print, as far as its person may read it at this moment."""
    found = (
        Revision.objects.filter(project=job.project, pk=job.parameters.get("revision"))
        .select_related("document__owner", "project__organization", "created_by", "edited_by")
        .first()
    )
    if found is None or job.actor is None:
        return None
    found.document.project = found.project
    perms = access.perms_in(job.actor, found.project)
    return found if may_read(job.actor, found, perms, access.roles_of(job.actor, found.project)) else None


def state_words(revision: Revision) -> str:
    """The word across a sheet that is not in effect; empty for the one that is."""
    return {
        RevisionStatus.DRAFT: _("DRAFT"),
        RevisionStatus.IN_REVIEW: _("IN REVIEW"),
        RevisionStatus.APPROVED: _("NOT YET IN EFFECT"),
        RevisionStatus.EFFECTIVE: "",
        RevisionStatus.SUPERSEDED: _("SUPERSEDED"),
        RevisionStatus.WITHDRAWN: _("WITHDRAWN"),
    }[RevisionStatus(revision.status)]
