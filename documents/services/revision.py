"""Writing a revision, and its day of effect. One is on its way at a time; what was approved is never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Max
from django.utils.translation import gettext as _

from approvals.models import Approval
from approvals.services import force
from core import dates, files
from core.rules import RuleBroken, StaleRecord
from documents.flows import NEXT, ON_ITS_WAY, RevisionStatus
from documents.models import Document, Picture, Revision, Source
from documents.models.revision import LONGEST_TEXT
from projects import access, journal
from projects.flow import NotPermitted
from projects.permissions import Perm

from . import commitment, reading, retention
from .document import KIND, _fresh, permit

EDITABLE = ("body", "link", "change_summary", "is_material", "planned_on")
TOLD = (*EDITABLE, "source", "file_name", "sha256", "size_bytes")
CLAUSE = "7.5.2"
MOST_PICTURES, PICTURE_TYPES = 60, ("image/png", "image/jpeg")


def start(*, document: Document, by: Any, source: str = "", values: dict[str, Any] | None = None) -> Revision:
    """Begins the next revision with the content of the one in effect. Raises RuleBroken, NotPermitted.

    `source` changes the sort of content; `values`: some of EDITABLE.
    """
    with journal.change(document.project, by=by) as log:
        fresh = _fresh(document)
        permit(fresh, by)
        if fresh.is_withdrawn:
            raise RuleBroken(_("%(document)s is withdrawn. Register a new document.") % {"document": fresh.code})
        if under_way := fresh.revisions.filter(status__in=ON_ITS_WAY).first():
            raise RuleBroken(
                _("Revision %(n)s is on its way already: “%(state)s”.")
                % {"n": under_way.number, "state": under_way.get_status_display()}
            )
        last = fresh.revisions.filter(status=RevisionStatus.EFFECTIVE).first()
        if source and source not in Source.values:
            raise RuleBroken(_("Choose how the content is kept."))
        number = (fresh.revisions.aggregate(last=Max("number"))["last"] or 0) + 1
        source = source or (last.source if last else Source.AUTHORED)
        revision = Revision(
            organization_id=fresh.organization_id, project=fresh.project, document=fresh, number=number, source=source,
            created_by=by, edited_by=by,
        )  # fmt: skip
        if last is not None and last.source == source:
            for name in ("body", "link", "sha256", "file_name", "file_type", "size_bytes"):
                setattr(revision, name, getattr(last, name))
        for name, value in _checked(revision, values or {}).items():
            setattr(revision, name, value)
        log.mark(revision).save()
        log(fresh, "document.revision_started", {"revision": number, "source": source})
        commitment.carry(revision, last, log)
    return revision


def save(
    *, revision: Revision, by: Any, version: int, values: dict[str, Any], source: str = "", upload: Any = None
) -> Revision:
    """Saves a draft that a person saw as `version`. Raises StaleRecord (both texts are then known), RuleBroken, NotPermitted.

    `source` changes the sort of content, `upload` is the new file; files.Refused says why it is not taken, and then
    nothing is stored.
    """
    return _write(revision, by, version, values, source, upload)


def put_file(*, revision: Revision, upload: Any, by: Any) -> Revision:
    """Makes an uploaded file the content of a draft. Raises files.Refused with the reason (nothing is stored), NotPermitted."""
    return _write(revision, by, None, {}, Source.FILE, upload)


def _write(
    revision: Revision, by: Any, version: int | None, values: dict[str, Any], source: str, upload: Any
) -> Revision:
    """Text, link or file, and what is said about them, in one change. `version` None: whatever was saved last."""
    if source and source not in Source.values:
        raise RuleBroken(_("Choose how the content is kept."))
    permit(revision.document, by)
    stored = files.keep(upload, organization_id=revision.organization_id) if upload is not None else None
    with journal.change(revision.project, by=by) as log:
        fresh = _draft(revision, by)
        if version is not None and fresh.version != version:
            raise StaleRecord(
                _("Somebody else saved this draft while you were typing. Both texts are below: merge them and save."),
                fresh,
            )
        before = {name: getattr(fresh, name) for name in TOLD}
        _turn(fresh, Source.FILE if stored else source or fresh.source)
        if stored is not None:
            fresh.sha256, fresh.file_name, fresh.file_type = stored.sha256, stored.name, stored.type
            fresh.size_bytes = stored.size_bytes
        for name, value in _checked(fresh, values).items():
            setattr(fresh, name, value)
        told = journal.differences(_told(before), _told({name: getattr(fresh, name) for name in TOLD}))
        if not told:
            return fresh
        _save(fresh, by, log, "document.revision_file_put" if stored else "document.revision_saved", told)
    return fresh


def _turn(revision: Revision, source: str) -> None:
    """Another sort of content: what was there before stands in the history of the revision."""
    if source == revision.source:
        return
    revision.source, revision.body, revision.link = source, "", ""
    revision.sha256 = revision.file_name = revision.file_type = ""
    revision.size_bytes = None


def add_picture(*, document: Document, upload: Any, by: Any) -> Picture:
    """Keeps a picture for the text of a document: PNG or JPEG. Raises files.Refused, RuleBroken, NotPermitted."""
    permit(document, by)
    if document.pictures.count() >= MOST_PICTURES:
        raise RuleBroken(_("A document holds at most %(n)s pictures.") % {"n": MOST_PICTURES})
    if files.TYPES.get(files.extension_of(upload.name or "")) not in PICTURE_TYPES:
        raise files.Refused(_("A picture in a text is a PNG or JPEG file."))
    stored = files.keep(upload, organization_id=document.organization_id)
    with journal.change(document.project, by=by) as log:
        permit(_fresh(document), by)
        picture = Picture.objects.create(
            organization_id=document.organization_id, project=document.project, document=document, name=stored.name,
            sha256=stored.sha256, file_type=stored.type, size_bytes=stored.size_bytes, added_by=by,
        )  # fmt: skip
        log(document, "document.picture_added", {"file": stored.name, "sha256": stored.sha256})
    return picture


def drop(*, revision: Revision, by: Any, reason: str) -> Revision:
    """Gives up a draft, or an approved revision whose day has not come; it stays for the record."""
    with journal.change(revision.project, by=by, reason=reason) as log:
        fresh = _read(revision)
        permit(fresh.document, by)
        if not log.reason:
            raise RuleBroken(_("Say why the revision is given up."))
        if fresh.status == RevisionStatus.APPROVED and Perm.MANAGE_DOCUMENTS not in access.perms_in(by, fresh.project):
            raise NotPermitted(_("Only who manages documents gives up an approved revision."))
        move(fresh, RevisionStatus.WITHDRAWN, log)
        log(fresh.document, "document.revision_given_up", {"revision": fresh.number})
    return fresh


def register(*, revision: Revision, by: Any) -> Revision:
    """Brings a record or an external document into effect: nobody approves what happened, or what others wrote."""
    with journal.change(revision.project, by=by) as log:
        fresh = _draft(revision, by)
        if fresh.document.needs_approval:
            raise RuleBroken(_("%(document)s needs an approval first.") % {"document": fresh.document.code}, CLAUSE)
        if not fresh.has_content:
            raise RuleBroken(_("There is nothing in it yet: write it, choose a file or give a link."))
        _effect(fresh, log)
    return fresh


def take_effect_if_due(revision: Revision, log: journal.Log) -> bool:
    """Right after its approval: without a later day the revision takes effect in the same transaction."""
    if revision.planned_on and revision.planned_on > dates.today(revision.project.organization.time_zone):
        return False
    _effect(revision, log)
    return True


def bring_into_effect(*, revision: Revision, by: Any = None) -> Revision:
    """An approved revision takes effect, by its date or earlier by who manages documents; the one before is superseded."""
    if by is not None and not access.can(by, Perm.MANAGE_DOCUMENTS, revision.project):
        raise NotPermitted(_("You may not bring documents into effect."))
    with journal.change(revision.project, by=by, job="documents") as log:
        fresh = _read(revision)
        if fresh.status != RevisionStatus.APPROVED:
            raise RuleBroken(
                _("Revision %(n)s is “%(state)s”: only an approved one takes effect.")
                % {"n": fresh.number, "state": fresh.get_status_display()}
            )
        _effect(fresh, log)
    return fresh


def bring_due_into_effect(today: dt.date | None = None) -> int:
    """Every approved revision whose day has come where its organization is; returns how many. For the schedule."""
    rows = Revision.objects.filter(status=RevisionStatus.APPROVED, planned_on__lte=dates.today("Pacific/Kiritimati"))
    done = 0
    for revision in rows.select_related("project__organization", "document").order_by("planned_on", "pk"):
        if revision.planned_on <= (today or dates.today(revision.project.organization.time_zone)):
            try:
                bring_into_effect(revision=revision)
                done += 1
            except RuleBroken:  # somebody was quicker: it is in effect, or was given up
                continue
    return done


def move(revision: Revision, target: RevisionStatus, log: journal.Log) -> None:
    """The one place where a revision changes its state. Raises RuleBroken for a step its life does not have."""
    if target not in NEXT[RevisionStatus(revision.status)]:
        raise RuleBroken(
            _("Revision %(n)s of %(document)s is “%(state)s”: that is not possible now.")
            % {"n": revision.number, "document": revision.document.code, "state": revision.get_status_display()}
        )
    revision.status = target
    if target in (RevisionStatus.SUPERSEDED, RevisionStatus.WITHDRAWN):
        revision.ended_at = log.at
    revision.version += 1
    log.mark(revision).save()
    if hasattr(revision.document, "_current"):
        del revision.document._current


def _effect(revision: Revision, log: journal.Log) -> None:
    document = revision.document
    today = dates.today(revision.project.organization.time_zone)
    for before in document.revisions.filter(status=RevisionStatus.EFFECTIVE):
        before.document = document
        move(before, RevisionStatus.SUPERSEDED, log)
    revision.effective_on = today
    move(revision, RevisionStatus.EFFECTIVE, log)
    approval = (
        Approval.objects.filter(subject_kind=KIND, subject_id=document.pk, edition__isnull=False)
        .order_by("-edition")
        .first()
    )
    if approval is not None and document.needs_approval:
        force.begin(approval)
    before = (document.next_review_on, document.dispose_on)
    if document.review_months:
        document.next_review_on = dates.plus_months(today, document.review_months)
    retention.reckon(document)
    if (document.next_review_on, document.dispose_on) != before:
        document.version += 1
        log.mark(document).save()
    log(document, "document.revision_effective", {"revision": revision.number, "effective_on": today})
    reading.renew(revision, log)


def _read(revision: Revision) -> Revision:
    return Revision.objects.select_related("project__organization", "document__project__organization").get(
        pk=revision.pk
    )


def _draft(revision: Revision, by: Any) -> Revision:
    fresh = _read(revision)
    permit(fresh.document, by)
    if fresh.status != RevisionStatus.DRAFT:
        raise RuleBroken(
            _("Revision %(n)s is “%(state)s” by now and can no longer be changed. Start a new revision.")
            % {"n": fresh.number, "state": fresh.get_status_display()},
            CLAUSE,
        )
    return fresh


def _save(revision: Revision, by: Any, log: journal.Log, action: str, told: dict[str, Any]) -> None:
    revision.edited_by = by
    revision.returned_because = ""
    revision.version += 1
    log.mark(revision).save()
    log(revision.document, action, {"revision": revision.number} | told)


def _checked(revision: Revision, values: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in values.items() if name in EDITABLE}
    if "body" in values:
        values["body"] = values["body"].replace("\r\n", "\n").replace("\x00", "")
        if len(values["body"]) > LONGEST_TEXT:
            raise RuleBroken(_("The text is too long for one document: split it, or upload it as a file."))
    if values.get("link"):
        try:
            parts = urlsplit(values["link"])
        except ValueError:
            parts = urlsplit("")
        if parts.scheme.lower() not in ("http", "https") or not parts.netloc or len(values["link"]) > 1000:
            raise RuleBroken(_("This is no web address. It has to begin with https:// or http://."))
    if values.get("body") and revision.source != Source.AUTHORED:
        raise RuleBroken(_("The content of this revision is not written here."))
    if values.get("link") and revision.source != Source.LINK:
        raise RuleBroken(_("The content of this revision is not kept elsewhere."))
    return values


def _told(values: dict[str, Any]) -> dict[str, Any]:
    """Long texts as their digest: the text itself stands in the history of the revision."""
    said = dict(values)
    if "body" in said:
        said["body"] = (
            f"sha256 {hashlib.sha256(said['body'].encode()).hexdigest()[:16]}, {len(said['body'])} characters"
        )
    return said
